"""Facts added up by period and scope, and what a figure is: a sum, a ratio of sums, a quantile (0003, 0033)."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from oracle.calendars import Period, Window

Number = int | Fraction
COMPANY = ("company", "all")


class Scope(NamedTuple):
    type: str
    id: str


class Key(NamedTuple):
    """One cell of a KPI: a period and a scope."""

    period: Period
    scope: Scope


class Credit(NamedTuple):
    """Whose a fact is. What is not asked of a fact is None, and has no scope."""

    rep: str | None = None
    team: str | None = None
    segment: str | None = None
    channel: str | None = None
    product: str | None = None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        return scopes_of(self)


@cache
def scopes_of(credit: Credit) -> tuple[Scope, ...]:
    """The company, and each rep, team, segment, channel and product that is named."""
    named = zip(credit._fields, credit, strict=True)
    return (Scope(*COMPANY), *(Scope(kind, name) for kind, name in named if name is not None))


class Line(NamedTuple):
    """So much, on that day, of those."""

    day: dt.date
    amount: Number
    credit: Credit


@dataclass(frozen=True)
class Figure:
    """What a cell of a KPI should say; parts of quantiles and products are None."""

    numerator: Number | None = None
    denominator: Number | None = None
    value: Number | float | None = None
    # why there is no value, where it is another reason than that there is nothing to divide by
    reason: str = "no_base"


Sums = dict[Key, Number]
Figures = dict[Key, Figure]


class Spread:
    """Which windows a day lies in."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self.windows = windows
        self.of_day: dict[dt.date, list[Period]] = defaultdict(list)
        for window in windows:
            day = window.since
            while day <= window.until:
                self.of_day[day].append(window.period)
                day += dt.timedelta(days=1)

    def sums(self, lines: Iterable[Line]) -> Sums:
        """Lines added up by window and scope."""
        daily: dict[tuple[dt.date, Credit], Number] = defaultdict(int)
        for day, amount, credit in lines:
            if amount:
                daily[day, credit] += amount
        added: Sums = defaultdict(int)
        for (day, credit), amount in daily.items():
            for period in self.of_day.get(day, ()):
                for scope in credit.scopes:
                    added[Key(period, scope)] += amount
        return dict(added)

    def records(self, lines: Iterable[tuple[dt.date, float, Credit]]) -> dict[Key, list[float]]:
        """The values of records by window and scope; one that never ended is infinite."""
        kept: dict[Key, list[float]] = defaultdict(list)
        for day, value, credit in lines:
            for period in self.of_day.get(day, ()):
                for scope in credit.scopes:
                    kept[Key(period, scope)].append(value)
        return dict(kept)


def sum_figures(sums: Mapping[Key, Number], windows: Sequence[Window]) -> Figures:
    """A sum says 0 for the company where nothing happened, and nothing of others (0003)."""
    everywhere = {Key(window.period, Scope(*COMPANY)): 0 for window in windows}
    return {key: Figure(amount, None, amount) for key, amount in {**everywhere, **sums}.items()}


def ratio_figures(
    numerators: Mapping[Key, Number], denominators: Mapping[Key, Number], *, of_amounts: bool = False
) -> Figures:
    """Parts first, division last; nothing over something is 0 for a share and unknown for an amount (0003)."""
    made = {}
    for key in {*numerators, *denominators}:
        numerator, denominator = numerators.get(key), denominators.get(key)
        unknown = not denominator or (of_amounts and numerator is None)
        made[key] = Figure(
            numerator or 0,
            denominator or 0,
            None if unknown else Fraction(numerator or 0) / Fraction(denominator or 1),
            "not_booked_yet" if denominator else "no_base",
        )
    return made


def quantile(values: Iterable[float], share: Fraction) -> float | None:
    """The place between two of the records, in proportion; None where it falls on one without an end (0033)."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low, part = int(place), float(place - int(place))
    if part == 0:
        return None if math.isinf(ordered[low]) else ordered[low]
    if math.isinf(ordered[low + 1]):
        return None
    return ordered[low] + part * (ordered[low + 1] - ordered[low])


def quantile_figures(records: Mapping[Key, list[float]], share: Fraction) -> Figures:
    return {key: Figure(value=quantile(values, share), reason="not_reached") for key, values in records.items()}


def cents(amount: object) -> int:
    """An amount of a fact in hundredths; facts have two decimals."""
    return int(Fraction(str(amount)) * 100)


def money(sums: Mapping[Key, Number]) -> Sums:
    """Hundredths as units of the currency."""
    return {key: Fraction(amount) / 100 for key, amount in sums.items()}


def half_up(amount: Fraction) -> int:
    """Rounded to a whole number, halves away from nought, as databases do."""
    whole = int(abs(amount) + Fraction(1, 2))
    return whole if amount >= 0 else -whole
