"""Gates: each rule finds the fault it is for, names its place, and nothing else is found on a company without one."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from conftest import Site
from warehouse.building import Clocks
from warehouse.contract import Column, load_contract
from warehouse.expectations import controls
from warehouse.expectations.checks import Check, Subject
from warehouse.expectations.clock import Clock, hours_between
from warehouse.expectations.data_docs import write_data_docs
from warehouse.expectations.earlier import beside_earlier
from warehouse.expectations.engine import Run, run_checks
from warehouse.expectations.gates import Gates, Stopped, raw_checks
from warehouse.expectations.history import Learnt, results_of
from warehouse.expectations.landing_assets import read_cell
from warehouse.expectations.marts_suite import marts_checks
from warehouse.expectations.rhythm import last_week, missing_days, missing_months
from warehouse.expectations.rules import KINDS
from warehouse.expectations.standing import landed_tables
from warehouse.landing import open_raw
from warehouse.rendering import read_as

pytestmark = pytest.mark.xdist_group("gates")

PARIS = "Europe/Paris"
Place = tuple[str, str, str | None]  # table, rule, column
NOW = dt.datetime.fromisoformat("2026-03-16 07:00:00")
CLOCK = Clock(NOW, PARIS, frozenset())
EARLIER, NEWEST = "2026-03-15 06:00:00", "2026-03-16 06:00:00"
MAIL = "canary.mail@canary-home.example"

# what each table holds, as rows of a query with the day before the delivery as {last}
DEALS = """
select range::varchar as id, 'Deal ' || range as dealname, (1000 + 7 * range) || '.00' as amount,
    'EUR' as deal_currency_code, 's' || (range % 4) as dealstage, 'o' || (range % 25) as hubspot_owner_id,
    '2026-01-05T09:00:00Z' as createdate, '{last}T09:00:00Z' as hs_lastmodifieddate, 'false' as archived,
    'true' as hs_is_closed_won
from range(100)
"""
OWNERS = "select 'o' || range as id, 'owner' || range || '@lumio.example' as email, 'false' as archived from range(25)"
STAGES = "select 'default' as pipeline_id, 's' || range as stage_id, 'Stage ' || range as label from range(4)"
CONTACTS = f"""
select range::varchar as id, '{MAIL}' as email, '2026-01-05T09:00:00Z' as createdate,
    '{{last}}T09:00:00Z' as lastmodifieddate, 'o1' as hubspot_owner_id from range(60)
"""
CALLS = """
select day::date || '-' || number as id, strftime(day + interval 9 hour, '%Y-%m-%dT%H:%M:%SZ') as hs_timestamp,
    'o' || number as hubspot_owner_id, '60000' as hs_call_duration
from range(timestamp '2025-09-01', timestamp '{last}' + interval 1 day, interval 1 day) as days (day)
cross join range(12) as numbers (number)
where isodow(day) <= 5
"""
BOOKS = """
select 'VE' as journal_code, 'Ventes' as journal_lib, month || '-' || number as ecriture_num,
    strftime(date '{year}-01-04' + to_months(month::integer), '%Y%m%d') as ecriture_date,
    case side when 0 then '607000' else '401000' end as compte_num, 'Achats ' || number as compte_lib,
    case side when 0 then (10 + number) || ',00' else '0,00' end as debit,
    case side when 1 then (10 + number) || ',00' else '0,00' end as credit
from range({months}) as months (month) cross join range(10) as numbers (number) cross join range(2) as sides (side)
"""
ADS = """
select strftime(day, '%Y-%m-%d') as day, 'campaign ' || number as campaign, number::varchar as campaign_id,
    'EUR' as currency_code, '12.50' as cost, '1000' as impressions, '10' as clicks
from range(timestamp '2025-09-01', timestamp '{last}' + interval 1 day, interval 1 day) as days (day)
cross join range(4) as numbers (number)
"""
TABLES = {
    ("hubspot", "crm", "deals"): DEALS,
    ("hubspot", "crm", "owners"): OWNERS,
    ("hubspot", "crm", "pipeline_stages"): STAGES,
    ("hubspot", "crm", "contacts"): CONTACTS,
    ("hubspot", "crm", "calls"): CALLS,
    ("google_ads", "ads", "campaign_stats"): ADS,
}


def deliver(
    raw: duckdb.DuckDBPyConnection, system: str, instance: str, table: str, rows: str, at: str, name: str | None = None
) -> None:
    """A delivery of a table as the loader would have left it."""
    load_id = f"{instance}.{name or table}.{at[:10]}"
    raw.execute(f"create or replace temp table incoming as {rows}")
    columns = [row[0] for row in raw.execute("describe incoming").fetchall()]
    listed = ", ".join(f'"{column}"' for column in columns)
    path = f"{instance}/{name or table}_{at[:10]}.csv"
    raw.execute(
        f'insert into "{system}"."{table}" ({listed}, _source_instance, _file, _file_row, _load_id, _extracted_at) '
        f"select {listed}, ?, ?, row_number() over (), ?, ? from incoming",
        [instance, path, load_id, at],
    )
    mode = load_contract()[system].tables[table].mode
    raw.execute(
        "insert into loads (load_id, content_load_id, source_system, source_instance, table_name, path, sha256, "
        "recipe, rows, date_order, decimal_mark, time_zone, extracted_at, loaded_at, mode, state) "
        "select ?, ?, ?, ?, ?, ?, ?, 'r', count(*), 'dmy', ?, 'Europe/Paris', ?, ?, ?, 'loaded' from incoming",
        [
            *(load_id, load_id, system, instance, table, path, load_id),
            *("," if system == "fec" else ".", at, at, mode),
        ],
    )
    for place, column in enumerate(columns):
        raw.execute("insert into load_columns values (?, ?, ?, ?, true)", [load_id, place + 1, column, column])


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A company of seven tables, each delivered on two days running."""
    site = Site(tmp_path_factory.mktemp("gates"))
    site.settings.config.mkdir()
    raw = open_raw(site.settings.raw_file, load_contract())
    raw.execute("begin")
    for at, last in ((EARLIER, "2026-03-14"), (NEWEST, "2026-03-15")):
        for (system, instance, table), rows in TABLES.items():
            deliver(raw, system, instance, table, rows.format(last=last), at)
        for year, months in (("2025", 12), ("2026", 3)):
            name = f"123456789FEC{year}1231"
            deliver(raw, "fec", "books", "entries", BOOKS.format(year=year, months=months), at, name)
    raw.execute("commit")
    raw.close()
    return site


