"""The models themselves, run again on some rows of the facts: which rows a component counts, and what they come to.

No rule of a KPI is written here. A mark is put on a column of the fact that the model hands through as a scope, and
read off what comes out; then the same SQL is run on the rows found, without marks, and has to give the same figure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from warehouse.literals import quoted
from warehouse.tracing.lineage import Counted, Lineage

DIMENSIONS = {"rep_id": "rep", "team_id": "team", "segment": "segment", "channel": "channel", "product": "product"}
DATES = ("component_date", "record_date", "month_date")
CODES = ("component_code", "record_code", "kpi_code")
VALUES = ("component_value", "record_value", "people_count", "value")
MARK = "\x1f"  # parts the scope, the relation and the row, and stands in no id


@dataclass(frozen=True)
class Window:
    """A period of a scope: its first and last observed day."""

    grain: str
    start: dt.date
    first: dt.date
    last: dt.date
    scope_type: str
    scope_id: str


@dataclass
class Found:
    """Rows of a relation that count, by their number, with what each adds and on which day; and what a day comes to."""

    relation: str
    rows: dict[int, float | None] = field(default_factory=dict)
    on: dict[int, dt.date] = field(default_factory=dict)
    days: dict[dt.date, float] = field(default_factory=dict)


class Rerun:
    """Runs models of a build again in memory, for one period and scope.

    The build is attached under the name its compiled SQL has for it.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, lineage: Lineage, window: Window) -> None:
        self.connection = connection
        self.lineage = lineage
        self.window = window
        self.made: set[str] = set()
        connection.execute("create schema if not exists memory.again")

    def find(self, model: str, component: str) -> list[Found]:
        """The rows that a component of a model counts, relation by relation; none where nothing counts."""
        counted = list(self.lineage.counted(model, component))
        self._start()
        for each in counted:
            self._number(each)
        if any(each.blocks for each in counted):
            return self._leave_out(model, component, counted)
        for place, each in enumerate(counted):
            marked = ", ".join(
                f"coalesce({column}, '') || chr(31) || '{place}' || chr(31) || _number as {column}"
                for column in each.marks
            )
            self._give(each.relation, f"select * exclude (_number) replace ({marked}) from {_numbered(each.relation)}")
        reads = next((each.reads[component] for each in counted if component in each.reads), "")
        read_model, _, column = reads.partition(".")
        self._run(self._chain(read_model or model, counted))
        return self._marked(read_model or model, column, component, counted)

    def recompute(self, model: str, component: str, found: Iterable[Found], kpi: str | None = None) -> float | None:
        """What the rows found come to, in the scope and period, by the models' own SQL.

        With a KPI it is that of the KPI, a quantile of the records found. None where they come to nothing.
        """
        self._start()
        counted = self.lineage.counted(model, component)
        rows = {each.relation: each.rows for each in found}
        for each in counted:
            kept = ", ".join(map(str, rows.get(each.relation, {}))) or "null"
            self._give(
                each.relation,
                f"select * exclude (_number) from {_numbered(each.relation)} where _number in ({kept})",
            )
        chain = self._chain(model, counted)
        if kpi:
            chain = [*chain, "kpi_quantiles"]
        self._run(chain)
        return self._value("kpi_quantiles" if kpi else model, kpi or component)

    def _start(self) -> None:
        """Forgets what was made; only the window asked for is there, all others cost time."""
        self.made = set()
        window = self.window
        self._give(
            "kpi_windows",
            f"select * from {self.lineage.relation('kpi_windows')} where period_grain = '{window.grain}' "
            f"and period_start_date = date '{window.start}' and purpose = 'value'",
        )

    def _number(self, counted: Counted) -> None:
        """The rows of a relation with the number that marks them: rows, what is marked instead, or blocks."""
        if counted.blocks:
            number = f"dense_rank() over (order by {', '.join(counted.blocks)})"
        elif counted.mark:
            number = f"dense_rank() over (order by {counted.mark})"
        else:
            number = "row_number() over ()"
        columns = self.lineage.columns(counted.relation)
        # of what is kept by the period only that of the period can count
        ours = "period_grain" in columns and "purpose" in columns
        within = (
            f"where period_grain = '{self.window.grain}' and period_start_date = date '{self.window.start}' "
            "and purpose = 'value'"
        )
        self.connection.execute(
            f"create or replace table {_numbered(counted.relation)} as select *, {number} as _number "
            f"from {self.lineage.relation(counted.relation)} {within if ours else ''}"
        )

    def _give(self, name: str, rows: str) -> None:
        self.connection.execute(f"create or replace view memory.again.{name} as {rows}")
        self.made.add(name)

    def _chain(self, model: str, counted: Sequence[Counted]) -> list[str]:
        between = [name for each in counted for name in each.through if name != model]
        return [*dict.fromkeys(between), model]

    def _run(self, chain: Iterable[str]) -> None:
        for name in chain:
            sql = self.lineage.sql(name)
            for made in self.made:
                sql = sql.replace(self.lineage.relation(made), f"memory.again.{made}")
            self._give(name, sql)

    def _marked(self, model: str, column: str, component: str, counted: Sequence[Counted]) -> list[Found]:
        """What the marks say that came out: rows by relation, with their values and days."""
        columns = self.lineage.columns(model)
        value = column or _first(VALUES, columns)
        date = next((name for name in DATES if name in columns), None)
        scoped = "scope_type" in columns
        if scoped:
            mark, scope = "scope_id", "scope_id"
            condition = self._period(columns) + f" and scope_type = '{self._marked_scope(counted)}'"
        else:
            dimensions = [name for name in DIMENSIONS if name in columns]
            mark = f"list_filter([{', '.join(dimensions)}], each -> contains(each, chr(31)))[1]"
            scope = next((name for name, kind in DIMENSIONS.items() if kind == self.window.scope_type), "")
            condition = f"{date} between date '{self.window.first}' and date '{self.window.last}'"
        if not column:
            condition += f" and {_first(CODES, columns)} = '{component}'"
        if self.window.scope_type != "company":
            condition += f" and split_part({scope}, chr(31), 1) = {quoted(self.window.scope_id)}"
        if "record_code" not in columns:
            condition += f" and {value} <> 0"
        day = date if date and not scoped else "cast(null as date)"
        rows = self.connection.execute(
            f"select cast(split_part({mark}, chr(31), 2) as bigint), cast(split_part({mark}, chr(31), 3) as bigint), "
            f"{day}, cast({value} as double) from memory.again.{model} where {condition} and contains({mark}, chr(31)) "
            "order by all"
        ).fetchall()
        found = [Found(each.relation) for each in counted]
        for place, number, on_day, amount in rows:
            each = found[place]
            each.rows[number] = None if amount is None else (each.rows.get(number) or 0) + amount
            if on_day is not None:
                each.on[number] = on_day
            if on_day is not None and amount is not None:
                each.days[on_day] = each.days.get(on_day, 0) + amount
        return [each for each in found if each.rows]

    def _marked_scope(self, counted: Sequence[Counted]) -> str:
        """The type of scope the marks are read at: the one asked for; for the company, the first that carries them."""
        marks = counted[0].marks
        if self.window.scope_type != "company" or "scope_id" in marks:
            return self.window.scope_type
        return next(kind for name, kind in DIMENSIONS.items() if any(mark.endswith(name) for mark in marks))

    def _leave_out(self, model: str, component: str, counted: Sequence[Counted]) -> list[Found]:
        """Blocks of rows without which the component is another one."""
        found = []
        for each in counted:
            self._give(each.relation, f"select * exclude (_number) from {_numbered(each.relation)}")
        self._run(self._chain(model, counted))
        whole = self._value(model, component)
        for each in counted:
            kept = Found(each.relation)
            numbers = self.connection.execute(
                f"select distinct _number from {_numbered(each.relation)} order by all"
            ).fetchall()
            for (number,) in numbers:
                rows = f"select * exclude (_number) from {_numbered(each.relation)}"
                self._give(each.relation, f"{rows} where _number <> {number}")
                if self._value(model, component) != whole:
                    kept.rows[number] = None
            self._give(each.relation, f"select * exclude (_number) from {_numbered(each.relation)}")
            if kept.rows:
                found.append(kept)
        return found

    def _value(self, model: str, code: str) -> float | None:
        """The component of the scope and period, of what was run last."""
        columns = self.lineage.columns(model)
        condition = f"{_first(CODES, columns)} = '{code}'"
        value = _first(VALUES, columns)
        if "scope_type" in columns:
            condition += f" and scope_type = '{self.window.scope_type}' and scope_id = {quoted(self.window.scope_id)}"
            condition += f" and {self._period(columns)}"
        else:
            date = _first(DATES, columns)
            condition += f" and {date} between date '{self.window.first}' and date '{self.window.last}'"
            scope = next((name for name, kind in DIMENSIONS.items() if kind == self.window.scope_type), None)
            condition += f" and {scope} = {quoted(self.window.scope_id)}" if scope else ""
        row = self.connection.execute(
            f"select cast(sum({value}) as double) from memory.again.{model} where {condition}"
        ).fetchone()
        return row[0] if row else None

    def _period(self, columns: Sequence[str]) -> str:
        window = self.window
        if "month_date" in columns:
            # what is measured by the month stands as at the last one that has begun
            return f"month_date = date '{window.last.replace(day=1)}'"
        return f"period_grain = '{window.grain}' and period_start_date = date '{window.start}'" + (
            " and purpose = 'value'" if "purpose" in columns else ""
        )


