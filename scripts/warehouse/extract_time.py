"""When an export was made: by its connector, its name, the folder it is in, or the file's own time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from warehouse.archives import plain_name
from warehouse.contract import Table
from warehouse.settings import reporting_time_zone
from warehouse.tabular import Document

CLOCK = "_fivetran_synced"
DAY = r"(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])"
EARLY = dt.timedelta(days=1)  # what an export may be ahead of this machine: time zones, a clock that is a bit off
ANOTHER_DAY = DAY.replace("(", "(?:")
TIME = r"([01]\d|2[0-3])[-:h]?([0-5]\d)(?:[-:]?([0-5]\d)(?:[.,]?\d{3,6})?)?(Z)?"
# with digits around it, it is a number that looks like a day; what follows a day may be another one, and no time
STAMP = re.compile(rf"(?<!\d){DAY}(?:(?![T_ -]?{ANOTHER_DAY})[T_ -]?{TIME})?(?!\d)")


def connector_clock(document: Document) -> int | None:
    """Position of the column in which a connector wrote when it fetched each row."""
    if CLOCK in document.titles and document.records is None:
        return document.titles.index(CLOCK)
    return None


def extract_time(
    path: Path, instance: Path, table: Table, synced: Iterable[str], known_since: Callable[[], dt.datetime]
) -> dt.datetime:
    """When an export was made, UTC without an offset.

    From the connector's own column, whose values are `synced`, else the date (and time) in the file name, else in that
    of the nearest folder below the `instance`'s own, read in the reporting time zone unless a Z after it says UTC, else
    the modification time: exports that are copied together have one, but not one date. Of several days in a name it
    is the last: reports are named after the days they are of. One that was made before the last of its days is as
    old as the file: a report of the whole year, pulled in March, must not outrank what comes until December. So is a
    file that was here (`known_since`, asked for when it matters) before the only day in its name: no export is made
    before it arrives, so the day is what it is about. A file name that carries the partition of the table (a FEC's
    closing date) says nothing of the extract time.
    """
    newest = max((stamp for text in synced if (stamp := _stamp(text)) is not None), default=None)
    if newest is not None:
        return newest
    modified = dt.datetime.fromtimestamp(int(path.stat().st_mtime), tz=dt.UTC).replace(tzinfo=None)
    named = [] if table.partition_pattern else _stamps(path, instance)
    if not named:
        return modified
    try:
        first, last = _moment(named[0]), _moment(named[-1])
    except ValueError:
        return modified
    if modified >= last:
        return last
    return modified if first <= modified or last > known_since() + EARLY else last


def _stamps(path: Path, instance: Path) -> list[re.Match[str]]:
    """The stamps in the name of a file; where there are none, in that of the nearest folder that has some."""
    folders = path.relative_to(instance).parent.parts
    for name in (Path(plain_name(path.name)).stem, *reversed(folders)):
        if found := list(STAMP.finditer(name)):
            return found
    return []


def _moment(stamp: re.Match[str]) -> dt.datetime:
    """The moment a stamp in a file name says, UTC. Raises ValueError for a day that no month has."""
    *parts, utc = stamp.groups()
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    said = dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC if utc else reporting_time_zone())
    return said.astimezone(dt.UTC).replace(tzinfo=None)


def _stamp(text: str) -> dt.datetime | None:
    found = STAMP.search(text)
    if not found:
        return None
    day, *time = text.split(" ") if " " in text else text.split("T")
    hour, minute, second = [*map(int, re.findall(r"\d+", time[0])), 0, 0, 0][:3] if time else (0, 0, 0)
    try:
        return dt.datetime.fromisoformat(day).replace(hour=hour, minute=minute, second=second)
    except ValueError:
        return None
