"""Workbooks: the sheet of an .xlsx, .xls or .ods whose header the contract knows best, as rows of text."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from decimal import Decimal

from python_calamine import CalamineError, CalamineSheet, PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

from warehouse.archives import is_zip
from warehouse.errors import AmbiguousExport, UnreadableExport, UnrecognisedExport
from warehouse.tabular import HEADER_LINES, CountTitles, Document, Header, Number, find_header, numbers_in, rows_below

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and any workbook with a password

CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,20})(\d{1,20})"[^>]*(?<!/)>')
ROW = re.compile(rb'<(?:\w+:)?row\s(?:[^>]*?\s)?r="(\d{1,20})"[^>]*(?<!/)>')
CELL_LENGTH = 256
CELLS_LIMIT = 50_000_000  # from the first to the last used row and column: some 2 GB in memory
CHUNK = 1024**2

Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def is_workbook(content: bytes) -> bool:
    """Whether bytes, unpacked, look like a workbook."""
    return is_zip(content) or content.startswith(OLE)


def read_workbook(name: str, content: bytes, count_titles: CountTitles) -> Document:
    """The document in the visible sheet whose header has most known titles; its lines are the sheet's row numbers.

    Raises UnreadableExport for a damaged or locked workbook, UnrecognisedExport when no sheet has known titles,
    AmbiguousExport when two sheets have as many.
    """
    if is_zip(content):
        _refuse_scattered(name, content)
    try:
        with load_workbook(io.BytesIO(content)) as workbook:
            found: list[tuple[Header, CalamineSheet]] = []
            for metadata in workbook.sheets_metadata:
                if metadata.typ != SheetTypeEnum.WorkSheet or metadata.visible != SheetVisibleEnum.Visible:
                    continue
                sheet = workbook.get_sheet_by_name(metadata.name)
                head = [[text_of(value) for value in row] for row in sheet.to_python(nrows=HEADER_LINES)]
                header = find_header(head, count_titles)
                if header:
                    found.append((header, sheet))
    except PasswordError:
        raise UnreadableExport(f"{name}: the workbook asks for a password; save it without one") from None
    except BaseException as error:
        # what its reader did not think of is no Exception, and its class has no name to import
        if not isinstance(error, CalamineError) and type(error).__name__ != "PanicException":
            raise
        raise UnreadableExport(f"{name}: no workbook that can be read, or a damaged one; save it as CSV") from None
    if not found:
        raise UnrecognisedExport(f"{name}: not recognised, no sheet has a line with titles of a known export")
    most = max(header.known for header, _ in found)
    best = [(header, sheet) for header, sheet in found if header.known == most]
    if len(best) > 1:
        sheets = " and ".join(repr(sheet.name) for _, sheet in best)
        raise AmbiguousExport(f"{name}: sheets {sheets} could both be the export; keep one sheet in a file")
    return _document_of_sheet(*best[0])


def _refuse_scattered(name: str, content: bytes) -> None:
    """A sheet is held in memory as a full rectangle: one stray cell in the last corner would exhaust it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.namelist():
            if not member.startswith("xl/worksheets/") or not member.endswith(".xml"):
                continue
            last_row, last_column, tail = 0, 0, b""
            with archive.open(member) as file:
                while chunk := file.read(CHUNK):
                    for found in CELL.finditer(tail + chunk):
                        last_row = max(last_row, int(found[2]))
                        last_column = max(last_column, _column_number(found[1]))
                    for found in ROW.finditer(tail + chunk):  # its cells may not say where they are
                        last_row = max(last_row, int(found[1]))
                    tail = chunk[-CELL_LENGTH:]
            if last_row * max(last_column, 1) > CELLS_LIMIT:
                raise UnreadableExport(
                    f"{name}: a sheet reaches to row {last_row} and column {last_column}, past what is read; delete "
                    "stray cells, or save the sheet as CSV"
                )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _document_of_sheet(header: Header, sheet: CalamineSheet) -> Document:
    first = sheet.start[0] + 1 if sheet.start else 1
    rows = [[text_of(value) for value in row] for row in sheet.to_python()]
    width = len(header.titles)
    numbers = numbers_in(zip(*(row[:width] for row in rows[header.index + 1 :]), strict=True))
    document = Document(header.titles, iter(()), "binary", "xlsx", numbers=numbers)
    document.rows = rows_below(document, header, enumerate(rows, start=first), ";")
    return document


def text_of(value: Value) -> str:
    """A cell as text: dates in ISO form, durations as hours, minutes, seconds, numbers with 15 digits as in Excel."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        # 0.1 + 0.2 is stored as 0.30000000000000004 and shown as 0.3
        return Number(format(Decimal(format(value, ".15g")), "f"))
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)
