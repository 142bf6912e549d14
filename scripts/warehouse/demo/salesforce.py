"""Brightdesk's Salesforce, table by table, as the Data Export Service writes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from warehouse.demo.activities import lacks_disposition
from warehouse.demo.company import SALESFORCE, WIN_REASONS, utc_to_date
from warehouse.demo.people import SALESFORCE_SOURCES
from warehouse.demo.records import Company, known_accounts, last_changed, logged_activities, names_of, present_records
from warehouse.demo.writing import amounts, salesforce_time, utc_days, write_csv

SALESFORCE_DISPOSITIONS = {
    "connected": "Connected",
    "voicemail": "Left Voicemail",
    "no_answer": "No Answer",
    "busy": "Busy",
    "wrong_number": "Wrong Number",
}


def write_salesforce(company: Company, out: Path, stamp: str) -> None:
    """A file per object below `out`."""
    for name, table in _tables(company).items():
        write_csv(out / f"{name}{stamp}.csv", table)


def _tables(company: Company) -> dict[str, pd.DataFrame]:
    leads, history = _leads(company)
    opportunities, changes, fields = _opportunities(company)
    tasks, mails, events = _activities(company)
    return {
        "User": _users(company),
        "Account": _accounts(company),
        "Contact": _contacts(company),
        "Lead": leads,
        "LeadHistory": history,
        "Opportunity": opportunities,
        "OpportunityHistory": changes,
        "OpportunityFieldHistory": fields,
        "OpportunityContactRole": _roles(company),
        "Task": tasks,
        "EmailMessage": mails,
        "Event": events,
    }


def _users(company: Company) -> pd.DataFrame:
    reps = company.reps[company.reps["crm"] == SALESFORCE]
    return pd.DataFrame(
        {
            "Id": reps["crm_id"],
            "Name": reps["name"],
            "Email": reps["email"],
            "Department": reps["team"],
            "Title": reps["role"],
            "IsActive": reps["left"].isna().map({True: "true", False: "false"}),
            "CreatedDate": salesforce_time(reps["hired"]),
        }
    )


def _accounts(company: Company) -> pd.DataFrame:
    known = known_accounts(company, SALESFORCE)
    ids = company.population.accounts.set_index("account_key")["salesforce_id"]
    own = (known["crm"] == SALESFORCE) & (known["parent_key"] >= 0)
    return pd.DataFrame(
        {
            "Id": known["salesforce_id"],
            "Name": known["name"],
            "ParentId": np.where(own, ids.reindex(known["parent_key"]), ""),
            "Website": "http://www." + known["domain"],
            "Industry": known["industry"],
            "NumberOfEmployees": known["employees"],
            "BillingCountry": known["country"],
            "IsDeleted": "false",
        }
    )


def _contacts(company: Company) -> pd.DataFrame:
    contacts = present_records(company, SALESFORCE)
    contacts = contacts[contacts["kind"] == "contact"].reset_index(drop=True)
    names = names_of(company, contacts["person_key"])
    accounts = company.population.accounts.set_index("account_key")["salesforce_id"]
    owners = company.reps.set_index("rep_key")["crm_id"]
    return pd.DataFrame(
        {
            "Id": contacts["record_id"],
            "AccountId": accounts.reindex(contacts["account_key"]).to_numpy(),
            "FirstName": names["first"],
            "LastName": names["last"],
            "Email": contacts["email"],
            "LeadSource": contacts["channel"].map(SALESFORCE_SOURCES),
            "OwnerId": owners.reindex(contacts["owner_key"]).to_numpy(),
            "CreatedDate": salesforce_time(contacts["created_at"]),
            "IsDeleted": "false",
        }
    )


def _leads(company: Company) -> tuple[pd.DataFrame, pd.DataFrame]:
    records = present_records(company, SALESFORCE)
    leads = records[records["kind"] == "lead"].reset_index(drop=True)
    names = names_of(company, leads["person_key"])
    accounts = company.population.accounts.set_index("account_key").reindex(leads["account_key"])
    owners = company.reps.set_index("rep_key")["crm_id"].reindex(leads["owner_key"]).to_numpy()
    opps = company.deals.opps.set_index("opp_key")["opp_id"]
    converted = leads["converted_at"].notna()
    unqualified = (
        company.population.people.set_index("person_key")["is_unqualified"]
        .reindex(leads["person_key"])
        .fillna(False)
        .to_numpy()
    )
    status = np.select(
        [converted, leads["sql_at"].notna(), leads["mql_at"].notna(), unqualified],
        ["Qualified - Converted", "Sales Qualified", "Marketing Qualified", "Unqualified"],
        "Working",
    )
    table = pd.DataFrame(
        {
            "Id": leads["record_id"],
            "FirstName": names["first"],
            "LastName": names["last"],
            "Email": leads["email"],
            "Company": accounts["name"].to_numpy(),
            "Website": "www." + accounts["domain"].to_numpy(),
            "LeadSource": leads["channel"].map(SALESFORCE_SOURCES),
            "Status": status,
            "NumberOfEmployees": accounts["employees"].to_numpy(),
            "OwnerId": owners,
            "IsConverted": converted.map({True: "true", False: "false"}),
            "ConvertedDate": utc_days(leads["converted_at"]),
            "ConvertedAccountId": np.where(converted, accounts["salesforce_id"], ""),
            "ConvertedContactId": leads["contact_id"].where(converted, ""),
            "ConvertedOpportunityId": opps.reindex(leads["converted_opp"]).fillna("").to_numpy(),
            "CreatedDate": salesforce_time(leads["created_at"]),
            "IsDeleted": "false",
            "MasterRecordId": "",
        }
    )
    # junk that was thrown away stays in the export, flagged
    junk = table.head(12).assign(
        IsDeleted="true",
        Email="junk@nowhere.example",
        IsConverted="false",
        ConvertedDate="",
        ConvertedAccountId="",
        ConvertedContactId="",
        ConvertedOpportunityId="",
        Status="Working",
    )
    junk["Id"] = junk["Id"].str.replace("00Q", "00Qx", regex=False).str[:18]
    changes = []
    before = pd.Series("Working", index=leads.index)
    for column, value in (
        ("mql_at", "Marketing Qualified"),
        ("sql_at", "Sales Qualified"),
        ("converted_at", "Qualified - Converted"),
    ):
        here = leads[column].notna()
        if column == "sql_at":
            here &= leads["sql_at"] != leads["converted_at"]
        changes.append(
            pd.DataFrame(
                {
                    "LeadId": leads.loc[here, "record_id"],
                    "Field": "Status",
                    "OldValue": before[here],
                    "NewValue": value,
                    "CreatedDate": salesforce_time(leads.loc[here, column]),
                }
            )
        )
        before = before.where(~here, value)
    return pd.concat([table, junk], ignore_index=True), pd.concat(changes, ignore_index=True)


def _opportunities(company: Company) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    deals, story = company.deals, company.story
    opps = deals.opps[deals.opps["instance"] == SALESFORCE].set_index("opp_key", drop=False)
    last = deals.stages.groupby("opp_key").tail(1).set_index("opp_key").reindex(opps.index)
    won = last["stage"] == "won"
    closed = last["stage"].isin(["won", "lost", "no_decision"])
    expected = deals.due.groupby("opp_key")["due"].last().reindex(opps.index)
    owners = company.reps.set_index("rep_key")["crm_id"]
    owner = owners.reindex(deals.owners.groupby("opp_key")["owner_key"].last().reindex(opps.index)).to_numpy()
    accounts = company.population.accounts.set_index("account_key")["salesforce_id"]
    cents = deals.amounts.groupby("opp_key")["cents"].last().reindex(opps.index)
    reasons = {
        "price": "Price",
        "competitor": "Lost to Competitor",
        "no_budget": "No Budget / Lost Funding",
        "missing_feature": "Missing Feature",
        "no_decision": "No Decision / Non-Responsive",
    }
    types = {"new_business": "New Business", "expansion": "Existing Business - Upgrade", "renewal": "Renewal"}
    chances = last["stage"].map({"opportunity": 10, "demo": 30, "proposal": 65, "won": 100}).fillna(0).astype(int)
    table = pd.DataFrame(
        {
            "Id": opps["opp_id"],
            "AccountId": accounts.reindex(opps["account_key"]).to_numpy(),
            "Name": opps["product"] + " " + opps.index.astype(str),
            "StageName": last["source_stage"],
            "Amount": amounts(cents),
            "Probability": chances,
            "CloseDate": utc_to_date(last["signed_at"]).where(closed, expected).dt.strftime("%Y-%m-%d"),
            "Type": opps["opportunity_type"].map(types),
            "IsClosed": closed.map({True: "true", False: "false"}),
            "IsWon": won.map({True: "true", False: "false"}),
            "ForecastCategory": np.where(won, "Closed", np.where(closed, "Omitted", "Pipeline")),
            "Loss_Reason__c": last["reason"].map(reasons).where(closed & ~won, ""),
            "Won_Reason__c": opps.index.map(
                lambda key: WIN_REASONS[key % len(WIN_REASONS)].replace("_", " ").title()
            ).where(won, ""),
            "Product__c": opps["product"],
            "OwnerId": owner,
            "CurrencyIsoCode": opps["currency"],
            "CreatedDate": salesforce_time(opps["created_at"]),
            "LastModifiedDate": salesforce_time(pd.Series(story.extracted_at, index=opps.index)),
            "IsDeleted": "false",
        }
    )
    return table, _history(company, opps), _fields(company, opps)


def _history(company: Company, opps: pd.DataFrame) -> pd.DataFrame:
    """One row per moment at which stage, amount or close date changed, with all values as of then."""
    deals = company.deals
    stages = deals.stages[deals.stages["opp_key"].isin(opps.index)][
        ["opp_key", "at", "source_stage", "stage", "signed_at"]
    ]
    prices = deals.amounts[deals.amounts["opp_key"].isin(opps.index)][["opp_key", "at", "cents"]]
    dates = deals.due[deals.due["opp_key"].isin(opps.index)]
    merged = stages.merge(prices, on=["opp_key", "at"], how="outer").merge(dates, on=["opp_key", "at"], how="outer")
    merged = merged.sort_values(["opp_key", "at"], kind="stable")
    closing = merged["stage"].isin(["won", "lost", "no_decision"])
    merged["close"] = utc_to_date(merged["signed_at"]).where(closing, merged["due"])
    merged[["source_stage", "cents", "close"]] = merged.groupby("opp_key")[["source_stage", "cents", "close"]].ffill()
    merged = merged[merged["source_stage"].notna()].reset_index(drop=True)
    return pd.DataFrame(
        {
            "Id": "008bm" + pd.Series(np.arange(len(merged))).astype(str).str.zfill(10) + "AAA",
            "OpportunityId": opps["opp_id"].reindex(merged["opp_key"]).to_numpy(),
            "StageName": merged["source_stage"],
            "Amount": amounts(merged["cents"].astype(int)),
            "CloseDate": merged["close"].dt.strftime("%Y-%m-%d"),
            "CreatedDate": salesforce_time(merged["at"]),
            "IsDeleted": "false",
        }
    )


def _fields(company: Company, opps: pd.DataFrame) -> pd.DataFrame:
    owners = company.deals.owners[company.deals.owners["opp_key"].isin(opps.index)].copy()
    owners["before"] = owners.groupby("opp_key")["owner_key"].shift()
    changed = owners[owners["before"].notna() & (owners["at"] >= company.story.field_history_from)]
    ids = company.reps.set_index("rep_key")["crm_id"]
    return pd.DataFrame(
        {
            "OpportunityId": opps["opp_id"].reindex(changed["opp_key"]).to_numpy(),
            "Field": "Owner",
            "OldValue": ids.reindex(changed["before"]).to_numpy(),
            "NewValue": ids.reindex(changed["owner_key"]).to_numpy(),
            "CreatedDate": salesforce_time(changed["at"]).to_numpy(),
        }
    )


def _roles(company: Company) -> pd.DataFrame:
    opps = company.deals.opps[company.deals.opps["instance"] == SALESFORCE].set_index("opp_key")
    contacts = present_records(company, SALESFORCE)
    contacts = contacts[contacts["kind"] == "contact"].set_index("person_key")["record_id"]
    people = company.deals.people[company.deals.people["opp_key"].isin(opps.index)].copy()
    people["contact"] = contacts.reindex(people["person_key"]).to_numpy()
    people = people.dropna(subset=["contact"])
    return pd.DataFrame(
        {
            "OpportunityId": opps["opp_id"].reindex(people["opp_key"]).to_numpy(),
            "ContactId": people["contact"],
            "Role": "Decision Maker",
            "IsPrimary": people["is_primary"].map({True: "true", False: "false"}),
            "IsDeleted": "false",
        }
    )


def _activities(company: Company) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    log = logged_activities(company, SALESFORCE)
    log["owner"] = company.reps.set_index("rep_key")["crm_id"].reindex(log["rep_key"]).to_numpy()
    log["opp_id"] = company.deals.opps.set_index("opp_key")["opp_id"].reindex(log["opp_key"]).fillna("").to_numpy()
    log["who"] = [ids[0] if isinstance(ids, list) else "" for ids in log["record_ids"]]
    tasks = log[log["kind"] != "meeting"]
    done = tasks["status"] == "done"
    silent = lacks_disposition(tasks)
    same_day = utc_to_date(tasks["at"]) == utc_to_date(tasks["recorded_at"])
    task = pd.DataFrame(
        {
            "Id": tasks["act_id"],
            "WhoId": tasks["who"],
            "WhatId": tasks["opp_id"],
            "OwnerId": tasks["owner"],
            "Status": np.where(done, "Completed", "Not Started"),
            "TaskSubtype": tasks["kind"].map({"call": "Call", "email": "Email", "mass_mail": "ListEmail"}),
            "CallType": np.where(tasks["kind"] == "call", tasks["direction"].str.capitalize(), ""),
            "CallDisposition": np.where(
                silent | (tasks["kind"] != "call"),
                "",
                tasks["outcome"].map(SALESFORCE_DISPOSITIONS).fillna(""),
            ),
            "CallDurationInSeconds": np.where(tasks["kind"] == "call", (tasks["minutes"] * 60).astype(str), ""),
            "ActivityDate": utc_days(tasks["at"]),
            "CompletedDateTime": salesforce_time(tasks["at"].where(same_day, tasks["recorded_at"]).where(done)),
            "CreatedDate": salesforce_time(tasks["recorded_at"]),
            "IsDeleted": "false",
        }
    )
    meetings = log[log["kind"] == "meeting"]
    outcomes = {
        "held": "Held",
        "no_show": "No Show",
        "cancelled": "Cancelled",
        "rescheduled": "Rescheduled",
        "": "",
    }
    event = pd.DataFrame(
        {
            "Id": meetings["act_id"],
            "WhoId": meetings["who"],
            "WhatId": meetings["opp_id"],
            "OwnerId": meetings["owner"],
            "Subject": "Meeting",
            "StartDateTime": salesforce_time(meetings["at"]),
            "EndDateTime": salesforce_time(meetings["ended_at"]),
            "Meeting_Outcome__c": meetings["outcome"].map(outcomes),
            "IsChild": "false",
            "CreatedDate": salesforce_time(meetings["recorded_at"]),
            "LastModifiedDate": salesforce_time(last_changed(meetings)),
            "IsDeleted": "false",
        }
    )
    # attendees' copies of every seventh event
    copies = event[meetings["act_key"].to_numpy() % 7 == 0].assign(IsChild="true")
    copies["Id"] = copies["Id"].str.replace("00U", "00Uc", regex=False).str[:18]
    return task, _mails(log[log["kind"] == "email"]), pd.concat([event, copies], ignore_index=True)


def _mails(log: pd.DataFrame) -> pd.DataFrame:
    """The messages of the tasks that stand for e-mails: only they tell who wrote, and what bounced."""
    incoming = log["direction"] == "inbound"
    return pd.DataFrame(
        {
            "Id": log["act_id"].str.replace("00T", "02s", regex=False),
            "ActivityId": log["act_id"],
            "Incoming": incoming.map({True: "true", False: "false"}),
            "Status": np.where(incoming, "1", "3"),
            "IsBounced": (log["outcome"] == "bounced").map({True: "true", False: "false"}),
            "MessageDate": salesforce_time(log["at"]),
            "CreatedDate": salesforce_time(log["recorded_at"]),
            "IsDeleted": "false",
        }
    )
