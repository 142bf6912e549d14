"""Landing: raw.duckdb, its ledger, and the transaction that puts one file into it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb
import yaml

from warehouse.contract import Column, System, Table
from warehouse.delivery import Delivery
from warehouse.errors import RejectedExport, UnderWay, UnreadableExport, UserError, damage
from warehouse.formats import decide_formats, look, with_named_months
from warehouse.literals import quoted
from warehouse.named_months import iso_text
from warehouse.recognition import Match
from warehouse.settings import PROJECT
from warehouse.tabular import Document, Reject

LINEAGE = {
    "_source_instance": "varchar",
    "_file": "varchar",
    "_file_row": "bigint",
    "_load_id": "varchar",
    "_extracted_at": "timestamp",
    "_loaded_at": "timestamp",
    "_extra": "varchar",
}
MEMORY = "1GB"  # more goes to disk
LEDGER = PROJECT / "models" / "staging" / "loader" / "_loader__sources.yml"


@dataclass(frozen=True)
class Landed:
    """What became of one table of a file."""

    table: Table
    match: Match | None
    state: str
    rows: int = 0
    rejected: int = 0
    skipped: int = 0
    message: str = ""
    titles: Sequence[str] = field(default=())
    extracted_at: dt.datetime | None = None


@cache
def _ledger() -> Mapping[str, Mapping[str, str]]:
    """Tables of the ledger, each with its columns and their types."""
    tables = yaml.load(LEDGER.read_text(encoding="utf-8"), yaml.CSafeLoader)["sources"][0]["tables"]
    return {table["name"]: {column["name"]: column["data_type"] for column in table["columns"]} for table in tables}


def open_raw(path: Path, systems: Mapping[str, System]) -> duckdb.DuckDBPyConnection:
    """The landing database with every table of the contract and of the ledger.

    Columns that the contract gained since are added; nothing is ever dropped. Raises UnderWay when another
    process holds the file, UserError when it is damaged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path))
        connection.execute("select 1 from information_schema.columns limit 1").fetchall()
    except duckdb.Error as error:
        # "lock" alone is in what is said of a damaged block, too
        if "set lock on file" in str(error):
            raise UnderWay(f"{path} is in use by another run; wait until it has finished") from None
        raise UserError(
            f"{path} cannot be opened: {damage(error)}; restore a backup with scripts/backup.py --restore, or move the "
            "file away and load all exports anew"
        ) from None
    connection.execute("set timezone = 'UTC'")
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute(f"set memory_limit = '{MEMORY}'")
    wanted = {("main", table): dict(columns) for table, columns in _ledger().items()}
    for system in systems.values():
        for table in system.tables.values():
            columns = dict.fromkeys((column.name for column in table.columns), "varchar")
            wanted[system.name, table.name] = columns | LINEAGE
    present: dict[tuple[str, str], set[str]] = {}
    for schema, table_name, column in connection.execute(
        "select table_schema, table_name, column_name from information_schema.columns"
    ).fetchall():
        present.setdefault((schema, table_name), set()).add(column)
    for (schema, name), columns in wanted.items():
        if (schema, name) not in present:
            listed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            connection.execute(f'create schema if not exists "{schema}"')
            connection.execute(f'create table "{schema}"."{name}" ({listed})')
            continue
        for column, kind in columns.items():
            if column not in present[schema, name]:
                connection.execute(f'alter table "{schema}"."{name}" add column "{column}" {kind}')
    return connection


