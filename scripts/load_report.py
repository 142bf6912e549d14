"""Show what became of every file: `python scripts/load_report.py --warehouse DIR`.

Rows read = rows stored + rows rejected, file by file; rejected rows with their line and reason.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from warehouse.errors import UserError, disk_of
from warehouse.reporting import accounts, report
from warehouse.settings import from_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the account of every file; 1 when a row was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warehouse", help="folder of the databases")
    try:
        settings = from_arguments(parser.parse_args(argv))
        with disk_of(settings.warehouse):
            files, rejects = accounts(settings)
    except UserError as error:
        print(f"load_report: {error}", file=sys.stderr)
        return 1
    print("\n".join(report(files, rejects)))
    return 0 if all(each.is_balanced for each in files) else 1


if __name__ == "__main__":
    sys.exit(main())
