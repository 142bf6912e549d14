"""The rows `stage_mapping.csv` lacks, each with the stage its label suggests, for the user to look over."""

from __future__ import annotations

import csv
import re
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.building import Clocks, Dbt
from warehouse.settings import PROJECT, Settings

FILE = "stage_mapping.csv"
COLUMNS = ("source_system", "source_instance", "pipeline", "source_stage", "source_label", "stage")

# first match wins; labels are compared in lower case without accents
DEAL_WORDS = (
    ("no_decision", r"no decision|pas de decision|sans suite|non.responsive|abandon"),
    ("lost", r"lost|perdu"),
    ("won", r"\bwon\b|gagn|\bsigne\b|onboard|implement|customer success|renewal|expansion"),
    ("proposal", r"propos|quote|devis|offre|negoci|negoti|contrac?t|closing|decision|price|review"),
    ("demo", r"demo|present|needs|besoin|analys|discovery|decouverte|meeting|rendez"),
)
LEAD_WORDS = (
    ("lead", r"\bnot\b|\bnon\b|unqualif|disqualif"),
    ("sql", r"\bsql\b|sales.?qualif|qualifie par la vente|convert"),
    ("mql", r"\bmql\b|marketing.?qualif|qualifie par le marketing"),
)


@dataclass(frozen=True)
class Suggestion:
    """A stage of a CRM that stands for none of the funnel's yet, and the one its label suggests."""

    source_system: str
    source_instance: str
    pipeline: str
    source_stage: str
    source_label: str
    stage: str


def suggested_stage(label: str, pipeline: str) -> str:
    """The stage of the funnel a label sounds like; the first one of its kind when it sounds like none."""
    plain = unicodedata.normalize("NFKD", label.lower()).encode("ascii", "ignore").decode()
    words, otherwise = (LEAD_WORDS, "lead") if pipeline == "lead" else (DEAL_WORDS, "opportunity")
    return next((stage for stage, pattern in words if re.search(pattern, plain)), otherwise)


def suggest_mapping(settings: Settings) -> list[Suggestion]:
    """Writes the rows the config's stage mapping lacks at its end, and returns them."""
    dbt = Dbt(settings, Clocks(), target="dev")
    dbt.run("--select", "+int_source_stages__mapped")
    connection = duckdb.connect(str(settings.warehouse / "dev.duckdb"), read_only=True)
    try:
        connection.execute(f"attach '{str(settings.raw_file).replace(chr(39), chr(39) * 2)}' as raw (read_only)")
        rows = connection.execute(
            "select source_system, source_instance, pipeline, source_stage, source_label "
            "from intermediate.int_source_stages__mapped where stage is null "
            "order by source_instance, pipeline, stage_position nulls last, source_stage"
        ).fetchall()
    finally:
        connection.close()
    found = [
        Suggestion(system, instance, pipeline, stage, label, suggested_stage(label, pipeline))
        for system, instance, pipeline, stage, label in rows
    ]
    if found:
        _append(settings.config / FILE, found)
    return found


def _append(path: Path, suggestions: list[Suggestion]) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROJECT / "seeds" / FILE, path)
    ended = path.read_bytes()[-1:] in (b"", b"\n")
    with path.open(encoding="utf-8-sig", newline="") as file:
        titles = next(csv.reader(file), list(COLUMNS))  # a file of the company's own has them in its own order
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write("" if ended else "\n")
        writer = csv.DictWriter(file, titles, lineterminator="\n")
        for each in suggestions:
            writer.writerow({title: getattr(each, title, "") for title in titles})
