"""The demo company's exports, in the shapes its tools give them."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from warehouse.demo.activities import Activities
from warehouse.demo.billing import Billing
from warehouse.demo.company import HUBSPOT, PARIS, SALESFORCE, Story, utc_to_date
from warehouse.demo.deals import CLOSED, EXISTING_STAGES, HUBSPOT_STAGES, Deals
from warehouse.demo.people import Population
from warehouse.demo.spending import Spending

PAGE = 1_000


@dataclass(frozen=True)
class Company:
    """Everything the simulator knows of one story."""

    story: Story
    reps: pd.DataFrame
    population: Population
    records: pd.DataFrame
    deals: Deals
    activities: Activities
    billing: Billing
    spending: Spending


def iso(times: pd.Series) -> pd.Series:
    """UTC times as APIs write them; empty where there is none."""
    return times.dt.strftime("%Y-%m-%dT%H:%M:%SZ").where(times.notna(), None)


def iso_time(time: pd.Timestamp) -> str:
    """One UTC time as APIs write it."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def salesforce_time(times: pd.Series) -> pd.Series:
    """UTC times as Salesforce writes them."""
    return times.dt.strftime("%Y-%m-%dT%H:%M:%S.000+0000").where(times.notna(), "")


def epoch(times: pd.Series) -> list[int | None]:
    """Epoch seconds; None where there is no time."""
    return [None if pd.isna(time) else int(time.timestamp()) for time in times]


def amounts(cents: pd.Series) -> pd.Series:
    """Cents as amounts with two decimals."""
    return (cents // 100).astype(str) + "." + (cents % 100).astype(str).str.zfill(2)


def write_csv(
    path: Path,
    frame: pd.DataFrame,
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
    above: Sequence[str] = (),
    below: Iterable[Sequence[str]] = (),
    newline: str = "\r\n",
) -> None:
    """A delimited file with lines above its header and rows below its data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        for line in above:
            file.write(line + newline)
        writer = csv.writer(file, delimiter=delimiter, lineterminator=newline)
        writer.writerow(frame.columns)
        writer.writerows(frame.astype(object).where(frame.notna(), "").to_numpy().tolist())
        writer.writerows(below)


def write_pages(path: Path, records: list[dict[str, Any]], envelope: str = "results") -> None:
    """API pages, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, max(len(records), 1), PAGE):
            page: dict[str, Any] = {envelope: records[start : start + PAGE]}
            if start + PAGE < len(records):
                page["paging"] = {"next": {"after": str(start + PAGE)}}
            file.write(json.dumps(page, ensure_ascii=False) + "\n")


def write_exports(company: Company, out: Path) -> None:
    """All exports of a company below `out`, one folder per connected system."""
    stamp = f"_{company.story.until:%Y-%m-%d}"
    _hubspot(company, out / HUBSPOT, stamp)
    _salesforce(company, out / SALESFORCE, stamp)
    _stripe(company, out / "stripe", stamp)
    _ledger(company, out / "comptabilite")
    _ads(company, out, stamp)
    _prospecting(company, out / "prospection", stamp)
    _team_and_traffic(company, out / "pilotage", stamp)
    moment = company.story.extracted_at.tz_localize("UTC").timestamp()
    for path in out.rglob("*"):
        os.utime(path, (moment, moment))


def _present(company: Company, instance: str) -> pd.DataFrame:
    records = company.records
    return records[(records["instance"] == instance) & records["merged_at"].isna()]


def _known_accounts(company: Company, instance: str) -> pd.DataFrame:
    """Accounts with a record in a CRM: of linked people, of deals, and the parents of its own ones."""
    accounts = company.population.accounts.set_index("account_key", drop=False)
    linked = _present(company, instance)
    keys = set(linked.loc[linked["is_linked"], "account_key"]) | set(
        company.deals.opps.loc[company.deals.opps["instance"] == instance, "account_key"]
    )
    own = accounts.loc[sorted(keys)]
    parents = set(own.loc[own["crm"] == instance, "parent_key"]) - {-1}
    return accounts.loc[sorted(keys | parents)]


