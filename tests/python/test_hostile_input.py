"""Exports made to do harm: each is loaded exactly or refused in one line, and nothing else changes.

Every case is an instance of its own; all of them are loaded at once, with exports in between that have to come through.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Site
from warehouse import documents
from warehouse.errors import one_line
from warehouse.outcomes import FileReport
from warehouse.settings import PROJECT

TITLES = "id,email,firstName"
RECORD = {"id": "1", "email": "zoe@nordlys.fr", "firstName": "Zoé"}
HONEST = f"{TITLES}\n1,zoe@nordlys.fr,Zoé\n"
DROP = "'); drop table loads; --"
LEFT, NOTHING, CONTROL = "\u202e", "\u200b", "\u2066"  # right to left, zero width, isolate


@dataclass(frozen=True)
class Hostile:
    """An export, as the rows (id, email, first name, rest) that have to be stored, or the line that refuses it."""

    name: str
    content: bytes
    rows: tuple[tuple[str | None, ...], ...] = ()
    line: str = ""
    file: str = "owners.csv"


def zipped(members: Sequence[tuple[str, bytes]], *, link: bool = False) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            member = zipfile.ZipInfo(name)
            if link:
                member.create_system, member.external_attr = 3, 0o120777 << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def workbook(change: Callable[[bytes], bytes] = bytes) -> bytes:
    """A workbook whose sheet and texts were changed by hand."""
    book = openpyxl.Workbook()
    for row in (TITLES.split(","), list(RECORD.values())):
        book.active.append(row)
    saved, changed = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as archive, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as rewritten:
        for member in archive.namelist():
            content = archive.read(member)
            is_told = member == "xl/sharedStrings.xml" or member.startswith("xl/worksheets/")
            rewritten.writestr(member, change(content) if is_told else content)
    return changed.getvalue()


def with_entities(declared: bytes, used: bytes) -> bytes:
    def change(content: bytes) -> bytes:
        body = content.split(b"?>", 1)[1] if content.startswith(b"<?xml") else content
        return b'<?xml version="1.0"?><!DOCTYPE l [' + declared + b"]>" + body.replace("Zoé".encode(), used)

    return workbook(change)


def replacing(old: bytes, new: bytes) -> bytes:
    return workbook(lambda content: content.replace(old, new))


def opened_document(columns: int, rows: int) -> bytes:
    """A sheet of LibreOffice: titles, and one cell said to stand in so many columns and rows."""

    def cell(text: str, times: int = 1) -> str:
        repeated = f'office:value-type="string" table:number-columns-repeated="{times}"'
        return f"<table:table-cell {repeated}><text:p>{text}</text:p></table:table-cell>"

    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="S"><table:table-row>{"".join(map(cell, RECORD))}</table:table-row>'
        f'<table:table-row table:number-rows-repeated="{rows}">{cell("x", columns)}</table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped([("mimetype", kind), ("content.xml", content.encode()), ("META-INF/manifest.xml", b"<manifest/>")])


def record(**more: Any) -> bytes:
    return json.dumps([{**RECORD, **more}], ensure_ascii=False).encode()


def written(text: str) -> bytes:
    """A record with something in it that no writer of JSON would write."""
    return f'[{{"id":"1","email":"zoe@nordlys.fr","firstName":"Zoé",{text}}}]'.encode()


def cases() -> Iterator[Hostile]:
    whole = (("1", "zoe@nordlys.fr", "Zoé", None),)
    yield from _of_bytes(whole)
    yield from _of_json(whole)
    yield from _of_archives(whole)
    yield from _of_workbooks(whole)


def _of_bytes(whole: tuple[tuple[str | None, ...], ...]) -> Iterator[Hostile]:
    unknown = "not recognised, no line carries titles"
    yield Hostile("only titles", TITLES.encode())
    for name, byte in (("x", b"x"), ("a byte of no UTF-8", b"\xff"), ("a mark alone", b"\xef\xbb\xbf")):
        yield Hostile(f"one byte, {name}", byte, line=unknown)
    yield Hostile("one byte, a zero", b"\0", line="binary content, not a text export")
    yield Hostile("one byte, a brace", b"{", line="line 1 is not JSON", file="owners.json")
    yield Hostile("a zero in the titles", HONEST.replace("firstName", "firstName,x\0").encode(), line="binary content")
    late = f"{TITLES}\n" + "".join(f"{each},zoe@nordlys.fr,Zoé\n" for each in range(200))
    rows = [(str(each), "zoe@nordlys.fr", "Zoé", None) for each in range(200)]
    zero = ("200", "z", "A\0B", None)
    yield Hostile("a zero in a value", f"{late}200,z,A\0B\n".encode(), rows=tuple(sorted([*rows, zero])))
    yield Hostile("half a UTF-16", HONEST.encode("utf-16") + b"A", line="is not utf-16; save the file again as UTF-8")
    pair = HONEST.encode("utf-16") + b"\x00\xd8\n\x00"
    yield Hostile("half a pair in UTF-16", pair, line="is not utf-16; save the file again as UTF-8")
    broken = TITLES.encode() + b"\n1,z,Zo\xff\xfe\xed\xa0\x80\n"
    yield Hostile("bytes of no UTF-8", broken, rows=(("1", "z", broken[len(TITLES) + 5 : -1].decode("cp1252"), None),))
    turned = f"{NOTHING}id,email,first{NOTHING}Name,{LEFT}\n1,z,{LEFT}Zoé{NOTHING},{CONTROL}\n"
    yield Hostile(
        "right to left and no width",
        turned.encode(),
        rows=(("1", "z", f"{LEFT}Zoé{NOTHING}", _packed({LEFT: CONTROL})),),
    )
    sql = ["it's", 'a"b', "$$x$$", DROP, "{x}", "%s", "?", "/*", "\\"]
    titles = ",".join(f'"{title.replace(chr(34), chr(34) * 2)}"' for title in sql)
    yield Hostile(
        "SQL in titles",
        f"{TITLES},{titles}\n1,z,Zoé,{','.join(map(str, range(len(sql))))}\n".encode(),
        rows=(("1", "z", "Zoé", _packed({title: str(number) for number, title in enumerate(sql)})),),
    )
    yield Hostile(
        "SQL in values",
        f'{TITLES}\n"{DROP}",$$z$$,"Robert"");--"\n'.encode(),
        rows=((DROP, "$$z$$", 'Robert");--', None),),
    )
    yield Hostile("SQL in a file name", HONEST.encode(), rows=whole, file=f"owners{DROP}.csv")
    yield Hostile("a pattern in a file name", HONEST.encode(), rows=whole, file="owners*[a]?{b}.csv")
    yield Hostile("right to left in a file name", HONEST.encode(), rows=whole, file=f"owners{LEFT}.csv")
    # found by changing bytes: a message that quotes titles had as many lines as they
    titles = 'Record ID,Deal Name,Deal Stage,"two\nlines"'
    yield Hostile("a line end in a title", f"{titles}\n1,a,b,c\n".encode(), line="two\\nlines", file="deals.csv")
    wide = ",".join(f"c{each}" for each in range(10_000))
    yield Hostile(
        "10,000 columns",
        f"{TITLES},{wide}\n1,z,Zoé,{wide}\n".encode(),
        line="10,003 columns, at most 2,000 are read; export fewer of them",
    )
    many = {f"c{each}": str(each) for each in range(1_500)}
    yield Hostile(
        "1,500 columns",
        f"{TITLES},{','.join(many)}\n1,z,Zoé,{','.join(many.values())}\n".encode(),
        rows=(("1", "z", "Zoé", _packed(many)),),
    )


def _of_json(whole: tuple[tuple[str | None, ...], ...]) -> Iterator[Hostile]:
    deep, file = "JSON that is nested too deeply", "owners.json"
    for name, text in (("lists", b"[" * 100_000 + b"]" * 100_000), ("objects", b'{"a":' * 100_000)):
        yield Hostile(f"100,000 {name} in one another", text, line=deep, file=file)
    yield Hostile("900 lists in a record", written('"x":' + "[" * 900 + "]" * 900), line=deep, file=file)
    twice = "an object has two values of"
    yield Hostile(
        "a key twice", written('"email":"other@nordlys.fr"'), line=f"{twice} 'email', one would be", file=file
    )
    yield Hostile("a path twice", written('"a":{"b":1},"a.b":2'), line=f"{twice} 'a.b', one would be lost", file=file)
    yield Hostile("a key twice alike", written('"email":"zoe@nordlys.fr"'), rows=whole, file=file)
    for name, more, kept in (
        ("no number", '"n":NaN,"m":-Infinity', {"n": "NaN", "m": "-Infinity"}),
        ("a number past any", '"n":1e999,"l":[{"z":1e999}]', {"n": "1e999", "l": '[{"z": "1e999"}]'}),
        ("a number of 5,000 digits", f'"n":{"9" * 5_000}', {"n": "9" * 5_000}),
        ("half a pair in a key", '"\\ud800":"x"', {"?": "x"}),
        ("half a pair in a value", '"n":"\\ud800"', {"n": "?"}),
        ("a zero in a key", '"k\\u0000":"x"', {"k?": "x"}),
        ("SQL in a key", f'"{DROP}":"x"', {DROP: "x"}),
    ):
        yield Hostile(name, written(more), rows=(("1", "zoe@nordlys.fr", "Zoé", _packed(kept)),), file=file)
    zero = (("1", "zoe@nordlys.fr", "Zo\0é", None),)
    yield Hostile("a zero in JSON", record(firstName="Zo\0é"), rows=zero, file=file)


def _of_archives(whole: tuple[tuple[str | None, ...], ...]) -> Iterator[Hostile]:
    file, content = "owners.zip", HONEST.encode()
    # what is in an archive is read and its name is not: there is nowhere it could be written to
    for name in ("../../../escaped.csv", "/tmp/escaped.csv", "C:\\escaped.csv", "CON", "/dev/sda", f"a{DROP}"):
        yield Hostile(f"a path in an archive, {name}", zipped([(name, content)]), rows=whole, file=file)
    # found by changing bytes: Python's own `is_dir` fails on it
    yield Hostile("a member without a name", zipped([("", content)]), rows=whole, file=file)
    link = zipped([("owners.csv", b"/etc/passwd")], link=True)
    yield Hostile("a link in an archive", link, line="it starts with '/etc/passwd'", file=file)
    yield Hostile(
        "a line end in the name of a member",
        zipped([("a\nb.csv", content), ("\x1b[31m.csv", content)]),
        line="the zip holds 2 files (a\\nb.csv, \\x1b[31m.csv), one is expected",
        file=file,
    )
    many = zipped([(f"{each}.csv", b"") for each in range(5_000)])
    yield Hostile("5,000 members", many, line="the zip holds 5000 files (0.csv, 1.csv, 2.csv, ...)", file=file)
    nested = content
    for _ in range(5):
        nested = zipped([("owners.zip", nested)])
    yield Hostile("archives in one another", nested, line="packed twice; unpack it once", file=file)
    bomb = gzip.compress(bytes(32 * 1024**2))
    yield Hostile("a bomb", bomb, line="unpacks to more than 200 times its size", file="owners.csv.gz")
    zeros = zstandard.compress(bytes(32 * 1024**2))
    yield Hostile("a bomb of zstd", zeros, line="unpacks to more than 200 times its size", file="owners.csv.zst")
    bombs = zipped([("[Content_Types].xml", bytes(9 * 1024**2)), ("xl/workbook.xml", bytes(9 * 1024**2))])
    yield Hostile("a bomb of two halves", bombs, line="unpacks to more than 200 times its size", file="owners.xlsx")


def _of_workbooks(whole: tuple[tuple[str | None, ...], ...]) -> Iterator[Hostile]:
    unread, file = "no workbook that can be read, or a damaged one; save it as CSV", "owners.xlsx"
    laughs = b'<!ENTITY a "ha">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + each, b"&%c;" % (97 + each) * 10) for each in range(9)
    )
    yield Hostile("a billion laughs", with_entities(laughs, b"&j;"), line=unread, file=file)
    outside = with_entities(b'<!ENTITY j SYSTEM "file:///etc/passwd">', b"&j;")
    yield Hostile("an entity from outside", outside, line=unread, file=file)
    yield Hostile("a zero in a workbook", replacing("Zoé".encode(), b"&#0;"), line=unread, file=file)
    yield Hostile("a type alone", zipped([("[Content_Types].xml", b"<Types/>")]), line=unread, file=file)
    reach = "past what is read; delete stray cells"
    yield Hostile("a cell past any", replacing(b'r="A2"', b'r="ZZZZZZ99999999999"'), line=reach, file=file)
    row = workbook(lambda content: content.replace(b'<row r="2"', b'<row r="4294967295"').replace(b' r="A2"', b""))
    yield Hostile("a row past any", row, line=reach, file=file)
    repeated = opened_document(16_384, 1_048_576)
    yield Hostile("a cell repeated without end", repeated, line=unread, file="owners.ods")
    yield Hostile("a cell repeated", opened_document(3, 1), rows=(("x", "x", "x", None),), file="owners.ods")
    size = replacing(b"A1:C2", b"A1:XFD1048576")
    yield Hostile("a size that is not so", size, rows=whole, file=file)


def _packed(values: dict[str, str]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


CASES = list(cases())


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@dataclass(frozen=True)
class Loaded:
    """What became of the cases."""

    site: Site
    files: dict[str, FileReport]
    rows: dict[str, list[tuple[Any, ...]]]
    summary: str


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """All cases, an honest export before and after, loaded at once; nothing appears but the warehouse."""
    site = Site(tmp_path_factory.mktemp("hostile") / "within" / "site")
    for number, case in enumerate(CASES):
        site.drop(f"hubspot_{number:03}/{case.file}", case.content)
    for instance in ("hubspot", "hubspot_999", f"hubspot_{DROP}"):
        site.drop(f"{instance}/owners.csv", HONEST)
    outside = site.root.parents[1]
    before = tree(outside)
    report = site.load()
    appeared = {each for each in tree(outside) - before if not each.endswith("raw.duckdb.wal")}
    assert appeared == {"within/site/warehouse", "within/site/warehouse/raw.duckdb"}
    assert not Path("/tmp/escaped.csv").exists()
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for instance, *values in site.raw(
        "select _source_instance, id, email, first_name, _extra from hubspot.owners order by all"
    ):
        rows.setdefault(instance, []).append(tuple(values))
    return Loaded(site, {file.path.split("/")[0]: file for file in report.files}, rows, report.summary(explain=True))


@pytest.mark.parametrize("number", range(len(CASES)), ids=[one_line(case.name) for case in CASES])
def test_a_hostile_export_is_loaded_exactly_or_refused_in_one_line(loaded: Loaded, number: int) -> None:
    case, instance = CASES[number], f"hubspot_{number:03}"
    file = loaded.files[instance]
    if not case.line:
        assert (file.state, file.message) == ("loaded", "")
        assert loaded.rows.get(instance, []) == [tuple(row) for row in case.rows]
        return
    assert file.state in ("refused", "not recognised")
    assert file.message.startswith(f"{instance}/{case.file}: ")
    assert case.line in file.message
    assert one_line(file.message) == file.message, "it is one line that a terminal shows as it is"
    assert instance not in loaded.rows


def test_honest_exports_among_hostile_ones_are_loaded_and_the_ledger_agrees_with_what_is_stored(
    loaded: Loaded,
) -> None:
    for instance in ("hubspot", "hubspot_999", f"hubspot_{DROP}"):
        assert loaded.rows[instance] == [("1", "zoe@nordlys.fr", "Zoé", None)]
    assert loaded.site.raw(
        "select count(*) from (select load_id, rows from loads where state = 'loaded') full outer join "
        "(select _load_id as load_id, count(*) as stored from hubspot.owners group by all) using (load_id) "
        "where coalesce(rows, 0) <> coalesce(stored, 0)"
    ) == [(0,)]
    refused = sum(file.state == "refused" for file in loaded.files.values())
    assert loaded.site.raw("select count(*) from loads where state = 'refused'") == [(refused,)]
    assert loaded.summary.encode(), "it can be printed"


def test_a_command_that_met_hostile_names_ends_with_1_and_a_line_for_each(site: Site) -> None:
    site.drop("hubspot/owners.csv", HONEST)
    outside = site.root / "outside"
    outside.mkdir()
    (outside / "contacts.csv").write_text("not to be read")
    names = ["two\nlines.csv", "esc\x1b[31m.csv", os.fsdecode(b"\xff.csv")]
    for name in names:
        site.drop(f"hubspot/{name}", HONEST)
    site.drop(os.fsdecode(b"hubspot_\xfe/owners.csv"), HONEST)
    folder = site.settings.extracts / "hubspot"
    (folder / "gone.csv").symlink_to(outside / "nothing.csv")
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    (folder / "linked").symlink_to(outside)
    os.mkfifo(folder / "pipe.csv")
    done = site.run("load.py")
    assert done.returncode == 1
    why = "its name holds a line end, a control character or bytes that are not UTF-8; rename it"
    here = "; put the exports themselves here"
    assert sorted(line for line in done.stderr.splitlines() if "B/s" not in line and "file/s" not in line) == sorted(
        [
            *(f"load: hubspot/{one_line(name)}: {why}" for name in names),
            f"load: hubspot_\\udcfe/owners.csv: {why}",
            f"load: hubspot/gone.csv: a link to nothing{here}",
            f"load: hubspot/loop.csv: a link to nothing{here}",
            f"load: hubspot/linked: a link to a folder, which is not followed{here}",
            "load: hubspot/pipe.csv: a pipe, a socket or a device, no export; remove it",
        ]
    )
    assert site.raw("select path from loads") == [("hubspot/owners.csv",)]


def test_json_past_what_memory_holds_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "JSON_LIMIT", 60)
    site.drop("hubspot/owners.json", record())
    (failure,) = site.load().failures
    assert failure.message.startswith("hubspot/owners.json: JSON of more than ")
    assert failure.message.endswith(" MiB, which would be held in memory; export less at a time, or CSV")


# a line without an end

MIB = 1024**2
MEASURED = """
import re, sys
from pathlib import Path
from warehouse.loading import load
from warehouse.settings import Settings

