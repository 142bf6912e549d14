"""How long the questions of a dashboard take on what was published, on DuckDB and on PostgreSQL.

They are what a BI tool asks when somebody opens a page: the newest row of each scope, the history of one, its tiles,
what moved it, its funnel. Standard SQL, the same on both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.benchmarks.publisher import own_server
from warehouse.generations import read_manifest
from warehouse.targets.postgres import Publication, write_postgres
from warehouse.targets.republishing import kept_tables

ROLES = ("sdr", "account_executive", "sales_director", "executive")
ROUNDS = 20
QUESTIONS = {
    "newest of every scope": ("select * from {mart} where month_date = (select max(month_date) from {mart})"),
    "history of one scope": ("select * from {mart} where scope_type = 'company' order by month_date"),
    "tiles of one scope": (
        "select * from dashboard_tiles where dashboard = '{role}' and scope_type = 'company' "
        "and period_grain = 'month' order by position, period_start_date"
    ),
    "what moved it": (
        "select driver_type, driver_label_en, contribution from kpi_drivers where kpi_code = 'bookings_amount' "
        "and scope_type = 'company' and period_grain = 'month' and period_start_date = "
        "(select max(period_start_date) from kpi_drivers where kpi_code = 'bookings_amount' "
        "and period_grain = 'month') order by abs(contribution) desc"
    ),
    "its funnel": (
        "select from_stage, to_stage, sum(entrants_count), sum(converted_count) from funnel_conversion "
        "where view = 'cohort' and counting = 'reached' and period_grain = 'month' and scope_type = 'company' "
        "group by from_stage, to_stage"
    ),
}


@dataclass(frozen=True)
class Reading:
    """The 95th of a hundred times of the questions of a page, the slowest of them by name."""

    page: str
    engine: str
    milliseconds: float
    slowest: str


def read_dashboards(generation: Path, folder: Path) -> list[Reading]:
    """The pages on a generation's DuckDB file, and on a PostgreSQL server of the run's own it is published to."""
    import psycopg

    with duckdb.connect(str(generation / "marts.duckdb"), read_only=True) as connection:
        on_file = list(readings("DuckDB", lambda question: connection.execute(question).fetchall()))
    with own_server(folder) as address:
        with duckdb.connect() as connection:
            tables = kept_tables(connection, generation, read_manifest(generation))
            write_postgres(connection, tables, Publication(generation.name, ""), address)
        with psycopg.connect(address, options="-c search_path=bi") as server:
            on_server = list(readings("PostgreSQL", lambda question: server.execute(question).fetchall()))
    return on_file + on_server


def readings(engine: str, ask: Callable[[str], Sequence[Any]]) -> Iterator[Reading]:
    """The pages of all roles, each question asked some times in turn."""
    for role in ROLES:
        times: dict[str, list[float]] = {name: [] for name in QUESTIONS}
        for _ in range(ROUNDS):
            for name, question in QUESTIONS.items():
                begun = time.perf_counter()
                ask(question.format(mart=f"dashboard_{role}", role=role))
                times[name].append(1000 * (time.perf_counter() - begun))
        every = sorted(each for taken in times.values() for each in taken)
        slowest = max(times, key=lambda name: sorted(times[name])[len(times[name]) // 2])
        yield Reading(role, engine, every[int(0.95 * (len(every) - 1))], slowest)
