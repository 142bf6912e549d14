"""Look after publications: `python scripts/publish.py --publish DIR [--rollback]`.

Lists the generations; `--rollback` points readers to the one before.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from warehouse.errors import UserError
from warehouse.publishing import current, generations, rollback
from warehouse.settings import from_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Lists generations or goes back by one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--publish", help="folder of the publications")
    parser.add_argument("--rollback", action="store_true", help="point readers to the generation before")
    arguments = parser.parse_args(argv)
    folder = from_arguments(arguments).publish
    try:
        if not folder.is_dir():
            raise UserError(f"{folder}: nothing published there yet; run the pipeline")
        if arguments.rollback:
            rollback(folder)
    except UserError as error:
        print(f"publish: {error}", file=sys.stderr)
        return 1
    now = current(folder)
    for name in generations(folder):
        print(f"{name}{'  current' if name == now else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
