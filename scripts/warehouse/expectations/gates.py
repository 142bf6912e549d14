"""The two gates: made, recorded, and a stop said in one line."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.contract import System, load_contract
from warehouse.errors import UserError
from warehouse.expectations.checks import Check, Gate
from warehouse.expectations.engine import Run, run_checks
from warehouse.expectations.landing_assets import prepare
from warehouse.expectations.raw_suite import Clock, Suite, write_measures
from warehouse.expectations.recording import record
from warehouse.expectations.rules import Limits
from warehouse.expectations.standing import landed_tables
from warehouse.landing import MEMORY, open_raw
from warehouse.rebuilding import quoted
from warehouse.settings import PROJECT, Settings, reporting_time_zone

UNBUILT = "nothing was built or published"
UNPUBLISHED = "nothing was published"


class Stopped(UserError):
    """A check that stops the run has failed."""


def raw_gate(
    settings: Settings, run_id: str, checked_at: dt.datetime, known_at: dt.datetime | None = None
) -> Run:
    """Checks what landed and records it. Raises Stopped when a check with `on_breach: stop` failed."""
    systems = load_contract()
    with _scratch(settings) as database:
        checks = raw_checks(settings, database, systems, _clock(settings, checked_at), known_at)
        run = run_checks(database, checks)
    _record(settings, run_id, "raw", run, checked_at)
    _stop(run, "raw", UNBUILT)
    return run


def raw_checks(
    settings: Settings,
    database: Path,
    systems: Mapping[str, System],
    clock: Clock,
    known_at: dt.datetime | None = None,
    learned: Limits | None = None,
) -> list[Check]:
    """The checks of everything that landed, their assets made in a new database."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute(f"attach '{quoted(str(settings.raw_file))}' as raw (read_only)")
        landed = landed_tables(connection, systems, known_at)
        suites = [
            Suite(
                connection,
                prepare(connection, each),
                [other for other in landed if other.instance == each.instance],
                clock,
                learned or {},
                short_ids=systems[each.table.system].short_ids,
            )
            for each in landed
        ]
        checks = [check for suite in suites for check in suite.of_rows()]
        measures = [measure for suite in suites for measure in suite.measures()]
        return [*checks, *write_measures(connection, measures)]


def _stop(run: Run, gate: Gate, left: str) -> None:
    stopping = [result for result in run.failed if result.check.on_breach == "stop"]
    if stopping:
        more = f" (and {len(stopping) - 1} more)" if len(stopping) > 1 else ""
        raise Stopped(f"{gate} gate: {stopping[0].line}; {left}{more}")


def _record(settings: Settings, run_id: str, gate: Gate, run: Run, checked_at: dt.datetime) -> None:
    connection = open_raw(settings.raw_file, load_contract())
    try:
        record(connection, run_id, gate, run.results, checked_at)
    finally:
        connection.close()


@contextmanager
def _scratch(settings: Settings) -> Iterator[Path]:
    """A database for the assets of a gate, which goes when they were looked at."""
    database = settings.warehouse / "gate.duckdb"
    _remove(database)
    try:
        yield database
    finally:
        _remove(database)


def _remove(database: Path) -> None:
    database.unlink(missing_ok=True)
    database.with_suffix(".duckdb.wal").unlink(missing_ok=True)


def _clock(settings: Settings, checked_at: dt.datetime) -> Clock:
    seed = settings.config / "public_holidays.csv"
    with (seed if seed.exists() else PROJECT / "seeds" / seed.name).open(encoding="utf-8", newline="") as file:
        holidays = {dt.date.fromisoformat(row["holiday_date"]) for row in csv.DictReader(file)}
    return Clock(checked_at, str(reporting_time_zone()), holidays)
