"""A DuckDB shell on the last accepted build: `python scripts/sql.py --warehouse DIR`.

The landing database is attached as `raw`; both are read-only. Reads statements from a pipe, too.
"""

from __future__ import annotations

import argparse
import code
import sys
from collections.abc import Sequence

import duckdb

from warehouse.errors import UserError
from warehouse.literals import quoted
from warehouse.settings import from_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Runs what is typed or piped in."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warehouse", help="folder of the databases")
    settings = from_arguments(parser.parse_args(argv))
    try:
        if not settings.warehouse_file.exists():
            raise UserError(f"{settings.warehouse_file}: nothing built there yet; run `make build`")
    except UserError as error:
        print(f"sql: {error}", file=sys.stderr)
        return 1
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    for path, name in ((settings.warehouse_file, "warehouse"), (settings.raw_file, "raw")):
        connection.execute(f"attach {quoted(path)} as {name} (read_only)")
    connection.execute("use warehouse.marts")
    if sys.stdin.isatty():
        code.interact("sql(...) runs a statement; tables are in marts", local={"sql": connection.sql})
        return 0
    try:
        for statement in connection.extract_statements(sys.stdin.read()):
            connection.sql(statement.query).show(max_width=200)
    except duckdb.Error as error:
        print(f"sql: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
