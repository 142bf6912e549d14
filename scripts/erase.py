"""Erase people: `python scripts/erase.py --extracts DIR --warehouse DIR ADDRESS ...`.

Their e-mail addresses go on the erasure list, as keyed hashes; raw is built anew without what it held of them, and what
comes later is landed without it. Run the pipeline afterwards; it also names the exports that still hold them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from warehouse.erasing import erase
from warehouse.errors import UserError, disk_of
from warehouse.settings import from_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Erases; 0 when raw holds nothing of them any more."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("addresses", nargs="+", metavar="ADDRESS", help="e-mail address of a person")
    parser.add_argument("--extracts", help="folder of exports, searched for what still names them")
    parser.add_argument("--warehouse", help="folder of the databases")
    arguments = parser.parse_args(argv)
    try:
        settings = from_arguments(arguments)
        with disk_of(settings.warehouse):
            changed, naming = erase(settings, arguments.addresses)
    except UserError as error:
        print(f"erase: {error}", file=sys.stderr)
        return 1
    print(f"{changed:,} rows of raw named them and do no longer; run the pipeline to build without them")
    for path in naming:
        print(f"still names them: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
