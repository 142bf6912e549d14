"""The true KPIs of a world: the definitions of `docs/decisions/` read once more, in pandas, apart from the models.

Amounts are euro cents until they are written; every value is kept as its parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from warehouse.demo.business_time import business_minutes
from warehouse.demo.company import utc_to_date
from warehouse.demo.cost_truth import AD_CHANNELS, acquisition_costs, ad_spend, lagged_truth
from warehouse.demo.funnel_truth import cohort_truth, funnel_truth
from warehouse.demo.lifetime_truth import lifetime_truth
from warehouse.demo.margin_truth import margin_truth, product_truth
from warehouse.demo.outreach_truth import AMOUNTS, COUNTS, RATES, outreach_facts
from warehouse.demo.pipeline_truth import pipeline_truth
from warehouse.demo.record_truth import quantile_truth
from warehouse.demo.retention_truth import retention_truth
from warehouse.demo.scopes import GRAINS, KEYS, SCOPES, rep_names, starts
from warehouse.demo.velocity_truth import progress_truth, quota_truth
from warehouse.demo.world import World, owner_at

FACT = ["component", "date", "rep", "team", "segment", "channel", "product", "value"]


@dataclass(frozen=True)
class Truth:
    """True values.

    components: component, grain, start, scope_type, scope_id, value.   kpis: the same with kpi_code, numerator,
    denominator, value.   funnel: from, to, counting, view, grain, start, scope, entrants, converted, to_date.
    cohorts: cohort_stage, stage, counting, grain, start, scope, reached, without_lead.
    pipeline: grain, start, scope_type, scope_id, amounts of the waterfall, counts of what was due and pushed.
    """

    components: pd.DataFrame
    kpis: pd.DataFrame
    funnel: pd.DataFrame
    cohorts: pd.DataFrame
    pipeline: pd.DataFrame


def true_values(world: World) -> Truth:
    """Every component and KPI of a world, by period and scope."""
    outreach = (
        _facts(world, component, frame, rep=rep, value=value)
        for component, frame, rep, value in outreach_facts(world, outbound_touches(world))
    )
    facts = pd.concat([*_activity(world), *_deal_facts(world), *_money(world), *outreach], ignore_index=True)
    facts = facts[facts["date"] <= pd.Timestamp(world.story.as_of)]
    components = _summed(facts)
    funnel = funnel_truth(world)
    cycles = _valid_cycles(world)
    records = {
        "speed": (_timed_people(world), "rep_key", "minutes"),
        "size": (_sales(world).assign(euro=lambda f: f["won_cents"] / 100), "owner_closed", "euro"),
        "cycle": (cycles, "owner_closed", "days"),
        "own_cycle": (_own_cycles(world), "owner_closed", "days"),
    }
    by_period = {code: frame.set_index(KEYS)["value"] for code, frame in components.groupby("component")}
    kpis = pd.concat(
        [
            _kpis(components, funnel),
            _people_touched(world),
            lifetime_truth(world, components),
            quantile_truth(world, records),
            lagged_truth(world, acquisition_costs(world), cycles, by_period["new_customers"]),
            retention_truth(world),
            margin_truth(world, _new_customers(world)),
            progress_truth(world),
            quota_truth(world, by_period["bookings_amount"]),
        ],
        ignore_index=True,
    )
    kpis = pd.concat([kpis, product_truth(kpis)], ignore_index=True)
    return Truth(components, kpis, funnel, cohort_truth(world), pipeline_truth(world))


def _facts(
    world: World, component: str, frame: pd.DataFrame, *, rep: str | None = None, value: str | float = 1
) -> pd.DataFrame:
    """Facts of a frame with a `date`; scopes from its columns of the scopes' names and the rep in column `rep`."""
    out = pd.DataFrame({"date": frame["date"]})
    out["component"] = component
    keys = frame[rep] if rep else pd.Series(-1, index=frame.index)
    out["rep"], out["team"] = rep_names(world, keys)
    for scope in ("segment", "channel", "product"):
        out[scope] = frame[scope].fillna("unknown") if scope in frame else "unknown"
    out["value"] = frame[value].astype(float) if isinstance(value, str) else float(value)
    return out[FACT]


