"""Marts as CSV for spreadsheets and Looker Studio: UTF-8, ISO dates, small files, no text that runs as a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from warehouse.errors import UserError
from warehouse.literals import quoted
from warehouse.targets.marts import Table, fingerprint

LARGEST = 100_000_000  # bytes; what Looker Studio takes of a file
# = + - @ | % tab, carriage return, NUL, and the full-width forms spreadsheets take for the first six
DANGEROUS = "=+-@|%\t\r\0＝＋－＠｜％"
NUMBER = r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?"


def defused(types: Mapping[str, str]) -> str:
    """Columns for SQL: text that a spreadsheet may take for a formula begins with an apostrophe, unless a number."""
    return ", ".join(_defused(name) if kind == "VARCHAR" else f'"{name}"' for name, kind in types.items())


def _defused(name: str) -> str:
    codes = ", ".join(str(ord(each)) for each in DANGEROUS)
    runs = f"""unicode("{name}") in ({codes}) and "{name}" <> '' and not regexp_full_match("{name}", '{NUMBER}')"""
    return f"""case when {runs} then '''' || "{name}" else "{name}" end as "{name}\""""


def write_csv(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], folder: Path, largest: int = LARGEST
) -> None:
    """A file a table, or numbered parts of one that would be larger. Raises UserError when one reads differently."""
    folder.mkdir()
    for table in tables:
        written = f"(select {defused(table.types)} from {table.relation})"
        files = _write(connection, table, written, folder, largest)
        read = fingerprint(connection, csv_relation(files, table.types))
        if read[0] != table.rows or read != fingerprint(connection, written):
            raise UserError(f"csv: {table.name} reads otherwise than it was written ({read[0]:,} rows)")


def csv_relation(files: Sequence[Path], types: Mapping[str, str]) -> str:
    """Files of a table as a relation of its types; an empty field is null, a quoted one an empty text."""
    paths = ", ".join(quoted(file) for file in files)
    columns = ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in types.items())
    return (
        f"read_csv([{paths}], columns = {{{columns}}}, header = true, auto_detect = false, delim = ',', quote = '\"', "
        "escape = '\"', nullstr = '', allow_quoted_nulls = false, null_padding = false)"
    )


def _write(connection: duckdb.DuckDBPyConnection, table: Table, written: str, folder: Path, largest: int) -> list[Path]:
    whole = folder / f"{table.name}.csv"
    _copy(connection, written, whole)
    parts = 1
    while whole.stat().st_size > largest:
        # rows differ in length: parts of as many rows each, more of them until none is too large
        parts = max(parts + 1, -(-whole.stat().st_size // largest))
        if parts > table.rows:
            raise UserError(f"csv: a row of {table.name} alone is larger than {largest:,} bytes")
        each = -(-table.rows // parts)
        files = [folder / f"{table.name}_{part + 1:03d}.csv" for part in range(-(-table.rows // each))]
        for part, file in enumerate(files):
            _copy(connection, f"(from {written} limit {each} offset {part * each})", file)
        if max(file.stat().st_size for file in files) <= largest:
            whole.unlink()
            return files
    return [whole]


def _copy(connection: duckdb.DuckDBPyConnection, relation: str, file: Path) -> None:
    connection.execute(
        f"copy (from {relation}) to {quoted(file)} (format csv, header, delimiter ',', nullstr '', quote '\"', "
        "escape '\"', dateformat '%Y-%m-%d')"
    )
