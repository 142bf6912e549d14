"""The true number of opportunities in progress, and what of their quotas scopes have booked."""

from __future__ import annotations

import pandas as pd

from warehouse.demo.company import utc_to_date
from warehouse.demo.due_dates import ENDS
from warehouse.demo.pipeline_truth import stood
from warehouse.demo.scopes import GRAINS, KEYS, SCOPES, starts
from warehouse.demo.world import World

RAMP_MONTHS = 3
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def progress_truth(world: World) -> pd.DataFrame:
    """`opportunities_in_progress`: new business open when a day ends, in the mean of the days of a period."""
    as_of = pd.Timestamp(world.story.as_of)
    new = world.opps[world.opps["opportunity_type"] == "new_business"]
    last = world.entries.groupby("opp_key").tail(1).set_index("opp_key").reindex(new.index)
    until = utc_to_date(last["at"]).where(last["stage"].isin(ENDS), as_of)
    days = [pd.date_range(first, end) for first, end in zip(utc_to_date(new["created_at"]), until, strict=True)]
    pairs = pd.DataFrame({"opp_key": new.index, "day": days}).explode("day", ignore_index=True).dropna()
    pairs["day"] = pd.to_datetime(pairs["day"])
    pairs = pairs[pairs["day"] <= as_of].reset_index(drop=True)
    states = pairs.join(stood(world, world.opps, pairs["opp_key"], pairs["day"]))
    states = states[states["is_open"]]
    frames = []
    for grain in MONTHS:
        period = states["day"].dt.to_period(GRAINS[grain])
        end = period.dt.end_time.dt.normalize().clip(upper=as_of)
        shares = states.assign(start=period.dt.start_time, share=1 / ((end - period.dt.start_time).dt.days + 1))
        for scope in SCOPES:
            mean = shares.groupby(["start", scope])["share"].sum().rename("value").reset_index()
            frames.append(mean.rename(columns={scope: "scope_id"}).assign(grain=grain, scope_type=scope))
    return pd.concat(frames, ignore_index=True).assign(kpi_code="opportunities_in_progress")


def quota_truth(world: World, bookings: pd.Series) -> pd.DataFrame:
    """`quota_attainment_rate`. `bookings`: cents by period and scope."""
    reps = world.reps.set_index("rep_id")
    owed = world.targets.copy()
    hired, month = owed["scope_id"].map(reps["hired"]), owed["start"].dt
    served = (month.year - hired.dt.year) * 12 + month.month - hired.dt.month
    owed["quota"] = owed["euro"] * ((served + 1) / (RAMP_MONTHS + 1)).clip(0, 1).fillna(1)
    frames = []
    for grain, length in MONTHS.items():
        keyed = owed.assign(begin=starts(owed["start"], grain))
        total = keyed.groupby(["begin", "scope_type", "scope_id"])["quota"].agg(["sum", "count"]).reset_index()
        # a team that began within the year has no target for all of it; a rep owes nothing while not there
        total = total[(total["count"] == length) | (total["scope_type"] == "rep")]
        frames.append(total.rename(columns={"begin": "start", "sum": "denominator"}).assign(grain=grain))
    quotas = pd.concat(frames, ignore_index=True)
    quotas = quotas[quotas["start"] <= pd.Timestamp(world.story.as_of)]
    booked = bookings.reindex(pd.MultiIndex.from_frame(quotas[KEYS])).fillna(0).to_numpy() / 100
    return quotas.assign(kpi_code="quota_attainment_rate", numerator=booked, value=booked / quotas["denominator"])
