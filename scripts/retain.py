"""Let old versions expire: `python scripts/retain.py --extracts DIR --warehouse DIR`.

Raw is built anew without the versions of rows that are older than `retention_days` and that nothing uses. `--dry-run`
says how many there are. Run the pipeline afterwards. The exports that still hold them are named, too.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence

from warehouse.errors import UserError, disk_of
from warehouse.retention import expire
from warehouse.settings import from_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Expires; 0 when raw holds nothing of it any more."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extracts", help="folder of exports: their source.yml, and what still holds what expired")
    parser.add_argument("--warehouse", help="folder of the databases")
    parser.add_argument("--dry-run", action="store_true", help="say what would go, change nothing")
    arguments = parser.parse_args(argv)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    try:
        settings = from_arguments(arguments)
        with disk_of(settings.warehouse):
            gone = expire(settings, now, dry_run=arguments.dry_run)
    except UserError as error:
        print(f"retain: {error}", file=sys.stderr)
        return 1
    counts = (
        f"{gone.removed:,} old versions of rows, personal data of {gone.emptied:,} deleted records, "
        f"texts of {gone.texts:,} rejected rows"
    )
    if gone.is_nothing:
        print("nothing expired")
    else:
        print(f"would expire: {counts}" if arguments.dry_run else f"expired: {counts}; run the pipeline next")
    for path in gone.exports:
        print(f"still holds them: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
