"""Render the dashboards: `python scripts/dashboards.py [--marts FILE] [--to DIR]`.

Seven pages that open in any browser, offline, from the marts of the publication (or of another file of marts). The
pipeline does the same for every publication; this is for another place, or after a change of the pages.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from warehouse.dashboards.rendering import render_dashboards
from warehouse.errors import UserError
from warehouse.settings import from_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Renders the pages; 0 when they are written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--publish", help="folder of the publication")
    parser.add_argument("--marts", type=Path, help="marts to read instead of those of the publication")
    parser.add_argument("--to", type=Path, help="folder to write to; dashboards/ of the warehouse if not given")
    arguments = parser.parse_args(argv)
    settings = from_arguments(arguments)
    marts = arguments.marts or settings.publish / "current" / "marts.duckdb"
    try:
        pages = render_dashboards(marts, (arguments.to or settings.warehouse / "dashboards").resolve())
    except UserError as error:
        print(f"dashboards: {error}", file=sys.stderr)
        return 1
    print(f"{len(pages)} pages from {marts}; open {pages[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