def open_rehearsal(path: Path) -> duckdb.DuckDBPyConnection:
    """A ledger in memory that knows what raw's knows, for a load that stores nothing.

    Of a raw that another run holds, or that cannot be read, it knows nothing: the load itself will tell.
    """
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"set memory_limit = '{MEMORY}'")
    columns = _ledger()["loads"]
    connection.execute(f"create table loads ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    if path.exists():
        try:
            connection.execute(f"attach {quoted(path)} as landed (read_only)")
            held = {
                name for (name,) in connection.execute("select column_name from (describe landed.loads)").fetchall()
            }
            listed = ", ".join(name for name in columns if name in held)
            connection.execute(f"insert into loads ({listed}) select {listed} from landed.loads")
            connection.execute("detach landed")
        except duckdb.Error:
            return connection
    return connection


@dataclass(frozen=True)
class Judged:
    """What the staged rows of a table are: how they are written, and which of them are rows, totals or rejects."""

    date_order: str | None
    decimal_mark: str | None
    total: str
    lacking: str
    totals: int
    rejected: int
    rows: int
    # columns of dates whose months are words
    named: Collection[str]

    @property
    def read(self) -> int:
        """Rows read: those to be stored, and those rejected."""
        return self.rows + self.rejected

    def landed(self, delivery: Delivery, match: Match, document: Document, state: str) -> Landed:
        """What became, or would become, of the table of a file."""
        skipped = document.skipped + self.totals
        return Landed(
            *(match.table, match, state, self.rows, self.rejected, skipped),
            titles=document.titles,
            extracted_at=delivery.extracted_at,
        )


def judge(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, match: Match, document: Document, staged: int
) -> Judged:
    """How so many staged rows of a file would land.

    Raises UnreadableExport or AmbiguousExport where the forms of their values cannot be told, and RejectedExport when
    more of them are rejected than the contract allows.
    """
    table = match.table
    unread = len(document.rejects)
    total, lacking = _total(table, match), _lacking(match)
    looks = look(connection, match, total, f"({lacking}) and ({total}) is not true")
    order, mark = decide_formats(looks, match, delivery, document)
    totals, keyless = looks.counts
    if keyless:
        _reject_keyless(connection, match, total, document)
    rejected = len(document.rejects)
    rows = staged - totals - (rejected - unread)
    if rejected > table.rejects_limit * (rows + rejected):
        first = document.rejects[0]
        raise RejectedExport(
            f"{delivery.path}: {rejected} of {rows + rejected} rows rejected, more than {table.rejects_limit:.0%}; "
            f"first on line {first.line}: {first.reason}",
            rows + rejected,
            [Reject(each.line, document.mask(each.text), each.reason) for each in document.rejects],
        )
    return Judged(order, mark, total, lacking, totals, rejected, rows, with_named_months(looks))


def store(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    match: Match,
    document: Document,
    staged: int,
    recipe: str,
    loaded_at: dt.datetime,
) -> Landed:
    """One table of a file, of which so many rows are staged, into raw with its ledger rows.

    It is inside the transaction of the caller. Rows read are rows stored and rows rejected, counted apart. Raises
    UnreadableExport where they are not, and what `judge` raises.
    """
    table = match.table
    judged = judge(connection, delivery, match, document, staged)
    load_id = _load_id(delivery, table, recipe)
    names = {column.name: index for index, column in enumerate(match.columns) if column}
    selected = [_expression(column, names, match, judged.named) for column in table.columns]
    changed = {*match.values, *match.linked, *judged.named}
    extra = [index for index, column in enumerate(match.columns) if column is None or column.name in changed]
    keys = ", ".join(f"{quoted(document.titles[index])}, c{index}" for index in extra)
    packed = f"nullif(json_merge_patch('{{}}', json_object({keys})), '{{}}')" if extra else "null"
    into = ", ".join(f'"{name}"' for name in (*(column.name for column in table.columns), *LINEAGE))
    connection.execute(
        f'insert into "{table.system}"."{table.name}" ({into}) select {", ".join(selected)}, '
        f"?, ?, _file_row, ?, ?, ?, cast({packed} as varchar) from incoming "
        f"where ({judged.total}) is not true and ({judged.lacking}) is not true",
        [delivery.instance, delivery.path, load_id, delivery.extracted_at, loaded_at],
    )
    stored = connection.execute(
        f'select count(*) from "{table.system}"."{table.name}" where _load_id = ?', [load_id]
    ).fetchone()
    if stored is None or stored[0] != judged.rows:
        raise UnreadableExport(
            f"{delivery.path}: {judged.read} rows read but {stored and stored[0]} stored and {judged.rejected} "
            "rejected; please report this file"
        )
    note_load(connection, delivery, table, document, judged, recipe, loaded_at)
    columns = list(zip(document.titles, match.columns, strict=True))
    known = [column is not None or table.keeps(title) for title, column in columns]
    _insert(
        connection,
        "load_columns",
        [load_id] * len(columns),
        range(1, len(columns) + 1),
        document.titles,
        [column.name if column else None for _, column in columns],
        known,
    )
    if document.rejects:
        _insert(
            connection,
            "rejected_rows",
            [load_id] * judged.rejected,
            [delivery.path] * judged.rejected,
            [each.line for each in document.rejects],
            [document.mask(each.text) for each in document.rejects],
            [each.reason for each in document.rejects],
        )
    return judged.landed(delivery, match, document, "loaded")


def _load_id(delivery: Delivery, table: Table, recipe: str) -> str:
    said = (delivery.instance, table.name, delivery.path, delivery.sha256, recipe, str(delivery.extracted_at))
    return hashlib.sha256("|".join(said).encode()).hexdigest()[:16]


def note_load(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    table: Table,
    document: Document,
    judged: Judged,
    recipe: str,
    loaded_at: dt.datetime,
) -> None:
    """The ledger row of one table of a file that is loaded."""
    load_id = _load_id(delivery, table, recipe)
    entry = {
        "load_id": load_id,
        "content_load_id": load_id,
        "source_system": table.system,
        "source_instance": delivery.instance,
        "table_name": table.name,
        "path": delivery.path,
        "sha256": delivery.sha256,
        "recipe": recipe,
        "bytes": delivery.size,
        "rows_read": judged.read,
        "rows": judged.rows,
        "rejected_rows": judged.rejected,
        "skipped_rows": document.skipped + judged.totals,
        "encoding": document.encoding,
        "delimiter": document.delimiter,
        "date_order": judged.date_order,
        "decimal_mark": judged.decimal_mark,
        "time_zone": delivery.time_zone,
        "extracted_at": delivery.extracted_at,
        "loaded_at": loaded_at,
        "mode": "increment" if delivery.is_increment else table.mode,
        "state": "loaded",
        "is_demo": delivery.is_demo,
    }
    connection.execute(
        f"insert into loads ({', '.join(entry)}) values ({', '.join('?' * len(entry))})", list(entry.values())
    )


def lost_versions(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether retention has taken anything out of raw."""
    row = connection.execute("select count(*) from loads where expired_before is not null").fetchone()
    return bool(row and row[0])


def forget_remains(connection: duckdb.DuckDBPyConnection, delivery: Delivery, recipe: str) -> None:
    """Removes what retention has left of a delivery that is stored anew, inside the transaction of the caller."""
    remains = connection.execute(
        "select load_id, source_system, table_name from loads where source_instance = ? and path = ? and sha256 = ? "
        "and recipe = ? and extracted_at = ? and expired_before is not null",
        [delivery.instance, delivery.path, delivery.sha256, recipe, delivery.extracted_at],
    ).fetchall()
    for load_id, system, table in remains:
        connection.execute(f'delete from "{system}"."{table}" where _load_id = ?', [load_id])
        for ledger in ("loads", "load_columns", "rejected_rows"):
            connection.execute(f"delete from {ledger} where load_id = ?", [load_id])


def _expression(column: Column, names: Mapping[str, int], match: Match, named: Collection[str]) -> str:
    """SQL of what lands of a column; `named` are those of dates whose months are words."""
    if column.name not in names:
        constant = match.constants.get(column.name)
        return "null" if constant is None else quoted(constant)
    cell = f"c{names[column.name]}"
    if column.name in match.linked:
        # the first of several: ids or names parted by commas or semicolons, a name with a comma in quotes
        within, plain = f"""regexp_extract({cell}, '^\\s*"([^"]*)"', 1)""", f"trim(regexp_extract({cell}, '^[^,;]*'))"
        cell = f"coalesce(nullif({within}, ''), nullif({plain}, ''))"
    if column.name in named:
        cell = iso_text(cell)
    values = match.values.get(column.name)
    if values:
        cases = " ".join(f"when {quoted(old)} then {quoted(new)}" for old, new in values.items())
        return f"case {cell} {cases} else {cell} end"
    return cell


def _total(table: Table, match: Match) -> str:
    """A condition for the totals of a report."""
    if not table.totals or not match.columns:
        return "false"
    # "Total:" stands in the first column, whether or not the contract knows it, or in the first one it does know
    known = next((index for index, column in enumerate(match.columns) if column), 0)
    said = " or ".join(
        f"lower(c{cell}) like {quoted(each.casefold().replace('*', '%'))}"
        for each in table.totals
        for cell in sorted({0, known})
    )
    # a campaign may be called so, too, but totals are of no day
    days = [index for index, column in enumerate(match.columns) if column and column.name in table.partition_by]
    return f"({said})" + "".join(f" and not coalesce(regexp_matches(c{index}, '^\\s*\\d'), false)" for index in days)


def _lacking(match: Match) -> str:
    """A condition for rows that lack a part of their key."""
    return " or ".join(f"{cell} is null" for cell, _ in _keys(match)) or "false"


def _keys(match: Match) -> list[tuple[str, str]]:
    """Cells that have to be filled, each with its column: parts of the key, or what stands for one."""
    cells = {column.name: f"c{index}" for index, column in enumerate(match.columns) if column}
    keys = []
    for column in match.table.columns:
        if column.name not in match.table.grain or column.name in match.constants:
            continue
        if column.required and column.name in cells:
            keys.append((cells[column.name], column.name))
        elif column.otherwise:
            there = [cells[name] for name in (column.name, *column.otherwise) if name in cells]
            keys.append((f"coalesce({', '.join([*there, 'null'])})", column.name))
    return keys


def _reject_keyless(connection: duckdb.DuckDBPyConnection, match: Match, total: str, document: Document) -> None:
    keys = _keys(match)
    listed = ", ".join(f"c{each}" for each in range(len(document.titles)))
    reasons = ", ".join(f"case when {cell} is null then 'no {name}' end" for cell, name in keys)
    for line, text, reason in connection.execute(
        f"select _file_row, concat_ws(';', {listed}), concat_ws(', ', {reasons}) from incoming "
        f"where ({_lacking(match)}) and ({total}) is not true order by _file_row"
    ).fetchall():
        document.rejects.append(Reject(line, text[:2000], reason))


def _insert(connection: duckdb.DuckDBPyConnection, table: str, *columns: Sequence[object]) -> None:
    """Inserts rows given by their columns, all at once."""
    values = ", ".join("unnest(?)" for _ in columns)
    connection.execute(f"insert into {table} select {values}", [list(column) for column in columns])
