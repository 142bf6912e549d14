"""Intervals of amounts: how often they hold the truth, and what a bootstrap of the records says instead.

The macros that `kpi_intervals` and `kpi_quantiles` use are rendered as dbt would and asked of simulated companies whose
deals are lognormal: one deal in forty is five times the median or more.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from jinja2 import Environment
from scipy import stats

from warehouse.settings import PROJECT

SIGMA = 0.8
TRUE_MEAN = float(np.exp(SIGMA**2 / 2))
COMPANIES = 4_000
MACROS = ("amount_bound", "poisson_bound", "wilson_bound", "student_quantile", "quantile_rank", "normal_share")


def sql(expression: str) -> str:
    """An expression with the project's macros in it, as SQL."""
    macros = "".join((PROJECT / "macros" / f"{name}.sql").read_text(encoding="utf-8") for name in MACROS)
    return Environment(autoescape=False).from_string(macros + expression).render()


def companies(deals: int, *, varying: bool) -> list[np.ndarray]:
    """The amounts of simulated companies' deals; the number of deals is a chance's too where it varies."""
    rng = np.random.default_rng(deals)
    counts = rng.poisson(deals, COMPANIES) if varying else np.full(COMPANIES, deals)
    return [rng.lognormal(0, SIGMA, count) for count in counts if count]


def misses(measured: pd.DataFrame, truth: float) -> tuple[float, float]:
    """Shares of intervals that lie above the truth, and below it."""
    low, high = sql("{{ amount_bound('low') }}"), sql("{{ amount_bound('high') }}")
    found = duckdb.query(f"select avg(({low} > {truth})::int), avg(({high} < {truth})::int) from measured").fetchone()
    assert found is not None
    return found


@pytest.mark.parametrize(("deals", "at_least"), [(10, 0.90), (30, 0.925), (200, 0.94)])
def test_a_sum_holds_the_truth_where_the_number_of_deals_is_chance_too(deals: int, at_least: float) -> None:
    amounts = companies(deals, varying=True)
    measured = pd.DataFrame(
        {
            "statistic": "sum",
            "value": [each.sum() for each in amounts],
            "equal_records": [each.sum() ** 2 / (each**2).sum() for each in amounts],
            "records_count": [len(each) for each in amounts],
            "standard_error": [np.sqrt((each**2).sum()) for each in amounts],
        }
    )
    above, below = misses(measured, deals * TRUE_MEAN)
    assert at_least <= 1 - above - below <= 0.98
    assert above < 0.03, "no deal is missed for being small"


@pytest.mark.parametrize(("deals", "at_least"), [(5, 0.87), (12, 0.88), (30, 0.91), (200, 0.935)])
def test_a_mean_holds_the_truth_more_often_than_its_bootstrap(deals: int, at_least: float) -> None:
    amounts = np.array(companies(deals, varying=False))
    means, spreads = amounts.mean(axis=1), amounts.std(axis=1, ddof=1) / np.sqrt(deals)
    measured = pd.DataFrame(
        {
            "statistic": "ratio",
            "value": means,
            "equal_records": deals,
            "records_count": deals,
            "standard_error": spreads,
        }
    )
    held = 1 - sum(misses(measured, TRUE_MEAN))
    assert at_least <= held <= 0.97
    rng = np.random.default_rng(0)
    few = amounts[:500]
    drawn = np.stack([few[:, rng.integers(deals, size=deals)].mean(axis=1) for _ in range(400)], axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
    assert held >= ((low <= TRUE_MEAN) & (high >= TRUE_MEAN)).mean() - 0.005


@pytest.mark.parametrize("percentile", [50, 90, 95])
def test_a_quantile_holds_the_truth_with_at_least_95_percent_of_any_number_of_records(percentile: int) -> None:
    low_place, high_place = (sql(f"{{{{ quantile_rank('n', {percentile}, '{side}') }}}}") for side in ("low", "high"))
    places = duckdb.query(f"select n, {low_place} as low, {high_place} as high from range(1, 2001) as counts (n)").df()
    n, low, high = (places[column].to_numpy() for column in ("n", "low", "high"))
    share = percentile / 100
    # as many records lie below the quantile as a binomial count says; an end that is not there is as far as can be
    held = stats.binom.cdf(np.minimum(high, n + 1) - 1, n, share) - stats.binom.cdf(np.maximum(low, 0) - 1, n, share)
    assert held.min() >= 0.95
    assert held[n >= 1_000].max() < 0.965, "wider than it has to be"
    assert (low <= np.floor((n - 1) * share) + 1).all(), "begins after its value"
    assert (high > np.ceil((n - 1) * share)).all(), "ends before its value"
    assert list(n[(low >= 1) & (high <= n)][:1]) == [{50: 6, 90: 37, 95: 76}[percentile]], "fewer have no two ends"


def test_student_is_the_exact_one_within_four_percent() -> None:
    degrees = pd.DataFrame({"n": np.arange(2, 400)})
    quantile = sql("{{ student_quantile('n') }}")
    made = duckdb.query(f"select {quantile} as quantile from degrees").df()["quantile"]
    error = made / stats.t.ppf(0.975, degrees["n"]) - 1
    assert error.abs().max() < 0.04
    assert error[1:].abs().max() < 0.01


def test_the_normal_distribution_is_the_exact_one_within_two_in_ten_thousand() -> None:
    share = sql("{{ normal_share('z / 100.0') }}")
    made = duckdb.query(f"select z / 100.0 as z, {share} as share from range(-2000, 2001) as values (z)").df()
    assert np.abs(made["share"] - stats.norm.cdf(made["z"])).max() < 0.0002
