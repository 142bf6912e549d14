"""Every file is loaded, known, ignored, refused or not recognised, in one transaction; nothing is lost on the way."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import warehouse.loading
from conftest import Site
from warehouse import running
from warehouse.contract import Column, load_contract
from warehouse.documents import read_document
from warehouse.errors import UserError
from warehouse.incoming import stage
from warehouse.landing import open_raw
from warehouse.loading import DEMO_MARKER
from warehouse.settings import PROJECT
from warehouse.tabular import Document

MORNING = dt.datetime.fromisoformat("2026-03-02 06:00")
OWNERS = (
    "id,email,firstName,lastName,teams,Bureau\n1,zoe@nordlys.fr,Zoé,Lefèvre,Nord,Lille\n2,sam@nordlys.fr,Sam,Tanguy,,\n"
)


def owners(*people: str) -> str:
    """An export of owners: `id name` each."""
    rows = (f"{person.split()[0]},{person.split()[1].lower()}@nordlys.fr,{person.split()[1]}" for person in people)
    return "id,email,firstName\n" + "".join(f"{row}\n" for row in rows)


def states(site: Site) -> list[str]:
    return [file.state for file in site.load().files]


def refusal(site: Site) -> str:
    """The message of the only file that is refused, which nothing was stored of."""
    (failure,) = site.load().failures
    assert failure.state == "refused"
    assert "\n" not in failure.message
    assert site.raw("select rows, message from loads where state = 'refused'") == [(0, failure.message)]
    return failure.message


def test_every_row_says_where_it_came_from_and_when(site: Site) -> None:
    site.drop("hubspot_eu/owners.csv", OWNERS)
    site.load()
    ((load_id, loaded_at),) = site.raw("select load_id, loaded_at from loads")
    assert site.raw(
        "select id, _source_instance, _file, _file_row, _load_id, _extracted_at, _loaded_at from hubspot.owners"
    ) == [
        ("1", "hubspot_eu", "hubspot_eu/owners.csv", 2, load_id, MORNING, loaded_at),
        ("2", "hubspot_eu", "hubspot_eu/owners.csv", 3, load_id, MORNING, loaded_at),
    ]
    assert abs(dt.datetime.now(dt.UTC).replace(tzinfo=None) - loaded_at) < dt.timedelta(minutes=1)


def test_values_are_stored_as_exported_and_empty_cells_as_null(site: Site) -> None:
    site.drop("hubspot/owners.csv", 'id,email,firstName,lastName\n007, Zoe@Nordlys.FR ,,"L\'Aîné"\n')
    site.load()
    assert site.raw("select id, email, first_name, last_name from hubspot.owners") == [
        ("007", "Zoe@Nordlys.FR", None, "L'Aîné")
    ]


def test_the_ledger_says_how_a_file_was_read(site: Site) -> None:
    path = site.drop("hubspot/owners.csv", "Export du 2 mars\n" + OWNERS.replace(",", ";"), encoding="cp1252")
    site.load()
    assert site.raw(
        "select source_system, source_instance, table_name, path, bytes, rows, rejected_rows, skipped_rows, encoding, "
        "delimiter, extracted_at, mode, state, length(sha256), load_id = content_load_id from loads"
    ) == [
        (
            *("hubspot", "hubspot", "owners", "hubspot/owners.csv", path.stat().st_size, 2, 0, 1, "cp1252"),
            *(";", MORNING, "snapshot", "loaded", 64, True),
        )
    ]


def test_a_column_nobody_declared_is_kept_in_extra_and_listed_as_unknown(site: Site) -> None:
    site.drop("hubspot/owners.csv", OWNERS.replace("Bureau", "Bureau d'été"))
    site.load()
    assert [json.loads(extra) if extra else None for (extra,) in site.raw("select _extra from hubspot.owners")] == [
        {"Bureau d'été": "Lille"},
        None,
    ]
    assert site.raw("select position, title, column_name, is_known from load_columns order by position") == [
        (1, "id", "id", True),
        (2, "email", "email", True),
        (3, "firstName", "first_name", True),
        (4, "lastName", "last_name", True),
        (5, "teams", "teams", True),
        (6, "Bureau d'été", None, False),
    ]


@pytest.mark.parametrize(("title", "is_known"), [("owner_id", True), ("_fivetran_synced", True), ("Couleur", False)])
def test_a_second_title_of_a_column_and_a_connectors_own_are_known(site: Site, title: str, is_known: bool) -> None:
    site.drop("hubspot/owners.csv", f"id,email,{title}\n1,zoe@nordlys.fr,2026-03-01 10:00:00\n")
    site.load()
    assert site.raw(f"select column_name, is_known from load_columns where title = '{title}'") == [(None, is_known)]


def test_rows_read_are_loaded_or_rejected_each_once(site: Site) -> None:
    lines = [f"{number},{number},1,100" for number in range(1, 501)]
    lines[100] = "101,short"
    lines[200] = ",,1,100"
    lines[300] = "301,,1,100"
    site.drop("erp/source.yml", "system: custom\n")
    site.drop("erp/deal_lines.csv", "deal_id,product_id,quantity,amount\n" + "\n".join(lines))
    site.load()
    assert site.raw("select rows, rejected_rows, (select count(*) from custom.deal_lines) from loads") == [
        (497, 3, 497)
    ]
    assert site.raw("select path, file_row, text, reason from rejected_rows order by file_row") == [
        ("erp/deal_lines.csv", 102, "101,short", "2 fields, the header has 4"),
        ("erp/deal_lines.csv", 202, "1;100", "no deal_id, no product_id"),
        ("erp/deal_lines.csv", 302, "301;1;100", "no product_id"),
    ]
    assert site.raw("select count(*) from rejected_rows anti join loads using (load_id)") == [(0,)]


def test_a_reject_changes_no_row_that_follows_a_newline_in_a_cell(site: Site) -> None:
    rows = "".join(f"{number},a{number}@nordlys.fr,A\n" for number in range(3, 300))
    site.drop("hubspot/owners.csv", f'id,email,firstName\n1,zoe@nordlys.fr,"Zoé\n\nM."\n,no@nordlys.fr,No\n{rows}')
    site.load()
    assert site.raw("select file_row, reason from rejected_rows") == [(5, "no id")]
    assert site.raw("select count(*), min(_file_row), max(_file_row) from hubspot.owners") == [(298, 2, 302)]


@pytest.mark.parametrize(("rows", "state"), [(99, "loaded"), (98, "refused")])
def test_a_file_with_more_than_one_row_in_a_hundred_rejected_is_refused_whole(
    site: Site, rows: int, state: str
) -> None:
    content = "id,email,firstName\n" + "".join(f"{each},a{each}@nordlys.fr,A\n" for each in range(rows)) + "cut,off\n"
    site.drop("hubspot/owners.csv", content)
    assert states(site) == [state]
    stored = rows if state == "loaded" else 0
    assert site.raw("select count(*) from hubspot.owners") == [(stored,)]
    assert site.raw("select count(*) from load_columns") == [(3 if stored else 0,)]
    assert site.raw("select path, text, reason from rejected_rows") == [
        ("hubspot/owners.csv", "cut,off", "2 fields, the header has 3")
    ]


REJECTED = owners("1 Zoe", "2 Sam") + "3,off\n,lea@nordlys.fr,Lea\n"


@pytest.mark.parametrize(
    "files",
    [
        {"owners.csv": REJECTED},
        {"owners_2026-03-01.csv": owners("1 Zoe"), "owners_2026-03-01-1.csv": owners("2 Sam")},
        {"owners_2026-12-31.csv": owners("1 Zoe"), "contacts.csv": "Record ID,Email\n1,a\n"},
    ],
    ids=["rejects", "one time", "a column missing"],
)
def test_a_dry_run_refuses_what_the_load_refuses_in_the_same_words(site: Site, files: dict[str, str]) -> None:
    for name, content in files.items():
        site.drop(f"hubspot/{name}", content)
    dry = site.run("load.py", "--dry-run")
    assert not site.settings.warehouse.exists()
    done = site.run("load.py")
    assert (dry.returncode, dry.stderr) == (done.returncode, done.stderr)
    assert done.returncode == 1
    rejected = [line for line in done.stdout.splitlines() if " line " in line]
    assert [line for line in dry.stdout.splitlines() if " line " in line] == rejected


def test_a_dry_run_knows_what_was_loaded_before_and_shows_rows_that_would_be_rejected(site: Site) -> None:
    site.drop("hubspot/owners.csv", owners("1 Zoe"))
    site.load()
    site.drop("hubspot/owners_2026-03-03.csv", owners(*(f"{each} Sam" for each in range(200))) + "off\n")
    site.drop("hubspot/copy/owners.csv", owners("1 Zoé"))
    before = site.raw("from loads")
    report = site.load(dry_run=True)
    assert [(file.path, file.state) for file in report.files] == [
        ("hubspot/copy/owners.csv", "refused"),
        ("hubspot/owners.csv", "known"),
        ("hubspot/owners_2026-03-03.csv", "would load"),
    ]
    said = report.summary(explain=True).splitlines()
    assert "  taken for hubspot.owners (snapshot), extract time 2026-03-02 23:00 UTC" in said
    assert "  taken for hubspot.owners (snapshot), extract time 2026-03-02 06:00 UTC" in said
    assert "hubspot/owners_2026-03-03.csv line 202: 1 fields, the header has 3" in said
    assert "other content than hubspot/owners.csv already loaded" in report.failures[0].message
    assert said[-1] == "3 files: 1 known, 1 would load, 1 refused; 0 rows stored"
    assert site.raw("from loads") == before


def test_the_refusal_counts_the_rejects_and_shows_the_first(site: Site) -> None:
    site.drop("hubspot/owners.csv", owners("1 Zoe", "2 Sam") + "3,off\n,lea@nordlys.fr,Lea\n")
    assert refusal(site) == (
        "hubspot/owners.csv: 2 of 4 rows rejected, more than 1%; first on line 4: 2 fields, the header has 3"
    )


def test_a_refused_file_shows_its_rejects_and_keeps_their_number(site: Site) -> None:
    site.drop("hubspot/owners.csv", owners("1 Zoe") + "".join(f"{each},secret{each}\n" for each in range(25)))
    for _ in range(2):
        done = site.run("load.py")
        assert done.returncode == 1
        shown = done.stdout.splitlines()
        assert shown[:2] == [f"hubspot/owners.csv line {line}: 2 fields, the header has 3" for line in (3, 4)]
        assert shown[19:21] == [
            *("hubspot/owners.csv line 22: 2 fields, the header has 3", "hubspot/owners.csv: and 5 more rows like that")
        ]
        assert len(done.stderr.splitlines()) == 1
        assert "secret" not in done.stdout + done.stderr
    assert site.raw("select rows_read, rows, rejected_rows from loads") == [(26, 0, 25)] * 2
    assert site.raw("select count(*), min(text), max(file_row) from rejected_rows") == [(25, "0,secret0", 27)]
    told = site.run("load_report.py").stdout
    assert "rejected  hubspot/owners.csv line 3: 2 fields, the header has 3" in told
    assert "and 5 more rejected rows" in told
    assert "secret" not in told


@pytest.mark.parametrize(
    "name", ["deals.csv.part", "deals.csv.crdownload", "deals.csv.download/deals.csv", "~$deals.xlsx"]
)
def test_an_unfinished_download_is_ignored_and_named(site: Site, name: str) -> None:
    site.drop("hubspot/owners.csv", owners("1 Zoe"))
    site.drop(f"hubspot/{name}", "Record ID,Deal Na")
    report = site.load()
    assert [(file.path, file.state) for file in report.files] == [
        (f"hubspot/{name}", "ignored"),
        ("hubspot/owners.csv", "loaded"),
    ]
    assert f"hubspot/{name}: ignored, an unfinished download" in report.summary()


def test_people_found_without_an_email_are_rejects_that_refuse_no_file(site: Site) -> None:
    rows = ["lea@elan.fr,Léa,2026-03-01", *[f",Tom {each},2026-03-01" for each in range(9)]]
    site.drop("prospecting/leads.csv", "Email,First Name,found_at\n" + "\n".join(rows) + "\n")
    assert [(file.state, file.message) for file in site.load().files] == [("loaded", "")]
    assert site.raw("select rows, rejected_rows from loads") == [(1, 9)]
    assert site.raw("select distinct reason from rejected_rows") == [("no email",)]


def test_total_rows_of_an_advertising_report_are_no_rows(site: Site) -> None:
    site.drop(
        "google_ads/campaigns.csv",
        "Campaign report\nMarch 1, 2026 - March 2, 2026\nDay,Campaign,Campaign ID,Cost,Impr.,Clicks\n"
        "2026-03-01,Brand,11,12.50,1204,31\n2026-03-02,Brand,11,10.00,900,20\n"
        "Total: Campaigns,,,22.50,2104,51\nTotal: Account, --,,22.50,2104,51\n",
    )
    site.load()
    assert site.raw("select day, cost from google_ads.campaign_stats") == [
        ("2026-03-01", "12.50"),
        ("2026-03-02", "10.00"),
    ]
    assert site.raw("select rows, rejected_rows, skipped_rows from loads") == [(2, 0, 4)]


def test_nested_records_are_loaded_as_the_table_they_are(site: Site) -> None:
    stages = [{"id": "s1", "label": "Démo", "displayOrder": 0, "metadata": {"isClosed": "false", "probability": "0.2"}}]
    page = {"results": [{"id": "p1", "label": "Ventes", "stages": stages}, {"id": "p2", "label": "Vide", "stages": []}]}
    site.drop("hubspot/deal_pipelines.json", json.dumps(page))
    report = site.load()
    assert report.rows == 3
    assert site.raw("select pipeline_id, label from hubspot.pipelines order by 1") == [("p1", "Ventes"), ("p2", "Vide")]
    assert site.raw("select pipeline_id, stage_id, label, is_closed, probability from hubspot.pipeline_stages") == [
        ("p1", "s1", "Démo", "false", "0.2")
    ]
    assert site.raw("select table_name, rows from loads order by 1") == [("pipeline_stages", 1), ("pipelines", 2)]


def test_half_of_a_character_in_json_is_replaced_not_fatal(site: Site) -> None:
    site.drop("hubspot/owners.json", '[{"id": "1", "email": "zoe@nordlys.fr", "lastName": "cut \\ud83d"}]')
    assert states(site) == ["loaded"]
    assert site.raw("select last_name from hubspot.owners") == [("cut ?",)]


@settings(max_examples=50, deadline=None)
@given(
    cells=st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9), max_size=9)
)
@example(cells=['"', "a\nb", "a\r\nb", "\r", ",", "\x00", "NULL", "\\", "\ufeff"])
def test_any_cell_reaches_the_database_as_it_was_read(cells: list[str | None]) -> None:
    document = Document(["a", "b"], iter([(line, [cell, "x"]) for line, cell in enumerate(cells)]), "utf-8", ",")
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as folder:
        assert stage(connection, document, "x.csv", Path(folder)) == len(cells)
        assert [
            each for (each,) in connection.execute("select c0 from incoming order by _file_row").fetchall()
        ] == cells


def test_a_header_without_rows_is_a_load_of_no_rows(site: Site) -> None:
    site.drop("hubspot/owners.csv", owners())
    assert states(site) == ["loaded"]
    assert site.raw("select rows, state from loads") == [(0, "loaded")]


@pytest.mark.parametrize(
    ("name", "extracted_at"),
    [
        ("2026-02-01/owners.csv", "2026-01-31 23:00"),
        ("2026-02-01/2026-02-08 CRM/all/owners.csv", "2026-02-07 23:00"),
        ("2026-02-01/owners_2026-03-01.csv", "2026-02-28 23:00"),
        ("2026-02/owners.csv", "2026-03-02 06:00"),
        ("owners_2026-03-01.csv", "2026-02-28 23:00"),
        ("owners-20260715.csv", "2026-07-14 22:00"),
        ("owners 2026-03-01 0830.csv", "2026-03-01 07:30"),
        ("owners_20261399.csv", "2026-03-02 06:00"),
        ("owners_2026-01-01_2026-02-28.csv", "2026-02-27 23:00"),
        # of the whole year, pulled in March
        ("owners_2026-01-01_2026-12-31.csv", "2026-03-02 06:00"),
        # what says when it was made is believed, whatever became of the file's own time
        ("owners_2026-04-01_2026-04-30.csv", "2026-04-29 22:00"),
        ("owners1720260112345.csv", "2026-03-02 06:00"),
        ("owners_20260301T083015123Z.csv", "2026-03-01 08:30:15"),
        ("owners.csv", "2026-03-02 06:00"),
    ],
)
def test_the_extract_time_is_the_names_else_the_files(site: Site, name: str, extracted_at: str) -> None:
    site.drop(f"hubspot/{name}", owners("1 Zoe"))
    site.load()
    assert site.raw("select extracted_at from loads") == [(dt.datetime.fromisoformat(extracted_at),)]


def test_a_file_named_after_a_day_to_come_does_not_outrank_what_comes_until_then(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = {"now": dt.datetime.fromisoformat("2026-03-02 07:00")}
    monkeypatch.setattr("warehouse.ledger.utc_now", lambda: clock["now"])
    site.drop("hubspot/owners_2026-12-31.csv", owners("1 Zoe"))
    site.drop("hubspot/owners_2026-03-03.csv", owners("1 Sam"))
    site.load()
    wanted = [
        ("hubspot/owners_2026-03-03.csv", dt.datetime.fromisoformat("2026-03-02 23:00")),
        ("hubspot/owners_2026-12-31.csv", MORNING),
    ]
    assert site.raw("select path, extracted_at from loads order by all") == wanted
    # once the day has come it is still the file that was there before
    clock["now"] = dt.datetime.fromisoformat("2027-01-02")
    assert states(site) == ["known", "known"]
    assert site.raw("select path, extracted_at from loads order by all") == wanted


def test_a_connectors_clock_wins_over_name_and_file(site: Site) -> None:
    site.drop(
        "hubspot/owner_2026-03-01.csv",
        "owner_id,email,_fivetran_synced\n1,zoe@elan.fr,2026-02-27 3:15:52\n2,sam@nordlys.fr,2026-02-27T04:00:01.12Z\n",
    )
    site.load()
    assert site.raw("select extracted_at from loads") == [(dt.datetime.fromisoformat("2026-02-27 04:00:01"),)]


def test_a_date_in_the_name_of_a_systems_folder_is_no_extract_time(site: Site) -> None:
    site.drop("hubspot 2026-02-01/owners.csv", owners("1 Zoe"))
    site.load()
    assert site.raw("select extracted_at from loads") == [(MORNING,)]


@pytest.mark.parametrize("folder", ["fec", "fec/2025-12-31"])
def test_a_ledgers_closing_date_in_its_name_is_not_its_extract_time(site: Site, folder: str) -> None:
    site.drop(
        f"{folder}/552100554FEC20251231.txt",
        "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|Debit|Credit\n"
        "AC|ACHATS|1|20250131|62260000|HONORAIRES|10,00|0,00\n",
    )
    site.load()
    assert site.raw("select extracted_at from loads") == [(MORNING,)]


def test_a_second_load_of_the_same_files_stores_nothing(site: Site) -> None:
    site.drop("hubspot/owners.csv", OWNERS)
    site.drop("hubspot/copy/owners.csv", OWNERS)
    assert states(site) == ["loaded", "known"]
    before = [site.raw(f"select * from {table} order by all") for table in ("loads", "load_columns", "hubspot.owners")]
    assert states(site) == ["known", "known"]
    after = [site.raw(f"select * from {table} order by all") for table in ("loads", "load_columns", "hubspot.owners")]
    assert after == before


def test_the_same_bytes_with_a_newer_date_renew_the_ledger_only(site: Site) -> None:
    site.drop("hubspot/owners.csv", OWNERS)
    site.load()
    site.drop("hubspot/owners.csv", OWNERS, at="2026-03-03 06:00")
    assert states(site) == ["unchanged"]
    assert site.raw("select count(*) from hubspot.owners") == [(2,)]
    assert site.raw(
        "select state, extracted_at::date::varchar, rows, "
        "content_load_id = first_value(load_id) over (order by loaded_at), "
        "count(*) over (partition by load_id) from loads order by loaded_at"
    ) == [("loaded", "2026-03-02", 2, True, 1), ("unchanged", "2026-03-03", 2, True, 1)]
    assert states(site) == ["known"]


@pytest.mark.parametrize(
    "deliveries",
    [
        [("A", "2026-03-02"), ("B", "2026-03-02")],
        [("A", "2026-03-01"), ("B", "2026-03-02"), ("A", "2026-03-02")],
        [("A", "2026-03-01"), ("B", "2026-03-02"), ("A", "2026-03-03"), ("C", "2026-03-03")],
    ],
    ids=["new bytes", "bytes known before", "new bytes after known ones"],
)
def test_two_deliveries_with_one_extract_time_are_an_error_that_asks_which_is_newer(
    site: Site, deliveries: list[tuple[str, str]]
) -> None:
    *before, last = deliveries
    for name, day in before:
        site.drop("hubspot/owners.csv", owners(f"1 {name}"), at=f"{day} 06:00")
        assert site.load().failures == []
    site.drop("hubspot/owners.csv", owners(f"1 {last[0]}"), at=f"{last[1]} 06:00")
    assert refusal(site) == (
        "hubspot/owners.csv: other content than the file of this name already loaded, with the same extract time "
        f"{last[1]} 06:00; put the time of the newer one in its name"
    )


def test_a_copy_of_a_download_with_other_content_is_asked_about_too(site: Site) -> None:
    site.drop("hubspot/owners-2026-03-01 (1).csv", owners("1 Zoé"))
    site.drop("hubspot/owners-2026-03-01.csv", owners("1 Zoe"))
    assert refusal(site) == (
        "hubspot/owners-2026-03-01.csv: other content than hubspot/owners-2026-03-01 (1).csv already loaded, with the "
        "same extract time 2026-02-28 23:00; put the time of the newer one in its name, or part1 and part2 in those of "
        "parts"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("owners-2026-03-01-1.csv", "owners-2026-03-01.csv"),
        ("owners_20260301-1.csv", "owners_20260301-2.csv"),
        ("owners-2026-03-01 - Copie.csv", "owners-2026-03-01.csv"),
        ("owners-2026-03-01 - Copy (2).csv", "owners-2026-03-01.csv"),
        ("Copie de owners-2026-03-01.csv", "owners-2026-03-01.csv"),
        ("owners-2026-03-01 2.csv", "owners-2026-03-01.csv"),
        ("owners.csv", "owners copie 2.csv"),
        ("2025/owners.csv", "2026/owners.csv"),
        ("2026-03-01 a/owners.csv", "2026-03-01 b/owners (1).csv"),
    ],
)
def test_the_older_of_two_exports_with_one_time_is_never_taken_in_silence(site: Site, first: str, second: str) -> None:
    site.drop(f"hubspot/{first}", owners("1 Zoe"))
    assert states(site) == ["loaded"]
    site.drop(f"hubspot/{second}", owners("1 Zoe", "2 Sam"))
    assert f"hubspot/{second}: other content than hubspot/{first} already loaded, with the same " in refusal(site)


@pytest.mark.parametrize(
    "names",
    [
        ("owners part 1.csv", "owners part 2.csv"),
        ("owners_2026-03-01_1.csv", "owners_2026-03-01_2.csv"),
        ("owners_2026-03-01-0830.csv", "owners_2026-03-01-1030.csv"),
        ("owners_2026-03-01-08-30.csv", "owners_2026-03-01-10-30.csv"),
    ],
)
def test_parts_and_times_are_no_copies(site: Site, names: Sequence[str]) -> None:
    for number, name in enumerate(names):
        site.drop(f"hubspot/{name}", owners(f"{number} Zoe"))
    assert states(site) == ["loaded", "loaded"]


def test_days_of_an_advertising_report_may_come_in_folders_of_one_time(site: Site) -> None:
    for month in ("01", "02"):
        report = f"Day,Campaign,Campaign ID,Cost,Impr.,Clicks\n2026-{month}-01,Brand,11,10.00,900,20\n"
        site.drop(f"google_ads/{month}/campaigns.csv", report)
    assert states(site) == ["loaded", "loaded"]


def test_a_copy_that_is_given_its_time_is_the_newer_one(site: Site) -> None:
    newer = site.drop("hubspot/owners-2026-03-01-1.csv", owners("1 Zoe"))
    site.drop("hubspot/owners-2026-03-01.csv", owners("1 Zoe", "2 Sam"))
    assert states(site) == ["loaded", "refused"]
    newer.rename(newer.with_name("owners-2026-03-01-1500.csv"))
    assert states(site) == ["unchanged", "loaded"]
    assert states(site) == ["known", "known"]
    assert site.raw(
        "select path, extracted_at::varchar from loads where state <> 'refused' order by 2 desc limit 1"
    ) == [("hubspot/owners-2026-03-01-1500.csv", "2026-03-01 14:00:00")]


def test_parts_of_one_delivery_share_their_extract_time(site: Site) -> None:
    site.drop("hubspot/owners_part1.csv", owners("1 Zoe"))
    site.drop("hubspot/owners_part2.csv", owners("2 Sam"))
    assert states(site) == ["loaded", "loaded"]


def test_known_bytes_are_read_again_where_the_mapping_changed_and_again_where_it_changed_back(site: Site) -> None:
    site.drop("salesforce/Opportunity.csv", "Id,StageName,CloseDate,IsClosed,IsWon,CreatedDate\n1,Won,02/03/26,1,1,\n")
    for order, state in (("dmy", "loaded"), ("mdy", "loaded"), ("dmy", "unchanged"), ("dmy", "known")):
        site.drop("salesforce/source.yml", f"system: salesforce\ndate_order: {order}\n")
        assert states(site) == [state]
    assert site.raw("select arg_max(date_order, loaded_at), count(distinct load_id) = count(*) from loads") == [
        ("dmy", True)
    ]


def test_a_failure_in_a_later_table_of_a_file_leaves_nothing_of_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    original, calls = warehouse.loading.store, []

    def failing(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 2:
            raise RuntimeError("power cut")
        return original(*arguments)

    site.drop("hubspot/a_owners.csv", OWNERS)
    site.load()
    invoices = {"data": [{"id": "in_1", "customer": "cus_1", "status": "paid", "currency": "eur", "total": 900}]}
    invoices["data"][0]["lines"] = {"data": [{"id": "il_1", "amount": 900}]}  # type: ignore[assignment]
    site.drop("stripe/invoices.json", json.dumps(invoices))
    monkeypatch.setattr(warehouse.loading, "store", failing)
    with pytest.raises(RuntimeError, match="power cut"):
        site.load()
    assert site.raw("select count(*) from stripe.invoices") == [(0,)]
    assert site.raw("select table_name from loads") == [("owners",)]
    assert site.raw("select count(*) from load_columns where title = 'customer'") == [(0,)]
    monkeypatch.undo()
    assert states(site) == ["known", "loaded"]
    assert site.raw("select (select count(*) from stripe.invoices), (select count(*) from stripe.invoice_lines)") == [
        (1, 1)
    ]


def test_a_file_that_cannot_be_loaded_does_not_stop_the_others(site: Site) -> None:
    site.drop("hubspot/a_owners.csv", "id,email\n1\n")
    site.drop("hubspot/b.csv", "bla\n")
    site.drop("hubspot/c_owners.csv", OWNERS)
    assert states(site) == ["refused", "not recognised", "loaded"]


def test_a_column_the_contract_gained_is_added_to_raw_and_old_rows_stay(site: Site) -> None:
    site.drop("hubspot/owners.csv", OWNERS)
    site.load()
    systems = load_contract()
    table = systems["hubspot"].tables["owners"]
    grown = replace(table, columns=(*table.columns, Column("office", "varchar")))
    system = replace(systems["hubspot"], tables={**systems["hubspot"].tables, "owners": grown})
    open_raw(site.settings.raw_file, {**systems, "hubspot": system}).close()
    assert site.raw("select id, office from hubspot.owners order by id") == [("1", None), ("2", None)]


def test_a_column_the_contract_gained_takes_its_own_place_in_later_loads(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.drop("hubspot/owners.csv", OWNERS)
    site.load()
    systems = load_contract()
    table = systems["hubspot"].tables["owners"]
    office = Column("bureau", "varchar")
    grown = replace(table, columns=(office, *table.columns), titles={**table.titles, "bureau": office})
    system = replace(systems["hubspot"], tables={**systems["hubspot"].tables, "owners": grown})
    monkeypatch.setattr(warehouse.loading, "load_contract", lambda: {**systems, "hubspot": system})
    site.drop("hubspot/owners.csv", OWNERS, at="2026-03-03 06:00")
    assert states(site) == ["loaded"]
    assert site.raw(
        "select id, email, bureau, _file_row from hubspot.owners where _extracted_at::date = '2026-03-03'"
    ) == [
        ("1", "zoe@nordlys.fr", "Lille", 2),
        ("2", "sam@nordlys.fr", None, 3),
    ]


@pytest.fixture
def held(site: Site) -> Iterator[Path]:
    """The landing database while another process holds it."""
    open_raw(site.settings.raw_file, load_contract()).close()
    code = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(site.settings.raw_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield site.settings.raw_file
        process.communicate("")


def test_a_landing_database_in_use_is_one_line(site: Site, held: Path) -> None:
    site.drop("hubspot/owners.csv", OWNERS)
    with pytest.raises(UserError, match=rf"^{held} is in use by another run; wait until it has finished$"):
        site.load()


@pytest.mark.parametrize("make", [False, True], ids=["no folder", "only bookkeeping"])
def test_a_folder_without_exports_is_one_line_that_says_where_to_drop_them(site: Site, make: bool) -> None:
    if make:
        site.drop("README.md", "Drop exports here")
        site.drop("hubspot/.DS_Store", b"\x00\x01")
        site.drop("hubspot/~$owners.xlsx", b"\x00\x01")
        site.drop("hubspot/source.yml", "system: hubspot")
    with pytest.raises(UserError, match=r"extracts: no exports there; drop them in a folder named after their system"):
        site.load()
    assert not site.settings.warehouse.exists()


@pytest.mark.parametrize(
    ("path", "content", "line"),
    [
        (None, b"", "no exports there; drop them in a folder named after their system, such as hubspot/"),
        ("hubspot/owners.csv", b"Hello,\nsee the figures attached\n", "not recognised, no line carries titles"),
        ("hubspot/owners.csv", b"", "hubspot/owners.csv: the file is empty; export it again"),
        ("hubspot/owners.csv", b" \r\n\r\n", "hubspot/owners.csv: the file is empty; export it again"),
        ("owners.csv", OWNERS.encode(), "owners.csv: not in a folder of its system; move it to <system>/owners.csv"),
        ("hubspot/owners.csv", b"\x00\x01\x02\x03" * 30, "hubspot/owners.csv: binary content"),
        ("hubspot/owners.json", b'{"results": [{"id": 1}, {"i', "hubspot/owners.json: line 1 is not JSON"),
        ("hubspot/source.yml", b"sytem: hubspot", "hubspot/source.yml: unknown setting 'sytem'"),
    ],
    ids=["nothing", "prose", "empty", "blank", "no folder", "binary", "cut JSON", "source.yml"],
)
def test_what_a_user_got_wrong_is_one_line_and_exit_status_1(
    site: Site, path: str | None, content: bytes, line: str
) -> None:
    site.settings.extracts.mkdir(parents=True)
    if path is not None:
        site.drop(path, content)
    if path == "hubspot/source.yml":
        site.drop("hubspot/owners.csv", OWNERS)
    done = site.run("load.py")
    assert done.returncode == 1
    said = done.stderr.splitlines()
    assert len(said) == 1, done.stderr
    assert said[0].startswith("load: ")
    assert line in said[0]


def test_a_load_without_failures_is_summed_up_with_exit_status_0(site: Site) -> None:
    site.drop("hubspot/owners.csv", OWNERS)
    done = site.run("load.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "1 files: 1 loaded; 2 rows stored\n"


# what the deliveries of three systems leave as current, after one build of staging


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("staged"))
    for day, people in ((1, ["1 Zoe", "2 Sam"]), (2, ["1 Zoe", "3 Lea"]), (3, ["1 Zoe", "2 Sam"])):
        site.drop("hubspot/owners.csv", owners(*people), at=f"2026-03-0{day} 06:00")
        site.load()
    for day, people in ((1, ["1 Zoe", "2 Sam", "3 Lea"]), (2, ["1 Zoé", "2 Sam"])):
        site.drop("hubspot_us/owners.csv", owners(*people), at=f"2026-03-0{day} 06:00")
        site.load()
    report = "Day,Campaign,Campaign ID,Cost,Impr.,Clicks\n"
    for day, rows in (
        (2, ["2026-03-01,Brand,11,10.00,900,20", "2026-03-01,Old,12,5.00,100,2", "2026-03-02,Brand,11,8.00,700,9"]),
        (3, ["2026-03-02,Brand,11,9.00,710,9", "2026-03-03,Brand,11,7.00,600,8"]),
    ):
        site.drop(f"google_ads/campaigns_{day}.csv", report + "\n".join(rows) + "\n", at=f"2026-03-0{day} 06:00")
        site.load()
    for day, rows in (
        (1, ["lea@elan.fr,Cheffe,2026-02-20 10:00", "tom@elan.fr,CTO,2026-02-20 10:00"]),
        (2, ["lea@elan.fr,Directrice,2026-03-01 10:00", "tom@elan.fr,Stagiaire,2026-01-01 10:00"]),
    ):
        site.drop(
            f"prospecting/leads_{day}.csv",
            "Email,Poste,Enrichi le\n" + "\n".join(rows) + "\n",
            at=f"2026-03-0{day} 06:00",
        )
        site.load()
    assert site.raw("select count(*) from loads where state = 'refused'") == [(0,)]
    site.dbt("run", "--select", "stg_hubspot__owners", "stg_google_ads__campaign_stats", "stg_prospecting__leads")
    return site


def active(site: Site, instance: str) -> list[tuple[Any, ...]]:
    return site.marts(
        "select user_name, is_active from staging.stg_hubspot__owners "
        f"where source_instance = '{instance}' order by user_source_id"
    )


@pytest.mark.slow
@pytest.mark.xdist_group("staged")
def test_of_deliveries_a_b_a_the_last_is_current(staged: Site) -> None:
    assert active(staged, "hubspot") == [("Zoe", True), ("Sam", True), ("Lea", False)]


@pytest.mark.slow
@pytest.mark.xdist_group("staged")
def test_a_key_absent_from_the_newest_snapshot_is_flagged_and_a_changed_one_is_new(staged: Site) -> None:
    assert active(staged, "hubspot_us") == [("Zoé", True), ("Sam", True), ("Lea", False)]


@pytest.mark.slow
@pytest.mark.xdist_group("staged")
def test_a_newer_delivery_replaces_its_own_days_of_an_advertising_report_only(staged: Site) -> None:
    assert staged.marts(
        "select spend_date::varchar, campaign_id, cost_local::double from staging.stg_google_ads__campaign_stats "
        "order by all"
    ) == [
        ("2026-03-01", "google_ads:11", 10.0),
        ("2026-03-01", "google_ads:12", 5.0),
        ("2026-03-02", "google_ads:11", 9.0),
        ("2026-03-03", "google_ads:11", 7.0),
    ]


@pytest.mark.slow
@pytest.mark.xdist_group("staged")
def test_of_increments_the_newest_version_by_the_systems_own_time_wins(staged: Site) -> None:
    assert staged.marts("select person_email, job_title from staging.stg_prospecting__leads order by all") == [
        ("lea@elan.fr", "Directrice"),
        ("tom@elan.fr", "CTO"),
    ]


# the demo company and a real one


def demo_and_real(site: Site, first_is_demo: bool) -> Site:
    """A site whose warehouse holds one kind of company and whose extracts are the other's."""
    site.drop("hubspot/owners_2026-03-02.csv", "Owner ID,Email,First Name,Last Name\n1,a@lumio.example,Ana,Petit\n")
    marker = site.settings.extracts / DEMO_MARKER
    if first_is_demo:
        marker.touch()
    assert not site.load().failures
    if first_is_demo:
        marker.unlink()
    else:
        marker.touch()
    return site