@pytest.fixture
def spoilt(company: Site, tmp_path: Path) -> Site:
    """A copy of the company that a test may break."""
    site = Site(tmp_path)
    site.settings.warehouse.mkdir()
    site.settings.config.mkdir()
    shutil.copyfile(company.settings.raw_file, site.settings.raw_file)
    return site


def change(site: Site, *statements: str) -> None:
    with duckdb.connect(str(site.settings.raw_file)) as raw:
        for statement in statements:
            raw.execute(statement)


def checked(site: Site, clock: Clock = CLOCK) -> Run:
    database = site.settings.warehouse / "gate.duckdb"
    try:
        return run_checks(database, raw_checks(site.settings, database, load_contract(), clock))
    finally:
        database.unlink(missing_ok=True)


def found(run: Run) -> set[Place]:
    return {(each.check.subject.table, each.check.rule, each.check.column) for each in run.failed}


# the recipe


def test_great_expectations_tells_what_stands_in_a_duckdb_file(tmp_path: Path) -> None:
    database = tmp_path / "some.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table rows_of_three as select range as id, null::varchar as nothing from range(3)")

    def asked(expectation: str, arguments: dict[str, object], rule: str) -> Check:
        return Check(Subject("rows", "me"), rule, "stop", "rows_of_three", expectation, arguments, "rows", "rows")

    run = run_checks(
        database,
        [
            asked("ExpectTableRowCountToBeBetween", {"min_value": 3}, "enough"),
            asked("ExpectTableRowCountToBeBetween", {"min_value": 4}, "too_few"),
            asked("ExpectColumnMaxToBeBetween", {"column": "id", "max_value": 2}, "small"),
            asked("ExpectColumnProportionOfNonNullValuesToBeBetween", {"column": "nothing", "min_value": 1}, "filled"),
            asked("ExpectColumnMaxToBeBetween", {"column": "no_such_column", "max_value": 2}, "impossible"),
        ],
    )
    assert [(each.check.rule, each.passed, each.value) for each in run.results] == [
        ("enough", True, 3.0),
        ("too_few", False, 3.0),
        ("small", True, 2.0),
        ("filled", False, 0.0),
        ("impossible", False, None),
    ]
    # the file is free again: one process may hold it in one way only
    duckdb.connect(str(database)).close()


# the raw gate


def test_a_company_without_a_fault_has_none_found(company: Site) -> None:
    run = checked(company)
    assert [each.line for each in run.failed] == []
    assert len(run.results) >= 60
    names = [each.check.name for each in run.results]
    assert len(names) == len(set(names))
    rules = {each.check.rule for each in run.results}
    learnt = {"volume_of_day", "growth", "null_share", "middle"}
    assert rules == set(KINDS) - learnt - {"delivery"}, "two deliveries do not teach what comes together"
    assert all(each.check.subject.owner for each in run.results)


NEW_DEALS = "_load_id = 'crm.deals.2026-03-16'"
NEW_YEAR = "_load_id = 'books.123456789FEC20261231.2026-03-16'"

