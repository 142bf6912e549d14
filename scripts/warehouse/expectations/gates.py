"""The two gates: made, recorded, and a stop said in one line."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from warehouse.building import Clocks
from warehouse.contract import System, load_contract
from warehouse.errors import UserError
from warehouse.expectations.checks import Check, Gate, Result
from warehouse.expectations.clock import Clock
from warehouse.expectations.earlier import beside_earlier
from warehouse.expectations.engine import Run, run_checks
from warehouse.expectations.history import Learnt, learn, results_of
from warehouse.expectations.landing_assets import prepare
from warehouse.expectations.marts_suite import marts_checks
from warehouse.expectations.raw_suite import Suite, write_measures
from warehouse.expectations.recording import record
from warehouse.expectations.rules import Limits
from warehouse.expectations.standing import landed_tables
from warehouse.landing import MEMORY, open_raw
from warehouse.ledger import utc_now
from warehouse.literals import quoted
from warehouse.locking import only_run
from warehouse.settings import PROJECT, Settings, reporting_time_zone
from warehouse.targets.marts import fingerprint

# rules that compare with what came, or was published, before: a change may be meant
ACCEPTABLE = ("schema", "truncated", "collapsed", "as_of", "closed_months")
LEFT: Mapping[Gate, str] = {"raw": "nothing was built or published", "marts": "nothing was published"}


class Stopped(UserError):
    """A check that stops the run has failed."""


class Gates:
    """The gates of one run: made, recorded in raw, and kept for the documents of its publication."""

    def __init__(self, settings: Settings, run_id: str, clocks: Clocks, *, accepts_changes: bool = False) -> None:
        self.settings = settings
        self.accepts_changes = accepts_changes
        self.run_id = run_id
        self.clocks = clocks
        self.checked_at = _moment(clocks.checked_at) or utc_now()
        self.known_at = _moment(clocks.known_at)
        self.runs: dict[Gate, Run] = {}

    def raw(self) -> Run:
        """Checks what landed. Raises Stopped when a check with `on_breach: stop` failed."""
        with scratch(self.settings) as database:
            clock = self._clock()
            checks = raw_checks(self.settings, database, load_contract(), clock, self.known_at)
            learnt = past_findings(self.settings, database, load_contract(), clock, self.known_at)
            return self._judge("raw", database, checks, results_of(learnt, load_contract()))

    def marts(self, build: Path) -> Run:
        """Checks a finished build. Raises Stopped when any check failed, but for changes that are accepted."""
        with scratch(self.settings) as database:
            checks = self._marts_checks(build, database)
            return self._judge("marts", database, checks)

    def documents(self) -> dict[str, Path]:
        """Pages of what was checked, by the name they are published under."""
        from warehouse.expectations.data_docs import write_data_docs

        return write_data_docs(self.settings.warehouse / "quality", self.runs)

    def _judge(self, gate: Gate, database: Path, checks: Sequence[Check], learnt: Sequence[Result] = ()) -> Run:
        run = run_checks(database, checks)
        found = [*run.results, *learnt]
        run = replace(run, results=[replace(each, is_accepted=self._is_accepted(gate, each)) for each in found])
        self.runs[gate] = run
        connection = open_raw(self.settings.raw_file, load_contract())
        try:
            record(connection, self.run_id, gate, run.results, self.checked_at)
        finally:
            connection.close()
        stopping = [each for each in run.failed if each.check.on_breach == "stop"]
        if stopping:
            more = f" (and {len(stopping) - 1} more)" if len(stopping) > 1 else ""
            meant = "; if it is meant: --accept-changes" if stopping[0].check.rule in ACCEPTABLE else ""
            raise Stopped(f"{gate} gate: {stopping[0].line}; {LEFT[gate]}{more}{meant}")
        return run

    def _is_accepted(self, gate: Gate, result: Result) -> bool:
        """Whether a person accepted the change: now, or of the same delivery in a run that published.

        What the publish gate finds is beside the publication: once accepted it is published, and found no more.
        """
        if result.passed or result.check.rule not in ACCEPTABLE:
            return False
        if self.accepts_changes or gate == "marts":
            return self.accepts_changes
        subject = result.check.subject
        with duckdb.connect(str(self.settings.raw_file), read_only=True) as connection:
            (row,) = connection.execute(
                "select count(*) from checks inner join runs on checks.run_id = runs.run_id where check_name = ? "
                "and status = 'accepted' and observed = ? and outcome = 'published' and not exists ("
                "from loads where source_instance = ? and table_name = ? and state = 'loaded' "
                "and loads.loaded_at > runs.finished_at)",
                [result.check.name, result.observed, subject.instance, subject.table],
            ).fetchall()
        return bool(row[0])

    def _marts_checks(self, build: Path, database: Path) -> list[Check]:
        with _assets(self.settings, database) as connection:
            connection.execute(f"attach {quoted(build)} as built (read_only)")
            systems = load_contract()
            landed = landed_tables(connection, systems, self.known_at)
            earlier = None
            # a replay is of other days than what is published
            if not self.clocks.as_of and not self.known_at:
                publication = self.settings.publish / "current"
                is_redefined = self._is_redefined(connection)
                earlier = beside_earlier(connection, publication, systems, landed, is_redefined=is_redefined)
            return marts_checks(connection, landed, earlier)

    def _is_redefined(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether a rule of the business is another one than in the last accepted build."""
        if not self.settings.warehouse_file.exists():
            return True
        connection.execute(f"attach {quoted(self.settings.warehouse_file)} as accepted (read_only)")
        seeds = [
            {name: fingerprint(connection, f"{source}.seeds.{name}") for name in _seeds(connection, source)}
            for source in ("built", "accepted")
        ]
        connection.execute("detach accepted")
        return seeds[0] != seeds[1]

    def _clock(self) -> Clock:
        seed = self.settings.config / "public_holidays.csv"
        with (seed if seed.exists() else PROJECT / "seeds" / seed.name).open(encoding="utf-8", newline="") as file:
            holidays = {dt.date.fromisoformat(row["holiday_date"]) for row in csv.DictReader(file)}
        return Clock(self.checked_at, str(reporting_time_zone()), holidays)


