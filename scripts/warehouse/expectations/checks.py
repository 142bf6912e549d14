"""A check before and after it was made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from warehouse.contract import OnBreach

Gate = Literal["raw", "marts"]


@dataclass(frozen=True)
class Subject:
    """What a check is about: a landed table of an instance, or a mart."""

    table: str
    owner: str
    system: str | None = None
    instance: str | None = None
    entity: str | None = None

    def __str__(self) -> str:
        return f"{self.instance}/{self.table}" if self.instance else self.table


@dataclass(frozen=True)
class Check:
    """One expectation: of which asset, of what kind, what a breach does, and which days of business time it touches.

    `expectation` and `arguments` are those of Great Expectations; `low` and `high` bound what it observes, in `unit`.
    Of one that `is_learnt` they come from the past, and it is no expectation.
    """

    subject: Subject
    rule: str
    on_breach: OnBreach
    asset: str
    expectation: str
    arguments: Mapping[str, Any]
    measures: str
    unit: str
    column: str | None = None
    low: float | None = None
    high: float | None = None
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    note: str = ""
    is_learnt: bool = False

    @property
    def name(self) -> str:
        """The same in every run."""
        parts = (self.subject.instance, self.subject.table, self.column, self.rule)
        return ".".join(part for part in parts if part)

    @property
    def expected(self) -> str:
        """What is asked for, in words."""
        if self.low is not None and self.high is not None and self.low != self.high:
            return f"{amount(self.low, self.unit)} to {amount(self.high, self.unit)}"
        if self.high is not None:
            return "none" if self.high == 0 else f"at most {amount(self.high, self.unit)}"
        if self.low is not None:
            return "all" if self.unit == "share" and self.low == 1 else f"at least {amount(self.low, self.unit)}"
        return "anything, for want of a past" if self.is_learnt else "all that were there before"


@dataclass(frozen=True)
class Result:
    """What became of a check."""

    check: Check
    passed: bool
    value: float | None = None
    found: str = field(default="")
    is_accepted: bool = False

    @property
    def status(self) -> str:
        """passed, failed, or accepted: a change that a person has said is meant."""
        return "passed" if self.passed else "accepted" if self.is_accepted else "failed"

    @property
    def observed(self) -> str:
        """What was found, in words."""
        told = self.found or ("nothing" if self.value is None else amount(self.value, self.check.unit))
        return f"{told}{self.check.note and f' ({self.check.note})'}"

    @property
    def line(self) -> str:
        """A failed check in one line: where, which rule, how far off, whose it is."""
        check = self.check
        column = f" column {check.column}" if check.column else ""
        return (
            f"{check.subject}{column}: {check.rule}: {check.measures}: {self.observed}, "
            f"expected {check.expected}; owner {check.subject.owner}"
        )


def amount(value: float, unit: str) -> str:
    """A number as a person says it."""
    if unit == "share":
        return f"{100 * value:.3g} %" if 0 < value < 0.995 else f"{100 * value:.4g} %"
    if unit == "times":
        return f"{value:.3g} times"
    shown = f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:,.3g}"
    return f"{shown} {unit}" if unit == "hours" else shown
