"""Loading, the raw gate and publishing by themselves, one after the other."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from warehouse.benchmarks.gates import measure_gates
from warehouse.benchmarks.loader import measure_loader
from warehouse.benchmarks.measuring import Figure
from warehouse.benchmarks.publisher import measure_publisher
from warehouse.benchmarks.report import parts_section, replace_sections

# what the page tells; `scripts/bench.py` takes less for a look
FULL = {"megabytes": 1024, "files": 10_000, "landed": 10_000_000, "published": 5_000_000}


def measure_parts(arguments: argparse.Namespace, page: Path) -> list[Figure]:
    """Figures of the parts at the sizes of some arguments; full sizes are written to the page."""
    with tempfile.TemporaryDirectory(prefix="bench_") as folder:
        figures = measure_loader(Path(folder), arguments.megabytes, arguments.files, arguments.seed)
        figures += measure_gates(Path(folder) / "gate", arguments.landed)
        figures += measure_publisher(Path(folder), arguments.published, arguments.seed)
    if all(getattr(arguments, name) == size for name, size in FULL.items()):
        replace_sections(page, [parts_section(figures, arguments.seed)])
    return figures
