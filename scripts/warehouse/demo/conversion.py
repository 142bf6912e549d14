"""Salesforce's conversion of leads into contacts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from warehouse.demo.company import SALESFORCE, salesforce_ids
from warehouse.demo.deals import Deals
from warehouse.demo.people import Population


def convert_leads(population: Population, deals: Deals) -> pd.DataFrame:
    """The records of a population with Salesforce's conversions: the contact each converted lead became.

    A lead is converted when the first opportunity with its person is made, by itself or by a colleague (then
    without an opportunity of its own); the conversion qualifies it if nothing did before. Adds converted_at,
    converted_opp (-1: none) and contact_id to leads, and a row of kind `contact` per conversion.
    """
    records = population.records.copy()
    records["converted_at"] = pd.NaT
    records["converted_opp"] = -1
    records["contact_id"] = None
    links = deals.people.merge(deals.opps[["opp_key", "instance", "created_at"]], on="opp_key")
    links = links[links["instance"] == SALESFORCE]
    first = (
        links.sort_values(["created_at", "opp_key"], kind="stable")
        .groupby("person_key")
        .head(1)
        .set_index("person_key")
    )
    leads = records.index[(records["instance"] == SALESFORCE) & records["person_key"].isin(first.index)]
    found = first.reindex(records.loc[leads, "person_key"])
    records.loc[leads, "converted_at"] = found["created_at"].to_numpy()
    records.loc[leads, "converted_opp"] = np.where(found["is_primary"], found["opp_key"], -1)
    records.loc[leads, "contact_id"] = salesforce_ids("003", records.loc[leads, "person_key"]).to_numpy()
    earliest = pd.concat([records.loc[leads, "sql_at"], records.loc[leads, "converted_at"]], axis=1).min(axis=1)
    records.loc[leads, "sql_at"] = earliest
    contacts = records.loc[leads].assign(kind="contact", is_linked=True, converted_opp=-1)
    contacts["record_id"], contacts["created_at"] = contacts["contact_id"], contacts["converted_at"]
    contacts["mql_at"] = contacts["sql_at"] = pd.NaT
    contacts["owner_key"] = (
        deals.opps.set_index("opp_key")["owner_key"]
        .reindex(first.reindex(contacts["person_key"])["opp_key"])
        .to_numpy()
    )
    return pd.concat([records, contacts], ignore_index=True)
