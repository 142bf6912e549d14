"""What of a story has happened by the moment of the exports."""

from __future__ import annotations

import dataclasses

import pandas as pd

from warehouse.demo.activities import Activities
from warehouse.demo.billing import Billing
from warehouse.demo.deals import Deals
from warehouse.demo.people import Population
from warehouse.demo.records import Company
from warehouse.demo.spending import Spending


def cut(company: Company) -> Company:
    """The company as it stands at the moment of its story's exports; what comes later is not there yet."""
    moment, as_of = company.story.extracted_at, pd.Timestamp(company.story.as_of)
    people = company.population.people
    people = _forget(people[people["created_at"] < moment], moment, "mql_at", "sql_at")
    reps = _forget(company.reps[company.reps["hired"] < moment], moment, "left")
    records = company.records[company.records["created_at"] < moment]
    records = _forget(records, moment, "mql_at", "sql_at", "merged_at", "converted_at")
    unconverted = records["converted_at"].isna()
    records.loc[unconverted, "converted_opp"] = -1
    records.loc[unconverted, "contact_id"] = None
    deals = _deals(company.deals, moment)
    log = company.activities.log
    # what was done before the moment and entered after it is part of the truth, not of the exports
    log = log[(log["recorded_at"] < moment) | (log["at"] < moment)].copy()
    log.loc[log["outcome_at"] >= moment, "outcome"] = ""
    links = company.activities.people
    links = links[links["act_key"].isin(log["act_key"]) & links["record"].isin(records.index)]
    return dataclasses.replace(
        company,
        reps=reps,
        population=Population(company.population.accounts, people, company.population.records),
        records=records,
        deals=deals,
        activities=Activities(log, links),
        billing=_billing(company.billing, moment),
        spending=_spending(company.spending, as_of),
    )


def _forget(frame: pd.DataFrame, moment: pd.Timestamp, *columns: str) -> pd.DataFrame:
    """A copy without the times that lie beyond the moment."""
    kept = frame.copy()
    for column in columns:
        kept.loc[kept[column] >= moment, column] = pd.NaT
    return kept


def _deals(deals: Deals, moment: pd.Timestamp) -> Deals:
    opps = deals.opps[deals.opps["created_at"] < moment]
    stages = deals.stages[deals.stages["opp_key"].isin(opps["opp_key"])]
    amounts = deals.amounts[deals.amounts["at"] < moment]
    owners = deals.owners[deals.owners["at"] < moment]
    return Deals(
        opps.reset_index(drop=True),
        stages[stages["at"] < moment].reset_index(drop=True),
        stages[(stages["at"] >= moment) & (stages["signed_at"] < moment)],
        amounts.reset_index(drop=True),
        owners.reset_index(drop=True),
        deals.people[deals.people["opp_key"].isin(opps["opp_key"])].reset_index(drop=True),
        deals.due[(deals.due["at"] < moment) & deals.due["opp_key"].isin(opps["opp_key"])].reset_index(drop=True),
    )


def _billing(billing: Billing, moment: pd.Timestamp) -> Billing:
    customers = billing.customers[billing.customers["created_at"] < moment]
    subscriptions = billing.subscriptions[billing.subscriptions["starts_at"] < moment]
    invoices = billing.invoices[billing.invoices["issued_at"] < moment].copy()
    later = invoices["paid_at"] >= moment
    invoices.loc[later, "status"] = "open"
    invoices.loc[later, "paid_at"] = pd.NaT
    return Billing(
        customers.reset_index(drop=True),
        _forget(subscriptions, moment, "ends_at").reset_index(drop=True),
        billing.prices[billing.prices["at"] < moment].reset_index(drop=True),
        invoices.reset_index(drop=True),
        billing.refunds[billing.refunds["at"] < moment].reset_index(drop=True),
        billing.credit_notes[billing.credit_notes["at"] < moment].reset_index(drop=True),
    )


def _spending(spending: Spending, as_of: pd.Timestamp) -> Spending:
    return Spending(
        spending.ads[spending.ads["day"] <= as_of].reset_index(drop=True),
        spending.ledger[spending.ledger["date"] <= as_of].reset_index(drop=True),
        spending.traffic[spending.traffic["day"] <= as_of].reset_index(drop=True),
    )
