"""The floor of a build: the statements dbt compiled, run by one bare DuckDB connection in the order of their graph.

Tables are tables and views are views, as dbt makes them; its tests are run as the counts they are. What dbt takes
beyond that is its own: parsing, compiling, renaming, contracts, logs.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from warehouse.dbt_plugin import lineage_text
from warehouse.identity import declare_key, identity_key
from warehouse.literals import quoted
from warehouse.settings import disabled_optimizers, memory_limit, seed_file

BLOCK = 262_144  # bytes


@dataclass(frozen=True)
class Statement:
    """A statement and what it took; rows and bytes of what it made, where it made a table."""

    name: str
    kind: str
    seconds: float
    cpu_seconds: float
    rows: int = 0
    megabytes: float = 0.0


def floor(warehouse: Path, config: Path, folder: Path) -> list[Statement]:
    """The statements of the last accepted build, run again into a database in a folder.

    Held to the memory the build is held to. Seeds are copied from the build. A table that goes on from its own past
    starts without one.
    """
    manifest = warehouse / "warehouse.manifest.json"
    nodes: dict[str, dict[str, Any]] = {
        name: node
        for name, node in json.loads(manifest.read_text(encoding="utf-8"))["nodes"].items()
        if node["resource_type"] in ("model", "test") and node.get("compiled_code")
    }
    order = TopologicalSorter(
        {name: [each for each in node["depends_on"]["nodes"] if each in nodes] for name, node in nodes.items()}
    ).static_order()
    # a relation has the name of the database in it, and a database that of its file
    database = folder / "candidate.duckdb"
    connection = duckdb.connect(
        str(database), config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )
    if limit := memory_limit():
        connection.execute(f"set memory_limit = '{limit}'")
    raw = warehouse / "raw.duckdb"
    connection.execute(f"set timezone = 'UTC'; set disabled_optimizers = '{disabled_optimizers(raw)}'")
    connection.execute(f"attach {quoted(raw)} as raw (read_only)")
    _prepare(connection, warehouse, config, manifest)
    return list(_run(connection, [nodes[name] for name in order]))


def _prepare(connection: duckdb.DuckDBPyConnection, warehouse: Path, config: Path, manifest: Path) -> None:
    declare_key(connection, identity_key(warehouse))
    connection.execute("set variable config_folder = ?", [str(config)])
    lineage = lineage_text(manifest, seed_file("kpi_registry", config))
    connection.create_function("kpi_lineage", lambda: lineage, [], "VARCHAR")
    connection.execute(f"attach {quoted(warehouse / 'warehouse.duckdb')} as accepted (read_only)")
    made = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'accepted' "
        "and (schema_name = 'seeds' or table_name = 'forecast_snapshots')"
    ).fetchall()
    schemas = connection.execute("select schema_name from duckdb_schemas() where database_name = 'accepted'").fetchall()
    for (schema,) in schemas:
        connection.execute(f'create schema if not exists "{schema}"')
    for schema, table in made:
        connection.execute(f'create table "{schema}"."{table}" as from accepted."{schema}"."{table}"')
    connection.execute("detach accepted")
    connection.execute("checkpoint")


def _run(connection: duckdb.DuckDBPyConnection, nodes: Sequence[dict[str, Any]]) -> Iterator[Statement]:
    used = _used(connection)
    for node in nodes:
        code = node["compiled_code"].strip().rstrip(";")
        kind = node["config"]["materialized"]
        if kind == "incremental":
            # what is there already is its past
            continue
        statement = (
            f"select count(*) from ({code}\n) as failing"
            if kind == "test"
            else f"create {kind} {node['relation_name']} as {code}"
        )
        begun, spent = time.perf_counter(), time.process_time()
        connection.execute(statement).fetchall()
        seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - spent
        rows, megabytes = 0, 0.0
        if kind == "table":
            ((rows,),) = connection.execute(f"select count(*) from {node['relation_name']}").fetchall()
            now = _used(connection)
            megabytes, used = max(now - used, 0) * BLOCK / 1024**2, now
        yield Statement(node["name"], kind, seconds, cpu_seconds, rows, megabytes)


def _used(connection: duckdb.DuckDBPyConnection) -> int:
    ((blocks,),) = connection.execute(
        "select used_blocks from pragma_database_size() where database_name = 'candidate'"
    ).fetchall()
    return int(blocks)


if __name__ == "__main__":
    print(json.dumps([asdict(each) for each in floor(*(Path(each) for each in sys.argv[1:4]))]))
