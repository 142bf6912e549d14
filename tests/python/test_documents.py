"""Bytes become titles and rows of text, whatever encoding, delimiter or format they were exported in."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from warehouse.contract import load_contract, normal
from warehouse.documents import read_document
from warehouse.errors import UnreadableExport, UnrecognisedExport
from warehouse.records import nested_records
from warehouse.tabular import SUMS, CountTitles, Document, Reject

TABLES = [table for system in load_contract().values() for table in system.tables.values()]
TITLES = frozenset(title for table in TABLES for title in table.titles)

FRENCH_DEALS = (
    "ID de fiche d'informations;Nom de la transaction;Phase de la transaction;Montant;Propriétaire de la transaction\n"
    "9871204411;Élan Énergie - licences;Gagnée;12 500 €;Zoé Lefèvre\n"
    "9871204412;Crédit Fermier - pilote;Devis envoyé;800 €;Jérôme Béranger\n"
)
OWNERS = "id,email,firstName,lastName\n1,zoe@nordlys.fr,Zoé,Lefèvre\n2,sam@nordlys.fr,Sam,Tanguy\n"


def known_titles(cells: Sequence[str]) -> int:
    return sum(normal(cell) in TITLES for cell in cells)


def read(content: bytes | str, name: str = "hubspot/deals.csv", count_titles: CountTitles = known_titles) -> Document:
    """A document whose rows are read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        document = read_document(name, path, Path(folder), count_titles)
        document.rows = iter(list(document.rows))
    return document


def cells_of(document: Document) -> list[list[str | None]]:
    return [cells for _, cells in document.rows]


