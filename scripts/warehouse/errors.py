"""Errors a user can cause: one line that says what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.tabular import Reject


class UserError(Exception):
    """Something the user can put right; its text is shown as is, without a traceback."""


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
