"""What the pages show, read from the published marts: rows as they are, nothing is calculated anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import UserError

ROLES = ("sdr", "account_executive", "sales_director", "executive")
Table = dict[str, Any]
Data = dict[str, Any]

# the tiles of a page, each with what kpi_values and the registry say of it
TILES = """
select
    tiles.position, tiles.period_grain, tiles.period_start_date, tiles.scope_type, tiles.scope_id, tiles.kpi_code,
    tiles.is_headline, tiles.value, tiles.formatted_value_en, tiles.formatted_value_fr, tiles.target_value,
    tiles.attainment_rate, tiles.status, tiles.trend, tiles.trust_status, tiles.comment_en, tiles.comment_fr,
    tiles.is_partial_period, tiles.previous_value, kpi_values.same_period_last_year_value, kpi_values.ci_low,
    kpi_values.ci_high, kpi_values.sample_size, kpi_values.is_mature
from dashboard_tiles as tiles
left join kpi_values using (kpi_code, period_grain, period_start_date, scope_type, scope_id)
where tiles.dashboard = $dashboard
order by tiles.position, tiles.scope_type, tiles.scope_id, tiles.period_grain, tiles.period_start_date
"""

KPIS = """
select distinct
    tiles.position, tiles.kpi_code, tiles.is_headline, tiles.label_en, tiles.label_fr, tiles.unit,
    dim_kpis.direction, dim_kpis.description_en, dim_kpis.description_fr
from dashboard_tiles as tiles
left join dim_kpis using (kpi_code)
where tiles.dashboard = $dashboard
order by tiles.position
"""

# the drivers that weigh most, the others together, so that they still add up to the change
DRIVERS = """
with wanted as (
    select distinct kpi_code, period_grain, period_start_date, scope_type, scope_id
    from dashboard_tiles
    where dashboard = $dashboard and (scope_type <> 'rep' or period_grain <> 'week')
),
ranked as (
    select
        drivers.*,
        row_number() over (
            partition by kpi_code, period_grain, period_start_date, scope_type, scope_id, driver_type
            order by abs(contribution) desc, driver
        ) as place
    from kpi_drivers as drivers
    semi join wanted using (kpi_code, period_grain, period_start_date, scope_type, scope_id)
    where contribution is not null
)
select
    kpi_code, period_grain, period_start_date, scope_type, scope_id, driver_type,
    case when place <= $shown then driver_label_en end as label_en,
    case when place <= $shown then driver_label_fr end as label_fr,
    count(*) as drivers_count, sum(contribution) as contribution, bool_or(is_main_driver) as is_main_driver,
    case when count(*) = 1 then any_value(previous_value) end as previous_value,
    case when count(*) = 1 then any_value(value) end as value
from ranked
group by all
order by kpi_code, scope_type, scope_id, period_grain, period_start_date, driver_type, abs(sum(contribution)) desc
"""

STEPS = """
select
    period_grain, period_start_date, scope_type, scope_id, from_stage, to_stage, entrants_count, converted_count,
    conversion_rate, expected_final_rate, ci_low, ci_high, window_days, is_mature, benchmark_rate,
    recoverable_loss_amount, is_bottleneck
from funnel_conversion as steps
where view = 'cohort' and counting = 'reached' and period_grain in ('month', 'quarter')
    and scope_type in ('company', 'team', 'rep') and (scope_type <> 'rep' or period_grain = 'quarter')
    and period_start_date >= (
        select min(period_start_date) from dashboard_tiles where period_grain = steps.period_grain
    )
order by scope_type, scope_id, from_stage, to_stage, period_grain, period_start_date
"""

COHORTS = """
select period_grain, period_start_date, scope_type, scope_id, cohort_stage, stage, reached_count
from funnel_cohorts as cohorts
where counting = 'reached' and cohort_stage in ('lead', 'opportunity') and period_grain in ('month', 'quarter')
    and scope_type in ('company', 'team', 'rep') and (scope_type <> 'rep' or period_grain = 'quarter')
    and period_start_date >= (
        select min(period_start_date) from dashboard_tiles where period_grain = cohorts.period_grain
    )
order by scope_type, scope_id, cohort_stage, stage, period_grain, period_start_date
"""

WATERFALL = """
select * exclude (carried_over_amount)
from funnel_pipeline_waterfall as pipeline
where period_grain in ('month', 'quarter') and scope_type in ('company', 'team', 'rep')
    and period_start_date >= (
        select min(period_start_date) from dashboard_tiles where period_grain = pipeline.period_grain
    )
