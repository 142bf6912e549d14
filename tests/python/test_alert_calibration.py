"""What alerts are worth: hardly any where nothing changed, and the right ones where something did.

The company is `steady_company`'s, whose parameters were fixed before the alerts were tuned. A change is one that is
large for a company of that size: about five times what chance does to a month of the team or of the company, or more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import duckdb
import pandas as pd
import pytest

from kpi_layer import add_drivers, layer_of_components, layer_of_values
from model_sql import Warehouse, expression
from steady_company import AS_OF, Change, steady_components
from warehouse.demo.simulation import simulate, truth_of

SINCE = pd.Timestamp("2026-10-01")
# the first month that has eight judged ones behind it, of sums too: two years for the season, then eight months
FIRST = dt.date(2023, 10, 1)
# change, KPIs that ought to tell, and who or what is behind it
CHANGES = {
    "a channel dries up": (
        Change("leads", 0.0, "channel", "organic_search", SINCE),
        ("new_contacts",),
        ("channel", "organic_search"),
    ),
    "a team calls half as much": (
        Change("calls_made", 0.5, "team_id", "SDR South", SINCE),
        ("calls_made",),
        ("team", "SDR South"),
    ),
    "a team books half the meetings": (
        Change("meetings_booked", 0.5, "team_id", "SDR North", SINCE),
        ("meetings_booked", "meetings_held"),
        ("team", "SDR North"),
    ),
    "a team closes a third": (
        Change("to_won", 0.35, "team_id", "AE South", SINCE),
        ("win_rate",),
        ("team", "AE South"),
    ),
    "a team holds fewer demos": (
        Change("to_demo", 0.6, "team_id", "AE North", SINCE),
        ("opportunity_to_demo_rate",),
        ("team", "AE North"),
    ),
    "a team makes half the proposals": (
        Change("to_proposal", 0.5, "team_id", "AE South", SINCE),
        ("demo_to_proposal_rate",),
        ("team", "AE South"),
    ),
    "a channel brings the wrong people": (
        Change("to_mql", 0.6, "channel", "organic_search", SINCE),
        ("lead_to_mql_rate",),
        ("channel", "organic_search"),
    ),
    "a team sells a quarter as large": (
        Change("deal_size", 0.25, "team_id", "AE South", SINCE),
        ("average_deal_size",),
        ("team", "AE South"),
    ),
}


def alerts(warehouse: Warehouse, since: dt.date, until: dt.date = dt.date.max) -> list[tuple[str, ...]]:
    """Alerts on the company and its teams, of either reason, of periods that begin between two days."""
    found: list[tuple[str, ...]] = warehouse.connection.execute(
        """
        with reasons as (
            select 'significant_change' as reason, kpi_code, period_grain, period_start_date, scope_type, scope_id
            from kpi_significant_changes where is_significant
            union all
            select 'target_missed' as reason, kpi_code, period_grain, period_start_date, scope_type, scope_id
            from kpi_missed_targets where is_missed
        )
        select * from reasons
        where scope_type <> 'rep' and period_start_date >= ? and period_start_date < ? order by all
        """,
        [since, until],
    ).fetchall()
    return found


def detected(warehouse: Warehouse, kpis: Iterable[str]) -> list[tuple[str, ...]]:
    """The first changes found of some KPIs, the company's before its teams', within two periods of the change."""
    found: list[tuple[str, ...]] = warehouse.connection.execute(
        """
        select kpi_code, period_grain, period_start_date, scope_type, scope_id
        from kpi_significant_changes
        where
            is_significant and not is_for_the_better and scope_type <> 'rep' and list_contains(?, kpi_code)
            and period_start_date >= ?
            and period_start_date
            < cast(? as date) + case period_grain when 'week' then 14 when 'month' then 61 else 92 end
        order by scope_type, adjusted_p_value
        """,
        [list(kpis), SINCE.date(), SINCE.date()],
    ).fetchall()
    return found


def main_driver(warehouse: Warehouse, alert: tuple[str, ...]) -> tuple[str, str] | None:
    """What is named first for the company, of the KPI and period of an alert; one on a team names the team itself."""
    found: tuple[str, str] | None = warehouse.connection.execute(
        """
        select driver_type, driver from kpi_drivers
        where
            is_main_driver and kpi_code = ? and period_grain = ? and period_start_date = ? and scope_type = 'company'
        """,
        list(alert[:3]),
    ).fetchone()
    return found


# from scipy.stats.t
@pytest.mark.parametrize(
    ("t", "degrees", "probability"),
    [
        (0.5, 8, 0.6305361),
        (4.0, 8, 0.003949773),
        (9.0, 8, 1.853118e-05),
        (0.5, 20, 0.6225318),
        (4.0, 20, 0.0007035233),
        (9.0, 20, 1.804042e-08),
        (0.5, 100, 0.6181736),
        (4.0, 100, 0.0001215236),
        (9.0, 100, 1.536077e-14),
    ],
)
def test_probabilities_are_those_of_students_distribution_or_a_little_larger(
    t: float, degrees: int, probability: float
) -> None:
    row = duckdb.sql(f"select {expression('two_sided_p', t, degrees)}").fetchone()
    assert row is not None
    assert 0.999 < row[0] / probability < (1.02 if t <= 4 else 1.125)


@pytest.mark.slow
def test_nothing_is_said_before_a_change_and_the_right_thing_after_it() -> None:
    change, kpis, culprit = CHANGES["a channel dries up"]
    warehouse = layer_of_components(steady_components(31, 3.0, change), AS_OF)
    assert alerts(warehouse, FIRST, SINCE.date()) == []
    found = detected(warehouse, kpis)
    assert found
    add_drivers(warehouse)
    assert main_driver(warehouse, found[0]) == culprit


@pytest.mark.proof
def test_a_hundred_months_without_a_change_raise_at_most_two_alerts() -> None:
    said = {
        (seed, scale): alerts(layer_of_components(steady_components(seed, scale), AS_OF), FIRST)
        for seed, scale in ((41, 1.0), (42, 4.0), (43, 8.0))
    }
    assert sum(len(found) for found in said.values()) <= 2, said


@pytest.mark.proof
def test_the_demo_companies_raise_as_few() -> None:
    said = {}
    for seed in range(2, 8):
        truth = truth_of(simulate(seed, 1.0, dt.date(2026, 12, 1)), observable=True)
        values = truth.kpis.rename(columns={"grain": "period_grain", "start": "period_start_date"})
        warehouse = layer_of_values(values, dt.date(2026, 11, 30), window_days=120)
        said[seed] = alerts(warehouse, dt.date(2025, 9, 1))
    assert sum(len(found) for found in said.values()) <= 2, said


@pytest.mark.proof
def test_nine_of_ten_changes_are_noticed_and_told_by_their_cause() -> None:
    noticed, told, missed = 0, 0, []
    for name, (change, kpis, culprit) in CHANGES.items():
        for seed in range(51, 56):
            warehouse = layer_of_components(steady_components(seed, 8.0, change), AS_OF)
            found = detected(warehouse, kpis)
            noticed += bool(found)
            if found:
                add_drivers(warehouse)
            if found and main_driver(warehouse, found[0]) == culprit:
                told += 1
            else:
                missed.append((name, seed, found[:1], main_driver(warehouse, found[0]) if found else None))
            warehouse.connection.close()
    assert noticed >= 36, (noticed, missed)
    assert told >= 32, (told, missed)
