"""Mutants of models: each one small wrong change, run against the unit tests of its model.

A unit test is read as dbt compiled it: fixtures, the model's own CTEs and the expected rows in one query. Fixtures
become tables once; a mutant is the model with one expression of one CTE changed, the same in every test of the model.
It is killed by a test whose actual rows are no longer the expected ones, or that DuckDB refuses. An expression that
stands several times in a CTE, word for word, is changed everywhere: mostly a macro wrote it so often, its author once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp, parse_one

from warehouse.settings import OPTIMIZER_OF_MANY_ROWS, UNSOUND_OPTIMIZER

Change = Callable[[Any], Any]

FIXTURE = re.compile(r"\b(__dbt__cte__\w+) as \(\n(.*?)\n\)(?=,| )", re.DOTALL)
ACTUAL = re.compile(
    r"dbt_internal_unit_test_actual as \(\s*select\s+(.*?), 'actual' as \"actual_or_expected\"\s+from \((.*)\n  \) "
    r"_dbt_internal_unit_test_actual\n",
    re.DOTALL,
)
EXPECTED = re.compile(
    r"'expected' as \"actual_or_expected\"\s+from \((.*)\n  \) _dbt_internal_unit_test_expected\n", re.DOTALL
)
SETTINGS = (
    f"set timezone = 'UTC'; set threads = 1; set disabled_optimizers = '{UNSOUND_OPTIMIZER},{OPTIMIZER_OF_MANY_ROWS}'"
)


@dataclass(frozen=True)
class Mutant:
    """A changed expression of a model: its places among those of its kind in a CTE, in order, and what it says."""

    model: str
    cte: str
    kind: str
    places: tuple[int, ...]
    original: str
    mutated: str


def _alone(node: Any) -> Any:
    """An operand as it is anywhere."""
    return exp.paren(node.copy()) if isinstance(node, exp.Binary | exp.Between) else node.copy()


def _swap(other: type[Any]) -> Change:
    return lambda node: other(this=node.this.copy(), expression=node.expression.copy())


def _connect(other: type[Any]) -> Change:
    return lambda node: exp.paren(other(this=_alone(node.this), expression=_alone(node.expression)))


def _other_join(node: Any) -> Any:
    join = node.copy()
    join.set("side", None if node.side == "LEFT" else "LEFT")
    join.set("kind", "INNER" if node.side == "LEFT" else None)
    return join


def _is_plain_join(node: Any) -> bool:
    return node.side == "LEFT" or (not node.side and node.kind in ("", "INNER") and bool(node.args.get("on")))


def _of_two(node: Any) -> bool:
    return len(node.expressions) == 1


def _between(first: type[Any], last: type[Any]) -> Change:
    def changed(node: Any) -> Any:
        this, low, high = (_alone(node.args[part]) for part in ("this", "low", "high"))
        after, before = first(this=this, expression=low), last(this=this.copy(), expression=high)
        return exp.paren(exp.And(this=after, expression=before))

    return changed


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
    "first of between left out": (exp.Between, lambda _: True, _between(exp.GT, exp.LTE)),
    "last of between left out": (exp.Between, lambda _: True, _between(exp.GTE, exp.LT)),
    "and is or": (exp.And, lambda _: True, _connect(exp.Or)),
    "or is and": (exp.Or, lambda _: True, _connect(exp.And)),
    "join is the other": (exp.Join, _is_plain_join, _other_join),
    "default lost": (exp.Coalesce, _of_two, lambda node: _alone(node.this)),
    "default first": (exp.Coalesce, _of_two, lambda node: _alone(node.expressions[0])),
    "nought divides": (exp.Nullif, lambda _: True, lambda node: _alone(node.this)),
}


def places(cte: Any, kind: str) -> list[Any]:
    """Nodes of a kind in a CTE, in the order of the text."""
    node, applies, _ = KINDS[kind]
    return [found for found in cte.find_all(node, bfs=False) if type(found) is node and applies(found)]


class Model:
    """A model's own CTEs, any one of which can be read with one place changed."""

    def __init__(self, query: str) -> None:
        tree = parse_one(query, dialect="duckdb")
        self.ctes: dict[str, Any] = {cte.alias: cte.this for cte in tree.args["with_"].expressions}
        self.texts = {name: cte.sql(dialect="duckdb") for name, cte in self.ctes.items()}
        tree.set("with_", None)
        self.last = tree.sql(dialect="duckdb")

    def query(self, mutant: Mutant | None) -> str | None:
        """The model as it is or as a mutant has it; None where a variable of the test took the place away."""
        texts = self.texts
        if mutant is not None:
            cte = self.ctes[mutant.cte].copy()
            found = places(cte, mutant.kind)
            if len(found) <= max(mutant.places):
                return None
            # the innermost first: an expression may hold another one
            for place in reversed([found[each] for each in mutant.places]):
                place.replace(KINDS[mutant.kind][2](place))
            texts = texts | {mutant.cte: cte.sql(dialect="duckdb")}
        return f"with {', '.join(f'{name} as ({text})' for name, text in texts.items())} {self.last}"


@cache
def _model(query: str) -> Model:
    """Tests of one model are mostly of one text."""
    return Model(query)


class UnitTest:
    """A unit test of a model, whose model part can be changed."""

    def __init__(self, text: str) -> None:
        actual, expected = ACTUAL.search(text), EXPECTED.search(text)
        assert actual
        assert expected
        self.columns, query = actual.groups()
        self.expected = expected[1]
        fixtures = list(FIXTURE.finditer(query))
        self.fixtures = [fixture.groups() for fixture in fixtures]
        self.model = _model("with " + query[fixtures[-1].end() :].lstrip().removeprefix(","))

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """A database in memory with what the test gives and what it expects."""
        connection = duckdb.connect()
        connection.execute(SETTINGS)
        for name, rows in self.fixtures:
            connection.execute(f"create table {name} as {rows}")
        # expected to have no rows, dbt writes the actual ones without any
        actual = f"with dbt_internal_unit_test_actual as (select {self.columns} from ({self.model.query(None)}))"
        connection.execute(f"create table expected as {actual} {self.expected}")
        return connection

    def passes(self, mutant: Mutant | None = None) -> bool:
        """Whether the actual rows are the expected ones, as the model is or as a mutant has it."""
        query = self.model.query(mutant)
        if query is None:
            return True
        try:
            rows = self.connection.execute(
                f"select {self.columns}, 'actual' from ({query}) "
                f"union all select {self.columns}, 'expected' from expected"
            ).fetchall()
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
        found.setdefault(model, []).append(UnitTest(path.read_text(encoding="utf-8")))
    return found


def mutants(model: str, tests: list[UnitTest]) -> Iterator[Mutant]:
    """Every mutant of a model, told from its first unit test."""
    for cte, tree in tests[0].model.ctes.items():
        for kind, (_, _, change) in KINDS.items():
            standing: dict[str, list[int]] = {}
            found = places(tree, kind)
            for place, node in enumerate(found):
                standing.setdefault(node.sql(dialect="duckdb"), []).append(place)
            for original, where in standing.items():
                mutated = change(found[where[0]]).sql(dialect="duckdb")
                yield Mutant(model, cte, kind, tuple(where), original, mutated)


def survives(mutant: Mutant, tests: list[UnitTest]) -> bool:
    """Whether every unit test of the model passes all the same."""
    return all(test.passes(mutant) for test in tests)
