"""The clock of a gate: when it checks, where days begin, which of them nobody works on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Clock:
    """What the gate is told of time: when it checks, where days begin, which days are off."""

    checked_at: dt.datetime
    time_zone: str
    holidays: Collection[dt.date]


def local(moment: dt.datetime, zone: str) -> dt.datetime:
    """A moment (UTC) as clocks of a time zone show it."""
    return moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def hours_between(start: dt.datetime, end: dt.datetime, clock: Clock) -> float:
    """Hours from one moment to another (UTC), those of weekends and days off left out."""
    first, last = local(start, clock.time_zone), local(end, clock.time_zone)
    if last <= first:
        return 0.0
    total = 0.0
    day = first.date()
    while day <= last.date():
        if day.weekday() < 5 and day not in clock.holidays:
            opens = max(first, dt.datetime.combine(day, dt.time()))
            closes = min(last, dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))
            total += max((closes - opens).total_seconds(), 0.0) / 3600
        day += dt.timedelta(days=1)
    return total