def check(settings: Settings, run_id: str, clocks: Clocks, gate: Gate) -> Run:
    """One gate by itself, of what landed or of the last accepted build. Raises UserError when there is none."""
    needed = settings.raw_file if gate == "raw" else settings.warehouse_file
    if not needed.exists():
        raise UserError(f"{needed} is not there; run the pipeline first")
    with only_run(settings.warehouse):
        gates = Gates(settings, run_id, clocks)
        return gates.raw() if gate == "raw" else gates.marts(settings.warehouse_file)


def raw_checks(
    settings: Settings,
    database: Path,
    systems: Mapping[str, System],
    clock: Clock,
    known_at: dt.datetime | None = None,
    learned: Limits | None = None,
) -> list[Check]:
    """The checks of everything that landed, their assets made in a new database."""
    with _assets(settings, database) as connection:
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


def past_findings(
    settings: Settings,
    database: Path,
    systems: Mapping[str, System],
    clock: Clock,
    known_at: dt.datetime | None = None,
) -> list[Learnt]:
    """What the past of each table says of it, by the assets that `raw_checks` made in the database."""
    with _assets(settings, database) as connection:
        return learn(connection, systems, clock.holidays, known_at)


@contextmanager
def scratch(settings: Settings) -> Iterator[Path]:
    """A database for the assets of a gate, which goes when they were looked at."""
    database = settings.warehouse / "gate.duckdb"
    _remove(database)
    try:
        yield database
    finally:
        _remove(database)


@contextmanager
def _assets(settings: Settings, database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(database)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute(f"attach {quoted(settings.raw_file)} as raw (read_only)")
        yield connection


def _remove(database: Path) -> None:
    database.unlink(missing_ok=True)
    database.with_suffix(".duckdb.wal").unlink(missing_ok=True)


def _seeds(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = 'seeds' order by all",
        [database],
    ).fetchall()
    return [name for (name,) in rows]


def _moment(text: str | None) -> dt.datetime | None:
    if not text:
        return None
    moment = dt.datetime.fromisoformat(text)
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment
