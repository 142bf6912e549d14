"""Surveying a delimited text: whether each of its rows has as many fields as the header, beyond doubt.

It counts what a CSV reader should find, without being one: positions of quotes, delimiters and line ends, a chunk at a
time. Where anything is odd (a row with another number of fields, a quote within a word, another line end) it gives
up, and the text is read row by row instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CHUNK = 4 * 1024**2
RECORD_LIMIT = 64 * 1024**2  # bytes of a row and of the chunk it begins in
QUOTE, RETURN, LINE_FEED = 34, 13, 10
SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())  # what Python strips


def _starts(length: int) -> NDArray[np.bool_]:
    """Which numbers are the first byte (or two) of a space in UTF-8."""
    starts = np.zeros(256**length, np.bool_)
    starts[[int.from_bytes(each.encode()[:length], "big") for each in SPACES if len(each.encode()) >= length]] = True
    return starts


def _ends(length: int) -> NDArray[np.bool_]:
    """Which numbers are the last byte (or two) of a space in UTF-8."""
    ends = np.zeros(256**length, np.bool_)
    ends[[int.from_bytes(each.encode()[-length:], "big") for each in SPACES if len(each.encode()) >= length]] = True
    return ends


Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
FIRST, FIRST_TWO, LAST, LAST_TWO = _starts(1), _starts(2), _ends(1), _ends(2)


@dataclass(frozen=True)
class Plain:
    """A delimited text in UTF-8, and how many rows stand above its header."""

    path: Path
    delimiter: str
    above: int


@dataclass
class Survey:
    """What a CSV reader should find below the header.

    `line` is that of the first row; `lengths` are bytes of each column; `moment` is the sum of line number x bytes over
    the rows, which another order or another line changes; `spaced` are columns with space around a value, `broken`
    those with line ends within.
    """

    line: int
    rows: int
    longest: int
    moment: int
    lengths: list[int]
    spaced: list[bool]
    broken: list[bool]


class Odd(Exception):
    """Something is not as it is in the plainest of tables."""


def survey(plain: Plain, width: int) -> Survey | None:
    """What is below the header of a text with `width` columns; None where anything is odd."""
    with plain.path.open("rb") as file:
        heads = [file.readline(RECORD_LIMIT) for _ in range(plain.above + 1)]
        end = b"\r\n" if heads[-1].endswith(b"\r\n") else b"\n"
        if any(not head.endswith(end) or head.count(b"\r") != len(end) - 1 or head.count(b'"') % 2 for head in heads):
            return None
        tally = _Tally(plain.delimiter, width, end, plain.above + 2)
        try:
            tally.add_all(iter(lambda: file.read(CHUNK), b""))
        except Odd:
            return None
    return Survey(
        plain.above + 2,
        tally.rows,
        tally.longest,
        tally.moment,
        tally.lengths.tolist(),
        tally.spaced.tolist(),
        tally.broken.tolist(),
    )


class _Tally:
    """Counts of the rows so far."""

    def __init__(self, delimiter: str, width: int, end: bytes, line: int) -> None:
        self.delimiter = ord(delimiter)
        self.width = width
        self.end = end
        self.returns = end == b"\r\n"
        self.line = line
        self.rows = self.longest = self.moment = 0
        self.lengths = np.zeros(width, np.int64)
        self.spaced = np.zeros(width, np.bool_)
        self.broken = np.zeros(width, np.bool_)
        told = (QUOTE, RETURN, LINE_FEED, self.delimiter)
        self.marks = bytes(byte in told for byte in range(256))

    def add_all(self, chunks: Iterator[bytes]) -> None:
        """Adds the rows in some chunks; the last may lack its line end."""
        rest = b""
        for chunk in chunks:
            rest = self.add(rest + chunk)
            if len(rest) > RECORD_LIMIT:
                raise Odd
        if rest and (rest.endswith(b"\r") or self.add(rest + self.end)):
            raise Odd

    def add(self, text: bytes) -> bytes:
        """Adds the whole rows at the beginning of a text; what is left of it."""
        if b"\x00" in text:
            raise Odd
        every = np.frombuffer(text, np.uint8)
        places = np.flatnonzero(np.frombuffer(text.translate(self.marks), np.bool_))
        marks = every[places]
        quotes = marks == QUOTE
        within = np.bitwise_xor.accumulate(quotes)  # from an opening quote to before the closing one
        parting = np.flatnonzero(~(within | quotes) & (marks != RETURN))
        ends = np.flatnonzero(marks[parting] == LINE_FEED)
        if not len(ends):
            return text
        parting = parting[: ends[-1] + 1]
        seen = parting[-1] + 1
        places, marks, quotes, within = places[:seen], marks[:seen], quotes[:seen], within[:seen]
        if len(parting) != len(ends) * self.width or not np.array_equal(
            ends, np.arange(self.width - 1, len(parting), self.width)
        ):
            raise Odd
        self._check_returns(
            every, places[marks == RETURN], int(np.count_nonzero((marks == RETURN) & ~within)), len(ends)
        )
        self._check_quotes(every, places[quotes & within], places[quotes & ~within])
        self._count(
            every, places[parting], np.cumsum(quotes)[parting], np.cumsum((marks == LINE_FEED) & within)[parting]
        )
        return text[places[-1] + 1 :]

    def _check_returns(self, every: Bytes, returns: Places, parting: int, rows: int) -> None:
        """A return stands before a line feed, at the end of each row or of none."""
        if parting != rows * self.returns or not (every[returns + 1] == LINE_FEED).all():
            raise Odd

    def _check_quotes(self, every: Bytes, opening: Places, closing: Places) -> None:
        """A quote opens at the start of a field, closes at its end, or is one of two."""
        before = every[opening[opening > 0] - 1]
        after = every[closing + 1]
        opens = (before == self.delimiter) | (before == LINE_FEED) | (before == QUOTE)
        closes = (after == self.delimiter) | (after == LINE_FEED) | (after == RETURN) | (after == QUOTE)
        if not (opens.all() and closes.all()):
            raise Odd

    def _count(self, every: Bytes, parting: Places, quotes: Places, breaks: Places) -> None:
        """Counts fields, each with the place it ends at, and the quotes and line ends within until there."""
        shape = (-1, self.width)
        begin = np.concatenate(([0], parting[:-1] + 1))
        quotes = np.diff(quotes, prepend=0)
        quoted = quotes > 0
        end = parting - quoted
        end.reshape(shape)[:, -1] -= self.returns
        begin += quoted
        length = end - begin - np.where(quoted, quotes // 2 - 1, 0)  # of two quotes, one is text
        fields = length.reshape(shape)
        bytes_of_rows = fields.sum(axis=1)
        upto = breaks.reshape(shape)[:, -1]
        lines = self.line + np.arange(len(fields)) + np.concatenate(([0], upto[:-1]))
        self.moment += int(lines @ bytes_of_rows)
        self.line = int(lines[-1]) + 1 + int(upto[-1] - (upto[-2] if len(upto) > 1 else 0))
        self.rows += len(fields)
        self.lengths += fields.sum(axis=0)
        row_ends = parting.reshape(shape)[:, -1]
        self.longest = max(self.longest, int(np.diff(row_ends, prepend=-1).max()))
        self.broken |= (np.diff(breaks, prepend=0) > 0).reshape(shape).any(axis=0)
        full = np.flatnonzero(length > 0)
        self.spaced |= self._spaced(every, full, begin[full], end[full] - 1)

    def _spaced(self, every: Bytes, fields: Places, first: Places, last: Places) -> NDArray[np.bool_]:
        """Columns that may have a space at the first or last place of a field."""
        found = np.zeros(self.width, np.bool_)
        for place, other, one, two in ((first, first + 1, FIRST, FIRST_TWO), (last, last, LAST, LAST_TWO)):
            likely = np.flatnonzero(one[every[place]])
            if len(likely):
                low = every[other[likely]].astype(np.int64)
                high = every[(other[likely] - 1)].astype(np.int64)
                plain = every[place[likely]] < 128
                found[fields[likely[plain | two[high * 256 + low]]] % self.width] = True
        return found
