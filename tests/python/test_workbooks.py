"""A workbook is read as the export it was saved from: the sheet with the known header, its cells as text."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest

from conftest import Site
from warehouse import workbooks
from warehouse.errors import AmbiguousExport, UnreadableExport, UnrecognisedExport
from warehouse.tabular import Document, Reject
from warehouse.workbooks import read_workbook

KNOWN = frozenset(["Record ID", "Deal Name", "Deal Stage", "Amount", "Close Date"])
HEADER = ["Record ID", "Deal Name", "Deal Stage", "Amount"]
Rows = Sequence[Sequence[Any]]


def saved(**sheets: Rows) -> bytes:
    """A workbook with these sheets; one whose name begins with `hidden` is hidden."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if name.startswith("hidden"):
            sheet.sheet_state = "hidden"
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def ods(rows: Rows) -> bytes:
    """A spreadsheet of LibreOffice, as little of it as can be."""

    def cell(value: object) -> str:
        if isinstance(value, float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    space = "urn:oasis:names:tc:opendocument:xmlns"
    text = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
        f'xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Deals">{lines}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", text)
    return content.getvalue()


def read(content: bytes) -> Document:
    return read_workbook("hubspot/deals.xlsx", content, lambda cells: sum(cell in KNOWN for cell in cells))


def cells_of(document: Document) -> list[list[str | None]]:
    return [cells for _, cells in document.rows]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Élan", "Élan"),
        (" 007 ", "007"),
        (9871204411, "9871204411"),
        (12.0, "12"),
        (1234.5, "1234.5"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (-1e20, "-100000000000000000000"),
        (True, "true"),
        (False, "false"),
        (dt.date(2026, 3, 2), "2026-03-02"),
        (dt.datetime.fromisoformat("2026-03-02 08:30"), "2026-03-02 08:30:00"),
        (dt.time(8, 30), "08:30:00"),
        (dt.timedelta(hours=30, seconds=5), "30:00:05"),
        ("#N/A", None),
        (None, None),
    ],
)
def test_each_kind_of_cell_has_its_text(value: object, text: str | None) -> None:
    document = read(saved(Deals=[HEADER, ["1", value, "Open", 5]]))
    assert cells_of(document) == [["1", text, "Open", "5"]]


def test_a_workbook_is_binary_and_says_so() -> None:
    document = read(saved(Deals=[HEADER]))
    assert (document.encoding, document.delimiter, document.titles) == ("binary", "xlsx", HEADER)
    assert cells_of(document) == []


def test_titles_above_blank_rows_and_sums_below_are_skipped_and_lines_are_the_sheets() -> None:
    rows = [
        ["Export of deals"],
        [],
        HEADER,
        [1, "Nordlys", "Open", 10],
        [],
        [2, "Elan", "Open", 20],
        ["Total", "", "", 30],
    ]
    document = read(saved(Deals=rows))
    assert list(document.rows) == [
        (4, ["1", "Nordlys", "Open", "10"]),
        (6, ["2", "Elan", "Open", "20"]),
    ]
    assert (document.skipped, document.rejects) == (4, [])


def test_a_table_that_begins_further_down_and_right_keeps_the_sheets_row_numbers() -> None:
    document = read(saved(Deals=[[], [], [None, *HEADER], [None, 1, "Nordlys", "Open", 10]]))
    assert list(document.rows) == [(4, ["1", "Nordlys", "Open", "10"])]


def test_a_note_beside_the_table_is_a_reject() -> None:
    document = read(saved(Deals=[HEADER, [1, "Nordlys", "Open", 10, None, "ask Zoé"], [2, "Elan", "Open", 20]]))
    assert cells_of(document) == [["2", "Elan", "Open", "20"]]
    assert document.rejects == [Reject(2, "1;Nordlys;Open;10;;ask Zoé", "6 fields, the header has 4")]


def test_the_sheet_with_most_known_titles_is_read() -> None:
    document = read(
        saved(
            About=[["Exported by", "Zoé"]],
            Pivot=[["Deal Stage", "Amount"], ["Open", 30]],
            Deals=[HEADER, [1, "Nordlys", "Open", 10]],
            hidden_copy=[HEADER, [2, "Elan", "Open", 20]],
        )
    )
    assert cells_of(document) == [["1", "Nordlys", "Open", "10"]]


def test_two_sheets_that_know_as_many_titles_are_refused_naming_both() -> None:
    with pytest.raises(AmbiguousExport, match=r"^hubspot/deals\.xlsx: sheets 'Mars' and 'Avril' could both be the exp"):
        read(saved(Mars=[HEADER, [1]], Avril=[HEADER, [2]]))


def test_a_workbook_without_known_titles_is_not_recognised() -> None:
    with pytest.raises(UnrecognisedExport, match=r"^hubspot/deals\.xlsx: not recognised, no sheet has a line"):
        read(saved(Notes=[["Dear team"], ["here are the figures"]]))


@pytest.mark.parametrize("content", [workbooks.OLE + bytes(600), b"PK\x05\x06" + bytes(18)], ids=["xls", "zip"])
def test_what_only_looks_like_a_workbook_is_one_line(content: bytes) -> None:
    with pytest.raises(UnreadableExport, match=r"^hubspot/deals\.xlsx: no workbook that can be read[^\n]*$"):
        read(content)


def test_a_stray_cell_in_the_last_corner_does_not_exhaust_memory() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(saved(Deals=[HEADER])))
    workbook.active["XFD1048576"] = "x"
    content = io.BytesIO()
    workbook.save(content)
    with pytest.raises(UnreadableExport, match="reaches to row 1048576 and column 16384, past what is read"):
        read(content.getvalue())


def test_a_spreadsheet_of_libreoffice_is_read_alike(site: Site) -> None:
    site.drop(
        "hubspot/deals.ods", ods([["Export"], [*HEADER, "Create Date"], ["1", "Élan", "Open", 12.5, "2026-03-01"]])
    )
    assert [file.message for file in site.load().files] == [""]
    assert site.raw("select id, dealname, amount from hubspot.deals") == [("1", "Élan", "12.5")]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
def test_an_excel_report_of_ads_loads_as_its_csv_does(site: Site, pack: Any) -> None:
    rows = [
        ["Campaign report"],
        ["March 1, 2026 - March 2, 2026"],
        ["Day", "Campaign", "Campaign ID", "Cost", "Impr.", "Clicks"],
        [dt.date(2026, 3, 1), "Brand", 11, 12.5, 1204, 31],
        [dt.date(2026, 3, 2), "Brand", 11, 10, 900, 20],
        ["Total: Account", None, None, 22.5, 2104, 51],
    ]
    site.drop("google_ads/campaigns.xlsx", pack(saved(Report=rows)))
    assert [file.state for file in site.load().files] == ["loaded"]
    assert site.raw("select day, campaign_id, cost, impressions, _file_row from google_ads.campaign_stats") == [
        ("2026-03-01", "11", "12.5", "1204", 4),
        ("2026-03-02", "11", "10", "900", 5),
    ]
    assert site.raw("select rows, skipped_rows, encoding, delimiter from loads") == [(2, 3, "binary", "xlsx")]


def test_a_workbook_cut_short_is_one_line(site: Site) -> None:
    site.drop("hubspot/deals.xlsx", saved(Deals=[HEADER, [1, "Nordlys", "Open", 10]])[:-300])
    (failure,) = site.load().failures
    assert failure.message == ("hubspot/deals.xlsx: the archive or workbook is cut short or damaged; export it again")
