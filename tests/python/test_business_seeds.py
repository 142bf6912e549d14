"""The business seeds as shipped: French public holidays, office hours, the French chart of accounts."""

from __future__ import annotations

import csv
import datetime as dt

import pandas as pd
import pytest
from dateutil.easter import easter

from warehouse.demo.business_time import business_minutes, french_holidays
from warehouse.settings import PROJECT


def seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_public_holidays_are_the_eleven_of_each_year_with_those_that_follow_easter() -> None:
    shipped = {dt.date.fromisoformat(row["holiday_date"]): row["label_fr"] for row in seed("public_holidays")}
    assert len(shipped) == 11 * 21
    for year in range(2015, 2036):
        sunday = easter(year)
        assert shipped[sunday + dt.timedelta(days=1)] == "Lundi de Pâques"
        assert shipped[sunday + dt.timedelta(days=39)] == "Ascension"
        assert shipped[sunday + dt.timedelta(days=50)] == "Lundi de Pentecôte"
        fixed = ["01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"]
        assert all(dt.date.fromisoformat(f"{year}-{day}") in shipped for day in fixed)
        assert french_holidays(year) == sorted(day for day in shipped if day.year == year)


def test_offices_are_open_from_monday_to_friday_nine_to_six() -> None:
    hours = [(row["iso_weekday"], row["opens_at"], row["closes_at"]) for row in seed("business_hours")]
    assert hours == [(str(day), "09:00", "18:00") for day in range(1, 6)]


@pytest.mark.parametrize(
    ("since", "until", "minutes"),
    [
        ("2026-03-27 16:30", "2026-03-30 07:45", 75),  # Friday in winter time, Monday in summer time
        ("2026-04-03 15:00", "2026-04-07 07:10", 70),  # over Easter
        ("2026-03-28 10:00", "2026-03-29 10:00", 0),
        ("2026-03-30 07:00", "2026-03-31 16:00", 1080),
    ],
)
def test_the_simulator_counts_business_minutes_as_a_person_would(since: str, until: str, minutes: float) -> None:
    counted = business_minutes(pd.Series([pd.Timestamp(since)]), pd.Series([pd.Timestamp(until)]))
    assert counted[0] == pytest.approx(minutes)


@pytest.mark.parametrize("account", ["641", "645", "647", "648", "631", "633", "621"])
def test_what_people_cost_is_told_by_words_for_each_account_that_holds_it(account: str) -> None:
    rules = [row for row in seed("cost_allocation") if account.startswith(row["account_prefix"] or "-")]
    assert {row["function"] for row in rules} >= {"sales", "marketing"}
    assert all(row["label_pattern"] for row in rules), "pay that no word tells is shown as unallocated, not guessed"


@pytest.mark.parametrize(
    ("account", "function"),
    [
        ("622200", "sales"),
        ("623100", "marketing"),
        ("623300", "marketing"),
        ("625100", "sales"),
        ("625700", "sales"),
        ("607000", "cost_of_sales"),
        ("604000", "cost_of_sales"),
        ("606400", "none"),
    ],
)
def test_the_chart_of_accounts_is_filled_in(account: str, function: str) -> None:
    fitting = [
        row for row in seed("cost_allocation") if account.startswith(row["account_prefix"]) and not row["label_pattern"]
    ]
    assert min(fitting, key=lambda row: int(row["rule_order"]))["function"] == function