# faults that do not touch each other are made and found together: where, what was done, which rule finds it
FAULTS: dict[str, list[tuple[str, Place, str]]] = {
    "what cannot be read as agreed": [
        (
            f"update hubspot.deals set id = '5' where id = '6' and {NEW_DEALS}",
            ("deals", "keys", None),
            "stop",
        ),
        (
            "delete from load_columns where load_id = 'crm.deals.2026-03-16' and column_name = 'amount'",
            ("deals", "schema", None),
            "stop",
        ),
        (
            f"delete from hubspot.deals where id::integer >= 60 and {NEW_DEALS}",
            ("deals", "truncated", None),
            "stop",
        ),
        ("update hubspot.owners set id = '' where id = 'o3'", ("owners", "keys", None), "stop"),
        (
            f"update fec.entries set debit = '10,01' where ecriture_num = '1-0' and debit = '10,00' and {NEW_YEAR}",
            ("entries", "balance", None),
            "stop",
        ),
        # of calls that came before, too: another time zone, on the very same days
        (
            "update hubspot.calls set hs_timestamp = replace(hs_timestamp, 'T09', 'T19') "
            "where _load_id = 'crm.calls.2026-03-16'",
            ("calls", "shifted_times", "hs_timestamp"),
            "distrust",
        ),
        (
            f"delete from fec.entries where ecriture_num like '2-%' and {NEW_YEAR}",
            ("entries", "truncated", None),
            "stop",
        ),
    ],
    "what is not there": [
        (
            "delete from hubspot.contacts where _load_id = 'crm.contacts.2026-03-16'",
            ("contacts", "rows", None),
            "stop",
        ),
        ("select 'an empty export'", ("contacts", "truncated", None), "stop"),
        (
            "update hubspot.deals set dealname = null where id::integer < 30",
            ("deals", "filled", "dealname"),
            "distrust",
        ),
        (
            f"update hubspot.deals set amount = null where id::integer < 30 and {NEW_DEALS}",
            ("deals", "emptied", "amount"),
            "distrust",
        ),
        (
            "update hubspot.deals set dealstage = 'renamed' where dealstage = 's1'",
            ("deals", "match_rate", "dealstage"),
            "distrust",
        ),
        # those of the deals and calls are missed, not those of the few contacts
        (
            "delete from hubspot.owners where id in ('o3', 'o4', 'o5')",
            ("deals", "match_rate", "hubspot_owner_id"),
            "distrust",
        ),
        ("select 'an owner nobody told of'", ("calls", "match_rate", "hubspot_owner_id"), "distrust"),
        ("delete from hubspot.calls where id like '2026-03-11-%'", ("calls", "missing_days", None), "distrust"),
        (
            "delete from google_ads.campaign_stats where day = '2026-03-11'",
            ("campaign_stats", "missing_days", None),
            "distrust",
        ),
        (
            "delete from fec.entries where ecriture_date like '202506%'",
            ("entries", "missing_days", None),
            "distrust",
        ),
    ],
    "what is there and cannot be": [
        (
            f"update hubspot.deals set amount = 'n/a' where id = '7' and {NEW_DEALS}",
            ("deals", "castable", "amount"),
            "distrust",
        ),
        (
            f"update hubspot.deals set amount = '-' || amount where id::integer >= 95 and {NEW_DEALS}",
            ("deals", "range", "amount"),
            "distrust",
        ),
        (
            f"update hubspot.deals set deal_currency_code = 'USD' where {NEW_DEALS}",
            ("deals", "mix", "deal_currency_code"),
            "distrust",
        ),
        (
            f"update hubspot.deals set amount = replace(amount, '.', '') where {NEW_DEALS}",
            ("deals", "scale", "amount"),
            "distrust",
        ),
        (
            "update hubspot.deals set hs_lastmodifieddate = '2026-02-16T09:00:00Z'",
            ("deals", "silence", None),
            "distrust",
        ),
        (
            "update hubspot.calls set hs_timestamp = replace(hs_timestamp, '2025-', '2027-') where id like '%-7'",
            ("calls", "range", "hs_timestamp"),
            "distrust",
        ),
        (
            "delete from hubspot.calls where id >= '2026-03-09' and right(id, 1) >= '4'",
            ("calls", "volume", None),
            "distrust",
        ),
        ("insert into fec.entries select * from fec.entries", ("entries", "duplicates", None), "distrust"),
    ],
}


@pytest.mark.parametrize("faults", FAULTS)
def test_faults_are_found_where_they_are_and_nowhere_else(spoilt: Site, faults: str) -> None:
    change(spoilt, *(statement for statement, _, _ in FAULTS[faults]))
    run = checked(spoilt)
    assert found(run) == {place for _, place, _ in FAULTS[faults]}
    told = {(each.check.subject.table, each.check.rule, each.check.column): each.check.on_breach for each in run.failed}
    assert told == {place: on_breach for _, place, on_breach in FAULTS[faults]}
    assert [each.check.on_breach for each in run.failed] == sorted(told.values(), reverse=True), "what stops is first"


CUT_SHORT = f"delete from hubspot.deals where id::integer >= 60 and {NEW_DEALS}"
NO_CALLS = "delete from hubspot.calls where id like '2026-03-11-%'"


def test_what_is_late_is_late_since_the_day_of_the_export(spoilt: Site) -> None:
    run = checked(spoilt, dataclasses.replace(CLOCK, checked_at=NOW + dt.timedelta(days=4)))
    late = [each for each in run.failed if each.check.rule == "freshness"]
    assert {each.check.subject.instance for each in late} == {"crm"}, "ads and books may be older"
    assert {each.check.from_date for each in late} == {dt.date(2026, 3, 16)}
    assert {each.check.on_breach for each in late} == {"distrust"}


def test_a_file_that_did_not_come_with_the_others_is_missed_once_it_always_did(spoilt: Site) -> None:
    columns = "* replace (load_id || '.' || day as load_id, extracted_at - to_days(day) as extracted_at, "
    columns += "loaded_at - to_days(day) as loaded_at, 'unchanged' as state)"
    change(
        spoilt,
        f"insert into loads select loads.{columns} from loads cross join (values (2), (3)) as days (day) "
        "where source_instance = 'crm' and extracted_at = timestamp '2026-03-15 06:00:00'",
        "delete from loads where load_id = 'crm.calls.2026-03-16'",
    )
    breaches = [each for each in checked(spoilt).failed if each.check.rule == "delivery"]
    assert [(each.check.subject.table, each.value) for each in breaches] == [("calls", 24.0)]


def test_records_of_a_past_day_that_are_gone_are_missed_though_the_table_hardly_shrank(spoilt: Site) -> None:
    change(
        spoilt,
        # 6 of the 12 calls of a day, and 2 of the 4 campaigns of another
        "delete from hubspot.calls where id like '2026-03-10-%' and id[12:]::integer >= 6 "
        "and _load_id = 'crm.calls.2026-03-16'",
        "delete from google_ads.campaign_stats where day >= '2026-03-09' and campaign_id in ('2', '3') "
        "and _load_id = 'ads.campaign_stats.2026-03-16'",
    )
    breaches = {each.check.subject.table: each for each in checked(spoilt).failed if each.check.rule == "lost"}
    told = {table: (each.check.from_date, each.check.to_date, each.value) for table, each in breaches.items()}
    assert told == {
        "calls": (dt.date(2026, 3, 10), dt.date(2026, 3, 10), 0.5),
        # four rows a day are too few to judge, those of a week are not
        "campaign_stats": (dt.date(2026, 3, 8), dt.date(2026, 3, 14), 12 / 28),
    }


