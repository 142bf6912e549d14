"""Mutants of models: each one small wrong change, run against the unit tests of its model.

A unit test is read as dbt compiled it: fixtures, the model's own CTEs and the expected rows in one query. A mutant is that
query with one place of the model's CTEs changed, always the same place in every test of the model. It is killed by a test
whose actual rows are no longer the expected ones, or that DuckDB refuses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp, parse_one

Change = Callable[[Any], Any]

FIXTURE = "__dbt__cte__"


@dataclass(frozen=True)
class Mutant:
    """One changed place of a model: which of those of its kind, counted in the order of the text, and what it says there."""

    model: str
    kind: str
    place: int
    original: str
    mutated: str


def _swap(other: type[Any]) -> Change:
    return lambda node: other(this=node.this.copy(), expression=node.expression.copy())


def _other_join(node: Any) -> Any:
    join = node.copy()
    join.set("side", None if node.side == "LEFT" else "LEFT")
    join.set("kind", "INNER" if node.side == "LEFT" else None)
    return join


def _is_plain_join(node: Any) -> bool:
    return node.side == "LEFT" or (not node.side and node.kind in ("", "INNER") and bool(node.args.get("on")))


# what is changed, where it applies, and what it becomes
KINDS: dict[str, tuple[type[Any], Callable[[Any], bool], Change]] = {
    "plus is minus": (exp.Add, lambda _: True, _swap(exp.Sub)),
    "minus is plus": (exp.Sub, lambda _: True, _swap(exp.Add)),
    "times is over": (exp.Mul, lambda _: True, _swap(exp.Div)),
    "over is times": (exp.Div, lambda _: True, _swap(exp.Mul)),
    "sign lost": (exp.Neg, lambda _: True, lambda node: node.this.copy()),
    "equal is unequal": (exp.EQ, lambda _: True, _swap(exp.NEQ)),
    "unequal is equal": (exp.NEQ, lambda _: True, _swap(exp.EQ)),
    "less is at most": (exp.LT, lambda _: True, _swap(exp.LTE)),
    "at most is less": (exp.LTE, lambda _: True, _swap(exp.LT)),
    "more is at least": (exp.GT, lambda _: True, _swap(exp.GTE)),
    "at least is more": (exp.GTE, lambda _: True, _swap(exp.GT)),
    "and is or": (exp.And, lambda _: True, _swap(exp.Or)),
    "or is and": (exp.Or, lambda _: True, _swap(exp.And)),
    "join is the other": (exp.Join, _is_plain_join, _other_join),
    "default lost": (exp.Coalesce, lambda node: len(node.expressions) == 1, lambda node: node.this.copy()),
    "default first": (exp.Coalesce, lambda node: len(node.expressions) == 1, lambda node: node.expressions[0].copy()),
    "nought divides": (exp.Nullif, lambda _: True, lambda node: node.this.copy()),
}


class UnitTest:
    """A unit test of a model as one query, whose model part can be changed."""

    def __init__(self, path: Path) -> None:
        self.tree = parse_one(path.read_text(encoding="utf-8"), dialect="duckdb")

    def places(self, tree: Any, kind: str) -> list[Any]:
        """Nodes of a kind within the model's own CTEs, in order."""
        node, applies, _ = KINDS[kind]
        actual = tree.args["with_"].expressions[0].this
        inner = next(each for each in actual.find_all(exp.With) if each is not tree.args["with_"])
        return [
            found
            for cte in inner.expressions
            if not cte.alias.startswith(FIXTURE)
            for found in cte.this.find_all(node)
            if type(found) is node and applies(found)
        ]

    def passes(self, connection: duckdb.DuckDBPyConnection, mutant: Mutant | None = None) -> bool:
        """Whether the actual rows are the expected ones, as the model is or as a mutant has it."""
        tree = self.tree.copy()
        if mutant is not None:
            places = self.places(tree, mutant.kind)
            if len(places) <= mutant.place:
                return True  # a variable of the test took the place away
            place = places[mutant.place]
            place.replace(KINDS[mutant.kind][2](place))
        try:
            rows = connection.execute(tree.sql(dialect="duckdb")).fetchall()
        except duckdb.Error:
            return False
        sides: dict[str, Counter[str]] = {"actual": Counter(), "expected": Counter()}
        for *values, side in rows:
            sides[side][str(values)] += 1
        return sides["actual"] == sides["expected"]


def unit_tests(target: Path, folder: str) -> dict[str, list[UnitTest]]:
    """Unit tests by model, of the models in a folder below `models/`, as dbt compiled them to a target folder."""
    found: dict[str, list[UnitTest]] = {}
    for path in sorted((target / "run").glob(f"*/models/{folder}/*.yml/**/test_*.sql")):
        model = next(parent.stem for parent in path.parents if parent.suffix == ".yml")
        found.setdefault(model, []).append(UnitTest(path))
    return found


def mutants(model: str, tests: list[UnitTest]) -> Iterator[Mutant]:
    """Every mutant of a model, told from its first unit test."""
    first = tests[0]
    for kind, (_, _, change) in KINDS.items():
        for place, node in enumerate(first.places(first.tree, kind)):
            yield Mutant(model, kind, place, node.sql(dialect="duckdb"), change(node).sql(dialect="duckdb"))


def survives(mutant: Mutant, tests: list[UnitTest], connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether every unit test of the model passes all the same."""
    return all(test.passes(connection, mutant) for test in tests)
