"""Backups: what cannot be made again, in one archive that was read back before it counts.

That is raw, the key of the hashes, the forecasts as they were made, the business seeds, what each folder of exports
says of itself (`source.yml`) and the manifest of the publication. Everything else is built from them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb

from warehouse.contract import load_contract
from warehouse.erasing import LIST as ERASURES
from warehouse.errors import UserError
from warehouse.identity import KEY_FILE
from warehouse.instances import SOURCE_FILE
from warehouse.landing import open_raw
from warehouse.locking import only_run
from warehouse.rebuilding import identifier, keep_history
from warehouse.settings import Settings
from warehouse.targets.marts import fingerprint

CONTENT = "backup.json"
RAW, HISTORY, PUBLICATION = "raw.duckdb", "warehouse.duckdb", "publication.json"
CONFIG, SOURCES = "config", "sources"


@dataclass(frozen=True)
class Backup:
    """An archive that was written or restored: its files, the rows of raw, and whether it holds the identity key."""

    path: Path
    files: int
    rows: int
    holds_key: bool


def back_up(settings: Settings, folder: Path) -> Backup:
    """Writes a dated archive to a folder and reads it back.

    No run can be under way meanwhile. Raises UserError where there is nothing to back up, or what was written is not
    what was read; then no archive is left.
    """
    if not settings.raw_file.exists():
        raise UserError(f"{settings.raw_file}: nothing loaded yet, nothing to back up")
    folder.mkdir(parents=True, exist_ok=True)
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    archive = folder / f"sales-kpi-{stamp}.tar.gz"
    writing = archive.with_suffix(".writing")
    try:
        with only_run(settings.warehouse), tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as temporary:
            gathered = Path(temporary)
            tables = _gather(settings, gathered)
            content = {
                "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                "config": str(settings.config),
                "tables": tables,
                "files": {name: _sha256(gathered / name) for name in _files(gathered)},
            }
            (gathered / CONTENT).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
            _pack(gathered, writing)
        with _unpacked(writing, folder) as (_, read):
            if read != content:
                raise UserError(f"{archive}: what was written is not what was read; is the disk full?")
        writing.rename(archive)
    finally:
        writing.unlink(missing_ok=True)
    return _summary(archive, content)


def restore(settings: Settings, archive: Path, config: Path) -> Backup:
    """Puts a backup into an empty warehouse folder, and its business seeds into an empty config folder.

    Folders of exports that say nothing of themselves are told again what they are. Raises UserError, and writes
    nothing, when the warehouse or config folder holds anything or the archive is not whole.
    """
    if not archive.is_file():
        raise UserError(f"{archive}: no such backup")
    for folder in (settings.warehouse, config):
        if folder.exists() and any(folder.iterdir()):
            raise UserError(f"{folder}: not empty, and nothing is overwritten; name an empty folder, or move it away")
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with _unpacked(archive, settings.warehouse.parent) as (unpacked, content):
        shutil.copytree(unpacked / CONFIG, config, dirs_exist_ok=True)
        for path in sorted((unpacked / SOURCES).rglob(SOURCE_FILE)):
            said = settings.extracts / path.relative_to(unpacked / SOURCES)
            if not said.exists():
                said.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, said)
        settings.warehouse.mkdir(exist_ok=True)
        for name in (KEY_FILE, ERASURES, HISTORY, PUBLICATION, RAW):
            # raw comes last: without it there is no warehouse
            if (unpacked / name).exists():
                shutil.move(unpacked / name, settings.warehouse / name)
    return _summary(archive, content)


def _gather(settings: Settings, into: Path) -> dict[str, list[Any]]:
    """Copies what belongs into a backup; rows and fingerprint of each table of raw."""
    connection = open_raw(settings.raw_file, load_contract())
    try:
        # what is still in the log of changes goes into the file; nobody writes while it is held open
        connection.execute("checkpoint")
        shutil.copyfile(settings.raw_file, into / RAW)
        tables = _fingerprints(connection)
    finally:
        connection.close()
    for name in (KEY_FILE, ERASURES):
        if (settings.warehouse / name).exists():
            shutil.copy(settings.warehouse / name, into / name)
    history = keep_history(settings.warehouse_file)
    if history:
        shutil.move(history, into / HISTORY)
    shutil.copytree(
        settings.config, into / CONFIG, ignore=lambda _, names: [n for n in names if not n.endswith(".csv")]
    )
    for path in sorted(settings.extracts.glob(f"*/{SOURCE_FILE}")):
        copied = into / SOURCES / path.relative_to(settings.extracts)
        copied.parent.mkdir(parents=True)
        shutil.copy(path, copied)
    published = settings.publish / "current" / "manifest.json"
    if published.exists():
        shutil.copyfile(published, into / PUBLICATION)
    return tables


def _fingerprints(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Any]]:
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = current_database() order by all"
    ).fetchall()
    return {
        f"{schema}.{table}": list(fingerprint(connection, f"{identifier(schema)}.{identifier(table)}"))
        for schema, table in tables
    }


def _pack(folder: Path, archive: Path) -> None:
    # it holds names and the key: nobody but who makes it reads it
    descriptor = os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as tar:
            for name in (CONTENT, *_files(folder)):
                tar.add(folder / name, arcname=name)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _unpacked(archive: Path, beside: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A backup unpacked and compared with its own list: every file by its hash, every table of raw by its rows.

    Raises UserError when it is not whole.
    """
    with tempfile.TemporaryDirectory(dir=beside, prefix=".backup-") as temporary:
        folder = Path(temporary)
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
            content: dict[str, Any] = json.loads((folder / CONTENT).read_text(encoding="utf-8"))
            found = {name: _sha256(folder / name) for name in _files(folder)}
        except (OSError, EOFError, tarfile.TarError, ValueError) as error:
            raise UserError(f"{archive}: not a whole backup ({error}); take another one") from None
        differing = sorted(
            name for name in found.keys() | content["files"] if found.get(name) != content["files"].get(name)
        )
        if differing:
            raise UserError(
                f"{archive}: not a whole backup, {differing[0]} is not what was backed up; take another one"
            )
        with duckdb.connect(str(folder / RAW), read_only=True) as connection:
            if _fingerprints(connection) != content["tables"]:
                raise UserError(f"{archive}: the rows of raw are not those that were backed up; take another one")
        yield folder, content


def _files(folder: Path) -> list[str]:
    """Files of a backup but its own list, by their paths in it."""
    names = [str(PurePosixPath(path.relative_to(folder))) for path in folder.rglob("*") if path.is_file()]
    return sorted(name for name in names if name != CONTENT)


def _summary(archive: Path, content: dict[str, Any]) -> Backup:
    rows = sum(rows for rows, _ in content["tables"].values())
    return Backup(archive, len(content["files"]), rows, KEY_FILE in content["files"])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
