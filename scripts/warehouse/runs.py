"""The history of runs in raw: when, of what exports, by what code and versions, and what came of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import duckdb

from warehouse.building import Clocks
from warehouse.contract import load_contract
from warehouse.landing import open_raw
from warehouse.ledger import utc_now
from warehouse.settings import PROJECT, Settings

# what makes a number: not the documents, the tests and the exports
CODE = ("models/**/*", "macros/**/*", "seeds/*", "scripts/**/*.py", "dbt_project.yml", "profiles.yml", "requirements.txt")

# the newest delivery of each table of each folder; what came before it is known by being older
SOURCES = """
    select source_instance, table_name, max_by(load_id, (extracted_at, loaded_at)), max(extracted_at)
    from loads where state in ('loaded', 'unchanged') and (? is null or extracted_at <= cast(? as timestamp))
    group by all order by all
"""


def begin(settings: Settings, clocks: Clocks) -> str:
    """A row for a run that begins; its id. Runs that never ended were killed, and are marked so.

    The caller holds the warehouse: no other run can be under way.
    """
    run_id = uuid.uuid4().hex[:12]
    now = utc_now()
    entry = {
        "run_id": run_id,
        "started_at": now,
        "checked_at": dt.datetime.fromisoformat(clocks.checked_at) if clocks.checked_at else now,
        "known_at": dt.datetime.fromisoformat(clocks.known_at) if clocks.known_at else None,
        "extracts_folder": str(settings.extracts),
        "config_folder": str(settings.config),
        "code_version": code_version(PROJECT),
        "dbt_version": f"{version('dbt-core')}, dbt-duckdb {version('dbt-duckdb')}",
        "duckdb_version": version("duckdb"),
        "outcome": "running",
    }
    with raw_database(settings) as connection:
        connection.execute(
            "update runs set outcome = 'killed', message = 'ended without a word: killed, or the machine went down' "
            "where outcome = 'running'"
        )
        connection.execute(
            f"insert into runs ({', '.join(entry)}) values ({', '.join('?' * len(entry))})", list(entry.values())
        )
    return run_id


def note_sources(settings: Settings, run_id: str, clocks: Clocks) -> None:
    """Puts down what the run is made of: the newest load of each table of each folder, as far as it is known."""
    with raw_database(settings) as connection:
        found = connection.execute(SOURCES, [clocks.known_at, clocks.known_at]).fetchall()
        sources: dict[str, dict[str, dict[str, str]]] = {}
        for instance, table, load_id, extracted_at in found:
            sources.setdefault(instance, {})[table] = {"load_id": load_id, "extracted_at": f"{extracted_at:%F %T}"}
        connection.execute("update runs set sources = ? where run_id = ?", [json.dumps(sources), run_id])


def end(
    settings: Settings,
    run_id: str,
    outcome: str,
    generation: str | None = None,
    as_of: dt.date | None = None,
    message: str | None = None,
) -> None:
    """Closes the row of a run with what came of it."""
    with raw_database(settings) as connection:
        connection.execute(
            "update runs set finished_at = ?, outcome = ?, generation = ?, as_of_date = ?, message = ? "
            "where run_id = ?",
            [utc_now(), outcome, generation, as_of, message, run_id],
        )


def code_version(project: Path) -> str:
    """The commit the project is at, with a hash of its code where that differs from it; without git the hash alone.

    A project that only lies in somebody else's repository has no commit.
    """
    commit = _git(project, "rev-parse", "HEAD")
    if commit and _git(project, "rev-parse", "--show-toplevel") == str(project.resolve()):
        changed = _git(project, "status", "--porcelain", "--", *(pattern.split("/", maxsplit=1)[0] for pattern in CODE))
        return f"commit {commit}" + (f", changed to {_hash(project)}" if changed else "")
    return f"files {_hash(project)}"


def _hash(project: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted({path for pattern in CODE for path in project.glob(pattern) if path.is_file()}):
        if path.suffix != ".pyc":
            digest.update(path.relative_to(project).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _git(project: Path, *command: str) -> str | None:
    if shutil.which("git") is None:
        return None
    done = subprocess.run(["git", "-C", str(project), *command], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


@contextmanager
def raw_database(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The landing database, open for writing."""
    connection = open_raw(settings.raw_file, load_contract())
    try:
        yield connection
    finally:
        connection.close()
