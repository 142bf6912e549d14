"""The pages as files: one HTML file each, with its data, its charts and their library in it."""

from __future__ import annotations

import base64
import calendar
import csv
import datetime as dt
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from warehouse.dashboards.charts import charts
from warehouse.dashboards.reading import ROLES, Data, read_index, read_people, read_quality, read_role
from warehouse.site.words import day_of, month_of

ASSETS = Path(__file__).with_name("assets")

SHARED = ("format.js", "core.js", "tiles.js", "trust.js", "sections.js")
# what a page adds to what all have; a role page adds nothing
OWN = {"index": ("index.js",), "people": ("people.js",), "quality": ("quality.js",)}
PAGES = ("index", *ROLES, "people", "quality")
READERS = {"index": read_index, "people": read_people, "quality": read_quality}
WITHOUT_CHARTS = ("index", "quality")
PAGE_ALONE = 100_000  # bytes of a page without its data and its library
LARGEST = 3_000_000  # bytes of a page, so that it can be mailed
# what goes first where a company has more people than that: of single reps, in this order
LEAST_LOOKED_AT = (
    ("left_out_drivers", "drivers", ("week", "month", "quarter")),
    ("left_out_weeks", "tiles", ("week",)),
    ("left_out_months", "tiles", ("month",)),
)


def render_dashboards(
    database: Path, folder: Path, only: Sequence[str] = PAGES, is_documented: bool = False
) -> list[Path]:
    """Writes the pages of a publication, or of a build, to a folder; the files, the index first.

    The pages know each other by name only: one can be sent alone, and all can be moved together. Names of KPIs lead to
    their definitions where the documentation stands beside the folder. The script of the charts is kept in the folder
    for the next time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    library = _library(folder / f".charts-{version('vl-convert-python')}.js")
    written = []
    for page in only:
        data = READERS[page](database) if page in READERS else read_role(database, page)
        data["isDocumented"] = is_documented
        path = folder / f"{page}.html"
        path.write_text(_page(page, data, "" if page in WITHOUT_CHARTS else library), encoding="utf-8")
        written.append(path)
    return written


def _page(page: str, data: Data, library: str) -> str:
    words = _words()
    shown = {**data, "leftOut": [], "words": words, "charts": {} if page in WITHOUT_CHARTS else charts()}
    script = "\n".join(
        ["(() => {", '"use strict";', *(_asset(name) for name in (*SHARED, *OWN.get(page, ()))), "start();", "})();"]
    )
    policy = "; ".join(
        [
            "default-src 'none'",
            "style-src 'unsafe-inline'",
            "img-src data:",
            f"script-src {' '.join(_hash(each) for each in (script, library) if each)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return _template().render(
        page=page,
        title=f"{words[f'page_{page}'][0]} – {words['title'][0]}",
        heading=words[f"page_{page}"],
        policy=policy,
        style=_asset("page.css"),
        data=_fitting(shown, LARGEST - len(library) - PAGE_ALONE),
        script=script,
        charts=library,
        **_figures(data),
    )


def _fitting(data: Data, room: int) -> str:
    """The data packed, or without what is least looked at, until it has no more characters than there is room.

    What was left out is named in `leftOut`, and the page says so.
    """
    packed = _packed(data)
    for name, table, grains in LEAST_LOOKED_AT:
        if len(packed) > room and table in data:
            columns = data[table]["columns"]
            scope, grain = columns.index("scope_type"), columns.index("period_grain")
            kept = [row for row in data[table]["rows"] if row[scope] != "rep" or row[grain] not in grains]
            data = {**data, table: {"columns": columns, "rows": kept}, "leftOut": [*data["leftOut"], name]}
            packed = _packed(data)
    return packed


def _packed(data: Mapping[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def _figures(data: Data) -> dict[str, Any]:
    """The company's tiles of a month, for readers without scripts: previews of mail, text browsers."""
    tiles = data.get("tiles", {"rows": []})
    months = [
        row
        for row in (dict(zip(tiles["columns"], each, strict=True)) for each in tiles["rows"])
        if row["scope_type"] == "company" and row["period_grain"] == "month"
    ]
    if not months:
        return {"figures": [], "month": (), "as_of": ()}
    labels = {
        kpi["kpi_code"]: kpi
        for kpi in (dict(zip(data["kpis"]["columns"], row, strict=True)) for row in data["kpis"]["rows"])
    }
    as_of = dt.date.fromisoformat(data["asOf"])
    start = _usual_month({row["period_start_date"]: row["is_partial_period"] for row in months}, as_of)
    shown = {row["kpi_code"]: row for row in months if row["period_start_date"] == start}
    figures = [
        {
            "label": (labels[code]["label_en"], labels[code]["label_fr"]),
            "value": (row["formatted_value_en"], row["formatted_value_fr"]),
            "comment": (row["comment_en"], row["comment_fr"]),
            "trust": _words()[f"trust_{row['trust_status']}"],
        }
        for code, row in shown.items()
    ]
    month = dt.date.fromisoformat(start)
    return {
        "figures": figures,
        "month": (month_of(month, "en"), month_of(month, "fr")),
        "as_of": (day_of(as_of, "en"), day_of(as_of, "fr")),
    }


def _usual_month(months: Mapping[str, bool], as_of: dt.date) -> str:
    """The running month once a third of it has passed, before that the last whole one, as in the page itself."""
    newest, *before = sorted(months, reverse=True)
    _, days = calendar.monthrange(as_of.year, as_of.month)
    is_young = months[newest] and (as_of.day - 1) * 3 < days - 1
    return before[0] if is_young and before else newest


def _library(kept: Path) -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, kept from one run to the next, for making it takes seconds."""
    if not kept.exists():
        writing = kept.with_suffix(".writing")
        writing.write_text(_bundle(), encoding="utf-8")
        writing.replace(kept)
    return kept.read_text(encoding="utf-8")


@cache
def _bundle() -> str:
    """The same from the wheel that carries them; their names stay their own."""
    bundle = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))
    return f"(() => {{{bundle}}})();".replace("</script", r"<\/script")


@cache
def _words() -> dict[str, tuple[str, str]]:
    with (ASSETS / "words.csv").open(encoding="utf-8", newline="") as file:
        return {row["word"]: (row["en"], row["fr"]) for row in csv.DictReader(file)}


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(ASSETS), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template("page.html")


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
