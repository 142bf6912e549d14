"""How fast exports are loaded, beside DuckDB reading the same file with no questions asked."""

from __future__ import annotations

import shutil
from pathlib import Path

from warehouse.benchmarks.inputs import write_large, write_small
from warehouse.benchmarks.measuring import Figure, Measure, fastest, measure
from warehouse.settings import PROJECT

BARE = (
    "import duckdb, sys\n"
    "connection = duckdb.connect(sys.argv[1])\n"
    "connection.execute('create table calls as select * from read_csv(?, all_varchar = true)', [sys.argv[2]])\n"
    "connection.close()\n"
)
ROUNDS = 2
ROWS_EACH = 20
LIMIT_RATIO, LIMIT_MEGABYTES, LIMIT_MILLISECONDS = 3, 1_500, 15


def measure_loader(folder: Path, megabytes: int, files: int, seed: int) -> list[Figure]:
    """Figures of one file of so many megabytes and of so many small ones, made and removed in `folder`."""
    export = folder / "large" / "hubspot" / "calls_2026-03-02.csv"
    rows = write_large(export, megabytes, seed)
    bare: list[Measure] = []
    ours: list[Measure] = []
    for _ in range(ROUNDS):
        database = folder / "bare.duckdb"
        bare.append(measure(["-c", BARE, str(database), str(export)]))
        database.unlink()
        ours.append(_load(folder / "large", folder / "warehouse"))
    shutil.rmtree(folder / "large")
    quick, careful = fastest(bare), fastest(ours)
    write_small(folder / "one" / "hubspot", 1, ROWS_EACH, seed)
    write_small(folder / "small" / "hubspot", files, ROWS_EACH, seed)
    start = fastest([_load(folder / "one", folder / "warehouse") for _ in range(ROUNDS)])
    many = _load(folder / "small", folder / "warehouse")
    name = f"{megabytes:,} MB of calls, {rows:,} rows"
    return [
        Figure(
            f"{name}: time, as a multiple of bare DuckDB",
            *(careful.seconds / quick.seconds, LIMIT_RATIO, "x"),
            f"{careful.seconds:.1f} s, bare {quick.seconds:.1f} s; the faster of {ROUNDS} runs each",
        ),
        Figure(
            f"{name}: peak memory", careful.megabytes, LIMIT_MEGABYTES, "MB", f"bare DuckDB {quick.megabytes:,.0f} MB"
        ),
        Figure(
            f"{files:,} files of {ROWS_EACH} rows: time of each",
            *(1000 * (many.seconds - start.seconds) / max(files - 1, 1), LIMIT_MILLISECONDS, "ms"),
            f"{many.seconds:.1f} s, a load of one {start.seconds:.2f} s",
        ),
        Figure(
            f"{files:,} files of {ROWS_EACH} rows: peak memory", many.megabytes, LIMIT_MEGABYTES, "MB", "the same load"
        ),
    ]


def _load(extracts: Path, warehouse: Path) -> Measure:
    command = PROJECT / "scripts" / "load.py"
    measured = measure([str(command), "--extracts", str(extracts), "--warehouse", str(warehouse)])
    shutil.rmtree(warehouse)
    return measured
