"""What is usual is learnt from the past of a table, and only where it has one."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from conftest import Site
from warehouse.contract import load_contract
from warehouse.expectations.clock import Clock
from warehouse.expectations.gates import past_findings, raw_checks, scratch
from warehouse.expectations.history import Learnt, day_note, judge_days, learnt_from, usual
from warehouse.landing import open_raw

NEWEST = dt.date(2026, 3, 31)  # a Tuesday, the last working day of its month
HOLIDAYS = {dt.date(2026, 1, 1)}


def working_days(months: int, rows: int, last: dt.date = NEWEST) -> dict[dt.date, int]:
    """About so many rows on each working day, three times as many on the last one of a month."""
    draws = random.Random(3)
    days = [last - dt.timedelta(days=back) for back in range(31 * months)]
    counts = {day: rows + draws.randint(-rows // 10, rows // 10) for day in days if day.isoweekday() < 6}
    for day in counts:
        following = day + dt.timedelta(days={5: 3}.get(day.isoweekday(), 1))
        if following.month != day.month:
            counts[day] *= 3
    return counts


def of_weekdays(rows: dict[int, int], last: dt.date) -> dict[dt.date, int]:
    """About so many rows on each working day of a year, by its weekday; else 25."""
    draws = random.Random(5)
    days = [last - dt.timedelta(days=back) for back in range(365)]
    usually = {day: rows.get(day.isoweekday(), 25) for day in days if day.isoweekday() < 6}
    return {day: count + draws.randint(-(count // 10), count // 10) for day, count in usually.items()}


def ends_of_months(counts: dict[dt.date, int]) -> set[dt.date]:
    return {
        day for day in counts if max(each for each in counts if (each.year, each.month) == (day.year, day.month)) == day
    }


def breaches(counts: dict[dt.date, int], newest: dt.date = NEWEST) -> list[dt.date]:
    return [
        day
        for day, value, low, high in judge_days(counts, newest, HOLIDAYS)
        if low is not None and high is not None and not low <= value <= high
    ]


def test_a_limit_is_the_median_and_its_distance_whatever_one_value_was() -> None:
    assert usual([10, 11, 9, 10, 12, 8, 10, 1_000], floor=0.1) == pytest.approx((10 - 6 * 1.4826, 10 + 6 * 1.4826))
    assert usual([10] * 8, floor=0.5) == (7, 13)


def test_nothing_is_unusual_before_there_is_a_past() -> None:
    assert usual([10] * 7, floor=0.5) == (None, None)
    assert breaches({day: 1_000 if day == NEWEST else 10 for day in working_days(1, 10)}) == []


def test_where_a_day_always_has_as_many_rows_the_half_of_them_is_missed_however_few() -> None:
    counts = {NEWEST - dt.timedelta(days=back): 4 for back in range(365)}
    monday = NEWEST - dt.timedelta(days=1)

    def odd(counts: dict[dt.date, int]) -> list[dt.date]:
        judged = judge_days(counts, NEWEST, HOLIDAYS)
        return [day for day, value, low, high in judged if low is not None and (value < low or high is not None)]

    assert odd(counts) == []
    assert odd({**counts, monday: 2}) == [monday]
    # one more or less, or somebody's import, is news and no mistake
    assert odd({**counts, monday: 3}) == []
    assert odd({**counts, monday: 40}) == []
    # where it was another number even once, few rows say nothing
    assert odd({**counts, monday - dt.timedelta(days=14): 5, monday: 2}) == []


def test_a_day_is_held_against_its_own_kind() -> None:
    counts = working_days(12, 100)
    assert breaches(counts) == []
    # the end of a month has three times as many: no more than usual would be as odd
    assert breaches({**counts, NEWEST: 100}) == [NEWEST]
    monday = NEWEST - dt.timedelta(days=1)
    assert breaches({**counts, monday: 300}) == [monday]
    assert breaches({**counts, monday: 10}) == [monday]
    saturday = NEWEST - dt.timedelta(days=3)
    assert breaches({**counts, saturday: 500}) == []  # on Saturdays somebody imports, or nobody works


@pytest.mark.parametrize("newest", [dt.date(2026, 11, 30), dt.date(2026, 6, 1)])
def test_a_monday_at_the_edge_of_a_month_is_held_against_mondays_too(newest: dt.date) -> None:
    assert newest.isoweekday() == 1
    counts = of_weekdays({1: 60}, newest)
    assert breaches(counts, newest) == []
    # as few as at other edges is usual as well, far more than a Monday has is not
    assert breaches({**counts, newest: 25}, newest) == []
    assert breaches({**counts, newest: 240}, newest) == [newest]
    assert breaches({**of_weekdays({}, newest), newest: 75}, newest) == [newest]


def test_the_books_may_end_with_as_many_rows_on_every_weekday() -> None:
    monday = dt.date(2026, 11, 30)
    counts = of_weekdays({1: 8}, monday)
    counts |= dict.fromkeys(ends_of_months(counts), 40)
    assert breaches(counts, monday) == []
    assert breaches({**counts, monday: 80}, monday) == [monday]


def test_a_weekday_of_few_rows_does_not_tell_how_a_month_ends_on_it() -> None:
    monday = dt.date(2026, 11, 30)
    for few, odd in ((6, [monday]), (7, [])):
        counts = of_weekdays({1: few}, monday)
        counts |= dict.fromkeys(ends_of_months(counts), 25)
        assert breaches(counts, monday) == []
        assert breaches({**counts, monday: few}, monday) == odd
    # nor does one of many rows, for months that ended on those of few
    counts = of_weekdays({1: 25} | dict.fromkeys(range(2, 6), 6), monday)
    counts |= dict.fromkeys(ends_of_months(counts), 25)
    assert breaches(counts, monday) == []
    assert breaches({**counts, monday: 60}, monday) == [monday]


def test_only_the_last_thirteen_days_of_a_kind_are_its_past() -> None:
    weeks = {NEWEST - dt.timedelta(days=back): 60 if back < 7 * 15 else 20 for back in range(365)}
    monday = NEWEST - dt.timedelta(days=1)
    assert monday not in breaches(weeks)
    assert monday in breaches({**weeks, monday: 20})


def test_a_source_that_is_the_same_every_day_is_held_to_it() -> None:
    counts = {NEWEST - dt.timedelta(days=back): 20 for back in range(300)}
    yesterday = NEWEST - dt.timedelta(days=1)
    assert breaches(counts) == []
    assert breaches({**counts, yesterday: 10}) == [yesterday]


def test_of_an_unusual_day_it_is_said_what_was_there_and_what_is_usual() -> None:
    assert day_note(NEWEST, 2.0, 3.2, 9.7) == "2026-03-31: 2, 4 to 9 usual"
    assert day_note(NEWEST, 1234.0, 2345.5, None) == "2026-03-31: 1,234, at least 2,346 usual"
    assert day_note(NEWEST, 40.0, -3.0, 20.0) == "2026-03-31: 40, 0 to 20 usual"


def test_what_fails_teaches_nothing_until_it_lasts() -> None:
    assert learnt_from([1.0] * 10 + [5.0] * 7, [True] * 10 + [False] * 7) == [1.0] * 10
    assert learnt_from([1.0] * 10 + [5.0] * 8, [True] * 10 + [False] * 8) == [5.0] * 8
    assert learnt_from([], []) == []


SPEND = "day,campaign,cost,impressions,clicks\n"


def test_empty_cells_and_middles_are_learnt_from_earlier_runs(site: Site) -> None:
    def found(delivered: str, cost: str) -> dict[str, Learnt]:
        first = dt.date.fromisoformat(delivered) - dt.timedelta(days=28)
        text = "".join(f"{first + dt.timedelta(days=n // 4)},c{n % 4},{cost},100,{n}\n" for n in range(112))
        site.drop(f"google_ads/campaign_{delivered}.csv", SPEND + text, at=f"{delivered} 06:00")
        assert not site.load().failures
        clock = Clock(dt.datetime.fromisoformat(f"{delivered} 07:00:00"), "Europe/Paris", HOLIDAYS)
        with scratch(site.settings) as database:
            raw_checks(site.settings, database, load_contract(), clock)
            learnt = past_findings(site.settings, database, load_contract(), clock)
        return {f"{each.rule}.{each.column}": each for each in learnt}

    def breached(learnt: dict[str, Learnt]) -> set[str]:
        return {name for name, each in learnt.items() if each.is_breach}

    first = found("2026-03-29", "10.00")
    told = [first[name].value for name in ("null_share.cost", "middle.cost", "growth.None")]
    assert told == [0.0, 10.0, 112.0]
    connection = open_raw(site.settings.raw_file, load_contract())
    for run in range(10):
        for rule, column, value in (("null_share", "cost", 0.0), ("middle", "cost", 10.0), ("growth", None, 103 + run)):
            connection.execute(
                "insert into checks (gate, check_name, rule, source_instance, table_name, column_name, status, "
                "observed_value, checked_at) values ('raw', ?, ?, 'google_ads', 'campaign_stats', ?, ?, ?, ?)",
                # a run that failed teaches nothing
                [f"{rule}.{column}", rule, column, *(("failed", 5_000) if run == 5 else ("passed", value)), day(run)],
            )
    connection.close()
    assert breached(found("2026-03-30", "10.50")) == set()
    assert breached(found("2026-03-31", "")) == {"null_share.cost"}
    assert breached(found("2026-04-01", "1050.00")) == {"middle.cost"}


def day(run: int) -> dt.date:
    return dt.date(2026, 3, run + 1)