def test_a_record_that_went_from_a_day_of_many_is_no_loss(spoilt: Site) -> None:
    change(
        spoilt,
        "delete from hubspot.calls where id in ('2026-03-10-7', '2026-03-10-8', '2026-03-10-9') "
        "and _load_id = 'crm.calls.2026-03-16'",
    )
    assert found(checked(spoilt)) == set()


def test_counts_of_another_size_and_times_of_creation_that_moved_are_found(spoilt: Site) -> None:
    newest = "_load_id = 'crm.calls.2026-03-16'"
    change(
        spoilt,
        # most calls are not answered: the middle is that of the others
        "update hubspot.calls set hs_call_duration = case when right(id, 1) >= '4' then '0' else '60000' end",
        f"update hubspot.calls set hs_call_duration = '60' where hs_call_duration <> '0' and {newest}",
        f"update hubspot.deals set createdate = '2026-01-05T18:00:00Z' where id::integer < 10 and {NEW_DEALS}",
    )
    assert found(checked(spoilt)) == {
        ("calls", "magnitude", "hs_call_duration"),
        ("deals", "shifted_times", "createdate"),
    }


def test_an_amount_whose_name_ends_like_that_of_an_id_is_one() -> None:
    columns = {column.name: column for column in load_contract()["stripe"].tables["invoices"].columns}
    assert columns["amount_paid"].is_measure
    assert not any(columns[name].is_measure for name in columns if name == "id" or name.endswith("_id"))


def test_exports_of_a_running_year_under_other_names_repeat_nothing(spoilt: Site) -> None:
    with duckdb.connect(str(spoilt.settings.raw_file)) as raw:
        rows = BOOKS.format(year="2026", months=2)
        deliver(raw, "fec", "books", "entries", rows, "2026-03-01 06:00", "123456789FEC20260228")
    assert found(checked(spoilt)) == set()


def test_an_old_export_that_came_again_is_no_new_one(spoilt: Site) -> None:
    again = "load_id || '.again' as load_id, timestamp '2026-03-17 06:00:00' as extracted_at, "
    again += "timestamp '2026-03-17 06:00:00' as loaded_at, 'unchanged' as state"
    change(
        spoilt,
        f"insert into loads select * replace ({again}) from loads where load_id = 'crm.deals.2026-03-15'",
        # what did not change since the export before is no old one
        f"insert into loads select * replace ({again}) from loads where load_id = 'crm.calls.2026-03-16'",
    )
    run = checked(spoilt, dataclasses.replace(CLOCK, checked_at=NOW + dt.timedelta(days=1)))
    breaches = [each for each in run.failed if each.check.rule == "replayed"]
    assert [(each.check.subject.table, each.value) for each in breaches] == [("deals", 48.0)]


@pytest.mark.parametrize(
    ("by", "places"),
    [
        (("31", "11", "1"), set()),
        (
            ("Ada Lace", "Alpha SAS", "First"),
            {("deals", "person_id"), ("deals", "org_id"), ("persons", "org_id")}
            | {("activities", "person_id"), ("activities", "deal_id")},
        ),
    ],
    ids=["ids", "names alone"],
)
def test_names_in_list_views_of_pipedrive_refer_to_nobody(
    tmp_path: Path, by: tuple[str, str, str], places: set[tuple[str, str]]
) -> None:
    site = Site(tmp_path)
    site.settings.config.mkdir()
    person, organization, deal = by
    site.drop("pipedrive/organizations.csv", "Organization - ID,Organization - Name\n11,Alpha SAS\n")
    views = {
        "people": f"Person - Name,Person - Organization\nAda Lace,{organization}\n",
        "deals": "Deal - Title,Deal - Value,Deal - Status,Deal - Stage,Deal - Organization,Deal - Contact person\n"
        f"First,10,Open,1,{organization},{person}\n",
        "activities": "Activity - Type,Activity - Done,Activity - Deal,Activity - Contact person\n"
        f"Call,Done,{deal},{person}\n",
    }
    for name, view in views.items():
        titles, row = view.splitlines()
        noun = titles.partition(" ")[0]
        rows = [f"{number},{row}" for number in (1, 31, *range(100, 120))]
        site.drop(f"pipedrive/{name}.csv", "\n".join([f"{noun} - ID,{titles}", *rows, ""]))
    assert not site.load().failures
    told = {(table, column) for table, rule, column in found(checked(site)) if rule == "match_rate"}
    assert told == places


def test_deals_of_owners_who_left_are_still_theirs(spoilt: Site) -> None:
    change(spoilt, "delete from hubspot.owners where id in ('o3', 'o4', 'o5') and _load_id = 'crm.owners.2026-03-16'")
    assert found(checked(spoilt)) == set()


def test_what_was_learnt_takes_the_place_of_what_the_contract_says(company: Site, tmp_path: Path) -> None:
    database = tmp_path / "gate.duckdb"
    learned = {("volume", "crm", "calls", None): (1.0, 2.0), ("filled", "crm", "deals", "dealname"): (0.5, None)}
    checks = raw_checks(company.settings, database, load_contract(), CLOCK, learned=learned)
    limits = {(each.rule, each.subject.table, each.column): (each.low, each.high) for each in checks}
    assert limits["volume", "calls", None] == (1.0, 2.0)
    assert limits["filled", "deals", "dealname"] == (0.5, None)


def test_a_warehouse_without_a_load_has_nothing_to_check(tmp_path: Path) -> None:
    site = Site(tmp_path)
    open_raw(site.settings.raw_file, load_contract()).close()
    assert checked(site).results == []


