"""The KPI layer alone: its models as they stand, rendered without dbt, in a DuckDB in memory over given components.

A demo company costs the simulator and dbt a minute; a hundred months and forty changes would cost an hour. What is
under test here is the SQL from components to alerts, and it is read from the very files.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pandas as pd
import yaml

from warehouse.demo.business_time import french_holidays
from warehouse.settings import PROJECT

SEEDS = ("kpi_registry", "dashboards", "kpi_targets", "kpi_actions")
VALUES = ("kpi_components_daily", "kpi_components_by_period", "kpi_parts", "kpi_compared", "kpi_values")
ALERTS = (
    "kpi_histories",
    "kpi_expectations",
    "kpi_surprises",
    "kpi_significant_changes",
    "kpi_attainment",
    "kpi_missed_targets",
)
PARTS = "numerator double, denominator double, records_count bigint, value double"
EMPTY = {
    "kpi_lifetime_components": "component_code varchar, month_date date, scope_type varchar, scope_id varchar, "
    "component_value double",
    "kpi_pipeline_components": "component_code varchar, period_grain varchar, period_start_date date, "
    "purpose varchar, scope_type varchar, scope_id varchar, component_value double",
    "kpi_people_touched": "kpi_code varchar, period_grain varchar, period_start_date date, purpose varchar, "
    "scope_type varchar, scope_id varchar, people_count bigint",
    "kpi_products": "kpi_code varchar, period_grain varchar, period_start_date date, purpose varchar, "
    "scope_type varchar, scope_id varchar, value double",
    "kpi_quantiles": "kpi_code varchar, period_grain varchar, period_start_date date, purpose varchar, "
    "scope_type varchar, scope_id varchar, records_count bigint, value double, ci_low double, ci_high double",
    "funnel_windows": "fiscal_year bigint, from_stage varchar, to_stage varchar, window_days bigint, "
    "converters_count bigint",
    "fct_pipeline_daily": "pipeline_date date, rep_id varchar, team_id varchar, segment varchar, channel varchar, "
    "product varchar, opportunity_type varchar, open_amount double",
}
EMPTY["fct_pipeline_spells"] = (
    "opportunity_id varchar, from_date date, to_date date, status varchar, created_date date, "
    "opportunity_type varchar, rep_id varchar, team_id varchar, segment varchar, channel varchar, "
    "product varchar, currency_code varchar, "
    "amount_local double, rate double, open_amount double"
)
EMPTY["kpi_paces"] = (
    "kpi_code varchar, period_grain varchar, period_start_date date, elapsed_share double, pace_method varchar"
)
EMPTY["kpi_quotas"] = (
    "period_grain varchar, period_start_date date, scope_type varchar, scope_id varchar, quota_amount double"
)
EMPTY["kpi_lagged_costs"] = EMPTY["kpi_pipeline_components"]


@cache
def variables() -> dict[str, Any]:
    """The variables of the project."""
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    # of the drivers only the newest periods are asked for here
    return {**project["vars"], "driver_periods": 3}


def rendered(model: str) -> str:
    """A model's SQL with its references as plain table names."""
    environment = _environment()
    file = next((PROJECT / "models").rglob(f"{model}.sql"))
    return environment.from_string(file.read_text(encoding="utf-8")).render()


def expression(macro: str, *arguments: object) -> str:
    """The SQL a macro makes of its arguments."""
    made: str = _environment().globals[macro](*map(str, arguments))
    return made


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals |= {
        "var": lambda name: variables()[name],
        "ref": lambda name: name,
        "return": lambda text: text,
    }
    waiting = {path: path.read_text(encoding="utf-8") for path in sorted((PROJECT / "macros").glob("*.sql"))}
    # a macro sees those that were there when it was read: the ones without macros of their own come first
    for _ in range(3):
        for text in waiting.values():
            module = environment.from_string(text).module
            for name in re.findall(r"{%-? macro (\w+)", text):
                environment.globals[name] = getattr(module, name)
    return environment