@pytest.mark.parametrize(
    ("encoding", "mark", "said"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8-sig"),
        ("utf-16-le", b"\xff\xfe", "utf-16"),
        ("utf-16-be", b"\xfe\xff", "utf-16"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("cp1252", b"", "cp1252"),
    ],
)
def test_a_french_export_reads_the_same_in_each_encoding(encoding: str, mark: bytes, said: str) -> None:
    document = read(mark + FRENCH_DEALS.encode(encoding), "hubspot/transactions.csv")
    assert document.encoding == said
    assert document.titles == FRENCH_DEALS.splitlines()[0].split(";")
    assert cells_of(document) == [line.split(";") for line in FRENCH_DEALS.splitlines()[1:]]


@pytest.mark.parametrize(
    "word", ["Zoé", "12€", "Müller", "hôtel garçon", "août", "l’offre – n° 2", "« Œuvre »", "À voir…"]
)
def test_one_accented_word_is_enough_to_tell_windows_1252(word: str) -> None:
    document = read(f"id;email;firstName\n1;a@nordlys.fr;{word}\n".encode("cp1252"))
    assert cells_of(document) == [["1", "a@nordlys.fr", word]]


@pytest.mark.parametrize("encoding", ["cp850", "iso8859_15"])
def test_the_code_pages_of_old_ledger_tools_are_told_from_windows_1252(encoding: str) -> None:
    label = (
        "Société Générale, intérêts prêt œuvre 12 €" if encoding == "iso8859_15" else "Société Générale, intérêts prêt"
    )
    rows = (
        f"BQ|BANQUE|1|20260131|66110000|{label}|10,00|0,00\nBQ|BANQUE|1|20260131|51210000|Crédit Agricole|0,00|10,00\n"
    )
    header = "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|Debit|Credit\n"
    document = read((header + rows).encode(encoding), "fec/552100554FEC20261231.txt")
    assert [cells[5] for cells in cells_of(document)] == [label, "Crédit Agricole"]


def test_utf_16_cut_within_a_character_is_refused_naming_the_encoding() -> None:
    with pytest.raises(UnreadableExport, match=r"hubspot/deals\.csv: byte \d+ is not utf-16"):
        read(b"\xff\xfe" + FRENCH_DEALS.encode("utf-16-le")[:-1])


@pytest.mark.parametrize(("delimiter", "said"), [(",", ","), (";", ";"), ("\t", "tab"), ("|", "pipe")])
def test_the_delimiter_is_the_one_that_yields_known_titles(delimiter: str, said: str) -> None:
    # the cells hold more of the other delimiters than there are titles
    other = {",": ";|;|;|;|", ";": ",|,|,|,|", "\t": ",;,;,;,;", "|": ",;,;,;,;"}[delimiter]
    rows = [["Record ID", "Deal Name", "Deal Stage"], ["77", f"Nordlys {other} 2026", "Contract sent"]]
    document = read("".join(delimiter.join(row) + "\n" for row in rows))
    assert (document.delimiter, document.titles, cells_of(document)) == (said, rows[0], rows[1:])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"], ids=["LF", "CRLF", "CR", "CRCRLF"])
@pytest.mark.parametrize("preamble", ["", "Grand livre 2026\nDu 01/01/2026 au 31/12/2026\n"], ids=["bare", "preamble"])
def test_each_row_end_gives_the_same_rows(end: str, preamble: str) -> None:
    text = (
        preamble + "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|Debit|Credit\n"
        "AC|ACHATS|AC001|20260131|62260000|HONORAIRES|0000001250,00|0000000000,00\n"
        "AC|ACHATS|AC001|20260131|40110000|FOURNISSEURS|0000000000,00|0000001250,00\n"
    )
    document = read(text.replace("\n", end), "fec/552100554FEC20261231.txt")
    assert [cells[4] for cells in cells_of(document)] == ["62260000", "40110000"]
    assert document.rejects == []
    assert document.skipped == preamble.count("\n")


def test_a_newline_within_quotes_stays_in_its_cell_and_lines_count_on() -> None:
    document = read('Record ID,Deal Name,Deal Stage\n1,"Nordlys\nphase 2\n",Open\n2,Elan,Open\n')
    assert list(document.rows) == [(2, ["1", "Nordlys\nphase 2", "Open"]), (5, ["2", "Elan", "Open"])]


def test_a_quoted_quote_and_a_quote_within_a_word_are_kept() -> None:
    document = read('Record ID,Deal Name,Deal Stage\n1,"Ecran ""Pro"" 27",Open\n2,Ecran 27" mat,Open\n')
    assert [cells[1] for cells in cells_of(document)] == ['Ecran "Pro" 27', 'Ecran 27" mat']


def test_a_quote_that_is_never_closed_is_refused_rather_than_swallowing_the_rest() -> None:
    rows = "".join(f"{number},Deal {number},Open\n" for number in range(3, 400))
    with pytest.raises(UnreadableExport, match=r"hubspot/deals\.csv: the quote opened in the row on line 3"):
        read(f'Record ID,Deal Name,Deal Stage\n1,Elan,Open\n2,"Nordlys,Open\n{rows}')


def test_a_cell_longer_than_what_csv_allows_by_default_is_read() -> None:
    note = "x" * 200_000
    document = read(f"Record ID,Deal Name,Deal Stage\n1,{note},Open\n")
    assert cells_of(document) == [["1", note, "Open"]]


def test_titles_and_date_ranges_above_the_header_are_skipped() -> None:
    # Google Ads, "CSV for Excel"
    text = (
        "Rapport sur les campagnes\n1 mars 2026 - 2 mars 2026\n"
        "Jour\tCampagne\tCode de devise\tCoût\tImpr.\tClics\n2026-03-01\tMarque\tEUR\t12,50\t1 204\t31\n"
    )
    document = read(b"\xff\xfe" + text.encode("utf-16-le"), "google_ads/campagnes.csv")
    assert document.titles == ["Jour", "Campagne", "Code de devise", "Coût", "Impr.", "Clics"]
    assert list(document.rows) == [(4, ["2026-03-01", "Marque", "EUR", "12,50", "1 204", "31"])]
    assert document.skipped == 2


@pytest.mark.parametrize(
    ("row", "fields"),
    [("3,Nordlys", 2), ("3,Nordlys,Open,12 rue Haute, Lyon", 5), ("3", 1)],
    ids=["short", "long", "one"],
)
def test_a_row_of_another_width_is_rejected_with_its_line_and_reason(row: str, fields: int) -> None:
    document = read(f'Record ID,Deal Name,Deal Stage\n1,"Elan\n",Open\n{row}\n4,Zest,Open\n')
    assert [cells[0] for cells in cells_of(document)] == ["1", "4"]
    assert document.rejects == [Reject(4, row, f"{fields} fields, the header has 3")]


def test_trailing_delimiters_and_blank_lines_are_no_fields_and_no_rows() -> None:
    document = read("Record ID;Deal Name;Deal Stage;;\n\n1;Nordlys;Open;;\n;;;;\n2;Elan;Open\n")
    assert document.titles == ["Record ID", "Deal Name", "Deal Stage"]
    assert cells_of(document) == [["1", "Nordlys", "Open"], ["2", "Elan", "Open"]]
    assert (document.rejects, document.skipped) == ([], 2)


def test_a_total_row_with_fewer_fields_is_no_reject() -> None:
    document = read("Day,Campaign,Cost,Impr.,Clicks\n2026-03-01,Brand,12.50,1204,31\nTotal: Campaigns,,12.50\n")
    assert cells_of(document)[1] == ["Total: Campaigns", None, "12.50", None, None]
    assert document.rejects == []


def test_titles_and_cells_are_trimmed_and_an_empty_cell_is_none() -> None:
    document = read(" Record ID , Deal Name,Deal Stage \n 1 ,  , Open\t\n")
    assert document.titles == ["Record ID", "Deal Name", "Deal Stage"]
    assert cells_of(document) == [["1", None, "Open"]]


def test_a_text_without_known_titles_is_not_recognised_and_its_start_is_shown() -> None:
    with pytest.raises(UnrecognisedExport, match=r"notes\.csv: not recognised.*'Dear team, here are the figures'"):
        read("Dear team, here are the figures\nof March\n", "hubspot/notes.csv")


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00\x07" * 40, b"SQLite format 3\x00\x10\x00\x01\x01"]
)
def test_a_binary_file_is_refused_saying_what_to_export(content: bytes) -> None:
    with pytest.raises(UnreadableExport, match=r"hubspot/logo\.csv: binary content.*export it as CSV"):
        read(content, "hubspot/logo.csv")


