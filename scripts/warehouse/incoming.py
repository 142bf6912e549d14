"""The rows of a file as the relation `incoming` (c0, c1, ..., _file_row), from which they are landed.

A plain text is read by DuckDB where it stands, once it found in it what the survey found; any other document is
written again, row by row, as the plainest CSV there is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from warehouse.errors import UnreadableExport
from warehouse.literals import quoted
from warehouse.surveying import SPACES, Plain, Survey, survey
from warehouse.tabular import SUMS, Cells, Document

SURVEYED_FROM = 1024**2  # bytes; below, reading row by row is as quick
LINE = 2 * 1024**2  # bytes of a line for which DuckDB makes room without being told
COLUMNS_LIMIT = 2_000  # more do not fit into the memory of a load
FETCHED = 10_000  # values held at a time


def stage(connection: duckdb.DuckDBPyConnection, document: Document, name: str, folder: Path) -> int:
    """Makes `incoming` of a document; the number of its rows. It reads files in `folder`, which have to stay.

    Raises UnreadableExport when what was stored is not what was read, and for a table wider than any export is.
    """
    if len(document.titles) > COLUMNS_LIMIT:
        raise UnreadableExport(
            f"{name}: {len(document.titles):,} columns, at most {COLUMNS_LIMIT:,} are read; export fewer of them"
        )
    plain = document.plain
    if plain is not None and plain.path.stat().st_size >= SURVEYED_FROM:
        count = _stage_plain(connection, document, plain, folder)
        if count is not None:
            return count
    return _stage_rows(connection, document, name, folder)


def _stage_plain(connection: duckdb.DuckDBPyConnection, document: Document, plain: Plain, folder: Path) -> int | None:
    """Makes `incoming` of a text in which DuckDB finds what the survey found, and only rows; None elsewhere."""
    found = survey(plain, len(document.titles))
    if found is None:
        return None
    link = folder / "plain.csv"  # the name of an export may be a pattern to DuckDB
    link.symlink_to(plain.path.resolve())
    read = _read_numbered(link, plain, found)
    names = [f"c{index}" for index in range(len(document.titles))]
    cells = [
        f"nullif(trim({name}, '{SPACES}'), '')" if spaced else name
        for name, spaced in zip(names, found.spaced, strict=True)
    ]
    row_bytes = " + ".join(f"coalesce(strlen({name}), 0)" for name in names)
    checking = connection.cursor()  # beside the transaction, which an error would end
    try:
        counts = checking.execute(
            f"select count(*), sum(cast(_file_row * ({row_bytes}) as hugeint)), "
            f"{', '.join(f'coalesce(sum(strlen({name})), 0)' for name in names)}, "
            f"count(*) filter (where {_is_no_row(document.titles, cells)}) from ({read})"
        ).fetchone()
    except duckdb.Error:
        return None
    finally:
        checking.close()
    if counts != (found.rows, found.moment, *found.lengths, 0):
        return None
    named = ", ".join(f"{cell} as {name}" for cell, name in zip(cells, names, strict=True))
    connection.execute(f"create or replace temporary view incoming as select {named}, _file_row from ({read})")
    document.skipped = plain.above
    return found.rows


def _read_numbered(path: Path, plain: Plain, found: Survey) -> str:
    """A query for the cells of a text as they stand there, each row with the line it begins on as `_file_row`."""
    columns = [f"c{index}" for index in range(len(found.lengths))]
    read = _read_csv(
        path,
        dict.fromkeys(columns, "VARCHAR"),
        plain.delimiter,
        found.longest,
        f"skip = {plain.above + 1}",
    )
    broken = [name for name, is_broken in zip(columns, found.broken, strict=True) if is_broken]
    breaks = " + ".join(f"coalesce(strlen({name}) - strlen(replace({name}, chr(10), '')), 0)" for name in broken)
    # both windows are running ones, so rows stay in the order of the file
    numbered = f"select *, row_number() over () as _row, {breaks or 0} as _breaks from {read}"
    before = "coalesce(sum(_breaks) over (rows between unbounded preceding and current row), 0) - _breaks"
    line = f"_row + {found.line - 1}" + (f" + cast({before} as bigint)" if broken else "")
    return f"select {', '.join(columns)}, {line} as _file_row from ({numbered})"


def _is_no_row(titles: Sequence[str], cells: Sequence[str]) -> str:
    """A condition for rows that are none, or may be none: empty, the header once more, a sum."""
    repeated = " and ".join(
        f"{cell} is not distinct from nullif({quoted(title)}, '')" for cell, title in zip(cells, titles, strict=True)
    )
    sums = "|".join(SUMS)
    return (
        f"coalesce({', '.join(cells)}) is null or ({repeated}) "
        f"or coalesce(regexp_matches({cells[0]}, '^({sums})[ :]*$', 'i'), false)"
    )


def _stage_rows(connection: duckdb.DuckDBPyConnection, document: Document, name: str, folder: Path) -> int:
    width = len(document.titles)
    columns = dict.fromkeys((f"c{index}" for index in range(width)), "VARCHAR") | {"_file_row": "BIGINT"}
    path = folder / "rows.csv"
    count, longest = _write_rows(path, document.rows)
    read = _read_csv(path, columns, ",", longest, "new_line = '\\n', allow_quoted_nulls = false")
    connection.execute(f"create or replace temporary view incoming as from {read}")
    (stored,) = connection.execute("select count(*) from incoming").fetchone() or (0,)
    if stored != count:
        raise UnreadableExport(f"{name}: {count} rows were read but {stored} stored; please report this file")
    return count


def _read_csv(path: Path, columns: Mapping[str, str], delimiter: str, longest: int, more: str) -> str:
    """The reader of a CSV whose longest row has so many bytes."""
    return (
        f"read_csv({quoted(path)}, auto_detect = false, header = false, delim = '{delimiter}', quote = '\"', "
        f"escape = '\"', nullstr = '', comment = '', strict_mode = true, max_line_size = {max(LINE, longest + 2)}, "
        f"columns = {json.dumps(columns)}, {more})"
    )


def _write_rows(path: Path, rows: Iterator[tuple[int, Cells]]) -> tuple[int, int]:
    """Writes rows with their lines, all cells in quotes; how many, and bytes of the longest at most."""
    count = longest = 0
    # half of a surrogate pair, which JSON may hold, is no text
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        for line, cells in rows:
            quotes = ["" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in cells]
            longest = max(longest, file.write(",".join((*quotes, str(line))) + "\n"))
            count += 1
    return count, 4 * longest


def values_of(connection: duckdb.DuckDBPyConnection, column: int) -> Iterator[str]:
    """Different values of a column of `incoming`, cut to the length of a moment with seconds."""
    found = connection.execute(f"select distinct left(c{column}, 19) from incoming where c{column} is not null")
    while fetched := found.fetchmany(FETCHED):
        yield from (value for (value,) in fetched)