def layer_of_components(components: pd.DataFrame, as_of: dt.date) -> duckdb.DuckDBPyConnection:
    """A database with the KPI layer, from the values to the alerts, of components by day as of a day.

    `components`: component_code, component_date, rep_id, team_id, segment, channel, product, component_value. Targets
    are what history was: proposals without any stretch.
    """
    connection = _opened(pd.to_datetime(components["component_date"]).min().date(), as_of)
    connection.register("given", components)
    connection.execute("create table kpi_components_past as select * from given where component_date <= ?", [as_of])
    # only what is watched, at the rhythms it is watched at: the rest costs time and tells nothing here
    connection.execute(
        """
        delete from kpi_registry where kpi_code not in (select kpi_code from dashboards where is_headline);
        update kpi_registry
        set grains = case cadence when 'week' then 'week|month|quarter' else 'month|quarter' end
        """
    )
    connection.unregister("given")
    for model in VALUES:
        build(connection, model)
    return _judged(connection)


def layer_of_values(values: pd.DataFrame, as_of: dt.date, window_days: int) -> duckdb.DuckDBPyConnection:
    """The same of KPI values.

    `values`: kpi_code, period_grain, period_start_date, scope_type, scope_id, numerator, denominator, value.
    Cohorts have `window_days` to convert.
    """
    connection = _opened(pd.to_datetime(values["period_start_date"]).min().date(), as_of)
    connection.register("given", values)
    connection.execute(
        "create table kpi_compared as select given.kpi_code, period_grain, cast(period_start_date as date) as "
        "period_start_date, scope_type, scope_id, given.numerator, given.denominator, cast(null as bigint) as "
        "records_count, value, cast(null as double) as previous_value, cast(null as double) as "
        "same_period_last_year_value from given inner join kpi_registry using (kpi_code)"
    )
    connection.unregister("given")
    read_seed(connection, "funnel_steps")
    connection.execute(
        "insert into funnel_windows select fiscal_year, from_stage, to_stage, ?, 0 from funnel_steps "
        "cross join (select fiscal_year from dim_dates group by fiscal_year)",
        [window_days],
    )
    build(connection, "kpi_values")
    return _judged(connection)


def _opened(first: dt.date, as_of: dt.date) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    _calendar(connection, first, as_of)
    build(connection, "kpi_windows")
    for name in SEEDS:
        read_seed(connection, name)
    for name, columns in EMPTY.items():
        connection.execute(f"create table {name} ({columns})")
    connection.execute(
        "create table quality_kpi_trust as select kpi_code, period_grain, period_start_date, "
        "'trusted' as trust_status, null as reasons_en, null as reasons_fr from kpi_registry cross join dim_periods"
    )
    return connection


