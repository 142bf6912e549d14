"""Look after publications: `python scripts/publish.py [--publish DIR] [--rollback | --targets LIST] [--keep N]`.

Lists the generations, and what the server shows. `--targets csv,postgres` writes the current one to these targets
anew; `--rollback` goes back to the build before, on the server too; `--keep 2` removes all but the newest two builds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from warehouse.errors import UserError, disk_of
from warehouse.generations import current, generations
from warehouse.publishing import Published, complain, keep, on_the_server, publish_again, rollback
from warehouse.settings import from_arguments
from warehouse.targets.choosing import KEEP, chosen_targets, kept_generations


def main(argv: Sequence[str] | None = None) -> int:
    """Lists generations, goes back by one, or writes the current one to some targets; 3 when a target failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--publish", help="folder of the publications")
    parser.add_argument("--keep", metavar="N", help="remove all but the newest N builds and the current generation")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--rollback", action="store_true", help="point readers to the build before")
    what.add_argument("--targets", metavar="LIST", help="write the current generation to these: csv,postgres")
    arguments = parser.parse_args(argv)
    folder = from_arguments(arguments).publish
    done: Published | None = None
    try:
        targets = chosen_targets(arguments.targets)
        if not folder.is_dir():
            raise UserError(f"{folder}: nothing published there yet; run the pipeline")
        kept = None if arguments.keep is None else kept_generations({KEEP: arguments.keep})
        with disk_of(folder):
            if arguments.rollback:
                done = rollback(folder, targets)
            elif arguments.targets is not None:
                done = publish_again(folder, targets)
            if kept is not None:
                keep(folder, kept)
    except UserError as error:
        print(f"publish: {error}", file=sys.stderr)
        return 1
    now = current(folder)
    for name in generations(folder):
        print(f"{name}{'  current' if name == now else ''}")
    if "postgres" in targets:
        print(on_the_server())
    return complain("publish", done) if done else 0


if __name__ == "__main__":
    sys.exit(main())
