"""dbt on Spark: a session with the lake's tables in its catalog, and a connection that speaks Spark's words."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import UserError
from warehouse.identity import hmac_pads, identity_key
from warehouse.literals import quoted
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
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.shuffle.partitions": "2",
    # thousands of rows: to make code for a query takes longer than to run it
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
TYPES = {
    "VARCHAR": "string",
    "TIMESTAMP": "timestamp_ntz",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "INTEGER": "int",
    "MAP(VARCHAR, VARCHAR)": "map<string, string>",
}
DROPPED = re.compile(r"drop table if exists (\w+)\.(\w+)\s*\Z", re.IGNORECASE)
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def open_session(settings: Settings, lake: Path, memory: str, storage: str | None = None) -> Any:
    """A session on this machine, or the one of the cluster that submitted the script, with the lake's tables.

    A cluster finds the exported tables under the address `storage`, and keeps its own catalog of what was built.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UserError("PySpark is not installed: pip install -r requirements-spark.txt") from error
    if not (lake / "raw" / TABLES).exists():
        raise UserError(f"{lake / 'raw'}: no exported tables there; run `python scripts/export_raw.py` first")
    builder: Any = SparkSession.builder.appName("sales_kpi")
    options = dict(SEMANTICS)
    alone = "PYSPARK_GATEWAY_PORT" not in os.environ  # not started by spark-submit
    if alone:
        options |= LOCAL | {
            "spark.master": os.environ.get("SPARK_MASTER", "local[*]"),
            "spark.driver.memory": memory,
            "spark.sql.warehouse.dir": str(lake / "built"),
            "spark.driver.extraJavaOptions": JAVA,
        }
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    _register(session, lake / "raw", storage or str(lake / "raw"))
    if alone:
        _register_built(session, lake / "built")
    pads = hmac_pads(identity_key(settings.warehouse))
    for name, value in zip(("identity_inner", "identity_outer"), pads, strict=True):
        session.sql(f"declare or replace variable {name} string default '{value}'")
    return session


def _register(session: Any, raw: Path, storage: str) -> None:
    """The exported tables in the catalog, where the session finds them."""
    tables: dict[str, dict[str, str]] = json.loads((raw / TABLES).read_text(encoding="utf-8"))
    for schema in sorted({name.split(".")[0] for name in tables}):
        session.sql(f"create database if not exists {schema}")
    for name, columns in tables.items():
        session.sql(f"drop table if exists {name}")
        _create(session, name, columns, f"{storage}/{name.replace('.', '/')}")


def _register_built(session: Any, built: Path) -> None:
    """The tables of earlier commands in the catalog of this one."""
    with duckdb.connect() as connection:
        for folder in sorted(path.parent for path in built.glob("*.db/*/_SUCCESS")):
            rows = connection.execute(f"describe from read_parquet({quoted(folder / '*.parquet')})").fetchall()
            schema = folder.parent.name.removesuffix(".db")
            session.sql(f"create database if not exists {schema}")
            _create(session, f"{schema}.{folder.name}", {row[0]: row[1] for row in rows}, str(folder))


def _create(session: Any, name: str, columns: Mapping[str, str], location: str) -> None:
    listed = ", ".join(f"`{column}` {TYPES.get(kind, kind.lower())}" for column, kind in columns.items())
    place = location.replace("'", "\\'")
    session.sql(f"create table {name} ({listed}) using parquet location '{place}'")


def run_dbt(arguments: Sequence[str], built: Path | None = None) -> bool:
    """One dbt command on the target `spark`, or on the one it names; whether all went well.

    What dbt drops is removed from the folder `built`: Spark leaves the files of a table that an earlier command made.
    """
    from dbt.adapters.spark.connections import SparkConnectionManager
    from dbt.cli.main import dbtRunner

    said = SparkConnectionManager.add_query

    def add_query(self: Any, sql: str, *others: Any, **named: Any) -> Any:
        answer = said(self, to_spark(sql), *others, **named)
        if built and (dropped := DROPPED.search(sql)):
            shutil.rmtree(built / f"{dropped[1]}.db" / dropped[2], ignore_errors=True)
        return answer

    target = [] if "--target" in arguments else ["--target", "spark"]
    SparkConnectionManager.add_query = add_query
    try:
        result = dbtRunner().invoke(
            [*arguments, *target, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        )
    finally:
        SparkConnectionManager.add_query = said
    return bool(result.success)
