"""The simulated company as a whole, and what each of its CRMs holds of it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from warehouse.demo.activities import Activities
from warehouse.demo.billing import Billing
from warehouse.demo.company import Story
from warehouse.demo.deals import Deals
from warehouse.demo.people import Population
from warehouse.demo.spending import Spending


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


def present_records(company: Company, instance: str) -> pd.DataFrame:
    """Records a CRM shows: those that were not merged into another."""
    records = company.records
    return records[(records["instance"] == instance) & records["merged_at"].isna()]


def known_accounts(company: Company, instance: str) -> pd.DataFrame:
    """Accounts with a record in a CRM: of linked people, of deals, and the parents of its own ones."""
    accounts = company.population.accounts.set_index("account_key", drop=False)
    linked = present_records(company, instance)
    keys = set(linked.loc[linked["is_linked"], "account_key"]) | set(
        company.deals.opps.loc[company.deals.opps["instance"] == instance, "account_key"]
    )
    own = accounts.loc[sorted(keys)]
    parents = set(own.loc[own["crm"] == instance, "parent_key"]) - {-1}
    return accounts.loc[sorted(keys | parents)]


def names_of(company: Company, keys: pd.Series) -> pd.DataFrame:
    """First and last names of people, in the order of the keys; `Inconnu` for strangers."""
    people = company.population.people.set_index("person_key")
    return people[["first", "last"]].reindex(keys).fillna("Inconnu").reset_index(drop=True)


def last_changed(log: pd.DataFrame) -> pd.Series:
    """When activities were last changed in their CRM: as they were entered, or as the outcome of a meeting was."""
    judged = (log["kind"] == "meeting") & (log["outcome"] != "")
    return log["recorded_at"].where(~judged, log[["recorded_at", "outcome_at"]].max(axis=1))


def logged_activities(company: Company, instance: str) -> pd.DataFrame:
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
