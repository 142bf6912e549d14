"""The ledger of loads: bytes that are stored already, files that were refused."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath

import duckdb

from warehouse.contract import Table
from warehouse.copies import may_be_copies, original_name, shortest_stem
from warehouse.delivery import Delivery
from warehouse.errors import AmbiguousExport, RejectedExport, UserError, one_line
from warehouse.instances import Instance
from warehouse.recognition import Match

KEPT_REJECTS = 1_000  # of a refused file, which may have a million


def recall(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, recipe: str, tables: Sequence[Table]
) -> str | None:
    """The state of bytes that are stored already in the same tables (all empty pages are alike), None of new ones.

    With a newer extract time, or when they were read by another recipe since, they get a ledger row that makes that
    version current again; not where some of their rows expired, so None. Raises AmbiguousExport for other bytes with
    the same extract time of the same file, of a copy of it, or of a file of its name in another folder.
    """
    rows = connection.execute(
        "select content_load_id, extracted_at, recipe, expired_before from loads "
        "where source_instance = ? and sha256 = ? and list_contains(?, table_name) "
        "and state in ('loaded', 'unchanged') order by loaded_at",
        [delivery.instance, delivery.sha256, [table.name for table in tables]],
    ).fetchall()
    read_alike = [row for row in rows if row[2] == recipe]
    if read_alike and rows[-1][2] == recipe and any(row[1] == delivery.extracted_at for row in read_alike):
        return "known"
    _refuse_same_time(connection, delivery, tables[0])
    if not read_alike or any(row[3] for row in read_alike):
        return None
    now = load_time(connection)
    with Transaction(connection):
        for content in sorted({row[0] for row in read_alike}):
            load_id = hashlib.sha256(f"{content}|{delivery.extracted_at}|{len(rows)}".encode()).hexdigest()[:16]
            connection.execute(
                "insert into loads select * replace (? as load_id, ? as path, ? as extracted_at, ? as loaded_at, "
                "'unchanged' as state) from loads where load_id = ?",
                [load_id, delivery.path, delivery.extracted_at, now, content],
            )
    return "unchanged"


def _refuse_same_time(connection: duckdb.DuckDBPyConnection, delivery: Delivery, table: Table) -> None:
    """Raises AmbiguousExport where nobody says which of two exports of one thing is the newer.

    Somebody did where the other one was given a later time of that day since.
    """
    loaded = connection.execute(
        "select path from loads where source_instance = $1 and sha256 <> $3 and table_name = $4 and contains(path, $5) "
        "and state in ('loaded', 'unchanged') and extracted_at = $2 and sha256 not in (select sha256 from loads "
        "where source_instance = $1 and table_name = $4 and extracted_at > $2 "
        "and extracted_at < $2 + interval 1 day and state in ('loaded', 'unchanged')) order by path desc",
        [delivery.instance, delivery.extracted_at, delivery.sha256, table.name, shortest_stem(delivery.path)],
    ).fetchall()
    # a table whose rows say which part of it they are may come in folders, each with its part
    is_whole = table.mode == "snapshot" and (not table.partition_by or table.partition_pattern is not None)
    for (path,) in loaded:
        beside = PurePosixPath(path).parent == PurePosixPath(delivery.path).parent
        if may_be_copies(path, delivery.path) if beside else is_whole and _are_alike(path, delivery.path):
            known, asked = path, "put the time of the newer one in its name, or part1 and part2 in those of parts"
            if path == delivery.path:
                known, asked = "the file of this name", "put the time of the newer one in its name"
            raise AmbiguousExport(
                f"{delivery.path}: other content than {known} already loaded, with the same extract time "
                f"{delivery.extracted_at:%Y-%m-%d %H:%M}; {asked}"
            )


def _are_alike(path: str, other: str) -> bool:
    return original_name(path) == original_name(other)


def note_refusal(
    connection: duckdb.DuckDBPyConnection,
    instance: Instance,
    matched: Match | None,
    relative: str,
    sha256: str,
    size: int,
    error: UserError,
) -> None:
    """A ledger row for a file that was refused, and why; the first of its rejects are kept."""
    now = utc_now()
    rejects = error.rejects if isinstance(error, RejectedExport) else ()
    load_id = hashlib.sha256(f"{instance.name}|{relative}|{sha256}|{now}".encode()).hexdigest()[:16]
    table = matched.table if matched else None
    with Transaction(connection):
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
                *(len(rejects) or None, now, one_line(str(error))),
            ],
        )
        kept = rejects[:KEPT_REJECTS]
        if kept:
            connection.executemany(
                "insert into rejected_rows values (?, ?, ?, ?, ?)",
                [[load_id, relative, each.line, each.text, each.reason] for each in kept],
            )


class Transaction:
    """Commit or roll back."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def __enter__(self) -> None:
        self.connection.execute("begin transaction")

    def __exit__(self, kind: object, *_: object) -> None:
        self.connection.execute("commit" if kind is None else "rollback")


def known_since(connection: duckdb.DuckDBPyConnection, instance: str, sha256: str) -> dt.datetime:
    """When bytes of an instance were first loaded; now of new ones."""
    row = connection.execute(
        "select min(loaded_at) from loads where source_instance = ? and sha256 = ? and state <> 'refused'",
        [instance, sha256],
    ).fetchone()
    return load_time(connection) if row is None or row[0] is None else row[0]


def load_time(connection: duckdb.DuckDBPyConnection) -> dt.datetime:
    """When a load is: now, or after the newest one where the clock was moved back, as loads say what came later."""
    row = connection.execute("select max(loaded_at) from loads where state <> 'refused'").fetchone()
    newest = row[0] if row else None
    return utc_now() if newest is None else max(utc_now(), newest + dt.timedelta(microseconds=1))


def utc_now() -> dt.datetime:
    """Now, UTC without an offset."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
