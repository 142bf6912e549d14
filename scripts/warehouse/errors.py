"""Errors a user can cause: one line that says what is wrong, where, and what to do."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from warehouse.tabular import Reject

DISK = (
    duckdb.IOException,
    duckdb.TransactionException,  # the disk was full when it came to committing
    duckdb.FatalException,
    duckdb.SerializationException,
    duckdb.InternalException,
)
CONTROLS = ("Cc", "Cs", "Zl", "Zp")  # control characters, halves of surrogate pairs, line and paragraph separators


def one_line(text: str) -> str:
    """A text of others as a message can show it: on one line, with nothing a terminal would obey or UTF-8 lacks."""
    return "".join(
        each.encode("unicode_escape").decode() if unicodedata.category(each) in CONTROLS else each for each in text
    )


class UserError(Exception):
    """Something the user can put right; its text is shown as is, without a traceback."""


@contextmanager
def disk_of(place: object) -> Iterator[None]:
    """What happens to a disk, or to a database on it, is one line that names the place; no values are in it."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        told = f"{error.strerror or error}{where}"
    except DISK as error:
        told = damage(error)
    else:
        return
    raise UserError(f"{place}: {told}; make room or mend the disk, and run again")


def damage(error: duckdb.Error) -> str:
    """The line of DuckDB's on a disk or a file that failed."""
    return one_line((str(error).splitlines() or ["failed"])[0]).split(" Stack Trace")[0]


class UnreadableExport(UserError):
    """A file that cannot be read as its contract says."""


class RejectedExport(UnreadableExport):
    """A file with more rows that cannot be read than its contract allows: how many rows it has, and those rejected."""

    def __init__(self, message: str, read: int, rejects: Sequence[Reject]) -> None:
        super().__init__(message)
        self.read = read
        self.rejects = tuple(rejects)


class UnderWay(UserError):
    """Another run holds the warehouse."""


class UnrecognisedExport(UserError):
    """A file that no table of the contract can be recognised in."""


class AmbiguousExport(UserError):
    """A file that could be read in two ways; the text names the setting that decides."""
