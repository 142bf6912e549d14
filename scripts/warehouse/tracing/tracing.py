"""The road of one number: its value, its components, the rows they count, the lines these were read from."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse.contract import load_contract
from warehouse.errors import UserError
from warehouse.identity import declare_key, identity_key
from warehouse.literals import quoted
from warehouse.settings import disabled_optimizers
from warehouse.tracing.landed import Line, lines_of
from warehouse.tracing.lineage import Lineage
from warehouse.tracing.rerunning import Found, Rerun, Window, rows_of, rows_under

GRAINS = {r"\d{4}": "year", r"\d{4}-Q[1-4]": "quarter", r"\d{4}-\d{2}": "month", r"\d{4}-W\d{2}": "week"}
PERIOD = ("period_grain", "period_start_date", "purpose")
NEAR = 1e-12  # of sums of fractions, which end in another digit when they are added up in another order


@dataclass(frozen=True)
class Row:
    """A row that counts: its key, what it adds (None where rows only count together), when, and where it was read."""

    key: Mapping[str, Any]
    shown: Mapping[str, Any]
    adds: float | None
    day: dt.date | None
    lines: list[Line]


@dataclass(frozen=True)
class Part:
    """A component: what the build says it is, what the rows found come to, and these rows by relation."""

    code: str
    value: float | None
    again: float | None
    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    days: Mapping[dt.date, float] = field(default_factory=dict)
    note: str | None = None

    @property
    def holds(self) -> bool:
        """Whether the rows found come to the value; there is nothing to compare of a component without rows."""
        return self.note is not None or _same(self.value or 0, self.again or 0)


@dataclass(frozen=True)
class Trace:
    """A value of a KPI with its parts; of a product, with the traces of its factors."""

    kpi: Mapping[str, Any]
    window: Window
    value: Mapping[str, Any]
    parts: list[Part] = field(default_factory=list)
    factors: list[Trace] = field(default_factory=list)
    again: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the value follows from its parts, and these from the rows found."""
        mine = _same(self.value["value"], self.again)
        return mine and all(part.holds for part in self.parts) and all(factor.holds for factor in self.factors)


