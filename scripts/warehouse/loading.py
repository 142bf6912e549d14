"""Loading a folder of exports: every file is loaded, known, ignored, refused or not recognised; none is skipped."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb
from tqdm import tqdm

from warehouse.archives import plain_name, unpack
from warehouse.contract import System, Table, load_contract
from warehouse.delivery import Delivery, is_increment
from warehouse.documents import read_document
from warehouse.erasing import Erasures, read_erasures
from warehouse.errors import (
    DISK,
    AmbiguousExport,
    RejectedExport,
    UnreadableExport,
    UnrecognisedExport,
    UserError,
    damage,
    disk_of,
    one_line,
)
from warehouse.extract_time import connector_clock, extract_time
from warehouse.incoming import stage, values_of
from warehouse.instances import SOURCE_FILE, Instance, read_instance
from warehouse.landing import (
    MEMORY,
    Landed,
    forget_remains,
    judge,
    lost_versions,
    note_load,
    open_raw,
    open_rehearsal,
    store,
)
from warehouse.ledger import Transaction, known_since, load_time, note_refusal, recall
from warehouse.listing import listed_files, offered, unreachable
from warehouse.outcomes import UNFINISHED_TOLD, FileReport, LoadReport
from warehouse.recognition import Match, match, recognise, recognise_empty, refuse_unmapped
from warehouse.records import document_of, nested_records
from warehouse.settings import Settings
from warehouse.tabular import Document, Reject
from warehouse.titles import KnownTitles

State = tuple[int, int, int, int] | None

CHUNK = 1024**2
REWRITTEN = "load_"
DEMO_MARKER = ".demo-company"


def load(settings: Settings, *, dry_run: bool = False, show_progress: bool = True) -> LoadReport:
    """Loads every file below the extracts folder into raw, one transaction a file.

    A dry run reads, recognises and judges the files as a load does, and stores nothing. Raises UserError when there is
    no file at all, when raw is in use, or when it holds the demo company and these are not its exports (or the other
    way round); files that cannot be loaded are in the report's failures, the others are loaded.
    """
    with disk_of(settings.warehouse):
        return _load(settings, dry_run=dry_run, show_progress=show_progress)


def _load(settings: Settings, *, dry_run: bool, show_progress: bool) -> LoadReport:
    systems = load_contract()
    paths = list(offered(settings.extracts))
    listed, unread = list(listed_files(settings.extracts, paths)), list(unreachable(settings.extracts, paths))
    if not unread and all(is_unfinished for _, is_unfinished in listed):
        raise UserError(
            f"{settings.extracts}: no exports there; drop them in a folder named after their system, such as hubspot/"
        )
    found = list(_files(settings.extracts, [path for path, is_unfinished in listed if not is_unfinished], systems))
    unfinished = [path.relative_to(settings.extracts).as_posix() for path, is_unfinished in listed if is_unfinished]
    erasures = read_erasures(settings.warehouse)
    report = LoadReport([FileReport(path, "ignored", UNFINISHED_TOLD) for path in unfinished])
    report.files += [FileReport(path, "not recognised", f"{path}: {told}") for path, told in unread]
    connection = open_rehearsal(settings.raw_file) if dry_run else open_raw(settings.raw_file, systems)
    folder: Path | None = None
    try:
        connection.execute("set threads = 1")  # rows stay in order, and small files wait for no second thread
        if not dry_run:
            _refuse_mixing(connection, settings)
            _sweep(settings.warehouse)
        # beside raw: what is rewritten is as personal, and the system's own folder for such may be small
        folder = Path(tempfile.mkdtemp(prefix=REWRITTEN, dir=None if dry_run else settings.warehouse))
        loader = _Loader(connection, systems, erasures, folder, dry_run, not dry_run and lost_versions(connection))
        for instance, path in tqdm(found, desc="loading", unit="file", disable=None if show_progress else True):
            relative = path.relative_to(settings.extracts).as_posix()
            if instance is None:
                message = f"{relative}: not in a folder of its system; move it to <system>/{path.name}"
                report.files.append(FileReport(relative, "not recognised", message))
                continue
            names = (path, path.with_name(plain_name(path.name)))
            if any(each.match(pattern) for each in names for pattern in instance.ignore):
                report.files.append(FileReport(relative, "ignored", f"as {instance.name}/{SOURCE_FILE} says"))
                continue
            report.files.append(loader.load(instance, path, relative))
    finally:
        connection.close()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    return report


def _sweep(warehouse: Path) -> None:
    """Removes what killed loads left behind; raw is held, so no other load is under way."""
    for left in warehouse.glob(f"{REWRITTEN}*"):
        shutil.rmtree(left, ignore_errors=True)


def _files(root: Path, paths: Sequence[Path], systems: Mapping[str, System]) -> Iterator[tuple[Instance | None, Path]]:
    instances: dict[str, Instance] = {}
    for path in paths:
        if path.parent == root:
            yield None, path
            continue
        folder = root / path.relative_to(root).parts[0]
        if folder.name not in instances:
            instances[folder.name] = read_instance(folder, systems)
        yield instances[folder.name], path


def holds_demo(connection: duckdb.DuckDBPyConnection) -> bool | None:
    """Whether raw holds the demo company; None when it holds nothing yet."""
    row = connection.execute("select bool_or(coalesce(is_demo, false)) from loads where state <> 'refused'").fetchone()
    return row[0] if row else None


def _refuse_mixing(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    held, offered = holds_demo(connection), _is_demo(settings.extracts)
    if held is not None and held != offered:
        names = {True: "the demo company", False: "other exports"}
        raise UserError(
            f"{settings.warehouse} holds {names[held]}, not to be mixed with {names[offered]}; "
            "run `make clean` to forget the demo company, or give another --warehouse"
        )


def _is_demo(extracts: Path) -> bool:
    return (extracts / DEMO_MARKER).exists()


@dataclass(frozen=True)
class _Loader:
    """What the files of a run are loaded with.

    `folder` holds what a file is rewritten to while it is loaded; `has_expired` says whether raw has lost versions.
    """

    connection: duckdb.DuckDBPyConnection
    systems: Mapping[str, System]
    erasures: Erasures
    folder: Path
    dry_run: bool
    has_expired: bool
    titles: dict[str, KnownTitles] = field(default_factory=dict)

    def load(self, instance: Instance, path: Path, relative: str) -> FileReport:
        """Loads a file; what became of it."""
        before = _state(path)
        matched: Match | None = None
        sha256, size = "", before[0] if before else 0
        try:
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            document = self._read(instance, path, relative)
            if document.titles:
                matched = recognise(instance, self.systems, relative, document.titles)
                sparse = document.records is not None
                refuse_unmapped(instance, matched, relative, document.titles, sparse=sparse)
            else:
                matched = recognise_empty(instance, self.systems, relative)
            _refuse_unnamed(matched.table, path, relative)
            return self._keep(instance, matched, document, path, before, (relative, sha256, size))
        except (UnreadableExport, AmbiguousExport) as error:
            if not self.dry_run:
                note_refusal(self.connection, instance, matched, relative, sha256, size, error)
            rejects = error.rejects if isinstance(error, RejectedExport) else ()
            return FileReport(relative, "refused", one_line(str(error)), rejects=rejects)
        except UnrecognisedExport as error:
            return FileReport(relative, "not recognised", one_line(str(error)))
        except duckdb.OutOfMemoryException:
            message = f"{relative}: its rows do not fit into the {MEMORY} of memory a load has; export fewer columns"
            return FileReport(relative, "refused", message)
        except (OSError, *DISK) as error:
            told = damage(error) if isinstance(error, duckdb.Error) else str(error)
            if _state(path) == before:  # the file is there as it was: it is the disk
                raise UserError(f"{relative}: {told}; make room or mend the disk, and load again") from None
            return FileReport(relative, "refused", f"{relative}: it went away while it was read; load it again")
        finally:
            for made in self.folder.iterdir():
                made.unlink()

    def _read(self, instance: Instance, path: Path, relative: str) -> Document:
        unpacked = unpack(path, relative, self.folder / "unpacked")
        if _is_blank(unpacked):
            raise UnreadableExport(f"{relative}: the file is empty; export it again")
        if instance.name not in self.titles:
            self.titles[instance.name] = instance.known_titles(self.systems)
        return read_document(relative, unpacked, self.folder, self.titles[instance.name].count)

    def _keep(
        self,
        instance: Instance,
        matched: Match,
        document: Document,
        path: Path,
        before: State,
        told: tuple[str, str, int],
    ) -> FileReport:
        """Stores a document with the tables nested in it, unless its bytes are stored already."""
        relative, sha256, _ = told
        parts = [(matched, document), *_nested(self.systems, instance, matched, document)]
        for part, each in parts:
            self.erasures.apply(each, part)
        staged: int | None = None
        synced: Iterator[str] = iter(())
        if (clock := connector_clock(document)) is not None:
            staged = stage(self.connection, document, relative, self.folder)
            synced = values_of(self.connection, clock)
        mapping = instance.mapping(matched.table.name)
        since = partial(known_since, self.connection, instance.name, sha256)
        made = extract_time(path, instance.folder, matched.table, synced, since)
        delivery = Delivery(
            *(instance.name, *told, made, instance.time_zone),
            is_demo=_is_demo(instance.folder.parent),
            date_order=mapping.date_order or instance.date_order,
            decimal_mark=mapping.decimal_mark or instance.decimal_mark,
            is_increment=is_increment(path, matched.table),
        )
        settings = [delivery.date_order, delivery.decimal_mark, delivery.time_zone]
        settings += ["increment"] if delivery.is_increment else []
        recipe = "+".join(part.recipe(each.titles, *settings) for part, each in parts)
        state = recall(self.connection, delivery, recipe, [part.table for part, _ in parts])
        if self.dry_run:
            return self._rehearse(delivery, parts, staged, recipe, state)
        if state is not None:
            return FileReport(relative, state)
        return FileReport(relative, "loaded", landed=self._store(delivery, parts, staged, recipe, path, before))

    def _rehearse(
        self,
        delivery: Delivery,
        parts: list[tuple[Match, Document]],
        staged: int | None,
        recipe: str,
        state: str | None,
    ) -> FileReport:
        """What a load would make of a file; the ledger in memory knows it then, for the files that follow."""
        if state is not None:
            made = delivery.extracted_at
            told = [Landed(part.table, part, state, titles=each.titles, extracted_at=made) for part, each in parts]
            return FileReport(delivery.path, state, landed=tuple(told))
        told, rejects = [], []
        for part, document in parts:
            if staged is None:
                staged = stage(self.connection, document, delivery.path, self.folder)
            judged = judge(self.connection, delivery, part, document, staged)
            note_load(self.connection, delivery, part.table, document, judged, recipe, load_time(self.connection))
            told.append(judged.landed(delivery, part, document, "would load"))
            rejects += [Reject(each.line, "", each.reason) for each in document.rejects]
            staged = None
        return FileReport(delivery.path, "would load", landed=tuple(told), rejects=tuple(rejects))

    def _store(
        self,
        delivery: Delivery,
        parts: list[tuple[Match, Document]],
        staged: int | None,
        recipe: str,
        path: Path,
        before: State,
    ) -> tuple[Landed, ...]:
        now = load_time(self.connection)
        stored = []
        with Transaction(self.connection):
            try:
                if self.has_expired:
                    forget_remains(self.connection, delivery, recipe)
                for part, document in parts:
                    if staged is None:
                        staged = stage(self.connection, document, delivery.path, self.folder)
                    stored.append(store(self.connection, delivery, part, document, staged, recipe, now))
                    staged = None
            finally:
                # it is read more than once; what else went wrong may come of that
                if _state(path) != before:
                    raise UnreadableExport(
                        f"{delivery.path}: it changed while it was read; load it again when it is whole"
                    )
        return tuple(stored)


def _state(path: Path) -> State:
    """What changes with a file: its size, its times, and which file it is; nothing of one that is gone."""
    try:
        told = path.stat()
    except FileNotFoundError:
        return None
    return told.st_size, told.st_mtime_ns, told.st_ctime_ns, told.st_ino


def _is_blank(path: Path) -> bool:
    with path.open("rb") as file:
        return not any(chunk.strip() for chunk in iter(lambda: file.read(CHUNK), b""))


def _refuse_unnamed(table: Table, path: Path, relative: str) -> None:
    """Files whose name says which part of the table they hold must say it, or one would replace another."""
    if table.partition_pattern and not re.search(table.partition_pattern, plain_name(path.name)):
        raise UnreadableExport(
            f"{relative}: taken for {table.system}.{table.name}, its name does not say which part it holds; "
            f"name it like {table.partition_example}"
        )


def _nested(
    systems: Mapping[str, System], instance: Instance, parent: Match, document: Document
) -> Iterator[tuple[Match, Document]]:
    if document.records is None:
        return
    for child in systems[parent.table.system].children_of(parent.table.name):
        if child.nested is None:
            continue
        records = nested_records(document.records, child.nested.path, dict(child.nested.keys))
        if records:
            rows = document_of(records, document.encoding, document.delimiter)
            yield match(child, rows.titles, instance.mapping(child.name), named=True), rows
