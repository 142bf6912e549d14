"""Errors a user can cause: one line that says what is wrong, where, and what to do."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can put right; its text is shown as is, without a traceback."""


class UnreadableExport(UserError):
    """A file that cannot be read as its contract says."""


class UnrecognisedExport(UserError):
    """A file that no table of the contract can be recognised in."""


class AmbiguousExport(UserError):
    """A file that could be read in two ways; the text names the setting that decides."""
