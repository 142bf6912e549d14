"""Every KPI computed a second time, in plain Python from the published facts, is the one in `kpi_values`.

The oracle is written from `docs/decisions/` (each function names its page) and knows nothing of the SQL of the KPIs, nor
of the simulator: it reads what was published, so that it holds on real exports as well (docs/decisions/0066).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from conftest import DemoSites
from oracle.comparing import Oracle
from oracle.published import Published
from warehouse.settings import PROJECT

# the companies of the simulator's truth, so that they are built once
TESTED = [(7, 0.4, "2026-04-01")]
PROVEN = [
    (4, 1.0, "2026-11-22"),
    (5, 1.5, "2024-02-29"),
    *((seed, 0.3, f"2026-{seed % 12 + 1:02}-{seed:02}") for seed in range(8, 21)),
]

# what is not computed a second time, and why
TAKEN = {
    "forecast_bookings_amount": "what is expected of open deals and of deals not made yet is an estimate, judged by its "
    "backtest; the oracle adds it to what is signed, and computes outcomes of periods that are over",
}


@pytest.fixture(
    scope="module",
    params=[
        *(pytest.param(each, marks=pytest.mark.xdist_group(f"truth {each[0]}")) for each in TESTED),
        *(
            pytest.param(each, marks=[pytest.mark.proof, pytest.mark.xdist_group(f"truth {each[0]}")])
            for each in PROVEN
        ),
    ],
    ids=lambda each: f"seed {each[0]} at {each[2]}",
)
def oracle(request: pytest.FixtureRequest, demo_sites: DemoSites) -> Iterator[Oracle]:
    site = demo_sites(*request.param)
    connection = duckdb.connect(str(site.settings.warehouse / "dev.duckdb"), read_only=True)
    yield Oracle(Published(connection, "marts", PROJECT, site.settings.config))
    connection.close()


def test_every_kpi_is_computed_twice(oracle: Oracle) -> None:
    assert set(oracle.figures(oracle.windows)) == set(oracle.rules)
    assert set(oracle.rules) >= set(TAKEN)
    # of each the publication has rows to be held against
    assert all(oracle.told[kpi] for kpi in oracle.rules)
    assert sum(map(len, oracle.told.values())) > 40_000


def test_periods_are_those_of_the_calendar(oracle: Oracle) -> None:
    assert oracle.periods
    assert oracle.dates_that_differ() == []


def test_numerators_denominators_and_values_are_the_same(oracle: Oracle) -> None:
    assert oracle.disagreements() == []


def test_each_period_is_compared_with_the_right_days(oracle: Oracle) -> None:
    assert oracle.disagreements_of_comparisons() == []


@pytest.mark.parametrize(
    ("change", "kpis"),
    [
        # one cent of one win
        (
            "update marts.fct_bookings set booking_amount = booking_amount + 0.01 where booking_id = ("
            "select min(booking_id) from marts.fct_bookings where opportunity_type = 'new_business')",
            {"bookings_amount", "quota_attainment_rate", "forecast_bookings_amount"},
        ),
        # one published value, one part, one row too many and one too few
        (
            "update marts.kpi_values set value = value + 0.0001 where kpi_code = 'win_rate' and scope_type = 'team'"
            " and period_grain = 'year'",
            {"win_rate"},
        ),
        (
            "update marts.kpi_values set denominator = denominator + 1 where kpi_code = 'show_rate'"
            " and scope_type = 'company' and period_grain = 'quarter'",
            {"show_rate"},
        ),
        (
            "delete from marts.kpi_values where kpi_code = 'calls_made' and scope_type = 'rep'"
            " and period_grain = 'month' and value > 0",
            {"calls_made"},
        ),
        (
            "update marts.kpi_values set band = 'healthy' where kpi_code = 'ltv_cac_ratio' and period_grain = 'year'",
            {"ltv_cac_ratio"},
        ),
    ],
)
@pytest.mark.xdist_group(f"truth {TESTED[0][0]}")
def test_what_is_changed_is_found(demo_sites: DemoSites, tmp_path: Path, change: str, kpis: set[str]) -> None:
    copy = tmp_path / "dev.duckdb"
    site = demo_sites(*TESTED[0])
    shutil.copy(site.settings.warehouse / "dev.duckdb", copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(change)
        changed = Oracle(Published(connection, "marts", PROJECT, site.settings.config))
        found = {each.kpi for each in changed.disagreements()}
    assert found
    assert found <= kpis
