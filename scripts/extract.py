"""Pull systems through their APIs: `python scripts/extract.py --extracts DIR [--instance NAME ...] [--full]`.

Pulls every instance whose `source.yml` has an `extract:` block, into files that `scripts/load.py` reads: what changed
since the last time, or whole tables where a system cannot tell. Tokens come from the environment.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from warehouse.errors import UserError
from warehouse.extracting.pulling import orders, pull
from warehouse.settings import from_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Pulls each instance; 0 when each was delivered, 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extracts", help="folder of exports, one folder per connected system")
    parser.add_argument("--instance", action="append", default=[], metavar="NAME", help="only this folder; repeatable")
    parser.add_argument("--full", action="store_true", help="pull whole tables, whatever was pulled before")
    arguments = parser.parse_args(argv)
    status = 0
    try:
        wanted = orders(from_arguments(arguments).extracts, arguments.instance)
    except UserError as error:
        print(f"extract: {error}", file=sys.stderr)
        return 1
    for instance in wanted:
        try:
            print(pull(instance, full=arguments.full), flush=True)
        except UserError as error:
            print(f"extract: {error}", file=sys.stderr, flush=True)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