CONTACTS = [
    {"id": "51", "properties": {"email": "zoe@nordlys.fr", "lifecyclestage": "lead"}, "archived": False},
    {"id": "52", "properties": {"email": "sam@elan.fr", "hs_lead_status": None}, "archived": True},
]
IN_JSON = {
    "page": json.dumps({"results": CONTACTS, "paging": {"next": {"after": "53"}}}, indent=2),
    "pages on lines": "\n".join(json.dumps({"results": [each]}) for each in CONTACTS),
    "stripe list": json.dumps({"object": "list", "has_more": False, "data": CONTACTS}),
    "lines": "\n".join(map(json.dumps, CONTACTS)) + "\n\n",
    "array": json.dumps(CONTACTS),
}


@pytest.mark.parametrize("form", IN_JSON)
def test_each_form_of_json_gives_the_same_records_with_dotted_titles(form: str) -> None:
    document = read(IN_JSON[form], "hubspot/contacts.json")
    assert document.titles == [
        *("id", "properties.email", "properties.lifecyclestage", "archived", "properties.hs_lead_status")
    ]
    assert list(document.rows) == [
        (1, ["51", "zoe@nordlys.fr", "lead", "false", None]),
        (2, ["52", "sam@elan.fr", None, "true", None]),
    ]
    assert document.delimiter == "json"


