"""The suite of the raw gate: what the contract asks of each landed table, as checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.contract import Column
from warehouse.expectations.changes import Changes
from warehouse.expectations.checks import Check
from warehouse.expectations.clock import Clock, hours_between, local
from warehouse.expectations.landing_assets import FEW, UNREAD, Assets, day_of, rows_of
from warehouse.expectations.rhythm import last_week, missing_days, missing_months
from warehouse.expectations.rules import KINDS, Limits, limit, on_breach
from warehouse.expectations.standing import Landed
from warehouse.rebuilding import identifier

EARLIEST = dt.date(2000, 1, 1)
AHEAD = dt.timedelta(days=1)  # clocks of systems and machines differ
DELIVERIES, NEARLY_EVERY = 3, 0.8  # deliveries that teach what comes together, and share of them it came in


@dataclass(frozen=True)
class Measure:
    """A number about a landed table, and the check it is for."""

    value: float | None
    check: Check


class Suite:
    """The checks of one landed table."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        assets: Assets,
        siblings: Sequence[Landed],
        clock: Clock,
        learned: Limits,
        *,
        short_ids: bool = False,
    ) -> None:
        self.connection = connection
        self.assets = assets
        self.landed = assets.landed
        self.table = assets.landed.table
        self.siblings = siblings
        self.clock = clock
        self.learned = learned
        self.short_ids = short_ids

    @property
    def _measured(self) -> str:
        return f"{self.landed.instance}__measured"

    def of_rows(self) -> Iterator[Check]:
        """Checks of the rows as they stand."""
        if self.table.is_needed or self.assets.rows:
            yield self._check("rows", "ExpectTableRowCountToBeBetween", low=limit(self.table, "rows"))
        if self.assets.before:
            wanted = [column.name for column in self.assets.columns] + self.assets.vanished
            yield self._check(
                "schema", "ExpectTableColumnsToMatchSet", {"column_set": wanted, "exact_match": False}, measured=False
            )
        if not self.assets.rows:
            return
        for column in self.assets.columns:
            yield from self._of_column(column)

    def _of_column(self, column: Column) -> Iterator[Check]:
        if column.required and column.name not in self.table.grain:
            yield self._check(
                "filled",
                "ExpectColumnProportionOfNonNullValuesToBeBetween",
                {"column": column.name},
                column=column.name,
                low=limit(self.table, "filled"),
            )
        bounds = self._bounds(column)
        if bounds and column.name in self.assets.filled:
            yield self._check(
                "range",
                "ExpectColumnValuesToBeBetween",
                {"column": column.name, **bounds, "mostly": 1 - limit(self.table, "range")},
                column=column.name,
                high=limit(self.table, "range"),
                measured=False,
            )

    def _bounds(self, column: Column) -> dict[str, Any]:
        if column.name in (self.table.business_time, self.table.modified_at):
            latest = self.landed.newest_at + AHEAD
            if column.data_type == "date":
                return {"min_value": EARLIEST, "max_value": latest.date()}
            return {"min_value": dt.datetime.combine(EARLIEST, dt.time()), "max_value": latest}
        bounds = {"min_value": column.low, "max_value": column.high}
        return {name: bound for name, bound in bounds.items() if bound is not None}

    def measures(self) -> Iterator[Measure]:
        """Numbers of the table that no expectation takes from its rows, with their checks."""
        yield from self._of_time()
        yield from self._of_types()
        if self.table.grain and self.assets.rows:
            yield self._measure("keys", self._broken_keys(), high=limit(self.table, "keys"))
        if not self.table.grain and self.assets.rows:
            yield self._measure("duplicates", self._repeated(), high=limit(self.table, "duplicates"))
        if self.table.balance and self.assets.rows:
            yield self._measure("balance", self._unbalanced(), high=limit(self.table, "balance"))
        yield from self._of_references()
        yield from self._of_change()
        yield from self._of_rhythm()

    def _of_time(self) -> Iterator[Measure]:
        fresh, newest = self.table.freshness, self.landed.newest_at
        since = self._local_day(newest)
        if fresh.stale_hours:
            age = self._hours(newest, self.clock.checked_at, in_business_days=fresh.in_business_days)
            yield self._measure("freshness", age, high=fresh.stale_hours, from_date=since)
        moment = self._newest_moment()
        if fresh.quiet_hours and moment:
            age = self._hours(moment, newest, in_business_days=True)
            day = self._local_day(moment) + dt.timedelta(days=1)
            yield self._measure("silence", age, high=fresh.quiet_hours, from_date=day)
        times = sorted({at for sibling in self.siblings for each in sibling.deliveries for at in each.times})
        mine = {at for each in self.landed.deliveries for at in each.times}
        earlier = {at for at in times[:-1] if at >= min(mine)}
        # what came nearly every time with the others is expected to; lists that change once a year are not
        if len(earlier) >= DELIVERIES and len(mine & earlier) >= NEARLY_EVERY * len(earlier):
            behind = (times[-1] - newest).total_seconds() / 3600
            yield self._measure("delivery", behind, high=limit(self.table, "delivery"), from_date=since)

    def _of_references(self) -> Iterator[Measure]:
        landed = {sibling.table.name: sibling for sibling in self.siblings}
        for column in self.assets.columns:
            if column.refers_to is None or column.refers_to[0] not in landed or not self.assets.rows:
                continue
            target, names = column.refers_to
            there = landed[target]
            # who left the list of users is still known by name, an inactive rep
            deliveries = there.deliveries if there.table.entity == "users" else there.standing
            # ids of some systems come in a short and in a full form
            cell = "left({}, 15)" if self.short_ids else "lower({})"
            known = " union ".join(
                f"select {cell.format(_joined(name))} as found from ({rows_of(there, deliveries)})" for name in names
            )
            (row,) = self.connection.execute(
                f"select count(*), count(found) from {identifier(self.landed.asset)} "
                f"left join ({known}) on {cell.format(identifier(column.name))} = found "
                f"where {identifier(column.name)} is not null"
            ).fetchall()
            if row[0] >= FEW:
                low = limit(self.table, "match_rate")
                yield self._measure("match_rate", row[1] / row[0], low=low, column=column.name)

    def _of_change(self) -> Iterator[Measure]:
        for change in Changes(self.connection, self.assets).found():
            yield self._measure(change.rule, change.value, **change.more)

    def _of_rhythm(self) -> Iterator[Measure]:
        name = self.table.business_time or self.table.modified_at
        if self.table.rhythm is None or name not in {column.name for column in self.assets.columns}:
            return
        column = next(each for each in self.assets.columns if each.name == name)
        counts = self._days(column)
        last = self._local_day(self.landed.newest_at) - dt.timedelta(days=1)
        holidays = self.clock.holidays
        if self.table.rhythm == "months":
            lacking = missing_months(counts)
        else:
            lacking = missing_days(
                counts, last, holidays, every_day=self.table.rhythm == "days", trailing=self.table.kind == "crm"
            )
        yield self._measure(
            "missing_days",
            float(len(lacking)),
            high=limit(self.table, "missing_days"),
            from_date=min(lacking, default=None),
            to_date=max(lacking, default=None),
            note=f"first {min(lacking)}" if lacking else "",
        )
        if self.table.rhythm == "months":
            return
        week = last_week(counts, last if self.table.kind == "crm" else min(last, max(counts, default=last)), holidays)
        if week:
            yield self._measure(
                "volume", week.observed, low=week.low, high=week.high, from_date=week.first, to_date=week.last
            )

    def _of_types(self) -> Iterator[Measure]:
        """One check of a table whose values are all of their types, else one of each column that has others."""
        typed = [column.name for column in self.assets.columns if column.data_type != "varchar"]
        if not typed or not self.assets.rows:
            return
        shares = ", ".join(f"coalesce(avg({identifier(name + UNREAD)}), 0)" for name in typed)
        (row,) = self.connection.execute(f"select {shares} from {identifier(self.landed.asset)}").fetchall()
        most = limit(self.table, "castable")
        amiss = [(name, share) for name, share in zip(typed, row, strict=True) if share > most]
        for name, share in amiss or ((None, max(row)),):
            yield self._measure("castable", share, high=most, column=name)

    def _broken_keys(self) -> float:
        """Rows without a key, and those of a file that share one and are not the same."""
        asset = identifier(self.landed.asset)
        (row,) = self.connection.execute(
            f"select (select count(*) from {asset} where _is_keyless) + (select coalesce(sum(many), 0) from ("
            f"select count(*) as many from {asset} where not _is_keyless "
            "group by _load_id, _key having count(distinct _content) > 1))"
        ).fetchall()
        return float(row[0]) / self.assets.rows

    def _repeated(self) -> float:
        (row,) = self.connection.execute(
            f"select count(*) - count(distinct _content) from {identifier(self.landed.asset)}"
        ).fetchall()
        return float(row[0]) / self.assets.rows

    def _unbalanced(self) -> float | None:
        balance = self.table.balance
        there = {column.name for column in self.assets.columns}
        if balance is None or not {*balance.by} <= there:
            return None
        sides = []
        if {balance.debit, balance.credit} <= there:
            sides.append(f"coalesce({balance.debit}, 0) - coalesce({balance.credit}, 0)")
        if {balance.amount, balance.side} <= there:
            debits = ", ".join(f"'{each}'" for each in balance.debits)
            sides.append(
                f"case when upper(trim({balance.side})) in ({debits}) then 1 else -1 end "
                f"* coalesce({balance.amount}, 0)"
            )
        if not sides:
            return None
        keys = ", ".join(identifier(name) for name in balance.by)
        (row,) = self.connection.execute(
            f"select count(*) from (select 1 from {identifier(self.landed.asset)} group by {keys} "
            f"having sum({' + '.join(sides)}) <> 0)"
        ).fetchall()
        return float(row[0])

    def _days(self, column: Column) -> dict[dt.date, int]:
        name = identifier(column.name)
        day = day_of(column, name)
        # increments hold a row again when it changed
        rows_of_day = "count(distinct _key)" if self.table.grain and len(self.landed.standing) > 1 else "count(*)"
        rows = self.connection.execute(
            f"select {day}, {rows_of_day} from {identifier(self.landed.asset)} "
            f"where {name} <= _delivered_at group by 1 having {day} is not null"
        ).fetchall()
        return dict(rows)

    def _newest_moment(self) -> dt.datetime | None:
        names = [
            column.name
            for column in self.assets.columns
            if column.name in (self.table.business_time, self.table.modified_at)
        ]
        if not names:
            return None
        newest = ", ".join(f"max(case when {identifier(n)} <= _delivered_at then {identifier(n)} end)" for n in names)
        (row,) = self.connection.execute(f"select {newest} from {identifier(self.landed.asset)}").fetchall()
        moments = [
            each if isinstance(each, dt.datetime) else dt.datetime.combine(each, dt.time()) for each in row if each
        ]
        return max(moments, default=None)

    def _hours(self, start: dt.datetime, end: dt.datetime, *, in_business_days: bool) -> float:
        return hours_between(start, end, self.clock) if in_business_days else (end - start).total_seconds() / 3600

    def _local_day(self, moment: dt.datetime) -> dt.date:
        return local(moment, self.clock.time_zone).date()

    def _check(
        self,
        rule: str,
        expectation: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        measured: bool = True,
        low: float | None = None,
        high: float | None = None,
        measures: str | None = None,
        asset: str | None = None,
        **more: Any,
    ) -> Check:
        learned = self.learned.get((rule, self.landed.instance, self.table.name, more.get("column")))
        low, high = learned or (low, high)
        bounds = {"min_value": low, "max_value": high} if measured else {}
        return Check(
            subject=self.landed.subject,
            rule=rule,
            on_breach=on_breach(self.table, rule),
            asset=asset or self.landed.asset,
            expectation=expectation,
            arguments={**(arguments or {}), **{name: bound for name, bound in bounds.items() if bound is not None}},
            measures=measures or KINDS[rule].measures,
            unit=KINDS[rule].unit,
            low=low,
            high=high,
            **more,
        )

    def _measure(self, rule: str, value: float | None, **more: Any) -> Measure:
        cell = ".".join(part for part in (self.table.name, more.get("column"), rule) if part)
        check = self._check(rule, "ExpectColumnMaxToBeBetween", {"column": cell}, asset=self._measured, **more)
        return Measure(value, check)


def write_measures(connection: duckdb.DuckDBPyConnection, measures: Sequence[Measure]) -> list[Check]:
    """The checks of some numbers, which stand in the one row of an asset of each instance."""
    told = [each for each in measures if each.value is not None]
    for asset in dict.fromkeys(each.check.asset for each in told):
        mine = [each for each in told if each.check.asset == asset]
        cells = ", ".join(f"{each.value!r}::double as {identifier(each.check.arguments['column'])}" for each in mine)
        connection.execute(f"create table {identifier(asset)} as select {cells}")
    return [each.check for each in told]


def _joined(name: str) -> str:
    """A column, or several with a space between."""
    return f"concat_ws(' ', {', '.join(identifier(each) for each in name.split())})"
