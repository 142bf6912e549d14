"""Raw built anew, table by table: a deleted row leaves its bytes in a DuckDB file, one left out of a copy does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.settings import Settings


@contextmanager
def replacing(connection: duckdb.DuckDBPyConnection, raw: Path) -> Iterator[list[tuple[str, str]]]:
    """Tables of raw (schema, table) for the body to copy into the file attached as `new`, which then takes its place.

    Raw stays as it was when the body raises. `connection` has raw open, so no load can come between, and is of the old
    file afterwards: close it.
    """
    new = raw.with_name("raw.rebuilding")
    new.unlink(missing_ok=True)
    connection.execute("checkpoint")
    connection.execute(f"attach '{quoted(str(new))}' as new")
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = current_database() order by all"
    ).fetchall()
    for schema, _ in tables:
        connection.execute(f"create schema if not exists new.{identifier(schema)}")
    yield [(schema, table) for schema, table in tables]
    connection.execute("checkpoint new")
    connection.execute("detach new")
    new.replace(raw)


def remove_databases(settings: Settings) -> None:
    """Removes the databases made of raw, which hold what it held; the next run makes them again."""
    for database in settings.warehouse.glob("*.duckdb*"):
        if not database.name.startswith(settings.raw_file.stem):
            database.unlink()


def identifier(name: str) -> str:
    """A name in double quotes, for SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """A text for between single quotes, in SQL."""
    return text.replace("'", "''")
