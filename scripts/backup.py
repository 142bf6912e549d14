"""Back up what cannot be made again: `python scripts/backup.py --warehouse DIR [--config DIR] [--to DIR]`.

Writes a dated archive with raw, the key of the hashes, the forecasts made, the business seeds, every `source.yml` and
the manifest of the publication, and reads it back. `--restore FILE` puts one into an empty `--warehouse`, its seeds
into an empty `--config`, and each `source.yml` into its folder of `--extracts`; nothing is ever overwritten. An
archive names people: keep it as you keep raw, and no longer.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from warehouse.backing_up import back_up, restore
from warehouse.errors import UserError, disk_of
from warehouse.identity import KEY_VARIABLE
from warehouse.runs import last_config
from warehouse.settings import PROJECT, from_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Writes or restores a backup; 0 when it is whole."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extracts", help="folder of exports, for what each of its folders says of itself")
    parser.add_argument("--warehouse", help="folder of the databases")
    parser.add_argument("--publish", help="folder that is published to")
    parser.add_argument(
        "--config", help="folder of business seeds; of a restore the one to make (config/ beside the warehouse)"
    )
    parser.add_argument("--to", type=Path, default=PROJECT / "backups", help="folder of the archives (backups/)")
    parser.add_argument("--restore", type=Path, metavar="FILE", help="archive to put into an empty warehouse folder")
    arguments = parser.parse_args(argv)
    settings = from_arguments(arguments)
    try:
        if arguments.restore:
            config = settings.config if arguments.config else settings.warehouse.with_name("config")
            done = restore(settings, arguments.restore, config)
            print(f"{done.rows:,} rows of raw in {settings.raw_file}, business seeds in {config}")
            print("run the pipeline with both, or `dbt build`, to make everything else again")
        else:
            if settings.raw_file.exists() and settings.config == PROJECT / "seeds":
                # as plain dbt does: the seeds the last run was made with
                settings = replace(settings, config=last_config(settings.raw_file) or settings.config)
            with disk_of(arguments.to):
                done = back_up(settings, arguments.to)
            print(f"{done.path}: {done.files} files, {done.rows:,} rows of raw, read back and equal")
    except UserError as error:
        print(f"backup: {error}", file=sys.stderr)
        return 1
    if not done.holds_key:
        print(f"the key of the hashes is not in it: keep {KEY_VARIABLE} of the environment yourself")
    return 0


if __name__ == "__main__":
    sys.exit(main())