order by scope_type, scope_id, period_grain, period_start_date
"""

FORECASTS = """
select
    * exclude (period_end_date, as_of_date, basis, without_amount_count, target_amount), target_amount as target_value
from forecast_bookings
where scope_type in ('company', 'team', 'rep')
order by all
"""

# what was forecast on the eve of each of the last twelve months, and what came
RECORD = """
select period_start_date, scope_type, scope_id, forecast_amount, low_amount, high_amount, actual_amount
from forecast_backtest
where period_grain = 'month' and method = 'warehouse' and scope_type in ('company', 'team', 'rep')
    and as_of_date = period_start_date - 1
qualify dense_rank() over (order by period_start_date desc) <= 12
order by scope_type, scope_id, period_start_date
"""

ALERTS = """
select kpi_code, scope_type, scope_id, severity, message_en, message_fr, suggested_analysis_en, suggested_analysis_fr
from kpi_alerts
order by
    list_position(['critical', 'important', 'info'], severity), list_position(['company', 'team', 'rep'], scope_type),
    kpi_code, period_grain, period_start_date, scope_id
"""

# of tiles, and of the steps of the funnel below them
REASONS = """
select kpi_code, period_grain, period_start_date, trust_status, reasons_en, reasons_fr
from quality_kpi_trust
where trust_status <> 'trusted'
    and (period_grain, period_start_date) in (select (period_grain, period_start_date) from dashboard_tiles)
    and kpi_code in (
        select kpi_code from dashboard_tiles
        union all
        select kpi_code from dim_kpis where matures_after is not null
    )
order by all
"""

# which KPI a step of the funnel is
MEASURES = """
select matures_after as step, kpi_code
from dim_kpis
where matures_after like '%_to_%'
order by all
"""

SCORECARDS = """
select
    cards.* exclude (better_share), dim_kpis.unit
from rep_scorecards as cards
inner join dim_kpis using (kpi_code)
qualify dense_rank() over (partition by cards.period_grain order by cards.period_start_date desc)
    <= case cards.period_grain when 'quarter' then 6 else 3 end
order by period_grain, period_start_date, kpi_code, rep_id
"""

# in the order of the dashboards
SCORED = """
select dashboard as role, position, dashboard_tiles.kpi_code, label_en, label_fr, dashboard_tiles.unit, direction
from dashboard_tiles
inner join dim_kpis using (kpi_code)
where dashboard in ('sdr', 'account_executive') and kpi_code in (select kpi_code from rep_scorecards)
group by all
order by dashboard, position
"""

PERIODS = """
select distinct
    tiles.period_grain, tiles.period_start_date, dim_periods.period_end_date, dim_periods.is_partial_period,
    dim_dates.fiscal_year, dim_dates.fiscal_quarter
from (
    select period_grain, period_start_date from dashboard_tiles
    union all
    select period_grain, period_start_date from rep_scorecards
) as tiles
inner join dim_periods using (period_grain, period_start_date)
left join dim_dates on tiles.period_start_date = dim_dates.date_day
order by tiles.period_grain, tiles.period_start_date desc
"""

TRUST = """
select kpi_code, period_grain, period_start_date, trust_status, reasons_en, reasons_fr
from quality_kpi_trust
where (kpi_code, period_grain, period_start_date) in (
    select (kpi_code, period_grain, period_start_date) from dashboard_tiles
)
order by all
"""

TRUST_KPIS = """
select distinct kpi_code, label_en, label_fr
from dashboard_tiles
order by kpi_code
"""

REPS = """
select rep_id, rep_name, team_id, role, left_date
from dim_sales_reps
order by is_active desc, rep_name, rep_id
"""

FRESHNESS = """
select
    source_instance, table_name, newest_extracted_at, newest_business_at, hours_late, limit_hours, status, reason_en,
    reason_fr
from quality_source_freshness
order by list_position(['stale', 'late', 'fresh'], status), source_instance, table_name
"""

COMPLETENESS = """
select source_instance, table_name, column_name, rows_count, filled_rate, castable_rate, required_rate, status
from quality_completeness
where status in ('incomplete', 'uncastable') or required_rate is not null
order by list_position(['incomplete', 'uncastable', 'empty', 'ok'], status), source_instance, table_name, column_name
"""

MATCHES = """
select left_system, right_system, entity, left_count, matched_count, match_rate, limit_rate, is_low
from quality_match_rates
where limit_rate is not null
order by is_low desc, left_system, entity, right_system
"""

# the finished tables are checked after the pages are made: what is known of them is of the run before
CHECKED = "is_current and not (kind = 'expectation' and source_instance = 'warehouse')"

# what failed and was not excused first; a check that passed is a number in the head of the section
CHECKS = f"""
select
    check_name, source_instance, table_name, column_name, observed, expected, on_breach, status, owner, from_date,
    to_date, label_en, label_fr
