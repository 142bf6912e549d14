"""The true funnel: who reached which stage when, of whom each step's cohort is made, and how far cohorts came."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from warehouse.demo.company import STAGES, utc_to_date
from warehouse.demo.scopes import GRAINS, SCOPES, rep_names, starts
from warehouse.demo.world import NEVER, World, owner_at

STEPS: Mapping[tuple[str, str], int] = {
    ("lead", "mql"): 30,
    ("mql", "sql"): 30,
    ("sql", "opportunity"): 30,
    ("opportunity", "demo"): 30,
    ("demo", "proposal"): 45,
    ("proposal", "won"): 90,
    ("lead", "sql"): 60,
    ("lead", "opportunity"): 90,
    ("lead", "won"): 270,
    ("mql", "won"): 240,
    ("sql", "won"): 210,
    ("opportunity", "won"): 180,
    ("demo", "won"): 150,
}


PERSON_STAGES = ("lead", "mql", "sql")


def reached_days(world: World) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Days on which people and new-business opportunities reached each stage, with the owner then.

    Reached: entered it or any later stage but lost; a later stage dated before an earlier one pulls it forward.
    Strict: entered it, and all before it, in order.
    """
    opps = world.opps[world.opps["opportunity_type"] == "new_business"]
    entries = world.entries[world.entries["opp_key"].isin(opps.index)]
    first = (
        entries[entries["stage"].isin(STAGES)].groupby(["opp_key", "stage"])["at"].min().unstack().reindex(opps.index)
    )
    times = pd.DataFrame(index=opps.index)
    times["opportunity"] = pd.concat([first["opportunity"], opps["created_at"]], axis=1).min(axis=1)
    for stage in ("demo", "proposal"):
        times[stage] = first[stage]
    ever_won = first["won"]
    times["won"] = opps["closed_at"].where(opps["status"] == "won")
    # a win that was taken back proves the stages before it, not itself
    pulled = times.assign(won=times["won"].fillna(ever_won))
    order = ["opportunity", "demo", "proposal", "won"]
    at = _earliest_from(pulled[order])
    at["won"] = times["won"]
    days = at.apply(utc_to_date)
    days["won"] = opps["close_date"].where(opps["status"] == "won")
    days[order] = _earliest_from(days[order]).assign(won=days["won"])
    deal = _wide(days, order, "day")
    strict_days = pd.DataFrame(
        {"opportunity": first["opportunity"], "demo": first["demo"], "proposal": first["proposal"]}
    ).apply(utc_to_date)
    strict_days["won"] = days["won"]
    deal = deal.join(_strict(strict_days, order))
    for stage in order:
        deal[f"rep_{stage}"] = owner_at(world.owners, deal.index.to_series(), at[stage].fillna(NEVER))
    deal = deal.join(opps[["segment", "channel", "product", "credited"]])

    people = world.people[~world.people["is_excluded"]]
    deal_days = deal.groupby("credited")[[f"day_{stage}" for stage in order]].min()
    deal_strict = deal.groupby("credited")[[f"strict_{stage}" for stage in order]].min()
    days = people[["lead_at", "mql_at", "sql_at"]].apply(utc_to_date)
    days.columns = list(PERSON_STAGES)
    for stage in order:
        days[stage] = deal_days[f"day_{stage}"].reindex(people.index)
    entered = days.copy()
    for stage in order:
        entered[stage] = deal_strict[f"strict_{stage}"].reindex(people.index)
    full = list(STAGES)
    days = _earliest_from(days[full])
    person = _wide(days, full, "day").join(_strict(entered, full)).join(people[["segment", "channel", "rep_key"]])
    for stage in full:
        person[f"rep_{stage}"] = person["rep_key"]
    return person, deal


def _earliest_from(times: pd.DataFrame) -> pd.DataFrame:
    """The earliest time in each column or any column to its right; a stage that was skipped gets one too."""
    out = times.copy()
    columns = list(times.columns)
    for left, right in reversed(list(itertools.pairwise(columns))):
        out[left] = pd.concat([out[left], out[right]], axis=1).min(axis=1)
    return out


def _wide(days: pd.DataFrame, stages: Iterable[str], prefix: str) -> pd.DataFrame:
    return pd.DataFrame({f"{prefix}_{stage}": days[stage] for stage in stages}, index=days.index)


def _strict(entered: pd.DataFrame, stages: Iterable[str]) -> pd.DataFrame:
    out = pd.DataFrame(index=entered.index)
    before = pd.Series(pd.Timestamp("1900-01-01"), index=entered.index)
    for stage in stages:
        ok = entered[stage].notna() & before.notna() & (entered[stage] >= before)
        before = entered[stage].where(ok)
        out[f"strict_{stage}"] = before
    return out


