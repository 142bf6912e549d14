"""What is usual for each landed table, by its own past: rows a day and in all, empty cells, the middle of its numbers.

A limit is the median of earlier values, more or less `TIMES` their spread; the spread is the median distance from the
median (MAD), and never less than what chance makes of so few rows. With too little past there is no limit.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import duckdb

from warehouse.contract import Column, System
from warehouse.expectations.checks import Check, Result, Subject
from warehouse.expectations.landing_assets import UNREAD, day_of, local_day
from warehouse.expectations.rules import KINDS, on_breach
from warehouse.expectations.standing import Landed, landed_tables
from warehouse.rebuilding import identifier

TIMES = 6.0  # spreads away from the median that are no longer usual
NORMAL = 1.4826  # spreads of a normal distribution in one MAD
MINIMUM_PAST = 8  # earlier values without which nothing is usual
PAST_WEEKS = 13
PAST_MONTHS = 12
PAST_RUNS = 20
FEW = 7  # rows of a day: chance leaves one in a thousand such days without any
JUDGED_DAYS = 7  # whole days before the newest export
RECENT_DAYS = 28  # rows that tell how many cells are empty
MIDDLE_DAYS = 91  # and what is the middle: months end otherwise than they begin
FEW_NUMBERS = 30  # fewer have no middle worth a word
FLOORS = {"volume": 0.05, "growth": 0.05, "null_share": 0.05, "middle": 0.25}


@dataclass(frozen=True)
class Learnt:
    """What was found of a landed table (of a column of it), beside what its past lets expect.

    `low` and `high` are empty where there is too little past, or no such side. Shares are 0 to 1, other values rows or
    the column's own unit. The days are those of business time the finding is about; empty for all. The note says what
    was found on the last of them.
    """

    rule: str
    system: str
    instance: str
    table: str
    column: str | None
    value: float
    low: float | None = None
    high: float | None = None
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    note: str = ""

    @property
    def is_breach(self) -> bool:
        """Whether the value is not usual."""
        return _is_odd(self.value, self.low, self.high)

    @property
    def key(self) -> Key:
        """What earlier runs say of the same thing under."""
        return self.rule, self.instance, self.table, self.column


Key = tuple[str, str, str, str | None]


def learn(
    connection: duckdb.DuckDBPyConnection,
    systems: Mapping[str, System],
    holidays: Collection[dt.date] = (),
    known_at: dt.datetime | None = None,
) -> list[Learnt]:
    """Findings of every landed table that the raw gate made an asset of, breaches or not.

    The connection is of the assets and has raw attached as `raw`. Days come from the rows themselves, what has no day
    (totals, empty cells, middles) from `checks` of earlier runs.
    """
    past = _earlier_runs(connection, known_at)
    return [
        found
        for landed in landed_tables(connection, systems, known_at)
        for found in _table(connection, landed, holidays, past)
    ]


def results_of(learnt: Iterable[Learnt], systems: Mapping[str, System]) -> list[Result]:
    """The same as results of checks, of a contract."""
    found = []
    for each in learnt:
        table, kind = systems[each.system].tables[each.table], KINDS[each.rule]
        check = Check(
            subject=Subject(table.name, table.owner, table.system, each.instance, table.entity),
            rule=each.rule,
            on_breach=on_breach(table, each.rule),
            asset=f"{each.instance}__{table.name}",
            expectation="",
            arguments={},
            measures=kind.measures,
            unit=kind.unit,
            column=each.column,
            low=each.low,
            high=each.high,
            from_date=each.from_date,
            to_date=each.to_date,
            note=each.note,
            is_learnt=True,
        )
        found.append(Result(check, passed=not each.is_breach, value=each.value))
    return found


def _is_odd(value: float, low: float | None, high: float | None) -> bool:
    return (low is not None and value < low) or (high is not None and value > high)


def usual(
    values: Sequence[float], floor: float, minimum: int = MINIMUM_PAST
) -> tuple[float, float] | tuple[None, None]:
    """Lowest and highest usual value after some earlier ones; `floor` is the smallest spread."""
    if len(values) < minimum:
        return None, None
    middle = median(values)
    spread = max(NORMAL * median(abs(value - middle) for value in values), floor)
    return middle - TIMES * spread, middle + TIMES * spread


def judge_days(
    counts: Mapping[dt.date, int], newest: dt.date, holidays: Collection[dt.date]
) -> Iterator[tuple[dt.date, float, float | None, float | None]]:
    """Each of the last days that a kind of its own tells what is usual of, with its rows and their limits.

    A day is held against earlier ones of its kind: a weekday, the last or the first working day of a month. Those of a
    month fall on any weekday: they count as they were and as they would have been on that of the day, and what is usual
    by one of both is usual.
    """
    if not counts:
        return
    first = min(counts)
    calendar = Calendar(holidays)
    of_kind: dict[str, list[dt.date]] = defaultdict(list)
    day = max(first, newest - dt.timedelta(days=31 * PAST_MONTHS))
    while day <= newest - dt.timedelta(days=JUDGED_DAYS):
        of_kind[calendar.kind(day)].append(day)
        day += dt.timedelta(days=1)
    past = {kind: days[-PAST_WEEKS:] for kind, days in of_kind.items()}
    rows = {kind: median(counts.get(each, 0) for each in days) for kind, days in past.items()}
    week = [newest - dt.timedelta(days=back) for back in reversed(range(JUDGED_DAYS))]
    for day in week:
        kind = calendar.kind(day)
        earlier = [counts.get(each, 0) for each in past.get(kind, ())]
        # with so few rows a day without any is chance, and one with many is somebody's import
        if kind == "holiday" or not earlier:
            continue
        on_its_weekday = [counts.get(each, 0) * _beside(rows, day, each) for each in past[kind]]
        limits = [usual(values, _chance(values)) for values in (earlier, on_its_weekday)]
        low = min((low for low, _ in limits if low is not None), default=None)
        high = max((high for _, high in limits if high is not None), default=None)
        if median(earlier) < FEW:
            # but where there are always as many, some are missing
            if len(set(earlier)) > 1:
                continue
            high = None
        yield day, float(counts.get(day, 0)), low, high


class Calendar:
    """Kinds of days: those of a kind are alike."""

    def __init__(self, holidays: Collection[dt.date]) -> None:
        self.holidays = frozenset(holidays)

    def works(self, day: dt.date) -> bool:
        """Whether people work."""
        return day.isoweekday() < 6 and day not in self.holidays

    def kind(self, day: dt.date) -> str:
        """A weekday, a holiday, or what the books of a month begin or end with."""
        if day in self.holidays:
            return "holiday"
        if self.works(day):
            if self._none_works(day, 1):
                return "month_end"
            if self._none_works(day, -1):
                return "month_start"
        elif day.day == 1 or (day + dt.timedelta(days=1)).day == 1:
            return "month_turn"  # the books of a month may end on a Sunday
        return _weekday(day)

    def _none_works(self, day: dt.date, step: int) -> bool:
        other = day + dt.timedelta(days=step)
        while other.month == day.month:
            if self.works(other):
                return False
            other += dt.timedelta(days=step)
        return True


def _beside(rows: Mapping[str, float], day: dt.date, other: dt.date) -> float:
    """How many times the rows of another day's weekday a day's own has; with few rows a weekday says nothing."""
    own, others = (rows.get(_weekday(each), 0) for each in (day, other))
    return own / others if min(own, others) >= FEW else 1


def _weekday(day: dt.date) -> str:
    return day.strftime("%a")


def _chance(counts: Sequence[float]) -> float:
    """What chance alone moves a count by: as much as it does a Poisson one, less where the past is steadier."""
    if not counts:
        return 1
    middle = median(counts)
    steady = 1.25 * sum(abs(count - middle) for count in counts) / len(counts)
    return max(min(math.sqrt(max(middle, 1)), steady), FLOORS["volume"] * middle, 1 / TIMES)


def _table(
    connection: duckdb.DuckDBPyConnection,
    landed: Landed,
    holidays: Collection[dt.date],
    past: Mapping[Key, Sequence[float]],
) -> list[Learnt]:
    table, instance = landed.table, landed.instance
    there = connection.execute(
        "select column_name from duckdb_columns() where database_name = current_database() and table_name = ?",
        [landed.asset],
    ).fetchall()
    columns = [column for column in table.columns if (column.name,) in there and column.data_type != "boolean"]
    time = next((column for column in columns if column.name == table.business_time), None)
    # what changes a row moves it to another day
    is_dated = time is not None and table.business_time != table.modified_at
    day = day_of(time, identifier(time.name)) if time is not None and is_dated else "cast(null as date)"
    # increments hold a row again when it changed
    versions = table.grain and len(landed.standing) > 1
    newest_version = "qualify row_number() over (partition by _key order by _delivered_at desc) = 1" if versions else ""
    standing = f"(select *, {day} as _day from {identifier(landed.asset)} {newest_version})"
    # an export that is made during a day does not hold all of it
    ((whole_day,),) = connection.execute(
        f"select max({local_day('_delivered_at')}) - 1 from {identifier(landed.asset)}"
    ).fetchall()
    if whole_day is None:
        return []
    found: list[Learnt] = []
    if is_dated:
        first = whole_day - dt.timedelta(days=31 * (PAST_MONTHS + 1))
        counts = dict(
            connection.execute(
                f"select _day, count(*) from {standing} where _day between ? and ? group by all", [first, whole_day]
            ).fetchall()
        )
        judged = list(judge_days(counts, whole_day, holidays))
        notes = {day: day_note(day, value, low, high) for day, value, low, high in judged if _is_odd(value, low, high)}
        limit = 0 if any(low is not None for _, _, low, _ in judged) else None
        if counts:
            found.append(
                Learnt(
                    *("volume_of_day", table.system, instance, table.name, None, float(len(notes)), None, limit),
                    *(min(notes, default=None), max(notes, default=None)),
                    note=notes[max(notes)] if notes else "",
                )
            )
    spans: dict[int, tuple[dt.date | None, dt.date | None]] = {
        days: (whole_day - dt.timedelta(days=days - 1), whole_day) if is_dated else (None, None)
        for days in (RECENT_DAYS, MIDDLE_DAYS)
    }
    recent, longer = (
        f"_day between date '{first}' and date '{last}'" if is_dated else "true" for first, last in spans.values()
    )
    measures = "".join(
        f", count({_filled(each)}) filter ({recent}), {_quarters(each, longer) if each.is_measure else 'null'}"
        for each in columns
    )
    ((rows_count, recent_count, *values),) = connection.execute(
        f"select count(*), count(*) filter ({recent}){measures} from {standing}"
    ).fetchall()
    if not rows_count:
        return found
    found.append(_grown(Learnt("growth", table.system, instance, table.name, None, float(rows_count)), past))
    for place, column in enumerate(columns):
        filled, quarters = values[2 * place], values[2 * place + 1]
        if recent_count:
            share = 1 - filled / recent_count
            learnt = Learnt("null_share", table.system, instance, table.name, column.name, share)
            found.append(_held(learnt, past, spans[RECENT_DAYS], math.sqrt(0.25 / recent_count)))
        if quarters is not None:
            learnt = Learnt("middle", table.system, instance, table.name, column.name, float(quarters[1]))
            # what the middle of so many numbers is known to
            known = 2 * (quarters[2] - quarters[0]) / math.sqrt(quarters[3])
            found.append(_held(learnt, past, spans[MIDDLE_DAYS], known))
    return found


def day_note(day: dt.date, value: float, low: float | None, high: float | None) -> str:
    """What was found on a day beside what is usual, to whole rows."""
    least = max(math.ceil(low or 0), 0)
    return (
        f"{day}: {value:,.0f}, {f'at least {least:,}' if high is None else f'{least:,} to {math.floor(high):,}'} usual"
    )


def _grown(learnt: Learnt, past: Mapping[Key, Sequence[float]]) -> Learnt:
    """Rows of a whole table beside how it grew from run to run."""
    earlier = [value for value in past.get(learnt.key, ()) if value > 0]
    steps = [after / before for before, after in pairwise(earlier)]
    floor = max(FLOORS["growth"], 1 / math.sqrt(earlier[-1])) if earlier else 1
    low, high = usual(steps, floor / TIMES * 2)
    if low is None or high is None:
        return learnt
    return replace(learnt, low=low * earlier[-1], high=high * earlier[-1])


def _held(
    learnt: Learnt,
    past: Mapping[Key, Sequence[float]],
    span: tuple[dt.date | None, dt.date | None],
    chance: float,
) -> Learnt:
    """A value beside those of earlier runs."""
    earlier = past.get(learnt.key, ())
    floor = FLOORS[learnt.rule]
    if learnt.rule == "middle":
        floor *= abs(median(earlier)) if earlier else 1
    low, high = usual(earlier, max(floor / 2, chance / 2))
    if learnt.rule == "null_share" and low is not None and high is not None:
        low, high = max(low, 0.0), min(high, 1.0)
    return replace(learnt, low=low, high=high, from_date=span[0], to_date=span[1])


def _earlier_runs(connection: duckdb.DuckDBPyConnection, known_at: dt.datetime | None) -> dict[Key, Sequence[float]]:
    """What earlier runs found, oldest first; of what failed nothing is learnt, until it has failed long enough."""
    rows = connection.execute(
        "select rule, source_instance, table_name, column_name, list(observed_value order by checked_at), "
        "list(status = 'passed' order by checked_at) from raw.main.checks "
        "where gate = 'raw' and observed_value is not null and rule in ('growth', 'null_share', 'middle') "
        "and checked_at < coalesce(?, timestamp '9999-12-31') "
        "group by rule, source_instance, table_name, column_name",
        [known_at],
    ).fetchall()
    return {(*key, column): learnt_from(values, passed) for *key, column, values, passed in rows}


def learnt_from(values: Sequence[float], passed: Sequence[bool]) -> Sequence[float]:
    """Values of earlier runs that say what is usual: those that passed, or the last ones when all of them failed."""
    if len(values) >= MINIMUM_PAST and not any(passed[-MINIMUM_PAST:]):
        return values[-MINIMUM_PAST:]
    return [value for value, is_usual in zip(values, passed, strict=True) if is_usual][-PAST_RUNS:]


def _quarters(column: Column, recent: str) -> str:
    """The quarters of the numbers of a column, and how many there are; null of too few."""
    number = f"cast({identifier(column.name)} as double)"
    quarters, count = (
        f"{each} filter ({recent})" for each in (f"quantile_cont({number}, [0.25, 0.5, 0.75])", f"count({number})")
    )
    return f"case when {count} >= {FEW_NUMBERS} then list_append({quarters}, {count}) end"


def _filled(column: Column) -> str:
    """A cell of an asset that is null where the exported one is empty; one that cannot be read is not empty."""
    return identifier(column.name if column.data_type == "varchar" else column.name + UNREAD)
