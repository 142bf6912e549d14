"""What customers truly cost: by channel, and with the costs of a sales cycle before."""

from __future__ import annotations

import pandas as pd

from warehouse.demo.scopes import GRAINS, KEYS
from warehouse.demo.world import World

AD_CHANNELS = {"google_ads": "paid_search", "linkedin_ads": "paid_social"}
COMMISSIONS = ("641118", "645118")
DAYS_A_MONTH = 30.4375
FEW_DEALS, DEFAULT_LAG = 30, 2


def ad_spend(world: World) -> pd.DataFrame:
    """Cents spent on the platforms: date, channel, cents."""
    return pd.DataFrame(
        {"date": world.ads["day"], "channel": world.ads["platform"].map(AD_CHANNELS), "cents": world.ads["cost_cents"]}
    )


def acquisition_costs(world: World) -> pd.DataFrame:
    """Cents of the ledger that win customers: date, channel, is_commission, cents.

    A channel gets what its platform reports of a month's advertising, scaled down where the books hold less.
    """
    lines = world.ledger[world.ledger["account"].str.startswith("6") & (world.ledger["journal"] != "AN")]
    lines = lines[lines["function"].isin(["sales", "marketing"])]
    costs = pd.DataFrame(
        {
            "date": lines["date"],
            "channel": "unallocated",
            "is_commission": lines["account"].isin(COMMISSIONS),
            "cents": (lines["debit_cents"] - lines["credit_cents"]) * lines["acquisition_share"],
        }
    )
    is_ad = lines["account"].str.startswith("6231")
    ads = costs[is_ad].assign(month=lambda f: f["date"].dt.to_period("M"))
    spent = ad_spend(world).assign(month=lambda f: f["date"].dt.to_period("M"))
    by_channel = spent.groupby(["month", "channel"], as_index=False)["cents"].sum()
    larger = pd.concat(
        [ads.groupby("month")["cents"].sum(), by_channel.groupby("month")["cents"].sum()], axis=1, join="inner"
    ).max(axis=1)
    split = ads.drop(columns="channel").merge(by_channel, on="month", suffixes=("", "_spent"))
    split["cents"] *= split["cents_spent"] / split["month"].map(larger)
    columns = ["date", "channel", "is_commission", "cents"]
    known = split.groupby("date")["cents"].sum()
    rest = costs[is_ad].groupby("date")["cents"].sum().sub(known, fill_value=0).reset_index()
    return pd.concat(
        [costs.loc[~is_ad, columns], split[columns], rest.assign(channel="unallocated", is_commission=False)[columns]],
        ignore_index=True,
    )


def lagged_truth(world: World, costs: pd.DataFrame, cycles: pd.DataFrame, customers: pd.Series) -> pd.DataFrame:
    """`cac_lagged_amount` of the company. `cycles`: date and days of deals won; `customers`: new ones by period."""
    as_of = pd.Timestamp(world.story.as_of)
    begun = costs["date"].min().to_period("M").start_time
    rows = []
    for grain in ("month", "quarter", "year"):
        for period in pd.period_range(world.story.start, as_of, freq=GRAINS[grain]):
            lag = pd.DateOffset(months=_lag(cycles, period.start_time.year))
            start, after = period.start_time, min(period.end_time.normalize(), as_of) + pd.Timedelta(days=1)
            if start - lag < begun:
                continue
            own = costs["is_commission"] & (costs["date"] >= start) & (costs["date"] < after)
            earlier = ~costs["is_commission"] & (costs["date"] >= start - lag) & (costs["date"] < after - lag)
            cents = costs.loc[own | earlier, "cents"].sum()
            if cents:
                rows.append((grain, start, "company", "all", cents / 100))
    frame = pd.DataFrame(rows, columns=[*KEYS, "numerator"])
    found = customers.reindex(pd.MultiIndex.from_frame(frame[KEYS])).fillna(0)
    frame["denominator"] = found.to_numpy()
    frame["value"] = frame["numerator"] / frame["denominator"].where(frame["denominator"] > 0)
    return frame.assign(kpi_code="cac_lagged_amount")


def _lag(cycles: pd.DataFrame, year: int) -> int:
    """Months from first contact to signature, in the median of the year before."""
    before = cycles[cycles["date"].dt.year == year - 1]["days"]
    return round(before.median() / DAYS_A_MONTH) if len(before) >= FEW_DEALS else DEFAULT_LAG
