"""The company as it is (`complete`) and as its exports of the day can tell (`observable`).

Both worlds have the same shape, so that one reading of the KPI definitions serves both. The observable one is made
from the simulator's own tables, never by reading the exports back: what was not entered yet is left out, people and
accounts are what shared e-mails, links and domains make of the records, owners before the reach of Salesforce's
field history are the ones it remembers.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd

from warehouse.demo.activities import Activities
from warehouse.demo.billed import billed_customers, documents, payments, prices
from warehouse.demo.billing import Billing
from warehouse.demo.company import HUBSPOT, OWN_DOMAIN, SALESFORCE, Story, local_to_utc, utc_day, utc_to_date
from warehouse.demo.deals import Deals
from warehouse.demo.people import FREE_MAIL, Population
from warehouse.demo.quotas import agreed_targets
from warehouse.demo.spending import Spending, rate, to_euro_cents

NEVER = pd.Timestamp("2262-01-01")


@dataclass(frozen=True)
class World:
    """One reading of the company; ids are the reading's own, times UTC, `_date` days in Paris, amounts euro cents.

    people (index person_id): lead_at, mql_at, sql_at, rep_key, channel, segment, is_excluded.
    opps (index opp_key): opportunity_type, account (root), account_id, created_at, status, closed_at, close_date,
        won_cents, credited, channel, segment, product, owner_created, owner_closed.
    entries: opp_key, stage, at (entries of stages, in order).   owners: opp_key, owner_key, at.
    opp_people: opp_key, person_id.   bookings: opp_key, date, cents.
    amounts: opp_key, cents, at.   due: opp_key, due (day), at.
    touches: act columns with person_id.   activities: one row per activity.
    invoices, credit_notes: account (root), segment, date, cents, months, is_paid.
    payments: segment, date, cents (refunds negative, taxes included).
    subscriptions: account, starts, ends.   prices: subscription_key, date, cents a month of its currency, in order.
    targets: bookings agreed on by month: start, scope_type, scope_id, euro.
    """

    story: Story
    reps: pd.DataFrame
    people: pd.DataFrame
    opps: pd.DataFrame
    entries: pd.DataFrame
    owners: pd.DataFrame
    opp_people: pd.DataFrame
    bookings: pd.DataFrame
    amounts: pd.DataFrame
    due: pd.DataFrame
    activities: pd.DataFrame
    touches: pd.DataFrame
    invoices: pd.DataFrame
    credit_notes: pd.DataFrame
    payments: pd.DataFrame
    subscriptions: pd.DataFrame
    prices: pd.DataFrame
    targets: pd.DataFrame
    ledger: pd.DataFrame
    ads: pd.DataFrame
    traffic: pd.DataFrame


def make_world(
    story: Story,
    reps: pd.DataFrame,
    population: Population,
    records: pd.DataFrame,
    deals: Deals,
    activities: Activities,
    billing: Billing,
    spending: Spending,
    *,
    observable: bool,
) -> World:
    """The complete or the observable world of a story."""
    accounts = population.accounts.set_index("account_key")
    present = records[records["merged_at"].isna()].copy() if observable else records.copy()
    known = _known_accounts(present, deals, accounts)
    person_of = _person_ids(records, observable=observable)
    people = _people(present, person_of, accounts, known, observable=observable)
    root = _roots(accounts, known, observable=observable)
    entries = (
        deals.stages
        if observable
        else pd.concat([deals.stages, deals.unrecorded]).sort_values(["opp_key", "at"], kind="stable")
    )
    owners = _owner_log(story, deals, observable=observable)
    opp_people = _opp_people(deals, records, person_of)
    opps = _opps(deals, entries, owners, opp_people, people, accounts, root)
    log, touches = _touches(story, activities, person_of, observable=observable)
    customers = billed_customers(billing, root, accounts, observable=observable)
    invoices, credit_notes, subscriptions = documents(billing, customers)
    return World(
        story,
        reps,
        people,
        opps,
        entries,
        owners,
        opp_people,
        _bookings(opps, entries, deals),
        deals.amounts,
        deals.due,
        log,
        touches,
        invoices,
        credit_notes,
        payments(billing, customers),
        subscriptions,
        prices(story, billing, observable=observable),
        agreed_targets(story, reps),
        spending.ledger,
        spending.ads,
        spending.traffic,
    )


def _domain(emails: pd.Series) -> pd.Series:
    return emails.str.lower().str.split("@").str[1]


def _known_accounts(present: pd.DataFrame, deals: Deals, accounts: pd.DataFrame) -> dict[str, set[int]]:
    """Accounts that have a record in each CRM: those of linked people and of deals, and their parents."""
    linked = present[present["is_linked"]]
    known = {}
    for crm in (HUBSPOT, SALESFORCE):
        keys = set(linked.loc[linked["instance"] == crm, "account_key"]) | set(
            deals.opps.loc[deals.opps["instance"] == crm, "account_key"]
        )
        native = {key for key in keys if accounts.at[key, "crm"] == crm}
        parents = set(accounts.loc[list(native), "parent_key"]) - {-1}
        known[crm] = {int(key) for key in keys | parents}
    return known


def _person_ids(records: pd.DataFrame, *, observable: bool) -> pd.Series:
    """The person of each record."""
    if not observable:
        return records["person_key"].astype(str)
    graph: nx.Graph[tuple[str, object]] = nx.Graph()
    graph.add_nodes_from(("record", index) for index in records.index)
    by_id = {(row.instance, row.record_id): row.Index for row in records.itertuples()}
    for row in records.itertuples():
        if pd.notna(row.merged_at):
            graph.add_edge(("record", row.Index), ("record", by_id[row.instance, row.into]))
            continue  # a record merged away takes its address with it
        if isinstance(row.email, str):
            graph.add_edge(("record", row.Index), ("email", row.email.strip().lower()))
        if row.kind == "lead" and isinstance(row.contact_id, str):
            graph.add_edge(("record", row.Index), ("record", by_id[row.instance, row.contact_id]))
    person = {}
    for number, component in enumerate(nx.connected_components(graph)):
        person.update({index: f"p{number}" for kind, index in component if kind == "record"})
    return pd.Series(person).reindex(records.index)


def _people(
    present: pd.DataFrame,
    person_of: pd.Series,
    accounts: pd.DataFrame,
    known: dict[str, set[int]],
    *,
    observable: bool,
) -> pd.DataFrame:
    records = present.assign(person_id=person_of.reindex(present.index), is_crm=present["kind"] != "prospect")
    if observable:
        everywhere = set().union(*known.values())
        domain = _domain(records["email"].fillna(""))
        by_domain = domain.notna() & ~domain.isin([FREE_MAIL, OWN_DOMAIN])
        by_website = (records["kind"] == "lead") | (records["kind"] == "prospect")
        resolves = records["is_linked"] | ((by_domain | by_website) & records["account_key"].isin(everywhere))
        records["segment"] = accounts["segment"].reindex(records["account_key"]).to_numpy()
        # an unconverted lead carries its company's size even where no account record exists
        records["segment"] = records["segment"].where(resolves | (records["kind"] == "lead"))
        records["resolves"] = resolves
    else:
        records["segment"] = accounts["segment"].reindex(records["account_key"]).to_numpy()
        records["resolves"] = True
    records = records.sort_values(
        ["person_id", "is_crm", "created_at", "record_id"], ascending=[True, False, True, True], kind="stable"
    )
    records["account_segment"] = records["segment"].where(records["resolves"])
    records["is_internal"] = _domain(records["email"].fillna("")) == OWN_DOMAIN
    grouped = records.groupby("person_id")
    people = grouped.agg(
        lead_at=("created_at", "min"),
        mql_at=("mql_at", "min"),
        sql_at=("sql_at", "min"),
        rep_key=("owner_key", "first"),
        channel=("channel", "first"),
        account_segment=("account_segment", "first"),
        own_segment=("segment", "first"),
        is_excluded=("is_internal", "max"),
    )
    people["segment"] = people["account_segment"].fillna(people["own_segment"]).fillna("unknown")
    return people.drop(columns=["account_segment", "own_segment"])


def _roots(accounts: pd.DataFrame, known: dict[str, set[int]], *, observable: bool) -> pd.Series:
    """The parent account of each account, itself where none is known."""
    parent = accounts["parent_key"]
    if observable:
        visible = pd.Series(
            [key in known[crm] for key, crm in zip(accounts.index, accounts["crm"], strict=True)],
            index=accounts.index,
        )
        parent = parent.where(visible, -1)
    return parent.where(parent >= 0, pd.Series(accounts.index, index=accounts.index))


def _owner_log(story: Story, deals: Deals, *, observable: bool) -> pd.DataFrame:
    """Owners of deals over time; the first row of a deal holds from the beginning."""
    owners = deals.owners
    if not observable:
        return owners
    instance = deals.opps.set_index("opp_key")["instance"].reindex(owners["opp_key"]).to_numpy()
    first = ~owners.duplicated("opp_key")
    lost = (instance == SALESFORCE) & (owners["at"] < story.field_history_from).to_numpy() & ~first.to_numpy()
    # a forgotten change leaves the deal with the owner it ended at before history begins
    kept = owners.assign(is_lost=lost)
    present = kept[kept["is_lost"]].groupby("opp_key")["owner_key"].last()
    kept = kept[~kept["is_lost"]].copy()
    starts = ~kept.duplicated("opp_key")
    kept.loc[starts, "owner_key"] = (
        present.reindex(kept.loc[starts, "opp_key"])
        .fillna(pd.Series(kept.loc[starts, "owner_key"].to_numpy(), index=kept.loc[starts, "opp_key"]))
        .astype(int)
        .to_numpy()
    )
    return kept.drop(columns=["is_lost"])


def owner_at(owners: pd.DataFrame, opp_keys: pd.Series, times: pd.Series) -> pd.Series:
    """Owner of each opportunity at a time; the first one before the log begins."""
    asked = pd.DataFrame({"opp_key": opp_keys.to_numpy(), "time": times.to_numpy(), "order": np.arange(len(opp_keys))})
    asked = asked.sort_values("time", kind="stable")
    found = pd.merge_asof(asked, owners.sort_values("at", kind="stable"), left_on="time", right_on="at", by="opp_key")
    first = owners.groupby("opp_key")["owner_key"].first()
    found["owner_key"] = found["owner_key"].fillna(
        pd.Series(first.reindex(found["opp_key"]).to_numpy(), index=found.index)
    )
    return pd.Series(found.sort_values("order")["owner_key"].to_numpy(), index=opp_keys.index)


def _opp_people(deals: Deals, records: pd.DataFrame, person_of: pd.Series) -> pd.DataFrame:
    """People of each opportunity, by the record of the person in the opportunity's CRM."""
    links = deals.people.merge(deals.opps[["opp_key", "instance"]], on="opp_key")
    first = (
        records[records["merged_at"].isna() & (records["kind"] != "prospect")]
        .sort_values("created_at", kind="stable")
        .reset_index(names="record")
        .groupby(["person_key", "instance"])
        .head(1)
    )
    links = links.merge(first[["person_key", "instance", "record"]], on=["person_key", "instance"])
    links["person_id"] = person_of.reindex(links["record"]).to_numpy()
    return links[["opp_key", "person_id"]].drop_duplicates()


