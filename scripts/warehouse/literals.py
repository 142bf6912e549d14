"""Texts as literals of SQL."""

from __future__ import annotations


def quoted(value: object) -> str:
    """A value's text, or a path, as a literal, its quotes with it."""
    return "'" + str(value).replace("'", "''") + "'"
