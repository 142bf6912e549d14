"""The landing database as a lakehouse holds it: one folder of Parquet files for each table.

Beside the landed tables stand the business seeds as they apply to this company (those of the config folder in place
of the project's own) and which KPI is made of which landed table: a cluster reads neither CSV files of this machine nor
dbt's manifest.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import UserError
from warehouse.lineage import kpi_sources
from warehouse.literals import quoted
from warehouse.runs import last_config
from warehouse.settings import PROJECT, Settings, seed_file

TABLES = "tables.json"
READ_SEED = "read_csv({}, header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"', nullstr = '')"


def export(settings: Settings, manifest: Path, lake: Path) -> dict[str, int]:
    """Writes every table into `lake`, complete or not at all; the rows of each table."""
    if not settings.raw_file.exists():
        raise UserError(f"{settings.raw_file}: nothing was loaded there yet; run `make build`")
    if not manifest.exists():
        raise UserError(f"{manifest}: dbt has parsed nothing there yet; run `make build`")
    fresh, stale = lake.with_name(f"{lake.name}.new"), lake.with_name(f"{lake.name}.old")
    for each in (fresh, stale):
        shutil.rmtree(each, ignore_errors=True)
    exported: dict[str, int] = {}
    described: dict[str, dict[str, str]] = {}
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {quoted(settings.raw_file)} as raw (read_only)")
        for name, relation in _relations(connection, settings, manifest):
            folder = fresh / name.replace(".", "/")
            folder.mkdir(parents=True)
            connection.execute(f"copy (from {relation}) to {quoted(folder / 'part-0.parquet')} (format parquet)")
            found = connection.execute(f"select count(*) from {relation}").fetchone()
            exported[name] = found[0] if found else 0
            columns = connection.execute(f"describe select * from {relation}").fetchall()
            described[name] = {column[0]: column[1] for column in columns}
    (fresh / TABLES).write_text(json.dumps(described, indent=1), encoding="utf-8")
    if lake.exists():
        lake.rename(stale)
    fresh.rename(lake)
    shutil.rmtree(stale, ignore_errors=True)
    return exported


def _relations(connection: Any, settings: Settings, manifest: Path) -> Iterator[tuple[str, str]]:
    """Names of tables of the lake, and what DuckDB reads for each."""
    listed = "select schema_name, table_name from duckdb_tables() where database_name = 'raw' order by all"
    for schema, table in connection.execute(listed).fetchall():
        yield f"{schema}.{table}", f'raw."{schema}"."{table}"'
    config = settings.config if settings.config.exists() else last_config(settings.raw_file)
    for own in sorted((PROJECT / "seeds").glob("*.csv")):
        # columns go by name: those that the company's file leaves out are empty
        given, project = (READ_SEED.format(quoted(path)) for path in (seed_file(own.stem, config), own))
        yield f"business_seeds.{own.stem}", f"(from {given} union all by name from {project} where false)"
    told = [asdict(each) for each in kpi_sources(manifest, seed_file("kpi_registry", config))]
    connection.execute("create temp table kpi_sources (kpi_code varchar, source_system varchar, table_name varchar)")
    connection.executemany("insert into kpi_sources values ($kpi_code, $source_system, $table_name)", told)
    yield "main.kpi_sources", "kpi_sources"
