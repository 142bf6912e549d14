"""Conversion of cohorts within the window that history gives each step (0008, 0009)."""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction
from functools import cache, cached_property

from oracle.calendars import Calendar, months_after
from oracle.parts import Credit, Figures, Line, Spread, quantile, ratio_figures
from oracle.published import Published

STAGES = ("lead", "mql", "sql", "opportunity", "demo", "proposal", "won")
OF_PEOPLE = ("lead", "mql", "sql")
STEPS = {
    "lead_to_mql_rate": ("lead", "mql"),
    "mql_to_sql_rate": ("mql", "sql"),
    "lead_to_sql_rate": ("lead", "sql"),
    "lead_to_opportunity_rate": ("lead", "opportunity"),
    "sql_to_opportunity_rate": ("sql", "opportunity"),
    "opportunity_to_demo_rate": ("opportunity", "demo"),
    "demo_to_proposal_rate": ("demo", "proposal"),
    "proposal_to_won_rate": ("proposal", "won"),
    "close_rate_cohort": ("opportunity", "won"),
}


class Funnel:
    def __init__(self, published: Published) -> None:
        self.published = published
        self.calendar = Calendar.of(published)

    @cached_property
    def reached(self) -> dict[tuple[str, str], dict[str, dt.date]]:
        """Of each person and opportunity the day of each stage, from its own row (accumulating snapshot)."""
        found = {}
        for person, is_excluded, *days in self.published.rows(
            "fct_leads",
            "contact_id is_excluded lead_date mql_date sql_date opportunity_date demo_date proposal_date won_date",
        ):
            if not is_excluded:
                found["person", person] = dict(zip(STAGES, days, strict=True))
        for opportunity, kind, *days in self.published.rows(
            "fct_opportunities",
            "opportunity_id opportunity_type opportunity_date demo_date proposal_date won_date",
        ):
            if kind == "new_business":
                found["opportunity", opportunity] = dict(zip(STAGES[3:], days, strict=True))
        return {
            record: {stage: day for stage, day in days.items() if day and day <= self.published.as_of}
            for record, days in found.items()
        }

    @cached_property
    def credits(self) -> dict[tuple[str, str, str], Credit]:
        """Who had a record when it reached a stage (0012)."""
        return {
            (unit, record, stage): Credit(*credit)
            for unit, record, stage, *credit in self.published.rows(
                "fct_stage_entries", "counting_unit record_id stage rep_id team_id segment channel product"
            )
        }

    def entrants(self, since: str, until: str) -> list[tuple[dt.date, dt.date | None, Credit]]:
        """Who entered the step, on which day, when it got to its end, and whose it was."""
        unit = "person" if since in OF_PEOPLE else "opportunity"
        return [
            (days[since], days.get(until), self.credits[unit, record, since])
            for (of, record), days in self.reached.items()
            if of == unit and since in days
        ]

    def windows(self, since: str, until: str) -> dict[tuple[dt.date, dt.date], int]:
        """Days a cohort of each fiscal year is given: nine of ten converters of the years before took no longer."""
        defaults = {
            (row["from_stage"], row["to_stage"]): int(row["default_window_days"])
            for row in self.published.seed("funnel_steps")
        }
        entrants = self.entrants(since, until)
        found = {}
        for first, last in self.calendar.years:
            since_day, until_day = months_before(first, 36), months_before(first, 12)
            taken = [
                (converted - entered).days
                for entered, converted, _ in entrants
                if since_day <= entered < until_day and converted is not None and converted < first
            ]
            if len(taken) < self.published.variables["minimum_converters"]:
                found[first, last] = defaults[since, until]
            else:
                found[first, last] = math.ceil(quantile(taken, Fraction(9, 10)) or 0)
        return found


@cache
def read(published: Published) -> Funnel:
    """The funnel of a company, read once."""
    return Funnel(published)


def months_before(day: dt.date, number: int) -> dt.date:
    """The same day of the month so many months before."""
    first = months_after(day, -number)
    return first + dt.timedelta(days=day.day - 1)


def figures(published: Published, spread: Spread) -> dict[str, Figures]:
    """All KPIs of this room."""
    funnel = read(published)
    made = {}
    for kpi, (since, until) in STEPS.items():
        windows = funnel.windows(since, until)
        years = {
            day: days
            for (first, last), days in windows.items()
            for day in (first + dt.timedelta(days=number) for number in range((last - first).days + 1))
        }
        entered, converted = [], []
        for day, reached, credit in funnel.entrants(since, until):
            entered.append(Line(day, 1, credit))
            if reached is not None and (reached - day).days <= years[day]:
                converted.append(Line(day, 1, credit))
        made[kpi] = ratio_figures(spread.sums(converted), spread.sums(entered))
    return made
