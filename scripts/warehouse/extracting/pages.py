"""What the systems have in common: units that are pulled page by page, and the window of time asked for."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Cursor = dict[str, Any]


class CursorExpired(Exception):
    """The system no longer knows the cursor of an interrupted pull: the unit has to be pulled from its start."""


@dataclass(frozen=True)
class Window:
    """The time asked for, UTC.

    `since` is None for the whole table, else changes from then on are wanted. `floor` is the first day of the
    activities and payments that are wanted at all. `seen` is up to when histories have been delivered.
    """

    since: dt.datetime | None = None
    floor: dt.datetime | None = None
    seen: dt.datetime | None = None


@dataclass(frozen=True)
class Page:
    """Lines to write, by table, with the rows they hold, and the cursor of the next page; None after the last."""

    lines: Mapping[str, str]
    rows: Mapping[str, int]
    cursor: Cursor | None


@dataclass(frozen=True)
class Unit:
    """What is pulled in one go: a table, and the histories that come with its records.

    `changes` tells whether the system can be asked for what changed, deletions included. `dated` whether `since` of
    the source.yml bounds it. `scope` is what the token has to be granted.
    """

    name: str
    pull: Callable[[Window, Cursor], Iterator[Page]]
    changes: bool = False
    dated: bool = False
    scope: str = ""
    histories: tuple[str, ...] = field(default=())

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table the unit writes."""
        return (self.name, *self.histories)


def page(table: str, text: str, rows: int, cursor: Cursor | None, **others: Sequence[Mapping[str, Any]]) -> Page:
    """A page of one table as it was sent, with rows of other tables made from it."""
    text = text if rows else dumped({"results": []})  # an empty page may say null
    lines = {table: text} | {name: dumped({"results": records}) for name, records in others.items()}
    return Page(lines, {table: rows} | {name: len(records) for name, records in others.items()}, cursor)


def dumped(said: Mapping[str, Any]) -> str:
    """A page that had to be completed, on one line."""
    return json.dumps(said, separators=(",", ":"))


def records_in(said: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The records of a page; an empty list or null is none."""
    return [each for each in said.get(key) or [] if isinstance(each, dict)]


def stamp(moment: dt.datetime) -> str:
    """A moment as APIs take it: `2026-11-22T06:00:00Z`."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> dt.datetime:
    """A moment as APIs give it, UTC where nothing else is said."""
    parsed = dt.datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)


def newer(text: str | None, than: dt.datetime | None) -> bool:
    """Whether a time of an API is at or after a moment; an unknown one may be."""
    return not text or than is None or moment(text) >= than


def latest(*moments: dt.datetime | None) -> dt.datetime | None:
    """The last of some moments, None when there is none."""
    return max((each for each in moments if each is not None), default=None)