def test_a_stop_is_one_line_and_is_kept(spoilt: Site) -> None:
    change(spoilt, CUT_SHORT, NO_CALLS)
    with pytest.raises(Stopped) as stopped:
        Gates(spoilt.settings, "run1", Clocks(checked_at="2026-03-16 07:00:00")).raw()
    assert str(stopped.value) == (
        "raw gate: crm/deals: truncated: rows, of those the whole export before had: 60 % (60 of 100), "
        "expected at least 80 %; owner sales operations; nothing was built or published; "
        "if it is meant: --accept-changes"
    )
    kept = spoilt.raw(
        "select gate, check_name, rule, source_system, entity, on_breach, observed_value, expected_low, owner, "
        "checked_at from checks where status = 'failed' and on_breach = 'stop'"
    )
    row = ("raw", "crm.deals.truncated", "truncated", "hubspot", "opportunities", "stop", 0.6, 0.8, "sales operations")
    assert kept == [(*row, NOW)]
    assert not list(spoilt.settings.warehouse.glob("gate*")), "assets go when they were looked at"


def test_a_change_that_a_person_accepted_is_no_stop_again_until_it_is_another(spoilt: Site) -> None:
    change(spoilt, CUT_SHORT)
    clocks = Clocks(checked_at="2026-03-16 07:00:00")
    run = Gates(spoilt.settings, "run1", clocks, accepts_changes=True).raw()
    change(
        spoilt, "insert into runs (run_id, outcome, finished_at) values ('run1', 'published', '2026-03-16 08:00:00')"
    )
    again = Gates(spoilt.settings, "run2", clocks).raw()
    for each in (run, again):
        assert each.failed == []
        assert [one.check.rule for one in each.results if one.status == "accepted"] == ["truncated"]
    assert spoilt.raw("select run_id, rule from checks where status = 'accepted' order by all") == [
        ("run1", "truncated"),
        ("run2", "truncated"),
    ]
    change(spoilt, f"delete from hubspot.deals where id = '1' and {NEW_DEALS}")
    with pytest.raises(Stopped, match=r"\(59 of 100\)"):
        Gates(spoilt.settings, "run3", clocks).raw()


def test_what_was_accepted_of_one_delivery_is_not_accepted_of_another(spoilt: Site) -> None:
    change(spoilt, CUT_SHORT)
    clocks = Clocks(checked_at="2026-03-16 07:00:00")
    Gates(spoilt.settings, "run1", clocks, accepts_changes=True).raw()
    change(
        spoilt, "insert into runs (run_id, outcome, finished_at) values ('run1', 'published', '2026-03-16 08:00:00')"
    )
    change(spoilt, "update loads set loaded_at = '2026-03-17 06:00:00' where load_id = 'crm.deals.2026-03-16'")
    with pytest.raises(Stopped, match=r"\(60 of 100\)"):
        Gates(spoilt.settings, "run2", clocks).raw()


def test_what_is_broken_nobody_can_accept(spoilt: Site) -> None:
    change(spoilt, FAULTS["what cannot be read as agreed"][0][0])
    with pytest.raises(
        Stopped, match="crm/deals: keys: rows without a key, or with one that two records of a file share: 2 %"
    ):
        Gates(spoilt.settings, "run1", Clocks(checked_at="2026-03-16 07:00:00"), accepts_changes=True).raw()


def test_a_distrust_lets_the_run_go_on(spoilt: Site) -> None:
    change(spoilt, NO_CALLS)
    gates = Gates(spoilt.settings, "run1", Clocks(checked_at="2026-03-16 07:00:00"))
    failed = gates.raw().failed
    # the past of the table says it too
    assert {(each.check.subject.table, each.check.on_breach) for each in failed} == {("calls", "distrust")}
    (breach,) = [each for each in failed if each.check.rule == "missing_days"]
    assert (breach.check.from_date, breach.check.to_date) == (dt.date(2026, 3, 11), dt.date(2026, 3, 11))
    assert breach.line.startswith(
        "crm/calls: missing_days: days without a row where there are some every week: 1 (first 2026-03-11), expected"
    )
    assert spoilt.raw("select count(*) >= 60 from checks where run_id = 'run1'") == [(True,)]


ODD = """2023-01-02T13:44:25Z|2026-13-02T13:44:25Z|2026/01/02 13:44:25Z|05-01-2026T09:00:0Z|2026-01-02 13:44:25Z
1672650000|-12|+12|1 234,5|007|999999999999|1234567890123|12.50||n/a|(12)|2026-1-002T13:44:25Z|abcd-01-02T13:44:25Z"""


@pytest.mark.parametrize("data_type", ["timestamp", "date", "boolean", "bigint", "double", "decimal(18,2)"])
def test_a_cell_is_read_as_staging_reads_it(data_type: str) -> None:
    formats = "(values ('.', 'dmy'), (',', 'mdy')) as formats (_decimal_mark, _date_order)"
    cells = f"(select unnest(?) as cell, 'Europe/Paris' as _time_zone, formats.* from {formats})"
    quick, careful = read_cell(Column("cell", data_type)), read_as('"cell"', data_type)
    unlike = f"select cell, {quick}, {careful} from {cells} where {quick} is distinct from {careful}"
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    assert connection.execute(unlike, [ODD.replace("\n", "|").split("|")]).fetchall() == []


# the rhythm of a table


def weekdays(first: dt.date, last: dt.date, rows: int) -> dict[dt.date, int]:
    days = (first + dt.timedelta(days=offset) for offset in range((last - first).days + 1))
    return {day: rows for day in days if day.weekday() < 5}