def _names(company: Company, keys: pd.Series) -> pd.DataFrame:
    people = company.population.people.set_index("person_key")
    return people[["first", "last"]].reindex(keys).fillna("Inconnu").reset_index(drop=True)


def _hubspot(company: Company, out: Path, stamp: str) -> None:
    story, reps = company.story, company.reps.set_index("rep_key")
    (out).mkdir(parents=True, exist_ok=True)
    (out / "source.yml").write_text("system: hubspot\ntime_zone: Europe/Paris\n", encoding="utf-8")
    accounts = company.population.accounts.set_index("account_key")
    contacts = _present(company, HUBSPOT).reset_index(drop=True)
    merged = (
        company.records[(company.records["instance"] == HUBSPOT) & company.records["merged_at"].notna()]
        .groupby("into")["record_id"]
        .agg(";".join)
    )
    names = _names(company, contacts["person_key"])
    from warehouse.demo.people import HUBSPOT_SOURCES

    columns = zip(
        contacts["record_id"],
        contacts["email"],
        names["first"],
        names["last"],
        iso(contacts["created_at"]),
        iso(contacts["mql_at"]),
        iso(contacts["sql_at"]),
        reps["crm_id"].reindex(contacts["owner_key"]).fillna(""),
        contacts["channel"].map(HUBSPOT_SOURCES),
        merged.reindex(contacts["record_id"]).fillna(""),
        np.where(contacts["is_linked"], accounts["hubspot_id"].reindex(contacts["account_key"]), ""),
        strict=True,
    )
    rows = []
    for record, email, first, last, created, mql, sql, owner, source, into, company_id in columns:
        stage = "salesqualifiedlead" if sql else "marketingqualifiedlead" if mql else "lead"
        rows.append(
            {
                "id": record,
                "archived": False,
                "properties": {
                    "email": email if isinstance(email, str) else None,
                    "firstname": first,
                    "lastname": last,
                    "lifecyclestage": stage,
                    "createdate": created,
                    "lastmodifieddate": iso_time(story.extracted_at),
                    "hubspot_owner_id": owner,
                    "hs_analytics_source": source,
                    "hs_merged_object_ids": into or None,
                    "hs_v2_date_entered_lead": created,
                    "hs_v2_date_entered_marketingqualifiedlead": mql,
                    "hs_v2_date_entered_salesqualifiedlead": sql,
                },
                "associations": {"companies": {"results": [{"id": company_id, "type": "contact_to_company"}]}}
                if company_id
                else {},
            }
        )
    write_pages(out / f"contacts{stamp}.json", rows)
    known = _known_accounts(company, HUBSPOT)
    own = known["crm"] == HUBSPOT
    first_seen = contacts.groupby("account_key")["created_at"].min().reindex(known.index).fillna(story.start)
    companies = pd.DataFrame(
        {
            "ID de fiche d'informations": known["hubspot_id"],
            "Nom de l'entreprise": known["name"],
            "Nom de domaine de l'entreprise": known["domain"],
            "Secteur d'activité": known["industry"],
            "Nombre d'employés": known["employees"],
            "Pays/région": known["country"],
            "ID de l'entreprise parente": accounts["hubspot_id"]
            .reindex(known["parent_key"])
            .where((known["parent_key"] >= 0).to_numpy() & own.to_numpy())
            .to_numpy(),
            "Date de création": first_seen.dt.tz_localize("UTC")
            .dt.tz_convert(PARIS)
            .dt.strftime("%Y-%m-%d %H:%M")
            .to_numpy(),
        }
    )
    write_csv(out / f"entreprises{stamp}.csv", companies, encoding="utf-8-sig")
    _hubspot_deals(company, out, stamp)
    _hubspot_activities(company, out, stamp)
    owners = company.reps[company.reps["crm"] == HUBSPOT]
    write_pages(
        out / f"owners{stamp}.json",
        [
            {
                "id": row.crm_id,
                "email": row.email,
                "firstName": row.first,
                "lastName": row.last,
                "archived": bool(pd.notna(row.left)),
                "createdAt": f"{row.hired:%Y-%m-%dT08:00:00Z}",
                "teams": [{"id": str(len(row.team)), "name": row.team, "primary": True}],
            }
            for row in owners.itertuples()
        ],
    )


