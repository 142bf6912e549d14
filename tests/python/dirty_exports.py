"""Exports as people and tools spoil them, each with the truth it was made from.

`make dirty-exports` loads them all, compares what staging gives with the truth, and writes the table in
`docs/guides/dirty-exports.md`.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import zstandard

from conftest import Site
from warehouse.settings import PROJECT

DOCUMENT = PROJECT / "docs" / "guides" / "dirty-exports.md"
ENGLISH = ("Record ID", "Deal Name", "Deal Stage", "Amount", "Create Date", "Close Date")
FRENCH = (
    *("ID de fiche d'informations", "Nom de la transaction", "Phase de la transaction"),
    *("Montant", "Date de création", "Date de fermeture"),
)
API = ("id", "dealname", "dealstage", "amount", "createdate", "closedate")


@dataclass(frozen=True)
class Deal:
    """A deal as it is: what every export of it has to come back to."""

    id: str
    name: str
    stage: str
    amount: Decimal | None
    created: dt.date
    closed: dt.date | None


DEALS = (
    Deal("101", "Été 2026 – café", "Démo", Decimal("1234.56"), dt.date(2026, 1, 25), dt.date(2026, 3, 31)),
    Deal("102", 'Le "Grand" contrat; lot 2, suite', "Proposition", Decimal("98765.40"), dt.date(2026, 2, 13), None),
    Deal("103", "12 mètres | lot", "Démo", Decimal("0.50"), dt.date(2026, 1, 31), dt.date(2026, 2, 28)),
    Deal("104", "Zoé's deal", "Qualifiée", None, dt.date(2025, 12, 31), dt.date(2026, 1, 15)),
    Deal("105", "Remise", "Démo", Decimal("-250.25"), dt.date(2026, 1, 2), dt.date(2026, 4, 30)),
    Deal("106", "Grand compte", "Proposition", Decimal("1500000.00"), dt.date(2026, 3, 3), dt.date(2026, 6, 22)),
    Deal("107", "=1+1", "Démo", Decimal("12.00"), dt.date(2026, 2, 28), dt.date(2026, 5, 29)),
    Deal("108", "NULL", "Qualifiée", Decimal("7.10"), dt.date(2026, 2, 14), None),
)
PLAIN = tuple(deal for deal in DEALS if deal.id != "101")  # without the dash that old code pages lack
AMBIGUOUS = tuple(
    Deal(str(number), f"Deal {number}", "Démo", Decimal(number), dt.date(2026, 1, number), dt.date(2026, 2, number))
    for number in range(1, 9)
)
MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()

Form = Callable[[Decimal], str]
Day = Callable[[dt.date], str]


def iso(day: dt.date) -> str:
    return day.isoformat()


def point(amount: Decimal) -> str:
    return str(amount)


def french(space: str = " ", after: str = "") -> Form:
    return lambda amount: f"{amount:,}".translate(str.maketrans({",": space, ".": ","})) + after


@dataclass(frozen=True)
class Dirty:
    """One export: the way it is spoilt, its files (path below the instance: bytes), and the deals it was made from."""

    family: str
    name: str
    files: dict[str, bytes]
    deals: tuple[Deal, ...]


def table(
    deals: Sequence[Deal] = DEALS,
    titles: Sequence[str] = ENGLISH,
    amount: Form = point,
    day: Day = iso,
    empty: str = "",
) -> list[list[str]]:
    """Titles and rows of text."""
    return [
        list(titles),
        *(
            [
                *(deal.id, deal.name, deal.stage),
                empty if deal.amount is None else amount(deal.amount),
                *(day(deal.created), empty if deal.closed is None else day(deal.closed)),
            ]
            for deal in deals
        ),
    ]


def text(rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\n", quote_all: bool = False) -> str:
    """Rows as delimited text."""
    file = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return file.getvalue()


def cases() -> Iterator[Dirty]:
    """Every spoilt export."""
    yield from _encodings()
    yield from _dialects()
    yield from _surroundings()
    yield from _titles()
    yield from _numbers()
    yield from _dates()
    yield from _documents()
    yield from _damage()


def _one(family: str, name: str, content: str | bytes, deals: tuple[Deal, ...] = DEALS, **more: str) -> Dirty:
    raw = content.encode() if isinstance(content, str) else content
    extension = "json" if family == "JSON" else "csv"
    files = {f"deals_2026-03-02.{extension}": raw}
    return Dirty(family, name, files | {path: said.encode() for path, said in more.items()}, deals)


def _encodings() -> Iterator[Dirty]:
    body = text(table(), ";")
    for name in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        yield _one("encoding", name, body.encode(name))
    for name, mark in (("utf-16-le", b""), ("utf-16-be", b"\xfe\xff"), ("utf-16-be", b"")):
        yield _one("encoding", f"{name} {'with' if mark else 'without'} mark", mark + body.encode(name))
    older = text(table(PLAIN), ";")
    for name in ("iso8859-1", "iso8859-15", "cp850"):
        yield _one("encoding", name, older.encode(name), PLAIN)
    yield _one("encoding", "French titles in cp1252", text(table(PLAIN, FRENCH), ";").encode("cp1252"), PLAIN)
    yield _one("encoding", "euro sign in cp1252", text(table(amount=french(after=" €")), ";").encode("cp1252"))


def _dialects() -> Iterator[Dirty]:
    names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
    for delimiter, name in names.items():
        yield _one("dialect", name, text(table(), delimiter))
        yield _one("dialect", f"{name}, all quoted", text(table(), delimiter, quote_all=True))
        yield _one("dialect", f"{name}, French numbers", text(table(amount=french()), delimiter))
    for end, name in (("\r\n", "CR LF"), ("\r", "CR"), ("\r\r\n", "CR CR LF")):
        yield _one("row ends", name, text(table(), end=end))
        yield _one("row ends", f"{name} and a preamble", f"Export{end}{end}" + text(table(), end=end))
    mixed = text(table()).split("\n")
    yield _one("row ends", "LF and CR LF mixed", "\r\n".join(mixed[:4]) + "\r\n" + "\n".join(mixed[4:]))
    yield _one("row ends", "none after the last row", text(table()).rstrip("\n"))
    named = (Deal("109", "two\nlines", "Démo", Decimal("1.00"), dt.date(2026, 1, 20), None), *DEALS)
    yield _one("row ends", "inside a quoted name", text(table(named)), named)


def _surroundings() -> Iterator[Dirty]:
    body = text(table())
    lines = body.rstrip("\n").split("\n")
    preambles = {
        "a title": "Rapport des transactions\n",
        "a title and a date range": 'Deals report\n"1 Jan 2026 - 31 Mar 2026"\n\n',
        "ten lines": "".join(f"Filter {number}: none\n" for number in range(10)),
        "lines with the delimiter": "Portal,12345,,,,\nOwner,Zoé,,,,\n",
        "blank lines": "\n\n\n",
    }
    for name, preamble in preambles.items():
        yield _one("surroundings", f"{name} above", preamble + body)
    yield _one("surroundings", "mark and preamble", b"\xef\xbb\xbf" + f"Rapport\n{body}".encode())
    yield _one("surroundings", "blank lines between", "\n\n".join(lines) + "\n")
    yield _one("surroundings", "blank cells below", body + ",,,,,\n,,,,,\n")
    notes = '\n"Grand Totals (8 records)"\n\n"Confidential - Do Not Distribute"\n"Copyright (c) 2026"\n'
    yield _one("surroundings", "notes below", body + notes)
    footer = "".join(f"{line},,,,,\n" for line in ("", "Deals", "Confidential - Do Not Distribute", "Lumio"))
    yield _one("surroundings", "notes below, some of one word, saved again by Excel", body + footer)
    yield _one("surroundings", "sums below", body + "\nTotal,,,1599861.76,,\n")
    yield _one("surroundings", "delimiter after every row", "".join(f"{line},\n" for line in lines))
    yield _one(
        "surroundings", "delimiter after every row but the titles", lines[0] + "\n" + ",\n".join(lines[1:]) + ",\n"
    )
    yield _one("surroundings", "spaces around the cells", _spaced())
    yield _one("surroundings", "titles again in the middle", "\n".join([*lines[:4], lines[0], *lines[4:]]) + "\n")


def _spaced() -> str:
    rows = [[f"  {cell} " for cell in row] for row in table(tuple(deal for deal in DEALS if deal.id != "102"))]
    rows.append(table()[2])
    return text(rows)


def _titles() -> Iterator[Dirty]:
    yield _one("titles", "English", text(table()))
    yield _one("titles", "French", text(table(titles=FRENCH)))
    yield _one("titles", "of the API", text(table(titles=API)))
    yield _one("titles", "upper case", text(table(titles=[title.upper() for title in ENGLISH])))
    yield _one("titles", "French without accents", text(table(titles=[_bare(title) for title in FRENCH])))
    yield _one("titles", "no-break spaces", text(table(titles=[title.replace(" ", "\u00a0") for title in ENGLISH])))
    yield _one("titles", "over two lines", text(table(titles=[title.replace(" ", "\n") for title in ENGLISH])))
    yield _one("titles", "in another order", text([row[::-1] for row in table()]))
    yield _one("titles", "columns nobody knows", text([["x", *row, "y", "z"] for row in table()]))
    yield _one("titles", "the same title twice", text([[*row, row[1]] for row in table()]))
    yield _one(
        "titles",
        "no title on the last column",
        text([[*row, "" if number == 0 else "note"] for number, row in enumerate(table())]),
    )
    view = {"hubspot-crm-exports-premier-contact-2026-03-02.csv": text(table()).encode()}
    yield Dirty("titles", "in a view called after contacts", view, DEALS)
    yield _one("titles", "a required one is missing", text([row[:1] + row[2:] for row in table()]))
    yield _one("titles", "none at all", text(table()[1:]))


def _bare(title: str) -> str:
    return title.translate(str.maketrans("éèêàçô", "eeeaco"))


def _numbers() -> Iterator[Dirty]:
    forms: dict[str, Form] = {
        "1234.56": point,
        "1234,56": lambda amount: str(amount).replace(".", ","),
        "1 234,56": french(),
        "1 234,56 with no-break spaces": french("\u00a0"),
        "1 234,56 with narrow no-break spaces": french("\u202f"),
        "1 234,56 €": french("\u202f", "\u00a0€"),
        "1.234,56": french("."),
        "1,234.56": lambda amount: f"{amount:,}",
        "$1,234.56": lambda amount: f"${amount:,}".replace("$-", "-$"),
        "€1,234.56": lambda amount: f"€{amount:,}".replace("€-", "-€"),
        "1234.56 EUR": lambda amount: f"{amount} EUR",
        "(1,234.56) for less than nothing": lambda amount: f"({-amount:,})" if amount < 0 else f"{amount:,}",
        "1'234.56": lambda amount: f"{amount:,}".replace(",", "'"),
        "minus sign": lambda amount: str(amount).replace("-", "\u2212"),
    }
    for name, form in forms.items():
        yield _one("numbers", name, text(table(amount=form), ";"))
    yield _one("numbers", "-- for nothing", text(table(amount=lambda amount: f"{amount:,}", empty="--"), ";"))
    turned = iter([point, french()] * len(DEALS))
    yield _one("numbers", "two forms in one column", text(table(amount=lambda amount: next(turned)(amount)), ";"))
    thousands = tuple(
        Deal(str(number), "Deal", "Démo", Decimal(number * 1000), dt.date(2026, 1, 20), None) for number in range(1, 6)
    )
    grouped = text(table(thousands, amount=lambda amount: f"{amount:,}"), ";")
    yield _one("numbers", "1,000 and nothing else", grouped, thousands)
    yield _one("numbers", "1,000, said to be thousands", grouped, thousands, **{"source.yml": "decimal_mark: '.'\n"})


def _dates() -> Iterator[Dirty]:
    forms: dict[str, Day] = {
        "2026-01-25": iso,
        "2026-01-25T10:00:00Z": lambda day: f"{day}T10:00:00Z",
        "2026-01-25T10:00:00.123+02:00": lambda day: f"{day}T10:00:00.123+02:00",
        "2026-01-25 10:00": lambda day: f"{day} 10:00",
        "25/01/2026": lambda day: f"{day:%d/%m/%Y}",
        "25/01/2026 10:00": lambda day: f"{day:%d/%m/%Y} 10:00",
        "01/25/2026": lambda day: f"{day:%m/%d/%Y}",
        "1/25/26": lambda day: f"{day.month}/{day.day}/{day:%y}",
        "25-01-26": lambda day: f"{day:%d-%m-%y}",
        "25.01.2026": lambda day: f"{day:%d.%m.%Y}",
        "20260125": lambda day: f"{day:%Y%m%d}",
        "2026/01/25": lambda day: f"{day:%Y/%m/%d}",
        "2026.01.25 10:00": lambda day: f"{day:%Y.%m.%d} 10:00",
        "1/25/2026, 4:30 PM": lambda day: f"{day.month}/{day.day}/{day.year}, 4:30 PM",
        "1/25/2026 4:30 PM with a narrow no-break space": lambda day: f"{day:%m/%d/%Y} 4:30\u202fPM",
        "25.01.2026, 16:30": lambda day: f"{day:%d.%m.%Y}, 16:30",
        "25/01/2026 4:30 PM": lambda day: f"{day:%d/%m/%Y} 4:30 PM",
        "2026-01-25 10:00:00+00": lambda day: f"{day} 10:00:00+00",
        "epoch seconds": lambda day: str(_epoch(day)),
        "epoch milliseconds": lambda day: str(_epoch(day) * 1000),
    }
    for name, form in forms.items():
        yield _one("dates", name, text(table(day=form)))
    ambiguous = text(table(AMBIGUOUS, day=lambda day: f"{day:%d/%m/%Y}"))
    yield _one("dates", "day or month first, nobody can tell", ambiguous, AMBIGUOUS)
    yield _one("dates", "day first, as source.yml says", ambiguous, AMBIGUOUS, **{"source.yml": "date_order: dmy\n"})
    yield _one(
        "dates",
        "month first, as source.yml says wrongly",
        text(table(day=lambda day: f"{day:%d/%m/%Y}")),
        **{"source.yml": "date_order: mdy\n"},
    )
    yield _one("dates", "25 janvier 2026", text(table(day=lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year}")))
    yield _one("dates", "January 25, 2026", text(table(day=lambda day: f"{day:%B} {day.day}, {day.year}")))
    yield _one("dates", "25 nivôse 2026", text(table(day=lambda day: f"{day.day} nivôse {day.year}")))
    turned = iter(["%d/%m/%Y", "%m/%d/%Y"] * len(DEALS))
    yield _one("dates", "day first and month first mixed", text(table(day=lambda day: day.strftime(next(turned)))))


def _epoch(day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day, 10, tzinfo=dt.UTC).timestamp())


def _documents() -> Iterator[Dirty]:
    titles, *rows = table(titles=API)
    records = [dict(zip(titles, row, strict=True)) for row in rows]
    pages = [{"id": record["id"], "properties": {key: record[key] for key in API[1:]}} for record in records]
    yield _one("JSON", "a list", json.dumps(records))
    yield _one("JSON", "an API page", json.dumps({"results": pages, "paging": {"next": {"after": "8"}}}))
    yield _one(
        "JSON", "an API page, indented, accents escaped", json.dumps({"results": pages}, indent=2, ensure_ascii=True)
    )
    yield _one("JSON", "one object a line", "\n".join(json.dumps(record) for record in records))
    yield _one("JSON", "with a mark", b"\xef\xbb\xbf" + json.dumps(records, ensure_ascii=False).encode())
    yield _one("JSON", "cut short", json.dumps(records)[:-40])
    yield _one("JSON", "one line cut short", "\n".join(json.dumps(record) for record in records)[:-10])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deals.parquet"
        columns = ", ".join(f"unnest(?::varchar[]) as {title}" for title in API)
        filled = [[row[index] or None for row in rows] for index in range(len(API))]
        duckdb.connect().execute(f"copy (select {columns}) to '{path}' (format parquet)", filled)
        content = path.read_bytes()
    yield Dirty("Parquet", "as it is", {"deals_2026-03-02.parquet": content}, DEALS)
    yield Dirty("Parquet", "cut short", {"deals_2026-03-02.parquet": content[:-30]}, DEALS)
    yield from _packed()
    half = len(DEALS) // 2
    parts = {
        f"deals_2026-03-02_{part}.csv": text(table(some)).encode()
        for part, some in (("a", DEALS[:half]), ("b", DEALS[half:]))
    }
    yield Dirty("delivery", "two parts of one day", parts, DEALS)
    twice = {f"{name}_deals_2026-03-02.csv": text(table()).encode() for name in ("first", "second")}
    yield Dirty("delivery", "the same bytes under two names", twice, DEALS)


def _packed() -> Iterator[Dirty]:
    body = text(table()).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("deals.csv"), body)
    for extension, content in (
        ("csv.gz", gzip.compress(body, mtime=0)),
        ("csv.zst", zstandard.ZstdCompressor().compress(body)),
        ("zip", packed.getvalue()),
    ):
        yield Dirty("packed", f".{extension}", {f"deals_2026-03-02.{extension}": content}, DEALS)
        yield Dirty("packed", f".{extension}, cut short", {f"deals_2026-03-02.{extension}": content[:-20]}, DEALS)
    yield Dirty("workbook", "as Excel saves it", {"deals_2026-03-02.xlsx": _workbook(table())}, DEALS)
    noted = _workbook([*table(), [], ["Grand Totals (8 records)"], [], ["Confidential - Do Not Distribute"]])
    yield Dirty("workbook", "notes below", {"deals_2026-03-02.xlsx": noted}, DEALS)
    below = _workbook([["Deals report"], [], *table(titles=FRENCH), ["Total"]])
    yield Dirty("workbook", "titles above, total below, French", {"deals_2026-03-02.xlsx": below}, DEALS)
    typed = [
        list(ENGLISH),
        *([*row[:3], deal.amount, deal.created, deal.closed] for row, deal in zip(table()[1:], DEALS, strict=True)),
    ]
    yield Dirty("workbook", "with real numbers and dates", {"deals_2026-03-02.xlsx": _workbook(typed)}, DEALS)


def _workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
        for cell in book.active[book.active.max_row]:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a name that begins with = is no formula
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _damage() -> Iterator[Dirty]:
    body = text(table())
    lines = body.rstrip("\n").split("\n")
    yield _one("damage", "cut inside a row", "\n".join([*lines[:-1], lines[-1][:8]]))
    yield _one("damage", "a quote that never ends", body.replace("Remise", '"Remise'))
    yield _one("damage", "a delimiter too many in one row", body.replace("Remise", "Rem,ise"))
    yield _one("damage", "a cell too few in one row", body.replace("Remise,", ""))
    yield _one("damage", "a row without its key", body.replace("105,", ","))
    yield _one("damage", "a web page instead", "<!doctype html><html><body>Sign in, please</body></html>")
    yield _one("damage", "zero bytes inside", body.encode().replace(b"Remise", b"Rem\x00ise"))
    yield _one("damage", "nothing at all", b"")


OUTCOMES = ("exact", "refused", "wrong")


@dataclass(frozen=True)
class Result:
    """What became of a dirty export: exact, refused (with why), or wrong (with what staging gave)."""

    case: Dirty
    outcome: str
    told: str


def run(site: Site) -> list[Result]:
    """Loads and stages every case, each as an instance of its own, and compares it with its truth."""
    every = list(cases())
    for number, case in enumerate(every):
        for path, content in case.files.items():
            site.drop(f"hubspot_{number:03d}/{path}", content)
    refused: dict[str, str] = {}
    for file in site.load().failures:
        refused.setdefault(file.path.split("/")[0], file.message)
    site.dbt("run", "--select", "stg_hubspot__deals")
    found: dict[str, set[tuple[object, ...]]] = {}
    for instance, *values in site.marts(
        "select source_instance, split_part(opportunity_id, ':', 2), opportunity_name, source_stage, amount_local, "
        "created_at::date, closed_at::date from staging.stg_hubspot__deals where not is_deleted"
    ):
        found.setdefault(instance, set()).add(tuple(values))
    results = []
    for number, case in enumerate(every):
        instance = f"hubspot_{number:03d}"
        truth = {(deal.id, deal.name, deal.stage, deal.amount, deal.created, deal.closed) for deal in case.deals}
        given = found.get(instance, set())
        if instance in refused and not given:
            results.append(Result(case, "refused", refused[instance].replace(f"{instance}/", "")))
        elif given == truth and instance not in refused:
            results.append(Result(case, "exact", ""))
        else:
            results.append(Result(case, "wrong", f"{sorted(map(str, given ^ truth))[:4]}"))
    return results


def document(results: Sequence[Result]) -> str:
    """The table of the results, for the documentation."""
    counts = {outcome: sum(each.outcome == outcome for each in results) for outcome in OUTCOMES}
    lines = [
        "# Dirty exports",
        "",
        "Exports of the same deals, spoilt as people and tools spoil them, and what becomes of each: "
        f"{counts['exact']} of {len(results)}",
        f"come back exactly, {counts['refused']} are refused with a line that says what and where, "
        f"{counts['wrong']} are silently wrong.",
        "Written by `make dirty-exports`; `make test` fails when it is out of date.",
        "",
        "| | export | becomes |",
        "|---|---|---|",
    ]
    family = ""
    for each in results:
        first = each.case.family if each.case.family != family else ""
        family = each.case.family
        told = each.told.replace("|", "\\|").replace("\n", " ")[:230]
        name = each.case.name.replace("|", "\\|")
        lines.append(f"| {first} | {name} | {each.outcome}{': ' + told if told else ''} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Writes the table; 1 when an export is silently wrong."""
    with tempfile.TemporaryDirectory() as folder:
        results = run(Site(Path(folder)))
    DOCUMENT.write_text(document(results), encoding="utf-8")
    for each in results:
        if each.outcome == "wrong":
            sys.stderr.write(f"{each.case.family}, {each.case.name}: {each.told}\n")
    sys.stdout.write(f"{len(results)} dirty exports, see {DOCUMENT}\n")
    return int(any(each.outcome == "wrong" for each in results))


if __name__ == "__main__":
    sys.exit(main())