def test_a_holiday_and_a_quiet_table_miss_no_day() -> None:
    first, last, holiday = dt.date(2025, 9, 1), dt.date(2026, 3, 13), dt.date(2026, 3, 11)
    busy = weekdays(first, last, 20)
    del busy[holiday]
    assert missing_days(busy, last, {holiday}, every_day=False, trailing=True) == []
    assert missing_days(busy, last, (), every_day=False, trailing=True) == [holiday]
    quiet = {day: rows % 3 + 1 for rows, day in enumerate(weekdays(first, last, 2)) if rows % 5}
    assert missing_days(quiet, last, (), every_day=False, trailing=True) == []


def test_the_last_day_is_missed_only_where_days_are_complete() -> None:
    busy = weekdays(dt.date(2025, 9, 1), dt.date(2026, 3, 12), 20)
    friday = dt.date(2026, 3, 13)
    assert missing_days(busy, friday, (), every_day=False, trailing=True) == [friday]
    assert missing_days(busy, friday, (), every_day=False, trailing=False) == []


def test_a_week_with_a_holiday_is_as_good_per_business_day() -> None:
    last, holiday = dt.date(2026, 3, 15), dt.date(2026, 3, 11)
    counts = weekdays(dt.date(2025, 9, 1), last, 20)
    del counts[holiday]
    week = last_week(counts, last, {holiday})
    assert week is not None
    assert week.observed == 20
    assert last_week(weekdays(dt.date(2026, 2, 1), last, 20), last, ()) is None, "six weeks teach nothing"


