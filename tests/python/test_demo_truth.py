"""The warehouse against the demo company's own knowledge: what a simulator did is what its exports must add up to.

The simulator writes the true value of every component and KPI as the exports of the day can tell, from its own
records; the exports are loaded and built as a user's would be, and every value must be the same: to the cent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from conftest import Site
from warehouse.demo.simulation import simulate, write_demo
from warehouse.settings import PROJECT

# seed, scale, day of the exports: the first of a month, days within one, a leap day
TESTED = [(4, 1.0, "2026-11-22"), (7, 0.4, "2026-04-01")]
PROVEN = [
    (1, 1.0, "2026-11-23"),
    (2, 1.0, "2025-07-14"),
    (3, 1.0, "2026-01-01"),
    (5, 1.5, "2024-02-29"),
    (6, 0.5, "2026-06-30"),
]

KPIS = """
    calls_made calls_connected emails_sent meetings_booked meetings_held leads_contacted people_touched new_contacts
    opportunities_created website_visits lead_to_mql_rate mql_to_sql_rate lead_to_sql_rate lead_to_opportunity_rate
    sql_to_opportunity_rate opportunity_to_demo_rate demo_to_proposal_rate proposal_to_won_rate win_rate
    bookings_amount average_deal_size new_customers revenue_net_amount ltv_amount sales_cycle_days cac_amount
    ltv_cac_ratio acquisition_cost_amount cac_lagged_amount cac_paid_amount speed_to_lead_minutes
    speed_to_lead_p95_minutes speed_to_lead_within_60_rate average_deal_size_median average_deal_size_p90
    sales_cycle_median_days sales_cycle_p90_days
""".split()


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
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a demo company's warehouse, its truth in the tables `kpis`, `components` and `funnel`."""
    seed, scale, until = request.param
    site = Site(tmp_path_factory.mktemp(f"demo{seed}"))
    write_demo(simulate(seed, scale, dt.date.fromisoformat(until)), site.root, PROJECT / "seeds")
    report = site.load()
    assert not report.failures
    site.dbt("build")
    connection = duckdb.connect(str(site.settings.warehouse / "dev.duckdb"), read_only=True)
    for table, file in (("kpis", "kpi_values"), ("components", "components"), ("funnel", "funnel_conversion")):
        connection.execute(
            f"create temporary table {table} as select * from read_csv(?, types = "
            "{'period_start_date': 'date', 'scope_id': 'varchar'})",
            [str(truth_file(site, file))],
        )
    yield connection
    connection.close()


def truth_file(site: Site, name: str) -> Path:
    return site.root / "truth" / "observable" / f"{name}.csv"


def test_every_component_is_the_true_one(built: duckdb.DuckDBPyConnection) -> None:
    compared = built.execute(
        """
        select
            count(*),
            count(*) filter (where abs(coalesce(true_value, 0) - coalesce(component_value, 0)) >= 0.005)
        from (select * replace (cast(component_value as double) as component_value)
              from marts.kpi_components_by_period where purpose = 'value') as made
        full outer join (select * rename (value as true_value) from components) as components
            using (component_code, period_grain, period_start_date, scope_type, scope_id)
        where component_code in (select component_code from components)
        """
    ).fetchone()
    assert compared is not None
    rows, wrong = compared
    assert rows > 5_000
    assert wrong == 0


@pytest.mark.parametrize("kpi", KPIS)
def test_every_kpi_is_the_true_one(built: duckdb.DuckDBPyConnection, kpi: str) -> None:
    # nothing done and nothing to say of it are told apart by unit tests; the simulator writes neither
    rows = built.execute(
        """
        with
        registered as (
            select * from kpis inner join (
                select kpi_code, string_split(scopes, '|') as scopes, string_split(grains, '|') as grains
                from seeds.kpi_registry
            ) using (kpi_code)
            where list_contains(scopes, scope_type) and list_contains(grains, period_grain)
        )
        select
            period_grain, period_start_date, scope_type, scope_id,
            made.value, registered.value, made.numerator, registered.numerator, made.denominator, registered.denominator
        from (select * from marts.kpi_values where kpi_code = $kpi) as made
        full outer join (select * from registered where kpi_code = $kpi) as registered
            using (period_grain, period_start_date, scope_type, scope_id)
        """,
        {"kpi": kpi},
    ).fetchall()
    assert sum(row[4] is not None and row[5] is not None for row in rows) >= 5, "too few to tell"
    wrong = [row for row in rows if not same(row[4], row[5])]
    assert not wrong, wrong[:5]
    # a ratio that is right by two wrongs is wrong
    if any(row[9] is not None for row in rows) and kpi not in ("ltv_amount", "ltv_cac_ratio"):
        parts = [row for row in rows if row[5] is not None and not (same(row[6], row[7]) and same(row[8], row[9]))]
        assert not parts, parts[:5]


def same(made: float | None, true: float | None) -> bool:
    """Equal to the cent, and to the seventh digit where values are small; nothing is nought."""
    made, true = made or 0.0, true or 0.0
    return abs(made - true) < (0.005 if abs(true) >= 100 else 5e-7)


def test_every_cohort_is_the_true_one(built: duckdb.DuckDBPyConnection) -> None:
    compared = built.execute(
        """
        select
            count(*),
            count(*) filter (where (funnel.entrants_count, funnel.converted_count, funnel.converted_to_date_count)
                is distinct from (made.entrants_count, made.converted_count, made.converted_to_date_count))
        from (select * from marts.funnel_conversion where view = 'cohort' and period_grain <> 'all') as made
        full outer join funnel
            using (period_grain, period_start_date, scope_type, scope_id, from_stage, to_stage, counting)
        """
    ).fetchone()
    assert compared is not None
    rows, wrong = compared
    assert rows > 1_000
    assert wrong == 0
