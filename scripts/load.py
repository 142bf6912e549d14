"""Load exports into the landing database: `python scripts/load.py --extracts DIR --warehouse DIR`.

`--dry-run` says what each file is taken for, column by column, and stores nothing. `--suggest-mapping` loads, then
writes the rows that `stage_mapping.csv` lacks.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from warehouse.errors import UserError
from warehouse.loading import load
from warehouse.settings import from_arguments
from warehouse.suggesting import FILE, suggest_mapping


def main(argv: Sequence[str] | None = None) -> int:
    """Loads every file; 0 when each was loaded or known, 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extracts", help="folder of exports, one folder per connected system")
    parser.add_argument("--warehouse", help="folder of the databases")
    parser.add_argument("--dry-run", action="store_true", help="say what each file is taken for, store nothing")
    parser.add_argument("--config", help="folder of business seeds, for --suggest-mapping")
    parser.add_argument("--suggest-mapping", action="store_true", help="write the rows stage_mapping.csv lacks")
    arguments = parser.parse_args(argv)
    settings = from_arguments(arguments)
    try:
        report = load(settings, dry_run=arguments.dry_run)
        suggestions = suggest_mapping(settings) if arguments.suggest_mapping else []
    except UserError as error:
        print(f"load: {error}", file=sys.stderr)
        return 1
    print(report.summary(explain=arguments.dry_run))
    for each in suggestions:
        print(f"suggested, look it over: {each.source_instance} {each.pipeline} {each.source_label} -> {each.stage}")
    if suggestions:
        print(f"{len(suggestions)} rows written to {settings.config / FILE}")
    for failure in report.failures:
        print(f"load: {failure.message}", file=sys.stderr)
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
