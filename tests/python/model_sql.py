"""Models of the project on made-up inputs, in memory: the SQL is that of `models/`, dbt is not needed.

A relation a model refers to and nobody made is an empty table with the columns its yml promises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

import duckdb
import pandas as pd
import yaml
from jinja2 import Environment

from warehouse.rendering import macro_text, of_duckdb
from warehouse.settings import PROJECT


@cache
def _variables() -> dict[str, Any]:
    """The variables of the project."""
    project: dict[str, Any] = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    variables: dict[str, Any] = project["vars"]
    return variables


@cache
def _texts() -> dict[str, str]:
    """Text of each model and singular test, by name."""
    found = [*(PROJECT / "models").rglob("*.sql"), *(PROJECT / "tests").rglob("assert_*.sql")]
    return {path.stem: path.read_text(encoding="utf-8") for path in found}


@cache
def _columns() -> dict[str, dict[str, str]]:
    """Name and type of the columns of each model and seed."""
    promised: dict[str, dict[str, str]] = {}
    for path in [*(PROJECT / "models").rglob("*.yml"), *(PROJECT / "seeds").glob("*.yml")]:
        said = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) or {}
        for node in [*said.get("models", []), *said.get("seeds", [])]:
            promised[node["name"]] = {each["name"]: each["data_type"] for each in node.get("columns", [])}
    return promised


@cache
def _environment(variables: tuple[tuple[str, Any], ...]) -> tuple[Environment, set[str]]:
    """Jinja with the macros of the project, and the set in which it notes the relations that are referred to."""
    relations: set[str] = set()

    def ref(relation: str) -> str:
        relations.add(relation)
        return relation

    def dispatch(macro: str) -> Any:
        return of_duckdb(macro, lambda name: getattr(known["macros"], name, None))

    known: dict[str, Any] = {}
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)
    environment.globals.update(
        {
            "ref": ref,
            "var": dict(variables).__getitem__,
            "adapter": SimpleNamespace(dispatch=dispatch),
            "execute": False,
            "return": lambda value: value,
        }
    )
    known["macros"] = environment.from_string(macro_text()).module
    environment.globals.update(known["macros"].__dict__)
    return environment, relations


@cache
def _rendered(name: str, variables: tuple[tuple[str, Any], ...]) -> tuple[str, frozenset[str]]:
    """SQL of a model or of a singular test, and the relations it refers to."""
    environment, relations = _environment(variables)
    relations.clear()
    return environment.from_string(_texts()[name]).render().strip(), frozenset(relations)


def expression(macro: str, *arguments: object) -> str:
    """The SQL a macro makes of its arguments."""
    environment, _ = _environment(tuple(sorted(_variables().items())))
    made: str = environment.globals[macro](*map(str, arguments))
    return made


class Warehouse:
    """An in-memory database in which models are built one by one, in the order they are asked for."""

    def __init__(self, **variables: Any) -> None:
        self.connection = duckdb.connect(config={"threads": 2})
        self.variables = {**_variables(), **variables}

    def give(self, name: str, rows: pd.DataFrame | Iterable[Mapping[str, Any]] = ()) -> None:
        """A relation with these rows; columns nobody gave are null."""
        types = _columns()[name]
        columns = ", ".join(f'"{column}" {type_}' for column, type_ in types.items())
        self.connection.execute(f"create or replace table {name} ({columns})")
        frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
        if len(frame):
            self.connection.register("given_rows", frame)
            self.connection.execute(f"insert into {name} by name select * from given_rows")
            self.connection.unregister("given_rows")

    def build(self, *names: str) -> None:
        """The models of these names, as tables."""
        for name in names:
            self.connection.execute(f"create or replace table {name} as {self.sql_of(name)}")

    def sql_of(self, name: str) -> str:
        """SQL of a model or of a singular test."""
        sql, relations = _rendered(name, tuple(sorted(self.variables.items())))
        there = {name for (name,) in self.connection.execute("select table_name from duckdb_tables()").fetchall()}
        for relation in relations - there:
            self.give(relation)
        return sql

    def query(self, sql: str) -> pd.DataFrame:
        return self.connection.execute(sql).fetch_df()
