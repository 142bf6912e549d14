"""Erasing a person: nothing of them is left in raw, nothing of them comes back, and nobody else is touched."""

from __future__ import annotations

import csv
import gzip
import io
import re
import subprocess
import sys
import zipfile

import duckdb
import openpyxl
import pytest

from conftest import Site
from warehouse.erasing import LIST, erase
from warehouse.errors import UserError

CONTACTS = "id,email,firstname,lastname,lifecyclestage,createdate,Note interne,_fivetran_deleted\n"
JANE = "1,Jane.Doe@client.example,Jane,Doe,lead,2026-01-05T09:00:00Z,likes tea,false\n"
JOHN = "2,mary.jane.doe@client.example,Mary,Smith,lead,2026-01-06T09:00:00Z,likes coffee,false\n"
EMAILS = "id,hs_timestamp,hs_email_direction,hs_email_status,hubspot_owner_id,hs_email_subject\n"
SENT = "9,2026-01-07T09:00:00Z,EMAIL,SENT,7,for jane.doe@client.example and others\n"
ADDRESS = "jane.doe@client.example"


def names_jane(content: str | bytes) -> bool:
    """Whether a text has her address, not as the end of another one."""
    text = content.decode("latin-1") if isinstance(content, bytes) else content
    return bool(re.search(r"(?<![\w.])jane\.doe@client\.example", text, re.IGNORECASE))


@pytest.fixture
def loaded(site: Site) -> Site:
    site.drop("hubspot/contacts_2026-03-02.csv", CONTACTS + JANE + JOHN)
    site.drop("hubspot/emails_2026-03-02.csv", EMAILS + SENT)
    assert not site.load().failures
    return site


def contact(site: Site, key: str) -> tuple[object, ...]:
    (found,) = site.raw(
        f"select email, firstname, lastname, lifecyclestage, _extra from hubspot.contacts where id = '{key}'"
    )
    return found


def contact_mark(site: Site, key: str) -> object:
    return site.raw(f"select archived from hubspot.contacts where id = '{key}'")[0][0]


def test_what_raw_held_of_a_person_is_gone_and_the_row_still_counts(loaded: Site) -> None:
    changed, _ = erase(loaded.settings, [ADDRESS])
    assert changed == 2
    email, first_name, last_name, stage, extra = contact(loaded, "1")
    assert (email, first_name, last_name, stage) == (None, None, None, "lead")
    assert "tea" not in str(extra)
    assert contact_mark(loaded, "1") == "false", "the deletion mark is no personal data"
    assert not names_jane(str(loaded.raw("select * from hubspot.emails")))


def test_whose_address_contains_the_erased_one_is_not_touched(loaded: Site) -> None:
    before = contact(loaded, "2")
    erase(loaded.settings, [ADDRESS])
    assert contact(loaded, "2") == before


def test_no_byte_of_the_warehouse_names_the_erased(loaded: Site) -> None:
    (loaded.settings.warehouse / "dev.duckdb").write_bytes(ADDRESS.encode())
    erase(loaded.settings, [ADDRESS])
    for path in loaded.settings.warehouse.rglob("*"):
        if path.is_file():
            assert not names_jane(path.read_bytes()), path
    assert not (loaded.settings.warehouse / "dev.duckdb").exists()