def _hubspot_deals(company: Company, out: Path, stamp: str) -> None:
    story, deals, reps = company.story, company.deals, company.reps.set_index("rep_key")
    opps = deals.opps[deals.opps["instance"] == HUBSPOT].reset_index(drop=True)
    last = deals.stages.groupby("opp_key").tail(1).set_index("opp_key").reindex(opps["opp_key"])
    cents = deals.amounts.groupby("opp_key")["cents"].last().reindex(opps["opp_key"])
    owner = reps["crm_id"].reindex(deals.owners.groupby("opp_key")["owner_key"].last().reindex(opps["opp_key"]))
    first_record = (
        _present(company, HUBSPOT).sort_values("created_at", kind="stable").groupby("person_key")["record_id"].first()
    )
    linked = (
        deals.people.assign(record=first_record.reindex(deals.people["person_key"]).to_numpy())
        .dropna(subset=["record"])
        .groupby("opp_key")["record"]
        .agg(list)
    )
    accounts = company.population.accounts.set_index("account_key")["hubspot_id"]
    closing = last["stage"].isin(["won", "lost", "no_decision"])
    expected = (opps["created_at"] + pd.Timedelta(days=95)).to_numpy()
    close = iso(last["signed_at"].where(closing, pd.Series(expected, index=last.index)))
    types = {"new_business": "newbusiness", "expansion": "existingbusiness", "renewal": "renewal"}
    rows = []
    for opp, stage, is_closed, money, rep, closed in zip(
        opps.itertuples(), last.itertuples(), closing, cents, owner, close, strict=True
    ):
        won = stage.stage == "won"
        # one deal in a hundred was entered twice and merged
        twice = str(int(opp.opp_id) + 1) if opp.opp_key % 100 == 7 else None
        rows.append(
            {
                "id": opp.opp_id,
                "archived": False,
                "properties": {
                    "dealname": f"{opp.product} {opp.opp_key}",
                    "amount": f"{money / 100:.2f}",
                    "deal_currency_code": opp.currency,
                    "dealstage": stage.source_stage,
                    "pipeline": "default" if opp.pipeline == "new" else "clients",
                    "closedate": closed,
                    "createdate": iso_time(opp.created_at),
                    "hs_lastmodifieddate": iso_time(story.extracted_at),
                    "hubspot_owner_id": rep,
                    "dealtype": types[opp.opportunity_type],
                    "hs_is_closed": str(bool(is_closed)).lower(),
                    "hs_is_closed_won": str(won).lower(),
                    "hs_product": opp.product,
                    "closed_lost_reason": stage.reason
                    if isinstance(stage.reason, str) and stage.reason and is_closed
                    else None,
                    "hs_merged_object_ids": twice,
                },
                "associations": {
                    "companies": {"results": [{"id": accounts[opp.account_key], "type": "deal_to_company"}]},
                    **(
                        {
                            "contacts": {
                                "results": [{"id": each, "type": "deal_to_contact"} for each in linked[opp.opp_key]]
                            }
                        }
                        if opp.opp_key in linked.index
                        else {}
                    ),
                },
            }
        )
    write_pages(out / f"deals{stamp}.json", rows)
    ids = opps.set_index("opp_key")["opp_id"]

    def history(frame: pd.DataFrame, name: str, values: pd.Series) -> pd.DataFrame:
        here = frame["opp_key"].isin(ids.index)
        return pd.DataFrame(
            {
                "deal_id": ids.reindex(frame.loc[here, "opp_key"]).to_numpy(),
                "name": name,
                "value": values[here].to_numpy(),
                "timestamp": iso(frame.loc[here, "at"]).to_numpy(),
                "source": "CRM_UI",
            }
        )

    closings = deals.stages[deals.stages["signed_at"].notna()]
    doubled = opps[opps["opp_key"] % 100 == 7]
    stray = pd.DataFrame(
        {
            "deal_id": (doubled["opp_id"].astype(int) + 1).astype(str),
            "name": "dealstage",
            "value": HUBSPOT_STAGES[0][0],
            "timestamp": iso(doubled["created_at"] + pd.Timedelta(hours=1)),
            "source": "IMPORT",
        }
    )
    log = pd.concat(
        [
            history(deals.stages, "dealstage", deals.stages["source_stage"]),
            history(deals.amounts, "amount", amounts(deals.amounts["cents"])),
            history(
                deals.owners,
                "hubspot_owner_id",
                reps["crm_id"].reindex(deals.owners["owner_key"]).reset_index(drop=True).set_axis(deals.owners.index),
            ),
            history(closings, "closedate", iso(closings["signed_at"])),
            stray,
        ]
    )
    write_csv(out / f"deal_property_history{stamp}.csv", log.sort_values(["deal_id", "timestamp"], kind="stable"))
    new = [
        *HUBSPOT_STAGES,
        (CLOSED[HUBSPOT, "new"]["won"], "Signé", "won"),
        (CLOSED[HUBSPOT, "new"]["lost"], "Perdu", "lost"),
        (CLOSED[HUBSPOT, "new"]["no_decision"], "Sans suite", "no_decision"),
    ]
    existing = [
        *EXISTING_STAGES,
        (CLOSED[HUBSPOT, "existing"]["won"], "Renouvelé", "won"),
        (CLOSED[HUBSPOT, "existing"]["lost"], "Non renouvelé", "lost"),
    ]
    write_pages(
        out / f"pipelines{stamp}.json",
        [
            {
                "id": key,
                "label": label,
                "displayOrder": order,
                "archived": False,
                "stages": [
                    {
                        "id": stage,
                        "label": name,
                        "displayOrder": at,
                        "archived": False,
                        "metadata": {
                            "isClosed": str(kind in ("won", "lost", "no_decision")).lower(),
                            "probability": "1.0"
                            if kind == "won"
                            else "0.0"
                            if kind in ("lost", "no_decision")
                            else f"0.{2 + at}",
                        },
                    }
                    for at, (stage, name, kind) in enumerate(stages)
                ],
            }
            for order, (key, label, stages) in enumerate(
                (("default", "Nouveaux clients", new), ("clients", "Clients existants", existing))
            )
        ],
    )


