"""Loading a folder of exports: every file is loaded, known, ignored, refused or not recognised; none is skipped."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from tqdm import tqdm

from warehouse.archives import plain_name, unpack
from warehouse.contract import System, Table, load_contract, normal
from warehouse.delivery import Delivery, is_increment
from warehouse.documents import read_document
from warehouse.erasing import Erasures, read_erasures
from warehouse.errors import AmbiguousExport, RejectedExport, UnreadableExport, UnrecognisedExport, UserError
from warehouse.extract_time import extract_time
from warehouse.formats import decide_formats
from warehouse.landing import Landed, forget_remains, open_raw, stage, store
from warehouse.recognition import SOURCE_FILE, Instance, Match, match, read_instance, recognise, recognise_empty
from warehouse.records import document_of, nested_records
from warehouse.settings import Settings
from warehouse.tabular import Document, Reject

DEMO_MARKER = ".demo-company"
STATES = ("loaded", "unchanged", "known", "would load", "ignored", "refused", "not recognised")
UNFINISHED = re.compile(r"^~\$|\.(part|partial|crdownload|download|tmp)$", re.IGNORECASE)
UNFINISHED_TOLD = "an unfinished download, or the mark of an open workbook"
KEPT_REJECTS = 1_000  # of a refused file, which may have a million
SHOWN_REJECTS = 20
NOT_EXPORTS = re.compile(r"^(\.|README|source\.yml$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


@dataclass(frozen=True)
class FileReport:
    """What became of a file."""

    path: str
    state: str
    message: str = ""
    landed: tuple[Landed, ...] = ()
    rejects: tuple[Reject, ...] = ()

    def explanation(self) -> Iterator[str]:
        """Lines that say what the file is taken for, title by title."""
        yield f"{self.path}: {self.state}"
        for landed in self.landed:
            mode = "increment" if is_increment(Path(self.path), landed.table) else landed.table.mode
            yield f"  taken for {landed.table.system}.{landed.table.name} ({mode})"
            columns = landed.match.columns if landed.match else ()
            for title, column in zip(landed.titles, columns, strict=True):
                known = column is not None or landed.table.keeps(title)
                target = column.name if column else "_extra" + ("" if known else " (not in the contract)")
                yield f"    {title} -> {target}"


@dataclass
class LoadReport:
    """What became of every file of a folder."""

    files: list[FileReport] = field(default_factory=list)

    @property
    def failures(self) -> list[FileReport]:
        """Files that were refused or not recognised."""
        return [file for file in self.files if file.state in ("refused", "not recognised")]

    @property
    def rows(self) -> int:
        """Rows stored."""
        return sum(landed.rows for file in self.files for landed in file.landed)

    def count(self, state: str) -> int:
        """Files in a state."""
        return sum(file.state == state for file in self.files)

    def summary(self, *, explain: bool = False) -> str:
        """Lines that say what became of the files; with `explain`, of each title. No value of a file is in them."""
        lines = [line for file in self.files for line in file.explanation()] if explain else []
        for file in self.files:
            if file.state == "ignored" and file.message == UNFINISHED_TOLD:
                lines.append(f"{file.path}: ignored, {file.message}")
            lines += [f"{file.path} line {each.line}: {each.reason}" for each in file.rejects[:SHOWN_REJECTS]]
            if len(file.rejects) > SHOWN_REJECTS:
                lines.append(f"{file.path}: and {len(file.rejects) - SHOWN_REJECTS:,} more rows like that")
            for landed in file.landed:
                if landed.rejected:
                    kept = f"{landed.rows:,} rows stored, {landed.rejected:,} rejected"
                    lines.append(f"{file.path}: {kept}, each with its line and reason in raw.rejected_rows")
        counts = [f"{count} {state}" for state in STATES if (count := self.count(state))]
        lines.append(f"{len(self.files)} files: {', '.join(counts)}; {self.rows:,} rows stored")
        return "\n".join(lines)


def load(settings: Settings, *, dry_run: bool = False, show_progress: bool = True) -> LoadReport:
    """Loads every file below the extracts folder into raw, one transaction a file.

    A dry run reads and recognises the files and stores nothing. Raises UserError when there is no file at all,
    when raw is in use, or when it holds the demo company and these are not its exports (or the other way round); files
    that cannot be loaded are in the report's failures, the others are loaded.
    """
    systems = load_contract()
    if not has_exports(settings.extracts):
        raise UserError(
            f"{settings.extracts}: no exports there; drop them in a folder named after their system, such as hubspot/"
        )
    found = list(_files(settings.extracts, systems))
    unfinished = [
        path.relative_to(settings.extracts).as_posix() for path in _listed(settings.extracts, unfinished=True)
    ]
    erasures = read_erasures(settings.warehouse)
    report = LoadReport([FileReport(path, "ignored", UNFINISHED_TOLD) for path in unfinished])
    location = Path(":memory:") if dry_run else settings.raw_file
    connection = open_raw(location, systems) if not dry_run else duckdb.connect()
    try:
        if not dry_run:
            _refuse_mixing(connection, settings)
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
            report.files.append(_load_file(connection, systems, instance, path, relative, dry_run, erasures))
    finally:
        connection.close()
    return report


def _files(root: Path, systems: Mapping[str, System]) -> Iterator[tuple[Instance | None, Path]]:
    instances: dict[str, Instance] = {}
    for path in exports(root):
        if path.parent == root:
            yield None, path
            continue
        folder = root / path.relative_to(root).parts[0]
        if folder.name not in instances:
            instances[folder.name] = read_instance(folder, systems)
        yield instances[folder.name], path


def exports(root: Path) -> Iterator[Path]:
    """Files below a folder that are meant as exports and have come whole, in the order of their paths."""
    return _listed(root, unfinished=False)


def _listed(root: Path, *, unfinished: bool) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if any(NOT_EXPORTS.match(part) for part in parts) or not path.is_file():
            continue
        # a browser may download into a folder of that name
        if any(UNFINISHED.search(part) for part in parts) == unfinished:
            yield path


def has_exports(root: Path) -> bool:
    """Whether a folder holds any file that is meant as an export."""
    return next(exports(root), None) is not None


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


def _load_file(
    connection: duckdb.DuckDBPyConnection,
    systems: Mapping[str, System],
    instance: Instance,
    path: Path,
    relative: str,
    dry_run: bool,
    erasures: Erasures,
) -> FileReport:
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    matched: Match | None = None
    try:
        unpacked = unpack(content, relative)
        if not unpacked.strip():
            raise UnreadableExport(f"{relative}: the file is empty; export it again")
        candidate_tables = _pool(instance, systems)
        document = read_document(relative, unpacked, lambda cells: _count_titles(candidate_tables, instance, cells))
        if document.titles:
            matched = recognise(instance, systems, relative, document.titles)
        else:
            matched = recognise_empty(instance, systems, relative)
        _refuse_unnamed(matched.table, path, relative)
        mapping = instance.mapping(matched.table.name)
        extracted_at = extract_time(path, matched.table, document)
        delivery = Delivery(
            *(instance.name, relative, sha256, len(content), extracted_at, instance.time_zone),
            is_demo=_is_demo(instance.folder.parent),
            date_order=mapping.date_order or instance.date_order,
            decimal_mark=mapping.decimal_mark or instance.decimal_mark,
            is_increment=is_increment(path, matched.table),
        )
        parts = [(matched, document), *_nested(systems, instance, matched, document)]
        settings = [delivery.date_order, delivery.decimal_mark, delivery.time_zone]
        settings += ["increment"] if delivery.is_increment else []
        recipe = "+".join(part.recipe(each.titles, *settings) for part, each in parts)
        if dry_run:
            stage(connection, document, relative)
            decide_formats(connection, matched, delivery, document)
            landed = Landed(matched.table, matched, "would load", titles=document.titles)
            return FileReport(relative, "would load", landed=(landed,))
        known = _known(connection, delivery, recipe, [part.table.name for part, _ in parts])
        if known is not None:
            return known
        return _store(connection, delivery, parts, recipe, relative, erasures)
    except (UnreadableExport, AmbiguousExport) as error:
        if not dry_run:
            _refuse(connection, instance, matched, relative, sha256, len(content), error)
        rejects = error.rejects if isinstance(error, RejectedExport) else ()
        return FileReport(relative, "refused", str(error), rejects=rejects)
    except UnrecognisedExport as error:
        return FileReport(relative, "not recognised", str(error))


def _refuse_unnamed(table: Table, path: Path, relative: str) -> None:
    """Files whose name says which part of the table they hold must say it, or one would replace another."""
    if table.partition_pattern and not re.search(table.partition_pattern, plain_name(path.name)):
        raise UnreadableExport(
            f"{relative}: taken for {table.system}.{table.name}, its name does not say which part it holds; "
            f"name it like {table.partition_example}"
        )


def _pool(instance: Instance, systems: Mapping[str, System]) -> list[Table]:
    pool = [systems[instance.system]] if instance.system else list(systems.values())
    return [table for system in pool for table in system.tables.values()]


def _count_titles(tables: list[Table], instance: Instance, cells: Sequence[str]) -> int:
    """How many cells one table knows as titles: of the table that knows most; a single title is no header."""
    titles = [cell.strip().strip("\ufeff") for cell in cells]
    titles = [title for title in titles if title]
    if len(titles) < 2:
        return 0
    mapped = {normal(title) for each in instance.tables.values() for title in each.columns.values()}
    most = max(
        sum(normal(title) in mapped or table.column_of(title) is not None for title in titles) for table in tables
    )
    return most if most > 1 else 0


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


def _known(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, recipe: str, tables: list[str]
) -> FileReport | None:
    """A report for bytes that are stored already in the same tables (all empty pages are alike), None for new ones.

    With a newer extract time, or when they were read by another recipe since, they get a ledger row that makes that
    version current again; not where some of their rows expired, so None. Raises AmbiguousExport for other bytes of the
    same file with the same extract time.
    """
    rows = connection.execute(
        "select content_load_id, extracted_at, recipe, expired_before from loads "
        "where source_instance = ? and sha256 = ? and list_contains(?, table_name) "
        "and state in ('loaded', 'unchanged') order by loaded_at",
        [delivery.instance, delivery.sha256, tables],
    ).fetchall()
    read_alike = [row for row in rows if row[2] == recipe]
    if read_alike and rows[-1][2] == recipe and any(row[1] == delivery.extracted_at for row in read_alike):
        return FileReport(delivery.path, "known")
    clash = connection.execute(
        "select count(*) from loads where source_instance = ? and path = ? and extracted_at = ? and sha256 <> ? "
        "and state in ('loaded', 'unchanged')",
        [delivery.instance, delivery.path, delivery.extracted_at, delivery.sha256],
    ).fetchone()
    if clash and clash[0]:
        raise AmbiguousExport(
            f"{delivery.path}: other content than the file of this name already loaded, with the same extract time "
            f"{delivery.extracted_at:%Y-%m-%d %H:%M}; put the time of the newer one in its name"
        )
    if not read_alike or any(row[3] for row in read_alike):
        return None
    now = _now()
    with _Transaction(connection):
        for content in sorted({row[0] for row in read_alike}):
            load_id = hashlib.sha256(f"{content}|{delivery.extracted_at}|{len(rows)}".encode()).hexdigest()[:16]
            connection.execute(
                "insert into loads select * replace (? as load_id, ? as path, ? as extracted_at, ? as loaded_at, "
                "'unchanged' as state) from loads where load_id = ?",
                [load_id, delivery.path, delivery.extracted_at, now, content],
            )
    return FileReport(delivery.path, "unchanged")


def _store(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    parts: list[tuple[Match, Document]],
    recipe: str,
    relative: str,
    erasures: Erasures,
) -> FileReport:
    now = _now()
    for part, document in parts:
        erasures.apply(document, part)
    with _Transaction(connection):
        forget_remains(connection, delivery, recipe)
        landed = tuple(store(connection, delivery, part, document, recipe, now) for part, document in parts)
    return FileReport(relative, "loaded", landed=landed)


def _refuse(
    connection: duckdb.DuckDBPyConnection,
    instance: Instance,
    matched: Match | None,
    relative: str,
    sha256: str,
    size: int,
    error: UserError,
) -> None:
    now = _now()
    rejects = error.rejects if isinstance(error, RejectedExport) else ()
    load_id = hashlib.sha256(f"{instance.name}|{relative}|{sha256}|{now}".encode()).hexdigest()[:16]
    table = matched.table if matched else None
    with _Transaction(connection):
        # a file that stays is refused at every run: its rejects are those of the last one
        connection.execute(
            "delete from rejected_rows where load_id in "
            "(select load_id from loads where path = ? and state = 'refused')",
            [relative],
        )
        connection.execute(
            "insert into loads (load_id, source_system, source_instance, table_name, path, sha256, bytes, rows_read, "
            "rows, rejected_rows, loaded_at, state, message) values (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 'refused', ?)",
            [
                *(load_id, table.system if table else instance.system, instance.name, table.name if table else None),
                *(relative, sha256, size, error.read if isinstance(error, RejectedExport) else None),
                *(len(rejects) or None, now, str(error)),
            ],
        )
        kept = rejects[:KEPT_REJECTS]
        if kept:
            connection.executemany(
                "insert into rejected_rows values (?, ?, ?, ?, ?)",
                [[load_id, relative, each.line, each.text, each.reason] for each in kept],
            )


class _Transaction:
    """Commit or roll back."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def __enter__(self) -> None:
        self.connection.execute("begin transaction")

    def __exit__(self, kind: object, *_: object) -> None:
        self.connection.execute("commit" if kind is None else "rollback")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
