"""Check what landed, or the last build: `python scripts/check.py raw|marts [--warehouse DIR]`.

The gates of the pipeline by themselves; results are kept in raw like those of a run.
"""

from __future__ import annotations

import argparse
import sys
import uuid
from collections.abc import Sequence

from warehouse.building import Clocks
from warehouse.errors import UserError, disk_of
from warehouse.expectations.gates import check
from warehouse.settings import from_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Makes the checks of a gate; 0 when none failed that stops a run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gate", choices=("raw", "marts"), help="what landed, or the marts of the last accepted build")
    parser.add_argument("--warehouse", help="folder of the databases")
    parser.add_argument("--publish", help="folder of the publications, for the one before")
    parser.add_argument("--config", help="folder of business seeds")
    parser.add_argument("--checked-at", metavar="TIMESTAMP", help="clock of the freshness checks (UTC)")
    arguments = parser.parse_args(argv)
    clocks = Clocks(checked_at=arguments.checked_at)
    settings = from_arguments(arguments)
    try:
        with disk_of(settings.warehouse):
            run = check(settings, uuid.uuid4().hex[:12], clocks, arguments.gate)
    except UserError as error:
        print(f"check: {error}", file=sys.stderr)
        return 1
    for result in run.failed:
        print(f"{result.check.on_breach}: {result.line}")
    print(f"{len(run.results)} checks of the {arguments.gate} gate, {len(run.failed)} failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