DISPOSITIONS = {
    "connected": "f240bbac-87c9-4f6e-bf70-924b57d47db7",
    "busy": "9d9162e7-6cf3-4944-bf63-4dff82258764",
    "voicemail": "b2cf5968-551e-4856-9783-52b3da59a7d0",
    "no_answer": "73a0d17f-1163-4015-bdd5-ec830791da20",
    "wrong_number": "17b47fee-58de-441e-a44c-c6300d46f273",
}


def _log_of(company: Company, instance: str) -> pd.DataFrame:
    """Activities that were entered before the exports, with the records they are logged on."""
    log = company.activities.log
    log = log[(log["instance"] == instance) & (log["recorded_at"] < company.story.extracted_at)]
    people = company.activities.people
    ids = (
        people.assign(record_id=company.records["record_id"].reindex(people["record"]).to_numpy())
        .groupby("act_key")["record_id"]
        .agg(list)
    )
    return log.assign(record_ids=ids.reindex(log["act_key"]).to_numpy())


def _hubspot_activities(company: Company, out: Path, stamp: str) -> None:
    log = _log_of(company, HUBSPOT)
    owner = company.reps.set_index("rep_key")["crm_id"].reindex(log["rep_key"]).to_numpy()
    opps = company.deals.opps.set_index("opp_key")["opp_id"].reindex(log["opp_key"]).to_numpy()
    frame = log.assign(
        owner=owner, opp_id=opps, start=iso(log["at"]), end=iso(log["ended_at"]), made=iso(log["recorded_at"])
    )
    pages: dict[str, list[dict[str, Any]]] = {"call": [], "email": [], "meeting": []}
    for row in frame.itertuples():
        base = {
            "hs_timestamp": row.start,
            "hs_createdate": row.made,
            "hs_lastmodifieddate": row.made,
            "hubspot_owner_id": row.owner,
        }
        if row.kind == "call":
            done = row.status == "done"
            base |= {
                "hs_call_direction": row.direction.upper(),
                "hs_call_disposition": DISPOSITIONS.get(row.outcome),
                "hs_call_duration": str(row.minutes * 60_000),
                "hs_call_status": "COMPLETED" if done else "QUEUED",
            }
        elif row.kind == "email":
            base |= {
                "hs_email_direction": "EMAIL" if row.direction == "outbound" else "INCOMING_EMAIL",
                "hs_email_status": "BOUNCED" if row.outcome == "bounced" else "SENT",
            }
        else:
            outcomes = {
                "held": "COMPLETED",
                "no_show": "NO_SHOW",
                "cancelled": "CANCELED",
                "rescheduled": "RESCHEDULED",
                "": None,
            }
            base |= {
                "hs_meeting_start_time": row.start,
                "hs_meeting_end_time": row.end,
                "hs_meeting_outcome": outcomes[row.outcome]
                or ("SCHEDULED" if row.at >= company.story.extracted_at else None),
            }
        links = {}
        if isinstance(row.record_ids, list):
            links["contacts"] = {"results": [{"id": each, "type": "to_contact"} for each in row.record_ids]}
        if isinstance(row.opp_id, str):
            links["deals"] = {"results": [{"id": row.opp_id, "type": "to_deal"}]}
        pages[row.kind].append({"id": row.act_id, "archived": False, "properties": base, "associations": links})
    for kind, records in pages.items():
        write_pages(out / f"{kind}s{stamp}.json", records)


