"""The true open pipeline: how deals stood when a day ended, and what became between two days of those due in a period.

A day ends at midnight in Paris. Amounts are euro cents at the rate of the month of the day they are looked at.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from warehouse.demo.company import local_to_utc, utc_to_date
from warehouse.demo.due_dates import ENDS
from warehouse.demo.scopes import GRAINS, KEYS, SCOPES, rep_names, starts
from warehouse.demo.spending import to_euro_cents
from warehouse.demo.world import World, owner_at

MOVEMENTS = (
    *(
        "opening",
        "created",
        "carried_over",
        "pulled_in",
        "increased",
        "transferred_in",
        "reopened",
        "decreased",
        "pushed_out",
    ),
    *("transferred_out", "won", "lost", "removed", "revalued", "closing"),
)
MEASURES = [*(f"{name}_amount" for name in (*MOVEMENTS, "open")), "due_count", "pushed_count", "pushes_count"]
DAY = pd.Timedelta(days=1)


def pipeline_truth(world: World) -> pd.DataFrame:
    """Months and quarters by scope: amounts of the waterfall, and what was open, due and put off; no renewals.

    Columns: grain, start, scope_type, scope_id and `MEASURES`, in cents and counts.
    """
    as_of = pd.Timestamp(world.story.as_of)
    opps = world.opps[world.opps["opportunity_type"] != "renewal"].copy()
    opps["created"] = utc_to_date(opps["created_at"])
    periods = _periods(world.story.start, as_of)
    pairs = opps[["created"]].reset_index().merge(periods, how="cross")
    pairs = pairs[pairs["created"] <= pairs["last"]].reset_index(drop=True)
    now = stood(world, opps, pairs["opp_key"], pairs["last"])
    stock = pairs.join(now)[now["is_open"]]
    facts = [
        *_movements(_compared(world, opps, pairs, now)),
        *(_fact(stock, "open_amount", stock["worth"], scope, scope) for scope in SCOPES),
        *_pushes(world, opps, periods),
    ]
    summed = pd.concat(facts).groupby([*KEYS, "measure"])["value"].sum().unstack(fill_value=0)
    return summed.reindex(columns=MEASURES, fill_value=0).reset_index()


def _periods(first: pd.Timestamp, as_of: pd.Timestamp) -> pd.DataFrame:
    days = pd.Series(pd.date_range(first, as_of, freq="D"))
    frames = []
    for grain in ("month", "quarter"):
        frame = pd.DataFrame({"grain": grain, "start": starts(days, grain).unique()})
        frame["end"] = frame["start"].dt.to_period(GRAINS[grain]).dt.end_time.dt.normalize()
        frames.append(frame)
    periods = pd.concat(frames, ignore_index=True)
    return periods.assign(last=periods["end"].clip(upper=as_of))


def stood(world: World, opps: pd.DataFrame, keys: pd.Series, days: pd.Series) -> pd.DataFrame:
    """How deals stood when days ended, row by row: stage, is_open, ended (day), due, cents, worth, scopes."""
    asked = pd.DataFrame({"opp_key": keys, "time": local_to_utc(days + DAY) - pd.Timedelta(seconds=1)})
    asked["time"] = asked["time"].astype("datetime64[ns]")
    asked["order"] = np.arange(len(asked))

    def last(log: pd.DataFrame, column: str) -> pd.Series:
        found = pd.merge_asof(
            asked.sort_values("time", kind="stable"),
            log[["opp_key", "at", column]]
            .rename(columns={column: "found"})
            .astype({"at": "datetime64[ns]"})
            .sort_values("at", kind="stable"),
            left_on="time",
            right_on="at",
            by="opp_key",
        )
        return found.set_index("order")["found"].sort_index().set_axis(keys.index)

    out = opps[["segment", "channel", "product", "currency"]].reindex(keys).set_index(keys.index).assign(company="all")
    out["stage"] = last(world.entries, "stage")
    out["is_open"] = ~out["stage"].isin(ENDS)
    out["ended"] = utc_to_date(last(world.entries.assign(moment=world.entries["at"]), "moment"))
    out["due"] = last(world.due, "due")
    out["cents"] = last(world.amounts, "cents").fillna(0).astype(np.int64)
    out["rep"], out["team"] = rep_names(world, owner_at(world.owners, keys, asked["time"]))
    return out.assign(worth=_worth(out["cents"], out["currency"], days))


def _worth(cents: pd.Series, currency: pd.Series, days: pd.Series) -> pd.Series:
    worth = cents.astype(np.int64).copy()
    foreign = currency != "EUR"
    worth[foreign] = to_euro_cents(cents[foreign], currency[foreign], days[foreign])
    return worth


def _compared(world: World, opps: pd.DataFrame, pairs: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Deals with a part in a period: entry, outcome, before, restated, after (cents), scopes at both ends."""
    eve = stood(world, opps, pairs["opp_key"], pairs["start"] - DAY)
    is_old = pairs["created"] < pairs["start"]
    had = is_old & eve["is_open"]
    closed = ~now["is_open"] & (now["ended"] >= pairs["start"])
    first_day = (pairs["start"] - DAY).where(had, pairs["created"].where(~is_old, _opened_again(world, pairs)))
    # a deal that closed is worth what it was on the day it did
    last_day = now["ended"].where(closed, pairs["last"])
    some = now["is_open"] | closed
    pairs, had, closed, is_old, first_day, last_day = (
        each[some] for each in (pairs, had, closed, is_old, first_day, last_day)
    )
    first = stood(world, opps, pairs["opp_key"], first_day)
    gone = stood(world, opps, pairs["opp_key"], last_day)

    def is_due(state: pd.DataFrame) -> pd.Series:
        return (state["due"] >= pairs["start"]) & (state["due"] <= pairs["end"])

    deals = pairs.join(gone[list(SCOPES)]).join(first[list(SCOPES)].add_suffix("_before"))
    deals["entry"] = np.select(
        [had & is_due(first), had & (first["due"] < pairs["start"]), had, ~is_old],
        ["opening", "carried_over", "pulled_in", "created"],
        "reopened",
    )
    deals["outcome"] = np.select(
        [closed & (gone["stage"] == "won"), closed, is_due(gone)], ["won", "lost", "closing"], "pushed_out"
    )
    deals["before"], deals["after"] = first["worth"], gone["worth"]
    deals["restated"] = _worth(first["cents"], first["currency"], last_day)
    deals["is_pushed"] = ~closed & (gone["due"] > first["due"])
    return deals[(deals["entry"] == "opening") | (deals["outcome"] != "pushed_out")]


