"""Make the demo company's exports: `python scripts/demo.py --out DIR --seed N --scale X --until DATE`.

`--forget` removes the demo company and what was made of it. Otherwise writes `extracts/` in the native shapes of its
tools, `config/` with its business seeds, and `truth/` with the true value of every component and KPI, once as the
company is and once as the exports of that day can tell.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

from warehouse.demo.company import PARIS
from warehouse.demo.simulation import simulate, write_demo, write_truth
from warehouse.errors import UserError
from warehouse.running import forget
from warehouse.settings import PROJECT, from_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Writes the demo; the same seed, scale and day give the same bytes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=PROJECT / "demo", help="folder to write to")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random numbers")
    parser.add_argument("--scale", type=float, default=1.0, help="size; 1 is 3,000 leads a year")
    parser.add_argument("--until", type=dt.date.fromisoformat, help="day of the exports (default: today)")
    parser.add_argument("--forget", action="store_true", help="remove it and all that was made of it")
    arguments = parser.parse_args(argv)
    if arguments.forget:
        try:
            forget(from_arguments(arguments))
        except UserError as error:
            print(f"demo: {error}", file=sys.stderr)
            return 1
        return 0
    until = arguments.until or dt.datetime.now(PARIS).date()
    company = simulate(arguments.seed, arguments.scale, until)
    write_demo(company, arguments.out, PROJECT / "seeds")
    write_truth(company, arguments.out)
    people, deals = len(company.population.people), len(company.deals.opps)
    print(f"demo company of seed {arguments.seed} up to {until}: {people:,} people, {deals:,} deals")
    print(f"exports in {arguments.out / 'extracts'}, business seeds in {arguments.out / 'config'}")
    print(f"true KPIs in {arguments.out / 'truth'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
