"""Which targets a publication has: SALES_KPI_TARGETS, else all that this machine can write."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec

from warehouse.errors import UserError

# where each target lies in a generation; a server has no place there
PLACES: Mapping[str, str | None] = {
    "duckdb": "marts.duckdb",
    "parquet": "parquet",
    "csv": "csv",
    "hyper": "tableau",
    "postgres": None,
}
KEPT = 5
VARIABLE, ADDRESS, KEEP = "SALES_KPI_TARGETS", "SALES_KPI_PG_URL", "SALES_KPI_KEEP"


def chosen_targets(said: str | None = None, environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Targets in the order they are written, of a list with commas, else of the environment, else of the machine.

    Raises UserError for a name that is none, or a target that cannot be written here.
    """
    said = environment.get(VARIABLE) if said is None else said
    has_server = bool(environment.get(ADDRESS))
    has_hyper = find_spec("tableauhyperapi") is not None
    if not said:
        able = {"hyper": has_hyper, "postgres": has_server}
        return tuple(name for name in PLACES if able.get(name, True))
    names = {name.strip().lower() for name in said.split(",") if name.strip()}
    unknown = sorted(names - PLACES.keys())
    if unknown or not names:
        raise UserError(f"{VARIABLE}: {', '.join(unknown) or 'nothing'} is no target; there are {', '.join(PLACES)}")
    if "postgres" in names and not has_server:
        raise UserError(
            f"{VARIABLE} names postgres: say where it is in {ADDRESS}, postgresql://user@host:5432/database"
        )
    if "hyper" in names and not has_hyper:
        raise UserError(f"{VARIABLE} names hyper, which is not made for this machine: leave it out")
    return tuple(name for name in PLACES if name in names)


def kept_generations(environment: Mapping[str, str] = os.environ) -> int:
    """How many generations stay. Raises UserError unless it is a number from 1 on."""
    said = environment.get(KEEP) or str(KEPT)
    if not said.isdecimal() or int(said) < 1:
        raise UserError(f"{said} is no number of generations to keep ({KEEP}): 1 or more")
    return int(said)
