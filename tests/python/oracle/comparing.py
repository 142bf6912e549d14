"""The oracle's figures held against `kpi_values`, row by row."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from oracle import activity, costs, deals, forecasts, funnel, money_in, pipeline
from oracle.calendars import Calendar, Period, Window, compared, own
from oracle.parts import COMPANY, Figure, Figures, Key, Number, Scope, Spread
from oracle.published import Published

ROOMS = (activity, deals, funnel, pipeline, money_in, costs, forecasts)
COMPARED = {"previous_value": False, "same_period_last_year_value": True}


@dataclass(frozen=True)
class Disagreement:
    """A cell in which the oracle and the publication say different things."""

    kpi: str
    grain: str
    start: dt.date
    scope: Scope
    column: str
    oracle: object
    published: object


@dataclass(frozen=True)
class Rules:
    """How the registry says a KPI is published."""

    aggregation: str
    unit: str
    scopes: frozenset[str]
    grains: frozenset[str]


class Oracle:
    """Every KPI a second time, from the facts."""

    def __init__(self, published: Published) -> None:
        self.published = published
        self.calendar = Calendar.of(published)

    @cached_property
    def rules(self) -> dict[str, Rules]:
        return {
            row["kpi_code"]: Rules(
                row["aggregation"],
                row["unit"],
                frozenset(row["scopes"].split("|")),
                frozenset(row["grains"].split("|")),
            )
            for row in self.published.seed("kpi_registry")
        }

    @cached_property
    def periods(self) -> list[Period]:
        """The periods that are published; that each is where the calendar has it, `dates_that_differ` says."""
        return [
            self.calendar.period(grain, start)
            for grain, start in self.published.rows("dim_periods", "period_grain period_start_date")
        ]

    def dates_that_differ(self) -> list[tuple[Any, ...]]:
        """Published periods with another start, end or length than the calendar gives them (0002)."""
        told = self.published.rows(
            "dim_periods", "period_grain period_start_date period_end_date observed_until_date is_partial_period"
        )
        as_of = self.published.as_of
        return [
            row
            for row, period in zip(told, self.periods, strict=True)
            if row != (period.grain, period.start, period.end, min(period.end, as_of), period.end > as_of)
        ]

    @cached_property
    def windows(self) -> list[Window]:
        return own(self.periods, self.published.as_of)

    def figures(self, windows: list[Window]) -> dict[str, Figures]:
        """All KPIs, each in the scopes and grains that the registry gives it."""
        spread = Spread(windows)
        return {
            kpi: {
                key: figure
                for key, figure in cells.items()
                if key.scope.type in self.rules[kpi].scopes and key.period.grain in self.rules[kpi].grains
            }
            for room in ROOMS
            for kpi, cells in room.figures(self.published, spread).items()
        }

    @cached_property
    def told(self) -> dict[str, dict[Key, dict[str, Any]]]:
        """`kpi_values` by KPI and cell, but for KPIs whose data was never loaded."""
        columns = "numerator denominator value previous_value same_period_last_year_value band no_value_reason"
        found: dict[str, dict[Key, dict[str, Any]]] = {kpi: {} for kpi in self.rules}
        for kpi, grain, start, kind, name, trust, *values in self.published.rows(
            "kpi_values", f"kpi_code period_grain period_start_date scope_type scope_id trust_status {columns}"
        ):
            if trust != "no_source":
                key = Key(self.calendar.period(grain, start), Scope(kind, name))
                found[kpi][key] = dict(zip(columns.split(), values, strict=True))
        return found

    @cached_property
    def current(self) -> dict[str, Figures]:
        """All KPIs of the periods themselves."""
        return self.figures(self.windows)

    def disagreements(self) -> list[Disagreement]:
        """Cells whose parts or value differ, or that only one side has."""
        return self.disagreements_of(self.current)

    def disagreements_of(self, figures: dict[str, Figures], *, company_only: bool = False) -> list[Disagreement]:
        """The same of the figures given, of all scopes or of those of the company."""
        found = []
        for kpi, cells in figures.items():
            told = {key: row for key, row in self.told[kpi].items() if key.scope == COMPANY or not company_only}
            if not told:
                continue
            for key in {*cells, *told}:
                figure, row = cells.get(key), told.get(key)
                if row is None:
                    if figure and (key.scope == COMPANY or figure.numerator or figure.denominator or figure.value):
                        found.append(self.differ(kpi, key, "row", figure, None))
                    continue
                wanted = figure or self.nothing(kpi)
                for column in ("numerator", "denominator", "value"):
                    if not same(getattr(wanted, column), row[column]):
                        found.append(self.differ(kpi, key, column, getattr(wanted, column), row[column]))
                reason = wanted.reason if wanted.value is None else None
                if reason != row["no_value_reason"]:
                    found.append(self.differ(kpi, key, "no_value_reason", reason, row["no_value_reason"]))
                if kpi == "ltv_cac_ratio":
                    threshold = self.published.variables["underinvest_threshold"]
                    band = None if wanted.value is None else costs.band(wanted.value, threshold)
                    if band != row["band"]:
                        found.append(self.differ(kpi, key, "band", band, row["band"]))
        return found

    def nothing(self, kpi: str) -> Figure:
        """What a row says of a period in which nothing happened (0003)."""
        rules = self.rules[kpi]
        # the mean of nobody is unknown, unlike a stock of nothing
        if rules.aggregation in ("sum", "distinct") or (rules.aggregation == "last" and rules.unit != "ratio"):
            return Figure(0, None, 0)
        if kpi == "pipeline_coverage_ratio":
            # without a target nobody knows what remains of it
            return Figure(0, None, None)
        return Figure(0, 0, None) if rules.aggregation == "ratio" else Figure()

    def disagreements_of_comparisons(self, since: dt.date = dt.date.min) -> list[Disagreement]:
        """Cells of periods that begin since a day, compared with other days than those before, or a year before."""
        found = []
        known = {(each.grain, each.start) for each in self.periods}
        for column, with_last_year in COMPARED.items():
            windows = compared(self.windows, self.calendar, with_last_year=with_last_year)
            windows = [
                each for each in windows if each.period.start >= since and (each.of.grain, each.of.start) in known
            ]
            of = {each.period: each.of for each in windows}
            for kpi, cells in self.figures(windows).items():
                for key, row in self.told[kpi].items():
                    if key.period.start < since:
                        continue
                    figure, other = cells.get(key), of.get(key.period)
                    # a running period is compared with days, not with a period: its own target counts
                    if other and key.period.end > self.published.as_of:
                        other = key.period
                    # who has a row of the other period, as all have who have a target, has done nothing in it
                    if (
                        figure is None
                        and other
                        and (
                            (kpi, other.grain, other.start, *key.scope) in self.published.targets
                            or (other is not key.period and Key(other, key.scope) in self.told[kpi])
                        )
                    ):
                        figure = self.nothing(kpi)
                    if not same(figure and figure.value, row[column]):
                        found.append(self.differ(kpi, key, column, figure and figure.value, row[column]))
        return found

    @staticmethod
    def differ(kpi: str, key: Key, column: str, oracle: object, published: object) -> Disagreement:
        return Disagreement(kpi, key.period.grain, key.period.start, key.scope, column, oracle, published)


def same(wanted: Number | float | None, told: float | None) -> bool:
    """Equal but for what a binary fraction of 53 digits cannot hold: far below a cent."""
    if wanted is None or told is None:
        return wanted is None and told is None
    return math.isclose(float(wanted), told, rel_tol=1e-9, abs_tol=1e-9)
