"""French public holidays and business minutes, computed anew: nothing here reads the project's seeds."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

from warehouse.demo.company import PARIS

OPENS, CLOSES = 9 * 60, 18 * 60
FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
AFTER_EASTER = (1, 39, 50)


def easter(year: int) -> dt.date:
    """Easter Sunday of a Gregorian year, by the rule of Meeus, Jones and Butcher."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap, skipped = divmod(century, 4)
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * skipped + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


def french_holidays(year: int) -> list[dt.date]:
    """The eleven public holidays of metropolitan France, in order."""
    moved = [easter(year) + dt.timedelta(days=days) for days in AFTER_EASTER]
    return sorted([dt.date(year, month, day) for month, day in FIXED] + moved)


def business_minutes(since: pd.Series, until: pd.Series) -> npt.NDArray[np.float64]:
    """Minutes of Monday to Friday, 9 to 18 in Paris, between UTC times; not a number where there is no end."""
    holidays = [day for year in range(2015, 2036) for day in french_holidays(year)]
    known = until.fillna(since)
    days, minutes = zip(*(_wall_clock(times, holidays) for times in (since, known)), strict=True)
    whole = np.busday_count(days[0], days[1], holidays=holidays) * (CLOSES - OPENS)
    passed: npt.NDArray[np.float64] = np.where(until.notna(), whole + minutes[1] - minutes[0], np.nan)
    return passed


def _wall_clock(
    times: pd.Series, holidays: list[dt.date]
) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.float64]]:
    """Days in Paris of UTC times, and the business minutes of the day that have passed."""
    local = times.dt.tz_localize("UTC").dt.tz_convert(PARIS).dt.tz_localize(None)
    days = local.dt.normalize().to_numpy().astype("datetime64[D]")
    minutes = (local - local.dt.normalize()).dt.total_seconds().to_numpy() / 60
    passed = np.clip(minutes - OPENS, 0, CLOSES - OPENS)
    return days, np.where(np.is_busday(days, holidays=holidays), passed, 0.0)