def _numbered(relation: str) -> str:
    return f"memory.again.numbered_{relation}"


def _first(names: Sequence[str], columns: Sequence[str]) -> str:
    return next(name for name in names if name in columns)


def rows_of(
    connection: duckdb.DuckDBPyConnection, lineage: Lineage, found: Found
) -> list[tuple[int, Mapping[str, object]]]:
    """The rows found, each with its number, in the order of their keys."""
    grain = ", ".join(lineage.grain(found.relation))
    return _numbered_rows(
        connection.execute(f"select _number, * exclude (_number) from {_kept(found)} as kept order by {grain}, _number")
    )


def rows_under(
    connection: duckdb.DuckDBPyConnection, lineage: Lineage, found: Found, fact: str
) -> list[tuple[int, Mapping[str, object]]]:
    """The rows of a fact that the rows found are made of, each with the number of the row it is under."""
    said = lineage.meta(found.relation)["made_of"][fact]
    theirs = ", ".join(f"{column} as _by_{place}" for place, column in enumerate(said["by"].values()))
    same = " and ".join(f"facts._by_{place} = kept.{column}" for place, column in enumerate(said["by"]))
    return _numbered_rows(
        connection.execute(
            f"select kept._number, facts.* "
            f"from (select *, {theirs} from {lineage.relation(fact)} where {said['where']}) as facts "
            f"inner join {_kept(found)} as kept on {same} order by all"
        )
    )


def _kept(found: Found) -> str:
    return f"(select * from {_numbered(found.relation)} where _number in ({', '.join(map(str, found.rows))}))"


def _numbered_rows(cursor: duckdb.DuckDBPyConnection) -> list[tuple[int, Mapping[str, object]]]:
    names = [column[0] for column in cursor.description or ()][1:]
    return [(row[0], dict(zip(names, row[1:], strict=True))) for row in cursor.fetchall()]
