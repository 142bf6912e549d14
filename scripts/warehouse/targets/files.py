"""Marts as files: a read-only DuckDB database, and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.literals import quoted
from warehouse.targets.marts import Table, check_copy


def write_duckdb(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], file: Path) -> None:
    """One read-only database of all tables, described. Raises UserError when one is not what was built."""
    connection.execute(f"attach {quoted(file)} as written")
    try:
        with _one_transaction(connection):
            for table in tables:
                _copy(connection, table)
        for table in tables:
            check_copy(connection, table, f"written.main.{table.name}", "duckdb")
        connection.execute("checkpoint written")
    finally:
        connection.execute("detach written")
    file.chmod(0o444)


def _copy(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    copy = f"written.main.{table.name}"
    connection.execute(f"create table {copy} as select * from {table.relation}")
    connection.execute(f"comment on table {copy} is {quoted(table.mart.description)}")
    for column, description in table.mart.columns.items():
        connection.execute(f'comment on column {copy}."{column}" is {quoted(description)}')


@contextmanager
def _one_transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """A statement alone is flushed to the disk by itself, and there are a thousand of them."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def write_parquet(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], folder: Path) -> None:
    """A file a table. Raises UserError when one is not what was built."""
    folder.mkdir()
    for table in tables:
        file = quoted(folder / f"{table.name}.parquet")
        connection.execute(f"copy (from {table.relation}) to {file} (format parquet, compression zstd)")
        check_copy(connection, table, f"read_parquet({file})", "parquet")