def _opps(
    deals: Deals,
    entries: pd.DataFrame,
    owners: pd.DataFrame,
    opp_people: pd.DataFrame,
    people: pd.DataFrame,
    accounts: pd.DataFrame,
    root: pd.Series,
) -> pd.DataFrame:
    opps = deals.opps.set_index("opp_key")[
        ["instance", "opp_id", "account_key", "opportunity_type", "created_at", "currency", "product"]
    ].copy()
    last = entries.groupby("opp_key").tail(1).set_index("opp_key")
    opps["last_stage"] = last["stage"].reindex(opps.index)
    opps["status"] = opps["last_stage"].where(opps["last_stage"].isin(["won", "lost", "no_decision"]), "open")
    closed = opps["status"] != "open"
    opps["closed_at"] = last["at"].reindex(opps.index).where(closed)
    opps["close_date"] = utc_to_date(last["signed_at"].reindex(opps.index)).where(closed)
    opps["account"] = root.reindex(opps["account_key"]).to_numpy()
    opps["segment"] = accounts["segment"].reindex(opps["account_key"]).to_numpy()
    ranked = opp_people.join(people[["sql_at", "mql_at", "lead_at", "channel"]], on="person_id")
    ranked = ranked.fillna({"sql_at": NEVER, "mql_at": NEVER}).sort_values(
        ["opp_key", "sql_at", "mql_at", "lead_at", "person_id"], kind="stable"
    )
    credited = ranked.groupby("opp_key").head(1).set_index("opp_key")
    opps["credited"] = credited["person_id"].reindex(opps.index)
    opps["channel"] = credited["channel"].reindex(opps.index).fillna("unknown")
    keys = opps.index.to_series()
    opps["owner_created"] = owner_at(owners, keys, opps["created_at"])
    opps["owner_closed"] = owner_at(owners, keys, opps["closed_at"].fillna(NEVER))
    cents = deals.amounts.groupby("opp_key")["cents"].last().reindex(opps.index)
    won = opps["status"] == "won"
    opps["won_cents"] = 0
    opps.loc[won, "won_cents"] = to_euro_cents(cents[won], opps.loc[won, "currency"], opps.loc[won, "close_date"])
    return opps


