"""The page of figures: sections, each of them written anew when what it tells was measured anew."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from warehouse.benchmarks.measuring import Figure

PARTS = "Parts by themselves"


def parts_section(figures: Sequence[Figure], seed: int) -> str:
    """Loading, the raw gate and publishing by themselves."""
    return f"""## {PARTS}

Each load is a process of its own, and so is bare DuckDB (`create table as select * from read_csv(path, all_varchar =
true)`, into a file), in the same run; inputs are made by a seed ({seed}). The gate runs on a landing database made for
it, pages and all, in a process of its own too; the PostgreSQL server is one of the run's own, on the same cores.
Decisions:
[0027](decisions/0027-two-ways-to-read-a-text.md) for loading, [0054](decisions/0054-gates.md) for the gate,
[0061](decisions/0061-postgresql-for-readers.md) for publishing.

{figures_table(figures)}

{measured_on()}
"""


def figures_table(figures: Sequence[Figure]) -> str:
    """Figures beside their limits."""
    rows = [
        f"| {each.name} | **{said(each.value, each.unit)}** | {said(each.limit, each.unit)} | {each.made_of} |"
        for each in figures
    ]
    return "\n".join(["| what | measured | at most | made of |", "|---|---|---|---|", *rows])


def measured_on() -> str:
    """When, on what machine, with which versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    machine = f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB of memory, {platform.system()}"
    names = {"DuckDB": "duckdb", "dbt": "dbt-core", "NumPy": "numpy", "pandas": "pandas", "Polars": "polars"}
    told = ", ".join(f"{name} {version(package)}" for name, package in names.items())
    today = dt.datetime.now(dt.UTC).date().isoformat()
    busy = os.getloadavg()[0]
    return f"Measured on {today}: {machine}, {busy:.0f} processes running; Python {platform.python_version()}, {told}."


def said(value: float, unit: str) -> str:
    """A figure with three digits."""
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def replace_sections(path: Path, sections: Sequence[str]) -> None:
    """Writes sections of a page in the place of those of the same title, the others stay; new ones come last."""
    head, *kept = re.split(r"(?m)^(?=## )", path.read_text(encoding="utf-8"))
    by_title = {text.splitlines()[0]: text for text in kept}
    by_title |= {text.splitlines()[0]: text for text in sections}
    path.write_text(head + "\n".join(text.rstrip("\n") + "\n" for text in by_title.values()), encoding="utf-8")