def test_forecasts_that_were_made_stay_and_nothing_else_of_the_build(loaded: Site) -> None:
    accepted = loaded.settings.warehouse_file
    with duckdb.connect(str(accepted)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.forecast_snapshots as select date '2026-03-01' as as_of_date")
        connection.execute(f"create table marts.dim_contacts as select '{ADDRESS}' as contact_email")
    erase(loaded.settings, [ADDRESS])
    with duckdb.connect(str(accepted), read_only=True) as connection:
        assert connection.execute("select table_name from duckdb_tables()").fetchall() == [("forecast_snapshots",)]
        assert connection.execute("select count(*) from marts.forecast_snapshots").fetchall() == [(1,)]
    assert not names_jane(accepted.read_bytes())


def test_an_accepted_build_whose_forecasts_cannot_be_read_is_not_removed(loaded: Site) -> None:
    loaded.settings.warehouse_file.write_bytes(b"no database")
    with pytest.raises(UserError, match="the forecasts made cannot be read"):
        erase(loaded.settings, [ADDRESS])
    assert loaded.settings.warehouse_file.read_bytes() == b"no database"


def test_what_comes_later_is_landed_without_them(loaded: Site) -> None:
    erase(loaded.settings, [ADDRESS])
    loaded.drop("hubspot/contacts_2026-03-09.csv", CONTACTS + JANE.replace("lead", "customer") + JOHN)
    loaded.drop("hubspot/emails_2026-03-09.csv", EMAILS + SENT)
    assert not loaded.load().failures
    later = loaded.raw("select email, firstname, lifecyclestage from hubspot.contacts where id = '1' order by _file")
    assert later == [(None, None, "lead"), (None, None, "customer")]
    texts = loaded.raw("select columns(*)::varchar from hubspot.contacts")
    assert not names_jane(str(texts))


def test_the_list_is_of_hashes_that_only_the_owner_reads(loaded: Site) -> None:
    erase(loaded.settings, [ADDRESS])
    path = loaded.settings.warehouse / LIST
    assert "@" not in path.read_text(encoding="ascii")
    assert path.stat().st_mode & 0o077 == 0


def test_exports_that_still_name_them_are_listed(loaded: Site) -> None:
    done = loaded.run("erase.py", ADDRESS)
    assert done.returncode == 0, done.stderr
    assert "contacts_2026-03-02.csv" in done.stdout
    assert "emails_2026-03-02.csv" in done.stdout


def test_the_ledger_still_balances(loaded: Site) -> None:
    erase(loaded.settings, [ADDRESS])
    done = loaded.run("load_report.py")
    assert done.returncode == 0, done.stdout


def test_a_load_killed_before_is_folded_in_and_leaves_no_journal(loaded: Site) -> None:
    before = loaded.raw("select count(*) from loads")
    kill_with_journal(loaded)
    erase(loaded.settings, [ADDRESS])
    assert loaded.raw("select count(*) from loads") == [(before[0][0] + 1,)]
    assert sorted(path.name for path in loaded.settings.warehouse.glob("raw*")) == ["raw.duckdb"]


def kill_with_journal(site: Site) -> None:
    """One more ledger row that stands in the journal alone, as after a kill."""
    code = (
        "import duckdb, os, sys\n"
        "c = duckdb.connect(sys.argv[1])\n"
        "c.execute(\"insert into loads (load_id, state) values ('killed', 'refused')\")\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(site.settings.raw_file)], check=False)
    assert site.settings.raw_file.with_suffix(".duckdb.wal").exists()


def test_what_is_no_address_is_refused(loaded: Site) -> None:
    with pytest.raises(UserError, match="not an e-mail address"):
        erase(loaded.settings, ["Jane Doe"])


def packed(kind: str, text: str) -> bytes:
    """An export packed in one of the ways it may come in."""
    written = io.BytesIO()
    if kind == "gz":
        return gzip.compress(text.encode())
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in csv.reader(io.StringIO(text)):
            book.active.append(row)  # type: ignore[union-attr]
        book.save(written)
        return written.getvalue()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("contacts.csv", text)
        if kind == "zip of two":
            archive.writestr("readme.txt", "made by hand")
    return written.getvalue()


@pytest.mark.parametrize("kind", ["gz", "zip", "zip of two", "xlsx"])
def test_packed_exports_that_still_name_a_person_are_named(loaded: Site, kind: str) -> None:
    folder = loaded.settings.extracts / "hubspot"
    name = f"contacts_2026-03-09.csv.{kind.split()[0]}"
    (folder / name).write_bytes(packed(kind, CONTACTS + JANE + JOHN))
    (folder / f"other_{name}").write_bytes(packed(kind, CONTACTS + JOHN.replace("jane", "june")))
    (folder / "cut.zip").write_bytes(packed("zip", CONTACTS + JANE)[:200])
    _, naming = erase(loaded.settings, [ADDRESS])
    assert [path.name for path in naming] == ["contacts_2026-03-02.csv", name, "emails_2026-03-02.csv"]


def test_an_address_across_two_chunks_of_a_file_is_found(loaded: Site) -> None:
    padding = "x" * (2**20 - len(CONTACTS) - len(ADDRESS) // 2 - 2)
    loaded.drop("hubspot/contacts_2026-03-09.csv", f"{CONTACTS}1,{padding}{ADDRESS}\n")
    assert loaded.settings.extracts / "hubspot" / "contacts_2026-03-09.csv" in erase(loaded.settings, [ADDRESS])[1]
