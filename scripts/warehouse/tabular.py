"""Titles and rows of text: what every format becomes, and how the header and the rows below it are told.

The judgement of where the header is comes from the contract: the line whose cells are known titles is the header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from warehouse.surveying import Plain

HEADER_LINES = 40  # how far down a header is looked for, below titles and date ranges
NOTES = 100  # lines below a report that are held back until its end is known
SUMS = ("total", "totals", "grand total", "total général", "sum", "somme")
MARK = re.compile(r"[,.]\d")

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
    added to `rejects` while the rows are consumed. `skipped` counts lines that are no rows. `numbers` are the positions
    of titles whose values were numbers in the file: their decimal mark is the point for certain. `mask` takes out of a
    text what must not be kept of it. `plain` is the delimited text the rows are read from, unless a row has to change.
    """

    titles: list[str]
    rows: Iterator[tuple[int, Cells]]
    encoding: str
    delimiter: str
    rejects: list[Reject] = field(default_factory=list)
    skipped: int = 0
    numbers: frozenset[int] = frozenset()
    records: list[dict[str, Any]] | None = None
    mask: Callable[[str], str] = str
    plain: Plain | None = None


class Number(str):
    """A number of a format that knows numbers, as text."""

    __slots__ = ()


def as_title(text: str) -> str:
    """A title as SQL can hold it: half of a surrogate pair, and a zero byte, are question marks."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def numbers_in(columns: Iterable[Collection[object]]) -> frozenset[int]:
    """Positions of the columns that hold numbers, and no text that could be one with a mark of its own."""
    return frozenset(
        index
        for index, cells in enumerate(columns)
        if any(isinstance(cell, Number) for cell in cells)
        and not any(isinstance(cell, str) and not isinstance(cell, Number) and MARK.search(cell) for cell in cells)
    )


@dataclass(frozen=True)
class Header:
    """The line that carries most known titles."""

    known: int
    index: int
    titles: list[str]


def find_header(lines: Iterable[list[str]], count_titles: CountTitles) -> Header | None:
    """The header among the first lines, None when none carries a known title."""
    best: Header | None = None
    for index, cells in zip(range(HEADER_LINES), lines, strict=False):
        known = count_titles(cells)
        if known and (best is None or known > best.known):
            best = Header(known, index, cells)
    if best is None:
        return None
    titles = [as_title(title.strip().strip("\ufeff")) for title in best.titles]
    while titles and not titles[-1]:
        titles.pop()
    return Header(best.known, best.index, titles)


def rows_below(
    document: Document, header: Header, lines: Iterable[tuple[int, list[str]]], delimiter: str
) -> Iterator[tuple[int, Cells]]:
    """Rows of the lines (number, cells) below the header; the others are counted as skipped or rejected."""
    width = len(document.titles)
    document.skipped += header.index
    for line, cells in _filled(document, islice(lines, header.index + 1, None)):
        if len(cells) != width:
            if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
                cells = cells[:width]
            elif len(cells) < width and _is_total(cells[0]):
                cells = cells + [""] * (width - len(cells))
            else:
                reason = f"{len(cells)} fields, the header has {width}"
                document.rejects.append(Reject(line, delimiter.join(cells)[:2000], reason))
                continue
        stripped = [cell.strip() for cell in cells]
        # pages of a report pasted one below the other, and the sums below a sheet
        if stripped == document.titles or _is_sum(stripped):
            document.skipped += 1
            continue
        yield line, [cell or None for cell in stripped]


def _filled(document: Document, lines: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Lines that hold something, without the notes below a report.

    Notes stand at the end, below a blank line, each in its first cell alone, and one of them is more than a word: an id
    is one, but so may be the name of a report, or of a company.
    """
    notes: list[tuple[int, list[str]]] = []
    is_below = False
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            document.skipped += 1
            is_below = True
        elif is_below and len(notes) < NOTES and _is_alone(cells, document):
            notes.append((line, cells))
        else:
            yield from notes
            notes, is_below = [], False
            yield line, cells
    if any(" " in cells[0].strip() for _, cells in notes):
        document.skipped += len(notes)
    else:
        yield from notes


def _is_alone(cells: list[str], document: Document) -> bool:
    """Whether a line has its first cell alone, in a table of so many columns that hardly a row has."""
    return len(document.titles) > 2 and not any(cell.strip() for cell in cells[1:])


def _is_total(cell: str) -> bool:
    return cell.strip().casefold().startswith("total")


def _is_sum(cells: list[str]) -> bool:
    """Whether a row says total and holds numbers alone: a company of that name has words beside it."""
    said = cells[0].casefold().rstrip(" :")
    return said in SUMS and all(re.fullmatch(r"[\d\s.,%€$£-]*", cell) for cell in cells[1:])