SALESFORCE_DISPOSITIONS = {
    "connected": "Connected",
    "voicemail": "Left Voicemail",
    "no_answer": "No Answer",
    "busy": "Busy",
    "wrong_number": "Wrong Number",
}


def _salesforce(company: Company, out: Path, stamp: str) -> None:
    from warehouse.demo.salesforce import salesforce_tables

    for name, table in salesforce_tables(company).items():
        write_csv(out / f"{name}{stamp}.csv", table)


def _stripe(company: Company, out: Path, stamp: str) -> None:
    billing = company.billing
    customers = [
        {
            "id": row.customer_id,
            "object": "customer",
            "name": row.name,
            "email": row.email,
            "created": int(row.created_at.timestamp()),
            "metadata": {"crm_account_id": row.crm_account_id} if row.link == "metadata" else {},
        }
        for row in billing.customers.rename(columns={"name": "title"}).assign(name=lambda f: f["title"]).itertuples()
    ]
    write_pages(out / f"customers{stamp}.json", customers, "data")
    customer = billing.customers.set_index("customer_key")["customer_id"]
    subscriptions = []
    for row in billing.subscriptions.itertuples():
        item = {
            "id": f"si_{row.subscription_key}",
            "price": {"id": f"price_{row.subscription_key}"},
            "quantity": 1,
            "created": int(row.starts_at.timestamp()),
        }
        subscriptions.append(
            {
                "id": f"sub_{row.subscription_key}",
                "customer": customer[row.customer_key],
                "status": "canceled" if pd.notna(row.ends_at) else "active",
                "currency": row.currency.lower(),
                "created": int(row.starts_at.timestamp()),
                "start_date": int(row.starts_at.timestamp()),
                "ended_at": int(row.ends_at.timestamp()) if pd.notna(row.ends_at) else None,
                "items": {"object": "list", "data": [item]},
            }
        )
    write_pages(out / f"subscriptions{stamp}.json", subscriptions, "data")
    prices = [
        {
            "id": f"price_{row.subscription_key}",
            "product": f"prod_{row.product}",
            "currency": row.currency.lower(),
            "unit_amount": int(row.cents),
            "recurring": {"interval": "year" if row.months == 12 else "month", "interval_count": 1},
        }
        for row in billing.subscriptions.itertuples()
    ]
    write_pages(out / f"prices{stamp}.json", prices, "data")
    invoices, charges = [], []
    for row in billing.invoices.itertuples():
        issued = int(row.issued_at.timestamp())
        total = int(row.net_cents + row.tax_cents)
        paid = int(row.paid_at.timestamp()) if pd.notna(row.paid_at) else None
        line = {
            "id": f"il_{row.invoice_key}",
            "amount": int(row.net_cents),
            "currency": row.currency.lower(),
            "proration": False,
            "subscription_item": f"si_{row.subscription_key}",
            "quantity": 1,
            "period": {
                "start": issued,
                "end": int((row.issued_at + pd.DateOffset(months=row.months)).timestamp()),
            },
        }
        invoices.append(
            {
                "id": f"in_{row.invoice_key}",
                "customer": customer[row.customer_key],
                "subscription": f"sub_{row.subscription_key}",
                "status": row.status,
                "currency": row.currency.lower(),
                "subtotal": int(row.net_cents),
                "tax": int(row.tax_cents),
                "total": total,
                "amount_paid": total if paid else 0,
                "created": issued - 3600,
                "status_transitions": {
                    "finalized_at": issued,
                    "paid_at": paid,
                    "voided_at": issued + 86_400 if row.status == "void" else None,
                },
                "period_start": issued,
                "period_end": issued,
                "lines": {"object": "list", "data": [line]},
            }
        )
        if paid:
            charges.append(
                {
                    "id": f"ch_{row.invoice_key}",
                    "customer": customer[row.customer_key],
                    "invoice": f"in_{row.invoice_key}",
                    "amount": total,
                    "amount_refunded": 0,
                    "currency": row.currency.lower(),
                    "status": "succeeded",
                    "paid": True,
                    "created": paid,
                }
            )
    drafts = [
        {
            **each,
            "id": each["id"] + "_draft",
            "status": "draft",
            "amount_paid": 0,
            "status_transitions": {},
            "lines": {"data": []},
        }
        for each in invoices[-12:]
    ]
    write_pages(out / f"invoices{stamp}.json", invoices + drafts, "data")
    write_pages(out / f"charges{stamp}.json", charges, "data")
    currency = billing.invoices.set_index("invoice_key")["currency"].str.lower()
    refunds = [
        {
            "id": f"re_{row.invoice_key}",
            "charge": f"ch_{row.invoice_key}",
            "amount": int(row.cents),
            "currency": currency[row.invoice_key],
            "status": "succeeded",
            "created": int(row.at.timestamp()),
        }
        for row in billing.refunds.itertuples()
    ]
    write_pages(out / f"refunds{stamp}.json", refunds, "data")
    of_invoice = billing.invoices.set_index("invoice_key")["customer_key"]
    notes = [
        {
            "id": f"cn_{row.invoice_key}",
            "invoice": f"in_{row.invoice_key}",
            "customer": customer[of_invoice[row.invoice_key]],
            "currency": currency[row.invoice_key],
            "subtotal": int(row.net_cents),
            "tax": int(row.tax_cents),
            "total": int(row.net_cents + row.tax_cents),
            "status": "issued",
            "created": int(row.at.timestamp()),
        }
        for row in billing.credit_notes.itertuples()
    ]
    write_pages(out / f"credit_notes{stamp}.json", notes, "data")


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
    names = _names(company, found["person_key"])
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
    columns: {user_id: Matricule, name: Nom complet, email: E-mail, team: Équipe, role: Rôle, hired_on: Entrée, left_on: Sortie}
    values: {role: {SDR: sdr, Ingénieur commercial: account_executive, Gestionnaire de comptes: account_manager}}
    date_order: dmy
  web_traffic:
    files: ["trafic*.csv"]
    columns: {day: Jour, channel: Canal, visits: Visites, demo_requests: Demandes de démo}
    date_order: dmy
"""


def utc_days(times: pd.Series) -> pd.Series:
    """Days, in Paris, as ISO dates; empty where there is none."""
    return utc_to_date(times).dt.strftime("%Y-%m-%d").fillna("")
