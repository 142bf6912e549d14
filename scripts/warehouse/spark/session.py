"""dbt on Spark: a session with the lake's tables in its catalog, and a connection that speaks Spark's words."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from warehouse.errors import UserError
from warehouse.identity import hmac_pads, identity_key
from warehouse.settings import PROJECT, Settings
from warehouse.spark.dialect import to_spark
from warehouse.spark.exporting import TABLES

# what DuckDB does without being told
SEMANTICS = {
    "spark.sql.session.timeZone": "UTC",
    # a time without a zone is what exports hold and models keep
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    # an overflow or a text that is no number stops the build
    "spark.sql.ansi.enabled": "true",
    "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
}
# this machine: the catalog is made anew by each command, from the files
LOCAL = {
    "spark.ui.enabled": "false",
    "spark.log.level": "OFF",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.shuffle.partitions": "2",
    # thousands of rows: to make code for a query takes longer than to run it
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def open_session(settings: Settings, lake: Path, memory: str) -> Any:
    """A session on this machine, or the one of the cluster that submitted the script, with the lake's raw tables.

    The catalog of this machine is a Derby file beside the tables, for one process at a time.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UserError("PySpark is not installed: pip install -r requirements-spark.txt") from error
    if not (lake / "raw" / TABLES).exists():
        raise UserError(f"{lake / 'raw'}: no exported tables there; run `python scripts/export_raw.py` first")
    builder: Any = SparkSession.builder.appName("sales_kpi")
    options = dict(SEMANTICS)
    if "PYSPARK_GATEWAY_PORT" not in os.environ:  # not started by spark-submit
        options |= LOCAL | {
            "spark.master": os.environ.get("SPARK_MASTER", "local[*]"),
            "spark.driver.memory": memory,
            "spark.sql.warehouse.dir": str(lake / "built"),
            "spark.driver.extraJavaOptions": JAVA,
        }
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    _register(session, lake / "raw")
    for name, value in zip(("identity_inner", "identity_outer"), hmac_pads(identity_key(settings.warehouse)), strict=True):
        session.sql(f"declare or replace variable {name} string default '{value}'")
    return session


def _register(session: Any, raw: Path) -> None:
    """The exported tables in the catalog, as often as an export says other columns than the last one."""
    tables: dict[str, list[tuple[str, str]]] = json.loads((raw / TABLES).read_text(encoding="utf-8"))
    for schema in sorted({name.split(".")[0] for name in tables}):
        session.sql(f"create database if not exists {schema}")
    for name, columns in tables.items():
        types = {"VARCHAR": "string", "TIMESTAMP": "timestamp_ntz", "BIGINT": "bigint"}
        listed = ", ".join(f"`{column}` {types.get(kind, kind.lower())}" for column, kind in columns)
        folder = str(raw / name.replace(".", "/")).replace("'", "\\'")
        session.sql(f"create table {name} ({listed}) using parquet location '{folder}'")


def run_dbt(arguments: list[str]) -> bool:
    """One dbt command on the target `spark`, or on the one it names; whether all went well."""
    from dbt.adapters.spark.connections import SparkConnectionManager
    from dbt.cli.main import dbtRunner

    said = SparkConnectionManager.add_query

    def add_query(self: Any, sql: str, *others: Any, **named: Any) -> Any:
        return said(self, to_spark(sql), *others, **named)

    SparkConnectionManager.add_query = add_query
    try:
        target = [] if "--target" in arguments else ["--target", "spark"]
        result = dbtRunner().invoke([*arguments, *target, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)])
    finally:
        SparkConnectionManager.add_query = said
    return bool(result.success)
