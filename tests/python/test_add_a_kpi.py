"""The guide to the letter: what its examples say, done to a copy of the project, gives the KPIs they promise."""

from __future__ import annotations

import datetime as dt
import random
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

import test_conventions as conventions
from conftest import Site
from semantic_layer import metric_values
from warehouse.settings import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("add_a_kpi")]

GUIDE = PROJECT / "docs" / "guides" / "add-a-kpi.md"
FIRST, AS_OF, LAST = dt.date(2026, 1, 1), dt.date(2026, 5, 20), dt.date(2026, 6, 30)
TEAMS = {"r1": "north", "r2": "north", "r3": "south"}
PATH_OF_KPI_VALUES = (
    *("kpi_components_activities", "kpi_components_opportunities", "kpi_components_past", "kpi_components_daily"),
    *("kpi_windows", "kpi_components_by_period", "kpi_parts", "kpi_compared", "kpi_values"),
)
Row = dict[str, Any]
Key = tuple[str, str, dt.date, str, str]


def edits_of(guide: str) -> dict[str, list[tuple[str, str, str]]]:
    """By example: what to do (append to, in), to which file, the block."""
    examples = re.findall(r"^## (Example \d): .*?\n(.*?)(?=^## )", guide, re.M | re.S)
    edits = {}
    for name, text in examples:
        blocks = re.findall(r"^```(\w+)$", text, re.M)
        edits[name] = re.findall(r"\b(Append to|In) `([^`]+)`:\n\n```\w+\n(.*?)^```$", text, re.M | re.S)
        assert len(edits[name]) == len(blocks), f"{name} has a block that does not say which file it is for"
    return edits


def applied(text: str, how: str, file: str, block: str) -> str:
    """A file's text after an edit of the guide."""
    if how == "Append to":
        assert text.endswith("\n"), f"{file} has no end of line to append after"
        return text + block
    lines = block.splitlines()
    assert all(line[:1] in ("+", "-", " ") for line in lines), f"a line for {file} says neither what is new nor where"
    found = "".join(f"{line[1:]}\n" for line in lines if line[0] != "+")
    made = "".join(f"{line[1:]}\n" for line in lines if line[0] != "-")
    assert f"\n{text}".count(f"\n{found}") == 1, f"{file} does not have, once:\n{found}"
    return f"\n{text}".replace(f"\n{found}", f"\n{made}")[1:]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project on which both examples were followed."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("models", "macros", "seeds", "tests", "docs"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, folder / name)
    (folder / "scripts").symlink_to(PROJECT / "scripts")
    edits = edits_of(GUIDE.read_text(encoding="utf-8"))
    assert edits.keys() == {"Example 1", "Example 2"}
    for how, file, block in (edit for example in edits.values() for edit in example):
        path = folder / file
        path.write_text(applied(path.read_text(encoding="utf-8"), how, file, block), encoding="utf-8")
    return folder


def test_an_example_that_the_code_has_left_behind_is_noticed() -> None:
    with pytest.raises(AssertionError, match="does not have, once"):
        applied("one\ntwo\n", "In", "file", " three\n+four\n")
    with pytest.raises(AssertionError, match="does not have, once"):
        applied("one\ntwo\none\n", "In", "file", " one\n+four\n")
    with pytest.raises(AssertionError, match="which file"):
        edits_of("## Example 1: x\n\nAdd:\n\n```csv\na,b\n```\n\n## The end\n")
    assert applied("one\ntwo\n", "In", "file", "-two\n+three\n") == "one\nthree\n"