def test_a_list_in_a_record_becomes_its_items_with_the_primary_one_first() -> None:
    record = {
        "id": 9,
        "teams": [{"id": "1", "name": "Sud"}, {"id": "2", "name": "Nord", "primary": True}],
        "tags": ["a", "", "b"],
        "none": [],
    }
    document = read(json.dumps([record]), "hubspot/owners.json")
    assert dict(zip(document.titles, cells_of(document)[0], strict=True)) == {
        "id": "9",
        "teams": "Nord;Sud",
        "tags": "a;b",
        "none": None,
    }


def test_nested_lists_become_records_that_carry_the_keys_of_their_parent() -> None:
    invoices = [{"id": "in_1", "lines": {"data": [{"id": "il_1", "amount": 900}, {"id": "il_2", "amount": 100}]}}]
    assert nested_records([*invoices, {"id": "in_2", "lines": None}], "lines.data", {"invoice_id": "id"}) == [
        {"id": "il_1", "amount": 900, "invoice_id": "in_1"},
        {"id": "il_2", "amount": 100, "invoice_id": "in_1"},
    ]


@pytest.mark.parametrize(
    ("records", "told"),
    [
        pytest.param(
            [{"id": 1, "org_id": {"name": "Alpha SAS", "value": 11}}, {"id": 2, "org_id": None}],
            {"id": ["1", "2"], "org_id.name": ["Alpha SAS", None], "org_id.value": ["11", None]},
            id="null where there is no object",
        ),
        pytest.param(
            [{"owner_id": {"id": 5, "name": "Jo"}}, {"owner_id": 6}, {"owner_id": None}],
            {"owner_id": ["5", "6", None], "owner_id.id": ["5", None, None], "owner_id.name": ["Jo", None, None]},
            id="an object with an id, or the id",
        ),
        pytest.param(
            [{"org_id": 6, "org_id.id": 7, "org_id.value": None}, {"org_id": {"value": 11, "id": 12}}],
            {"org_id": ["6", "11"], "org_id.id": ["7", "12"], "org_id.value": [None, "11"]},
            id="a value before an id",
        ),
        pytest.param(
            [{"a": {"b": {"id": "x"}}}, {"a": {"b": None}}, {"a": None}],
            {"a.b.id": ["x", None, None]},
            id="an object in an object",
        ),
        pytest.param(
            [{"org_id": None}, {"org": {"id": 1}}], {"org_id": [None, None], "org.id": [None, "1"]}, id="none"
        ),
    ],
)
def test_a_title_is_a_value_or_an_object_and_not_both(
    records: list[dict[str, object]], told: dict[str, list[str | None]]
) -> None:
    document = read(json.dumps(records), "pipedrive/deals.json")
    rows = cells_of(document)
    assert {title: [row[place] for row in rows] for place, title in enumerate(document.titles)} == told


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (IN_JSON["page"][:-40], r"line \d+ is not JSON"),
        (IN_JSON["array"][:-9], "line 1 is not JSON"),
        (IN_JSON["lines"].strip()[:-9], "line 2 is not JSON"),
        ("[1, 2, 3]", "JSON without records"),
        ('{"id": "51"}\n7\n', "JSON without records"),
    ],
    ids=["page", "array", "lines", "numbers", "number on a line"],
)
def test_json_that_is_cut_or_holds_no_records_is_refused_in_one_line(text: str, where: str) -> None:
    with pytest.raises(UnreadableExport, match=rf"^hubspot/contacts\.json: {where}[^\n]*$"):
        read(text, "hubspot/contacts.json")


def test_a_line_separator_within_a_json_value_does_not_end_its_line() -> None:
    records = [{"id": "1", "note": "first\u2028second\x85third"}, {"id": "2", "note": "x"}]
    document = read("\n".join(json.dumps(each, ensure_ascii=False) for each in records), "hubspot/notes.json")
    assert cells_of(document) == [["1", "first\u2028second\x85third"], ["2", "x"]]


