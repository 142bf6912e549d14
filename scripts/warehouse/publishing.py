"""Publishing: marts in files of their own, a generation complete or not at all.

`publish/current` points to the newest generation. A generation is written under a temporary name, verified, flushed
to disk, renamed, and only then pointed to; readers of the one before are not disturbed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.alerting import alert_files, read_alerts
from warehouse.errors import UserError

KEPT = 5
TEMPORARY = ".writing-"


@dataclass(frozen=True)
class Mart:
    """A table that is published, with its descriptions."""

    name: str
    description: str
    columns: Mapping[str, str]
    schema: str = "marts"


def published_marts(manifest: Path) -> list[Mart]:
    """Public models of the marts and the seeds that say they are published, from dbt's manifest."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    marts = [
        Mart(
            node["name"],
            node["description"],
            {name: column["description"] for name, column in node["columns"].items()},
            node["schema"],
        )
        for node in nodes
        if (node["resource_type"] == "model" and node["schema"] == "marts" and node["access"] == "public")
        or (node["resource_type"] == "seed" and node["config"]["meta"].get("is_published"))
    ]
    return sorted(marts, key=lambda mart: mart.name)


def publish(database: Path, marts: Sequence[Mart], documents: Mapping[str, Path], publish_folder: Path) -> str:
    """Publishes the marts of a database and some documents (name in the generation: file); the generation's name.

    Raises UserError when what was written is not what was built; what was published stays then.
    """
    publish_folder.mkdir(parents=True, exist_ok=True)
    sweep(publish_folder)
    generation = _name(publish_folder)
    writing = publish_folder / f"{TEMPORARY}{generation}"
    writing.mkdir()
    manifest: dict[str, Any] = {
        "generation": generation,
        "published_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        **_summary(database),
        "tables": _write_marts(database, marts, writing),
    }
    for name, source in documents.items():
        target = writing / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    if any(mart.name == "kpi_alerts" for mart in marts):
        for name, text in alert_files(*read_alerts(database)).items():
            (writing / name).write_text(text, encoding="utf-8")
    manifest["files"] = {
        path.relative_to(writing).as_posix(): _sha256(path) for path in sorted(writing.rglob("*")) if path.is_file()
    }
    (writing / "manifest.json").write_text(json.dumps(manifest, indent=2, default=str) + "\n", encoding="utf-8")
    _flush(writing)
    writing.rename(publish_folder / generation)
    switch(publish_folder, generation)
    for old in generations(publish_folder)[:-KEPT]:
        remove(publish_folder / old)
    return generation


def generations(publish_folder: Path) -> list[str]:
    """Names of the whole generations, oldest first."""
    return sorted(
        path.name
        for path in publish_folder.iterdir()
        if path.is_dir() and not path.is_symlink() and (path / "manifest.json").exists() and path.name[0].isdigit()
    )


def switch(publish_folder: Path, generation: str) -> None:
    """Points `current` to a generation, by one rename."""
    pointer = publish_folder / f"{TEMPORARY}current"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(generation, target_is_directory=True)
    pointer.replace(publish_folder / "current")
    _sync(publish_folder)


def current(publish_folder: Path) -> str | None:
    """The generation that is pointed to; None before the first."""
    pointer = publish_folder / "current"
    return pointer.readlink().name if pointer.is_symlink() else None


def rollback(publish_folder: Path) -> str:
    """Points `current` to the generation before; its name. Raises UserError when there is none."""
    now = current(publish_folder)
    before = [name for name in generations(publish_folder) if now is None or name < now]
    if not before:
        raise UserError(f"{publish_folder}: no generation before {now or 'the first'} to go back to")
    switch(publish_folder, before[-1])
    return before[-1]


def sweep(publish_folder: Path) -> None:
    """Removes what a killed run left unfinished."""
    for path in publish_folder.glob(f"{TEMPORARY}*"):
        remove(path)


def remove(path: Path) -> None:
    """Removes a file or a folder whose files are read-only."""
    if path.is_symlink() or path.is_file():
        path.unlink()
        return
    for folder, _, _ in os.walk(path):
        Path(folder).chmod(0o755)
    shutil.rmtree(path)


def _name(publish_folder: Path) -> str:
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%fZ")
    newest = max(generations(publish_folder), default="")
    # a clock moved back must not make a new generation older than the last one
    return stamp if stamp > newest else f"{newest}+"


def _write_marts(database: Path, marts: Sequence[Mart], writing: Path) -> dict[str, Any]:
    parquet = writing / "parquet"
    parquet.mkdir()
    target = writing / "marts.duckdb"
    connection = duckdb.connect()
    tables: dict[str, Any] = {}
    try:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{_quoted(str(database))}' as built (read_only)")
        connection.execute(f"attach '{_quoted(str(target))}' as published")
        for mart in marts:
            source = f"built.{mart.schema}.{mart.name}"
            connection.execute(f"create table published.main.{mart.name} as select * from {source}")
            connection.execute(f"comment on table published.main.{mart.name} is '{_quoted(mart.description)}'")
            for column, description in mart.columns.items():
                connection.execute(f"comment on column published.main.{mart.name}.{column} is '{_quoted(description)}'")
            file = parquet / f"{mart.name}.parquet"
            connection.execute(f"copy {source} to '{_quoted(str(file))}' (format parquet, compression zstd)")
            built = fingerprint(connection, source)
            for copy in (f"published.main.{mart.name}", f"read_parquet('{_quoted(str(file))}')"):
                if fingerprint(connection, copy) != built:
                    raise UserError(
                        f"publish: {mart.name} differs from the build after it was written; nothing published"
                    )
            tables[mart.name] = {"rows": built[0], "fingerprint": built[1]}
        connection.execute("checkpoint published")
        connection.execute("detach published")
    finally:
        connection.close()
    target.chmod(0o444)
    return tables


def fingerprint(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, str]:
    """Number of rows and a hash of their content that does not depend on their order."""
    row = connection.execute(
        f"select count(*), coalesce(sum(cast(hash(rows) as hugeint)), 0) from {relation} as rows"
    ).fetchone()
    return (int(row[0]), f"{int(row[1]):x}") if row else (0, "")


def _summary(database: Path) -> dict[str, Any]:
    connection = duckdb.connect(str(database), read_only=True)
    try:
        as_of = connection.execute("select max(as_of_date) from marts.dim_clocks").fetchone()
        trust = connection.execute(
            "select trust_status, count(distinct kpi_code) from marts.quality_kpi_trust group by 1 order by 1"
        ).fetchall()
    finally:
        connection.close()
    return {"as_of_date": as_of[0] if as_of else None, "kpis_by_trust": dict(trust)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _quoted(text: str) -> str:
    return text.replace("'", "''")
