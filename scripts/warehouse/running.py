"""The pipeline: exports in, published marts out, or a reason why not and everything as it was."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from warehouse import runs
from warehouse.alerting import read_alerts, send_alerts
from warehouse.building import Clocks, Dbt
from warehouse.dashboards.rendering import render_dashboards
from warehouse.errors import UserError, disk_of
from warehouse.expectations.gates import Gates
from warehouse.loading import holds_demo, load
from warehouse.locking import only_run
from warehouse.outcomes import LoadReport
from warehouse.publishing import Published, publish, published_marts, remove
from warehouse.settings import PROJECT, Settings, check_config, memory_limit
from warehouse.site.writing import write_site
from warehouse.targets.choosing import chosen_targets, kept_generations


@dataclass(frozen=True)
class Outcome:
    """What a run made."""

    published: Published
    files: int
    new_files: int
    rows: int
    as_of: dt.date | None
    alerts: int
    sent: str | None = None


def run_pipeline(settings: Settings, clocks: Clocks, *, accepts_changes: bool = False) -> Outcome:
    """Loads, checks what landed, builds, checks what was built, documents and publishes.

    Raises UserError when anything is not as agreed; the last accepted build and the last publication stay then.
    """
    # what the environment says wrong is told before anything is built
    targets, _, _ = chosen_targets(), kept_generations(), memory_limit()
    check_config(settings.config)
    with disk_of(settings.warehouse), _at_work(settings.warehouse):
        run_id = runs.begin(settings, clocks)
        try:
            report = load(settings)
            if report.failures:
                first = report.failures[0]
                more = f" (and {len(report.failures) - 1} more files)" if len(report.failures) > 1 else ""
                raise UserError(f"{first.message}{more}")
            runs.note_sources(settings, run_id, clocks)
            gates = Gates(settings, run_id, clocks, accepts_changes=accepts_changes)
            outcome = _build_and_publish(settings, clocks, gates, targets, report)
        except Exception as error:
            # what is no UserError may name people in its text: a full disk is told by its kind alone
            told = str(error) if isinstance(error, UserError) else type(error).__name__
            runs.end(settings, run_id, "failed", message=told)
            raise
        complaints = "; ".join(outcome.published.complaints()) or None
        runs.end(settings, run_id, "published", outcome.published.generation, outcome.as_of, complaints)
    return outcome


@contextmanager
def _at_work(warehouse: Path) -> Iterator[None]:
    """The folder of the databases, to this run alone."""
    warehouse.mkdir(parents=True, exist_ok=True)
    with only_run(warehouse):
        yield


def _build_and_publish(
    settings: Settings, clocks: Clocks, gates: Gates, targets: Sequence[str], report: LoadReport
) -> Outcome:
    gates.raw()
    candidate = settings.candidate_file
    _discard(candidate)
    if settings.warehouse_file.exists():
        shutil.copyfile(settings.warehouse_file, candidate)
    dbt = Dbt(settings, clocks)
    runs.note_stale(settings, gates.run_id, dbt.stale_sources())
    dbt.build()
    documentation = dbt.document()
    manifest = dbt.artifacts / "manifest.json"
    marts = published_marts(manifest)
    gates.marts(candidate)
    documents = gates.documents()
    pages = render_dashboards(candidate, dbt.artifacts / "dashboards", is_documented=True)
    documents |= {f"dashboards/{path.name}": path for path in pages}
    documents |= write_site(
        candidate, manifest, marts, documentation, settings.warehouse / "site", PROJECT, beside=documents
    )
    published = publish(candidate, marts, documents, settings.publish, targets)
    shutil.copyfile(manifest, settings.lineage_file)
    candidate.replace(settings.warehouse_file)
    as_of, alerts = read_alerts(settings.warehouse_file)
    try:
        # what was known on a day of the past is no news
        sent = None if clocks.known_at else send_alerts(as_of, alerts, settings.publish)
    except UserError as error:
        # what is published stays published, also when nobody could be told
        sent = str(error)
    return Outcome(published, len(report.files), report.count("loaded"), report.rows, as_of, len(alerts), sent)


def _discard(database: Path) -> None:
    database.unlink(missing_ok=True)
    database.with_suffix(".duckdb.wal").unlink(missing_ok=True)


def forget(settings: Settings) -> None:
    """Removes the demo company and all that was made of it.

    Raises UserError, and removes nothing, when the warehouse holds other exports than the demo company's.
    """
    folders = [PROJECT / "demo", PROJECT / "target", PROJECT / "logs"]
    if settings.raw_file.exists():
        with runs.raw_database(settings) as connection:
            held = holds_demo(connection)
        if held is False:
            raise UserError(f"{settings.warehouse} holds exports of your own: nothing removed; remove it by hand")
        folders += [settings.warehouse, settings.publish]
    for folder in folders:
        if folder.exists():
            remove(folder)
