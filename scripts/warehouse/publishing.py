"""Publishing: marts in files of their own and on a server, a generation complete or not at all.

`publish/current` points to the newest generation. A generation is written under a temporary name, read back, flushed
to disk, renamed, and only then pointed to; readers of the one before are not disturbed. A target that fails keeps what
it had; the others are published.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse.alerting import alert_files, read_alerts
from warehouse.errors import UserError
from warehouse.generations import (
    build_of,
    copy_in,
    current,
    finish,
    generations,
    link_in,
    new_generation,
    newest_of_each_build,
    prune,
    read_manifest,
    remove,
    switch,
)
from warehouse.literals import quoted
from warehouse.locking import only_run
from warehouse.settings import memory_limit
from warehouse.targets.choosing import ADDRESS, PLACES, chosen_targets, kept_generations
from warehouse.targets.delimited import write_csv
from warehouse.targets.files import write_duckdb, write_parquet
from warehouse.targets.marts import Mart, Table, built_tables, kpis_by_trust, published_marts
from warehouse.targets.postgres import Publication, published_there, write_postgres
from warehouse.targets.republishing import kept_tables
from warehouse.targets.tableau import write_hyper

__all__ = ["Mart", "Published", "current", "generations", "publish", "published_marts", "remove"]

Writer = Callable[[duckdb.DuckDBPyConnection, Sequence[Table], Path], None]

WRITERS: Mapping[str, Writer] = {
    "duckdb": write_duckdb,
    "parquet": write_parquet,
    "csv": write_csv,
    "hyper": write_hyper,
}
PARTLY = 3  # exit status: published, but for a target that keeps what it had


@dataclass(frozen=True)
class Published:
    """A generation that is shown; the build each target holds (named as its first generation); why an older one."""

    generation: str
    targets: Mapping[str, str | None]
    failures: Mapping[str, str] = field(default_factory=dict)

    def places(self, folder: Path) -> str:
        """Where the marts are, for people; `folder` is the one readers open."""
        files = [
            f"{place}{'' if '.' in place else '/'}"
            for name, held in self.targets.items()
            if held and (place := PLACES[name])
        ]
        said = [f"{folder}: {', '.join(files)}"] if files else []
        return " and ".join([*said, *(["PostgreSQL, schema bi"] if self.targets.get("postgres") else [])])

    def complaints(self) -> list[str]:
        """A line for each target that failed."""
        return [
            f"published {self.generation}, but {name} "
            f"{'keeps what it had of ' + held if (held := self.targets.get(name)) else 'has nothing yet'}: {reason}"
            for name, reason in self.failures.items()
        ]


def complain(command: str, published: Published) -> int:
    """Says which targets failed, a line each; the exit status of the command."""
    for line in published.complaints():
        print(f"{command}: {line}", file=sys.stderr)
    return PARTLY if published.failures else 0


def publish(
    database: Path,
    marts: Sequence[Mart],
    documents: Mapping[str, Path],
    publish_folder: Path,
    targets: Sequence[str] | None = None,
) -> Published:
    """Publishes the marts of a database and some documents (name in the generation: file or folder).

    Raises UserError when no target holds what was built; what was published stays then.
    """
    targets = chosen_targets() if targets is None else targets
    publish_folder.mkdir(parents=True, exist_ok=True)
    with only_run(publish_folder), _connection() as connection:
        connection.execute(f"attach {quoted(database)} as built (read_only)")
        tables = built_tables(connection, "built", marts)
        head = _summary(connection)
        generation, writing = new_generation(publish_folder)
        publication = Publication(generation, str(head["as_of_date"]))
        held, failures = _write(connection, tables, targets, publication, writing, publish_folder)
        connection.execute("detach built")
        for name, source in documents.items():
            copy_in(source, writing / name)
        if any(mart.name == "kpi_alerts" for mart in marts):
            for name, text in alert_files(*read_alerts(database)).items():
                (writing / name).write_text(text, encoding="utf-8")
        published = Published(generation, held, failures)
        described = {table.name: table.described() for table in tables}
        finish(publish_folder, generation, _manifest({"build": generation, **head}, published, described, writing))
        prune(publish_folder, kept_generations())
    return published


def publish_again(publish_folder: Path, targets: Sequence[str]) -> Published:
    """Writes the current generation to some targets anew, as a generation of its own; all else of it stays.

    Raises UserError when there is none, its files are not what was published, or no target holds it.
    """
    with only_run(publish_folder), _connection() as connection:
        base = _needed(publish_folder)
        before = _republishable(publish_folder / base)
        tables = kept_tables(connection, publish_folder / base, before)
        generation, writing = new_generation(publish_folder)
        written_anew = {place for name in targets if (place := PLACES[name])}
        for path in sorted((publish_folder / base).iterdir()):
            if path.name not in {*written_anew, "manifest.json"}:
                link_in(path, writing / path.name)
        publication = Publication(before["build"], before["as_of_date"])
        held, failures = _write(connection, tables, targets, publication, writing, publish_folder)
        others = {name: said["build"] for name, said in before["targets"].items()}
        published = Published(generation, {**others, **held}, failures)
        head = {name: before[name] for name in ("build", "as_of_date", "kpis_by_trust")}
        finish(publish_folder, generation, _manifest(head, published, before["tables"], writing))
        prune(publish_folder, kept_generations())
    return published


def rollback(publish_folder: Path, targets: Sequence[str]) -> Published:
    """Points `current` to the newest generation of the build before, and publishes it on the server if a target.

    Raises UserError when there is none.
    """
    with only_run(publish_folder):
        now = current(publish_folder)
        kept = newest_of_each_build(publish_folder)
        shown = build_of(publish_folder / now) if now else None
        # a build that was written again has a newer name than builds made after it
        earlier = [build for build in kept if shown is None or build < shown]
        if not earlier:
            raise UserError(f"{publish_folder}: no generation before {now or 'the first'} to go back to")
        before = kept[max(earlier)]
        switch(publish_folder, before)
        if "postgres" not in targets:
            return Published(before, {})
        try:
            return Published(before, {"postgres": _to_the_server(publish_folder / before)})
        except UserError as error:
            return Published(before, {"postgres": now}, {"postgres": str(error).removeprefix("postgres: ")})


def keep(publish_folder: Path, kept: int) -> None:
    """Removes all generations but the newest of the newest builds and the current one."""
    with only_run(publish_folder):
        prune(publish_folder, kept)


def _to_the_server(generation: Path) -> str:
    """Publishes a generation on the server; the build it holds."""
    manifest = _republishable(generation)
    with _connection() as connection:
        tables = kept_tables(connection, generation, manifest)
        write_postgres(connection, tables, Publication(manifest["build"], manifest["as_of_date"]), os.environ[ADDRESS])
    return str(manifest["build"])


def on_the_server() -> str:
    """The generation the server of the environment shows, or why it cannot say."""
    try:
        with _connection() as connection:
            return f"postgres shows {published_there(connection, os.environ[ADDRESS]) or 'nothing yet'}"
    except UserError as error:
        return str(error)


def _write(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    targets: Sequence[str],
    publication: Publication,
    writing: Path,
    publish_folder: Path,
) -> tuple[dict[str, str | None], dict[str, str]]:
    """Writes the targets; the build each holds then, and why some hold an older one."""
    held: dict[str, str | None] = {}
    failures: dict[str, str] = {}
    for name in targets:
        place = PLACES[name]
        try:
            if place is None:
                write_postgres(connection, tables, publication, os.environ[ADDRESS])
            else:
                WRITERS[name](connection, tables, writing / place)
            held[name] = publication.build
        except (UserError, duckdb.Error, OSError, RuntimeError) as error:
            failures[name] = (str(error).splitlines() or ["failed"])[0].removeprefix(f"{name}: ")
            held[name] = _keep(name, writing, publish_folder)
    if len(failures) == len(targets):
        remove(writing)
        told = "; ".join(f"{name}: {reason}" for name, reason in failures.items())
        raise UserError(f"nothing published: {told}")
    return held, failures


def _keep(target: str, writing: Path, publish_folder: Path) -> str | None:
    """Gives a target the content it had in the current generation; the build that content is of."""
    place, base = PLACES[target], current(publish_folder)
    if place and (writing / place).exists():
        remove(writing / place)
    if base is None:
        return None
    said = read_manifest(publish_folder / base).get("targets", {}).get(target)
    if place:
        if not (publish_folder / base / place).exists():
            return None
        link_in(publish_folder / base / place, writing / place)
    return said["build"] if said else base if place else None


def _manifest(
    head: Mapping[str, Any], published: Published, tables: Mapping[str, Any], writing: Path
) -> dict[str, Any]:
    states = {
        name: {"build": held} | ({"failed": published.failures[name]} if name in published.failures else {})
        for name, held in published.targets.items()
    }
    files = {
        path.relative_to(writing).as_posix(): _sha256(path) for path in sorted(writing.rglob("*")) if path.is_file()
    }
    return {
        "generation": published.generation,
        "published_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        **head,
        "targets": states,
        "tables": dict(tables),
        "files": files,
    }


def _republishable(generation: Path) -> dict[str, Any]:
    manifest = read_manifest(generation)
    if "build" not in manifest:
        raise UserError(f"{generation}: its manifest says too little to publish it again; run the pipeline")
    return manifest


def _needed(publish_folder: Path) -> str:
    generation = current(publish_folder)
    if generation is None:
        raise UserError(f"{publish_folder}: nothing published there yet; run the pipeline")
    return generation


def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    connection.execute("set timezone = 'UTC'")
    if limit := memory_limit():
        connection.execute(f"set memory_limit = '{limit}'")
    return connection


def _summary(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    as_of = connection.execute("select max(as_of_date) from built.marts.dim_clocks").fetchone()
    return {"as_of_date": as_of[0] if as_of else None, "kpis_by_trust": kpis_by_trust(connection, "built.marts")}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
