"""The rhythm of a table: rows a day by business time, days that lack, a week that is out of the ordinary."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from statistics import median

WEEKS_LEARNT = 26
WEEKS_NEEDED = 8
WEEKS_COMPARED = 8
DAYS_LOOKED_AT = 91
FEW_A_WEEK = 20
SHARE_LACKING = 0.42  # so that half a week is noticed where there are a hundred rows a week
USUAL_ROWS = 8  # so many rows a day by habit: a day without one is no chance
ALWAYS = 0.98
MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True)
class Week:
    """Rows per business day of the last seven days, and of seven days as they usually are."""

    observed: float
    low: float
    high: float
    first: dt.date
    last: dt.date


def missing_days(
    counts: Mapping[dt.date, int], last: dt.date, holidays: Collection[dt.date], *, every_day: bool, trailing: bool
) -> list[dt.date]:
    """Days up to `last` without a row, of those weekdays that have some every week.

    Days off are passed over unless the source writes `every_day`. Without `trailing` days after the newest row are not
    judged: whether something still comes is another rule.
    """
    if not counts:
        return []
    newest = max(day for day in counts)
    end = last if trailing else min(last, newest)
    usual = {weekday: _is_usual(counts, weekday, end, holidays) for weekday in range(7)}
    first = max(min(counts), end - dt.timedelta(days=DAYS_LOOKED_AT))
    days = (first + dt.timedelta(days=offset) for offset in range((end - first).days + 1))
    return [day for day in days if day not in counts and usual[day.weekday()] and (every_day or day not in holidays)]


def missing_months(counts: Mapping[dt.date, int]) -> list[dt.date]:
    """First and last days of the months between the first and the newest row that have none."""
    filled = {day.replace(day=1) for day in counts}
    month, lacking = min(filled, default=dt.date.max), []
    while filled and month < max(filled):
        following = (month + dt.timedelta(days=31)).replace(day=1)
        if month not in filled:
            lacking += [month, following - dt.timedelta(days=1)]
        month = following
    return lacking


def _is_usual(counts: Mapping[dt.date, int], weekday: int, end: dt.date, holidays: Collection[dt.date]) -> bool:
    """Whether a weekday had enough rows, or always some, in the half year before."""
    start = max(min(counts), end - dt.timedelta(weeks=WEEKS_LEARNT))
    days = [start + dt.timedelta(days=offset) for offset in range((end - start).days + 1)]
    same = [counts.get(day, 0) for day in days if day.weekday() == weekday and day not in holidays]
    if len(same) < WEEKS_NEEDED:
        return False
    filled = [count for count in same if count]
    # a gap of a few days must not teach that gaps are usual
    return len(filled) >= 0.7 * len(same) and (
        median(same) >= USUAL_ROWS or (len(filled) >= ALWAYS * (len(same) - 2) and len(set(filled)) == 1)
    )


def last_week(counts: Mapping[dt.date, int], last: dt.date, holidays: Collection[dt.date]) -> Week | None:
    """The seven days up to `last` beside the weeks before them, per business day.

    None where there are too few weeks or rows to compare with.
    """
    windows: list[tuple[float, int]] = []
    end = last
    while counts and len(windows) <= WEEKS_COMPARED and end - dt.timedelta(days=6) >= min(counts):
        days = [end - dt.timedelta(days=offset) for offset in range(7)]
        open_days = sum(1 for day in days if day.weekday() < 5 and day not in holidays)
        if open_days:
            windows.append((sum(counts.get(day, 0) for day in days) / open_days, open_days))
        elif end == last:
            return None
        end -= dt.timedelta(days=7)
    usual = [rate for rate, _ in windows[1:]]
    middle = median(usual) if len(usual) == WEEKS_COMPARED else 0.0
    if middle * 5 < FEW_A_WEEK:
        return None
    spread = MAD_TO_SIGMA * median(abs(rate - middle) for rate in usual)
    # chance alone moves a small count more than its past may show, unless it is the same every week
    chance = (middle / windows[0][1]) ** 0.5 if spread else 0.0
    lack = max(SHARE_LACKING * middle, 3 * spread, 4 * chance)
    more = max(middle, 6 * spread, 6 * chance)
    return Week(windows[0][0], max(middle - lack, 0.0), middle + more, last - dt.timedelta(days=6), last)
