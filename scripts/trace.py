"""Trace a published number: `python scripts/trace.py win_rate 2026-10 team:Paris [--grain month] [--all]`.

Prints the value, its components by day, the rows of facts they count, and the lines of the exports these were read
from; and whether these rows alone, put through the models again, give the same value. The period is a year, `2026-Q4`,
`2026-10`, `2026-W41`, or the first day of one with `--grain`; the scope `company`, or a type and an id or a rep's name.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from warehouse.errors import UserError
from warehouse.settings import from_arguments
from warehouse.tracing.telling import tell
from warehouse.tracing.tracing import published_value, tracer


def main(argv: Sequence[str] | None = None) -> int:
    """Prints a trace; 1 when the rows found do not give the value, or what is published is another one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kpi_code", help="code of seeds/kpi_registry.csv")
    parser.add_argument("period", help="2026, 2026-Q4, 2026-10, 2026-W41, or a first day with --grain")
    parser.add_argument(
        "scope", nargs="?", default="company", help="company, or team:NAME, rep:NAME, segment:NAME, ..."
    )
    parser.add_argument("--grain", choices=("week", "month", "quarter", "year"), help="kind of period")
    parser.add_argument("--warehouse", help="folder of the databases")
    parser.add_argument("--publish", help="folder that is published to")
    parser.add_argument("--rows", type=int, default=20, help="rows shown of each relation (20)")
    parser.add_argument("--all", action="store_true", help="show all rows")
    arguments = parser.parse_args(argv)
    settings = from_arguments(arguments)
    try:
        with tracer(settings.warehouse_file, settings.raw_file, settings.lineage_file) as tracing:
            trace = tracing.trace(arguments.kpi_code, arguments.period, arguments.scope, arguments.grain)
            run = tracing.run()
        print("\n".join(tell(trace, None if arguments.all else arguments.rows)))
        published = published_value(settings.publish, trace)
        same = published is None or published[1] == trace.value["value"]
    except UserError as error:
        print(f"trace: {error}", file=sys.stderr)
        return 1
    if published:
        print(f"\npublished in generation {published[0]}: {'the same' if same else f'another value, {published[1]}'}")
    if run:
        code = run.get("code_version") or "by code nobody noted"
        print(f"built by run {run['run_id']} of {run['started_at']:%Y-%m-%d %H:%M} UTC, {code}")
    return 0 if trace.holds and same else 1


if __name__ == "__main__":
    sys.exit(main())
