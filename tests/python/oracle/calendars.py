"""Weeks, months, fiscal quarters and years, and what each is compared with (docs/decisions/0002)."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from oracle.published import Published

GRAINS = ("week", "month", "quarter", "year")
DAY = dt.timedelta(days=1)


def month_of(day: dt.date) -> dt.date:
    return day.replace(day=1)


def months_after(day: dt.date, number: int) -> dt.date:
    """The first day of the month so many months after that of a day."""
    months = day.year * 12 + day.month - 1 + number
    return dt.date(months // 12, months % 12 + 1, 1)


def month_end(day: dt.date) -> dt.date:
    return months_after(day, 1) - DAY


def months_between(earlier: dt.date, later: dt.date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month


class Period(NamedTuple):
    grain: str
    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


@dataclass(frozen=True)
class Window:
    """The days a figure of a period is taken from: its own ones so far, or those it is compared with."""

    period: Period
    of: Period
    until: dt.date

    @property
    def since(self) -> dt.date:
        return self.of.start

    def whole(self, as_of: dt.date) -> Window:
        """All days of the period that have passed, also where fewer are compared."""
        return replace(self, until=min(self.of.end, as_of))


@dataclass(frozen=True)
class Calendar:
    """Periods of a company with its fiscal years, each as first and last day."""

    years: tuple[tuple[dt.date, dt.date], ...]

    @classmethod
    def of(cls, published: Published) -> Calendar:
        return cls(
            tuple(
                sorted(
                    (dt.date.fromisoformat(row["start_date"]), dt.date.fromisoformat(row["end_date"]))
                    for row in published.seed("fiscal_calendar")
                )
            )
        )

    @cached_property
    def quarters(self) -> list[Period]:
        """Months counted in threes from the first month of the year; of a year that begins within one it is short."""
        made = []
        for first, last in self.years:
            start, month = first, month_of(first)
            while start <= last:
                month = months_after(month, 3)
                made.append(Period("quarter", start, min(month - DAY, last)))
                start = month
        return made

    def period(self, grain: str, day: dt.date) -> Period:
        """The period of a grain that a day lies in."""
        if grain == "week":
            monday = day - dt.timedelta(days=day.weekday())
            return Period(grain, monday, monday + 6 * DAY)
        if grain == "month":
            return Period(grain, month_of(day), month_end(day))
        if grain == "quarter":
            return self.quarters[bisect_right(self.quarters, day, key=lambda each: each.start) - 1]
        first, last = self.years[bisect_right(self.years, day, key=lambda each: each[0]) - 1]
        return Period(grain, first, last)

    def before(self, period: Period) -> Period:
        return self.period(period.grain, period.start - DAY)

    def year_before(self, period: Period) -> Period:
        """The same period a year before; of a week, 52 weeks before, so that Monday meets Monday."""
        if period.grain == "week":
            return self.period("week", period.start - 364 * DAY)
        if period.grain == "year":
            return self.before(period)
        return self.period(period.grain, months_after(period.start, -12))

    def periods(self, first: dt.date, as_of: dt.date) -> list[Period]:
        """All periods from a first day to the as-of date."""
        made = []
        for grain in GRAINS:
            period = self.period(grain, as_of)
            while period.end >= first:
                made.append(period)
                if (period.grain, period.start) == ("year", self.years[0][0]):
                    break
                period = self.before(period)
        return made


def own(periods: Iterable[Period], as_of: dt.date) -> list[Window]:
    """The days of each period so far."""
    return [Window(each, each, min(each.end, as_of)) for each in periods]


def same_point(window: Window, other: Period) -> dt.date:
    """As many whole months and days into another period, at most all of it; the last day of a month on one."""
    day, start = window.until, window.since
    if other.grain == "week":
        return other.start + (day - start)
    month = months_after(day, -months_between(other.start, start))
    last = month_end(month)
    found = last if day == month_end(day) else month.replace(day=min(day.day, last.day))
    return min(found + (other.start.day - start.day) * DAY, other.end)


def compared(windows: Iterable[Window], calendar: Calendar, *, with_last_year: bool) -> list[Window]:
    """What each period is compared with: a whole one with a whole one, a running one up to the same point."""
    made = []
    for window in windows:
        other = (calendar.year_before if with_last_year else calendar.before)(window.period)
        is_whole = window.until == window.period.end
        made.append(replace(window, of=other, until=other.end if is_whole else same_point(window, other)))
    return made
