"""The account of every file: rows read are rows stored and rows rejected, and who lost one is told."""

from __future__ import annotations

import duckdb

from conftest import Site

OWNERS = "Owner ID,Email,First Name,Last Name\n"


def test_rejected_rows_are_shown_with_their_line_and_reason(site: Site) -> None:
    rows = "".join(f"{number},rep{number}@lumio.example,Ana,Petit\n" for number in range(200))
    site.drop("hubspot/owners_2026-03-02.csv", f"{OWNERS}{rows}1,too,many,cells,here\n")
    assert site.run("load.py").returncode == 0
    done = site.run("load_report.py")
    assert done.returncode == 0, done.stderr
    assert "201 read = 200 stored + 1 rejected" in done.stdout
    assert "owners_2026-03-02.csv line 202: 5 fields, the header has 4" in done.stdout


def test_a_refused_file_is_shown_with_why(site: Site) -> None:
    site.drop("hubspot/owners_2026-03-02.csv", f"{OWNERS}1,too,many,cells,here\n")
    assert site.run("load.py").returncode == 1
    done = site.run("load_report.py")
    assert "refused" in done.stdout
    assert "1 of 1 rows rejected" in done.stdout
    assert "owners_2026-03-02.csv line 2: 5 fields, the header has 4" in done.stdout
    assert "1 files, 1 rows read, 0 stored, 1 rejected" in done.stdout


def test_a_lost_row_is_told_and_fails(site: Site) -> None:
    site.drop("hubspot/owners_2026-03-02.csv", f"{OWNERS}1,a@lumio.example,Ana,Petit\n")
    assert site.run("load.py").returncode == 0
    with duckdb.connect(str(site.settings.raw_file)) as connection:
        connection.execute("update loads set rows = rows - 1")
    done = site.run("load_report.py")
    assert done.returncode == 1
    assert "NOT BALANCED" in done.stdout


def test_where_nothing_was_loaded_one_line_says_so(site: Site) -> None:
    done = site.run("load_report.py")
    assert done.returncode == 1
    assert done.stderr.startswith("load_report: ")
    assert len(done.stderr.strip().splitlines()) == 1
