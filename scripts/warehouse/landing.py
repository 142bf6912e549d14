"""Landing: raw.duckdb, its ledger, and the transaction that puts one file into it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import yaml

from warehouse.contract import Column, System, Table
from warehouse.delivery import Delivery
from warehouse.errors import RejectedExport, UnreadableExport, UserError
from warehouse.formats import decide_formats
from warehouse.recognition import Match
from warehouse.settings import PROJECT
from warehouse.tabular import Cells, Document, Reject

LINEAGE = {
    "_source_instance": "varchar",
    "_file": "varchar",
    "_file_row": "bigint",
    "_load_id": "varchar",
    "_extracted_at": "timestamp",
    "_loaded_at": "timestamp",
    "_extra": "varchar",
}
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


def open_raw(path: Path, systems: Mapping[str, System]) -> duckdb.DuckDBPyConnection:
    """The landing database with every table of the contract and of the ledger.

    Columns that the contract gained since are added; nothing is ever dropped. Raises UserError when another
    process holds the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path))
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise UserError(f"{path} is in use by another run; wait until it has finished") from None
        raise
    connection.execute("set timezone = 'UTC'")
    connection.execute("set autoinstall_known_extensions = false")
    ledger = yaml.safe_load(LEDGER.read_text(encoding="utf-8"))["sources"][0]["tables"]
    wanted = {
        ("main", table["name"]): {column["name"]: column["data_type"] for column in table["columns"]}
        for table in ledger
    }
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


def stage(connection: duckdb.DuckDBPyConnection, document: Document, name: str) -> int:
    """Rows of a document in the temporary table `incoming` (c0, c1, ..., _file_row); their number.

    Raises UnreadableExport when what was stored is not what was read.
    """
    width = len(document.titles)
    columns = {f"c{index}": "VARCHAR" for index in range(width)} | {"_file_row": "BIGINT"}
    with tempfile.TemporaryDirectory(prefix="load_") as folder:
        plain = Path(folder) / "rows.csv"
        count = _write_plain(plain, document.rows)
        connection.execute("drop table if exists incoming")
        connection.execute(
            "create temporary table incoming as select * from read_csv(?, auto_detect = false, header = false, "
            "delim = ',', quote = '\"', escape = '\"', new_line = '\\n', nullstr = '', allow_quoted_nulls = false, "
            "max_line_size = 1073741824, strict_mode = true, "
            f"columns = {json.dumps(columns)})",
            [str(plain)],
        )
    (stored,) = connection.execute("select count(*) from incoming").fetchone() or (0,)
    if stored != count:
        raise UnreadableExport(f"{name}: {count} rows were read but {stored} stored; please report this file")
    return count


def _write_plain(path: Path, rows: Iterable[tuple[int, Cells]]) -> int:
    count = 0
    # half of a surrogate pair, which JSON may hold, is no text
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        for line, cells in rows:
            quoted = ("" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in cells)
            file.write(",".join((*quoted, str(line))) + "\n")
            count += 1
    return count


