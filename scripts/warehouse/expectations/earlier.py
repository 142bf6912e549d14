"""The publication before, beside which a build is held: closed months do not move by themselves."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.contract import System
from warehouse.expectations.landing_assets import current_rows_of
from warehouse.expectations.standing import Landed, landed_tables
from warehouse.literals import quoted
from warehouse.rebuilding import identifier
from warehouse.rendering import read_as

MOVED = 0.02  # of the value before
# closed long enough that what was late has come
CLOSED = dt.timedelta(days=35)

MOVES = """
select now.kpi_code, now.period_start_date, now.needs, now.value, was.value
from (
    select * from built.marts.kpi_values inner join built.seeds.kpi_registry using (kpi_code)
    where period_grain = 'month' and scope_type = 'company' and aggregation = 'sum'
) as now
inner join {published} as was
    on now.kpi_code = was.kpi_code and now.period_start_date = was.period_start_date
    and was.period_grain = 'month' and was.scope_type = 'company' and was.is_mature is not false
where now.period_end_date < ? and was.value is not null
    and abs(coalesce(now.value, 0) - was.value) > greatest(? * abs(was.value), 1)
order by all
"""


@dataclass(frozen=True)
class Move:
    """A KPI of a closed month that is not what was published."""

    kpi: str
    month: dt.date
    needs: frozenset[str]
    now: float
    was: float


@dataclass(frozen=True)
class Earlier:
    """What was published before: rows by table; by how many days a build is older; months nothing explains."""

    rows: Mapping[str, int]
    days_back: int
    moved: Sequence[Move]


def beside_earlier(
    connection: duckdb.DuckDBPyConnection,
    publication: Path,
    systems: Mapping[str, System],
    landed: Sequence[Landed],
    *,
    is_redefined: bool,
) -> Earlier | None:
    """The build attached as `built`, made of what landed, beside a publication; None where there is none.

    Moves are not looked for where rules of the business or the code changed in between (`is_redefined`): they are why.
    """
    if not (publication / "manifest.json").exists():
        return None
    manifest = json.loads((publication / "manifest.json").read_text(encoding="utf-8"))
    was = dt.date.fromisoformat(manifest["as_of_date"]) if manifest.get("as_of_date") else None
    (row,) = connection.execute("select max(as_of_date) from built.marts.dim_clocks").fetchall()
    back = (was - row[0]).days if was and row[0] and row[0] < was else 0
    moved: list[Move] = []
    published = _published_values(publication)
    if was and published and not is_redefined:
        rows = connection.execute(MOVES.format(published=published), [was - CLOSED, MOVED]).fetchall()
        moves = [Move(kpi, month, _kinds(needs), now or 0.0, before) for kpi, month, needs, now, before in rows]
        then = _landed_then(connection, systems, manifest) if moves else []
        touched = _touched(connection, then, landed, {kind for move in moves for kind in move.needs})
        moved = [move for move in moves if not any(move.month in touched.get(kind, ()) for kind in move.needs)]
    return Earlier({name: table["rows"] for name, table in manifest["tables"].items()}, back, moved)


def _published_values(publication: Path) -> str | None:
    """The values that were published, as a relation of whichever file the targets left; None where none did."""
    database, parquet = publication / "marts.duckdb", publication / "parquet" / "kpi_values.parquet"
    if database.exists():
        return f"(from read_duckdb({quoted(database)}, table_name = 'kpi_values'))"
    return f"read_parquet({quoted(parquet)})" if parquet.exists() else None


def _kinds(needs: str | None) -> frozenset[str]:
    return frozenset(kind.rstrip("?") for kind in (needs or "").split("|") if kind)


def _landed_then(
    connection: duckdb.DuckDBPyConnection, systems: Mapping[str, System], manifest: Mapping[str, Any]
) -> Sequence[Landed]:
    """What had landed when the build of a publication was made, as far as that build was to know of it.

    Of a run that was killed once it had published, and so says nothing, it is what landed before the publication.
    """
    (run,) = connection.execute(
        "select coalesce(max(finished_at), ?::timestamptz at time zone 'UTC'), max(known_at) from raw.main.runs "
        "where generation = ? and outcome = 'published'",
        [manifest["published_at"], manifest.get("build")],
    ).fetchall()
    return landed_tables(connection, systems, known_at=run[1], landed_by=run[0])


def _touched(
    connection: duckdb.DuckDBPyConnection, then: Sequence[Landed], now: Sequence[Landed], kinds: Collection[str]
) -> dict[str, set[dt.date]]:
    """Months that rows which came, changed or went between two states are about, by kind of data.

    A record that changed is about the months it has a date in, before and after. A table that describes others, and has
    no kind of its own, is told for all of its folder.
    """
    months: dict[str, set[dt.date]] = {}
    before = {(each.instance, each.table.name): each for each in then}
    for each in now:
        told = (
            {each.table.entity}
            if each.table.entity
            else {other.table.entity for other in now if other.instance == each.instance and other.table.entity}
        )
        was = before.get((each.instance, each.table.name))
        dates = [read_as(identifier(column.name), column.data_type) for column in each.table.columns if column.is_date]
        if not dates or not told & set(kinds) or (was and was.deliveries == each.deliveries):
            continue
        cells = ", ".join(identifier(column.name) for column in each.table.columns)
        key = ", ".join(identifier(name) for name in each.table.grain) or cells
        listed = ", ".join(f"date_trunc('month', {date})::date" for date in dates)
        sides = [
            f"select {is_now} as is_now, hash({cells}) as content, hash({key}) as record, [{listed}] as months "
            f"from ({current_rows_of(landed)})"
            for is_now, landed in ((True, each), (False, was))
            if landed
        ]
        found = connection.execute(
            f"with stood as ({' union all '.join(sides)}), changed as ("
            "select record from stood group by record, content having count(distinct is_now) = 1) "
            "select distinct unnest(months) from stood where record in (from changed)"
        ).fetchall()
        for kind in told:
            months.setdefault(str(kind), set()).update(month for (month,) in found if month)
    return months