def parquet(path: Path) -> Path:
    connection = duckdb.connect()
    connection.execute(
        "copy (select 17 as deal_id, 'Élan' as property_dealname, 1250.50::decimal(9,2) as property_amount, "
        "timestamp '2026-03-01 08:30:00' as property_createdate, false as is_deleted, null::varchar as owner_id) "
        f"to '{path}' (format parquet)"
    )
    return path


def test_parquet_is_read_as_text_whatever_its_name(tmp_path: Path) -> None:
    path = parquet(tmp_path / "deal.export")
    document = read(path.read_bytes(), "hubspot/deal.export")
    assert document.titles == [
        *("deal_id", "property_dealname", "property_amount", "property_createdate", "is_deleted", "owner_id")
    ]
    assert list(document.rows) == [(1, ["17", "Élan", "1250.50", "2026-03-01 08:30:00", "false", None])]


def test_a_parquet_file_cut_short_is_refused_in_one_line(tmp_path: Path) -> None:
    path = parquet(tmp_path / "deal.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UnreadableExport, match=r"^hubspot/deal\.parquet: damaged Parquet[^\n]*$"):
        read(path.read_bytes(), "hubspot/deal.parquet")


HEADER = ["Record ID", "Deal Name", "Deal Stage"]
LEDGER = "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib EcritureLib Debit Credit".split()


@pytest.mark.parametrize("delimiter", ["\t", "|"])
@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        # each would take the lines below into its own cell, up to the next one
        (['"Salon de Paris', "Hôtel", 'Écran 27"'], None),
        (['"Salon" de Paris', "Hôtel", "Train"], None),
        (['"', "Hôtel", "Train"], None),
        (['"Salon', '"Salon, Paris"', '"Écran 27"""'], ['"Salon', "Salon, Paris", 'Écran 27"']),
        (['"Salon, Paris"', '"Écran ""Pro"" 27"', '""'], ["Salon, Paris", 'Écran "Pro" 27', None]),
    ],
)
def test_quotes_of_a_ledger_are_text_unless_they_stand_around_a_field(
    delimiter: str, labels: list[str], expected: list[str | None] | None
) -> None:
    rows = [["AC", "Achats", "1", "20260131", "6231", "Pub", label, "1,00", "0,00"] for label in labels]
    document = read("\r\n".join(delimiter.join(cells) for cells in [LEDGER, *rows]), "fec/552100554FEC20261231.txt")
    assert [(line, cells[6]) for line, cells in document.rows] == list(enumerate(expected or labels, start=2))
    assert document.rejects == []


def test_a_line_end_in_quotes_stays_in_its_cell_where_lines_have_not_all_fields() -> None:
    cells = ["AC", "Achats", "1", "20260131", "6231", "Pub", '"Salon\nde Paris"', "1,00", "0,00"]
    document = read("\n".join("\t".join(each) for each in (LEDGER, cells)), "fec/552100554FEC20261231.txt")
    assert [each[6] for _, each in document.rows] == ["Salon\nde Paris"]


# text as people type it: quotes, delimiters, ends of line and anything else but NUL, which marks binary files
CELL = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
# titles repeated and sums are no rows, and have tests of their own
FIRST = CELL.filter(lambda cell: cell.strip().casefold().rstrip(" :") not in SUMS and cell.strip() != HEADER[0])
TABLE = st.lists(st.tuples(FIRST, CELL, CELL), max_size=6)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@settings(max_examples=60, deadline=None)
@given(rows=TABLE)
@example(rows=[("a\r\r\nb", '"', "\u2028")])
def test_any_table_reads_back_as_it_was_written(
    encoding: str, delimiter: str, rows: list[tuple[str, str, str]]
) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows([HEADER, *rows])
    document = read(written.getvalue().encode(encoding))
    trimmed = [[cell.strip() or None for cell in row] for row in rows]
    assert cells_of(document) == [row for row in trimmed if any(row)]
    assert document.titles == HEADER
    assert document.rejects == []


