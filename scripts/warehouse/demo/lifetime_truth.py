"""The true lifetime value of customers, and its parts, at the end of each period."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from warehouse.demo.scopes import GRAINS, KEYS
from warehouse.demo.world import World

HORIZON_MONTHS = 60


def lifetime_truth(world: World, components: pd.DataFrame) -> pd.DataFrame:
    """LTV of the text and its parts at each period's end, and LTV / CAC for the company."""
    as_of = pd.Timestamp(world.story.as_of)
    rows = []
    segments = [
        ("company", "all"),
        *(("segment", name) for name in sorted(world.invoices["segment"].unique())),
    ]
    for grain in ("month", "quarter", "year"):
        for period in pd.period_range(world.story.start, as_of, freq=GRAINS[grain]):
            end = min(period.end_time.normalize(), as_of)
            for scope_type, scope_id in segments:
                parts = _lifetime_at(world, end, None if scope_type == "company" else scope_id)
                if parts is not None:
                    rows.append((grain, period.start_time, scope_type, scope_id, *parts))
    columns = [*KEYS, "revenue", "invoices", "customer_years", "years"]
    frame = pd.DataFrame(rows, columns=columns)
    average = frame["revenue"] / frame["invoices"].where(frame["invoices"] > 0)
    frequency = frame["invoices"] / frame["customer_years"].where(frame["customer_years"] > 0)
    out = [
        frame[KEYS].assign(kpi_code="average_purchase_amount", value=average),
        frame[KEYS].assign(kpi_code="purchases_per_year", value=frequency),
        frame[KEYS].assign(kpi_code="relation_length_years", value=frame["years"]),
    ]
    ltv = frame[KEYS].assign(kpi_code="ltv_amount", value=average * frequency * frame["years"])
    out.append(ltv)
    cost = components[components["component"] == "acquisition_cost_amount"].set_index(KEYS)["value"] / 100
    won = components[components["component"] == "new_customers"].set_index(KEYS)["value"]
    company = ltv[ltv["scope_type"] == "company"].set_index(KEYS)
    cac = cost.reindex(company.index).fillna(0) / won.reindex(company.index).where(lambda s: s > 0)
    ratio = company["value"] / cac.where(cac > 0)
    out.append(ratio.rename("value").reset_index().assign(kpi_code="ltv_cac_ratio"))
    return pd.concat(out, ignore_index=True)


def _lifetime_at(world: World, end: pd.Timestamp, segment: str | None) -> tuple[float, float, float, float] | None:
    invoices, subscriptions = world.invoices, world.subscriptions
    if segment is not None:
        invoices, subscriptions = (
            invoices[invoices["segment"] == segment],
            subscriptions[subscriptions["segment"] == segment],
        )
    invoices = invoices[(invoices["date"] <= end) & invoices["status"].isin(["paid", "open", "uncollectible"])]
    month = _month(pd.Series([end]))[0]
    paid = invoices[invoices["paid_date"].notna()]
    if paid.empty:
        return None
    begin = _month(paid["date"])
    span = (
        pd.DataFrame({"account": paid["account"], "first": begin, "last": begin + paid["months"] - 1})
        .groupby("account")
        .agg(first=("first", "min"), last=("last", "max"))
    )
    live = subscriptions[
        (subscriptions["start_date"] <= end) & (subscriptions["end_date"].isna() | (subscriptions["end_date"] > end))
    ]
    active = span.index.isin(live["account"])
    last = np.where(active, month, np.minimum(span["last"], month))
    months = (last - span["first"] + 1).to_numpy()
    overlap = np.maximum(0, last - np.maximum(span["first"].to_numpy(), month - 11) + 1)
    recent = invoices[_month(invoices["date"]) > month - 12]
    return (
        recent["cents"].sum() / 100,
        float(len(recent)),
        overlap.sum() / 12,
        restricted_mean(months, ~active, HORIZON_MONTHS) / 12,
    )


def _month(dates: pd.Series) -> pd.Series:
    return dates.dt.year * 12 + dates.dt.month


def restricted_mean(durations: npt.NDArray[np.int64], ended: npt.NDArray[np.bool_], horizon: int) -> float:
    """Area under the Kaplan-Meier curve from 0 to the horizon, the curve held flat past its last observation."""
    survival, area = 1.0, 0.0
    for time in range(horizon):
        if time > 0:
            at_risk = int((durations >= time).sum())
            events = int(((durations == time) & ended).sum())
            survival *= 1 - events / at_risk if at_risk else 1.0
        area += survival
    return area