def _activity(world: World) -> Iterable[pd.DataFrame]:
    log = world.activities
    before = log["at"] < world.story.extracted_at
    done = (log["status"] == "done") & before
    outbound = log["direction"] == "outbound"
    calls = log[(log["kind"] == "call") & outbound & done]
    yield _facts(world, "calls_made", calls, rep="rep_key")
    yield _facts(world, "calls_connected", calls[calls["outcome"] == "connected"], rep="rep_key")
    emails = log[(log["kind"] == "email") & outbound & done & (log["outcome"] == "sent")]
    yield _facts(world, "emails_sent", emails, rep="rep_key")
    meetings = log[(log["kind"] == "meeting") & (log["outcome"] != "rescheduled")]
    yield _facts(world, "meetings_booked", meetings.assign(date=meetings["booked_date"]), rep="rep_key")
    held = meetings[meetings["outcome"].isin(["held", ""]) & (meetings["at"] < world.story.extracted_at)]
    yield _facts(world, "meetings_held", held, rep="rep_key")
    touches = outbound_touches(world).sort_values(["person_id", "at", "act_key"], kind="stable")
    yield _facts(world, "leads_contacted", touches.groupby("person_id").head(1), rep="rep_key")
    people = world.people[~world.people["is_excluded"]]
    first_seen = world.touches[world.touches["at"] < world.story.extracted_at].groupby("person_id")["at"].min()
    known = pd.concat([people["lead_at"], first_seen.reindex(people.index)], axis=1).min(axis=1)
    yield _facts(world, "new_contacts", people.assign(date=utc_to_date(known)), rep="rep_key")
    timed = _timed_people(world)
    yield _facts(world, "speed_to_lead_people", timed, rep="rep_key")
    yield _facts(world, "people_attempted_within_60", timed[timed["minutes"] <= 60], rep="rep_key")
    yield _facts(world, "website_visits", world.traffic.assign(date=world.traffic["day"]), value="visits")


def outbound_touches(world: World) -> pd.DataFrame:
    """Touches of people a human made: completed outbound calls, e-mails that arrived, meetings held."""
    log = world.touches
    past = log["at"] < world.story.extracted_at
    reached = (log["kind"] == "call") & (log["direction"] == "outbound") & (log["status"] == "done")
    reached |= (log["kind"] == "email") & (log["direction"] == "outbound") & (log["outcome"] == "sent")
    reached |= (log["kind"] == "meeting") & log["outcome"].isin(["held", ""])
    touched = log[reached & past]
    excluded = world.people.index[world.people["is_excluded"]]
    return touched[~touched["person_id"].isin(excluded)]


def _timed_people(world: World) -> pd.DataFrame:
    """People whose first attempt can be timed, by the day of their record, with its business minutes."""
    people = world.people[~world.people["is_excluded"]]
    past = world.touches[world.touches["at"] < world.story.extracted_at]
    first_seen = past.groupby("person_id")["at"].min().reindex(people.index)
    people = people[~(first_seen < people["lead_at"])]
    touches = outbound_touches(world).join(people["lead_at"], on="person_id", how="inner")
    attempt = touches[touches["at"] >= touches["lead_at"]].groupby("person_id")["at"].min().reindex(people.index)
    return people.assign(date=utc_to_date(people["lead_at"]), minutes=business_minutes(people["lead_at"], attempt))


def _sales(world: World) -> pd.DataFrame:
    """Deals won with an amount, renewals left out."""
    won = world.opps[(world.opps["status"] == "won") & (world.opps["opportunity_type"] != "renewal")]
    return won[won["won_cents"] > 0].assign(date=lambda f: f["close_date"])


