"""What was measured of a size, as figures with limits and as a section of the page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from warehouse.benchmarks.company import SIZES
from warehouse.benchmarks.floor import Statement
from warehouse.benchmarks.measuring import Figure
from warehouse.benchmarks.report import figures_table, measured_on, said
from warehouse.benchmarks.sizes import DEMO, MEMORY_LIMITS, Measured

OVER_THE_FLOOR, OF_THE_FLOOR, READ_WITHIN, GROWTH = 1.3, 0.15, 50.0, 1.1
LARGEST = 8
# what the size asks for in the end; a smaller one is mostly dbt's own work and is told, not judged
JUDGED = ("L", "XL")
PEAK_MEMORY = {"L": 4_000.0, "XL": 8_000.0}  # megabytes


def figures_of(measured: Measured) -> list[Figure]:
    """Figures of a size that have a limit."""
    build = next(stage for stage in measured.whole.stages if stage.name == "dbt build")
    floor = sum(each.cpu_seconds for each in measured.floor)
    slowest = {
        engine: max((each for each in measured.readings if each.engine == engine), key=lambda each: each.milliseconds)
        for engine in dict.fromkeys(each.engine for each in measured.readings)
    }
    limit = MEMORY_LIMITS.get(measured.name)
    return [
        Figure(
            f"{measured.name}: CPU of `dbt build`, as a multiple of its floor",
            *(build.cpu_seconds / floor, OVER_THE_FLOOR if measured.name in JUDGED else math.inf, "x"),
            f"{build.cpu_seconds:,.0f} s, the floor {floor:,.0f} s",
        ),
        Figure(
            f"{measured.name}: peak memory of the pipeline",
            *(measured.whole.megabytes, PEAK_MEMORY.get(measured.name, math.inf), "MB"),
            f"all its processes; DuckDB may hold {limit or 'what it will'} while it builds and publishes",
        ),
        *(
            Figure(
                f"{measured.name}: the questions of a dashboard on {engine}, 95th of a hundred",
                *(each.milliseconds, READ_WITHIN, "ms"),
                f"{each.page}, slowest {each.slowest}",
            )
            for engine, each in slowest.items()
        ),
    ]


def size_section(measured: Measured) -> str:
    """The section of a size."""
    size = SIZES.get(measured.name)
    title = (
        "S: the demo company"
        if size is None
        else f"{measured.name}: {size.activities:,} activities, {size.leads:,} leads, {size.deals:,} deals"
    )
    whole, written = measured.whole, measured.written
    stages = [
        f"| {each.name} | {said(each.seconds, 's')} | {said(each.cpu_seconds, 's')} | {said(each.megabytes, 'MB')} |"
        for each in whole.stages
    ]
    every = f"{said(whole.seconds, 's')} | {said(whole.cpu_seconds, 's')} | {said(whole.megabytes, 'MB')}"
    sizes = ", ".join(f"{name} {count / 1e6:,.0f} MB" for name, count in whole.bytes_of.items())
    parts = [
        f"## {title}",
        f"{whole.rows:,} rows of {whole.files} files; {sizes}. "
        f"The exports were made in {written.cpu_seconds:,.0f} s of CPU.",
        "\n".join(
            [
                "| stage | wall | CPU | peak memory |",
                "|---|---|---|---|",
                *stages,
                f"| **all** | {every} |",
            ]
        ),
        figures_table([each for each in figures_of(measured) if math.isfinite(each.limit)]),
        _told_floor(measured),
    ]
    if measured.by_hand:
        parts.append(_told_by_hand(measured))
    return "\n\n".join([*parts, measured_on()]) + "\n"


def _told_floor(measured: Measured) -> str:
    floor = measured.floor
    total = sum(each.cpu_seconds for each in floor)
    build = next(stage for stage in measured.whole.stages if stage.name == "dbt build").cpu_seconds
    tests = sum(each.cpu_seconds for each in floor if each.kind == "test")
    models = sorted((each for each in floor if each.kind != "test"), key=lambda each: -each.cpu_seconds)
    rows = [
        f"| {each.name} | {said(each.cpu_seconds, 's')} | {each.cpu_seconds / total:.0%} | {each.rows:,} | "
        f"{said(each.megabytes, 'MB')} |"
        for each in models[:LARGEST]
    ]
    heavy = [each.name for each in models if each.cpu_seconds > OF_THE_FLOOR * total]
    told = (
        f"over {OF_THE_FLOOR:.0%} of it: {', '.join(heavy)}" if heavy else f"no model is over {OF_THE_FLOOR:.0%} of it"
    )
    head = (
        f"`dbt build` took {build:,.0f} s of CPU, its floor {total:,.0f} s ({build / total:.2f} x): {len(floor)} "
        f"statements, of which tests {tests:,.0f} s; {told}."
    )
    return "\n".join([head, "", "| model | CPU | of the floor | rows | written |", "|---|---|---|---|---|", *rows])


def _told_by_hand(measured: Measured) -> str:
    ours = sum(stage.cpu_seconds for stage in measured.whole.stages if stage.name in ("load", "dbt build"))
    rows = [
        f"| {tool} | {said(each.seconds, 's')} | {said(each.cpu_seconds, 's')} | {said(each.megabytes, 'MB')} | "
        f"1/{ours / each.cpu_seconds:,.0f} |"
        for tool, each in measured.by_hand.items()
    ]
    head = (
        f"Ten parts of KPIs by month and rep by hand, equal to the marts; the load and the build, which make all the "
        f"others too, keep every row and test it, took {ours:,.0f} s of CPU."
    )
    return "\n".join(
        [head, "", "| with | wall | CPU | peak memory | of load and build |", "|---|---|---|---|---|", *rows]
    )


def growth_of(sizes: Sequence[Measured]) -> str | None:
    """How time grows from the smallest made company to the largest, as an exponent; None of fewer than two."""
    made = [each for each in sizes if each.name != DEMO]
    if len(made) < 2:
        return None
    small, large = made[0], made[-1]
    times = SIZES[large.name].activities / SIZES[small.name].activities
    taken = {name: (_stage(small, name), _stage(large, name)) for name in ("load", "raw gate", "dbt build", "publish")}
    taken["floor of the build"] = (_floor(small.floor), _floor(large.floor))
    rows = [
        f"| {name} | {said(one, 's')} | {said(other, 's')} | **{math.log(other / one) / math.log(times):.2f}** |"
        for name, (one, other) in taken.items()
    ]
    title = f"## Growth from {small.name} to {large.name}"
    table = [f"| CPU | {small.name} | {large.name} | exponent, at most {GROWTH} |", "|---|---|---|---|", *rows]
    return "\n".join([title, "", *table, "", measured_on()]) + "\n"


def _stage(measured: Measured, name: str) -> float:
    return next(stage.cpu_seconds for stage in measured.whole.stages if stage.name == name)


def _floor(floor: Sequence[Statement]) -> float:
    return sum(each.cpu_seconds for each in floor)
