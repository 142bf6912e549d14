"""Run the pipeline when exports come: `python scripts/watch.py --extracts DIR --warehouse DIR --publish DIR`.

Waits until new files, or business seeds that changed, have stopped growing, runs once, and waits again; a run that
fails is told in one line and tried again when a file changes, or after a while when another run was in its way.
`--once` ends after the first run, for schedulers that come back by themselves.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from warehouse.building import Clocks
from warehouse.errors import UnderWay, UserError
from warehouse.publishing import complain
from warehouse.running import run_pipeline
from warehouse.settings import from_arguments
from warehouse.watching import Watch


def main(argv: Sequence[str] | None = None) -> int:
    """Watches until it is stopped; with `--once`, 0 when the run published."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("extracts", "warehouse", "publish", "config"):
        parser.add_argument(f"--{name}", help=f"folder, as for scripts/pipeline.py (default: {name})")
    parser.add_argument("--interval", type=float, default=30.0, help="seconds between looks")
    parser.add_argument("--settle", type=float, default=60.0, help="seconds for which nothing may change before a run")
    parser.add_argument("--once", action="store_true", help="end after the first run")
    arguments = parser.parse_args(argv)
    settings = from_arguments(arguments)
    status = 0
    try:
        watch = Watch(settings.extracts, settings.config, arguments.interval, arguments.settle)
        for count in watch.changes():
            print(f"{count} files new or changed: running", flush=True)
            try:
                outcome = run_pipeline(settings, Clocks())
                sent = f"; {outcome.sent}" if outcome.sent else ""
                print(f"published {outcome.published.generation}, figures as of {outcome.as_of}{sent}", flush=True)
                status = complain("watch", outcome.published)
            except UserError as error:
                status = 1
                if isinstance(error, UnderWay):
                    watch.again()
                print(f"watch: {error}", file=sys.stderr, flush=True)
            if arguments.once:
                break
    except KeyboardInterrupt:
        pass
    return status


if __name__ == "__main__":
    sys.exit(main())
