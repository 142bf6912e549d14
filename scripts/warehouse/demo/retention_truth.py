"""The true recurring revenue and retention: what subscriptions brought when a period began, and when it ended."""

from __future__ import annotations

import numpy as np
import pandas as pd

from warehouse.demo.scopes import GRAINS, KEYS
from warehouse.demo.spending import to_euro_cents
from warehouse.demo.world import World

DAY = pd.Timedelta(days=1)
DAYS_A_MONTH = 30.4375
RATIOS = {
    "arpa_amount": ("closing", "payers"),
    "grr_rate": ("kept", "opening"),
    "nrr_rate": ("grown", "opening"),
    "customer_churn_rate": ("lost", "at_opening"),
    "customer_retention_rate": ("stayed", "at_opening"),
    "customer_churn_monthly_rate": ("lost", "at_opening_months"),
}


def retention_truth(world: World) -> pd.DataFrame:
    """MRR, ARPA, GRR, NRR, churn and retention by month, quarter and year, for the company and its segments."""
    as_of = pd.Timestamp(world.story.as_of)
    frames = []
    for grain in ("month", "quarter", "year"):
        for period in pd.period_range(world.story.start, as_of, freq=GRAINS[grain]):
            start, end = period.start_time, min(period.end_time.normalize(), as_of)
            # months count whole; of a period that is seen until within one, its days do
            passed = (end.year - start.year) * 12 + end.month - start.month + 1
            months = passed if end.is_month_end else ((end - start).days + 1) / DAYS_A_MONTH
            frames.append(_measured(world, start, end, months).assign(grain=grain, start=start))
    measured = pd.concat(frames, ignore_index=True)
    out = [measured[KEYS].assign(kpi_code="mrr_amount", value=measured["closing"], numerator=measured["closing"])]
    for code, (top, bottom) in RATIOS.items():
        value = measured[top] / measured[bottom].where(measured[bottom] > 0)
        parts = {"numerator": measured[top], "denominator": measured[bottom]}
        out.append(measured[KEYS].assign(kpi_code=code, value=value, **parts))
    return pd.concat(out, ignore_index=True)


def _measured(world: World, start: pd.Timestamp, end: pd.Timestamp, months: float) -> pd.DataFrame:
    before, after = _monthly(world, start - DAY), _monthly(world, end)
    opening = before.assign(opening=_euro(before, start - DAY), is_old=True)
    # both ends at the rate of the opening, so that currencies keep and lose nobody
    closing = after.assign(closing=_euro(after, end), restated=_euro(after, start - DAY), is_now=True)
    both = pd.concat([opening, closing], ignore_index=True)
    both[["is_old", "is_now"]] = both[["is_old", "is_now"]].fillna(value=False).astype(bool)
    frames = []
    for scope_type, scope in (("company", None), ("segment", "segment")):
        scoped = both.assign(scope_id=both[scope] if scope else "all")
        sums = {name: (name, "sum") for name in ("opening", "closing", "restated")}
        held = scoped.groupby(["scope_id", "account"], as_index=False).agg(
            **sums, is_old=("is_old", "any"), is_now=("is_now", "any")
        )
        old = held["is_old"]
        held["kept"] = np.minimum(held["opening"], held["restated"])
        held["grown"] = held["restated"].where(old, 0.0)
        held["lost"], held["stayed"] = old & ~held["is_now"], old & held["is_now"]
        held["payers"], held["at_opening"] = held["is_now"], old
        columns = ["opening", "closing", "kept", "grown", "lost", "stayed", "payers", "at_opening"]
        total = held.groupby("scope_id")[columns].sum().reset_index()
        frames.append(total.assign(scope_type=scope_type, at_opening_months=total["at_opening"] * months))
    return pd.concat(frames, ignore_index=True)


def _monthly(world: World, day: pd.Timestamp) -> pd.DataFrame:
    """Subscriptions that run when a day ends, with the cents a month they bring in their own currency."""
    subs = world.subscriptions
    live = subs[(subs["start_date"] <= day) & (subs["end_date"].isna() | (subs["end_date"] > day))]
    known = world.prices[world.prices["date"] <= day].groupby("subscription_key")["cents"].last()
    first = world.prices.groupby("subscription_key")["cents"].first()
    local = live["subscription_key"].map(known).fillna(live["subscription_key"].map(first)).astype(np.int64)
    return live[["account", "segment", "currency"]].assign(local=local)


def _euro(live: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    days = pd.Series(day, index=live.index)
    return to_euro_cents(live["local"], live["currency"], days) / 100
