"""What the dictionary says of each KPI, read from a build: its row in the registry and its newest values."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.rendering import value_text
from warehouse.settings import reporting_currency
from warehouse.targets.marts import kpis_by_trust

LANGUAGES = ("en", "fr")
SHOWN_MEMBERS = 8  # of a sum in an example; more would not be added up by anybody
# the registry has no unit for years: a plain number whose code says so is one of them
WRITTEN_UNIT = "case when dim_kpis.unit = 'ratio' and ends_with(kpi_code, '_years') then 'years' else dim_kpis.unit end"
STEPS = """
    select
        from_stage || '_to_' || to_stage as step, origin.counting_unit, origin.label_en as from_en,
        origin.label_fr as from_fr, goal.label_en as to_en, goal.label_fr as to_fr
    from seeds.funnel_steps
    inner join seeds.funnel_stages as origin on from_stage = origin.stage
    inner join seeds.funnel_stages as goal on to_stage = goal.stage
"""
NEWEST_WINDOWS = """
    select from_stage || '_to_' || to_stage as step, max_by(window_days, fiscal_year) as window_days
    from marts.funnel_windows
    where fiscal_year <= (select max(fiscal_year) from marts.dim_dates where is_past)
    group by 1
"""


@dataclass(frozen=True)
class Reading:
    """The value of a KPI in one period, of the whole company, as numbers and as text of each language."""

    grain: str
    start: dt.date
    end: dt.date
    is_running: bool
    is_mature: bool
    numerator: float | None
    denominator: float | None
    value: float | None
    texts: Mapping[str, str]
    low: Mapping[str, str]
    high: Mapping[str, str]
    previous: Mapping[str, str]
    sample_size: int | None
    no_value_reason: str | None
    trust: str
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class Proposal:
    """The target that history suggests for a coming period, of the whole company."""

    grain: str
    start: dt.date
    status: str
    texts: Mapping[str, str]
    base: Mapping[str, str]
    reached_share: float | None


@dataclass(frozen=True)
class Factor:
    """A KPI that a product multiplies or divides by, with its value in the period of the example."""

    kpi_code: str
    divides: bool
    value: float | None


@dataclass(frozen=True)
class Kpi:
    """A row of the registry with what the build says of it."""

    row: Mapping[str, Any]
    closed: Reading | None  # last month that is over, mature and has a value
    readings: Sequence[Reading]  # newest month and quarter that are over, and the running ones
    members: Sequence[tuple[Mapping[str, str], float]]  # what the value of `closed` is the sum of, by team or segment
    factors: Sequence[Factor]
    proposals: Sequence[Proposal]

    @property
    def code(self) -> str:
        """Code of the KPI."""
        return str(self.row["kpi_code"])

    @property
    def parts(self) -> list[str]:
        """Components, or codes of the KPIs of a product, those above the line first."""
        below = "" if self.row["aggregation"] == "quantile" else self.row["denominator"] or ""
        return [part for part in re.split(r"[ *]+", f"{self.row['numerator'] or ''} {below}") if part]


@dataclass(frozen=True)
class Dictionary:
    """All KPIs in the order of the registry, and the words for what they are made of."""

    kpis: Sequence[Kpi]
    labels: Mapping[str, Mapping[str, str]]
    windows: Mapping[str, int]  # days a step is given in the newest year, by step
    objectives: Sequence[Mapping[str, Any]]
    reactions: Mapping[str, Mapping[str, Any]]
    boards: Mapping[str, Sequence[str]]  # dashboards that show a KPI
    sources: Mapping[str, Sequence[tuple[str, str]]]  # systems and their tables that a KPI is made of
    delivered: Collection[tuple[str, str]]  # systems and their tables that ever came
    as_of: dt.date | None
    by_trust: Mapping[str, int]


def read_dictionary(database: Path) -> Dictionary:
    """The dictionary of a build; a build without any export has one without values."""
    connection = duckdb.connect(str(database), read_only=True)
    try:
        connection.execute("set timezone = 'UTC'")
        return _Reader(connection).dictionary()
    finally:
        connection.close()


class _Reader:
    """Queries on a build."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.currency = reporting_currency()

    def dictionary(self) -> Dictionary:
        registry = self._rows(
            f"""
            select kpi_registry.*, dim_kpis.decision_fr, {WRITTEN_UNIT} as written_unit
            from seeds.kpi_registry
            inner join marts.dim_kpis using (kpi_code)
            order by kpi_registry.rowid
            """
        )
        readings = self._readings()
        proposals = self._proposals()
        values = {(code, each.grain, each.start): each.value for code, every in readings.items() for each in every}
        clocks = self._rows("select max(as_of_date) as as_of from marts.dim_clocks")
        return Dictionary(
            kpis=[
                self._kpi(row, readings.get(row["kpi_code"], []), values, proposals.get(row["kpi_code"], []))
                for row in registry
            ],
            labels=self._labels(),
            windows={row["step"]: row["window_days"] for row in self._rows(NEWEST_WINDOWS)},
            objectives=self._rows("select * from seeds.objectives order by position"),
            reactions={row["applies_to"]: row for row in self._rows("select * from seeds.kpi_reactions")},
            boards=self._boards(),
            sources=self._sources(),
            delivered={
                (row["source_system"], row["table_name"])
                for row in self._rows("select source_system, table_name from marts.quality_source_freshness")
            },
            as_of=clocks[0]["as_of"] if clocks else None,
            by_trust=kpis_by_trust(self.connection, "marts"),
        )

    def _sources(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for row in self._rows("select * from staging.stg_loader__kpi_sources order by all"):
            found.setdefault(row["kpi_code"], []).append((row["source_system"], row["table_name"]))
        return found

    def _kpi(
        self,
        row: Mapping[str, Any],
        readings: Sequence[Reading],
        values: Mapping[tuple[str, str, dt.date], float | None],
        proposals: Sequence[Proposal],
    ) -> Kpi:
        known = [each for each in readings if each.grain == "month" and not each.is_running and each.value is not None]
        closed = next((each for each in known if each.is_mature), None)
        shown = []
        for grain in ("month", "quarter"):
            for is_running in (False, True):
                found = [each for each in readings if each.grain == grain and each.is_running == is_running]
                shown += found[:1]
        factors = []
        if row["aggregation"] == "product":
            for column, divides in (("numerator", False), ("denominator", True)):
                for code in re.split(r"[ *]+", row[column] or ""):
                    value = values.get((code, "month", closed.start)) if closed else None
                    factors += [Factor(code, divides, value)] if code else []
        members = self._members(row, closed) if closed and row["aggregation"] == "sum" else []
        return Kpi(row, closed, shown, members, factors, proposals)

    def _labels(self) -> dict[str, dict[str, str]]:
        """What components and KPIs are called in a sentence."""
        labels = {
            row["driver"]: {"en": row["label_en"], "fr": row["label_fr"]}
            for row in self._rows("select * from marts.kpi_driver_labels where driver_type = 'factor'")
        }
        for row in self._rows(STEPS):
            who, ceux = (
                ("people", "personnes") if row["counting_unit"] == "person" else ("opportunities", "opportunités")
            )
            labels[f"{row['step']}_entrants"] = {
                "en": f"{who} that entered the stage {row['from_en']} in the period",
                "fr": f"{ceux} entrées à l'étape {row['from_fr']} dans la période",
            }
            labels[f"{row['step']}_converted"] = {
                "en": f"those of them that reached the stage {row['to_en']} in time",
                "fr": f"celles d'entre elles arrivées à temps à l'étape {row['to_fr']}",
            }
        return labels

    def _boards(self) -> dict[str, list[str]]:
        boards: dict[str, list[str]] = {}
        for row in self._rows("select kpi_code, dashboard from seeds.dashboards order by dashboards.rowid"):
            boards.setdefault(row["kpi_code"], []).append(row["dashboard"])
        return boards

    def _readings(self) -> dict[str, list[Reading]]:
        """Values of the whole company by KPI, the newest first."""
        texts = ",\n".join(
            f"{value_text(f'kpi_values.{column}', WRITTEN_UNIT, language, self.currency)} as {column}_{language}"
            for column in ("value", "ci_low", "ci_high", "previous_value")
            for language in LANGUAGES
        )
        found: dict[str, list[Reading]] = {}
        for row in self._rows(
            f"""
            select kpi_values.*, trust.reasons_en, trust.reasons_fr, {texts}
            from marts.kpi_values
            inner join marts.dim_kpis using (kpi_code)
            inner join marts.quality_kpi_trust as trust using (kpi_code, period_grain, period_start_date)
            where scope_type = 'company' and period_grain in ('month', 'quarter')
            order by kpi_code, period_start_date desc
            """
        ):
            found.setdefault(row["kpi_code"], []).append(
                Reading(
                    grain=row["period_grain"],
                    start=row["period_start_date"],
                    end=row["period_end_date"],
                    is_running=row["is_partial_period"],
                    is_mature=row["is_mature"],
                    numerator=row["numerator"],
                    denominator=row["denominator"],
                    value=row["value"],
                    texts=_by_language(row, "value"),
                    low=_by_language(row, "ci_low"),
                    high=_by_language(row, "ci_high"),
                    previous=_by_language(row, "previous_value"),
                    sample_size=row["sample_size"],
                    no_value_reason=row["no_value_reason"],
                    trust=row["trust_status"],
                    reasons=_by_language(row, "reasons"),
                )
            )
        return found

    def _proposals(self) -> dict[str, list[Proposal]]:
        texts = ",\n".join(
            f"{value_text(f'proposals.{column}', WRITTEN_UNIT, language, self.currency)} as {column}_{language}"
            for column in ("proposed_value", "base_value")
            for language in LANGUAGES
        )
        found: dict[str, list[Proposal]] = {}
        for row in self._rows(
            f"""
            select proposals.*, {texts}
            from marts.kpi_target_proposals as proposals
            inner join marts.dim_kpis using (kpi_code)
            where scope_type = 'company' and period_grain in ('month', 'quarter')
            order by kpi_code, period_grain, period_start_date
            """
        ):
            found.setdefault(row["kpi_code"], []).append(
                Proposal(
                    grain=row["period_grain"],
                    start=row["period_start_date"],
                    status=row["proposal_status"],
                    texts=_by_language(row, "proposed_value"),
                    base=_by_language(row, "base_value"),
                    reached_share=row["reached_share"],
                )
            )
        return found

    def _members(self, row: Mapping[str, Any], reading: Reading) -> list[tuple[dict[str, str], float]]:
        """Values of the scopes that a value is the sum of, the largest first; empty where they are too many."""
        scopes = str(row["scopes"]).split("|")
        scope_type = next((each for each in ("team", "segment", "channel") if each in scopes), None)
        members = self._rows(
            """
            select scope_name_en, scope_name_fr, value from marts.kpi_values
            where kpi_code = ? and period_grain = 'month' and period_start_date = ? and scope_type = ? and value <> 0
            order by value desc, scope_id
            """,
            [row["kpi_code"], reading.start, scope_type],
        )
        if not 1 < len(members) <= SHOWN_MEMBERS:
            return []
        return [(_by_language(each, "scope_name"), each["value"]) for each in members]

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        result = self.connection.execute(statement, list(values))
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _by_language(row: Mapping[str, Any], column: str) -> dict[str, str]:
    return {language: row[f"{column}_{language}"] or "" for language in LANGUAGES}