from quality_checks
where {CHECKED} and status <> 'passed'
order by
    list_position(['failed', 'excused'], status), list_position(['stop', 'distrust', 'tell'], on_breach), check_name,
    source_instance, table_name
"""


def read_role(database: Path, dashboard: str) -> Data:
    """Everything a role page shows."""
    with _reading(database) as marts:
        return {
            **_common(marts),
            "kpis": _table(marts, KPIS, dashboard=dashboard),
            "tiles": _table(marts, TILES, dashboard=dashboard),
            "drivers": _table(marts, DRIVERS, dashboard=dashboard, shown=8),
            "steps": _table(marts, STEPS),
            "cohorts": _table(marts, COHORTS),
            "waterfall": _table(marts, WATERFALL),
            "forecasts": _table(marts, FORECASTS),
            "record": _table(marts, RECORD),
            "alerts": _table(marts, ALERTS),
            "reasons": _table(marts, REASONS),
            "measures": _table(marts, MEASURES),
        }


def read_people(database: Path) -> Data:
    """The scorecards of reps."""
    with _reading(database) as marts:
        return {**_common(marts), "kpis": _table(marts, SCORED), "cards": _table(marts, SCORECARDS)}


def read_quality(database: Path) -> Data:
    """How far the figures may be trusted, and why."""
    with _reading(database) as marts:
        return {
            **_common(marts),
            "kpis": _table(marts, TRUST_KPIS),
            "trust": _table(marts, TRUST),
            "freshness": _table(marts, FRESHNESS),
            "completeness": _table(marts, COMPLETENESS),
            "columns": _table(marts, "select status, count(*) as columns_count from quality_completeness group by 1"),
            "matches": _table(marts, MATCHES),
            "checks": _table(marts, CHECKS),
            "checked": _table(marts, f"select count(*) as checks_count from quality_checks where {CHECKED}"),
        }


def read_index(database: Path) -> Data:
    """The headlines of the company by page, and the alerts."""
    headlines = TILES.replace("tiles.dashboard = $dashboard", "tiles.scope_type = 'company' and tiles.is_headline")
    headlines = headlines.replace("tiles.position,", "tiles.dashboard, tiles.position,", 1)
    labels = KPIS.replace("where tiles.dashboard = $dashboard", "").replace(
        "tiles.position,", "tiles.dashboard, tiles.position,"
    )
    with _reading(database) as marts:
        return {
            **_common(marts),
            "kpis": _table(marts, labels),
            "tiles": _table(marts, headlines),
            "alerts": _table(marts, ALERTS),
        }


@contextmanager
def _reading(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        connection = duckdb.connect(str(database), read_only=True)
    except duckdb.Error:
        raise UserError(f"{database}: no marts to read; `make build` publishes them") from None
    try:
        connection.execute("set timezone = 'UTC'")
        schemas = {name for (name,) in connection.execute("select schema_name from duckdb_schemas()").fetchall()}
        # a build has its marts in a schema of that name, a publication has nothing else
        connection.execute(f"set schema = '{'marts' if 'marts' in schemas else 'main'}'")
        yield connection
    except duckdb.CatalogException as error:
        raise UserError(f"{database}: not the marts of this version ({str(error).splitlines()[0]})") from None
    finally:
        connection.close()


def _common(marts: duckdb.DuckDBPyConnection) -> Data:
    as_of = marts.execute("select max(as_of_date) from dim_clocks").fetchone()
    # the currency is the one the amounts were written in
    currency = marts.execute(
        "select regexp_extract(formatted_value_en, '^-?([^0-9.-]+)', 1) from dashboard_tiles "
        "where unit = 'EUR' and formatted_value_en is not null limit 1"
    ).fetchone()
    return {
        "asOf": str(as_of[0]) if as_of and as_of[0] else None,
        "currency": str(currency[0]).strip() if currency else "€",
        "periods": _table(marts, PERIODS),
        "reps": _table(marts, REPS),
    }


def _table(marts: duckdb.DuckDBPyConnection, query: str, **parameters: str | int) -> Table:
    found = marts.execute(query, parameters) if parameters else marts.execute(query)
    columns = [str(column[0]) for column in found.description]
    return {"columns": columns, "rows": [_plain(row) for row in found.fetchall()]}


def _plain(row: Sequence[Any]) -> list[Any]:
    return [_cell(value) for value in row]


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        # nine digits are more than anybody reads; the rest is what makes a page large
        rounded = float(f"{value:.9g}")
        return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
