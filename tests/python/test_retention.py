"""Retention: what is old and of no use goes, byte by byte; what counts stays, and so do figures and replays since."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Site, parsed
from warehouse.building import Clocks, Dbt
from warehouse.contract import load_contract
from warehouse.errors import UserError
from warehouse.rendering import current_rows
from warehouse.retention import expire

NOW = dt.datetime.fromisoformat("2026-07-01 00:00")
DAYS = 60  # expired before 2 May
CONTACTS = "id,email,firstname,lifecyclestage,createdate,Note interne\n"


def contacts(*people: str) -> str:
    """An export of contacts: `id name` each; the note says the name, too."""
    rows = (person.split() for person in people)
    return CONTACTS + "".join(f"{key},{name}@x.example,{name},lead,2026-01-05,about {name}\n" for key, name in rows)


def drop(site: Site, day: str, *people: str) -> None:
    site.drop(f"hubspot/contacts_{day}.csv", contacts(*people))
    assert not site.load().failures


@pytest.fixture
def limited(site: Site) -> Site:
    """A site whose HubSpot is kept for 60 days."""
    site.drop("hubspot/source.yml", f"system: hubspot\nretention_days: {DAYS}\n")
    return site


def names(site: Site) -> list[tuple[Any, ...]]:
    return site.raw("select id, firstname, email is null, _extra is null from hubspot.contacts order by all")


def bytes_of(site: Site) -> bytes:
    return b"".join(path.read_bytes() for path in site.settings.warehouse.rglob("*") if path.is_file())


def test_superseded_versions_go_and_the_current_one_stays_however_old(limited: Site) -> None:
    drop(limited, "2026-01-10", "1 Zoeold", "2 Sam")
    drop(limited, "2026-01-20", "1 Zoenew", "2 Sam")
    assert expire(limited.settings, NOW).removed == 2
    assert names(limited) == [("1", "Zoenew", False, False), ("2", "Sam", False, False)]
    assert b"Zoeold" not in bytes_of(limited)


def test_what_was_current_at_the_limit_stays_for_replays_since(limited: Site) -> None:
    drop(limited, "2026-01-10", "1 Ana")
    drop(limited, "2026-06-20", "1 Bea")
    assert expire(limited.settings, NOW).is_nothing
    assert [name for _, name, *_ in names(limited)] == ["Ana", "Bea"]


def test_a_key_that_was_gone_loses_what_is_personal_and_stays_as_a_row(limited: Site) -> None:
    drop(limited, "2026-01-10", "1 Ana", "2 Bea")
    drop(limited, "2026-01-20", "1 Ana")
    gone = expire(limited.settings, NOW)
    assert (gone.removed, gone.emptied) == (1, 1)
    assert names(limited) == [("1", "Ana", False, False), ("2", None, True, True)]
    assert b"Bea" not in bytes_of(limited)
    assert expire(limited.settings, NOW).is_nothing, "what is empty does not expire again"


def test_a_key_gone_since_the_limit_stays(limited: Site) -> None:
    drop(limited, "2026-01-10", "1 Ana", "2 Bea")
    drop(limited, "2026-06-20", "1 Ana")
    assert expire(limited.settings, NOW).is_nothing


def test_staff_who_left_keep_their_names(limited: Site) -> None:
    for day, people in (
        ("2026-01-10", "1,a@x.example,Ana\n2,b@x.example,Bea\n"),
        ("2026-01-20", "1,a@x.example,Ana\n"),
    ):
        limited.drop(f"hubspot/owners_{day}.csv", f"id,email,firstName\n{people}")
        assert not limited.load().failures
    assert expire(limited.settings, NOW).emptied == 0
    assert limited.raw("select id, first_name from hubspot.owners order by 1") == [("1", "Ana"), ("2", "Bea")]


def test_bytes_that_came_back_are_current_again_and_stay(limited: Site) -> None:
    drop(limited, "2026-01-10", "1 Ana", "2 Bea")
    drop(limited, "2026-01-20", "1 Cleo")
    drop(limited, "2026-06-20", "1 Ana", "2 Bea")
    assert limited.raw("select count(*) from loads where state = 'unchanged'") == [(1,)]
    assert expire(limited.settings, NOW).removed == 0
    drop(limited, "2026-06-21", "3 Dora")
    later = expire(limited.settings, NOW + dt.timedelta(days=DAYS))
    assert (later.removed, later.emptied) == (1, 2), "Cleo went, Ana and Bea are gone"


def test_bytes_that_expired_and_come_back_are_stored_anew(limited: Site) -> None:
    drop(limited, "2026-01-10", "1 Ana")
    drop(limited, "2026-01-20", "1 Bea")
    expire(limited.settings, NOW)
    drop(limited, "2026-06-20", "1 Ana")
    assert [name for _, name, *_ in names(limited)] == ["Ana", "Bea"]
    assert limited.raw("select state, rows, rows_expired from loads order by extracted_at") == [
        *(("loaded", 1, 1), ("loaded", 1, None), ("loaded", 1, None))
    ]


def test_files_that_expired_are_known_and_not_loaded_again(limited: Site) -> None:
    drop(limited, "2026-01-10", "1 Ana")
    drop(limited, "2026-01-20", "1 Bea")
    gone = expire(limited.settings, NOW)
    assert [path.name for path in gone.exports] == ["contacts_2026-01-10.csv"]
    assert [file.state for file in limited.load().files] == ["known", "known"]
    assert [name for _, name, *_ in names(limited)] == ["Bea"]


def test_a_file_whose_mapping_changed_there_and_back_is_stored_once(limited: Site) -> None:
    drop(limited, "2026-01-10", "1 Ana", "2 Zoe")
    drop(limited, "2026-01-20", "1 Bea")
    expire(limited.settings, NOW)
    said = limited.settings.extracts / "hubspot" / "source.yml"
    before = said.read_text(encoding="utf-8")
    limited.drop("hubspot/source.yml", f"{before}tables: {{contacts: {{columns: {{phone: Note interne}}}}}}\n")
    assert [file.state for file in limited.load().files] == ["loaded", "loaded"]
    said.write_text(before, encoding="utf-8")
    assert [file.state for file in limited.load().files] == ["loaded", "unchanged"]
    assert limited.raw("select count(*) = count(distinct load_id) from loads") == [(True,)]
    expire(limited.settings, NOW)
    assert names(limited) == [("1", "Bea", False, False), ("2", None, True, True)]


def test_of_increments_the_version_that_wins_by_its_own_time_stays(site: Site) -> None:
    site.drop("prospecting/source.yml", f"system: prospecting\nretention_days: {DAYS}\n")
    for day, title, enriched in (("10", "Directrice", "2026-01-09"), ("20", "Stagiaire", "2025-01-01")):
        site.drop(f"prospecting/leads_2026-01-{day}.csv", f"Email,Poste,Enrichi le\nlea@elan.fr,{title},{enriched}\n")
        assert not site.load().failures
    assert expire(site.settings, NOW).removed == 1
    assert site.raw("select title from prospecting.leads") == [("Directrice",)]


def test_of_a_ledger_the_version_of_a_year_that_was_replaced_goes_whole(site: Site) -> None:
    site.drop("fec/source.yml", f"system: fec\nretention_days: {DAYS}\n")
    titles = "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|EcritureLib|Debit|Credit"
    for year, at, amount in (("2024", "10", "1,00"), ("2025", "10", "2,00"), ("2025", "20", "3,00")):
        line = f"AC|Achats|1|{year}0105|622600|Honoraires|Facture|{amount}|0,00"
        site.drop(f"fec/123456789FEC{year}1231.txt", f"{titles}\n{line}\n", at=f"2026-01-{at} 06:00")
        assert not site.load().failures
    assert expire(site.settings, NOW).removed == 1
    assert site.raw("select debit from fec.entries order by 1") == [("1,00",), ("3,00",)]


@pytest.mark.slow
def test_a_replay_of_a_moment_before_the_limit_is_one_line_that_says_so(
    limited: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(limited, "2026-01-10", "1 Ana")
    drop(limited, "2026-01-20", "1 Bea")
    expire(limited.settings, NOW)
    limited.settings.config.mkdir()
    test = "assert_a_replay_needs_nothing_that_expired"
    told = (
        r"known_at 2026-01-15 cannot be replayed: versions of hubspot\.contacts before 2026-05-02 00:00:00 have expired"
    )
    dbt = Dbt(limited.settings, Clocks(known_at="2026-01-15"), target="dev")
    monkeypatch.setattr(dbt, "_manifest", parsed())
    with pytest.raises(UserError, match=rf"^dbt test {test}: {told} .*replay a later moment"):
        dbt.build("--select", f"+{test}")


def test_texts_of_rejected_rows_go_and_their_number_stays(limited: Site) -> None:
    people = "".join(f"{each},p{each}@x.example,P,lead,2026-01-05,\n" for each in range(200))
    limited.drop("hubspot/contacts_2026-01-10.csv", f"{CONTACTS}{people}7,cut Ana,off\n")
    assert not limited.load().failures
    assert expire(limited.settings, NOW).texts == 1
    assert limited.raw("select file_row, text, reason from rejected_rows") == [
        (202, None, "3 fields, the header has 6")
    ]
    assert b"cut Ana" not in bytes_of(limited)


def test_the_account_of_a_file_says_what_expired(limited: Site) -> None:
    drop(limited, "2026-01-10", "1 Ana", "2 Bea")
    drop(limited, "2026-01-20", "1 Cleo", "2 Dora")
    expire(limited.settings, NOW)
    done = limited.run("load_report.py")
    assert done.returncode == 0, done.stdout
    assert "2 read = 0 stored + 2 expired + 0 rejected" in done.stdout


def test_without_a_setting_nothing_expires(site: Site) -> None:
    drop(site, "2026-01-10", "1 Ana")
    drop(site, "2026-01-20", "1 Bea")
    assert expire(site.settings, NOW).is_nothing


@pytest.mark.parametrize(
    ("said", "removed"),
    [
        ("tables: {contacts: {retention_days: 60}}", 1),
        ("tables: {deals: {retention_days: 60}}", 0),
        ("retention_days: 60\ntables: {contacts: {retention_days: forever}}", 0),
        ("retention_days: 9999", 0),
    ],
)
def test_a_table_may_be_told_apart(site: Site, said: str, removed: int) -> None:
    site.drop("hubspot/source.yml", f"system: hubspot\n{said}\n")
    drop(site, "2026-01-10", "1 Ana")
    drop(site, "2026-01-20", "1 Bea")
    assert expire(site.settings, NOW).removed == removed


@pytest.mark.parametrize("said", ["0", "-5", "a year"])
def test_a_limit_that_is_no_number_of_days_is_one_line(site: Site, said: str) -> None:
    site.drop("hubspot/source.yml", f"system: hubspot\nretention_days: {said}\n")
    site.drop("hubspot/contacts_2026-01-10.csv", contacts("1 Ana"))
    with pytest.raises(UserError, match=r"^hubspot/source\.yml: retention_days is .*; it can be a number of days"):
        site.load()


def test_a_dry_run_says_what_would_go_and_changes_nothing(limited: Site) -> None:
    drop(limited, "2026-01-10", "1 Ana")
    drop(limited, "2026-01-20", "1 Bea")
    before = limited.settings.raw_file.read_bytes()
    done = limited.run("retain.py", "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert "would expire: 1 old versions of rows" in done.stdout
    assert limited.settings.raw_file.read_bytes() == before


def test_rows_that_do_not_add_up_stop_it_and_raw_stays(limited: Site) -> None:
    drop(limited, "2026-01-10", "1 Ana")
    drop(limited, "2026-01-20", "1 Bea")
    with duckdb.connect(str(limited.settings.raw_file)) as connection:
        connection.execute("update loads set rows = rows + 1 where path like '%01-20%'")
    before = limited.settings.raw_file.read_bytes()
    with pytest.raises(UserError, match="raw stays as it was"):
        expire(limited.settings, NOW)
    assert limited.settings.raw_file.read_bytes() == before


# whatever was delivered when, a replay from the limit on gives what it gave

DELIVERY = st.dictionaries(st.sampled_from("123"), st.sampled_from(["Ana", "Bea"]), max_size=3)
MOMENTS = [f"2026-0{month}-10" for month in range(1, 7)]


def stands(site: Site, known_at: str) -> list[tuple[Any, ...]]:
    """What staging takes of contacts as of a moment: keys, and values of those that were not gone."""
    systems = load_contract()
    select = current_rows(systems, systems["hubspot"].tables["contacts"], "hubspot.contacts", known_at)
    return site.raw(
        "select id, _is_gone, case when not _is_gone then firstname end, case when not _is_gone then _extra end "
        f"from ({select}) order by all"
    )


@settings(max_examples=5, deadline=None)
@given(deliveries=st.lists(DELIVERY, min_size=2, max_size=6))
def test_any_snapshots_stand_as_they_stood_at_every_moment_from_the_limit_on(
    tmp_path_factory: pytest.TempPathFactory, deliveries: list[dict[str, str]]
) -> None:
    site = Site(tmp_path_factory.mktemp("retained"))
    site.drop("hubspot/source.yml", f"system: hubspot\nretention_days: {DAYS}\n")
    for day, people in zip(MOMENTS, deliveries, strict=False):
        site.drop(f"hubspot/contacts_{day}.csv", contacts(*(f"{key} {name}" for key, name in people.items())))
    assert not site.load().failures
    replays = ["2026-05-02", "2026-05-20", "2026-06-20"]
    before = [stands(site, day) for day in replays]
    expire(site.settings, NOW)
    assert [stands(site, day) for day in replays] == before
    assert [file.state for file in site.load().files] == ["known"] * len(deliveries)
    shutil.rmtree(site.root)