@pytest.mark.parametrize(
    ("row", "is_kept"),
    [
        ("Total,,30.50", False),
        ('Grand total:,,"1 234,50 €"', False),
        ("Total,Paris,30", True),
        ("Totally,,30", True),
    ],
)
def test_a_sum_is_told_from_a_company_called_total(row: str, is_kept: bool) -> None:
    document = read(f"Name,City,Amount\nAlpha,Lyon,30.50\n{row}\n", "deals.csv", lambda cells: 3)
    kept = [cells[0] for _, cells in document.rows]
    assert (len(kept) == 2) == is_kept


SALES = "Opportunity ID,Stage,Close Date,Won\n006A,Won,2026-03-25,1\n006B,Lost,2026-03-26,0\n"
FOOTER = (
    *("Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.", "Confidential - Do Not Distribute"),
    *("Generated By:  Jane Doe  15/09/2026 10:00", "Scraap"),
)


@pytest.mark.parametrize("pad", ["", ",,,"], ids=["as exported", "saved again by Excel"])
@pytest.mark.parametrize("name", ["Opportunities", "Opportunities for KPI"])
def test_the_footer_of_a_report_is_no_row_whatever_is_one_word_of_it(name: str, pad: str) -> None:
    footer = "".join(f'"{line}"{pad}\n' for line in (name, *FOOTER))
    document = read(f"{SALES}{pad}\n{pad}\n{footer}")
    assert [cells[0] for cells in cells_of(document)] == ["006A", "006B"]
    assert (document.rejects, document.skipped) == ([], 7)


@pytest.mark.parametrize(
    "below",
    [
        "006C,,,\n006D,,,\n",  # ids alone
        "a note,,,\n006C,Won,2026-03-27,1\n",  # not at the end
    ],
)
def test_rows_below_a_blank_line_are_rows(below: str) -> None:
    document = read(f"{SALES}\n{below}")
    assert len(cells_of(document)) == 4


LINES = [{"id": "L1", "client": "x", "total": 60}, {"id": "L2", "client": "x", "total": 40}]


@pytest.mark.parametrize("envelope", ["items", "data", "value", "results", "records"])
@pytest.mark.parametrize("own", [{"id": "F1"}, {"Id": "F1"}, {"email": "a@b.example", "lastname": "B"}])
def test_a_record_that_holds_a_list_is_a_record(envelope: str, own: dict[str, str]) -> None:
    records = [{**own, "total": 100, envelope: LINES}, {**own, "total": 200, envelope: []}]
    for text in ("\n".join(map(json.dumps, records)), json.dumps(records)):
        assert [cells[-2:] for cells in cells_of(read(text, "erp/f.json"))] == [["100", "L1;L2"], ["200", None]]


@pytest.mark.parametrize(
    "page",
    [
        {"success": True, "data": None, "additional_data": {"pagination": {"start": 0}}},
        {"results": None},
        {"object": "list", "data": [], "has_more": False, "url": "/v1/invoices"},
    ],
)
def test_a_page_without_records_has_none(page: dict[str, object]) -> None:
    document = read(json.dumps(page), "pipedrive/deals.json")
    assert (document.titles, cells_of(document)) == ([], [])
    lines = [page, {"success": True, "data": [{"id": 1, "title": "A"}]}]
    assert cells_of(read("\n".join(map(json.dumps, lines)), "pipedrive/deals.json")) == [["1", "A"]]


@pytest.mark.parametrize("record", [{"name": "amount", "value": None}, {"data": None, "email": "a@b.example"}])
def test_a_record_with_nothing_in_it_is_no_empty_page(record: dict[str, object]) -> None:
    assert len(cells_of(read(json.dumps(record), "hubspot/history.json"))) == 1
