"""dbt on the target `spark`: `python scripts/spark.py --lake DIR build --select +fct_bookings`.

All after the options is dbt's own. On this machine a session is made on the tables that `scripts/export_raw.py` wrote;
under `spark-submit` the session is the cluster's.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from warehouse.errors import UserError
from warehouse.settings import from_arguments
from warehouse.spark.session import open_session, run_dbt


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one dbt command; 0 when all of it went well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warehouse", help="folder, as for scripts/pipeline.py (default: warehouse)")
    parser.add_argument("--lake", type=Path, help="folder of the lake (default: lake in the warehouse folder)")
    parser.add_argument("--storage", help="address under which a cluster finds the tables of the lake's folder raw")
    parser.add_argument("--memory", default="4g", help="memory of the session on this machine")
    parser.add_argument("dbt", nargs=argparse.REMAINDER, help="a dbt command and its options")
    arguments = parser.parse_args(argv)
    settings = from_arguments(arguments)
    lake = (arguments.lake or settings.warehouse / "lake").expanduser().resolve()
    try:
        session = open_session(settings, lake, arguments.memory, arguments.storage)
        try:
            return 0 if run_dbt(arguments.dbt, lake / "built") else 1
        finally:
            session.stop()
    except UserError as error:
        print(f"spark: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