@pytest.mark.parametrize(
    "convention",
    [
        conventions.test_every_kpi_is_named_in_both_languages_and_serves_an_objective,
        conventions.test_the_dictionary_of_the_documentation_names_every_kpi_in_both_languages,
        conventions.test_what_a_kpi_is_made_of_and_what_it_decides_have_a_name_in_both_languages,
        conventions.test_every_component_of_a_kpi_is_made_by_a_model,
        conventions.test_every_kpi_with_an_interval_of_its_records_has_the_components_that_make_it,
        conventions.test_every_kpi_has_a_unit_test_that_names_it_or_a_part_of_it,
        conventions.test_every_sum_and_ratio_of_the_registry_is_a_metric_or_decision_0051_says_why_not,
        conventions.test_every_metric_stops_at_the_as_of_date,
    ],
    ids=lambda convention: convention.__name__,
)
def test_the_conventions_hold_for_who_followed_the_guide(
    project: Path, monkeypatch: pytest.MonkeyPatch, convention: Any
) -> None:
    monkeypatch.setattr(conventions, "PROJECT", project)
    monkeypatch.setattr(conventions, "MODELS", sorted((project / "models").rglob("*.sql")))
    monkeypatch.setattr(conventions, "METRICS", sorted((project / "models" / "metrics").glob("*.yml")))
    conventions.seed.cache_clear()
    try:
        assert {"connect_rate", "no_decision_rate"} <= {row["kpi_code"] for row in conventions.seed("kpi_registry")}
        convention()
    finally:
        conventions.seed.cache_clear()


# what the facts of a company of three reps come to


def calls_and_deals() -> tuple[list[Row], list[Row]]:
    draws = random.Random(5)
    days = [FIRST + dt.timedelta(days=day) for day in range((LAST - FIRST).days)]
    calls, deals = [], []
    for number in range(400):
        rep = draws.choice(list(TEAMS))
        is_made = draws.random() < 0.8
        calls.append(
            {
                "activity_id": f"a{number}",
                "occurred_date": draws.choice(days),
                "rep_id": rep,
                "team_id": TEAMS[rep],
                "is_call_made": is_made,
                "is_call_connected": is_made and draws.random() < 0.3,
                "is_meeting_booked": False,
            }
        )
        closed = draws.choice(days)
        status = draws.choice(["won", "lost", "no_decision", "open"])
        deals.append(
            {
                "opportunity_id": f"o{number}",
                "opportunity_type": draws.choice(["new_business", "new_business", "expansion", "renewal"]),
                "status": status,
                "created_date": closed - dt.timedelta(days=draws.randrange(40)),
                "close_date": closed,
                "opportunity_amount": draws.randrange(1, 9000),
                "owner_rep_id": rep,
                "team_id": TEAMS[rep],
                "segment": draws.choice(["small", "enterprise"]),
                "channel": draws.choice(["events", "unknown"]),
                "product": draws.choice(["suite", "services"]),
            }
        )
    return calls, deals


def starts_of(day: dt.date) -> dict[str, dt.date]:
    return {
        "week": day - dt.timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }


def shares(kpi: str, grains: str, facts: list[tuple[dt.date, dict[str, str], bool]]) -> dict[Key, tuple[int, int]]:
    """How many of the facts are, and how many there are, by key of `kpi_values`."""
    above: Counter[Key] = Counter()
    below: Counter[Key] = Counter()
    for day, scopes, is_one in facts:
        for grain in grains.split():
            for scope in [("company", "all"), *scopes.items()]:
                key = (kpi, grain, starts_of(day)[grain], *scope)
                below[key] += 1
                above[key] += is_one
    return {key: (above[key], below[key]) for key in below}


