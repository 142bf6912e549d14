"""Raw built anew, table by table: a deleted row leaves its bytes in a DuckDB file, one left out of a copy does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.errors import UserError
from warehouse.literals import quoted
from warehouse.settings import Settings

# what runs made and no later run could make again: the models tagged `run_history`
RUN_HISTORY = ("forecast_snapshots",)


@contextmanager
def replacing(connection: duckdb.DuckDBPyConnection, raw: Path) -> Iterator[list[tuple[str, str]]]:
    """Tables of raw (schema, table) for the body to copy into the file attached as `new`, which then takes its place.

    Raw stays as it was when the body raises. `connection` has raw open, so no load can come between, and is of the old
    file afterwards: close it.
    """
    new = raw.with_name("raw.rebuilding")
    new.unlink(missing_ok=True)
    connection.execute("checkpoint")
    connection.execute(f"attach {quoted(new)} as new")
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
    """Removes the databases made of raw, which hold what it held; the next run makes them again.

    What runs forecast is kept, alone in a file of its own: it names nobody outside the company.
    Raises UserError, and removes nothing, when that cannot be read.
    """
    kept = keep_history(settings.warehouse_file)
    for database in settings.warehouse.glob("*.duckdb*"):
        if not database.name.startswith(settings.raw_file.stem):
            database.unlink()
    if kept:
        kept.replace(settings.warehouse_file)


def keep_history(database: Path) -> Path | None:
    """A copy of the tables of an accepted build that no run can make again, beside it; None where there are none."""
    if not database.exists():
        return None
    keeping = database.with_suffix(".keeping")
    keeping.unlink(missing_ok=True)
    try:
        with duckdb.connect(str(keeping)) as connection:
            connection.execute(f"attach {quoted(database)} as accepted (read_only)")
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() "
                "where database_name = 'accepted' and list_contains(?, table_name)",
                [list(RUN_HISTORY)],
            ).fetchall()
            for schema, table in tables:
                name = f"{identifier(schema)}.{identifier(table)}"
                connection.execute(f"create schema if not exists {identifier(schema)}")
                connection.execute(f"create table {name} as select * from accepted.{name}")
    except duckdb.Error as error:
        keeping.unlink(missing_ok=True)
        message = str(error).splitlines()[0]
        raise UserError(f"{database}: the forecasts made cannot be read ({message}); close what reads it") from error
    if not tables:
        keeping.unlink()
        return None
    return keeping


def identifier(name: str) -> str:
    """A name in double quotes, for SQL."""
    return '"' + name.replace('"', '""') + '"'