def test_months_without_a_row_are_whole_months() -> None:
    assert missing_months({dt.date(2026, 1, 31): 1, dt.date(2026, 4, 1): 1}) == [
        *(dt.date(2026, 2, 1), dt.date(2026, 2, 28), dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    ]


def test_hours_of_weekends_and_holidays_do_not_age() -> None:
    clock = Clock(NOW, PARIS, {dt.date(2026, 3, 16)})
    friday_noon, tuesday_noon = (dt.datetime.fromisoformat(f"2026-03-{day} 11:00:00") for day in (13, 17))
    assert hours_between(friday_noon, tuesday_noon, clock) == 24
    assert hours_between(tuesday_noon, friday_noon, clock) == 0


# the publish gate


@pytest.fixture
def build(company: Site, tmp_path: Path) -> Callable[..., Run]:
    """Checks a small build beside a publication of the same figures, after some statements on either."""
    built, publication = tmp_path / "built.duckdb", tmp_path / "current"
    publication.mkdir()
    with duckdb.connect(str(built)) as connection:
        connection.execute("create schema marts; create schema seeds")
        connection.execute(
            "create table seeds.kpi_registry as select * from (values "
            "('win_rate', 'rate', 'wilson', 'ratio', 'opportunities'), "
            "('bookings_amount', 'EUR', 'bootstrap_records', 'sum', 'opportunities')"
            ") as kpis (kpi_code, unit, interval_method, aggregation, needs)"
        )
        connection.execute(
            "create table marts.dim_periods as select 'month' as period_grain, "
            "(date '2025-01-01' + to_months(range::integer))::date as period_start_date from range(15)"
        )
        connection.execute(
            "create table marts.kpi_values as select kpi_code, period_grain, period_start_date, "
            "last_day(period_start_date) as period_end_date, 'company' as scope_type, 'all' as scope_id, "
            "true as is_mature, (case kpi_code when 'win_rate' then 0.25 else 1000 end)::double as value "
            "from marts.dim_periods cross join seeds.kpi_registry"
        )
        connection.execute("create table marts.dim_clocks as select date '2026-03-15' as as_of_date")
        connection.execute("create table marts.kpi_components_daily as select * from range(100)")
        connection.execute(
            "create table marts.fct_opportunities as select range::varchar as opportunity_id, 'crm' as source_instance "
            "from range(100)"
        )
        connection.execute(
            "create table marts.fct_bookings as select range::varchar as opportunity_id, "
            "(1000 + 7 * range)::decimal(18, 2) as booking_local from range(100)"
        )
        connection.execute(
            "create table marts.fct_costs as "
            "select 'books' as source_instance, (145 * 15)::decimal(18, 2) as cost_amount"
        )
        connection.execute(
            "create table marts.fct_ad_spend as select 'ads' as source_instance, 12.5::decimal(18, 2) as cost_local "
            "from range(4 * 196)"
        )
        for table in ("fct_activities", "dim_accounts", "dim_contacts", "dim_sales_reps"):
            connection.execute(f"create table marts.{table} as select * from range(100)")
        connection.execute(f"attach '{publication / 'marts.duckdb'}' as published")
        connection.execute("create table published.main.kpi_values as select * from marts.kpi_values")
    tables = {"fct_bookings": {"rows": 100}, "kpi_values": {"rows": 30}, "dim_contacts": {"rows": 100}}
    published_at = "2026-03-17T06:00:00+00:00"
    manifest = {"as_of_date": "2026-03-14", "build": "b1", "published_at": published_at, "tables": tables}

    def check(*statements: str, published_at: str | None = None, is_redefined: bool = False, of: Site = company) -> Run:
        said = manifest | ({"published_at": published_at} if published_at else {})
        (publication / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
        with duckdb.connect(str(built)) as connection:
            for statement in statements:
                connection.execute(statement)
        database = tmp_path / "gate.duckdb"
        database.unlink(missing_ok=True)
        with duckdb.connect(str(database)) as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute(f"attach '{of.settings.raw_file}' as raw (read_only)")
            connection.execute(f"attach '{built}' as built (read_only)")
            landed = landed_tables(connection, load_contract())
            earlier = beside_earlier(connection, publication, load_contract(), landed, is_redefined=is_redefined)
            checks = marts_checks(connection, landed, earlier)
        return run_checks(database, checks)

    return check


def test_marts_that_are_as_they_were_may_be_shown(build: Callable[..., Run]) -> None:
    run = build()
    assert [each.line for each in run.failed] == []
    assert {each.check.rule for each in run.results} == {
        *("kpi_bounds", "rows", "periods", "totals", "collapsed", "as_of", "closed_months")
    }
    assert {each.check.on_breach for each in run.results} == {"stop"}


@pytest.mark.parametrize(
    ("kpi", "unit", "method", "value"),
    [
        # a rep whose only open deal is a reduction
        ("pipeline_open_amount", "EUR", "none", -500.0),
        ("pipeline_coverage_ratio", "ratio", "none", -0.2),
        # an analytics tool that asks for consent
        ("visitor_to_demo_request_rate", "rate", "wilson", 1.5),
        # stock counted at the end of the year
        ("gross_margin_rate", "rate", "none", 1.3),
        ("nrr_rate", "rate", "bootstrap_records", 150.0),
    ],
)
def test_what_is_odd_but_possible_stops_no_reader(
    build: Callable[..., Run], kpi: str, unit: str, method: str, value: float
) -> None:
    registry = f"insert into seeds.kpi_registry values ('{kpi}', '{unit}', '{method}', 'ratio', 'opportunities')"
    values = (
        "insert into marts.kpi_values select * replace "
        f"('{kpi}' as kpi_code, {value}::double as value) from marts.kpi_values where kpi_code = 'win_rate'"
    )
    run = build(registry, values)
    assert [each.line for each in run.failed] == []
    assert kpi in {each.check.column for each in run.results}


MART_FAULTS: list[tuple[str, Place]] = [
    (
        "update marts.kpi_values set value = 1.2 where kpi_code = 'win_rate' and period_start_date = '2025-06-01'",
        ("kpi_values", "kpi_bounds", "win_rate"),
    ),
    (
        "update marts.kpi_values set value = 'inf'::double where kpi_code = 'bookings_amount' "
        "and period_start_date = '2026-03-01'",
        ("kpi_values", "kpi_bounds", "bookings_amount"),
    ),
    ("delete from marts.fct_activities", ("fct_activities", "rows", None)),
    ("delete from marts.kpi_values where period_start_date = '2025-09-01'", ("kpi_values", "periods", None)),
    ("insert into marts.fct_bookings select * from marts.fct_bookings", ("fct_bookings", "totals", "won.crm")),
    ("update marts.fct_costs set cost_amount = cost_amount - 10", ("fct_costs", "totals", "booked.books")),
    ("update marts.fct_ad_spend set cost_local = 0.01", ("fct_ad_spend", "totals", "spent.ads")),
    ("delete from marts.dim_contacts where range >= 70", ("dim_contacts", "collapsed", None)),
    ("update marts.dim_clocks set as_of_date = '2026-03-10'", ("dim_clocks", "as_of", None)),
    (
        "update marts.kpi_values set value = 1100 where kpi_code = 'bookings_amount' "
        "and period_start_date = '2025-06-01'",
        ("kpi_values", "closed_months", None),
    ),
]


def test_marts_with_faults_are_refused_for_each_of_them(build: Callable[..., Run]) -> None:
    run = build(*(statement for statement, _ in MART_FAULTS))
    assert found(run) == {place for _, place in MART_FAULTS}


def test_euros_of_a_ledger_are_held_beside_dollars_at_the_rates_of_their_days(
    build: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controls, "reporting_currency", lambda: "USD")
    # twelve months at 2, two at 3, and one whose day has no rate
    rates = (
        "create table marts.dim_exchange_rates as select 'EUR' as currency_code, "
        "(date '2025-01-04' + to_months(range::integer))::date as rate_date, "
        "(case when range < 12 then 2 else 3 end)::decimal(18, 6) as rate from range(14) "
        "union all select 'GBP', '2026-03-04', 7"
    )
    converted = "update marts.fct_costs set cost_amount = 145 * (12 * 2 + 2 * 3)"
    assert found(build(rates, converted)) == set()
    assert found(build("update marts.fct_costs set cost_amount = 145 * 15")) == {
        ("fct_costs", "totals", "booked.books")
    }


def test_a_closed_month_may_move_when_a_delivery_touched_it(build: Callable[..., Run]) -> None:
    moved = "update marts.kpi_values set value = 1100 where kpi_code = 'bookings_amount' and period_start_date = "
    # the newest deals say when each was made and changed, January and March; nothing of June is in what came
    before_the_newest = {"published_at": "2026-03-15T12:00:00+00:00"}
    assert found(build(f"{moved}'2026-01-01'", **before_the_newest)) == set()
    (breach,) = build(f"{moved}'2025-06-01'", **before_the_newest).failed
    assert breach.observed == "1 (first bookings_amount of 2025-06: 1,100.00, was 1,000.00)"


# one deal was won in June when the build of the publication was made, and was then found to be of March
IN_JUNE, IN_MARCH = (
    f"update hubspot.deals set closedate = '{day}T09:00:00Z' where id = '1' and _load_id = 'crm.deals.{{load}}'"
    for day in ("2025-06-10", "2026-03-02")
)
THIRD = "2026-03-17 06:00:00"
RUN = "insert into runs (run_id, generation, outcome, finished_at, known_at) values ('r', 'b1', 'published', {})"


@pytest.mark.parametrize(
    ("published_at", "third", "changes"),
    [
        pytest.param("2026-03-15T12:00:00+00:00", "snapshot", [], id="two deliveries since"),
        pytest.param("2026-03-16T12:00:00+00:00", "increment", [], id="an increment"),
        pytest.param(
            "2026-03-18T12:00:00+00:00",
            None,
            [RUN.format("timestamp '2026-03-18 11:00:00', timestamp '2026-03-15 12:00:00'")],
            id="published by a replay",
        ),
        pytest.param(
            "2026-03-18T12:00:00+00:00",
            "snapshot",
            [RUN.format("timestamp '2026-03-15 11:00:00', null")],
            id="published again since",
        ),
    ],
)
def test_a_month_that_a_deal_left_is_touched_since_the_build_of_the_publication(
    build: Callable[..., Run], spoilt: Site, published_at: str, third: str | None, changes: list[str]
) -> None:
    moved = "update marts.kpi_values set value = 900 where kpi_code = 'bookings_amount' and period_start_date = "
    left = IN_MARCH if third != "increment" else IN_JUNE
    change(spoilt, IN_JUNE.format(load="2026-03-15"), left.format(load="2026-03-16"), *changes)
    if third:
        with duckdb.connect(str(spoilt.settings.raw_file)) as raw:
            deliver(raw, "hubspot", "crm", "deals", DEALS.format(last="2026-03-16"), THIRD)
            raw.execute("update loads set mode = ? where load_id = 'crm.deals.2026-03-17'", [third])
            raw.execute(IN_MARCH.format(load="2026-03-17"))
    assert found(build(f"{moved}'2025-06-01'", published_at=published_at, of=spoilt)) == set()
    (breach,) = build(f"{moved}'2025-05-01'", published_at=published_at, of=spoilt).failed
    assert breach.observed == "1 (first bookings_amount of 2025-05: 900.00, was 1,000.00)"


def test_a_closed_month_is_held_beside_whatever_file_was_published(build: Callable[..., Run], tmp_path: Path) -> None:
    moved = "update marts.kpi_values set value = 1100 where kpi_code = 'bookings_amount' and period_start_date = "
    database, parquet = tmp_path / "current" / "marts.duckdb", tmp_path / "current" / "parquet"
    parquet.mkdir()
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute(f"copy kpi_values to '{parquet / 'kpi_values.parquet'}'")
    database.unlink()
    (breach,) = build(f"{moved}'2025-06-01'").failed
    assert breach.observed == "1 (first bookings_amount of 2025-06: 1,100.00, was 1,000.00)"
    shutil.rmtree(parquet)
    assert found(build(f"{moved}'2025-06-01'")) == set(), "where only other tools read, nothing can be compared"


def test_a_closed_month_may_move_when_a_rule_of_the_business_did(build: Callable[..., Run]) -> None:
    moved = "update marts.kpi_values set value = 1100 where kpi_code = 'bookings_amount'"
    assert found(build(moved, is_redefined=True)) == set()


@pytest.mark.parametrize(("done", "read"), [("Done", True), ("À faire", False), ("1", True), ("perhaps", None)])
def test_a_value_that_the_contract_names_is_read_as_staging_reads_it(done: str, read: bool | None) -> None:
    table = load_contract()["pipedrive"].tables["activities"]
    column = next(each for each in table.columns if each.name == "done")
    assert duckdb.execute(f"select {read_cell(column)} from (select ? as done)", [done]).fetchall() == [(read,)]


# the pages

# of the same publication
BESIDE = ("../docs/index.html", "../dashboards/quality.html")


def test_pages_open_without_a_network_and_hold_no_value(spoilt: Site) -> None:
    change(
        spoilt,
        f"update hubspot.contacts set createdate = '{MAIL}', lastmodifieddate = '{MAIL}'",
        f"update hubspot.deals set hubspot_owner_id = '{MAIL}', dealstage = '{MAIL}', dealname = null",
    )
    run = checked(spoilt)
    assert {"castable", "match_rate", "filled"} <= {each.check.rule for each in run.failed}
    monday = dt.date(2026, 3, 16)
    odd = Learnt(
        "volume_of_day", "hubspot", "crm", "deals", None, 1, None, 0, monday, monday, "2026-03-16: 2, 4 to 9 usual"
    )
    told = [dataclasses.replace(each, is_accepted=each.check.rule == "match_rate") for each in run.results]
    run = dataclasses.replace(run, results=[*told, *results_of([odd], load_contract())])
    files = write_data_docs(spoilt.settings.warehouse / "quality", {"raw": run})
    assert {"quality/index.html", "quality/quality.css", "quality/raw-crm__deals.html"} <= set(files)
    pages = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    for name, page in pages.items():
        assert "canary" not in page, name
        assert not re.search(r"(src|href)=\"?(https?:)?//|@import|url\(", page), name
        for link in re.findall(r'href="([^"#]+)"', page):
            assert link in BESIDE or f"quality/{link}" in files, (name, link)
        if not name.endswith(".html"):
            continue
        assert page.count("<main>") == 1, name
        levels = [int(level) for level in re.findall(r"<h(\d)", page)]
        assert levels[0] == 1
        assert set(levels[1:]) <= {2}, name
    assert "canary" not in "".join(f"{each.line}{each.check.expected}" for each in run.results)
    index = pages["quality/index.html"]
    assert "crm/deals dealname" in index
    # the list of assets adds up to what the head says, what is learnt from the past with it
    checks, failed = map(int, re.findall(r"<p>(\d+) checks, (\d+) failed", index)[0])
    rows = re.findall(r"</a></td><td>(\d+)</td><td>(\d+)</td>", index)
    assert [sum(map(int, column)) for column in zip(*rows, strict=True)] == [checks, failed]
    assert (checks, failed) == (len(run.results), len(run.failed))
    accepted = sum(each.status == "accepted" for each in run.results)
    assert 0 < accepted == index.count('<tr class="accepted">')
    learnt = re.findall(r"Beside its own past.*", pages["quality/raw-crm__deals.html"], re.DOTALL)[0]
    assert "1 (2026-03-16: 2, 4 to 9 usual)" in learnt
