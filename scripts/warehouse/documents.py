"""Reading an export: a file to titles and rows of text, whatever the format."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import duckdb

from warehouse.encodings import as_utf8
from warehouse.errors import UnreadableExport, UnrecognisedExport
from warehouse.rebuilding import identifier
from warehouse.records import read_json
from warehouse.surveying import Plain
from warehouse.tabular import Cells, CountTitles, Document, Header, as_title, find_header, rows_below
from warehouse.workbooks import is_workbook, read_workbook

DELIMITERS = (",", ";", "\t", "|")
FRACTIONS = ("DECIMAL", "DOUBLE", "FLOAT")
UNQUOTED = ("\t", "|")  # delimiters of exports that may not know quotes
MANY_FIELDS = 8
CHUNK = 4 * 1024**2  # bytes
END = "\x00end"  # read as a last row of its own, unless a quote is still open
HEAD = 200_000  # characters in which the header is looked for
CELL_LIMIT = 64 * 1024**2  # characters; notes and e-mail bodies pass the 128 KiB that csv allows
JSON_LIMIT = 512 * 1024**2  # bytes: its records are held in memory
FETCHED = 10_000  # rows of Parquet held at a time

csv.field_size_limit(CELL_LIMIT)


def read_document(name: str, path: Path, folder: Path, count_titles: CountTitles) -> Document:
    """The document in an unpacked file, by the look of its bytes rather than its name.

    `name` is what messages call the file; `folder` is for files it is rewritten to, which have to stay while the rows
    are read; `count_titles` says how many of some cells are titles of the contract.
    Raises UnreadableExport for a file that is no export, UnrecognisedExport for a text without known titles.
    """
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PAR1"):
        return _read_parquet(name, path, folder)
    if is_workbook(start):
        return read_workbook(name, path.read_bytes(), count_titles)
    path, encoding = as_utf8(path, name, folder / "utf8")
    with path.open(encoding="utf-8", newline="") as text:
        head = text.read(HEAD)
        while head.isspace() and (more := text.read(HEAD)):
            head = head[-1:] + more
    if head.lstrip()[:1] in ("{", "["):
        if path.stat().st_size > JSON_LIMIT:
            raise UnreadableExport(
                f"{name}: JSON of more than {JSON_LIMIT / 1024**2:g} MiB, which would be held in memory; "
                "export less at a time, or CSV"
            )
        return read_json(name, path.read_bytes().decode(), encoding, count_titles)
    return _read_delimited(name, path, head, encoding, count_titles)


def _read_delimited(name: str, path: Path, head: str, encoding: str, count_titles: CountTitles) -> Document:
    best: tuple[Header, str] | None = None
    for delimiter in DELIMITERS:
        header = find_header(_readable(head, delimiter), count_titles)
        if header and (best is None or header.known > best[0].known):
            best = (header, delimiter)
    if best is None:
        first = next((line.strip() for line in head.splitlines() if line.strip()), "nothing")
        raise UnrecognisedExport(
            f"{name}: not recognised, no line carries titles of a known export; it starts with {first[:60]!r}"
        )
    header, delimiter = best
    document = Document(header.titles, iter(()), encoding, {"\t": "tab", "|": "pipe"}.get(delimiter, delimiter))
    if delimiter in UNQUOTED and _quotes_are_text(path, delimiter, header):
        lines = _plain_lines(path, delimiter)
    else:
        lines = _lines(name, path, delimiter)
        document.plain = Plain(path, delimiter, header.index)
    document.rows = rows_below(document, header, lines, delimiter)
    return document


def _quotes_are_text(path: Path, delimiter: str, header: Header) -> bool:
    """Whether quotes are part of what a text says, as in a ledger whose labels begin with one.

    Each line has as many fields as the header, so many that line ends within cells would not leave them so; and a field
    begins with a quote that does not end with it.
    """
    if len(header.titles) < MANY_FIELDS or not _holds_quotes(path):
        return False
    found = False
    with path.open(encoding="utf-8", newline="") as file:
        try:
            for number, line in enumerate(_physical_lines(file)):
                fields = line.rstrip("\r\n").split(delimiter)
                if number >= header.index and len(fields) != len(header.titles) and line.strip():
                    return False
                found = found or ('"' in line and any(field[:1] == _unquoted(field)[:1] == '"' for field in fields))
        except csv.Error:
            return False
    return found


def _holds_quotes(path: Path) -> bool:
    with path.open("rb") as file:
        return any(b'"' in chunk for chunk in iter(lambda: file.read(CHUNK), b""))


def _plain_lines(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        for number, line in enumerate(_physical_lines(file), start=1):
            yield number, [_unquoted(field) for field in line.rstrip("\r\n").split(delimiter)]


def _unquoted(field: str) -> str:
    """A field without the quotes around it, where there are some and those within are doubled."""
    within = field[1:-1]
    is_quoted = len(field) > 1 and field[0] == field[-1] == '"' and '"' not in within.replace('""', "")
    return within.replace('""', '"') if is_quoted else field


def _readable(head: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    except csv.Error:
        return


def _lines(name: str, path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    line = 1
    with path.open(encoding="utf-8", newline="") as file:
        records = csv.reader(chain(_physical_lines(file), [END]), delimiter=delimiter)
        try:
            for cells in records:
                start, line = line, records.line_num + 1
                if cells == [END]:
                    return
                if cells and cells[-1].endswith(END):
                    raise UnreadableExport(
                        f"{name}: the quote opened in the row on line {start} is never closed; the file may be cut "
                        "short, export it again"
                    )
                yield start, cells
        except csv.Error:
            raise UnreadableExport(
                f"{name}: a cell of the row on line {line} has more than {CELL_LIMIT // 1024**2} million characters, "
                "or its quote is never closed; the file may be damaged, export it again"
            ) from None


def _physical_lines(file: io.TextIOBase) -> Iterator[str]:
    """Lines of a text, none longer than a cell may be."""
    while line := file.readline(CELL_LIMIT + 1):
        if len(line) > CELL_LIMIT:
            raise csv.Error
        yield line


def _read_parquet(name: str, path: Path, folder: Path) -> Document:
    link = folder / "export.parquet"  # the name of an export may be a pattern to DuckDB
    link.symlink_to(path.resolve())
    connection = duckdb.connect()
    try:
        columns = connection.execute("describe from read_parquet(?)", [str(link)]).fetchall()
        cells = ", ".join(_cell_of_parquet(title, kind) for title, kind, *_ in columns)
        connection.execute(f"select {cells} from read_parquet(?)", [str(link)])
    except duckdb.Error:
        connection.close()
        raise _damaged_parquet(name) from None

    def rows() -> Iterator[tuple[int, Cells]]:
        number = 0
        try:
            while fetched := connection.fetchmany(FETCHED):
                for number, row in enumerate(fetched, start=number + 1):  # noqa: B020
                    yield number, list(row)
        except duckdb.Error:
            raise _damaged_parquet(name) from None
        finally:
            connection.close()

    return Document(
        [as_title(title) for title, *_ in columns],
        rows(),
        "binary",
        "parquet",
        numbers=frozenset(index for index, (_, kind, *_) in enumerate(columns) if kind.startswith(FRACTIONS)),
    )


def _cell_of_parquet(title: str, kind: str) -> str:
    """A column of Parquet as text: of a list its items joined by semicolons, as those of JSON are."""
    column = identifier(title)
    is_list = kind.endswith("[]") and not kind.startswith(("STRUCT", "MAP")) and "[" not in kind[:-2]
    return f"nullif(array_to_string({column}, ';'), '')" if is_list else f"{column}::varchar"


def _damaged_parquet(name: str) -> UnreadableExport:
    return UnreadableExport(f"{name}: damaged Parquet; the file may be cut short, export it again")
