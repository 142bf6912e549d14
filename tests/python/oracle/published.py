"""What a company published, read as rows: no sum, no join and no rule is left to the database."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import yaml

Row = tuple[Any, ...]


@dataclass(eq=False)
class Published:
    """The facts and dimensions of a build, and the business rules it was made with."""

    connection: duckdb.DuckDBPyConnection
    schema: str
    project: Path
    config: Path | None = None
    changed: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, table: str, columns: str) -> list[Row]:
        """The columns of all rows of a table, as they stand."""
        names = ", ".join(f'"{name}"' for name in columns.split())
        return self.connection.execute(f'select {names} from {self.schema}."{table}"').fetchall()

    def seed(self, name: str) -> list[dict[str, str]]:
        """Rows of a business seed: the company's own file, else the project's."""
        own = self.config / f"{name}.csv" if self.config else None
        file = own if own and own.exists() else self.project / "seeds" / f"{name}.csv"
        with file.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    @cached_property
    def variables(self) -> dict[str, Any]:
        """The variables of the project, and what this build was given instead."""
        project = yaml.safe_load((self.project / "dbt_project.yml").read_text(encoding="utf-8"))
        return {**project["vars"], **self.changed}

    @cached_property
    def as_of(self) -> dt.date:
        """The last day of every figure (0001)."""
        ((day,),) = self.rows("dim_clocks", "as_of_date")
        return day  # type: ignore[no-any-return]

    @cached_property
    def targets(self) -> dict[tuple[str, str, dt.date, str, str], Fraction]:
        """What was agreed on, by KPI, period and scope."""
        return {
            (
                row["kpi_code"],
                row["period_grain"],
                dt.date.fromisoformat(row["period_start_date"]),
                row["scope_type"],
                row["scope_id"],
            ): Fraction(row["target_value"])
            for row in self.seed("kpi_targets")
        }

    @cached_property
    def teams(self) -> dict[str, list[tuple[dt.date, dt.date, str, str | None]]]:
        """Of each rep the spells of days in one team and role (0053)."""
        spells: dict[str, list[tuple[dt.date, dt.date, str, str | None]]] = {}
        for rep, team, role, since, until in self.rows(
            "dim_sales_rep_spells", "rep_id team_id role valid_from_date valid_to_date"
        ):
            spells.setdefault(rep, []).append((since or dt.date.min, until or dt.date.max, team, role))
        return spells

    def spell(self, rep: str, day: dt.date) -> tuple[str, str | None]:
        """Team and role of a rep on a day (0053)."""
        for since, until, team, role in self.teams[rep]:
            if since <= day <= until:
                return team, role
        raise LookupError(f"{rep} has no team on {day}")

    def team(self, rep: str, day: dt.date) -> str:
        return self.spell(rep, day)[0]

    @cached_property
    def rates(self) -> dict[tuple[str, dt.date], Decimal]:
        """Reporting currency for one unit of a currency on a day (0044)."""
        return {
            (currency, day): rate
            for currency, day, rate in self.rows("dim_exchange_rates", "currency_code rate_date rate")
        }

    def rate(self, currency: str, day: dt.date) -> Decimal | None:
        if currency == self.variables["reporting_currency"]:
            return Decimal(1)
        return self.rates.get((currency, day))


def days_of(since: dt.date, until: dt.date) -> Iterator[dt.date]:
    """Each day of a span, both ends in."""
    for number in range((until - since).days + 1):
        yield since + dt.timedelta(days=number)
