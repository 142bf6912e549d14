"""Where things are, from arguments or the environment, and what DuckDB is told of how to work."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from warehouse.errors import UserError

PROJECT = Path(__file__).resolve().parents[2]
MEMORY_LIMIT = "SALES_KPI_MEMORY_LIMIT"
SMALL_RAW = 40_000_000  # bytes of raw: some 500,000 landed rows
# of rows numbered by one column that has nulls, DuckDB 1.5.5 at times takes the wrong first one on several threads
UNSOUND_OPTIMIZER = "top_n_window_elimination"
# how rows are packed to be sorted and grouped: what it saves of few rows is less than it takes to plan
OPTIMIZER_OF_MANY_ROWS = "compressed_materialization"


@dataclass(frozen=True)
class Settings:
    """The four folders of a run, absolute.

    Defaults come from SALES_KPI_EXTRACTS, SALES_KPI_WAREHOUSE, SALES_KPI_PUBLISH and SALES_KPI_CONFIG, else from
    the folders of the same names in the project (`seeds/` for the config).
    """

    extracts: Path
    warehouse: Path
    publish: Path
    config: Path

    @property
    def raw_file(self) -> Path:
        """Landing, ledger and check history; written by the loader and the gates only."""
        return self.warehouse / "raw.duckdb"

    @property
    def warehouse_file(self) -> Path:
        """The last accepted build."""
        return self.warehouse / "warehouse.duckdb"

    @property
    def lineage_file(self) -> Path:
        """What each relation of the last accepted build was made of, and how: the manifest dbt wrote with it."""
        return self.warehouse / "warehouse.manifest.json"

    @property
    def candidate_file(self) -> Path:
        """The build under way."""
        return self.warehouse / "candidate.duckdb"


def from_arguments(arguments: argparse.Namespace) -> Settings:
    """Settings of parsed arguments; what a command does not take, or was not given, is the default."""

    def folder(name: str, default: Path) -> Path:
        given = getattr(arguments, name, None) or os.environ.get(f"SALES_KPI_{name.upper()}")
        return Path(given).expanduser().absolute() if given else default

    return Settings(
        extracts=folder("extracts", PROJECT / "extracts"),
        warehouse=folder("warehouse", PROJECT / "warehouse"),
        publish=folder("publish", PROJECT / "publish"),
        config=folder("config", PROJECT / "seeds"),
    )


def check_config(config: Path) -> None:
    """Raises UserError for a CSV file in the config folder that replaces no business seed: nothing would read it."""
    known = sorted(path.name for path in (PROJECT / "seeds").glob("*.csv"))
    for path in sorted(config.glob("*.csv")):
        if path.name not in known:
            near = get_close_matches(path.name, known, 1)
            meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise UserError(f"{path}: no business seed has this name; {meant}")


def memory_limit(environment: Mapping[str, str] = os.environ) -> str | None:
    """What DuckDB may hold in memory while it builds and publishes, such as `4GB`; the rest goes to disk.

    None where SALES_KPI_MEMORY_LIMIT says nothing: DuckDB takes four fifths of the machine's then. Raises UserError
    unless it is a number with a unit.
    """
    said = environment.get(MEMORY_LIMIT, "").strip()
    if said and not re.fullmatch(r"[1-9]\d*(\.\d+)? ?[KMGT]i?B", said, flags=re.IGNORECASE):
        raise UserError(f"{MEMORY_LIMIT}: {said} is no amount of memory: a number with MB, GB or TB, such as 4GB")
    return said or None


def is_small(raw: Path) -> bool:
    """Whether a landing database has so little that planning a build of it takes longer than the rows."""
    return raw.stat().st_size < SMALL_RAW


def disabled_optimizers(raw: Path) -> str:
    """What DuckDB leaves out when it plans queries on a landing database, as its setting of that name takes it."""
    return f"{UNSOUND_OPTIMIZER},{OPTIMIZER_OF_MANY_ROWS}" if is_small(raw) else UNSOUND_OPTIMIZER


def seed_file(name: str, config: Path | None, project: Path = PROJECT) -> Path:
    """The business seed of a name: a config folder's, where there is one that has it, else the project's own."""
    given = config / f"{name}.csv" if config else None
    return given if given and given.exists() else project / "seeds" / f"{name}.csv"


def reporting_time_zone(project: Path = PROJECT) -> ZoneInfo:
    """The time zone of the company's days, the variable of the same name in `dbt_project.yml`."""
    return ZoneInfo(_variables(project)["reporting_time_zone"])


def reporting_currency(project: Path = PROJECT) -> str:
    """The currency of every amount, the variable of the same name in `dbt_project.yml`."""
    return str(_variables(project)["reporting_currency"])


@cache
def _variables(project: Path) -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load((project / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    return said
