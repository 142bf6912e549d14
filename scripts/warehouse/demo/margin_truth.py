"""The true gross margin, and what customers are worth by it: by churn, as observed, and how soon they pay back."""

from __future__ import annotations

import pandas as pd

from warehouse.demo.scopes import GRAINS, KEYS
from warehouse.demo.world import World


def margin_truth(world: World, customers: pd.DataFrame) -> pd.DataFrame:
    """`gross_margin_rate` and `ltv_observed_amount`. `customers`: date, segment and channel of new ones by account."""
    as_of = pd.Timestamp(world.story.as_of)
    months = _booked_months(world)
    rows, observed = [], []
    by_month = _margins(world, months)
    for grain in ("month", "quarter", "year"):
        for period in pd.period_range(world.story.start, as_of, freq=GRAINS[grain]):
            inside = months[(months.index >= period.start_time) & (months.index <= period.end_time)]
            revenue, cost = inside["revenue"].sum() / 100, inside["cost"].sum() / 100
            if revenue > 0:
                rows.append((grain, period.start_time, "company", "all", revenue - cost, revenue))
            came = customers[(customers["date"] >= period.start_time) & (customers["date"] <= period.end_time)]
            observed += [(grain, period.start_time, *each) for each in _observed(came, by_month)]
    margin = pd.DataFrame(rows, columns=[*KEYS, "numerator", "denominator"]).assign(kpi_code="gross_margin_rate")
    seen = pd.DataFrame(observed, columns=[*KEYS, "numerator", "denominator"]).assign(kpi_code="ltv_observed_amount")
    both = pd.concat([margin, seen], ignore_index=True)
    return both.assign(value=both["numerator"] / both["denominator"])


def _booked_months(world: World) -> pd.DataFrame:
    """Revenue and cost of sales of the ledger, in cents, of the months whose costs of sales are booked."""
    ledger = world.ledger[world.ledger["journal"] != "AN"]
    ledger = ledger.assign(month=ledger["date"].dt.to_period("M").dt.start_time)
    sales = ledger[ledger["account"].str.startswith("70")]
    costs = ledger[ledger["account"].str.startswith("6") & (ledger["function"] == "cost_of_sales")]
    cost = (costs["debit_cents"] - costs["credit_cents"]).groupby(costs["month"]).sum()
    revenue = (sales["credit_cents"] - sales["debit_cents"]).groupby(sales["month"]).sum()
    return pd.DataFrame({"cost": cost, "revenue": revenue.reindex(cost.index).fillna(0)})[cost > 0]


def _margins(world: World, months: pd.DataFrame) -> pd.Series:
    """Margin in cents of each account by day of its documents: revenue times the margin of the year, or of the last."""
    final = world.invoices[world.invoices["status"].isin(["paid", "open", "uncollectible"])]
    notes = world.credit_notes.assign(cents=-world.credit_notes["cents"])
    columns = ["account", "date", "cents"]
    documents = pd.concat([final[columns], notes[columns]], ignore_index=True)
    documents = documents[documents["date"] <= pd.Timestamp(world.story.as_of)]
    yearly = months.groupby(months.index.year).sum()
    rates = 1 - yearly["cost"] / yearly["revenue"]
    by_year = rates.reindex(range(documents["date"].dt.year.min(), documents["date"].dt.year.max() + 1)).ffill()
    margin = documents["cents"] * documents["date"].dt.year.map(by_year)
    return margin.groupby(documents["account"]).agg(lambda each: each.sum(skipna=False))


def _observed(came: pd.DataFrame, margin: pd.Series) -> list[tuple[object, ...]]:
    """Margin to date of customers that came, and their number: by company, segment and channel."""
    brought = came.assign(company="all", margin=margin.reindex(came.index).fillna(0) / 100)
    rows: list[tuple[object, ...]] = []
    for scope in ("company", "segment", "channel"):
        for name, members in brought.groupby(scope):
            rows.append((scope, name, members["margin"].sum(), float(len(members))))
    return rows


def product_truth(kpis: pd.DataFrame) -> pd.DataFrame:
    """KPIs made of others: lifetime value by churn, payback of CAC, velocity of the pipeline."""
    by_code = {code: frame.set_index(KEYS)["value"] for code, frame in kpis.groupby("kpi_code")}
    arpa, margin = by_code["arpa_amount"], by_code["gross_margin_rate"]
    churn, cycle = by_code["customer_churn_monthly_rate"], by_code["sales_cycle_from_opportunity_median_days"]
    made = {
        "ltv_churn_amount": arpa * margin / churn.where(churn > 0),
        "cac_payback_months": by_code["cac_amount"] / (arpa * margin).where(arpa * margin > 0),
        "pipeline_velocity": by_code["opportunities_in_progress"]
        * by_code["win_rate"]
        * by_code["new_business_deal_size"]
        / cycle.where(cycle > 0),
    }
    frames = [values.rename("value").reset_index().assign(kpi_code=code) for code, values in made.items()]
    return pd.concat(frames, ignore_index=True).dropna(subset=["value"])
