"""What came last beside what came before: rows that are gone, times, amounts and currencies that are others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.contract import Column
from warehouse.expectations.clock import local
from warehouse.expectations.landing_assets import ENOUGH, FEW, Assets, day_of, rows_of
from warehouse.expectations.rules import limit
from warehouse.rebuilding import identifier
from warehouse.rendering import read_as
from warehouse.settings import reporting_time_zone

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

    def __init__(self, connection: duckdb.DuckDBPyConnection, assets: Assets) -> None:
        self.connection = connection
        self.assets = assets
        self.landed = assets.landed
        self.table = assets.landed.table

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
        kept, dated = self._kept_times(), self._dated() if is_whole else None
        if kept or dated:
            self._sample(list(dict.fromkeys([*kept, *([dated] if dated else [])])))
        lost = self._lost(dated) if dated else None
        if lost:
            first, last, share = lost
            yield _change("lost", share, high=limit(self.table, "lost"), from_date=first, to_date=last)
        if newest.rows < FEW:
            return
        if self.table.mode == "snapshot":
            again = self.landed.replayed_from
            age = (self.landed.newest_at - again).total_seconds() / 3600 if again else 0.0
            yield _change("replayed", age, high=limit(self.table, "replayed"))
        for column, share in self._shifted(kept):
            yield _change("shifted_times", share, high=limit(self.table, "shifted_times"), column=column.name)
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

    def _kept_times(self) -> list[Column]:
        """Columns of times that a record keeps."""
        if not self.table.grain or self.table.mode == "increment":
            return []
        return [each for each in self.assets.columns if each.name == self.table.business_time or each.is_creation]

    def _dated(self) -> Column | None:
        """What says of which day a row is, where rows can be missed: by their key, or by the number of a day."""
        if not (self.table.grain or self.table.partition_by):
            return None
        named = self.table.business_time or next(iter(self.table.partition_by), None)
        return next((column for column in self.assets.columns if column.name == named), None)

    def _sample(self, times: Sequence[Column]) -> None:
        """Makes the tables `_newest` and `_before`: times of the rows of both, with the hash of the key of each record.

        Each delivery is read once. Of millions of records some tell as much as all.
        """
        cells = [(identifier(each.name), read_as(identifier(each.name), each.data_type)) for each in times]
        read = ", ".join(f"{cell} as {name}" for name, cell in cells)
        rest = ""
        if self.table.grain:
            key = f"hash({', '.join(identifier(name) for name in self.table.grain)})"
            one_in = 1 + (self.assets.newest.rows if self.assets.newest else 0) // MANY
            read = ", ".join([f"{key} as _key", *(f"any_value({cell}) as {name}" for name, cell in cells)])
            rest = f"where {key} % {one_in} = 0 group by 1"
        for name, deliveries in (("_newest", self.landed.newest), ("_before", self.landed.before)):
            self.connection.execute(
                f"create or replace temp table {name} as select {read} from ({rows_of(self.landed, deliveries)}) {rest}"
            )

    def _shifted(self, times: Sequence[Column]) -> Iterator[tuple[Column, float]]:
        """Share of the records of both deliveries that have another time now: another zone, days read otherwise.

        By column; of one that too few records have in both nothing is said.
        """
        if not times:
            return
        names = [identifier(each.name) for each in times]
        counts = ", ".join(
            f"count(_newest.{name} = _before.{name}), count(*) filter (_newest.{name} <> _before.{name})"
            for name in names
        )
        (row,) = self.connection.execute(
            f"select {counts} from _newest inner join _before on _newest._key = _before._key"
        ).fetchall()
        for column, both, other in zip(times, row[::2], row[1::2], strict=True):
            if both >= FEW:
                yield column, other / both

    def _lost(self, dated: Column) -> tuple[dt.date, dt.date, float] | None:
        """The recent day or last week that lost most of the records the delivery before had, and their share.

        Records are told by their key; those of a table by days, which has none, by their number where a day came again.
        None where too few were there.
        """
        day = day_of(dated, identifier(dated.name))
        last = local(self.landed.before[-1].delivered_at, str(reporting_time_zone())).date() - dt.timedelta(days=1)
        recent = f"_day between date '{last - RECENT}' and date '{last}'"
        if self.table.grain:
            counted = (
                "select _day, count(*) as _held, count(*) filter (_is_gone) as _lost from ("
                f"select {day} as _day, _key not in (select _key from _newest) as _is_gone from _before"
                f") where {recent} group by all"
            )
        else:
            before, newest = (
                f"(select {day} as _day, count(*) as _rows from {side} group by all)" for side in ("_before", "_newest")
            )
            counted = (
                "select _day, before._rows as _held, greatest(before._rows - newest._rows, 0) as _lost "
                f"from {before} as before inner join {newest} as newest using (_day) where {recent}"
            )
        found = self.connection.execute(
            f"with counted as ({counted}), spans as (select _day as _first, _day as _last, _held, _lost from counted "
            f"union all select date '{last - WEEK}', date '{last}', sum(_held), sum(_lost) from counted "
            f"where _day >= date '{last - WEEK}') "
            f"select _first, _last, _lost / _held from spans where _held >= {SOME} order by 3 desc, 1 limit 1"
        ).fetchall()
        return (found[0][0], found[0][1], float(found[0][2])) if found else None

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
