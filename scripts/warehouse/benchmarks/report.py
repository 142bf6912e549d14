"""The page of figures: ratios first, times as of the machine they were measured on."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from warehouse.benchmarks.measuring import Figure


def write_report(path: Path, figures: Sequence[Figure], seed: int) -> None:
    """Writes the page anew."""
    rows = [
        f"| {each.name} | **{_said(each.value, each.unit)}** | {_said(each.limit, each.unit)} | {each.made_of} |"
        for each in figures
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    machine = f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB of memory, {platform.system()}"
    versions = f"Python {platform.python_version()}, DuckDB {version('duckdb')}, NumPy {version('numpy')}"
    today = dt.datetime.now(dt.UTC).date().isoformat()
    text = f"""# Benchmarks

Written by `make bench`, which fails when a figure passes its limit. Inputs are made by a seed ({seed}). Each load is a
process of its own, and so is bare DuckDB (`create table as select * from read_csv(path, all_varchar = true)`, into a
file), in the same run. The gate runs on a landing database made for it, pages and all, in a process of its own too; the
PostgreSQL server is one of the run's own, on the same cores. Ratios hold on other machines, times do not. Decisions:
[decision 0027](decisions/0027-two-ways-to-read-a-text.md) for loading, [0054](decisions/0054-gates.md) for the gate,
[0061](decisions/0061-postgresql-for-readers.md) for publishing.

| what | measured | at most | made of |
|---|---|---|---|
{chr(10).join(rows)}

Measured on {today}: {machine}; {versions}.
"""
    path.write_text(text, encoding="utf-8")


def _said(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