def store(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    match: Match,
    document: Document,
    recipe: str,
    loaded_at: dt.datetime,
) -> Landed:
    """One table of a file into raw, with its ledger rows, inside the transaction of the caller.

    Rows read are rows stored and rows rejected, counted apart. Raises UnreadableExport where they are not, and when
    more rows are rejected than the contract allows.
    """
    table = match.table
    staged = stage(connection, document, delivery.path)
    unread = len(document.rejects)
    order, mark = decide_formats(connection, match, delivery, document)
    load_id = hashlib.sha256(
        "|".join(
            (
                delivery.instance,
                table.name,
                delivery.path,
                delivery.sha256,
                recipe,
                str(delivery.extracted_at),
            )
        ).encode()
    ).hexdigest()[:16]
    totals = _drop_totals(connection, table, match)
    _reject_keyless(connection, match, document)
    rows = staged - totals - _remove_rejected(connection, document)
    rejected = len(document.rejects)
    if rejected > table.rejects_limit * (rows + rejected):
        first = document.rejects[0]
        raise RejectedExport(
            f"{delivery.path}: {rejected} of {rows + rejected} rows rejected, more than {table.rejects_limit:.0%}; "
            f"first on line {first.line}: {first.reason}",
            rows + rejected,
            [Reject(each.line, document.mask(each.text), each.reason) for each in document.rejects],
        )
    names = {column.name: index for index, column in enumerate(match.columns) if column}
    selected = [_expression(column, names, match) for column in table.columns]
    changed = {*match.values, *match.linked}
    extra = [index for index, column in enumerate(match.columns) if column is None or column.name in changed]
    keys = ", ".join(f"'{_quoted(document.titles[index])}', c{index}" for index in extra)
    packed = f"nullif(json_merge_patch('{{}}', json_object({keys})), '{{}}')" if extra else "null"
    into = ", ".join(f'"{name}"' for name in (*(column.name for column in table.columns), *LINEAGE))
    connection.execute(
        f'insert into "{table.system}"."{table.name}" ({into}) select {", ".join(selected)}, '
        f"?, ?, _file_row, ?, ?, ?, cast({packed} as varchar) from incoming order by _file_row",
        [delivery.instance, delivery.path, load_id, delivery.extracted_at, loaded_at],
    )
    stored = connection.execute(
        f'select count(*) from "{table.system}"."{table.name}" where _load_id = ?', [load_id]
    ).fetchone()
    read = staged + unread - totals
    if stored is None or stored[0] + rejected != read:
        raise UnreadableExport(
            f"{delivery.path}: {read} rows read but {stored} stored and {rejected} rejected; please report this file"
        )
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
        "rows_read": read,
        "rows": rows,
        "rejected_rows": rejected,
        "skipped_rows": document.skipped + totals,
        "encoding": document.encoding,
        "delimiter": document.delimiter,
        "date_order": order,
        "decimal_mark": mark,
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
    for position, (title, column) in enumerate(zip(document.titles, match.columns, strict=True), start=1):
        known = column is not None or table.keeps(title)
        connection.execute(
            "insert into load_columns values (?, ?, ?, ?, ?)",
            [load_id, position, title, column.name if column else None, known],
        )
    if document.rejects:
        connection.executemany(
            "insert into rejected_rows values (?, ?, ?, ?, ?)",
            [[load_id, delivery.path, each.line, document.mask(each.text), each.reason] for each in document.rejects],
        )
    return Landed(table, match, "loaded", rows, rejected, document.skipped + totals, titles=document.titles)


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


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _expression(column: Column, names: Mapping[str, int], match: Match) -> str:
    if column.name not in names:
        constant = match.constants.get(column.name)
        return "null" if constant is None else f"'{_quoted(str(constant))}'"
    cell = f"c{names[column.name]}"
    if column.name in match.linked:
        # the first of several: ids or names parted by commas or semicolons, a name with a comma in quotes
        quoted, plain = f"""regexp_extract({cell}, '^\\s*"([^"]*)"', 1)""", f"trim(regexp_extract({cell}, '^[^,;]*'))"
        cell = f"coalesce(nullif({quoted}, ''), nullif({plain}, ''))"
    values = match.values.get(column.name)
    if values:
        cases = " ".join(f"when '{_quoted(str(old))}' then '{_quoted(str(new))}'" for old, new in values.items())
        return f"case {cell} {cases} else {cell} end"
    return cell


def _drop_totals(connection: duckdb.DuckDBPyConnection, table: Table, match: Match) -> int:
    if not table.totals or not match.columns:
        return 0
    # "Total:" stands in the first column, whether or not the contract knows it, or in the first one it does know
    known = next((index for index, column in enumerate(match.columns) if column), 0)
    patterns = " or ".join(
        f"lower(c{cell}) like '{_quoted(each.casefold().replace('*', '%'))}'"
        for each in table.totals
        for cell in sorted({0, known})
    )
    removed = connection.execute(f"delete from incoming where {patterns}").fetchone()
    return int(removed[0]) if removed else 0


def _reject_keyless(connection: duckdb.DuckDBPyConnection, match: Match, document: Document) -> None:
    needed = [
        f"case when c{index} is null then 'no {column.name}' end"
        for index, column in enumerate(match.columns)
        if column and column.name in match.table.grain and column.required
    ]
    if not needed:
        return
    listed = ", ".join(f"c{each}" for each in range(len(document.titles)))
    for line, text, reason in connection.execute(
        f"select _file_row, concat_ws(';', {listed}), concat_ws(', ', {', '.join(needed)}) as reason from incoming "
        "where reason <> '' order by _file_row"
    ).fetchall():
        document.rejects.append(Reject(line, text[:2000], reason))


def _remove_rejected(connection: duckdb.DuckDBPyConnection, document: Document) -> int:
    lines = [each.line for each in document.rejects]
    if not lines:
        return 0
    removed = connection.execute("delete from incoming where list_contains(?, _file_row)", [lines]).fetchone()
    return int(removed[0]) if removed else 0
