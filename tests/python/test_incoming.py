"""A plain text gives the same rows read by DuckDB where it stands as read row by row, whatever is damaged in it."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import warehouse.loading
from conftest import Site
from warehouse import documents, encodings, incoming, surveying
from warehouse.benchmarks.inputs import write_large
from warehouse.documents import read_document
from warehouse.erasing import erase
from warehouse.errors import UserError
from warehouse.tabular import CountTitles, Document, Reject

TITLES = ["Record ID", "Deal Name", "Deal's Stage"]
Read = tuple[list[tuple[object, ...]], list[Reject], int] | str


def count_titles(cells: Sequence[str]) -> int:
    return sum(cell.strip() in TITLES for cell in cells)


class Reader:
    """Reads texts one way or the other, and says whether a text was read where it stood."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.connection = duckdb.connect()
        self.was_plain = False

    def stage(self, content: bytes, count: CountTitles = count_titles, *, plain: bool = True) -> Document:
        """Stages a text; its document."""
        for made in self.folder.iterdir():
            made.unlink()
        path = self.folder / "export"
        path.write_bytes(content)
        document = read_document("deals.csv", path, self.folder, count)
        if not plain:
            document.plain = None
        incoming.stage(self.connection, document, "deals.csv", self.folder)
        self.was_plain = not (self.folder / "rows.csv").exists()
        return document

    def read(self, content: bytes, *, plain: bool) -> Read:
        """Rows with their lines, rejects and lines skipped; the message where there are none."""
        try:
            document = self.stage(content, plain=plain)
        except UserError as error:
            return str(error)
        rows = self.connection.execute("select * from incoming").fetchall()
        return rows, document.rejects, document.skipped


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return Reader(tmp_path_factory.mktemp("reader"))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small texts are surveyed too, in chunks that end anywhere."""
    monkeypatch.setattr(incoming, "SURVEYED_FROM", 0)
    monkeypatch.setattr(surveying, "CHUNK", 23)


CELL = st.text(st.sampled_from("ab1é \t\n,;|\"'.\u00a0\u2003…🎉\r\x85\x1f"), max_size=6) | st.sampled_from(
    ["", " ", '"', "Total", "total:", "Record ID", "NULL", "\\", "#", "\ufeff", "a\nb", "a\r\nb", '""', "grand total"]
)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8)
ENDS = st.sampled_from(["\n", "\r\n"])
QUOTING = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
ABOVE = st.sampled_from(["", "Deals of March\n", '"All deals"\n\nof us\n', "\n"])
# what may be in the way of a byte: marks, ends, halves of characters
DAMAGE = st.tuples(st.integers(0, 400), st.integers(0, 2), st.sampled_from([*b'",;|\n\r\x00\x80\xa9 a\t', b""]))


def written(rows: Sequence[Sequence[str]], delimiter: str, end: str, quoting: int, above: str = "") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([TITLES, *rows])
    return (above.replace("\n", end) + text.getvalue()).encode()


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, delimiter=st.sampled_from(",;\t|"), end=ENDS, quoting=QUOTING, above=ABOVE, cut=st.booleans())
@example([["1", "a\nb", "x"], ["2", "c", "é "]], ",", "\n", csv.QUOTE_MINIMAL, "", True)
@example([["1", "a\r\nb", "x"], ["2", "", ""]], ";", "\r\n", csv.QUOTE_ALL, "Deals of March\n", False)
def test_any_table_is_the_same_both_ways(
    reader: Reader, rows: list[list[str]], delimiter: str, end: str, quoting: int, above: str, cut: bool
) -> None:
    content = written(rows, delimiter, end, quoting, above)
    content = content.removesuffix(end.encode()) if cut else content
    assert reader.read(content, plain=True) == reader.read(content, plain=False)


@settings(max_examples=60, deadline=None)
@given(
    rows=ROWS,
    delimiter=st.sampled_from(",;"),
    end=ENDS,
    quoting=QUOTING,
    damage=st.lists(DAMAGE, min_size=1, max_size=3),
)
def test_any_damage_is_the_same_both_ways(
    reader: Reader, rows: list[list[str]], delimiter: str, end: str, quoting: int, damage: list[tuple[int, int, object]]
) -> None:
    content = bytearray(written(rows, delimiter, end, quoting))
    for place, length, byte in damage:
        place %= len(content) + 1
        content[place : place + length] = bytes([byte]) if isinstance(byte, int) else b""
    assert reader.read(bytes(content), plain=True) == reader.read(bytes(content), plain=False)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(1).map(str), st.text('ab é,;"\n', max_size=9), st.sampled_from(["", "Démo"])), min_size=1
    ),
    delimiter=st.sampled_from(",;\t|"),
    end=ENDS,
    quoting=QUOTING,
    above=st.sampled_from(["", "Deals of March\n"]),
)
def test_a_table_as_tools_write_it_is_read_where_it_stands(
    reader: Reader, rows: list[tuple[str, str, str]], delimiter: str, end: str, quoting: int, above: str
) -> None:
    rows = [(key, name.replace("\n", end), stage) for key, name, stage in rows]
    read = reader.read(written(rows, delimiter, end, quoting, above), plain=True)
    assert reader.was_plain
    assert [row[:3] for row in read[0]] == [tuple(cell.strip() or None for cell in row) for row in rows]


@pytest.mark.parametrize(
    "row",
    [
        *("2,short", "2,a,b,long", ",,", "", " , ,\u00a0", 'Total,,"12"', "Record ID,Deal Name,Deal's Stage"),
        *('2,12" pipe,b', '2, "spaced",b', '2,"a"b,c', "2,a\rb,c", "2,a\x00b,c"),
    ],
)
def test_anything_odd_is_read_row_by_row(reader: Reader, row: str) -> None:
    content = f"Record ID,Deal Name,Deal's Stage\n1,a,b\n{row}\n3,c,d\n".encode()
    careful = reader.read(content, plain=False)
    assert reader.read(content, plain=True) == careful
    assert not reader.was_plain


# memory, people erased, exports that change under the reader


@pytest.mark.parametrize("is_odd", [False, True])
def test_a_text_is_never_held_as_a_whole(reader: Reader, monkeypatch: pytest.MonkeyPatch, is_odd: bool) -> None:
    monkeypatch.setattr(surveying, "CHUNK", 2**16)
    monkeypatch.setattr(encodings, "CHUNK", 2**16)
    rows = "".join(f"{number},{'x' * 90},Open\n" for number in range(40_000))
    content = f"Record ID,Deal Name,Deal's Stage\n{rows}{'1,short' if is_odd else ''}\n".encode()
    content = content if is_odd else content.rstrip()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    reader.stage(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reader.was_plain != is_odd
    assert peak - before < len(content) / 2


def test_the_exports_of_the_benchmark_are_read_where_they_stand(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    rows = write_large(tmp_path / "hubspot" / "calls.csv", 2, seed=7)
    reader.stage((tmp_path / "hubspot" / "calls.csv").read_bytes(), lambda cells: "Call Title" in cells)
    assert reader.was_plain
    assert reader.connection.execute("select count(*), count(distinct c0) from incoming").fetchall() == [(rows, rows)]


@pytest.mark.parametrize("is_named", [False, True])
def test_a_large_text_that_names_an_erased_person_forgets_them(site: Site, is_named: bool) -> None:
    site.drop("hubspot/contacts_2026-03-02.csv", "id,email,firstname,createdate\n1,a@elan.fr,A,2026-01-05\n")
    assert not site.load().failures
    erase(site.settings, ["jane.doe@client.example"])
    email = "Jane.Doe@client.example" if is_named else "mary.jane.doe@client.example"
    rows = "".join(f"{number},b{number}@elan.fr,B,2026-01-05\n" for number in range(2, 9))
    site.drop("hubspot/contacts_2026-03-09.csv", f"id,email,firstname,createdate\n1,{email},Jane,2026-01-05\n{rows}")
    assert not site.load().failures
    said = site.raw("select email, firstname from hubspot.contacts where id = '1' and _file like '%03-09%'")
    assert said == [(None, None) if is_named else (email, "Jane")]


def test_an_export_that_changes_while_it_is_read_is_refused_whole(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path = site.drop("hubspot/owners.csv", "id,email,firstName\n1,zoe@nordlys.fr,Zoe\n")
    original = warehouse.loading.store

    def growing(*arguments: Any) -> Any:
        path.write_text(path.read_text() + "2,sam@nordlys.fr,Sam\n")
        return original(*arguments)

    monkeypatch.setattr(warehouse.loading, "store", growing)
    (failure,) = site.load().failures
    assert failure.message == "hubspot/owners.csv: it changed while it was read; load it again when it is whole"
    assert site.raw("select count(*) from hubspot.owners") == [(0,)]


@pytest.mark.parametrize("text", ["x" * 200, '"' + "x\n" * 100], ids=["line", "quote"])
def test_a_cell_past_the_bound_is_refused_in_one_line(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(documents, "CELL_LIMIT", 150)
    before = csv.field_size_limit(150)
    try:
        read = reader.read(f"Record ID,Deal Name,Deal's Stage\n1,{text},Open\n".encode(), plain=False)
    finally:
        csv.field_size_limit(before)
    assert "a cell of the row on line 2" in str(read)
    assert "\n" not in str(read)
