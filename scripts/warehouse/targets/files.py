"""Marts as files: a read-only DuckDB database, and Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from warehouse.targets.marts import Table, check_copy, quoted


def write_duckdb(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], file: Path) -> None:
    """One read-only database of all tables, described. Raises UserError when one is not what was built."""
    connection.execute(f"attach {quoted(str(file))} as written")
    try:
        for table in tables:
            copy = f"written.main.{table.name}"
            connection.execute(f"create table {copy} as select * from {table.relation}")
            connection.execute(f"comment on table {copy} is {quoted(table.mart.description)}")
            for column, description in table.mart.columns.items():
                connection.execute(f'comment on column {copy}."{column}" is {quoted(description)}')
            check_copy(connection, table, copy, "duckdb")
        connection.execute("checkpoint written")
    finally:
        connection.execute("detach written")
    file.chmod(0o444)


def write_parquet(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], folder: Path) -> None:
    """A file a table. Raises UserError when one is not what was built."""
    folder.mkdir()
    for table in tables:
        file = quoted(str(folder / f"{table.name}.parquet"))
        connection.execute(f"copy (from {table.relation}) to {file} (format parquet, compression zstd)")
        check_copy(connection, table, f"read_parquet({file})", "parquet")