def _bookings(opps: pd.DataFrame, entries: pd.DataFrame, deals: Deals) -> pd.DataFrame:
    """The ledger of bookings: a win, its reversal when reopened, changes of the amount while won."""
    wins = set(entries.loc[entries["stage"] == "won", "opp_key"])
    stage_log = {
        key: list(frame.itertuples()) for key, frame in entries[entries["opp_key"].isin(wins)].groupby("opp_key")
    }
    prices = {
        key: list(frame.itertuples())
        for key, frame in deals.amounts[deals.amounts["opp_key"].isin(wins)].groupby("opp_key")
    }
    rows = []
    for key in sorted(wins):
        currency = opps.at[key, "currency"]
        events = sorted(
            [(event.at, 1, event) for event in stage_log[key]]
            + [(price.at, 0, price) for price in prices.get(key, [])],
            key=lambda each: each[:2],
        )
        cents, booked, won_on = 0, None, pd.NaT
        for at, is_stage, event in events:
            day = utc_day(at)
            if not is_stage:
                cents = event.cents
                if booked is not None:
                    now = _euro(cents, currency, won_on)
                    rows.append((key, day, now - booked))
                    booked = now
            elif event.stage == "won":
                won_on = utc_day(event.signed_at)
                booked = _euro(cents, currency, won_on)
                rows.append((key, won_on, booked))
            elif booked is not None:
                rows.append((key, day, -booked))
                booked = None
    return pd.DataFrame(rows, columns=["opp_key", "date", "cents"])


