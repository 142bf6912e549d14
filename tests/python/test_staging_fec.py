"""What staging promises of the FEC, the ledger export of French law, in both of its variants."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from textwrap import dedent

import pytest

from conftest import Site

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fec")]

TITLES = (
    "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate "
    "EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise"
).split()


def fec(lines: str, delimiter: str = "\t") -> str:
    """A file of 18 columns from lines of 8: journal, its name, entry, date, account, document, debit, credit."""
    rows = []
    for line in dedent(lines).strip().splitlines():
        code, name, entry, day, account, document, debit, credit = (cell.strip() for cell in line.split("|"))
        account_cells = [account, f"Compte {account}", "", ""]
        document_cells = [document, day, f"Pièce {document}", debit, credit]
        rows.append([code, name, entry, day, *account_cells, *document_cells, "", "", day, "", ""])
    return "\n".join(delimiter.join(row) for row in [TITLES, *rows]) + "\n"


LAST_YEAR = """
    AN | A NOUVEAUX        | 1 | 20240101 | 512000 | SOLDE | 0000001000,00 |
    AN | A NOUVEAUX        | 1 | 20240101 | 101000 | SOLDE |               | 0000001000,00
"""
FIRST_DELIVERY = """
    AC | Achats            | 1 | 20250131 | 623100 | F-1   | 99999,99      | 0,00
    AC | Achats            | 1 | 20250131 | 401000 | F-1   | 0,00          | 99999,99
    AC | Achats            | 9 | 20250131 | 623100 | F-9   | 1,00          | 0,00
    AC | Achats            | 9 | 20250131 | 401000 | F-9   | 0,00          | 1,00
"""
CORRECTED_DELIVERY = """
    AN | A NOUVEAUX        | 1 | 20250101 | 512000 | SOLDE | 0000001000,00 |
    AN | A NOUVEAUX        | 1 | 20250101 | 101000 | SOLDE |               | 0000001000,00
    AC | Achats            | 2 | 20250131 | 623100 | F-1   | 0000001234,56 | 0,00
    AC | Achats            | 2 | 20250131 | 445660 | F-1   | 0000000246,91 |
    AC | Achats            | 2 | 20250131 | 401000 | F-1   | 0,00          | 0000001481,47
    PA |                   | 3 | 20250131 | 641100 | PAIE  | 12,5          |
    PA |                   | 3 | 20250131 | 421000 | PAIE  |               | 12,50
    AD | Achats nouveautés | 4 | 20250228 | 607000 | F-2   | 10,00         |
    AD | Achats nouveautés | 4 | 20250228 | 401000 | F-2   |               | 10,00
    RP | Reports à-nouveau | 5 | 20250101 | 401000 | SOLDE | 7,00          |
    RP | Reports à-nouveau | 5 | 20250101 | 512000 | SOLDE |               | 7,00
    CL | Clôture           | 6 | 20251231 | 120000 | CLO   | 8,00          |
    CL | Clôture           | 6 | 20251231 | 890000 | CLO   |               | 8,00
"""
AMOUNT_AND_SENSE = """
    AC | Dépenses | 0 | 20250131 | 623100 | F-1 | 1234,56 | D
    AC | Dépenses | 0 | 20250131 | 401000 | F-1 | 1234,56 | C
    AC | Dépenses | 0 | 20250131 | 623100 | F-2 | 7,00    | +1
    AC | Dépenses | 0 | 20250131 | 401000 | F-2 | 7,00    | -1
"""
HAND_MADE = """
    OD | Divers | 1 | 20250131 | 601 | A | 246,912    |
    OD | Divers | 2 | 20250131 | 602 | B | 2.50       |
    OD | Divers | 3 | 20250131 | 603 | C | 1.234,5    |
    OD | Divers | 4 | 20250131 | 604 | D | -1 234,50  |
    OD | Divers | 5 | 20250131 | 605 | E | 12,5000    |
    OD | Divers | 6 | 20250131 | 606 | F | néant      |
    OD | Divers | 7 | 20250131 | 607 | G | 1 234 567  |
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("fec"))
    made.drop("fec/123456789FEC20241231.txt", fec(LAST_YEAR), at="2025-02-01 06:00")
    made.drop("fec/123456789FEC20251231.txt", fec(FIRST_DELIVERY), at="2026-02-01 06:00")
    made.drop(
        "fec/corrected/123456789FEC20251231.txt",
        fec(CORRECTED_DELIVERY).replace("\n", "\r\r\n"),
        encoding="iso8859_15",
        at="2026-02-10 06:00",
    )
    made.drop(
        "fec/987654321FEC20251231.txt",
        fec(AMOUNT_AND_SENSE, "|").replace("Debit|Credit", "Montant|Sens"),
        encoding="cp850",
        at="2026-02-05 06:00",
    )
    made.drop("fec/111111111FEC20251231.txt", fec(HAND_MADE), at="2026-02-05 06:00")
    assert not made.load().failures
    made.dbt("run", "--select", "staging.fec")
    return made


def lines(site: Site, condition: str, columns: str) -> list[tuple[object, ...]]:
    return site.marts(f"""
        select {columns} from staging.stg_fec__entries where {condition} order by booked_date, entry_id, account_code
    """)