def _valid_cycles(world: World) -> pd.DataFrame:
    """New business won, with the days from first contact; not those that end before they began."""
    won = world.opps[(world.opps["status"] == "won") & (world.opps["opportunity_type"] == "new_business")]
    cycles = _cycles(world, won.assign(date=won["close_date"]))
    return cycles[cycles["days"] >= 0]


def _own_cycles(world: World) -> pd.DataFrame:
    """New business won, with the days from the creation of the opportunity."""
    won = world.opps[(world.opps["status"] == "won") & (world.opps["opportunity_type"] == "new_business")]
    days = (won["close_date"] - utc_to_date(won["created_at"])).dt.days
    return won.assign(date=won["close_date"], days=days)[days >= 0]


def _deal_facts(world: World) -> Iterable[pd.DataFrame]:
    opps = world.opps
    yield _facts(
        world,
        "opportunities_created",
        opps[opps["opportunity_type"] == "new_business"].assign(date=lambda f: utc_to_date(f["created_at"])),
        rep="owner_created",
    )
    closed = opps[opps["status"] != "open"].assign(date=lambda f: f["close_date"])
    new = closed[closed["opportunity_type"] == "new_business"]
    yield _facts(world, "closed_opportunities", new, rep="owner_closed")
    yield _facts(world, "won_opportunities", new[new["status"] == "won"], rep="owner_closed")
    booked = world.bookings.join(opps.drop(columns=["created_at"]), on="opp_key")
    booked = booked[booked["opportunity_type"] != "renewal"]
    # the booking follows the owner of its win, also when the deal has moved on since
    win_owner = _win_owners(world)
    booked = booked.assign(owner=win_owner.reindex(booked.index).to_numpy())
    yield _facts(world, "bookings_amount", booked, rep="owner", value="cents")
    sold = _sales(world)
    yield _facts(world, "won_amount", sold, rep="owner_closed", value="won_cents")
    yield _facts(world, "won_with_amount", sold, rep="owner_closed")
    cycle = _valid_cycles(world)
    yield _facts(world, "sales_cycle_days_sum", cycle, rep="owner_closed", value="days")
    yield _facts(world, "sales_cycle_deals", cycle, rep="owner_closed")
    own = _own_cycles(world)
    yield _facts(world, "opportunity_cycle_days_sum", own, rep="owner_closed", value="days")
    yield _facts(world, "opportunity_cycle_deals", own, rep="owner_closed")
    conquest = sold[sold["opportunity_type"] == "new_business"]
    yield _facts(world, "new_business_won_amount", conquest, rep="owner_closed", value="won_cents")
    yield _facts(world, "new_business_won_with_amount", conquest, rep="owner_closed")
    customers = _new_customers(world)
    yield _facts(world, "new_customers", customers, rep="owner_closed")
    paid = customers[customers["channel"].isin(AD_CHANNELS.values())]
    yield _facts(world, "paid_new_customers", paid, rep="owner_closed")


def _win_owners(world: World) -> pd.Series:
    """Owner at the win that each row of the bookings ledger belongs to, by position in the ledger."""
    wins = world.entries[world.entries["stage"] == "won"].assign(number=lambda f: f.groupby("opp_key").cumcount())
    wins["owner"] = owner_at(world.owners, wins["opp_key"], wins["at"])
    opens = world.bookings.assign(number=lambda f: f.groupby("opp_key")["cents"].transform(_win_number))
    merged = opens.reset_index().merge(wins[["opp_key", "number", "owner"]], on=["opp_key", "number"], how="left")
    return merged.set_index("index")["owner"]


def _win_number(cents: pd.Series) -> pd.Series:
    """0 for rows of a deal's first win, 1 for its second: a new one begins when the ledger is back at nothing."""
    before = cents.cumsum().shift(fill_value=0)
    return (before == 0).cumsum() - 1


