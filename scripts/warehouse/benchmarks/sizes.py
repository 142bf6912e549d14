"""The benchmarks of a size: the pipeline, the floor of its build, the same by other means, its dashboards."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.benchmarks.company import CHECKED_AT, END, SIZES, write_company
from warehouse.benchmarks.floor import Statement
from warehouse.benchmarks.measuring import Measure, measure
from warehouse.benchmarks.readers import Reading, read_dashboards
from warehouse.benchmarks.whole import Whole, run_whole
from warehouse.demo.simulation import simulate, write_demo
from warehouse.errors import UserError
from warehouse.literals import quoted
from warehouse.settings import MEMORY_LIMIT, PROJECT

DEMO = "S"
NAMES = (DEMO, *SIZES)
BY_HAND = ("pandas", "polars")
# of DuckDB; what Python holds comes on top of it
MEMORY_LIMITS = {"L": "2GB", "XL": "6GB"}


@dataclass(frozen=True)
class Measured:
    """All that is measured of a size."""

    name: str
    written: Measure
    whole: Whole
    floor: list[Statement]
    by_hand: dict[str, Measure]
    readings: list[Reading]


def measure_size(name: str, folder: Path) -> Measured:
    """Makes the company of a size in a folder and measures all on it. Raises UserError when a figure is wrong."""
    begun, spent = time.perf_counter(), time.process_time()
    if name == DEMO:
        write_demo(simulate(1, 1.0, END), folder, PROJECT / "seeds")
    else:
        write_company(SIZES[name], folder)
    written = Measure(time.perf_counter() - begun, time.process_time() - spent, 0.0)
    limit = MEMORY_LIMITS.get(name, "")
    whole = run_whole(folder, CHECKED_AT, limit)
    floor = measure_floor(folder, limit)
    # the demo company's exports are of three systems and of every ill there is: nobody reads those in fifty lines
    by_hand = {} if name == DEMO else {tool: measure_by_hand(tool, folder) for tool in BY_HAND}
    readings = read_dashboards(folder / "publish" / "current", folder)
    return Measured(name, written, whole, floor, by_hand, readings)


def measure_floor(folder: Path, limit: str) -> list[Statement]:
    """The statements of the build in a folder, run again by DuckDB alone within the same memory."""
    arguments = ["-m", "warehouse.benchmarks.floor", str(folder / "warehouse"), str(folder / "config")]
    with tempfile.TemporaryDirectory(dir=folder) as place, tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        measure([*arguments, place], said, {MEMORY_LIMIT: limit})
        said.seek(0)
        return [Statement(**each) for each in json.load(said)]


def measure_by_hand(tool: str, folder: Path) -> Measure:
    """The same parts of KPIs by a library for data frames. Raises UserError when they are not those of the marts."""
    out = folder / f"{tool}.parquet"
    spent = measure(["-m", f"warehouse.benchmarks.by_{tool}", str(folder / "extracts"), str(out)])
    with duckdb.connect(str(folder / "warehouse" / "warehouse.duckdb"), read_only=True) as connection:
        other = differing(connection, out)
    if other:
        raise UserError(f"{tool}: {len(other)} parts are not those of the marts, first {other[0]}")
    return spent


def differing(connection: duckdb.DuckDBPyConnection, parts: Path) -> list[tuple[Any, ...]]:
    """Parts of whole months that a file and a build tell otherwise: part, month, rep, both values."""
    first_open = END.replace(day=1)
    return connection.execute(
        f"""
        with by_hand as (
            select part, cast(month as date) as month, rep, value from {quoted(parts)}
            where month < '{first_open}'
        ),
        wanted as (select part, rep = '' as is_company from by_hand group by all),
        built as (
            select
                component_code as part, period_start_date as month,
                case scope_type when 'company' then '' else split_part(scope_id, ':', 2) end as rep,
                component_value as value
            from marts.kpi_components_by_period as components
            inner join wanted
                on components.component_code = wanted.part
                and components.scope_type = case when wanted.is_company then 'company' else 'rep' end
            where period_grain = 'month' and purpose = 'value' and period_start_date < date '{first_open}'
        )
        select part, month, rep, by_hand.value, built.value
        from by_hand full join built using (part, month, rep)
        where abs(coalesce(by_hand.value, 0) - coalesce(built.value, 0)) > 1e-6 * greatest(abs(by_hand.value), 1)
        order by all
        """
    ).fetchall()


def measure_sizes(names: Sequence[str], told: Callable[[Sequence[Measured]], None]) -> list[Measured]:
    """The sizes one after the other, each in a folder that goes; told of all there are after each."""
    measured: list[Measured] = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix=f"bench_{name}_") as folder:
            measured.append(measure_size(name, Path(folder)))
        told(measured)
    return measured