def _euro(cents: int, currency: str, day: pd.Timestamp) -> int:
    product = cents * rate(currency, day)
    return (abs(product) + 500_000) // 1_000_000 * (1 if product >= 0 else -1)


def _touches(
    story: Story, activities: Activities, person_of: pd.Series, *, observable: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    log = activities.log
    if observable:
        log = log[log["recorded_at"] < story.extracted_at].copy()
        # of a task entered on a later day Salesforce keeps the day it was done, not the time
        dated = (
            (log["instance"] == SALESFORCE)
            & (log["kind"] != "meeting")
            & (utc_to_date(log["at"]) != utc_to_date(log["recorded_at"]))
        )
        log.loc[dated, "at"] = local_to_utc(utc_to_date(log.loc[dated, "at"]) + pd.Timedelta(hours=12))
        # its tasks hold sent e-mails only, and nothing says which of them bounced
        mail = (log["instance"] == SALESFORCE) & (log["kind"] == "email")
        log = log[~mail | (log["direction"] == "outbound")]
        log.loc[mail & (log["outcome"] == "bounced"), "outcome"] = "sent"
    log = log.assign(date=utc_to_date(log["at"]), booked_date=utc_to_date(log["recorded_at"]))
    people = activities.people.assign(person_id=person_of.reindex(activities.people["record"]).to_numpy())
    if observable:
        # a task names one person, whoever else the e-mail went to
        sole = people["act_key"].isin(log.loc[log["instance"] == SALESFORCE, "act_key"])
        people = people[~sole | ~people.duplicated("act_key")]
    people = people[["act_key", "person_id"]].drop_duplicates()
    return log, people.merge(log, on="act_key")
