"""Forecasts of twenty companies against what came: better than simple methods by a fifth, intervals that hold.

None of these companies was looked at while the method was chosen.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from conftest import Site, rows
from warehouse.demo.simulation import simulate, write_demo
from warehouse.settings import PROJECT

SEEDS = range(11, 31)
COLUMNS = ["period_grain", "method", "forecast", "actual", "is_within"]


def backtest_of(seed: int, folder: Path) -> pd.DataFrame:
    """The backtest of a company of the last two years: `COLUMNS`."""
    site = Site(folder)
    write_demo(simulate(seed, 1.0, dt.date(2026, 11, 25)), site.root, PROJECT / "seeds")
    assert not site.load().failures
    site.dbt("build", "--resource-type", "model", "--resource-type", "seed", "--select", "+forecast_backtest")
    found = rows(
        site.settings.warehouse / "dev.duckdb",
        """
        select period_grain, method, forecast_amount::double, actual_amount::double, is_within_interval
        from marts.forecast_backtest where scope_type = 'company'
            and as_of_date > (select as_of_date - interval 25 month from marts.dim_clocks)
        """,
    )
    return pd.DataFrame(found, columns=COLUMNS)


@pytest.mark.proof
def test_forecasts_beat_simple_ones_and_four_in_five_outcomes_lie_in_their_intervals(tmp_path: Path) -> None:
    backtest = pd.concat(backtest_of(seed, tmp_path / str(seed)) for seed in SEEDS)
    for grain, some in backtest.groupby("period_grain"):
        errors = (some["forecast"] - some["actual"]).abs().groupby(some["method"]).sum()
        assert errors["warehouse"] <= 0.8 * errors.drop("warehouse").min(), (grain, errors)
        covered = some.loc[some["method"] == "warehouse", "is_within"].astype(float).mean()
        assert 0.75 <= covered <= 0.85, (grain, covered)
