"""Marts on a PostgreSQL server: loaded into a schema beside, read back, opened to readers, switched in one transaction.

Readers log in as the role `bi_reader`, which sees the schema `bi` and nothing else. DuckDB writes through its own
extension, which comes as a package and is loaded from there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.errors import UserError
from warehouse.literals import quoted
from warehouse.targets.marts import Table, check_copy, exact_columns
from warehouse.targets.readers import forbid_the_rest, let_readers_in
from warehouse.targets.server import Server

SCHEMA, INCOMING, OUTGOING = "bi", "bi_new", "bi_old"
AT_ONCE = 2  # tables under way: one is read back while another is written
INDEXED = 10_000  # rows: fewer are read whole as fast
PATIENCE = "5s"  # for a reader that still holds a table of the publication before
# how long the switch waits for a table, and how often it tries: the server looks for deadlocks after a second, and a
# reader must not be the one that is ended
GLANCE, TRIES, PAUSE = "100ms", 20, 0.05
HELD = "a reader holds a table"


@dataclass(frozen=True)
class Publication:
    """What is published: the build, and the day its figures are as of."""

    build: str
    as_of_date: str


def write_postgres(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], publication: Publication, address: str
) -> None:
    """Publishes tables to the server of an address (`postgresql://user:password@host:port/database`).

    Raises UserError, and leaves what readers see as it was, when a table is not what was built or the server refuses.
    """
    with Server(connection, address) as server:
        forbid_the_rest(server, (SCHEMA, INCOMING, OUTGOING))
        for schema in (INCOMING, OUTGOING):
            _drop(server, schema)
        server.run(f"create schema {INCOMING}; " + "; ".join(_create(table) for table in tables))
        _load_all(server, tables)
        server.run("; ".join(_describe(table) for table in tables))
        for table in tables:
            if table.mart.grain and table.rows >= INDEXED:
                server.run(_index(table))
        let_readers_in(server, INCOMING)
        _switch(server, publication)
        # while a reader still holds a table of it, it stays: nobody else finds it, the next publication takes it away
        with suppress(UserError):
            _drop(server, OUTGOING)


def published_there(connection: duckdb.DuckDBPyConnection, address: str) -> str | None:
    """The build that readers of a server see; None where there is none."""
    with Server(connection, address) as server:
        rows = server.ask(
            "select split_part(obj_description(oid, 'pg_namespace'), ' ', 2) from pg_namespace "
            f"where nspname = '{SCHEMA}'"
        )
    return rows[0][0] if rows else None


def _create(table: Table) -> str:
    columns = ", ".join(
        f'"{name}" {postgres_type(kind)}{" not null" if name in table.required else ""}'
        for name, kind in table.types.items()
    )
    return f'create table {INCOMING}."{table.name}" ({columns})'


def postgres_type(kind: str) -> str:
    """A DuckDB type as PostgreSQL names it."""
    named = {"VARCHAR": "text", "DOUBLE": "double precision", "TIMESTAMP": "timestamp without time zone"}
    return named.get(kind, kind.replace("DECIMAL", "numeric").lower())


def _load_all(server: Server, tables: Sequence[Table]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            largest_first = sorted(tables, key=lambda table: -table.rows)
            for done in [pool.submit(_load, server, table) for table in largest_first]:
                done.result()
        except UserError:
            pool.shutdown(cancel_futures=True)
            raise


def _load(server: Server, table: Table) -> None:
    """Copies a table, and has both ends say what arrived: rows and hash read back, rows and sums by the server."""
    copy = f'{server.name}.{INCOMING}."{table.name}"'
    names = exact_columns(table.types)
    asked = ", ".join(["count(*)::text", *(f'coalesce(sum("{name}")::text, \'0\') as "{name}"' for name in names)])
    with server.session() as session:
        server.attempt(session, f"insert into {copy} from {table.relation}")
        try:
            check_copy(session, table, copy, "postgres")
        except duckdb.Error as error:
            raise server.failure(error) from None
        (there,) = server.ask(f'select {asked} from {INCOMING}."{table.name}"', session)
    if there != (str(table.rows), *(table.sums[name] for name in names)):
        raise UserError(f"postgres: the server counts or adds up {table.name} otherwise than it was built")


def _describe(table: Table) -> str:
    name = f'{INCOMING}."{table.name}"'
    comments = [f"comment on table {name} is {quoted(table.mart.description)}"]
    comments += [
        f'comment on column {name}."{column}" is {quoted(description)}'
        for column, description in table.mart.columns.items()
        if column in table.types
    ]
    return "; ".join([*comments, f"analyze {name}"])


def _index(table: Table) -> str:
    # what a page asks of a large table is one KPI of one scope
    columns = ", ".join(f'"{name}"' for name in table.mart.grain)
    return f'create index on {INCOMING}."{table.name}" ({columns})'


def _switch(server: Server, publication: Publication) -> None:
    """Gives readers the schema beside in place of the one they have.

    A statement looks up its tables one by one: a switch between two of them would give it one table of either. So the
    switch first waits for those that have a table already. Where one does not end (a report of minutes), it goes ahead.
    """
    said = f"build {publication.build} as of {publication.as_of_date}"
    has_one = server.ask(f"select 1 from pg_namespace where nspname = '{SCHEMA}'")
    leave = f"alter schema {SCHEMA} rename to {OUTGOING}; revoke all on schema {OUTGOING} from bi_reader; "
    switch = (leave if has_one else "") + (
        f"alter schema {INCOMING} rename to {SCHEMA}; comment on schema {SCHEMA} is {quoted(said)}"
    )
    if held := ", ".join(f'{SCHEMA}."{name}"' for name in _tables_of(server, SCHEMA)):
        # in words of our own: those of the server are in its language
        alone = (
            f"set local lock_timeout = '{GLANCE}'; do $$ begin lock table {held} in access exclusive mode; "
            f"exception when lock_not_available or deadlock_detected then raise exception '{HELD}'; end $$; "
        )
        for _ in range(TRIES):
            try:
                server.run(alone + switch)
            except UserError as error:
                if HELD not in str(error):
                    raise
                time.sleep(PAUSE)
            else:
                return
    server.run(switch)


def _tables_of(server: Server, schema: str) -> list[str]:
    rows: list[tuple[Any, ...]] = server.ask(
        f"select relname from pg_class where relnamespace = to_regnamespace('{schema}') and relkind = 'r' order by 1"
    )
    return [name for (name,) in rows]


def _drop(server: Server, schema: str) -> None:
    """Drops a schema table by table: one that waits for a reader while it holds another table ends in a deadlock."""
    for name in _tables_of(server, schema):
        server.run(f"set local lock_timeout = '{PATIENCE}'; drop table {schema}.\"{name}\" cascade")
    server.run(f"drop schema if exists {schema} cascade")
