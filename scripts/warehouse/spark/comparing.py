"""Whether a table that Spark built has the rows of the one that DuckDB built.

Row by row, in no order: counts, texts, dates, flags and decimals alike to the last digit, doubles to one part in 10^9.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.literals import quoted

CLOSE = 1e-9


@dataclass(frozen=True)
class Difference:
    """What is not the same in one table: why, and how many rows of each have no equal in the other."""

    reason: str
    duckdb_rows: int = 0
    spark_rows: int = 0


def compare(connection: Any, relation: str, folder: Path) -> Difference | None:
    """What differs between a relation and the Parquet files in a folder; None when nothing does."""
    spark = f"read_parquet({quoted(folder / '*.parquet')})"
    types = _columns(connection, relation)
    others = _columns(connection, spark)
    if set(types) != set(others):
        return Difference(f"columns {sorted(set(types) ^ set(others))}")
    doubles = [name for name, kind in types.items() if kind == "DOUBLE"]
    exact = [name for name in types if name not in doubles]
    shown = {name: _shown(types[name], others[name]) for name in exact}
    query = f"""
    with duckdb_side as ({_numbered(relation, exact, doubles, shown)}),
    spark_side as ({_numbered(spark, exact, doubles, shown)})
    select
        count(*) filter (where spark_side.key is null),
        count(*) filter (where duckdb_side.key is null),
        count(*) filter (where duckdb_side.key is not null and spark_side.key is not null and not ({_close(doubles)}))
    from duckdb_side full join spark_side using (key, place)
    """
    mine, its, apart = connection.execute(query).fetchone()
    if mine or its:
        return Difference("rows", mine + apart, its + apart)
    return Difference("doubles", apart, apart) if apart else None


def _columns(connection: Any, relation: str) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(f"describe select * from {relation}").fetchall()}


def _numbered(relation: str, exact: list[str], doubles: list[str], shown: dict[str, str]) -> str:
    """Rows under a hash of what is exact, numbered by the rest: those of one number are compared."""
    told = [f"coalesce(cast(cast({name} as {shown[name]}) as varchar), '\\N')" for name in exact]
    key = " || '|' || ".join(told) or "''"
    order = ", ".join(f"round({name}, 6), {name}" for name in doubles) or "1"
    return (
        f"select md5({key}) as key, row_number() over (partition by md5({key}) order by {order}) as place"
        + "".join(f", {name}" for name in doubles)
        + f" from {relation}"
    )


def _shown(kind: str, other: str) -> str:
    """The type in which both sides are told apart; the digits of the finer of two decimals."""
    if kind.startswith("DECIMAL") and other.startswith("DECIMAL"):
        return f"decimal(38, {max(int(each.rstrip(')').split(',')[1]) for each in (kind, other))})"
    # what Spark has no type for is a text there; a moment that it holds with a zone is the same moment in UTC
    return "varchar" if kind.startswith(("MAP", "STRUCT")) else kind


def _close(doubles: list[str]) -> str:
    def said(name: str) -> str:
        one, other = f"duckdb_side.{name}", f"spark_side.{name}"
        least = f"{CLOSE} * greatest(1, abs({one}), abs({other}))"
        return f"({one} is not distinct from {other} or coalesce(abs({one} - {other}) <= {least}, false))"

    return " and ".join(said(name) for name in doubles) or "true"
