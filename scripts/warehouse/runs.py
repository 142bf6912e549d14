"""The history of runs in raw: when, of what exports, by what code and versions, and what came of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import duckdb

from warehouse.building import Clocks
from warehouse.contract import load_contract
from warehouse.errors import UserError
from warehouse.landing import open_raw
from warehouse.ledger import utc_now
from warehouse.settings import PROJECT, Settings

# what makes a number: not the documents, the tests and the exports
CODE = (
    "models/**/*",
    "macros/**/*",
    "seeds/*",
    "scripts/**/*.py",
    "dbt_project.yml",
    "profiles.yml",
    "requirements.txt",
)

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
        "checked_at": _moment(clocks.checked_at, "--checked-at") or now,
        "known_at": _moment(clocks.known_at, "--known-at"),
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


def note_stale(settings: Settings, run_id: str, tables: Sequence[str]) -> None:
    """Puts down which landed tables dbt found stale."""
    with raw_database(settings) as connection:
        connection.execute("update runs set stale_sources = ? where run_id = ?", [json.dumps(list(tables)), run_id])


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


def last_config(raw: Path) -> Path | None:
    """The folder of business seeds of the last pipeline run on this warehouse; None for the project's own."""
    connection = duckdb.connect(str(raw), read_only=True)
    try:
        row = connection.execute(
            # a run whose exports were refused is none of this warehouse
            "select config_folder from runs where config_folder is not null "
            "and (outcome <> 'failed' or sources is not null) order by started_at desc limit 1"
        ).fetchone()
    finally:
        connection.close()
    return Path(row[0]) if row and Path(row[0]).is_dir() else None


def code_version(project: Path) -> str:
    """The commit the project is at, where it is a repository of its own, and a hash of the files that make numbers.

    The hash tells two states of the same commit apart, and alone names the code where there is no git.
    """
    digest = hashlib.sha256()
    for path in sorted({path for pattern in CODE for path in project.glob(pattern) if path.is_file()}):
        if path.suffix != ".pyc":
            digest.update(path.relative_to(project).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    commit = _commit(project / ".git")
    return (f"commit {commit}, " if commit else "") + f"files {digest.hexdigest()[:16]}"


def _commit(git: Path) -> str | None:
    """The commit that is checked out, read from git's own files: git itself need not be installed."""
    if git.is_file():
        git = git.parent / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
    if not (git / "HEAD").exists():
        return None
    head = (git / "HEAD").read_text(encoding="utf-8").strip()
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    common = git / "commondir"
    shared = git / common.read_text(encoding="utf-8").strip() if common.exists() else git
    for folder in (git, shared):
        if (folder / name).exists():
            return (folder / name).read_text(encoding="utf-8").strip()
    packed = shared / "packed-refs"
    lines = packed.read_text(encoding="utf-8").splitlines() if packed.exists() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), None)


def _moment(text: str | None, said: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text) if text else None
    except ValueError:
        raise UserError(f"{said} {text}: not a moment; write it like 2026-03-16 07:00:00") from None


@contextmanager
def raw_database(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The landing database, open for writing."""
    connection = open_raw(settings.raw_file, load_contract())
    try:
        yield connection
    finally:
        connection.close()
