"""Reading an export: bytes to titles and rows of text, whatever the format."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import duckdb

from warehouse.errors import UnreadableExport, UnrecognisedExport
from warehouse.records import read_json
from warehouse.tabular import CountTitles, Document, Header, find_header, rows_below
from warehouse.workbooks import is_workbook, read_workbook

DELIMITERS = (",", ";", "\t", "|")
FRACTIONS = ("DECIMAL", "DOUBLE", "FLOAT")
CODE_PAGES = ("cp1252", "cp850", "iso8859_15")
TYPED = frozenset("àâäáãåçèéêëíîïñóôöõøùûüúÿæœßÀÂÄÁÇÈÉÊËÎÏÑÔÖÓØÙÛÜÚÆŒ€£§°²«»‘’“”–—…•·®™©\u00a0")
END = "\x00end"  # read as a last row of its own, unless a quote is still open

csv.field_size_limit(2**31 - 1)  # notes and e-mail bodies pass the 128 KiB that csv allows


def decode(content: bytes, name: str) -> tuple[str, str]:
    """Text and encoding of a file: by byte order mark, else UTF-8 where valid, else the likeliest code page.

    Raises UnreadableExport for bytes that are no text.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _decoded(content, encoding, name), encoding
    if content[1:200:2].count(0) > 60 or content[0:200:2].count(0) > 60:
        encoding = "utf-16-le" if content[1:200:2].count(0) > 60 else "utf-16-be"
        return _decoded(content, encoding, name), encoding
    if b"\x00" in content[:4096]:
        raise UnreadableExport(f"{name}: binary content, not a text export; export it as CSV, JSON, Parquet or Excel")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        encoding = _code_page(content)
        return _decoded(content, encoding, name), encoding


def _code_page(content: bytes) -> str:
    """The code page in which most of the bytes beyond ASCII are what people type; the first of those alike."""
    beyond = content.translate(None, bytes(range(128)))
    return max(CODE_PAGES, key=lambda page: sum(letter in TYPED for letter in beyond.decode(page, "replace")))


def _decoded(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableExport(f"{name}: byte {error.start} is not {encoding}; save the file again as UTF-8") from None


def read_document(name: str, content: bytes, count_titles: CountTitles) -> Document:
    """The document in a file, by the look of its bytes rather than its name.

    `name` is what messages call the file; `count_titles` says how many of some cells are titles of the contract.
    Raises UnreadableExport for a file that is no export, UnrecognisedExport for a text without known titles.
    """
    if content.startswith(b"PAR1"):
        return _read_parquet(name, content)
    if is_workbook(content):
        return read_workbook(name, content, count_titles)
    text, encoding = decode(content, name)
    if text.lstrip()[:1] in ("{", "["):
        return read_json(name, text, encoding)
    return _read_delimited(name, text, encoding, count_titles)


def _read_delimited(name: str, text: str, encoding: str, count_titles: CountTitles) -> Document:
    if text.count("\r\r\n") == text.count("\n"):  # what some ledger tools write for a line end
        text = text.replace("\r\r\n", "\r\n")
    head = text[:200_000]
    best: tuple[Header, str] | None = None
    for delimiter in DELIMITERS:
        header = find_header(_readable(head, delimiter), count_titles)
        if header and (best is None or header.known > best[0].known):
            best = (header, delimiter)
    if best is None:
        first = next((line.strip() for line in text.splitlines() if line.strip()), "nothing")
        raise UnrecognisedExport(
            f"{name}: not recognised, no line carries titles of a known export; it starts with {first[:60]!r}"
        )
    header, delimiter = best
    document = Document(header.titles, iter(()), encoding, {"\t": "tab", "|": "pipe"}.get(delimiter, delimiter))
    document.rows = rows_below(document, header, _lines(name, text, delimiter), delimiter)
    return document


def _readable(head: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    except csv.Error:
        return


def _lines(name: str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    records = csv.reader(chain(io.StringIO(text, newline=""), [END]), delimiter=delimiter)
    line = 1
    for cells in records:
        start, line = line, records.line_num + 1
        if cells == [END]:
            return
        if cells and cells[-1].endswith(END):
            raise UnreadableExport(
                f"{name}: the quote opened in the row on line {start} is never closed; the file may be cut short, "
                "export it again"
            )
        yield start, cells


def _read_parquet(name: str, content: bytes) -> Document:
    connection = duckdb.connect()
    with tempfile.TemporaryDirectory(prefix="load_") as folder:  # it may come from an archive
        path = Path(folder) / "export.parquet"
        path.write_bytes(content)
        try:
            columns = connection.execute("describe from read_parquet(?)", [str(path)]).fetchall()
            rows = connection.execute("select columns(*)::varchar from read_parquet(?)", [str(path)]).fetchall()
        except duckdb.Error:
            raise UnreadableExport(f"{name}: damaged Parquet; the file may be cut short, export it again") from None
        finally:
            connection.close()
    return Document(
        [title for title, *_ in columns],
        ((number, list(row)) for number, row in enumerate(rows, start=1)),
        "binary",
        "parquet",
        numbers=frozenset(index for index, (_, kind, *_) in enumerate(columns) if kind.startswith(FRACTIONS)),
    )
