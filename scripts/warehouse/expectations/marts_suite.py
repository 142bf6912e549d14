"""The suite of the publish gate: may the finished marts be shown? Every breach refuses; nothing is marked here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.expectations.checks import Check, Subject
from warehouse.expectations.controls import controls
from warehouse.expectations.earlier import Earlier
from warehouse.expectations.standing import Landed
from warehouse.rebuilding import identifier

OWNER = "analytics engineering"
VALUES, MEASURED = "kpi_values", "marts_measured"
FINITE = 1e12  # more is no amount a sales team has, but a sum of something else
SHRUNK = 0.8  # of the rows published before
FEW = 50  # rows of which a fifth may go by chance

# the mart that has rows where something of a kind landed
MARTS_OF = {
    "opportunities": "fct_opportunities",
    "activities": "fct_activities",
    "accounts": "dim_accounts",
    "people": "dim_contacts",
    "costs": "fct_costs",
    "invoices": "fct_invoices",
    "payments": "fct_payments",
    "subscriptions": "fct_subscriptions_monthly",
    "ad_spend": "fct_ad_spend",
    "web_traffic": "fct_web_traffic",
    "users": "dim_sales_reps",
}
# by unit, and of shares of a whole by how their interval is taken; lowest and highest value
BOUNDS: Mapping[str, tuple[float | None, float | None]] = {
    "share": (0.0, 1.0),
    "count": (0.0, FINITE),
    "minutes": (0.0, FINITE),
    "days": (0.0, 36_525.0),
    "ratio": (-FINITE, FINITE),
    "rate": (-FINITE, FINITE),
    "months": (-FINITE, FINITE),
    "EUR": (-FINITE, FINITE),
    "EUR_per_day": (-FINITE, FINITE),
}
# what its unit does not say; only what no sales team can have, for a value beyond it stops every reader: a deal may be
# a reduction, stock that is counted at the end of a year makes a month's cost of sales negative, and an analytics
# tool that asks for consent sees fewer visits than requests
BOUNDS_OF_KPIS: Mapping[str, tuple[float | None, float | None]] = {
    "grr_rate": (0.0, 1.0),
    "customer_churn_monthly_rate": (0.0, 1.0),
    "visitor_to_demo_request_rate": (0.0, FINITE),
    "mrr_amount": (0.0, FINITE),
    "relation_length_years": (0.0, 100.0),
    "purchases_per_year": (0.0, 1_000.0),
}


@dataclass(frozen=True)
class Measured:
    """A number about the marts, and what it has to be."""

    table: str
    rule: str
    value: float
    measures: str
    unit: str
    low: float | None = None
    high: float | None = None
    column: str | None = None
    note: str = ""

    def check(self) -> Check:
        """The check of it."""
        cell = ".".join(part for part in (self.table, self.column, self.rule) if part)
        bounds = {"min_value": self.low, "max_value": self.high}
        return Check(
            subject=Subject(self.table, OWNER),
            rule=self.rule,
            on_breach="stop",
            asset=MEASURED,
            expectation="ExpectColumnMaxToBeBetween",
            arguments={"column": cell, **{name: bound for name, bound in bounds.items() if bound is not None}},
            measures=self.measures,
            unit=self.unit,
            column=self.column,
            low=self.low,
            high=self.high,
            note=self.note,
        )


def marts_checks(
    connection: duckdb.DuckDBPyConnection, landed: Sequence[Landed], earlier: Earlier | None
) -> list[Check]:
    """The checks of a build attached as `built`, their assets made in the database of the connection.

    `earlier` is the publication before; None where there is none, or other days are asked for than the newest.
    """
    measured = [*_rows(connection, landed), *_periods(connection), *_totals(connection, landed)]
    if earlier:
        measured += [*_beside(connection, earlier)]
    cells = [f"{each.value!r}::double as {identifier(each.check().arguments['column'])}" for each in measured]
    connection.execute(f"create table {MEASURED} as select {', '.join(cells)}")
    return [*_bounds(connection), *(each.check() for each in measured)]


def _bounds(connection: duckdb.DuckDBPyConnection) -> Iterator[Check]:
    """KPIs within what their unit allows, one column each; those that have a value at all."""
    connection.execute(
        f"create table {VALUES} as pivot ("
        "select kpi_code, period_grain, period_start_date, scope_type, scope_id, value from built.marts.kpi_values "
        "where value is not null) on kpi_code using any_value(value)"
    )
    rows = connection.execute(
        "select kpi_code, unit, interval_method from built.seeds.kpi_registry "
        "where kpi_code in (select kpi_code from built.marts.kpi_values where value is not null) order by all"
    ).fetchall()
    for kpi, unit, method in rows:
        kind = "share" if unit == "rate" and method == "wilson" else unit
        low, high = BOUNDS_OF_KPIS.get(kpi, BOUNDS[kind])
        arguments: dict[str, Any] = {"column": kpi, "min_value": low, "max_value": high}
        yield Check(
            subject=Subject("kpi_values", OWNER),
            rule="kpi_bounds",
            on_breach="stop",
            asset=VALUES,
            expectation="ExpectColumnValuesToBeBetween",
            arguments=arguments,
            measures=f"values outside {low:,.4g} to {high:,.4g}",
            unit="share",
            column=kpi,
            high=0.0,
        )


def _rows(connection: duckdb.DuckDBPyConnection, landed: Sequence[Landed]) -> Iterator[Measured]:
    """Rows where something landed; without any landed nothing is asked for."""
    entities = {each.table.entity for each in landed if _has_rows(connection, each)}
    tables = [MARTS_OF[entity] for entity in sorted(filter(None, entities)) if entity in MARTS_OF]
    for table in [*tables, *(("kpi_values", "kpi_components_daily") if tables else ())]:
        (row,) = connection.execute(f"select count(*) from built.marts.{table}").fetchall()
        yield Measured(table, "rows", float(row[0]), "rows", "rows", low=1)


def _has_rows(connection: duckdb.DuckDBPyConnection, landed: Landed) -> bool:
    (row,) = connection.execute(
        "select coalesce(sum(rows), 0) from raw.main.loads where list_contains(?, load_id)",
        [[each.load_id for each in landed.standing]],
    ).fetchall()
    return bool(row[0] >= FEW)


def _periods(connection: duckdb.DuckDBPyConnection) -> Iterator[Measured]:
    """Every month of the company from the first of a KPI to the as-of date."""
    rows = connection.execute(
        "with asked as (select distinct kpi_code, min(period_start_date) over (partition by kpi_code) as first_date "
        "from built.marts.kpi_values where period_grain = 'month' and scope_type = 'company') "
        "select asked.kpi_code, periods.period_start_date from asked inner join built.marts.dim_periods as periods "
        "on periods.period_grain = 'month' and periods.period_start_date >= asked.first_date "
        "anti join (select * from built.marts.kpi_values where period_grain = 'month' and scope_type = 'company') "
        "as told on asked.kpi_code = told.kpi_code and periods.period_start_date = told.period_start_date order by all"
    ).fetchall()
    note = f"first {rows[0][0]} of {rows[0][1]:%Y-%m}" if rows else ""
    yield Measured("kpi_values", "periods", float(len(rows)), "months of a KPI missing", "rows", high=0, note=note)


def _totals(connection: duckdb.DuckDBPyConnection, landed: Sequence[Landed]) -> Iterator[Measured]:
    """Totals beside those of the landed rows, read by another way."""
    for control in controls(landed):
        (row,) = connection.execute(f"select ({control.built})::double, ({control.raw})::double").fetchall()
        built, raw = row[0] or 0.0, row[1] or 0.0
        if raw:
            yield Measured(
                control.table,
                "totals",
                built / raw,
                f"{control.measures} as a multiple of what landed",
                "times",
                low=control.low,
                high=control.high,
                column=control.name,
                note=f"{built:,.2f} of {raw:,.2f}",
            )


def _beside(connection: duckdb.DuckDBPyConnection, earlier: Earlier) -> Iterator[Measured]:
    """What was published before and is no more."""
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'built' and schema_name = 'marts'"
    ).fetchall()
    built = {name for (name,) in tables}
    for table, rows in earlier.rows.items():
        if rows >= FEW and table.startswith(("dim_", "fct_", "kpi_values")):
            now = 0.0
            if table in built:
                ((now,),) = connection.execute(f"select count(*) from built.marts.{table}").fetchall()
            yield Measured(
                table,
                "collapsed",
                now / rows,
                "rows, of those published before",
                "share",
                low=SHRUNK,
                note=f"{now:,.0f} of {rows:,}",
            )
    yield Measured(
        "dim_clocks", "as_of", float(earlier.days_back), "days it is behind what is published", "days", high=0
    )
    moved = earlier.moved
    first = [f"first {each.kpi} of {each.month:%Y-%m}: {each.now:,.2f}, was {each.was:,.2f}" for each in moved[:1]]
    yield Measured(
        "kpi_values",
        "closed_months",
        float(len(moved)),
        "closed months moved that no delivery touched",
        "rows",
        high=0,
        note="".join(first),
    )