@pytest.mark.parametrize("first_is_demo", [True, False])
def test_the_demo_company_and_a_real_one_are_never_loaded_into_one_warehouse(site: Site, first_is_demo: bool) -> None:
    demo_and_real(site, first_is_demo)
    with pytest.raises(UserError, match="not to be mixed"):
        site.load()


def test_forgetting_the_demo_company_spares_a_real_one(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PROJECT", site.root / "project")
    with pytest.raises(UserError, match="nothing removed"):
        running.forget(demo_and_real(site, first_is_demo=False).settings)
    assert site.settings.raw_file.exists()


def test_forgetting_the_demo_company_removes_what_was_made_of_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PROJECT", site.root / "project")
    running.forget(demo_and_real(site, first_is_demo=True).settings)
    assert not site.settings.warehouse.exists()


def test_a_ledger_whose_name_does_not_say_its_year_is_refused(site: Site) -> None:
    titles = "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|EcritureLib|Debit|Credit"
    site.drop("fec/FEC_2025.txt", f"{titles}\nVE|Ventes|1|20250105|706000|Ventes|Facture|0,00|100,00\n")
    (failure,) = site.load().failures
    assert "does not say which part" in failure.message
    assert "123456789FEC20261231.txt" in failure.message


def test_loads_that_do_not_say_whose_they_are_count_as_real(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PROJECT", site.root / "project")
    site.drop("hubspot/owners_2026-03-02.csv", "Owner ID,Email,First Name,Last Name\n1,a@lumio.example,Ana,Petit\n")
    assert not site.load().failures
    with duckdb.connect(str(site.settings.raw_file)) as connection:
        connection.execute("update loads set is_demo = null")
    with pytest.raises(UserError, match="nothing removed"):
        running.forget(site.settings)


def test_a_file_that_goes_away_while_it_is_read_is_refused_and_the_others_are_loaded(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.drop("hubspot/companies_2026-02-01.csv", "id,name,domain\n1,Alpha,alpha.example\n")
    gone = site.drop("hubspot/owners_2026-02-01.csv", "id,email,firstName\n1,a@b.example,Ada\n")

    def read_and_lose(name: str, path: Path, *rest: Any) -> Document:
        document = read_document(name, path, *rest)
        if "owners" in name:
            gone.unlink()
        return document

    monkeypatch.setattr("warehouse.loading.read_document", read_and_lose)
    report = site.load()
    assert [(file.path.split("/")[1][:6], file.state) for file in report.files] == [
        ("compan", "loaded"),
        ("owners", "refused"),
    ]
    assert "load it again" in report.failures[0].message
    assert site.raw("select count(*) from hubspot.owners") == [(0,)]


def test_what_a_killed_load_left_beside_raw_is_swept_by_the_next(site: Site) -> None:
    left = site.settings.warehouse / "load_killed"
    left.mkdir(parents=True)
    (left / "rows.csv").write_text("someone@example.org", encoding="utf-8")
    site.drop("hubspot/companies_2026-02-01.csv", "id,name,domain\n1,Alpha,alpha.example\n")
    assert not site.load().failures
    assert [path.name for path in site.settings.warehouse.iterdir()] == ["raw.duckdb"]
