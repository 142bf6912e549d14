"""Every KPI computed a second time, in plain Python from the published facts, is the one in `kpi_values`.

The oracle is written from `docs/decisions/` (each function names its page) and knows nothing of the SQL of the KPIs,
nor of the simulator: it reads what was published, so that it holds on real exports as well (docs/decisions/0066).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest

from conftest import LARGE, SHARED, DemoSites, demo_companies
from oracle import deals
from oracle import exports as raw
from oracle.comparing import Oracle, same
from oracle.parts import Spread
from oracle.published import Published, Row
from warehouse.settings import PROJECT

# the companies of the simulator's truth, so that they are built once
TESTED = [SHARED]
PROVEN = [
    LARGE,
    (5, 1.5, "2024-02-29"),
    *((seed, 0.3, f"2026-{seed % 12 + 1:02}-{seed:02}") for seed in range(8, 21)),
]

# what is not computed a second time: it is an estimate, judged by its backtest. The oracle adds it to what is signed
TAKEN = {"forecast_bookings_amount": ("open_expected_amount", "create_and_close_amount")}


@pytest.fixture(
    scope="module",
    params=demo_companies(TESTED, PROVEN),
)
def oracle(request: pytest.FixtureRequest, demo_sites: DemoSites) -> Iterator[Oracle]:
    site = demo_sites(*request.param)
    connection = duckdb.connect(str(site.settings.warehouse / "dev.duckdb"), read_only=True)
    yield Oracle(Published(connection, "marts", PROJECT, site.settings.config))
    connection.close()


def test_every_kpi_is_computed_twice(oracle: Oracle) -> None:
    assert set(oracle.current) == set(oracle.rules)
    # of each the publication has rows to be held against
    assert [kpi for kpi in oracle.rules if not oracle.told[kpi]] == []
    assert sum(map(len, oracle.told.values())) > 40_000
    for kpi, columns in TAKEN.items():
        assert kpi in oracle.rules
        assert oracle.published.rows("forecast_bookings", " ".join(columns))


def test_the_exports_themselves_say_the_same(oracle: Oracle) -> None:
    config = oracle.published.config
    assert config is not None
    exports = raw.Exports(config.parent / "extracts", oracle.published.seed("exchange_rates"))
    assert exports.as_of == oracle.published.as_of
    figures = raw.figures(exports, Spread(oracle.windows))
    assert len(figures) == 10
    assert oracle.disagreements_of(figures, company_only=True) == []


def test_periods_are_those_of_the_calendar(oracle: Oracle) -> None:
    assert oracle.periods
    assert oracle.dates_that_differ() == []


def test_numerators_denominators_and_values_are_the_same(oracle: Oracle) -> None:
    assert oracle.disagreements() == []


def test_each_period_is_compared_with_the_right_days(oracle: Oracle) -> None:
    # the year under way and the one before, with their quarters, months and weeks
    recent = oracle.calendar.year_before(oracle.calendar.period("year", oracle.published.as_of)).start
    assert oracle.disagreements_of_comparisons(recent) == []


@pytest.mark.proof
def test_each_period_ever_is_compared_with_the_right_days(oracle: Oracle) -> None:
    assert oracle.disagreements_of_comparisons() == []


def test_what_is_changed_in_the_publication_is_found(oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = set()
    for kpi, column, change in (
        ("bookings_amount", "value", 0.01),
        ("win_rate", "value", 1e-6),
        ("show_rate", "denominator", 1),
        ("sales_cycle_p90_days", "value", 0.1),
        ("ltv_amount", "value", 0.01),
    ):
        key = max(key for key, row in oracle.told[kpi].items() if key.scope.type == "company" and row["value"])
        row = oracle.told[kpi][key]
        monkeypatch.setitem(row, column, row[column] + change)
        changed.add((kpi, key.period.start, key.scope, column))
    key, row = next(each for each in oracle.told["ltv_cac_ratio"].items() if each[1]["band"])
    monkeypatch.setitem(row, "band", "a word nobody knows")
    changed.add(("ltv_cac_ratio", key.period.start, key.scope, "band"))
    key = next(key for key, row in oracle.told["calls_made"].items() if key.scope.type == "rep" and row["value"])
    monkeypatch.delitem(oracle.told["calls_made"], key)
    changed.add(("calls_made", key.period.start, key.scope, "row"))
    found = [(each.kpi, each.start, each.scope, each.column) for each in oracle.disagreements()]
    assert len(found) == 7
    assert set(found) == changed


class OneCentMore(Published):
    """The same company, with one cent more in one win."""

    def rows(self, table: str, columns: str) -> list[Row]:
        found = super().rows(table, columns)
        if table == "fct_bookings":
            place = columns.split().index("booking_amount")
            changed = next(
                number for number, row in enumerate(found) if row[place] is not None and "new_business" in row
            )
            row = list(found[changed])
            row[place] += Decimal("0.01")
            found[changed] = tuple(row)
        return found


def test_one_cent_of_one_fact_is_found_in_each_of_its_periods_and_scopes(oracle: Oracle) -> None:
    published = oracle.published
    richer = OneCentMore(published.connection, published.schema, published.project, published.config)
    spread = Spread(oracle.windows)
    cells = deals.bookings(richer, spread)["bookings_amount"]
    found = [
        key for key, figure in cells.items() if figure.value != oracle.current["bookings_amount"].get(key, figure).value
    ]
    # a week, a month, a quarter and a year of the company, a team, a rep, a segment, a channel and a product
    assert len(found) == 24
    assert all(not same(cells[key].value, oracle.told["bookings_amount"][key]["value"]) for key in found)
