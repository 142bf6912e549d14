"""Measure the pipeline and its parts: `python scripts/bench.py [--size S] [--size M] [--size L] [--size XL]`.

Without arguments it measures loading, the raw gate and publishing by themselves, then the whole pipeline at S (the demo
company) and M (a million activities). With `--size` it measures the whole pipeline at these sizes alone; L and XL are
of ten and thirty million activities. `docs/benchmarks.md` is written by full sizes only: a section that was not
measured stays as it is.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence

from warehouse.benchmarks.measuring import Figure
from warehouse.benchmarks.parts import FULL, measure_parts
from warehouse.benchmarks.report import replace_sections
from warehouse.benchmarks.size_report import figures_of, growth_of, size_section
from warehouse.benchmarks.sizes import NAMES, Measured, measure_sizes
from warehouse.errors import UserError
from warehouse.settings import PROJECT

BY_DEFAULT = ("S", "M")
PAGE = PROJECT / "docs" / "benchmarks.md"


def main(argv: Sequence[str] | None = None) -> int:
    """Measures; 0 when each figure is within its limit, 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, size in FULL.items():
        parser.add_argument(f"--{name}", type=int, default=size, help="of the parts: less than this for a look")
    parser.add_argument("--seed", type=int, default=1, help="what the inputs of the parts are made by")
    parser.add_argument("--size", action="append", choices=NAMES, help="the whole pipeline at this size, and no parts")
    arguments = parser.parse_args(argv)
    figures: list[Figure] = []
    try:
        if not arguments.size:
            figures += _say(measure_parts(arguments, PAGE))
        for measured in measure_sizes(arguments.size or BY_DEFAULT, _told):
            figures += figures_of(measured)
    except UserError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    failing = [each.name for each in figures if not each.holds]
    for name in failing:
        print(f"bench: {name} is past its limit", file=sys.stderr)
    return 1 if failing else 0


def _told(sizes: Sequence[Measured]) -> None:
    _say(figures_of(sizes[-1]))
    growth = growth_of(sizes)
    replace_sections(PAGE, [size_section(sizes[-1]), *([growth] if growth else [])])


def _say(figures: list[Figure]) -> list[Figure]:
    for each in figures:
        limit = f" (at most {each.limit:,} {each.unit})" if math.isfinite(each.limit) else ""
        print(f"{each.name}: {each.value:,.2f} {each.unit}{limit}; {each.made_of}")
    return figures


if __name__ == "__main__":
    sys.exit(main())
