"""Marts as Tableau extracts: a `.hyper` file a table, which Tableau Server takes as a data source as it is.

Hyper reads and writes Parquet by itself, so that rows never pass through Python; one engine writes all files, since to
start one takes longer than to write most tables.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from warehouse.errors import UserError
from warehouse.literals import quoted
from warehouse.targets.marts import Table, check_copy

if TYPE_CHECKING:
    from tableauhyperapi import Connection

# the only name that every Tableau Server takes for a file of one table
EXTRACT = '"Extract"."Extract"'
# read by Tableau from 2020.4 on; decimals have at most 18 digits, as all that are published have
VERSION = "2"
TYPES = {
    "VARCHAR": "text",
    "DOUBLE": "double precision",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
}


def write_hyper(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], folder: Path) -> None:
    """A file a table. Raises UserError when one is not what was built. Nothing is told to Tableau."""
    folder.mkdir()
    with tempfile.TemporaryDirectory(dir=folder) as made, hyper(Path(made)) as engine:
        given, back = Path(made, "given.parquet"), Path(made, "back.parquet")
        for table in tables:
            file = folder / f"{table.name}.hyper"
            connection.execute(f"copy (from {table.relation}) to {quoted(given)} (format parquet)")
            with attached(engine, file, create=True):
                columns = ", ".join(f'"{name}" {_hyper_type(kind)}' for name, kind in table.types.items())
                engine.execute_command('create schema mart."Extract"')
                engine.execute_command(f"create table mart.{EXTRACT} ({columns})")
                engine.execute_command(f"copy mart.{EXTRACT} from {quoted(given)} with (format => 'parquet')")
            read_hyper(engine, file, back)
            check_copy(connection, table, f"read_parquet({quoted(back)})", "hyper")
            file.chmod(0o644)


def read_hyper(engine: Connection, file: Path, copy: Path) -> None:
    """Copies the rows of a file that is closed into a Parquet file."""
    with attached(engine, file):
        engine.execute_command(f"copy mart.{EXTRACT} to {quoted(copy)} with (format => 'parquet')")


@contextmanager
def hyper(logs: Path) -> Iterator[Connection]:
    """An engine of its own, whose log is not left where the command was run.

    Raises UserError in place of what Hyper raises.
    """
    from tableauhyperapi import Connection, HyperException, HyperProcess, Telemetry

    parameters = {"log_dir": str(logs), "default_database_version": VERSION}
    try:
        with (
            HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters=parameters) as process,
            Connection(process.endpoint) as engine,
        ):
            yield engine
    except HyperException as error:
        raise UserError(f"hyper: {(error.main_message or str(error)).splitlines()[0]}") from error


@contextmanager
def attached(engine: Connection, file: Path, *, create: bool = False) -> Iterator[None]:
    """A file as the database `mart` of an engine; closed when the block ends, so that it is whole on the disk."""
    path = '"{}"'.format(str(file).replace('"', '""'))
    if create:
        engine.execute_command(f"create database {path}")
    engine.execute_command(f"attach database {path} as mart")
    yield
    engine.execute_command("detach database mart")


def _hyper_type(kind: str) -> str:
    """The name Hyper has for a type of DuckDB, of those that are published."""
    return TYPES.get(kind, re.sub("^DECIMAL", "numeric", kind).lower())