def windows(person: pd.DataFrame, deal: pd.DataFrame, years: Iterable[int]) -> dict[tuple[int, str, str], int]:
    """Days a cohort is given per step, frozen by year: the 90th percentile among past converters, or the default."""
    found = {}
    for year in years:
        start = pd.Timestamp(year, 1, 1)
        for (first, last), default in STEPS.items():
            unit = person if first in PERSON_STAGES else deal
            entered, reached = unit[f"day_{first}"], unit[f"day_{last}"]
            cohort = (
                (entered >= start - pd.DateOffset(months=36))
                & (entered < start - pd.DateOffset(months=12))
                & (reached < start)
            )
            waits = (reached - entered)[cohort].dt.days
            found[year, first, last] = int(np.ceil(np.round(waits.quantile(0.9), 9))) if len(waits) >= 30 else default
    return found


def funnel_truth(world: World) -> pd.DataFrame:
    """Entrants and conversions of every step by cohort period and scope, reached and strict."""
    person, deal = reached_days(world)
    as_of = pd.Timestamp(world.story.as_of)
    given = windows(person, deal, range(world.story.start.year, as_of.year + 1))
    frames = []
    for first, last in STEPS:
        unit = person if first in PERSON_STAGES else deal
        for counting, prefix in (("reached", "day"), ("strict", "strict")):
            entered, reached = unit[f"{prefix}_{first}"], unit[f"{prefix}_{last}"]
            cohort = unit[entered.notna() & (entered <= as_of)].copy()
            cohort["date"], cohort["end"] = entered, reached.where(reached <= as_of)
            limit = cohort["date"].dt.year.map(lambda year, first=first, last=last: given[year, first, last])
            wait = (cohort["end"] - cohort["date"]).dt.days
            frame = pd.DataFrame(
                {
                    "date": cohort["date"],
                    "entrants": 1,
                    "converted": (wait <= limit).astype(int),
                    "to_date": cohort["end"].notna().astype(int),
                }
            )
            frame["rep"], frame["team"] = rep_names(world, cohort[f"rep_{first}"])
            frame["segment"], frame["channel"] = cohort["segment"], cohort["channel"]
            frame["product"] = cohort.get("product", "unknown")
            frames.append(frame.assign(first=first, last=last, counting=counting))
    facts = pd.concat(frames, ignore_index=True).assign(company="all")
    out = []
    for grain in GRAINS:
        facts["start"] = starts(facts["date"], grain)
        for scope in SCOPES:
            total = facts.groupby(["first", "last", "counting", "start", scope], as_index=False)[
                ["entrants", "converted", "to_date"]
            ].sum()
            out.append(total.rename(columns={scope: "scope_id"}).assign(grain=grain, scope_type=scope))
    return pd.concat(out, ignore_index=True)


def cohort_truth(world: World) -> pd.DataFrame:
    """How far the cohorts of every stage have come by the as-of date, by period and scope, reached and strict.

    Columns: grain, start, scope_type, scope_id, cohort_stage, stage, counting, reached, without_lead.
    """
    person, deal = reached_days(world)
    as_of = pd.Timestamp(world.story.as_of)
    unled = deal[deal["credited"].isna()]
    frames = []
    for counting, prefix in (("reached", "day"), ("strict", "strict")):
        for cohort_stage, stage in itertools.combinations_with_replacement(STAGES, 2):
            is_person = cohort_stage in PERSON_STAGES
            unit = person if is_person else deal
            frames.append(_came(world, unit, prefix, cohort_stage, stage, as_of).assign(reached=1, counting=counting))
            if is_person and stage not in PERSON_STAGES:
                without = _came(world, unled, prefix, "opportunity", stage, as_of)
                frames.append(without.assign(without_lead=1, counting=counting, cohort_stage=cohort_stage))
    facts = pd.concat(frames, ignore_index=True).fillna({"reached": 0, "without_lead": 0}).assign(company="all")
    out = []
    for grain in GRAINS:
        facts["start"] = starts(facts["date"], grain)
        for scope in SCOPES:
            total = facts.groupby(["cohort_stage", "stage", "counting", "start", scope], as_index=False)[
                ["reached", "without_lead"]
            ].sum()
            out.append(total.rename(columns={scope: "scope_id"}).assign(grain=grain, scope_type=scope))
    return pd.concat(out, ignore_index=True)


def _came(
    world: World, unit: pd.DataFrame, prefix: str, cohort_stage: str, stage: str, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Those of a unit that entered a stage and have reached another one, with the day and scopes of the entry."""
    entered = unit[f"{prefix}_{cohort_stage}"]
    came = unit[(entered <= as_of) & (unit[f"{prefix}_{stage}"] <= as_of)]
    frame = pd.DataFrame({"date": came[f"{prefix}_{cohort_stage}"]})
    frame["rep"], frame["team"] = rep_names(world, came[f"rep_{cohort_stage}"])
    frame["segment"], frame["channel"] = came["segment"], came["channel"]
    frame["product"] = came.get("product", "unknown")
    return frame.assign(cohort_stage=cohort_stage, stage=stage)
