"""Which loads of each landed table the figures stand on, which came last, and which they replaced."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import duckdb

from warehouse.contract import System, Table
from warehouse.expectations.checks import Subject

# as the macro `known_loads`: bytes read by an older recipe give way to the same bytes read by the newest one
KNOWN = """
select
    source_system, table_name, source_instance, content_load_id, arg_max(path, extracted_at) as path, mode,
    max(extracted_at) as delivered_at, list(distinct extracted_at) as times,
    arg_max(date_order, loaded_at) as date_order,
    arg_max(decimal_mark, loaded_at) as decimal_mark, arg_max(time_zone, loaded_at) as time_zone
from (
    select * from raw.main.loads
    where state in ('loaded', 'unchanged') and extracted_at <= coalesce(?, timestamp '9999-12-31')
        and loaded_at <= coalesce(?, timestamp '9999-12-31')
    qualify recipe = max_by(recipe, loaded_at)
        over (partition by source_system, table_name, source_instance, sha256, mode)
)
group by source_system, table_name, source_instance, content_load_id, mode
order by source_system, source_instance, table_name, delivered_at, path
"""


@dataclass(frozen=True)
class Delivered:
    """The content of one file of a table, when it was delivered (last), and how its texts are read."""

    load_id: str
    path: str
    is_increment: bool
    delivered_at: dt.datetime
    times: tuple[dt.datetime, ...]
    date_order: str | None
    decimal_mark: str | None
    time_zone: str | None


@dataclass(frozen=True)
class Landed:
    """A table of an instance: all that was delivered of it, oldest first."""

    table: Table
    instance: str
    deliveries: Sequence[Delivered]

    @property
    def subject(self) -> Subject:
        """What checks of it are about."""
        return Subject(self.table.name, self.table.owner, self.table.system, self.instance, self.table.entity)

    @property
    def asset(self) -> str:
        """Name of its rows among the assets."""
        return f"{self.instance}__{self.table.name}"

    @property
    def newest_at(self) -> dt.datetime:
        """When the newest of it was made, UTC."""
        return self.deliveries[-1].delivered_at

    @property
    def standing(self) -> list[Delivered]:
        """What its rows as they stand are found in; of a table by days some rows of older ones still stand."""
        if self.table.mode == "increment":
            return list(self.deliveries)
        if self.table.partition_pattern:
            return [
                each for group in self._partitions() for each in group if each.delivered_at == group[-1].delivered_at
            ]
        if self.table.partition_by:
            return list(self.deliveries)
        whole = [each.delivered_at for each in self.deliveries if not each.is_increment]
        return [each for each in self.deliveries if not whole or each.delivered_at >= max(whole)]

    @property
    def newest(self) -> list[Delivered]:
        """The newest delivery."""
        return [each for each in self.deliveries if each.delivered_at == self.newest_at]

    @property
    def before(self) -> list[Delivered]:
        """What the newest delivery is compared with: the one before, of the same partition where there are some."""
        newest = self.newest
        if self.table.partition_pattern:
            mine = {self.partition(each) for each in newest}
            groups = [group for group in self._partitions() if self.partition(group[0]) in mine]
            found = []
            for group in groups:
                times = [each.delivered_at for each in group if each.delivered_at < self.newest_at]
                found += [each for each in group if times and each.delivered_at == max(times)]
            return found
        # a file of changes says nothing of a whole export, and the other way round
        older = [
            each
            for each in self.deliveries
            if each.delivered_at < self.newest_at and each.is_increment == newest[0].is_increment
        ]
        if self.table.mode == "increment":
            return older
        return [each for each in older if each.delivered_at == older[-1].delivered_at]

    @property
    def compared(self) -> list[Delivered]:
        """Of the newest delivery what there is something before of; a year that did not change has nothing."""
        parts = {self.partition(each) for each in self.before}
        return [each for each in self.newest if self.partition(each) in parts]

    @property
    def replayed_from(self) -> dt.datetime | None:
        """When all of the newest delivery came before, with something else of it since; None where it did not."""
        earliest = []
        for each in self.newest:
            others = [
                other.times
                for other in self.deliveries
                if other != each and self.partition(other) == self.partition(each)
            ]
            again = [at for at in each.times if any(at < time < self.newest_at for times in others for time in times)]
            if not again:
                return None
            earliest.append(max(again))
        return min(earliest, default=None)

    def partition(self, delivered: Delivered) -> str:
        """What part of the table a file holds, such as a fiscal year; empty where all of them hold the whole."""
        found = re.search(self.table.partition_pattern or "$", delivered.path)
        return found[0] if found else ""

    def _partitions(self) -> list[list[Delivered]]:
        ordered = sorted(self.deliveries, key=lambda each: (self.partition(each), each.delivered_at))
        return [list(group) for _, group in groupby(ordered, key=self.partition)]


def landed_tables(
    connection: duckdb.DuckDBPyConnection,
    systems: Mapping[str, System],
    known_at: dt.datetime | None = None,
    landed_by: dt.datetime | None = None,
) -> list[Landed]:
    """Every table of the contract that something was delivered of: made up to a moment, loaded up to another, UTC."""
    rows = connection.execute(KNOWN, [known_at, landed_by]).fetchall()
    found = []
    for (system, instance, name), group in groupby(rows, key=lambda row: (row[0], row[2], row[1])):
        table = systems[system].tables.get(name) if system in systems else None
        if table is None:
            continue  # of a contract that named more tables
        deliveries = [
            Delivered(load_id, path, mode == "increment", at, tuple(times), order, mark, zone)
            for _, _, _, load_id, path, mode, at, times, order, mark, zone in group
        ]
        found.append(Landed(table, instance, deliveries))
    return found