def _cycles(world: World, won: pd.DataFrame) -> pd.DataFrame:
    """Days from first contact to closing: the earliest outbound or two-way touch since the account's last closing."""
    log = world.touches[world.touches["at"] < world.story.extracted_at]
    inbound = log[(log["direction"] == "inbound") & (log["kind"] == "call") & (log["outcome"] == "connected")]
    contacts = pd.concat([outbound_touches(world), inbound])[["person_id", "date"]]
    closings = world.opps[world.opps["status"] != "open"][["account_key", "close_date"]]
    # a deal began no later than it closed, so that its own closing is none before it
    began = pd.concat([utc_to_date(won["created_at"]), won["close_date"]], axis=1).min(axis=1)
    earlier = won[["account_key"]].assign(began=began).reset_index().merge(closings, on="account_key")
    earlier = earlier[earlier["close_date"] < earlier["began"]]
    previous = earlier.groupby("opp_key")["close_date"].max().reindex(won.index).fillna(pd.Timestamp("1900-01-01"))
    pairs = (
        won[["close_date"]]
        .assign(previous=previous)
        .reset_index()
        .merge(world.opp_people, on="opp_key")
        .merge(contacts, on="person_id")
    )
    pairs = pairs[(pairs["date"] > pairs["previous"]) & (pairs["date"] <= pairs["close_date"])]
    first = pairs.groupby("opp_key")["date"].min().reindex(won.index)
    lead = utc_to_date(world.people["lead_at"].reindex(won["credited"].fillna("")))
    lead.index = won.index
    created = utc_to_date(won["created_at"])
    records = pd.concat([lead.where(lead > previous), created], axis=1).min(axis=1)
    first = first.fillna(records)
    return won.assign(days=(won["close_date"] - first).dt.days)


def _new_customers(world: World) -> pd.DataFrame:
    won = world.opps[world.opps["status"] == "won"].sort_values(["close_date", "closed_at", "opp_id"], kind="stable")
    first = won.groupby("account").head(1).set_index("account")
    paid = (
        world.invoices[world.invoices["paid_date"].notna()]
        .sort_values(["paid_date"], kind="stable")
        .groupby("account")
        .head(1)
        .set_index("account")
    )
    accounts = first.index.union(paid.index)
    date = pd.concat([first["close_date"].reindex(accounts), paid["paid_date"].reindex(accounts)], axis=1).min(axis=1)
    frame = first[["owner_closed", "segment", "channel", "product"]].reindex(accounts)
    frame["segment"] = frame["segment"].fillna(paid["segment"].reindex(accounts))
    frame[["channel", "product"]] = frame[["channel", "product"]].fillna("unallocated")
    return frame.assign(date=date)


def _money(world: World) -> Iterable[pd.DataFrame]:
    final = world.invoices[world.invoices["status"].isin(["paid", "open", "uncollectible"])]
    yield _facts(world, "revenue_net_amount", final, value="cents")
    yield _facts(
        world, "revenue_net_amount", world.credit_notes.assign(cents=-world.credit_notes["cents"]), value="cents"
    )
    yield _facts(world, "cash_collected_amount", world.payments, value="cents")
    yield _facts(world, "acquisition_cost_amount", acquisition_costs(world), value="cents")
    yield _facts(world, "ad_spend_amount", ad_spend(world), value="cents")


def _summed(facts: pd.DataFrame) -> pd.DataFrame:
    frames = []
    for grain in GRAINS:
        period = facts.assign(start=starts(facts["date"], grain), company="all")
        for scope in SCOPES:
            total = period.groupby(["component", "start", scope], as_index=False)["value"].sum()
            frames.append(total.rename(columns={scope: "scope_id"}).assign(grain=grain, scope_type=scope))
    return pd.concat(frames, ignore_index=True)


SUMS = (
    "calls_made",
    "calls_connected",
    "emails_sent",
    "meetings_booked",
    "meetings_held",
    "leads_contacted",
    "new_contacts",
    "opportunities_created",
    "website_visits",
    "bookings_amount",
    "new_customers",
    "revenue_net_amount",
    "acquisition_cost_amount",
    "cash_collected_amount",
    *COUNTS,
)


