"""The pipeline: exports in, published marts out, or a reason why not and everything as it was."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.building import Clocks, Dbt
from warehouse.contract import load_contract
from warehouse.errors import UserError
from warehouse.landing import open_raw
from warehouse.loading import load
from warehouse.publishing import publish, published_marts
from warehouse.settings import Settings

DEMO_MARKER = ".demo-company"


@dataclass(frozen=True)
class Outcome:
    """What a run made."""

    generation: str
    files: int
    rows: int
    as_of: dt.date | None


def run_pipeline(settings: Settings, clocks: Clocks) -> Outcome:
    """Loads, builds, documents and publishes.

    Raises UserError when anything is not as agreed; the last accepted build and the last publication stay then.
    """
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    with _only_run(settings.warehouse):
        _refuse_mixing(settings)
        report = load(settings)
        if report.failures:
            first = report.failures[0]
            more = f" (and {len(report.failures) - 1} more files)" if len(report.failures) > 1 else ""
            raise UserError(f"{first.message}{more}")
        run_id = _begin(settings, clocks)
        try:
            outcome = _build_and_publish(settings, clocks, len(report.files), report.rows)
        except UserError as error:
            _end(settings, run_id, "failed", message=str(error))
            raise
        _end(settings, run_id, "published", outcome.generation, outcome.as_of)
    return outcome


def _build_and_publish(settings: Settings, clocks: Clocks, files: int, rows: int) -> Outcome:
    candidate = settings.candidate_file
    _discard(candidate)
    if settings.warehouse_file.exists():
        shutil.copyfile(settings.warehouse_file, candidate)
    dbt = Dbt(settings, clocks)
    dbt.build()
    documentation = dbt.document()
    marts = published_marts(dbt.artifacts / "manifest.json")
    generation = publish(candidate, marts, {"docs/index.html": documentation}, settings.publish)
    candidate.replace(settings.warehouse_file)
    connection = duckdb.connect(str(settings.warehouse_file), read_only=True)
    try:
        row = connection.execute("select as_of_date from marts.dim_clocks").fetchone()
    finally:
        connection.close()
    return Outcome(generation, files, rows, row[0] if row else None)


def _discard(database: Path) -> None:
    database.unlink(missing_ok=True)
    database.with_suffix(".duckdb.wal").unlink(missing_ok=True)


@contextmanager
def _only_run(warehouse: Path) -> Iterator[None]:
    """One run at a time; the lock ends with the process that holds it, however it ends."""
    with (warehouse / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise UserError(
                f"{warehouse}: another run is under way (process {file.read().strip() or 'unknown'}); "
                "wait until it has ended"
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def _refuse_mixing(settings: Settings) -> None:
    """The demo company and a real one never share a warehouse."""
    if not settings.raw_file.exists():
        return
    connection = open_raw(settings.raw_file, load_contract())
    try:
        row = connection.execute("select is_demo from runs order by started_at limit 1").fetchone()
    finally:
        connection.close()
    if row and row[0] != is_demo(settings.extracts):
        held, offered = ("the demo company", "other exports") if row[0] else ("other exports", "the demo company")
        raise UserError(
            f"{settings.warehouse} holds {held}, not to be mixed with {offered}; "
            "run `make clean` or give another --warehouse"
        )


def is_demo(extracts: Path) -> bool:
    """Whether exports are the demo company's."""
    return (extracts / DEMO_MARKER).exists()


def _begin(settings: Settings, clocks: Clocks) -> str:
    run_id = uuid.uuid4().hex[:12]
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    checked_at = dt.datetime.fromisoformat(clocks.checked_at) if clocks.checked_at else now
    with _raw(settings) as connection:
        connection.execute(
            "insert into runs (run_id, started_at, checked_at, extracts_folder, config_folder, is_demo, outcome) "
            "values (?, ?, ?, ?, ?, ?, 'running')",
            [
                run_id,
                now,
                checked_at,
                str(settings.extracts),
                str(settings.config),
                is_demo(settings.extracts),
            ],
        )
    return run_id


def _end(
    settings: Settings,
    run_id: str,
    outcome: str,
    generation: str | None = None,
    as_of: dt.date | None = None,
    message: str | None = None,
) -> None:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with _raw(settings) as connection:
        connection.execute(
            "update runs set finished_at = ?, outcome = ?, generation = ?, as_of_date = ?, message = ? "
            "where run_id = ?",
            [now, outcome, generation, as_of, message, run_id],
        )


@contextmanager
def _raw(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_raw(settings.raw_file, load_contract())
    try:
        yield connection
    finally:
        connection.close()