@pytest.fixture(scope="module")
def site(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A warehouse in which the facts are given and dbt makes what stands between them and `kpi_values`."""
    made = Site(tmp_path_factory.mktemp("add_a_kpi"))
    made.settings.warehouse.mkdir()
    calls, deals = calls_and_deals()
    with duckdb.connect(str(made.settings.warehouse / "dev.duckdb")) as connection:
        connection.execute("create schema marts")
        for model in sorted((project / "models" / "marts").rglob("*.sql")):
            (contract,) = conventions.properties(model.with_suffix(".yml"))["models"]
            columns = ", ".join(f"{column['name']} {column['data_type']}" for column in contract["columns"])
            connection.execute(f"create table marts.{model.stem} ({columns})")
        connection.execute(
            "create schema intermediate; create table intermediate.int_clocks__resolved as "
            "select cast(? as date) as as_of_date, cast(? as timestamp) as checked_at",
            [AS_OF, AS_OF],
        )
        for table, rows in (("fct_activities", calls), ("fct_opportunities", deals)):
            connection.register("facts", pd.DataFrame(rows))
            connection.execute(f"insert into marts.{table} by name select * from facts")
            connection.unregister("facts")
        starts = {
            period for day in range((LAST - FIRST).days) for period in starts_of(FIRST + dt.timedelta(day)).items()
        }
        connection.executemany(
            "insert into marts.quality_kpi_trust by name select unnest(['connect_rate', 'no_decision_rate']) as "
            "kpi_code, ? as period_grain, ? as period_start_date, 'trusted' as trust_status",
            sorted(starts),
        )
    told = made.dbt(
        "build",
        *("--select", "resource_type:seed", "dim_clocks", "dim_dates", "dim_periods", *PATH_OF_KPI_VALUES),
        # of the tests those that look at a registry row, and those of the model the guide adds a component to
        *("assert_every_kpi_has_a_reaction", "assert_kpis_mature_after_days_or_a_step_of_the_funnel"),
        *("kpi_registry__*", "unit_test:test_kpi_components_opportunities__*", "--indirect-selection", "empty"),
        project=project,
    )
    assert "PASS kpi_components_opportunities::test_" in told
    assert "PASS kpi_registry__" in told
    return made


def test_kpi_values_has_the_kpis_of_the_examples(site: Site) -> None:
    calls, deals = calls_and_deals()
    expected = shares(
        "connect_rate",
        "week month quarter year",
        [
            (call["occurred_date"], {"team": call["team_id"], "rep": call["rep_id"]}, call["is_call_connected"])
            for call in calls
            if call["is_call_made"] and call["occurred_date"] <= AS_OF
        ],
    ) | shares(
        "no_decision_rate",
        "month quarter year",
        [
            (
                deal["close_date"],
                {"team": deal["team_id"], "rep": deal["owner_rep_id"]}
                | {scope: deal[scope] for scope in ("segment", "channel", "product")},
                deal["status"] == "no_decision",
            )
            for deal in deals
            if deal["opportunity_type"] == "new_business" and deal["status"] != "open" and deal["close_date"] <= AS_OF
        ],
    )
    made = {
        tuple(key): (numerator, denominator, value, ci_low <= value <= ci_high, is_mature)
        for *key, numerator, denominator, value, ci_low, ci_high, is_mature in site.marts(
            "select kpi_code, period_grain, period_start_date, scope_type, scope_id, numerator, denominator, value, "
            "ci_low, ci_high, is_mature from marts.kpi_values "
            "where kpi_code in ('connect_rate', 'no_decision_rate') and value is not null"
        )
    }
    assert made == {key: (above, below, above / below, True, True) for key, (above, below) in expected.items()}


@pytest.mark.parametrize(
    ("kpi", "grain", "time", "scope"),
    [("connect_rate", "month", "month", "rep"), ("no_decision_rate", "quarter", "fiscal_quarter", "segment")],
)
def test_the_metrics_of_the_examples_say_what_kpi_values_says(
    site: Site, kpi: str, grain: str, time: str, scope: str
) -> None:
    with duckdb.connect(str(site.settings.warehouse / "dev.duckdb"), read_only=True) as connection:
        told = metric_values(connection, site.root / "dbt" / "semantic_manifest.json", [kpi], time=time, scope=scope)
    published = site.marts(
        f"select kpi_code, period_start_date, scope_id, value from marts.kpi_values where kpi_code = '{kpi}' "
        f"and period_grain = '{grain}' and scope_type = '{scope}' and value is not null"
    )
    assert len(published) >= 4
    assert told == pytest.approx({tuple(key): value for *key, value in published}, abs=1e-12)
