"""Write the landing database as Parquet, one folder for each table: `python scripts/export_raw.py --lake DIR`.

What is written is what the target `spark` reads, and what a lakehouse would hold: copy the folder `raw` to its
storage. The business seeds as they apply go with it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from warehouse.errors import UserError
from warehouse.settings import from_arguments
from warehouse.spark.exporting import export


def main(argv: Sequence[str] | None = None) -> int:
    """Exports all tables and says how many rows they have."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("warehouse", "config"):
        parser.add_argument(f"--{name}", help=f"folder, as for scripts/pipeline.py (default: {name})")
    parser.add_argument("--lake", type=Path, help="folder of the lake (default: lake in the warehouse folder)")
    parser.add_argument("--manifest", type=Path, help="what dbt parsed (default: that of the last accepted build)")
    arguments = parser.parse_args(argv)
    settings = from_arguments(arguments)
    raw = (arguments.lake or settings.warehouse / "lake").expanduser().resolve() / "raw"
    try:
        exported = export(settings, arguments.manifest or settings.lineage_file, raw)
    except UserError as error:
        print(f"export_raw: {error}", file=sys.stderr)
        return 1
    print(f"{sum(exported.values())} rows of {len(exported)} tables written to {raw}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
