"""Where rows of facts came from: the lines of the exports, in raw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.contract import System, Table

DAYS = ("%Y-%m-%d", "%Y.%m.%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")
AMERICAN = ("%Y-%m-%d", "%Y.%m.%d", "%m/%d/%Y", "%m-%d-%Y")

# an id is the instance and the record's own; a line of a ledger has its place for one, and may be a part of it
WANTED = r"""
    create or replace temp table wanted as
    select
        number,
        cast(id as varchar) as id,
        coalesce(split_part(id, ':', 1), instance) as instance,
        substr(id, strpos(id, ':') + 1) as own_id,
        left(substr(id, strpos(id, ':') + 1), 15) as short_id,
        regexp_extract(id, '^[^:]*:(.*?:\d+)(:[a-z_]+)?$', 1) as place,
        cast(day as date) as day
    from (
        select
            unnest(?) as number,
            cast(unnest(?) as varchar) as id,
            cast(unnest(?) as varchar) as instance,
            unnest(?) as day
    )
"""


@dataclass(frozen=True)
class Line:
    """A line of an export: its newest version known to the build, and how many older ones raw holds."""

    table: str
    file: str
    row: int
    load_id: str
    older: int

    def __str__(self) -> str:
        older = f", {self.older} older" if self.older else ""
        return f"{self.file} line {self.row} ({self.table}, load {self.load_id}{older})"


def lines_of(
    connection: duckdb.DuckDBPyConnection,
    systems: Mapping[str, System],
    landed: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    known_at: dt.datetime | None = None,
) -> list[list[Line]]:
    """For each row of a fact the lines it was read from, by what its yml says under `landed`.

    That is the kind of data, the column of the id (`instance:id of the record`), and of what has no id the day.
    """
    entities = landed["entity"] if isinstance(landed["entity"], list) else [landed["entity"]]
    columns: list[list[Any]] = [
        list(range(len(rows))),
        [row[landed["id"]] if "id" in landed else None for row in rows],
        [row.get("source_instance") for row in rows],
        [row.get(landed.get("day", "")) for row in rows],
    ]
    connection.execute(WANTED, columns)
    found: list[list[Line]] = [[] for _ in rows]
    for system, table in _tables(systems, entities):
        for number, line in _lines(connection, system, table, landed, known_at):
            found[number].append(line)
    return found


def _tables(systems: Mapping[str, System], entities: Sequence[str]) -> Iterator[tuple[System, Table]]:
    for system in systems.values():
        for table in system.tables.values():
            if table.entity in entities:
                yield system, table


def _lines(
    connection: duckdb.DuckDBPyConnection,
    system: System,
    table: Table,
    landed: Mapping[str, Any],
    known_at: dt.datetime | None,
) -> Iterator[tuple[int, Line]]:
    statement = f"""
        with contents as (
            select content_load_id, any_value(date_order) as date_order, max(extracted_at) as delivered_at
            from raw.main.loads
            where source_system = '{system.name}' and table_name = '{table.name}' and state in ('loaded', 'unchanged')
            and ($known_at is null or extracted_at <= $known_at)
            group by content_load_id
        )
        select wanted.number, rows._file, rows._file_row, rows._load_id,
            {f"count(*) over (partition by wanted.number, {_version(table)}) - 1" if table.grain else "0"}
        from wanted
        inner join raw."{system.name}"."{table.name}" as rows
            on wanted.instance = rows._source_instance and {_matches(system, table, landed)}
        inner join contents on rows._load_id = contents.content_load_id
        where {_is_of_day(table) if "day" in landed else "true"}
        qualify rank() over (
            partition by wanted.number, {_version(table)}
            order by contents.delivered_at desc{", rows._file_row desc" if table.grain else ""}
        ) = 1
        order by all
    """
    for number, file, row, load_id, older in connection.execute(statement, {"known_at": known_at}).fetchall():
        yield number, Line(f"{system.name}.{table.name}", file, row, load_id, older)


def _version(table: Table) -> str:
    """What several versions of one record have in common, besides its id."""
    if len(table.grain) > 1:
        return ", ".join(f"rows.{column}" for column in table.grain)
    return "rows._source_instance"


def _matches(system: System, table: Table, landed: Mapping[str, Any]) -> str:
    """A condition for the rows of a landed table that have the id of a wanted one, as staging makes it."""
    names = {column.name for column in table.columns}
    if "day" in landed:
        columns = ", ".join(f"rows.{name}" for name in ("campaign_id", "campaign") if name in names)
        return f"coalesce({columns}) = wanted.own_id" if "id" in landed else "true"
    if not table.grain:
        return "rows._file || ':' || rows._file_row = wanted.place"
    key = f"rows.{table.grain[0]}"
    if any(column.name == table.grain[0] and column.personal for column in table.columns):
        hashed = f"unhex(sha256(unhex(getvariable('identity_inner')) || encode(lower(trim({key})))))"
        return f"sha256(unhex(getvariable('identity_outer')) || {hashed}) = wanted.own_id"
    if system.short_ids:
        # in the short form or in the full one
        return f"left({key}, 15) = wanted.short_id"
    if system.name == "quickbooks":
        kind = "journal_entry" if table.name == "journal_entries" else table.name.removesuffix("s")
        return f"'{kind}:' || {key} = wanted.place"
    return f"{key} = wanted.own_id"


def _is_of_day(table: Table) -> str:
    """A condition for the rows of the wanted day, in whatever order the file writes day and month."""
    day = table.partition_by[0] if table.partition_by else "day"
    orders = " ".join(
        f"when '{order}' then try_strptime(rows.{day}, {list(formats)})"
        for order, formats in (("mdy", AMERICAN), ("dmy", DAYS))
    )
    read = f"case contents.date_order {orders} else try_strptime(rows.{day}, {list(DAYS)}) end"
    return f"cast(coalesce(try_cast(rows.{day} as timestamp), {read}) as date) = wanted.day"
