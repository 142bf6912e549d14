"""The pipeline: exports in, published marts out, or a reason why not and everything as it was."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.alerting import read_alerts, send_alerts
from warehouse.building import Clocks, Dbt
from warehouse.contract import load_contract
from warehouse.errors import UserError
from warehouse.landing import open_raw
from warehouse.loading import holds_demo, load
from warehouse.locking import only_run
from warehouse.publishing import publish, published_marts, remove
from warehouse.settings import PROJECT, Settings
from warehouse.site.writing import write_site


@dataclass(frozen=True)
class Outcome:
    """What a run made."""

    generation: str
    files: int
    rows: int
    as_of: dt.date | None
    alerts: int
    sent: str | None = None


def run_pipeline(settings: Settings, clocks: Clocks) -> Outcome:
    """Loads, builds, documents and publishes.

    Raises UserError when anything is not as agreed; the last accepted build and the last publication stay then.
    """
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    with only_run(settings.warehouse):
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
    manifest = dbt.artifacts / "manifest.json"
    marts = published_marts(manifest)
    pages = write_site(candidate, manifest, marts, documentation, settings.warehouse / "site", PROJECT)
    generation = publish(candidate, marts, pages, settings.publish)
    candidate.replace(settings.warehouse_file)
    as_of, alerts = read_alerts(settings.warehouse_file)
    try:
        sent = send_alerts(as_of, alerts, settings.publish)
    except UserError as error:
        # what is published stays published, also when nobody could be told
        sent = str(error)
    return Outcome(generation, files, rows, as_of, len(alerts), sent)


def _discard(database: Path) -> None:
    database.unlink(missing_ok=True)
    database.with_suffix(".duckdb.wal").unlink(missing_ok=True)


def forget(settings: Settings) -> None:
    """Removes the demo company and all that was made of it.

    Raises UserError, and removes nothing, when the warehouse holds other exports than the demo company's.
    """
    folders = [PROJECT / "demo", PROJECT / "target", PROJECT / "logs"]
    if settings.raw_file.exists():
        with _raw(settings) as connection:
            held = holds_demo(connection)
        if held is False:
            raise UserError(f"{settings.warehouse} holds exports of your own: nothing removed; remove it by hand")
        folders += [settings.warehouse, settings.publish]
    for folder in folders:
        if folder.exists():
            remove(folder)


def _begin(settings: Settings, clocks: Clocks) -> str:
    run_id = uuid.uuid4().hex[:12]
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    checked_at = dt.datetime.fromisoformat(clocks.checked_at) if clocks.checked_at else now
    with _raw(settings) as connection:
        connection.execute(
            "insert into runs (run_id, started_at, checked_at, extracts_folder, config_folder, outcome) "
            "values (?, ?, ?, ?, ?, 'running')",
            [
                run_id,
                now,
                checked_at,
                str(settings.extracts),
                str(settings.config),
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