class Tracer:
    """Traces numbers of one build.

    `manifest` is dbt's of that build. The build and raw are read only.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, lineage: Lineage) -> None:
        self.connection = connection
        self.lineage = lineage

    def trace(self, kpi_code: str, period: str, scope: str = "company", grain: str | None = None) -> Trace:
        """The road of a value. Raises UserError where there is no such KPI, period or scope."""
        kpi = self._one(f"select * from {self.lineage.relation('kpi_registry')} where kpi_code = ?", [kpi_code])
        if kpi is None:
            raise UserError(f"{kpi_code}: no KPI of seeds/kpi_registry.csv has this code")
        window = self._window(period, scope, grain)
        value = self._value(kpi_code, window)
        if value is None:
            raise UserError(
                f"{kpi_code}: no value for {window.scope_type} {window.scope_id} in the {window.grain} "
                f"of {window.start}; "
                f"it is told for {kpi['scopes'].replace('|', ', ')} by {kpi['grains'].replace('|', ', ')}"
            )
        return self._follow(kpi, window, value, period, scope, grain)

    def run(self) -> Mapping[str, Any] | None:
        """The run that made the build: the newest that published."""
        return self._one("select * from raw.main.runs where outcome = 'published' order by started_at desc limit 1", [])

    def _follow(
        self,
        kpi: Mapping[str, Any],
        window: Window,
        value: Mapping[str, Any],
        period: str,
        scope: str,
        grain: str | None,
    ) -> Trace:
        if kpi["aggregation"] == "product":
            above, below = _codes(kpi["numerator"], "*"), _codes(kpi["denominator"], "*")
            # who did nothing has no row of a factor, and then no product
            factors = {
                code: self.trace(code, period, scope, grain) for code in (*above, *below) if self._value(code, window)
            }
            known = {code: factor.value["value"] for code, factor in factors.items()}
            again = _product([known.get(code) for code in above], [known.get(code) for code in below])
            return Trace(kpi, window, value, factors=list(factors.values()), again=again)
        if kpi["aggregation"] == "quantile":
            part = self._part(kpi["numerator"], value["value"], window, kpi["kpi_code"])
            return Trace(kpi, window, value, [part], again=part.again)
        if kpi["aggregation"] == "distinct":
            part = self._part(kpi["kpi_code"], value["numerator"], window)
            return Trace(kpi, window, value, [part], again=part.again or 0)
        parts = [self._part(kpi["numerator"], value["numerator"], window)]
        if not kpi["denominator"]:
            again = parts[0].again if parts[0].note is None else parts[0].value
            if kpi["aggregation"] == "sum":
                again = again or 0
            return Trace(kpi, window, value, parts, again=again)
        parts.append(self._part(kpi["denominator"], value["denominator"], window))
        above_value, below_value = (part.again if part.note is None else part.value for part in parts)
        if kpi["unit"] != "EUR" or value["value"] == 0:
            above_value = above_value or 0
        again = above_value / below_value if above_value is not None and below_value else None
        return Trace(kpi, window, value, parts, again=again)

    def _part(self, code: str, value: float | None, window: Window, kpi: str | None = None) -> Part:
        model = self.lineage.maker(code)
        if model is None:
            raise UserError(f"{code}: no model of components says whose rows it counts")
        note = self.lineage.meta(model).get("unrecorded", {}).get(code)
        if note:
            return Part(code, value, None, note=note)
        rerun = Rerun(self.connection, self.lineage, window)
        found = rerun.find(model, code)
        again = rerun.recompute(model, code, found, kpi)
        if not value and not again:
            found = []  # what adds up to nothing, or is none for want of a target
        days: dict[dt.date, float] = {}
        if not kpi:
            # what quantiles are taken of does not add up
            for each in found:
                for day, amount in each.days.items():
                    days[day] = days.get(day, 0) + amount
        rows = {each.relation: self._rows(each) for each in found}
        return Part(code, value, again, rows, dict(sorted(days.items())))

    def _rows(self, found: Found) -> list[Row]:
        grain = self.lineage.grain(found.relation)
        numbered = rows_of(self.connection, self.lineage, found)
        # what several rows add together stands on the first of them
        adds = dict(found.rows)
        return [
            Row(
                {name: row[name] for name in grain if name not in PERIOD},
                {name: row[name] for name in row if name.endswith("_amount") and name not in grain},
                adds.pop(number, None),
                found.on.get(number),
                lines,
            )
            for (number, row), lines in zip(numbered, self._lines(found, numbered), strict=True)
        ]

    def _lines(self, found: Found, numbered: list[tuple[int, Mapping[str, Any]]]) -> list[list[Line]]:
        """Where rows were read from: they themselves, or the facts that their yml says they are made of."""
        meta = self.lineage.meta(found.relation)
        if "landed" in meta:
            return lines_of(self.connection, load_contract(), meta["landed"], [row for _, row in numbered])
        lines: dict[int, list[Line]] = {number: [] for number, _ in numbered}
        for fact in meta["made_of"]:
            under = rows_under(self.connection, self.lineage, found, fact)
            landed = self.lineage.meta(fact)["landed"]
            came = lines_of(self.connection, load_contract(), landed, [row for _, row in under])
            for (number, _), of_row in zip(under, came, strict=True):
                lines[number].extend(of_row)
        return [lines[number] for number, _ in numbered]

    def _window(self, period: str, scope: str, grain: str | None) -> Window:
        named = next((name for pattern, name in GRAINS.items() if re.fullmatch(pattern, period)), None)
        kind, start = named or grain, _start(period)
        if kind is None or start is None or (grain and grain != kind):
            raise UserError(
                f"{period}: not a period; write 2026, 2026-Q4, 2026-10, 2026-W41, or a first day with --grain"
            )
        if kind in ("year", "quarter"):
            # of the fiscal calendar, which need not begin in January
            column = f"fiscal_{kind}_start_date"
            of_year = f"fiscal_year = {start.year}" if named else f"{column} = date '{start}'"
            of_quarter = f" and fiscal_quarter = {period[-1]}" if named == "quarter" else ""
            found = self._one(
                f"select min({column}) as start from {self.lineage.relation('dim_dates')} where {of_year}{of_quarter}",
                [],
            )
            start = found["start"] if found and found["start"] else start
        row = self._one(
            f"select * from {self.lineage.relation('dim_periods')} where period_grain = ? and period_start_date = ?",
            [kind, start],
        )
        if row is None:
            raise UserError(f"{period}: no {kind} of the build begins on {start}")
        scope_type, _, scope_id = scope.partition(":")
        if scope_type == "rep":
            scope_id = self._rep(scope_id)
        return Window(kind, start, row["period_start_date"], row["observed_until_date"], scope_type, scope_id or "all")

    def _rep(self, named: str) -> str:
        reps = self.connection.execute(
            f"select rep_id from {self.lineage.relation('dim_sales_reps')} where rep_name = ? and rep_id <> rep_name",
            [named],
        ).fetchall()
        if len(reps) > 1:
            raise UserError(f"rep:{named}: several have this name: {', '.join(rep for (rep,) in reps)}")
        return str(reps[0][0]) if reps else named

    def _value(self, kpi_code: str, window: Window) -> Mapping[str, Any] | None:
        return self._one(
            f"select * from {self.lineage.relation('kpi_values')} where kpi_code = ? and period_grain = ? "
            "and period_start_date = ? and scope_type = ? and scope_id = ?",
            [kpi_code, window.grain, window.start, window.scope_type, window.scope_id],
        )

    def _one(self, statement: str, values: list[Any]) -> Mapping[str, Any] | None:
        cursor = self.connection.execute(statement, values)
        names = [column[0] for column in cursor.description or ()]
        row = cursor.fetchone()
        return dict(zip(names, row, strict=True)) if row else None


@contextmanager
def tracer(database: Path, raw: Path, manifest: Path) -> Iterator[Tracer]:
    """A tracer of a build and its landing database. Raises UserError when one of them is not there."""
    lineage = Lineage.read(manifest)
    for path in (database, raw):
        if not path.exists():
            raise UserError(f"{path}: not there; run `make build`")
    connection = duckdb.connect()
    try:
        connection.execute(f"set timezone = 'UTC'; set disabled_optimizers = '{disabled_optimizers(raw)}'")
        declare_key(connection, identity_key(raw.parent))
        for path, name in ((database, lineage.database), (raw, "raw")):
            connection.execute(f"attach {quoted(path)} as {name} (read_only)")
        yield Tracer(connection, lineage)
    finally:
        connection.close()


def published_value(publish: Path, trace: Trace) -> tuple[str, float | None] | None:
    """The generation readers see and what it says of the same number; None where nothing is published."""
    marts = publish / "current" / "marts.duckdb"
    if not marts.exists():
        return None
    generation = json.loads((publish / "current" / "manifest.json").read_text(encoding="utf-8"))["generation"]
    window = trace.window
    with duckdb.connect(str(marts), read_only=True) as connection:
        row = connection.execute(
            "select value from kpi_values where kpi_code = ? and period_grain = ? and period_start_date = ? "
            "and scope_type = ? and scope_id = ?",
            [trace.kpi["kpi_code"], window.grain, window.start, window.scope_type, window.scope_id],
        ).fetchone()
    return generation, row[0] if row else None


def _start(period: str) -> dt.date | None:
    try:
        if re.fullmatch(r"\d{4}-W\d{2}", period):
            return dt.date.fromisocalendar(int(period[:4]), int(period[-2:]), 1)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", period):
            return dt.date.fromisoformat(period)
        return dt.date(int(period[:4]), int(period[5:7]) if re.fullmatch(r"\d{4}-\d{2}", period) else 1, 1)
    except ValueError:
        return None


def _codes(text: str | None, mark: str) -> list[str]:
    return [code.strip() for code in text.split(mark)] if text else []


def _product(above: list[float | None], below: list[float | None]) -> float | None:
    if any(each is None for each in above) or any(each is None or each <= 0 for each in below):
        return None
    return math.prod(each for each in above if each is not None) / math.prod(each for each in below if each is not None)


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=NEAR, abs_tol=NEAR)
