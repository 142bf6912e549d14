"""The open pipeline of a day, what was put off, what covers the target, quotas and velocity (0029, 0030, 0042)."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

from oracle import deals
from oracle.calendars import Calendar, Period, month_of, months_after, months_between
from oracle.parts import COMPANY, Credit, Figure, Figures, Key, Number, Scope, Spread, Sums, cents, ratio_figures
from oracle.published import Published

QUALIFIED = ("opportunity", "demo", "proposal")


@dataclass(frozen=True)
class Stand:
    """How a deal stood at the end of each day of a spell."""

    since: dt.date
    until: dt.date
    is_open: bool
    stage: str
    due: dt.date | None
    type: str
    amount: int
    credit: Credit


class Pipeline:
    def __init__(self, published: Published) -> None:
        self.published = published

    @cached_property
    def deals(self) -> dict[str, list[Stand]]:
        """Of each deal its spells in the order of time."""
        found: dict[str, list[Stand]] = defaultdict(list)
        for opportunity, since, until, status, stage, due, kind, amount, *credit in self.published.rows(
            "fct_pipeline_spells",
            "opportunity_id from_date to_date status stage close_date opportunity_type open_amount"
            " rep_id team_id segment channel product",
        ):
            found[opportunity].append(
                Stand(since, until, status == "open", stage, due, kind, cents(amount or 0), Credit(*credit))
            )
        return {deal: sorted(spells, key=lambda each: each.since) for deal, spells in found.items()}

    def on(self, day: dt.date) -> dict[str, Stand]:
        """How each deal stood when a day ended."""
        if day in self.of_day:
            return self.of_day[day]
        found = self.of_day[day] = {}
        for deal, spells in self.deals.items():
            place = bisect_right(spells, day, key=lambda each: each.since) - 1
            if place >= 0 and spells[place].until >= day:
                found[deal] = spells[place]
        return found

    @cached_property
    def of_day(self) -> dict[dt.date, dict[str, Stand]]:
        return {}


@cache
def read(published: Published) -> Pipeline:
    """The pipeline of a company, read once."""
    return Pipeline(published)


def open_amounts(pipeline: Pipeline, spread: Spread) -> Figures:
    """A stock: the deals open when the last day ends; renewals are apart."""
    made: Figures = {}
    for window in spread.windows:
        sums: dict[Scope, int] = defaultdict(int, {Scope(*COMPANY): 0})
        for stand in pipeline.on(window.until).values():
            if stand.is_open and stand.type != "renewal":
                for scope in stand.credit.scopes:
                    sums[scope] += stand.amount
        for scope, amount in sums.items():
            value = Fraction(amount, 100)
            made[Key(window.period, scope)] = Figure(value, None, value)
    return made


def in_progress(pipeline: Pipeline, spread: Spread) -> Figures:
    """New-business opportunities open when a day ends, in the mean of the window's days."""
    made: Figures = {}
    for window in spread.windows:
        if window.period.grain == "week":
            continue
        counts: dict[Scope, int] = defaultdict(int, {Scope(*COMPANY): 0})
        for spells in pipeline.deals.values():
            for stand in spells:
                days = (min(stand.until, window.until) - max(stand.since, window.since)).days + 1
                if days > 0 and stand.is_open and stand.type == "new_business" and stand.stage in QUALIFIED:
                    for scope in stand.credit.scopes:
                        counts[scope] += days
        length = (window.until - window.since).days + 1
        for scope, count in counts.items():
            value = Fraction(count, length)
            made[Key(window.period, scope)] = Figure(value, None, value)
    return made


def pushes(pipeline: Pipeline, spread: Spread) -> Figures:
    """Of the deals due on the eve the share that is open at the end with a later close date (0030)."""
    due: Sums = defaultdict(int)
    put_off: Sums = defaultdict(int)
    for window in spread.windows:
        ends = pipeline.on(window.until)
        for deal, eve in pipeline.on(window.since - dt.timedelta(days=1)).items():
            if not eve.is_open or eve.type == "renewal" or not eve.due:
                continue
            if not window.since <= eve.due <= window.of.end:
                continue
            end = ends.get(deal)
            is_put_off = end is not None and end.is_open and end.due is not None and end.due > eve.due
            for scope in eve.credit.scopes:
                due[Key(window.period, scope)] += 1
                put_off[Key(window.period, scope)] += is_put_off
    return ratio_figures(put_off, due)


