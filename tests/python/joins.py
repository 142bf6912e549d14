"""Counts of rows before and after every join of every model, on a warehouse that was built.

A model is read as dbt compiled it. Its CTEs are made one after the other, and each select that joins is run join by
join, without its conditions and groups: which rows a join repeats is then told by the data, whatever hides it further
down. A join that is meant to make rows out of one is declared in the model's yml, `meta: {widens: {cte.joined: why}}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp, parse_one


@dataclass(frozen=True)
class Join:
    """A join: where it stands, and how many rows there were before, after, and of those before in those after."""

    model: str
    name: str  # the CTE and the alias joined: `final.accounts`
    side: str  # LEFT, FULL, CROSS or INNER
    before: int
    after: int
    kept: int

    @property
    def repeats(self) -> bool:
        """Whether a row from before is there twice."""
        return self.after > self.kept

    @property
    def is_amiss(self) -> bool:
        """Whether it repeats rows, or, as a left join, has not exactly the rows from before."""
        return self.repeats or (self.side == "LEFT" and self.after != self.before)


def joins_of(model: str, query: str, connection: duckdb.DuckDBPyConnection) -> Iterator[Join]:
    """Every join of a query, of its CTEs and of the CTEs in them with its counts, in order.

    The connection may be read-only. A CTE within another must not have the name of one that is there already.
    """
    yield from _joins_within(model, "query", parse_one(query, dialect="duckdb"), connection)


def _joins_within(model: str, name: str, tree: Any, connection: duckdb.DuckDBPyConnection) -> Iterator[Join]:
    ctes = tree.args["with_"].expressions if "with_" in tree.args else []
    made = []
    try:
        for cte in ctes:
            yield from _joins_within(model, cte.alias, cte.this, connection)
            connection.execute(f"create temporary table {cte.alias} as {cte.this.sql(dialect='duckdb')}")
            made.append(cte.alias)
        for select in _selects_of(tree):
            if select.args.get("joins"):
                yield from _counted(model, name, select, connection)
    finally:
        for each in made:
            connection.execute(f"drop table temp.{each}")


def _selects_of(tree: Any) -> list[Any]:
    """The selects of a query, those of its own CTEs aside."""
    bare = tree.copy()
    bare.set("with_", None)
    return list(bare.find_all(exp.Select))


def _counted(model: str, cte: str, select: Any, connection: duckdb.DuckDBPyConnection) -> Iterator[Join]:
    relations = [select.args["from_"].this, *(join.this for join in select.args["joins"])]
    numbered = [
        exp.select("*", "row_number() over () as row_of_join").from_(relation.copy()).subquery(relation.alias_or_name)
        for relation in relations
    ]
    before, _ = _rows(numbered[0], [], numbered[:1], connection)
    for place, join in enumerate(select.args["joins"], start=1):
        joins = []
        for earlier, relation in zip(select.args["joins"][:place], numbered[1:], strict=False):
            joins.append(earlier.copy())
            joins[-1].set("this", relation.copy())
        after, kept = _rows(numbered[0], joins, numbered[:place], connection)
        name = f"{cte}.{relations[place].alias_or_name}"
        yield Join(model, name, join.side or join.kind or "INNER", before, after, kept)
        before = after


def _rows(first: Any, joins: list[Any], earlier: list[Any], connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Rows of a chain of joins that have a row of its earlier relations, and how many different ones they have."""
    numbers = [f'"{relation.alias}".row_of_join' for relation in earlier]
    known = f"where coalesce({', '.join(numbers)}) is not null"
    query = exp.select(
        f"count(*) filter ({known})", f"count(distinct row({', '.join(numbers)})) filter ({known})"
    ).from_(first.copy())
    query.set("joins", joins)
    found = connection.execute(query.sql(dialect="duckdb")).fetchone()
    assert found is not None
    return int(found[0]), int(found[1])


def models_of(target: Path) -> dict[str, dict[str, Any]]:
    """Nodes of the models in the manifest of a target folder, by name, in order."""
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    return {node["name"]: node for _, node in sorted(nodes.items()) if node["resource_type"] == "model"}


def queries_that_join(target: Path) -> dict[str, str]:
    """Models and data tests with outer joins, as dbt compiled them to a target folder, by name."""
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    return {
        node["name"]: node["compiled_code"]
        for node in nodes
        if node["resource_type"] in ("model", "test")
        and re.search(" (left|full) join ", node.get("compiled_code") or "")
    }


def joins_of_models(target: Path, connection: duckdb.DuckDBPyConnection) -> list[Join]:
    """Every join of every model that dbt has compiled to a target folder."""
    return [
        join
        for name, node in models_of(target).items()
        for join in joins_of(
            name,
            (target / "compiled" / node["package_name"] / node["original_file_path"]).read_text(encoding="utf-8"),
            connection,
        )
    ]


def looped_equalities(query: str, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Columns that a query holds equal in joins which DuckDB does not hash, but compares row by row with row.

    It does so of a left join as soon as one of its conditions is of the left side alone, or no comparison; the work
    then grows with the product of both sides.
    """
    ((_, plan),) = connection.execute(f"explain (format json) {query}").fetchall()
    found = []
    rest = json.loads(plan)
    while rest:
        operator = rest.pop()
        rest += operator.get("children", [])
        if operator["name"] == "BLOCKWISE_NL_JOIN":
            said = operator["extra_info"].get("Condition") or ""
            found += [each for each in _conjuncts(said) if re.fullmatch(r"\w+ = \w+", each)]
    return sorted(found)


def _conjuncts(condition: str) -> Iterator[str]:
    """What a condition, as DuckDB prints it, joins by AND outside of anything else."""
    condition = condition.strip()
    depth, ends = 0, []
    for place, sign in enumerate(condition):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            ends.append(place)
    if condition.startswith("(") and ends[:1] == [len(condition) - 1]:
        yield from _conjuncts(condition[1:-1])
        return
    cuts = [place for place in ends if condition.startswith(" AND ", place)]
    if not cuts:
        yield condition
        return
    for start, end in zip([0, *(cut + 5 for cut in cuts)], [*cuts, len(condition)], strict=True):
        yield from _conjuncts(condition[start:end])


def declared_widenings(target: Path) -> dict[tuple[str, str], str]:
    """Why a join of a model may repeat rows, by model and name of the join."""
    return {
        (name, join): reason
        for name, node in models_of(target).items()
        for join, reason in node["config"]["meta"].get("widens", {}).items()
    }
