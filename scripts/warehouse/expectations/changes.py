"""What came last beside what came before: rows that are gone, times, amounts and currencies that are others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.contract import Column
from warehouse.expectations.clock import Clock, local
from warehouse.expectations.landing_assets import ENOUGH, Assets, day_of, rows_of
from warehouse.expectations.rules import limit
from warehouse.expectations.standing import Delivered
from warehouse.rebuilding import identifier
from warehouse.rendering import read_as

FEW = 20  # rows of which one more or less says nothing
RECENT = dt.timedelta(days=28)  # days of which records should not go any more
WEEK = dt.timedelta(days=6)  # from the first day of one to its last
SOME = 5  # records of such a day or week below which one or two say nothing
MANY = 200_000  # rows of which a part is looked at where each has to be found again


@dataclass(frozen=True)
class Change:
    """What a rule measured, and what its check says more: limits, the column, the days it is about."""

    rule: str
    value: float
    more: Mapping[str, Any]


class Changes:
    """The newest delivery of a table beside the one it is compared with."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, assets: Assets, clock: Clock) -> None:
        self.connection = connection
        self.assets = assets
        self.landed = assets.landed
        self.table = assets.landed.table
        self.clock = clock

    def found(self) -> Iterator[Change]:
        """Every comparison that there is enough for."""
        newest, before = self.assets.newest, self.assets.before
        if not newest or not before or before.rows < FEW:
            return
        # of days and of changes a delivery holds as many as there are
        is_whole = self.table.mode == "snapshot" and not self.landed.newest[0].is_increment
        if is_whole and (self.table.grain or self.table.partition_pattern):
            left, held = self._smallest()
            low = limit(self.table, "truncated")
            yield _change("truncated", left / held, low=low, note=f"{left:,} of {held:,}")
        lost = self._lost() if is_whole else None
        if lost:
            first, last, share = lost
            yield _change("lost", share, high=limit(self.table, "lost"), from_date=first, to_date=last)
        if newest.rows < FEW:
            return
        if self.table.mode == "snapshot":
            again = self.landed.replayed_from
            age = (self.landed.newest_at - again).total_seconds() / 3600 if again else 0.0
            yield _change("replayed", age, high=limit(self.table, "replayed"))
        for column in self._timed():
            shifted = self._shifted(column)
            if shifted is not None:
                yield _change("shifted_times", shifted, high=limit(self.table, "shifted_times"), column=column.name)
        money = {column.name for column in self.table.columns if column.is_money}
        for name, was in before.columns.items():
            if name not in newest.columns or was.filled < ENOUGH:
                continue
            now = newest.columns[name]
            yield _change(
                "emptied", before.share(name) - newest.share(name), high=limit(self.table, "emptied"), column=name
            )
            if now.middle and was.middle and min(now.filled, was.filled) >= ENOUGH:
                rule = "scale" if name in money else "magnitude"
                most = limit(self.table, rule)
                yield _change(rule, now.middle / was.middle, low=1 / most, high=most, column=name)
            if now.currencies and was.currencies:
                moved = _moved(now.currencies, was.currencies)
                yield _change("mix", moved, high=limit(self.table, "mix"), column=name)

    def _timed(self) -> list[Column]:
        """Columns of times that a record keeps."""
        if not self.table.grain or self.table.mode == "increment":
            return []
        return [each for each in self.assets.columns if each.name == self.table.business_time or each.is_creation]

    def _shifted(self, time: Column) -> float | None:
        """Share of the records of the delivery before that have another time now: another zone, days read otherwise.

        None where too few records are in both.
        """
        newest, before = (
            f"select _key, any_value({read_as(identifier(time.name), time.data_type)}) as _time "
            f"from ({self._sampled(deliveries)}) group by all"
            for deliveries in (self.landed.newest, self.landed.before)
        )
        (row,) = self.connection.execute(
            "select count(*), count(*) filter (newest._time <> before._time) "
            f"from ({newest}) as newest inner join ({before}) as before using (_key) "
            "where newest._time is not null and before._time is not null"
        ).fetchall()
        return row[1] / row[0] if row[0] >= FEW else None

    def _lost(self) -> tuple[dt.date, dt.date, float] | None:
        """The recent day or last week that lost most of the records the delivery before had, and their share.

        Records are told by their key; those of a table by days, which has none, by their number where a day came again.
        None where too few were there.
        """
        named = self.table.business_time or next(iter(self.table.partition_by), None)
        time = next((column for column in self.assets.columns if column.name == named), None)
        if time is None or not (self.table.grain or self.table.partition_by):
            return None
        newest, before = self._sampled(self.landed.newest), self._sampled(self.landed.before)
        day = day_of(time, read_as(identifier(time.name), time.data_type), self.clock.time_zone)
        last = local(self.landed.before[-1].delivered_at, self.clock.time_zone).date() - dt.timedelta(days=1)
        recent = f"_day between date '{last - RECENT}' and date '{last}'"
        if self.table.grain:
            counted = (
                "select _day, count(*) as _held, count(*) filter (_is_gone) as _lost from ("
                f"select _day, _key not in (select _key from ({newest})) as _is_gone "
                f"from (select distinct {day} as _day, _key from ({before})) where {recent}) group by all"
            )
        else:
            sides = [f"select {day} as _day, count(*) as _rows from ({each}) group by all" for each in (before, newest)]
            counted = (
                "select _day, before._rows as _held, greatest(before._rows - newest._rows, 0) as _lost "
                f"from ({sides[0]}) as before inner join ({sides[1]}) as newest using (_day) where {recent}"
            )
        found = self.connection.execute(
            f"with counted as ({counted}), spans as (select _day as _first, _day as _last, _held, _lost from counted "
            f"union all select date '{last - WEEK}', date '{last}', sum(_held), sum(_lost) from counted "
            f"where _day >= date '{last - WEEK}') "
            f"select _first, _last, _lost / _held from spans where _held >= {SOME} order by 3 desc, 1 limit 1"
        ).fetchall()
        return (found[0][0], found[0][1], float(found[0][2])) if found else None

    def _sampled(self, deliveries: Sequence[Delivered]) -> str:
        """Rows of some deliveries with the hash of their key; of millions of records some tell as much as all."""
        rows = rows_of(self.landed, deliveries)
        if not self.table.grain:
            return rows
        key = ", ".join(identifier(name) for name in self.table.grain)
        one_in = 1 + (self.assets.newest.rows if self.assets.newest else 0) // MANY
        return f"select *, hash({key}) as _key from ({rows}) where hash({key}) % {one_in} = 0"

    def _smallest(self) -> tuple[int, int]:
        """Rows now and before: of the table, or of its part that lost most of them."""
        counted = []
        for deliveries in (self.landed.newest, self.landed.before):
            rows = self.connection.execute(
                f"select _load_id, count(*) from ({rows_of(self.landed, deliveries)}) group by all"
            ).fetchall()
            by_load = dict(rows)
            parts: dict[str, int] = {}
            for each in deliveries:
                part = self.landed.partition(each)
                parts[part] = parts.get(part, 0) + by_load.get(each.load_id, 0)
            counted.append(parts)
        now, before = counted
        return min(((now[part], before[part]) for part in now if before.get(part)), key=lambda each: each[0] / each[1])


def _change(rule: str, value: float, **more: Any) -> Change:
    return Change(rule, value, more)


def _moved(now: Mapping[str, int], was: Mapping[str, int]) -> float:
    """Share of the rows that would have to change their value to make one of the other."""
    total_now, total_was = sum(now.values()), sum(was.values())
    both = {*now, *was}
    return sum(abs(now.get(each, 0) / total_now - was.get(each, 0) / total_was) for each in both) / 2