folder = Path(sys.argv[1])
settings = Settings(folder / "extracts", folder / "warehouse", folder / "publish", folder / "config")
(file,) = load(settings, show_progress=False).files
# what rusage says of a process begins with what the one before it had
status = Path("/proc/self/status").read_text()
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) // 1024)
print(file.state, file.message)
"""


def load_measured(site: Site) -> tuple[int, str]:
    """Peak memory of a load in MiB, and what became of the only file."""
    if not Path("/proc/self/status").exists():
        assert not os.environ.get("CI"), "the peak of a process cannot be read"
        pytest.skip("the peak of a process is read from /proc, which this machine has not")
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(site.root)],
        env={**os.environ, "PYTHONPATH": str(PROJECT / "scripts")},
        capture_output=True,
        text=True,
        check=True,
    )
    peak, told = done.stdout.splitlines()
    return int(peak), told


@pytest.mark.parametrize("size", [66, pytest.param(1024, marks=pytest.mark.proof)])
@pytest.mark.parametrize(
    ("file", "start", "told"),
    [
        ("owners.csv", f"{TITLES}\n1,z,", "a cell of the row on line 2 has more than 64 million characters"),
        ("owners.csv", "", "not recognised, no line carries titles of a known export; it starts with 'xxx"),
    ],
    ids=["below titles", "alone"],
)
def test_a_line_without_an_end_is_refused_in_bounded_memory(
    site: Site, file: str, start: str, told: str, size: int
) -> None:
    path = site.drop(f"hubspot/{file}", start)
    with path.open("ab") as longer:
        for _ in range(size):
            longer.write(b"x" * MIB)
    peak, became = load_measured(site)
    assert told in became
    assert peak < 700, "MiB"


@pytest.mark.proof
def test_a_gigabyte_of_json_on_one_line_is_refused_in_bounded_memory(site: Site) -> None:
    path = site.drop("hubspot/owners.json", '[{"id":"')
    with path.open("ab") as longer:
        for _ in range(1024):
            longer.write(b"x" * MIB)
        longer.write(b'"}]')
    peak, became = load_measured(site)
    assert "JSON of more than 512 MiB" in became
    assert peak < 700, "MiB"


# any bytes


def _exports() -> dict[str, bytes]:
    """Small valid exports of several systems, in every format."""
    owners = [RECORD, {"id": "2", "email": "sam@nordlys.fr", "firstName": 'S"a;m, \n'}]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, RECORD, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(owners * 20)
    deals = "".join(f"{each},Deal {each},Démo,{each}.50,2026-01-{each:02d},2026-02-28\n" for each in range(13, 28))
    titles = "Record ID,Deal Name,Deal Stage,Amount,Create Date,Close Date\n"
    ledger = "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|EcritureLib|Debit|Credit\n"
    entries = "".join(f"VE|Ventes|{each}|20250105|706000|Ventes|Facture|0,00|{each},00\n" for each in range(1, 20))
    users = "Id,Username,Email,FirstName,LastName,IsActive\n" + "".join(
        f"005{each:012},u{each},u{each}@nordlys.fr,A,B,true\n" for each in range(20)
    )
    return {
        "hubspot/owners.csv": text.getvalue().encode(),
        "hubspot/deals.csv": (titles + deals).encode("utf-16"),
        "hubspot/owners.json": json.dumps(owners).encode(),
        "hubspot/owners.jsonl": "\n".join(json.dumps(each) for each in owners).encode(),
        "hubspot/owners.xlsx": workbook(),
        "hubspot/owners.zip": zipped([("owners.csv", HONEST.encode())]),
        "hubspot/owners.csv.gz": gzip.compress(HONEST.encode(), mtime=0),
        "hubspot/owners.csv.zst": zstandard.compress(HONEST.encode()),
        "hubspot/owners.parquet": _parquet(),
        "fec/552100554FEC20251231.txt": (ledger + entries).encode("cp1252"),
        "salesforce/User.csv": users.encode(),
    }


def _parquet() -> bytes:
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"hostile_{os.getpid()}.parquet"
    try:
        duckdb.sql(f"copy (select '1' as id, 'zoe@nordlys.fr' as email, 'Zoé' as firstName) to '{path}'")
        return path.read_bytes()
    finally:
        path.unlink(missing_ok=True)


EXPORTS = _exports()
TOKENS = (b"\0", b"\r", b"\n", b'"', b"'", b",", b";", b"|", b"\t", b"{", b"[", b"]", b"}", b"\\", b"NaN", b"1e999")
TOKENS += (
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xc3",
    DROP.encode(),
    b"$$",
    b"=1+1",
    b"Total",
    b"PK\x03\x04",
)


def mutated(content: bytes, seed: int) -> bytes:
    """An export with a few random changes to its bytes."""
    chance, changed = random.Random(seed), bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(changed) + 1)
        upto = min(len(changed), at + chance.choice((1, 1, 4, 60)))
        kind = chance.randrange(6)
        if kind == 0 and at < len(changed):
            changed[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            changed[at:at] = chance.choice(TOKENS)
        elif kind == 2:
            del changed[at:upto]
        elif kind == 3:
            changed[at:at] = changed[at:upto] * chance.choice((1, 3))
        elif kind == 4:
            changed[at:upto] = chance.randbytes(upto - at)
        elif chance.random() < 0.2:
            del changed[at:]
    return bytes(changed)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("fuzzed"))


BATCH = 40
SEEDS = st.lists(st.integers(0, 2**32), min_size=BATCH, max_size=BATCH, unique=True)


def check_fuzzed(site: Site, seeds: Sequence[int]) -> None:
    """Loads mutants at once: each lands whole with every line accounted for, or is refused in one line."""
    shutil.rmtree(site.settings.extracts, ignore_errors=True)
    shutil.rmtree(site.settings.warehouse, ignore_errors=True)
    dropped: dict[str, bytes] = {}
    for number, seed in enumerate(seeds):
        name = list(EXPORTS)[seed % len(EXPORTS)]
        system, file = name.split("/")
        path = f"{system}_{number:02}/{file}"
        dropped[path] = mutated(EXPORTS[name], seed)
        site.drop(path, dropped[path])
    report = site.load()
    assert {file.path for file in report.files} == set(dropped)
    assert set(tree(site.settings.warehouse)) == {"raw.duckdb"}
    ledger = {
        path: told
        for path, *told in site.raw(
            "select path, source_system, table_name, rows, rejected_rows, skipped_rows, encoding, delimiter from loads "
            "where state = 'loaded'"
        )
    }
    assert set(ledger) == {file.path for file in report.files if file.state == "loaded"}
    for file in report.files:
        assert file.state in ("loaded", "refused", "not recognised"), file
        if file.state != "loaded":
            assert file.message.startswith(f"{file.path}: ")
            assert len(file.message.splitlines()) == 1
            continue
        system, table, rows, rejected, skipped, encoding, delimiter = ledger[file.path]
        instance = file.path.split("/")[0]
        stored = site.raw(f"select count(*) from {system}.{table} where _source_instance = '{instance}'")
        assert stored == [(rows,)], file.path
        lines = lines_in(dropped[file.path], encoding, delimiter)
        if lines:
            assert rows + rejected + skipped + 1 in lines, file.path
        elif delimiter == "json" and len(file.landed) == 1:
            assert rows + rejected == records_in(dropped[file.path].decode(encoding)), file.path
    # of what was refused nothing is there
    for table in ("owners", "deals"):
        stored = site.raw(f"select count(*) from hubspot.{table}")
        assert stored == site.raw(f"select coalesce(sum(rows), 0) from loads where table_name = '{table}'"), table


def lines_in(content: bytes, encoding: str, delimiter: str) -> set[int]:
    """Records of a delimited text, blank ones too, read by nothing of the loader's; none for another format.

    Of tabs and pipes they are told with quotes that mean something and with quotes that are text, as in a ledger.
    """
    if content.startswith((b"\x1f\x8b", b"\x28\xb5", b"PK")) or delimiter in ("json", "xlsx", "parquet"):
        return set()
    text = content.decode(encoding)
    parted = {"tab": "\t", "pipe": "|"}.get(delimiter, delimiter)
    quotings = [csv.QUOTE_MINIMAL, *([csv.QUOTE_NONE] if parted in "\t|" else [])]
    return {
        sum(1 for _ in csv.reader(io.StringIO(text, newline=""), delimiter=parted, quoting=quoting))
        for quoting in quotings
    }


def records_in(text: str) -> int:
    try:
        found = [json.loads(text)]
    except ValueError:
        found = [json.loads(line) for line in text.split("\n") if line.strip()]
    return sum(len(each) if isinstance(each, list) else 1 for each in found)


def test_the_exports_that_are_mutated_are_valid(fuzzed: Site) -> None:
    shutil.rmtree(fuzzed.settings.extracts, ignore_errors=True)
    for number, (name, content) in enumerate(EXPORTS.items()):
        system, file = name.split("/")
        fuzzed.drop(f"{system}_{number}/{file}", content)
    assert [(file.path, file.state) for file in fuzzed.load().files if file.state != "loaded"] == []


@settings(max_examples=1, deadline=None)
@given(SEEDS)
def test_an_export_with_random_bytes_changed_lands_whole_or_is_refused_in_one_line(
    fuzzed: Site, seeds: list[int]
) -> None:
    check_fuzzed(fuzzed, seeds)


@pytest.mark.proof
@settings(max_examples=50, deadline=None)
@given(SEEDS)
def test_of_2_000_exports_with_random_bytes_changed_each_lands_whole_or_is_refused(
    fuzzed: Site, seeds: list[int]
) -> None:
    check_fuzzed(fuzzed, seeds)
