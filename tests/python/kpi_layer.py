"""The KPI layer alone, from components to alerts, over given components (`model_sql.py`).

A demo company costs the simulator and dbt a minute; a hundred months and forty changes would cost an hour. What is
under test here is the SQL from components to alerts, and it is read from the very files.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pandas as pd
import yaml

from model_sql import Warehouse
from warehouse.demo.business_time import french_holidays
from warehouse.settings import PROJECT

SEEDS = ("kpi_registry", "kpi_targets", "kpi_actions")
VALUES = ("kpi_components_daily", "kpi_components_by_period", "kpi_parts", "kpi_compared", "kpi_values")
ALERTS = (
    "kpi_histories",
    "kpi_expectations",
    "kpi_surprises",
    "kpi_significant_changes",
    "kpi_attainment",
    "kpi_missed_targets",
)

# what alerts were measured on: which tiles a company makes its headlines is no matter of how alerts are judged
WATCHED = (
    "average_deal_size bookings_amount cac_amount calls_made demo_to_proposal_rate emails_sent lead_to_mql_rate "
    "lead_to_opportunity_rate leads_contacted ltv_amount meetings_booked meetings_held new_contacts new_customers "
    "opportunities_created opportunity_to_demo_rate pipeline_open_amount revenue_net_amount win_rate"
).split()


def layer_of_components(components: pd.DataFrame, as_of: dt.date) -> Warehouse:
    """A database with the KPI layer, from the values to the alerts, of components by day as of a day.

    `components`: component_code, component_date, rep_id, team_id, segment, channel, product, component_value. Targets
    are what history was: proposals without any stretch.
    """
    warehouse = _opened(pd.to_datetime(components["component_date"]).min().date(), as_of)
    connection = warehouse.connection
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
    warehouse.build(*VALUES)
    return _judged(warehouse)


def layer_of_values(values: pd.DataFrame, as_of: dt.date, window_days: int) -> Warehouse:
    """The same of KPI values.

    `values`: kpi_code, period_grain, period_start_date, scope_type, scope_id, numerator, denominator, value.
    Cohorts have `window_days` to convert.
    """
    warehouse = _opened(pd.to_datetime(values["period_start_date"]).min().date(), as_of)
    connection = warehouse.connection
    connection.register("given", values)
    connection.execute(
        "create table kpi_compared as select given.kpi_code, period_grain, cast(period_start_date as date) as "
        "period_start_date, scope_type, scope_id, given.numerator, given.denominator, cast(null as bigint) as "
        "records_count, value, cast(null as double) as previous_value, cast(null as double) as "
        "same_period_last_year_value from given inner join kpi_registry using (kpi_code)"
    )
    connection.unregister("given")
    read_seed(connection, "funnel_steps")
    warehouse.give("funnel_windows")
    connection.execute(
        "insert into funnel_windows select fiscal_year, from_stage, to_stage, ?, 0 from funnel_steps "
        "cross join (select fiscal_year from dim_dates group by fiscal_year)",
        [window_days],
    )
    warehouse.build("kpi_values")
    return _judged(warehouse)


def _opened(first: dt.date, as_of: dt.date) -> Warehouse:
    # of the drivers only the newest periods are asked for here
    warehouse = Warehouse(driver_periods=3)
    connection = warehouse.connection
    connection.execute("set timezone = 'UTC'")
    _calendar(warehouse, first, as_of)
    warehouse.build("kpi_windows")
    for name in SEEDS:
        read_seed(connection, name)
    warehouse.give("dim_scopes")
    # who converts does so on the day: rates of steps are known when their period is over
    steps = [code.removesuffix("_rate").split("_to_") for code in WATCHED if "_to_" in code]
    warehouse.give(
        "funnel_windows",
        [
            {"from_stage": first_stage, "to_stage": stage, "fiscal_year": year, "window_days": 0}
            for first_stage, stage in steps
            for year in range(first.year, as_of.year + 1)
        ],
    )
    warehouse.give("dashboards", [{"kpi_code": kpi_code, "is_headline": True} for kpi_code in WATCHED])
    connection.execute(
        "create table quality_kpi_trust as select kpi_code, period_grain, period_start_date, "
        "'trusted' as trust_status, null as reasons_en, null as reasons_fr from kpi_registry cross join dim_periods"
    )
    return warehouse


def _judged(warehouse: Warehouse) -> Warehouse:
    warehouse.connection.execute(BASE_TARGETS)
    warehouse.build(*ALERTS)
    return warehouse


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


def read_seed(connection: duckdb.DuckDBPyConnection, name: str, folder: Path = PROJECT / "seeds") -> None:
    """Makes the table of a seed with the types its properties give it."""
    seeds = yaml.safe_load((PROJECT / "seeds" / "_seeds.yml").read_text(encoding="utf-8"))["seeds"]
    types = next(seed["config"]["column_types"] for seed in seeds if seed["name"] == name)
    connection.execute(
        f"create table {name} as select * from read_csv('{folder / name}.csv', header = true, nullstr = '', "
        f"columns = {types}, quote = '\"', escape = '\"')"
    )


def _calendar(warehouse: Warehouse, first: dt.date, as_of: dt.date) -> None:
    connection = warehouse.connection
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
    text = warehouse.sql_of("dim_periods")
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


def add_drivers(warehouse: Warehouse) -> None:
    """Adds what moved each KPI to a database of components."""
    connection = warehouse.connection
    read_seed(connection, "driver_labels")
    connection.execute(
        """
        create or replace table dim_scopes as
        select distinct scope_type, scope_id, scope_id as scope_name_en, scope_id as scope_name_fr
        from kpi_components_past
        unpivot (scope_id for scope_type in (rep_id as 'rep', team_id as 'team', segment, channel, product))
        """
    )
    warehouse.build(*DRIVERS)
