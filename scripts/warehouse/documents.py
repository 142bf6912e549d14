"""Reading an export: bytes to titles and rows of text, whatever the format.

A `Document` is what every format becomes: titles in file order and rows of text with the line each starts on. The
delimited reader takes the judgement of where the header is and which delimiter is meant from the contract: the
line whose cells are known titles is the header.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import UnreadableExport, UnrecognisedExport

DELIMITERS = (",", ";", "\t", "|")
HEADER_LINES = 40  # how far down a header is looked for, below titles and date ranges
ENVELOPES = ("results", "data", "records", "value", "items")
QUERY = "QueryResponse"  # around the envelope of QuickBooks' pages
CODE_PAGES = ("cp1252", "cp850", "iso8859_15")
TYPED = frozenset("àâäáãåçèéêëíîïñóôöõøùûüúÿæœßÀÂÄÁÇÈÉÊËÎÏÑÔÖÓØÙÛÜÚÆŒ€£§°²«»‘’“”–—…•·®™©\u00a0")
END = "\x00end"  # read as a last row of its own, unless a quote is still open

csv.field_size_limit(2**31 - 1)  # notes and e-mail bodies pass the 128 KiB that csv allows

Cells = list[str | None]
CountTitles = Callable[[Sequence[str]], int]


@dataclass(frozen=True)
class Reject:
    """A row that could not be read."""

    line: int
    text: str
    reason: str


@dataclass
class Document:
    """Titles and rows of one table of a file.

    `rows` yields (line, cells) with as many cells as titles; None is an empty cell. Rows that cannot be read are
    added to `rejects` while the rows are consumed. `skipped` counts lines that are no rows.
    """

    titles: list[str]
    rows: Iterator[tuple[int, Cells]]
    encoding: str
    delimiter: str
    rejects: list[Reject] = field(default_factory=list)
    skipped: int = 0
    records: list[dict[str, Any]] | None = None


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
        raise UnreadableExport(f"{name}: binary content, not a text export; export it as CSV, JSON or Parquet")
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


def read_document(path: Path, name: str, content: bytes, count_titles: CountTitles) -> Document:
    """The document in a file, by the look of its bytes rather than its name.

    `name` is what messages call the file; `count_titles` says how many of some cells are titles of the contract.
    Raises UnreadableExport for a file that is no export, UnrecognisedExport for a text without known titles.
    """
    if content.startswith(b"PAR1"):
        return _read_parquet(path, name)
    text, encoding = decode(content, name)
    if text.lstrip()[:1] in ("{", "["):
        return _read_json(name, text, encoding)
    return _read_delimited(name, text, encoding, count_titles)


def _read_delimited(name: str, text: str, encoding: str, count_titles: CountTitles) -> Document:
    if text.count("\r\r\n") == text.count("\n"):  # what some ledger tools write for a line end
        text = text.replace("\r\r\n", "\r\n")
    head = text[:200_000]
    best: tuple[int, int, str, list[str], int] | None = None
    for delimiter in DELIMITERS:
        records = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
        for index, cells in enumerate(_some(records, HEADER_LINES)):
            known = count_titles(cells)
            if known and (best is None or known > best[0]):
                best = (known, index, delimiter, cells, records.line_num)
    if best is None:
        first = next((line.strip() for line in text.splitlines() if line.strip()), "nothing")
        raise UnrecognisedExport(
            f"{name}: not recognised, no line carries titles of a known export; it starts with {first[:60]!r}"
        )
    _, index, delimiter, titles, _ = best
    titles = [title.strip().strip("\ufeff") for title in titles]
    while titles and not titles[-1]:
        titles.pop()
    document = Document(titles, iter(()), encoding, {"\t": "tab", "|": "pipe"}.get(delimiter, delimiter))
    document.rows = _delimited_rows(document, name, text, delimiter, index)
    return document


def _some(records: Any, limit: int) -> Iterator[list[str]]:
    for _ in range(limit):
        try:
            yield next(records)
        except (StopIteration, csv.Error):
            return


def _delimited_rows(
    document: Document, name: str, text: str, delimiter: str, header: int
) -> Iterator[tuple[int, Cells]]:
    width = len(document.titles)
    records = csv.reader(chain(io.StringIO(text, newline=""), [END]), delimiter=delimiter)
    line = 1
    for index, cells in enumerate(records):
        start, line = line, records.line_num + 1
        if cells == [END]:
            return
        if cells and cells[-1].endswith(END):
            raise UnreadableExport(
                f"{name}: the quote opened in the row on line {start} is never closed; the file may be cut short, "
                "export it again"
            )
        if index <= header:
            document.skipped += index < header
            continue
        if not any(cell.strip() for cell in cells):
            document.skipped += 1
            continue
        if len(cells) != width:
            if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
                cells = cells[:width]
            elif len(cells) < width and _is_total(cells[0]):
                cells = cells + [""] * (width - len(cells))
            else:
                document.rejects.append(
                    Reject(start, delimiter.join(cells)[:2000], f"{len(cells)} fields, the header has {width}")
                )
                continue
        yield start, [cell.strip() or None for cell in cells]


def _is_total(cell: str) -> bool:
    return cell.strip().casefold().startswith("total")


def _read_json(name: str, text: str, encoding: str) -> Document:
    records: list[dict[str, Any]] = []
    try:
        documents = [json.loads(text)]
    except json.JSONDecodeError as whole:
        documents = []
        for number, line in enumerate(text.split("\n"), start=1):  # U+2028 and the like may stand in a value
            if not line.strip():
                continue
            try:
                documents.append(json.loads(line))
            except json.JSONDecodeError as error:
                where = f"line {number}" if number > 1 else f"line {whole.lineno}"
                reason = error.msg if number > 1 else whole.msg
                raise UnreadableExport(
                    f"{name}: {where} is not JSON ({reason}); the file may be cut short, export it again"
                ) from None
    for document in documents:
        records.extend(_records_of(name, document))
    return document_of(records, encoding, "json")


def _records_of(name: str, node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict) and isinstance(node.get(QUERY), dict):  # the list is named after what was asked for
        node = next((value for value in node[QUERY].values() if isinstance(value, list)), [])
    if isinstance(node, dict):
        for key in ENVELOPES:
            if isinstance(node.get(key), list):
                node = node[key]
                break
        else:
            node = [node]
    if not isinstance(node, list) or not all(isinstance(record, dict) for record in node):
        raise UnreadableExport(f"{name}: JSON without records; expected a list of objects or an API page")
    return list(node)


def document_of(records: list[dict[str, Any]], encoding: str, delimiter: str) -> Document:
    """A document of JSON records, nested objects flattened to dotted titles."""
    flat = [flatten(record) for record in records]
    titles = list(dict.fromkeys(title for record in flat for title in record))

    def rows() -> Iterator[tuple[int, Cells]]:
        for number, record in enumerate(flat, start=1):
            yield number, [record.get(title) for title in titles]

    return Document(titles, rows(), encoding, delimiter, records=records)


def flatten(record: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    """A record with dotted titles and text values.

    A list becomes its items joined by semicolons: of objects the `value`, `name` or `id`, primary first.
    """
    flat: dict[str, str | None] = {}
    for key, value in record.items():
        title = prefix + key
        if isinstance(value, dict):
            flat |= flatten(value, f"{title}.")
        elif isinstance(value, list):
            flat[title] = _joined(value)
        else:
            flat[title] = _text(value)
    return flat


def _joined(items: list[Any]) -> str | None:
    if not all(isinstance(item, dict) for item in items):
        return ";".join(text for item in items if (text := _text(item)) is not None) or None
    ordered = sorted(items, key=lambda item: not item.get("primary", False))
    for key in ("value", "name", "id"):
        if all(key in item for item in ordered):
            unique = dict.fromkeys(_text(item[key]) for item in ordered)
            return ";".join(text for text in unique if text is not None) or None
    return json.dumps(items, ensure_ascii=False)


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def nested_records(records: list[dict[str, Any]], path: str, keys: dict[str, str]) -> list[dict[str, Any]]:
    """Records of the lists at `path`, each with the `keys` (child title: parent title) of its parent."""
    found: list[dict[str, Any]] = []
    for record in records:
        node: Any = record
        for step in path.split("."):
            node = node.get(step) if isinstance(node, dict) else None
        inherited = {child: record.get(parent) for child, parent in keys.items()}
        found.extend({**child, **inherited} for child in node or [] if isinstance(child, dict))
    return found


def _read_parquet(path: Path, name: str) -> Document:
    connection = duckdb.connect()
    try:
        relation = connection.execute("select columns(*)::varchar from read_parquet(?)", [str(path)])
        titles = [column[0] for column in relation.description or []]
        rows = relation.fetchall()
    except duckdb.Error:
        raise UnreadableExport(f"{name}: damaged Parquet; the file may be cut short, export it again") from None
    return Document(
        titles,
        ((number, list(row)) for number, row in enumerate(rows, start=1)),
        "binary",
        "parquet",
    )