def test_a_corrected_delivery_replaces_its_company_and_year_whole(site: Site) -> None:
    assert lines(site, "label in ('Pièce F-1', 'Pièce F-9') and company_code = '123456789'", "debit_amount::text") == [
        ("0.00",),
        ("246.91",),
        ("1234.56",),
    ]


def test_a_delivery_leaves_the_other_years_and_companies_alone(site: Site) -> None:
    assert site.marts("""
        select company_code, year(booked_date), count(*) from staging.stg_fec__entries group by all order by all
    """) == [("111111111", 2025, 7), ("123456789", 2024, 2), ("123456789", 2025, 13), ("987654321", 2025, 4)]


def test_debit_and_credit_are_read_with_commas_and_padding(site: Site) -> None:
    assert lines(
        site, "company_code = '123456789' and journal_code = 'AC'", "debit_amount::text, credit_amount::text"
    ) == [
        ("0.00", "1481.47"),
        ("246.91", "0.00"),
        ("1234.56", "0.00"),
    ]


@pytest.mark.parametrize(
    ("account", "debit"),
    [
        pytest.param("601", None, id="more decimals than cents are not rounded"),
        pytest.param("602", None, id="a decimal point is no thousands mark"),
        pytest.param("603", "1234.50", id="thousands in points"),
        pytest.param("604", "-1234.50", id="thousands in spaces"),
        pytest.param("605", "12.50", id="padded with zeros"),
        pytest.param("606", None, id="no number"),
        pytest.param("607", "1234567.00", id="no decimals"),
    ],
)
def test_an_amount_that_cannot_be_read_is_null_rather_than_wrong(site: Site, account: str, debit: str | None) -> None:
    assert lines(site, f"account_code = '{account}'", "debit_amount::text, credit_amount::text") == [(debit, "0.00")]


def test_an_amount_and_a_sense_are_a_debit_or_a_credit(site: Site) -> None:
    assert lines(site, "company_code = '987654321'", "account_code, debit_amount::text, credit_amount::text") == [
        ("401000", "0.00", "1234.56"),
        ("623100", "1234.56", "0.00"),
        ("401000", "0.00", "7.00"),
        ("623100", "7.00", "0.00"),
    ]


def test_every_entry_balances_where_all_are_numbered_zero_by_document(site: Site) -> None:
    assert site.marts("""
        select company_code, count(*), max(abs(balance)) from (
            select company_code, entry_id, sum(debit_amount - credit_amount) as balance
            from staging.stg_fec__entries where company_code <> '111111111' group by all
        ) group by all order by all
    """) == [("123456789", 7, 0), ("987654321", 2, 0)]


def test_days_are_read_without_separators(site: Site) -> None:
    assert (
        lines(site, "label = 'Pièce F-2' and company_code = '123456789'", "booked_date")
        == [(dt.date(2025, 2, 28),)] * 2
    )


@pytest.mark.parametrize(
    ("journal", "is_opening_or_closing"),
    [
        pytest.param("AN", True, id="opening by code"),
        pytest.param("RP", True, id="opening by name"),
        pytest.param("CL", True, id="closing by name"),
        pytest.param("AC", False, id="purchases"),
        pytest.param("AD", False, id="a name with nouveau in another word"),
        pytest.param("PA", False, id="a journal without a name"),
    ],
)
def test_opening_and_closing_entries_are_flagged(site: Site, journal: str, is_opening_or_closing: bool) -> None:
    assert set(lines(site, f"journal_code = '{journal}'", "is_opening_or_closing")) == {(is_opening_or_closing,)}


def test_names_survive_the_code_pages_of_accounting_tools(site: Site) -> None:
    assert site.marts("""
        select distinct journal_name from staging.stg_fec__entries where journal_code in ('RP', 'CL')
        or company_code = '987654321' order by all
    """) == [("Clôture",), ("Dépenses",), ("Reports à-nouveau",)]


def test_a_month_stands_as_in_the_newest_export_of_the_running_year_that_has_it(tmp_path: Path) -> None:
    site = Site(tmp_path)
    line = "AC | Achats | {number} | {day} | 623100 | F-{number} | {amount},00 | 0,00"

    def export(name: str, at: str, *booked: tuple[str, int]) -> None:
        rows = [line.format(number=place, day=day, amount=amount) for place, (day, amount) in enumerate(booked)]
        site.drop(f"fec/{at[:10]}/123456789FEC{name}.txt", fec("\n".join(rows)), at=at)

    last_year = [(f"2024{month:02}05", 1) for month in range(1, 13) for _ in range(4)]
    export("20241231", "2025-02-01 06:00", *last_year)
    export("20250131", "2025-02-01 06:00", ("20250131", 100))
    # what was provisional is booked otherwise, and a day is of the wrong year
    export("20250228", "2025-03-01 06:00", ("20250131", 120), ("20250228", 200), ("20240215", 999))
    export("20250331", "2025-04-01 06:00", ("20250131", 130), ("20250228", 200), ("20250331", 300), ("neant", 7))
    assert not site.load().failures
    site.dbt("run", "--select", "staging.fec")
    assert site.marts("""
        select strftime(booked_date, '%Y'), sum(debit_amount)::int, count(*) from staging.stg_fec__entries
        group by all order by all
    """) == [("2024", 48, 48), ("2025", 630, 3), (None, 7, 1)]