class Quotas:
    """What a scope owes in a period: agreed on for it, or for all its parts; less while a rep is new (0042)."""

    def __init__(self, published: Published) -> None:
        self.published = published
        self.calendar = Calendar.of(published)
        self.targets = {
            (grain, start, Scope(kind, name)): target
            for (kpi, grain, start, kind, name), target in published.targets.items()
            if kpi == "bookings_amount"
        }
        self.scopes = {scope for _, _, scope in self.targets}
        self.spans = {
            rep: (hired, left) for rep, hired, left in published.rows("dim_sales_reps", "rep_id hired_date left_date")
        }

    def ramp(self, scope: Scope, month: dt.date) -> Fraction:
        """A quarter of it in the month of hiring, then half, three quarters, all; nothing in months not there.

        Who has left when a month begins, or leaves on its first day, is not there in it.
        """
        if scope.type != "rep":
            return Fraction(1)
        hired, left = self.spans.get(scope.id, (None, None))
        if left and left <= month:
            return Fraction(0)
        if not hired:
            return Fraction(1)
        months = self.published.variables["quota_ramp_months"]
        been = months_between(month_of(hired), month)
        return Fraction(0) if been < 0 else min(Fraction(1), Fraction(been + 1, months + 1))

    def owed(self, period: Period, scope: Scope) -> Fraction | None:
        target = self.targets.get((period.grain, period.start, scope))
        if target is not None:
            months = []
            month = month_of(period.start)
            while month <= period.end:
                months.append(self.ramp(scope, month))
                month = months_after(month, 1)
            return target * sum(months) / len(months)
        for grain in {"quarter": ("month",), "year": ("quarter", "month")}.get(period.grain, ()):
            # a month in which the rep is not there owes nothing, agreed on or not
            owed = [self.owed(part, scope) for part in self.parts(period, grain) if self.is_there(part, scope)]
            if owed and all(each is not None for each in owed):
                return sum((each for each in owed if each is not None), Fraction(0))
        return None

    def is_there(self, period: Period, scope: Scope) -> bool:
        return any(self.ramp(scope, part.start) for part in self.parts(period, "month"))

    def parts(self, period: Period, grain: str) -> list[Period]:
        found, day = [], period.start
        while day <= period.end:
            part = self.calendar.period(grain, day)
            found.append(part)
            day = part.end + dt.timedelta(days=1)
        return found


def quotas(published: Published, pipeline: Pipeline, spread: Spread) -> dict[str, Figures]:
    """Bookings over what is owed, and what is open and due over what of it remains."""
    owing = Quotas(published)
    booked = spread.sums(deals.booking_lines(published))
    attained: Figures = {}
    coverage: Figures = {}
    for window in spread.windows:
        if window.period.grain == "week":
            continue
        due: dict[Scope, int] = defaultdict(int)
        for stand in pipeline.on(window.until).values():
            is_due = stand.due is not None and window.since <= stand.due <= window.of.end
            if stand.is_open and stand.type != "renewal" and is_due:
                for scope in stand.credit.scopes:
                    due[scope] += stand.amount
        for scope in {*owing.scopes, *due, *(key.scope for key in booked if key.period == window.period)}:
            key = Key(window.period, scope)
            owed = owing.owed(window.of, scope)
            signed = Fraction(booked.get(key, 0), 100)
            attained[key] = Figure(signed, owed or 0, signed / owed if owed else None)
            gap = owed - signed if owed is not None else None
            amount = Fraction(due[scope], 100)
            if gap is not None and owed:
                is_reached = gap <= 0
                coverage[key] = Figure(0, 0, None, "achieved") if is_reached else Figure(amount, gap, amount / gap)
    return {"quota_attainment_rate": attained, "pipeline_coverage_ratio": coverage}


def velocity(factors: Mapping[str, Figures]) -> Figures:
    """Open opportunities x win rate x amount won / days from the opportunity to signature, new business (0042)."""
    made = {}
    for key, number in factors["opportunities_in_progress"].items():
        others = [
            factors[kpi].get(key, Figure()).value
            for kpi in ("win_rate", "new_business_deal_size", "sales_cycle_from_opportunity_median_days")
        ]
        made[key] = Figure(value=speed(number.value, *others))
    return made


def speed(
    number: Number | float | None, rate: Number | float | None, size: Number | float | None, days: Number | float | None
) -> float | None:
    if number is None or rate is None or size is None or not days:
        return None
    return float(number) * float(rate) * float(size) / float(days)


def figures(published: Published, spread: Spread) -> dict[str, Figures]:
    """All KPIs of this room."""
    pipeline = read(published)
    of_deals = deals.read(published)
    progress = in_progress(pipeline, spread)
    return {
        "pipeline_open_amount": open_amounts(pipeline, spread),
        "push_rate": pushes(pipeline, spread),
        **quotas(published, pipeline, spread),
        "opportunities_in_progress": progress,
        "pipeline_velocity": velocity(
            {
                "opportunities_in_progress": progress,
                **deals.win_rates(of_deals, spread),
                **deals.deal_sizes(of_deals, spread),
                **deals.cycles(of_deals, spread),
            }
        ),
    }
