"""The tables that are published: what dbt says of them, what they hold, and whether a copy holds the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import UserError

# what every target can hold as it is; decimals are read with their digits
PLAIN = {"VARCHAR", "BIGINT", "INTEGER", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}
EXACT = ("BIGINT", "INTEGER", "DECIMAL")


@dataclass(frozen=True)
class Mart:
    """A table that is published, with its descriptions and the columns it is one row of each of."""

    name: str
    description: str
    columns: Mapping[str, str]
    schema: str = "marts"
    grain: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A mart and what it holds: the relation it is read from, types and whether null may be, rows, sums and a hash."""

    mart: Mart
    relation: str
    types: Mapping[str, str]
    required: frozenset[str]
    rows: int
    sums: Mapping[str, str]
    fingerprint: str

    @property
    def name(self) -> str:
        """Its name, in every target."""
        return self.mart.name

    def described(self) -> dict[str, Any]:
        """What a manifest says of it, enough to publish its Parquet file again."""
        columns = {
            name: {
                "type": kind,
                "required": name in self.required,
                "description": self.mart.columns.get(name, ""),
            }
            for name, kind in self.types.items()
        }
        return {
            "rows": self.rows,
            "sums": dict(self.sums),
            "fingerprint": self.fingerprint,
            "description": self.mart.description,
            "grain": list(self.mart.grain),
            "columns": columns,
        }


def published_marts(manifest: Path) -> list[Mart]:
    """Public models of the marts and the seeds that say they are published, from dbt's manifest."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    marts = [
        Mart(
            node["name"],
            node["description"],
            {name: column["description"] for name, column in node["columns"].items()},
            node["schema"],
            tuple(node["config"]["meta"].get("grain", ())),
        )
        for node in nodes
        if (node["resource_type"] == "model" and node["schema"] == "marts" and node["access"] == "public")
        or (node["resource_type"] == "seed" and node["config"]["meta"].get("is_published"))
    ]
    return sorted(marts, key=lambda mart: mart.name)


def built_tables(connection: duckdb.DuckDBPyConnection, catalog: str, marts: Iterable[Mart]) -> list[Table]:
    """Marts as they were built, in an attached database.

    Raises UserError for a column of a type that not every target can hold.
    """
    tables = []
    for mart in marts:
        columns = connection.execute(
            "select column_name, data_type, is_nullable from duckdb_columns() "
            "where database_name = ? and schema_name = ? and table_name = ? order by column_index",
            [catalog, mart.schema, mart.name],
        ).fetchall()
        types = {name: kind for name, kind, _ in columns}
        for name, kind in types.items():
            if kind not in PLAIN and not kind.startswith("DECIMAL("):
                raise UserError(
                    f"publish: {mart.name}.{name} is {kind}, which BI tools cannot read; cast it to varchar"
                )
        relation = f"{catalog}.{mart.schema}.{mart.name}"
        required = frozenset(name for name, _, is_nullable in columns if not is_nullable)
        rows, digest = fingerprint(connection, relation)
        sums = exact_sums(connection, relation, types)
        tables.append(Table(mart, relation, types, required, rows, sums, digest))
    return tables


def fingerprint(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, str]:
    """Number of rows and a hash of their content that does not depend on their order."""
    row = connection.execute(
        f"select count(*), coalesce(sum(cast(hash(rows) as hugeint)), 0) from {relation} as rows"
    ).fetchone()
    return (int(row[0]), f"{int(row[1]):x}") if row else (0, "")


def exact_sums(connection: duckdb.DuckDBPyConnection, relation: str, types: Mapping[str, str]) -> dict[str, str]:
    """Sums of the columns whose sum does not depend on the order of rows, as text; "0" of none."""
    names = exact_columns(types)
    if not names:
        return {}
    asked = ", ".join(f"coalesce(cast(sum(\"{name}\") as varchar), '0')" for name in names)
    row = connection.execute(f"select {asked} from {relation}").fetchone()
    return dict(zip(names, row or (), strict=True))


def exact_columns(types: Mapping[str, str]) -> list[str]:
    """Columns of whole numbers and decimals."""
    return [name for name, kind in types.items() if kind.startswith(EXACT)]


def check_copy(connection: duckdb.DuckDBPyConnection, table: Table, copy: str, target: str) -> None:
    """Raises UserError when a copy of a table, a relation that can be read, does not hold the same."""
    rows, digest = fingerprint(connection, copy)
    if (rows, digest) != (table.rows, table.fingerprint):
        raise UserError(
            f"{target}: {table.name} was read back with {rows:,} rows, hash {digest}; built {table.rows:,} rows, "
            f"hash {table.fingerprint}"
        )


def column_list(names: Sequence[str] | Mapping[str, str]) -> str:
    """Names of columns for SQL, quoted."""
    return ", ".join(f'"{name}"' for name in names)


def kpis_by_trust(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, int]:
    """How many KPIs of the marts in a schema have each trust status in their newest month, what most have first."""
    found = connection.execute(
        "select trust_status, count(*) from (select kpi_code, max_by(trust_status, period_start_date) as trust_status "
        f"from {schema}.quality_kpi_trust where period_grain = 'month' group by kpi_code) group by 1 order by 2 desc, 1"
    ).fetchall()
    return dict(found)
