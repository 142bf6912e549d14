"""What the raw gate looks at: the rows of each landed table as they stand, and what came last beside what came before.

Assets are tables of a database of their own that is removed again. Of a text that is no reference or currency they
hold whether it is there, never what it says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from warehouse.contract import Column, Table
from warehouse.expectations.standing import Delivered, Landed
from warehouse.literals import quoted
from warehouse.rebuilding import identifier
from warehouse.rendering import newest_months, read_as
from warehouse.settings import reporting_time_zone

UNREAD = "__unread"
EXPECTED = 5  # filled cells to expect of a column before it is missed
FEW = 20  # rows of which one more or less says nothing
ENOUGH = 30  # filled cells below which middles and shares say nothing


@dataclass(frozen=True)
class ColumnProfile:
    """A column of some deliveries: filled cells, the middle of its numbers other than 0, rows by currency."""

    filled: int
    middle: float | None = None
    currencies: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """Some deliveries: rows, and the columns that they have a title for."""

    rows: int
    columns: Mapping[str, ColumnProfile]

    def share(self, column: str) -> float:
        """Of the rows, those with a value."""
        return self.columns[column].filled / self.rows if self.rows and column in self.columns else 0.0


@dataclass(frozen=True)
class Assets:
    """What there is of a landed table: its rows and columns among the assets, and those of them that have a value.

    `newest` and `before` are the newest delivery and what it is compared with, None where nothing came before.
    """

    landed: Landed
    columns: Sequence[Column]
    rows: int
    filled: Collection[str]
    newest: Profile | None
    before: Profile | None

    @property
    def vanished(self) -> list[str]:
        """Columns that had values before, enough to expect some now, and have no title any more."""
        return vanished(self.newest, self.before)


def vanished(newest: Profile | None, before: Profile | None) -> list[str]:
    """Columns that had values before, enough to expect some in the newest delivery, and have no title any more."""
    if not newest or not before:
        return []
    return [
        name for name in before.columns if name not in newest.columns and before.share(name) * newest.rows >= EXPECTED
    ]


def prepare(connection: duckdb.DuckDBPyConnection, landed: Landed) -> Assets:
    """Makes the asset of a landed table in the database of the connection, which has raw attached as `raw`."""
    table, asset = landed.table, identifier(landed.asset)
    newest = profile(connection, landed, landed.compared) if landed.before else None
    before = profile(connection, landed, landed.before) if landed.before else None
    titles = _titled(connection, landed.standing) - set(vanished(newest, before))
    columns = [column for column in table.columns if column.name in titles]
    # each cell is read once: within a case it would be read again
    read = [*_lineage(table, columns), *(part for column in columns for part in _read_cells(table, column))]
    typed = [column for column in columns if _is_typed(column)]
    flags = ", ".join(_there(column) for column in typed)
    kept = [f"* exclude ({flags})" if typed else "*", *(_unread(column) for column in typed)]
    connection.execute(
        f"create table {asset} as select {', '.join(kept)} from ("
        f"select {', '.join(read)} from ({current_rows_of(landed)}))"
    )
    counts = "".join(f", count({identifier(column.name)})" for column in columns)
    ((rows, *filled),) = connection.execute(f"select count(*){counts} from {asset}").fetchall()
    there = {column.name for column, count in zip(columns, filled, strict=True) if count}
    return Assets(landed, columns, rows, there, newest, before)


def profile(connection: duckdb.DuckDBPyConnection, landed: Landed, deliveries: Sequence[Delivered]) -> Profile:
    """What some deliveries of a table hold."""
    titles = _titled(connection, deliveries)
    columns = [column for column in landed.table.columns if column.name in titles]
    counted = [
        (
            f"count(nullif({identifier(column.name)}, ''))",
            f"median(nullif({read_cell(column)}, 0))::double" if column.is_measure else "null",
            f"histogram(upper({identifier(column.name)}))" if column.is_currency else "null",
        )
        for column in columns
    ]
    listed = "".join(f", {cell}" for cells in counted for cell in cells)
    (found,) = connection.execute(f"select count(*){listed} from ({rows_of(landed, deliveries)})").fetchall()
    return Profile(
        found[0],
        {
            column.name: ColumnProfile(found[place], found[place + 1], found[place + 2] or {})
            for place, column in zip(range(1, len(found), 3), columns, strict=True)
        },
    )


def rows_of(landed: Landed, deliveries: Sequence[Delivered]) -> str:
    """A select of the landed rows of some deliveries, with how their file writes dates and numbers."""
    values = ", ".join(
        f"({_text(each.load_id)}, timestamp '{each.delivered_at}', {_text(each.date_order)}, "
        f"{_text(each.decimal_mark)}, {_text(each.time_zone)})"
        for each in deliveries
    )
    table = landed.table
    return (
        f"select landed.*, _delivered_at, _date_order, _decimal_mark, _time_zone "
        f"from raw.{identifier(table.system)}.{identifier(table.name)} as landed inner join (values {values}) "
        "as deliveries (_content, _delivered_at, _date_order, _decimal_mark, _time_zone) "
        f"on landed._load_id = deliveries._content where landed._source_instance = {_text(landed.instance)}"
    )


def current_rows_of(landed: Landed) -> str:
    """A select of the landed rows that figures are made of: of tables by days or months, the newest of each."""
    table, rows = landed.table, rows_of(landed, landed.standing)
    if table.partition_pattern:
        return newest_months(table, rows)
    if not table.partition_by:
        return rows
    day = next(column for column in table.columns if column.name == table.partition_by[0])
    return f"select * from ({rows}) qualify _delivered_at = max(_delivered_at) over (partition by {read_cell(day)})"


def _titled(connection: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivered]) -> set[str]:
    rows = connection.execute(
        "select distinct column_name from raw.main.load_columns "
        "where list_contains(?, load_id) and column_name is not null",
        [[each.load_id for each in deliveries]],
    ).fetchall()
    return {name for (name,) in rows}


def _lineage(table: Table, columns: Sequence[Column]) -> list[str]:
    cells = ", ".join(identifier(column.name) for column in columns) or "null"
    key = ", ".join(identifier(name) for name in table.grain)
    needed = [column.name for column in table.columns if column.required and column.name in table.grain]
    lacking = " or ".join(f"coalesce({identifier(name)}, '') = ''" for name in needed) or "false"
    return [
        "_load_id",
        "_delivered_at",
        f"hash({cells}) as _content",
        *([f"hash({key}) as _key", f"{lacking} as _is_keyless"] if table.grain else []),
    ]


def _is_typed(column: Column) -> bool:
    return column.data_type != "varchar"


def _there(column: Column) -> str:
    return identifier(f"{column.name}__there")


def _read_cells(table: Table, column: Column) -> list[str]:
    name = identifier(column.name)
    if _is_typed(column):
        return [f"{read_cell(column)} as {name}", f"{name} <> '' as {_there(column)}"]
    kept = column.refers_to or column.is_currency or column.name in balanced_by(table)
    return [f"nullif({name}, '') as {name}" if kept else f"case when {name} <> '' then true end as {name}"]


def _unread(column: Column) -> str:
    flag = f"case when {_there(column)} then case when {identifier(column.name)} is null then 1 else 0 end end"
    return f"{flag} as {identifier(column.name + UNREAD)}"


def balanced_by(table: Table) -> tuple[str, ...]:
    """Texts that say which entry a row belongs to, and which side it is on."""
    if table.balance is None:
        return ()
    return (*table.balance.by, *([table.balance.side] if table.balance.side else []))


def read_cell(column: Column) -> str:
    """A cell as staging reads it; the plainest forms, which are most cells, by a shorter way to the same value."""
    name = identifier(column.name)
    read = read_as(name, column.data_type, column.values, rounded=column.rounded)
    if column.data_type == "timestamp":
        plain = f"length({name}) = 20 and right({name}, 1) = 'Z' and substring({name}, 5, 1) = '-'"
        return f"case when {plain} then try_cast({name} as timestamp) else {read} end"
    if column.is_number:
        plain = f"regexp_full_match({name}, '-?\\d{{1,12}}')"
        return f"case when {plain} then cast({name} as {column.data_type}) else {read} end"
    return read


def day_of(column: Column, moment: str) -> str:
    """The day, in the reporting time zone, of what a column holds: of a date itself."""
    return moment if column.data_type == "date" else local_day(moment)


def local_day(moment: str) -> str:
    """The day of a moment (UTC) in the reporting time zone."""
    return f"cast(timezone('{reporting_time_zone()}', timezone('UTC', {moment})) as date)"


def _text(value: str | None) -> str:
    return "null::varchar" if value is None else quoted(value)  # of nulls alone DuckDB makes integers
