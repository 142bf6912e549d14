"""Run everything: `python scripts/pipeline.py --extracts DIR --warehouse DIR --publish DIR [--config DIR]`.

Loads the exports, builds the models, publishes the marts and the documentation. With `--demo-when-empty` the demo
company stands in for exports when there are none.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from warehouse.building import Clocks
from warehouse.demo.simulation import stand_in
from warehouse.errors import UserError
from warehouse.listing import has_exports
from warehouse.publishing import complain
from warehouse.running import run_pipeline
from warehouse.settings import from_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the pipeline; 0 when it has published, 3 when a target failed and keeps what it had."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extracts", help="folder of exports, one folder per connected system")
    parser.add_argument("--warehouse", help="folder of the databases")
    parser.add_argument("--publish", help="folder to publish to")
    parser.add_argument("--config", help="folder of business seeds that replace the project's own, file by file")
    parser.add_argument("--as-of", metavar="DATE", help="day the figures are as of")
    parser.add_argument("--known-at", metavar="TIMESTAMP", help="replay what the exports up to this moment (UTC) told")
    parser.add_argument("--checked-at", metavar="TIMESTAMP", help="clock of the freshness checks (UTC)")
    parser.add_argument("--accept-changes", action="store_true", help="publish although published figures moved")
    parser.add_argument("--demo-when-empty", action="store_true", help="use the demo company when there are no exports")
    arguments = parser.parse_args(argv)
    settings = from_arguments(arguments)
    try:
        if arguments.config and not settings.config.is_dir():
            raise UserError(f"{settings.config}: there is no such folder of business seeds; see --config")
        if arguments.demo_when_empty and not has_exports(settings.extracts):
            settings = stand_in(settings)
        clocks = Clocks(arguments.as_of, arguments.known_at, arguments.checked_at)
        outcome = run_pipeline(settings, clocks, accepts_changes=arguments.accept_changes)
    except UserError as error:
        print(f"pipeline: {error}", file=sys.stderr)
        return 1
    current = settings.publish / "current"
    told = f"{outcome.files} files, {outcome.new_files} new ({outcome.rows:,} rows), figures as of {outcome.as_of}"
    replayed = "; readers see this replay until the next run" if clocks.as_of or clocks.known_at else ""
    print(f"{told}{replayed}")
    sent = f"; {outcome.sent}" if outcome.sent else ""
    print(f"alerts               {outcome.alerts}, in {current / 'alerts.md'}{sent}")
    print(f"marts for BI tools   {outcome.published.places(current)}")
    print(f"dashboards           {current / 'dashboards' / 'index.html'}")
    print(f"what was checked     {current / 'quality' / 'index.html'}")
    print(f"documentation        {current / 'docs' / 'index.html'}")
    print(f"warehouse            {settings.warehouse_file}, raw data {settings.raw_file}")
    return complain("pipeline", outcome.published)


if __name__ == "__main__":
    sys.exit(main())