def _opened_again(world: World, pairs: pd.DataFrame) -> pd.Series:
    """First day of the period on which a deal goes back to a stage."""
    back = world.entries[~world.entries["stage"].isin(ENDS)]
    log = pd.DataFrame({"opp_key": back["opp_key"], "day": utc_to_date(back["at"]).astype("datetime64[ns]")})
    asked = pairs[["opp_key", "start"]].astype({"start": "datetime64[ns]"}).reset_index()
    found = pd.merge_asof(
        asked.sort_values("start", kind="stable"),
        log.sort_values("day", kind="stable"),
        left_on="start",
        right_on="day",
        by="opp_key",
        direction="forward",
    )
    # of a deal that never does nothing is asked
    return found.set_index("index")["day"].reindex(pairs.index).fillna(pairs["last"])


def _fact(frame: pd.DataFrame, measure: str, value: pd.Series, scope: str, column: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "grain": frame["grain"],
            "start": frame["start"],
            "scope_type": scope,
            "scope_id": frame[column],
            "measure": measure,
            "value": value.astype(np.int64),
        }
    )


def _movements(deals: pd.DataFrame) -> list[pd.DataFrame]:
    """Movements by scope; a deal that changed hands comes in at what it opened with."""
    opening = deals[deals["entry"] == "opening"]
    change = deals["after"] - deals["restated"]
    facts = []
    for scope in SCOPES:
        old = f"{scope}_before"
        moved = opening[opening[old] != opening[scope]]
        facts += [
            _fact(opening, "opening_amount", opening["before"], scope, old),
            _fact(opening, "due_count", opening["before"] * 0 + 1, scope, old),
            _fact(opening, "pushed_count", opening["is_pushed"], scope, old),
            _fact(moved, "transferred_out_amount", -moved["before"], scope, old),
            _fact(moved, "transferred_in_amount", moved["before"], scope, scope),
            _fact(deals, "increased_amount", change.clip(lower=0), scope, scope),
            _fact(deals, "decreased_amount", change.clip(upper=0), scope, scope),
            _fact(deals, "revalued_amount", deals["restated"] - deals["before"], scope, scope),
        ]
        for entry in ("created", "carried_over", "pulled_in", "reopened"):
            # what was overdue is pulled in too
            some = deals[deals["entry"].isin(["pulled_in", "carried_over"] if entry == "pulled_in" else [entry])]
            facts.append(_fact(some, f"{entry}_amount", some["before"], scope, scope))
        for outcome in ("pushed_out", "won", "lost", "closing"):
            some = deals[deals["outcome"] == outcome]
            sign = 1 if outcome == "closing" else -1
            facts.append(_fact(some, f"{outcome}_amount", sign * some["after"], scope, scope))
    return facts


def _pushes(world: World, opps: pd.DataFrame, periods: pd.DataFrame) -> list[pd.DataFrame]:
    """Deals and days at whose end they are due later than when the day before ended, open on both."""
    due = world.due[world.due["opp_key"].isin(opps.index)]
    days = pd.DataFrame({"opp_key": due["opp_key"], "day": utc_to_date(due["at"])}).drop_duplicates(ignore_index=True)
    before = stood(world, opps, days["opp_key"], days["day"] - DAY)
    after = stood(world, opps, days["opp_key"], days["day"])
    later = before["stage"].notna() & before["is_open"] & after["is_open"] & (after["due"] > before["due"])
    pushes = days.join(after[list(SCOPES)])[later].merge(periods, how="cross")
    pushes = pushes[(pushes["day"] >= pushes["start"]) & (pushes["day"] <= pushes["last"])]
    return [_fact(pushes, "pushes_count", pushes["day"].notna(), scope, scope) for scope in SCOPES]
