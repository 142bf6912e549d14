"""The metrics of `models/metrics` asked through MetricFlow, in this process and on a connection of the test's own."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any, cast

import duckdb
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlClient, SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup


class DuckDbDialect:
    """As much of a client as MetricFlow needs to write SQL; who asks runs it."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()

    def render_bind_parameter_key(self, key: str) -> str:
        return f"${key}"


@cache
def engine_of(manifest: Path) -> MetricFlowEngine:
    """MetricFlow on a semantic manifest that dbt has written."""
    parsed = parse_manifest_from_dbt_generated_manifest(manifest.read_text(encoding="utf-8"))
    return MetricFlowEngine(SemanticManifestLookup(parsed), cast(SqlClient, DuckDbDialect()))


def metric_values(
    connection: duckdb.DuckDBPyConnection, manifest: Path, metrics: list[str], *, time: str, scope: str | None
) -> dict[tuple[str, dt.date, str], Any]:
    """Values by metric, first day of the period and member of the scope (the company's is `all`), in one query."""
    request = MetricFlowQueryRequest.create(
        metric_names=metrics, group_by_names=[f"metric_time__{time}", *([scope] if scope else [])]
    )
    sql = engine_of(manifest).explain(request).sql_statement.sql
    member = scope or "'all'"
    result = connection.execute(
        f"select cast(metric_time__{time} as date), {member}, {', '.join(metrics)} from ({sql})"
    )
    return {
        (metric, start, scope_id): value
        for start, scope_id, *values in result.fetchall()
        for metric, value in zip(metrics, values, strict=True)
    }