def _judged(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute(BASE_TARGETS)
    for model in ALERTS:
        build(connection, model)
    return connection


# what `kpi_target_proposals` would have proposed in each quarter of the past without any stretch: the four before
BASE_TARGETS = """
    insert into kpi_targets by name
    with quarters as (
        select
            kpi_values.kpi_code, scope_type, scope_id, period_start_date, aggregation, cadence,
            count(*) over earlier as quarters_count,
            case aggregation
                when 'sum' then avg(value) over earlier
                when 'ratio'
                    then sum(kpi_values.numerator) over earlier / nullif(sum(kpi_values.denominator) over earlier, 0)
                else avg(value) over earlier
            end as base
        from kpi_values
        inner join kpi_registry
            on kpi_values.kpi_code = kpi_registry.kpi_code and kind = 'kpi' and aggregation <> 'product'
        where period_grain = 'quarter'
        window earlier as (
            partition by kpi_values.kpi_code, scope_type, scope_id
            order by period_start_date rows between 4 preceding and 1 preceding
        )
    ),
    periods as (
        select period_grain, period_start_date, date_trunc('quarter', period_start_date) as quarter_date
        from dim_periods where period_grain in ('month', 'quarter')
    )
    select
        kpi_code, period_grain, periods.period_start_date, scope_type, scope_id,
        case when aggregation = 'sum' and period_grain = 'month' then base / 3 else base end as target_value
    from quarters
    inner join periods on periods.quarter_date = quarters.period_start_date
    where quarters_count = 4 and base is not null
"""


def build(connection: duckdb.DuckDBPyConnection, model: str) -> None:
    """Makes a model's table."""
    connection.execute(f"create or replace table {model} as {rendered(model)}")


def read_seed(connection: duckdb.DuckDBPyConnection, name: str, folder: Path = PROJECT / "seeds") -> None:
    """Makes the table of a seed with the types its properties give it."""
    seeds = yaml.safe_load((PROJECT / "seeds" / "_seeds.yml").read_text(encoding="utf-8"))["seeds"]
    types = next(seed["config"]["column_types"] for seed in seeds if seed["name"] == name)
    connection.execute(
        f"create table {name} as select * from read_csv('{folder / name}.csv', header = true, nullstr = '', "
        f"columns = {types}, quote = '\"', escape = '\"')"
    )


def _calendar(connection: duckdb.DuckDBPyConnection, first: dt.date, as_of: dt.date) -> None:
    days = pd.date_range(f"{first.year}-01-01", f"{as_of.year + 1}-12-31", freq="D")
    holidays = pd.DatetimeIndex([day for year in range(first.year, as_of.year + 2) for day in french_holidays(year)])
    dates = pd.DataFrame(
        {
            "date_day": days,
            "week_start_date": days - pd.to_timedelta(days.day_of_week, unit="D"),
            "month_start_date": days.to_period("M").start_time,
            "fiscal_year_start_date": days.to_period("Y").start_time,
            "fiscal_year_end_date": days.to_period("Y").end_time.normalize(),
            "fiscal_quarter_start_date": days.to_period("Q").start_time,
        }
    )
    connection.register("given", dates)
    connection.execute(
        "create table dim_dates as "
        "select cast(columns(*) as date), cast(year(date_day) as bigint) as fiscal_year from given"
    )
    connection.unregister("given")
    connection.register("closed", pd.DataFrame({"day": holidays}))
    connection.execute(
        "alter table dim_dates add column is_business_day boolean; "
        "update dim_dates set is_business_day = "
        "isodow(date_day) <= 5 and date_day not in (select cast(day as date) from closed)"
    )
    connection.unregister("closed")
    connection.execute("create table dim_clocks as select 'now' as clock_id, cast(? as date) as as_of_date", [as_of])
    # the calendar begins with the first fact of the company, which is given here
    text = rendered("dim_periods")
    start, end = text.index("first_facts as ("), text.index("span as (")
    connection.execute(
        f"create table dim_periods as {text[:start]}"
        f"first_facts as (select cast('{first}' as date) as first_date),\n\n{text[end:]}"
    )


DRIVERS = (
    "kpi_driver_windows",
    "kpi_driver_components",
    "kpi_driver_labels",
    "kpi_driver_bookings",
    "kpi_driver_factors",
    "kpi_driver_products",
    "kpi_driver_members",
    "kpi_driver_movements",
    "kpi_drivers",
)


def add_drivers(connection: duckdb.DuckDBPyConnection) -> None:
    """Adds what moved each KPI to a database of components."""
    for name in ("segments", "driver_labels"):
        read_seed(connection, name)
    connection.execute(
        """
        create table dim_sales_reps as
        select rep_id, rep_id as rep_name, team_id from kpi_components_past group by rep_id, team_id;
        create table dim_channels as
        select channel, channel as label_en, channel as label_fr from kpi_components_past group by channel;
        create table dim_products as select product from kpi_components_past group by product;
        """
    )
    for model in DRIVERS:
        build(connection, model)
