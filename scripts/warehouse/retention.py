"""Retention: versions of rows that nothing uses any more go when their export is older than the limit.

What staging would take as of the limit stays, so figures and replays from the limit on are what they were. Of keys that
were gone by then the row stays without what is personal, as for the erased. The ledger says how many rows went.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.contract import System, Table, load_contract
from warehouse.erasing import ADDRESS, ERASED
from warehouse.errors import UserError
from warehouse.instances import FOREVER, Instance, read_instance
from warehouse.landing import open_raw
from warehouse.literals import quoted
from warehouse.locking import only_run
from warehouse.rebuilding import identifier, remove_databases, replacing
from warehouse.rendering import current_rows
from warehouse.settings import Settings


@dataclass(frozen=True)
class Expired:
    """What went, or would: versions of rows, rows of gone keys emptied, texts of rejected rows; and exports of it."""

    removed: int
    emptied: int
    texts: int
    exports: list[Path]

    @property
    def is_nothing(self) -> bool:
        """Whether raw holds nothing that expired."""
        return not (self.removed or self.emptied or self.texts)


def expire(settings: Settings, now: dt.datetime, *, dry_run: bool = False) -> Expired:
    """Builds raw anew without what is older than its `retention_days` at a moment (UTC) and of no use.

    Raises UserError when nothing was loaded, a run is under way, or a `source.yml` is not understood.
    """
    if not settings.raw_file.exists():
        raise UserError(f"{settings.raw_file}: nothing loaded yet, so nothing to expire")
    systems = load_contract()
    with only_run(settings.warehouse):
        connection = open_raw(settings.raw_file, systems)
        try:
            found = _find(connection, settings, systems, now)
            if found.is_nothing or dry_run:
                return found
            with replacing(connection, settings.raw_file) as tables:
                for schema, table in tables:
                    _copy(connection, schema, table, systems)
                _check_balance(connection, tables, systems)
        finally:
            connection.close()
        remove_databases(settings)
    return found


def _find(
    connection: duckdb.DuckDBPyConnection, settings: Settings, systems: Mapping[str, System], now: dt.datetime
) -> Expired:
    """Fills the temporary tables `expired` (rows by their place) and `silent` (loads whose rejects lose their text)."""
    connection.execute(
        "create temporary table expired (schema_name varchar, table_name varchar, place bigint, load_id varchar, "
        "expired_before timestamp, is_emptied boolean)"
    )
    connection.execute("create temporary table silent (load_id varchar)")
    for instance, table, before in _limits(connection, settings, systems, now):
        _find_rows(connection, systems, instance, table, before)
        connection.execute(
            "insert into silent select load_id from loads where source_instance = ? and source_system = ? "
            "and coalesce(table_name, ?) = ? group by load_id having max(coalesce(extracted_at, loaded_at)) < ?",
            [instance, table.system, table.name, table.name, before],
        )
    counted = connection.execute(
        "select count(*) filter (not is_emptied), count(*) filter (is_emptied), "
        "(select count(*) from rejected_rows semi join silent using (load_id) where text is not null) from expired"
    ).fetchone()
    removed, emptied, texts = counted or (0, 0, 0)
    paths = connection.execute(
        "select distinct path from loads where expired_before is not null "
        "or content_load_id in (select load_id from expired) order by path"
    ).fetchall()
    exports = [settings.extracts / path for (path,) in paths if (settings.extracts / path).exists()]
    return Expired(removed, emptied, texts, exports)


def _limits(
    connection: duckdb.DuckDBPyConnection, settings: Settings, systems: Mapping[str, System], now: dt.datetime
) -> Iterator[tuple[str, Table, dt.datetime]]:
    """Tables of instances that have a limit, and the moment before which their versions expire."""
    held = connection.execute(
        "select distinct source_instance, source_system, table_name from loads order by all"
    ).fetchall()
    instances: dict[str, Instance] = {}
    for name, system, table_name in held:
        # a file that was not recognised has no table, and the contract may have dropped one
        if system not in systems or table_name not in systems[system].tables:
            continue
        folder = settings.extracts / name
        if name not in instances:
            instances[name] = read_instance(folder, systems) if folder.is_dir() else Instance(name, folder)
        table = systems[system].tables[table_name]
        said = instances[name].mapping(table_name).retention_days or instances[name].retention_days
        days = None if said == FOREVER else int(said) if said else table.retention_days
        if days is not None:
            yield name, table, now - dt.timedelta(days=days)


def _find_rows(
    connection: duckdb.DuckDBPyConnection,
    systems: Mapping[str, System],
    instance: str,
    table: Table,
    before: dt.datetime,
) -> None:
    """Rows whose content came last before the limit, and that are not current as of it, or gone and not yet empty."""
    name = f"{identifier(table.system)}.{identifier(table.name)}"
    current = current_rows(systems, table, f"(select rowid as _place, * from {name})", str(before))
    changes = " or ".join(
        f"held.{identifier(column)} is distinct from {emptied}" for column, emptied in _emptied(table, "held.").items()
    )
    connection.execute(
        f"""
        insert into expired
        select ?, ?, held.rowid, held._load_id, cast(? as timestamp), current._place is not null
        from {name} as held
        inner join (
            select content_load_id
            from loads
            where source_instance = ? and source_system = ? and table_name = ? and state in ('loaded', 'unchanged')
            group by content_load_id
            having max(extracted_at) < ?
        ) as old
            on held._load_id = old.content_load_id
        left join ({current}) as current
            on held.rowid = current._place
        where current._place is null or (current._is_gone and ({changes or "false"}))
        """,
        [table.system, table.name, before, instance, table.system, table.name, before],
    )


def _emptied(table: Table, alias: str) -> dict[str, str]:
    """Columns of a table and what is left of them in the row of a gone key; none where staff may stay named."""
    if table.entity == "users":
        return {}
    kept: dict[str, str] = {}
    for column in table.columns:
        cell = alias + identifier(column.name)
        masked = f"regexp_replace({cell}, {quoted(ADDRESS.pattern)}, '{ERASED}', 'g')"
        kept[column.name] = "null" if column.personal else masked
    # undeclared columns: the connector's own marks alone
    kept["_extra"] = (
        f"nullif(cast(to_json(map_from_entries(list_filter(map_entries(cast(cast({alias}_extra as json) as "
        "map(varchar, varchar))), lambda undeclared: starts_with(undeclared.key, '_fivetran_')))) as varchar), '{}')"
    )
    return kept


def _copy(connection: duckdb.DuckDBPyConnection, schema: str, table: str, systems: Mapping[str, System]) -> None:
    name = f"{identifier(schema)}.{identifier(table)}"
    select = f"select * from {name}"
    if (schema, table) == ("main", "loads"):
        select = """
            select
                loads.* replace (
                    nullif(coalesce(rows_expired, 0) + coalesce(gone.removed, 0), 0) as rows_expired,
                    coalesce(greatest(loads.expired_before, gone.expired_before), loads.expired_before)
                        as expired_before
                )
            from main.loads
            left join (
                select load_id, count(*) filter (not is_emptied) as removed, max(expired_before) as expired_before
                from expired
                group by load_id
            ) as gone
                on loads.content_load_id = gone.load_id
        """
    elif (schema, table) == ("main", "rejected_rows"):
        select = """
            select rejected_rows.* replace (case when silent.load_id is null then text end as text)
            from main.rejected_rows
            left join silent on rejected_rows.load_id = silent.load_id
        """
    elif connection.execute(
        "select 1 from expired where schema_name = ? and table_name = ? limit 1", [schema, table]
    ).fetchone():
        emptied = _emptied(systems[schema].tables[table], "held.")
        replaced = ", ".join(
            f"case when expired.is_emptied then {value} else held.{identifier(column)} end as {identifier(column)}"
            for column, value in emptied.items()
        )
        select = f"""
            select held.* {f"replace ({replaced})" if replaced else ""}
            from {name} as held
            left join expired
                on held.rowid = expired.place and expired.schema_name = {quoted(schema)}
                and expired.table_name = {quoted(table)}
            where expired.place is null or expired.is_emptied
        """
    connection.execute(f"create table new.{name} as {select}")


def _check_balance(
    connection: duckdb.DuckDBPyConnection, tables: list[tuple[str, str]], systems: Mapping[str, System]
) -> None:
    """Raises UserError where the new ledger and the new rows do not tell the same."""
    held = " union all ".join(
        f"select {quoted(schema)} as source_system, {quoted(table)} as table_name, _load_id, count(*) as held "
        f"from new.{identifier(schema)}.{identifier(table)} group by all"
        for schema, table in tables
        if schema in systems
    )
    lost = connection.execute(
        f"""
        select path, rows, coalesce(rows_expired, 0), coalesce(held, 0)
        from (select * from new.main.loads where state = 'loaded') as loads
        left join ({held}) as landed
            on loads.load_id = landed._load_id and loads.source_system = landed.source_system
            and loads.table_name = landed.table_name
        where rows - coalesce(rows_expired, 0) <> coalesce(held, 0)
        order by all
        """
    ).fetchone()
    if lost:
        path, rows, gone, kept = lost
        raise UserError(
            f"{path}: {rows:,} rows were stored and {gone:,} expired, but {kept:,} would be left; raw stays as it was, "
            "please report this"
        )
