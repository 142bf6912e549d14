"""Brightdesk's HubSpot: API pages, and companies as the French interface downloads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from warehouse.demo.company import HUBSPOT, PARIS, WIN_REASONS
from warehouse.demo.deals import CLOSED, EXISTING_STAGES, HUBSPOT_STAGES
from warehouse.demo.people import HUBSPOT_SOURCES
from warehouse.demo.records import Company, known_accounts, last_changed, logged_activities, names_of, present_records
from warehouse.demo.writing import amounts, iso, iso_time, write_csv, write_pages

DISPOSITIONS = {
    "connected": "f240bbac-87c9-4f6e-bf70-924b57d47db7",
    "busy": "9d9162e7-6cf3-4944-bf63-4dff82258764",
    "voicemail": "b2cf5968-551e-4856-9783-52b3da59a7d0",
    "no_answer": "73a0d17f-1163-4015-bdd5-ec830791da20",
    "wrong_number": "17b47fee-58de-441e-a44c-c6300d46f273",
}


def write_hubspot(company: Company, out: Path, stamp: str) -> None:
    """HubSpot's exports below `out`."""
    story, reps = company.story, company.reps.set_index("rep_key")
    (out).mkdir(parents=True, exist_ok=True)
    (out / "source.yml").write_text("system: hubspot\ntime_zone: Europe/Paris\n", encoding="utf-8")
    accounts = company.population.accounts.set_index("account_key")
    contacts = present_records(company, HUBSPOT).reset_index(drop=True)
    merged = (
        company.records[(company.records["instance"] == HUBSPOT) & company.records["merged_at"].notna()]
        .groupby("into")["record_id"]
        .agg(";".join)
    )
    names = names_of(company, contacts["person_key"])
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
    known = known_accounts(company, HUBSPOT)
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
        present_records(company, HUBSPOT)
        .sort_values("created_at", kind="stable")
        .groupby("person_key")["record_id"]
        .first()
    )
    linked = (
        deals.people.assign(record=first_record.reindex(deals.people["person_key"]).to_numpy())
        .dropna(subset=["record"])
        .groupby("opp_key")["record"]
        .agg(list)
    )
    accounts = company.population.accounts.set_index("account_key")["hubspot_id"]
    closing = last["stage"].isin(["won", "lost", "no_decision"])
    # an expected day is noon of it
    dates = deals.due.assign(due=deals.due["due"] + pd.Timedelta(hours=12))
    expected = dates.groupby("opp_key")["due"].last().reindex(opps["opp_key"])
    close = iso(last["signed_at"].where(closing, expected))
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
                    "closed_won_reason": WIN_REASONS[opp.opp_key % len(WIN_REASONS)] if won else None,
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
            history(dates, "closedate", iso(dates["due"])),
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


def _hubspot_activities(company: Company, out: Path, stamp: str) -> None:
    log = logged_activities(company, HUBSPOT)
    owner = company.reps.set_index("rep_key")["crm_id"].reindex(log["rep_key"]).to_numpy()
    opps = company.deals.opps.set_index("opp_key")["opp_id"].reindex(log["opp_key"]).to_numpy()
    frame = log.assign(
        owner=owner, opp_id=opps, start=iso(log["at"]), end=iso(log["ended_at"]), made=iso(log["recorded_at"])
    )
    frame["changed"] = iso(last_changed(log))
    pages: dict[str, list[dict[str, Any]]] = {"call": [], "email": [], "meeting": []}
    for row in frame.itertuples():
        base = {
            "hs_timestamp": row.start,
            "hs_createdate": row.made,
            "hs_lastmodifieddate": row.changed,
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
