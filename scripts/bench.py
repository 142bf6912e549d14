"""Measure loading, the raw gate and publishing: `python scripts/bench.py [--megabytes 1024] [--files 10000]`.

It takes some minutes, and three times the size of its largest file on disk while it runs; `docs/benchmarks.md` is
written by the full sizes only.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from warehouse.benchmarks.gates import measure_gates
from warehouse.benchmarks.loader import measure_loader
from warehouse.benchmarks.publisher import measure_publisher
from warehouse.benchmarks.report import write_report
from warehouse.errors import UserError
from warehouse.settings import PROJECT

MEGABYTES, FILES, LANDED, PUBLISHED = 1024, 10_000, 10_000_000, 5_000_000


def main(argv: Sequence[str] | None = None) -> int:
    """Measures; 0 when each figure is within its limit, 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=MEGABYTES, help="size of the large export")
    parser.add_argument("--files", type=int, default=FILES, help="number of the small ones")
    parser.add_argument("--landed", type=int, default=LANDED, help="landed rows that the gate checks")
    parser.add_argument("--published", type=int, default=PUBLISHED, help="rows published to PostgreSQL")
    parser.add_argument("--seed", type=int, default=1, help="what the inputs are made by")
    arguments = parser.parse_args(argv)
    try:
        with tempfile.TemporaryDirectory(prefix="bench_") as folder:
            figures = measure_loader(Path(folder), arguments.megabytes, arguments.files, arguments.seed)
            figures += measure_gates(Path(folder) / "gate", arguments.landed)
            figures += measure_publisher(Path(folder), arguments.published, arguments.seed)
    except UserError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    for each in figures:
        print(f"{each.name}: {each.value:,.2f} {each.unit} (at most {each.limit:,} {each.unit}); {each.made_of}")
    sizes = (arguments.megabytes, arguments.files, arguments.landed, arguments.published)
    if sizes == (MEGABYTES, FILES, LANDED, PUBLISHED):
        write_report(PROJECT / "docs" / "benchmarks.md", figures, arguments.seed)
    failing = [each.name for each in figures if not each.holds]
    for name in failing:
        print(f"bench: {name} is past its limit", file=sys.stderr)
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(main())