RATIOS = {
    **RATES,
    "win_rate": ("won_opportunities", "closed_opportunities"),
    "average_deal_size": ("won_amount", "won_with_amount"),
    "sales_cycle_days": ("sales_cycle_days_sum", "sales_cycle_deals"),
    "sales_cycle_from_opportunity_days": ("opportunity_cycle_days_sum", "opportunity_cycle_deals"),
    "new_business_deal_size": ("new_business_won_amount", "new_business_won_with_amount"),
    "cac_amount": ("acquisition_cost_amount", "new_customers"),
    "cac_paid_amount": ("ad_spend_amount", "paid_new_customers"),
    "speed_to_lead_within_60_rate": ("people_attempted_within_60", "speed_to_lead_people"),
}


MONEY_RATIOS = ("average_deal_size", "new_business_deal_size", "cac_amount", "cac_paid_amount")


STEP_KPIS = (
    "lead_to_mql",
    "mql_to_sql",
    "lead_to_sql",
    "lead_to_opportunity",
    "sql_to_opportunity",
    "opportunity_to_demo",
    "demo_to_proposal",
    "proposal_to_won",
    "opportunity_to_won",
)


MONEY = (
    *("bookings_amount", "won_amount", "new_business_won_amount", "revenue_net_amount", "cash_collected_amount"),
    *("acquisition_cost_amount", "ad_spend_amount", *AMOUNTS),
)


def _kpis(components: pd.DataFrame, funnel: pd.DataFrame) -> pd.DataFrame:
    scaled = components.assign(value=components["value"] / np.where(components["component"].isin(MONEY), 100, 1))
    by_code = {code: frame.set_index(KEYS)["value"] for code, frame in scaled.groupby("component")}
    frames = []
    for code in SUMS:
        frames.append(by_code[code].reset_index().assign(kpi_code=code, numerator=lambda f: f["value"]))
    for code, (top, bottom) in RATIOS.items():
        both = pd.concat([by_code[top].rename("numerator"), by_code[bottom].rename("denominator")], axis=1)
        if code not in MONEY_RATIOS:  # an amount nothing is booked for yet is unknown, not nil
            both["numerator"] = both["numerator"].fillna(0)
        both["denominator"] = both["denominator"].fillna(0)
        frames.append(both.reset_index().assign(kpi_code=code))
    reached = funnel[funnel["counting"] == "reached"]
    for code in STEP_KPIS:
        first, last = code.split("_to_")
        step = reached[(reached["first"] == first) & (reached["last"] == last)]
        step = step.rename(columns={"converted": "numerator", "entrants": "denominator"})
        name = "close_rate_cohort" if code == "opportunity_to_won" else f"{code}_rate"
        frames.append(step[[*KEYS, "numerator", "denominator"]].assign(kpi_code=name))
    kpis = pd.concat(frames, ignore_index=True)
    ratio = kpis["denominator"].notna()
    divided = kpis["numerator"] / kpis["denominator"].where(kpis["denominator"] != 0)
    kpis["value"] = kpis["value"].where(~ratio, divided)
    return kpis


def _people_touched(world: World) -> pd.DataFrame:
    touches = outbound_touches(world)
    touches = touches[touches["date"] <= pd.Timestamp(world.story.as_of)].assign(company="all")
    touches["rep"], touches["team"] = rep_names(world, touches["rep_key"])
    frames = []
    for grain in GRAINS:
        touches["start"] = starts(touches["date"], grain)
        for scope in ("company", "team", "rep"):
            count = touches.groupby(["start", scope])["person_id"].nunique().rename("value").reset_index()
            frames.append(
                count.rename(columns={scope: "scope_id"}).assign(
                    grain=grain, scope_type=scope, kpi_code="people_touched"
                )
            )
    return pd.concat(frames, ignore_index=True)
