"""The demo company's exports, in the shapes its tools give them."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from warehouse.demo.company import HUBSPOT, SALESFORCE
from warehouse.demo.hubspot import write_hubspot
from warehouse.demo.records import Company, names_of
from warehouse.demo.salesforce import write_salesforce
from warehouse.demo.stripe import write_stripe
from warehouse.demo.writing import amounts, iso, write_csv


def write_exports(company: Company, out: Path) -> None:
    """All exports of a company below `out`, one folder per connected system."""
    stamp = f"_{company.story.until:%Y-%m-%d}"
    write_hubspot(company, out / HUBSPOT, stamp)
    write_salesforce(company, out / SALESFORCE, stamp)
    write_stripe(company, out / "stripe", stamp)
    _ledger(company, out / "comptabilite")
    _ads(company, out, stamp)
    _prospecting(company, out / "prospection", stamp)
    _team_and_traffic(company, out / "pilotage", stamp)
    moment = company.story.extracted_at.tz_localize("UTC").timestamp()
    for path in out.rglob("*"):
        os.utime(path, (moment, moment))


def _ledger(company: Company, out: Path) -> None:
    ledger = company.spending.ledger
    names = {"PAIE": "Journal de paie", "HA": "Achats", "VE": "Ventes", "BQ": "Banque", "AN": "A nouveaux"}

    def euros(cents: pd.Series) -> pd.Series:
        return (cents.astype(int) // 100).astype(str) + "," + (cents.astype(int) % 100).astype(str).str.zfill(2)

    for year, rows in ledger.groupby(ledger["date"].dt.year):
        day = rows["date"].dt.strftime("%Y%m%d")
        frame = pd.DataFrame(
            {
                "JournalCode": rows["journal"],
                "JournalLib": rows["journal"].map(names),
                "EcritureNum": rows["entry"],
                "EcritureDate": day,
                "CompteNum": rows["account"],
                "CompteLib": rows["label"],
                "CompAuxNum": rows["auxiliary"],
                "CompAuxLib": rows["auxiliary"],
                "PieceRef": rows["document"],
                "PieceDate": day,
                "EcritureLib": rows["text"],
                "Debit": euros(rows["debit_cents"]),
                "Credit": euros(rows["credit_cents"]),
                "EcritureLet": "",
                "DateLet": "",
                "ValidDate": day,
                "Montantdevise": "",
                "Idevise": "",
            }
        )
        write_csv(out / f"123456789FEC{year}1231.txt", frame, encoding="iso8859_15", delimiter="\t")


def _ads(company: Company, out: Path, stamp: str) -> None:
    ads = company.spending.ads
    google = ads[ads["platform"] == "google_ads"]
    frame = pd.DataFrame(
        {
            "Jour": google["day"].dt.strftime("%Y-%m-%d"),
            "Campagne": google["campaign"],
            "ID de la campagne": google["campaign_number"],
            "Code de devise": "EUR",
            "Coût": amounts(google["cost_cents"]).str.replace(".", ","),
            "Impr.": google["impressions"].map(lambda count: f"{count:,}".replace(",", "\u202f")),
            "Clics": google["clicks"],
            "Conversions": google["conversions"].map(lambda count: f"{count},00"),
        }
    )
    period = f"{company.story.start:%d/%m/%Y} - {company.story.as_of:%d/%m/%Y}"
    total = f"{google['cost_cents'].sum() / 100:.2f}".replace(".", ",")
    write_csv(
        out / "google_ads" / f"Rapport_campagnes{stamp}.csv",
        frame,
        encoding="utf-16",
        delimiter="\t",
        above=("Rapport sur les campagnes", period),
        below=[["Total : compte", "--", "--", "EUR", total, "", "", ""]],
    )
    linkedin = ads[ads["platform"] == "linkedin_ads"]
    frame = pd.DataFrame(
        {
            "Start Date (in UTC)": [f"{day.month}/{day.day}/{day.year}" for day in linkedin["day"]],
            "Campaign Name": linkedin["campaign"],
            "Campaign ID": linkedin["campaign_number"],
            "Currency": "EUR",
            "Total Spent": amounts(linkedin["cost_cents"]),
            "Impressions": linkedin["impressions"],
            "Clicks": linkedin["clicks"],
            "Leads": linkedin["conversions"],
        }
    )
    write_csv(
        out / "linkedin_ads" / f"campaign_performance{stamp}.csv",
        frame,
        above=(
            "Campaign Performance Report (in UTC)",
            f"Report Start: {company.story.start:%B %d, %Y}",
            f"Report End: {company.story.as_of:%B %d, %Y}",
            "",
        ),
    )


def _prospecting(company: Company, out: Path, stamp: str) -> None:
    found = company.records[company.records["kind"] == "prospect"].reset_index(drop=True)
    accounts = company.population.accounts.set_index("account_key").reindex(found["account_key"])
    names = names_of(company, found["person_key"])
    frame = pd.DataFrame(
        {
            "Prénom": names["first"],
            "Nom": names["last"],
            "Entreprise": accounts["name"].to_numpy(),
            "Site web": "https://www." + accounts["domain"].to_numpy(),
            "Email professionnel": found["email"],
            "Statut e-mail": "valid",
            "Poste": "Directeur commercial",
            "Origine": "Scraap.ai",
            "Enrichi le": iso(found["created_at"]),
        }
    )
    write_csv(out / f"prospects{stamp}.csv", frame)


def _team_and_traffic(company: Company, out: Path, stamp: str) -> None:
    reps = company.reps
    team = pd.DataFrame(
        {
            "Matricule": "E" + reps["rep_key"].astype(str).str.zfill(3),
            "Nom complet": reps["name"],
            "E-mail": reps["email"],
            "Équipe": reps["team"],
            "Rôle": reps["role"].map(
                {
                    "sdr": "SDR",
                    "account_executive": "Ingénieur commercial",
                    "account_manager": "Gestionnaire de comptes",
                }
            ),
            "Entrée": reps["hired"].dt.strftime("%d/%m/%Y"),
            "Sortie": reps["left"].dt.strftime("%d/%m/%Y").fillna(""),
        }
    )
    write_csv(out / f"equipe{stamp}.csv", team, encoding="cp1252", delimiter=";")
    traffic = company.spending.traffic
    visits = pd.DataFrame(
        {
            "Jour": traffic["day"].dt.strftime("%d/%m/%Y"),
            "Canal": traffic["channel"],
            "Visites": traffic["visits"],
            "Demandes de démo": traffic["demo_requests"],
        }
    )
    write_csv(out / f"trafic{stamp}.csv", visits, delimiter=";")
    (out / "source.yml").write_text(SOURCE_YML, encoding="utf-8")


SOURCE_YML = """\
# The team's own spreadsheets: who sells, and what the web site measured.
system: custom
tables:
  users:
    files: ["equipe*.csv"]
    columns:
      user_id: Matricule
      name: Nom complet
      email: E-mail
      team: Équipe
      role: Rôle
      hired_on: Entrée
      left_on: Sortie
    values: {role: {SDR: sdr, Ingénieur commercial: account_executive, Gestionnaire de comptes: account_manager}}
    date_order: dmy
  web_traffic:
    files: ["trafic*.csv"]
    columns: {day: Jour, channel: Canal, visits: Visites, demo_requests: Demandes de démo}
    date_order: dmy
"""
