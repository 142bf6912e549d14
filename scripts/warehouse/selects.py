"""Selects, column by column: which relations the values and the rows of a query come from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Protocol

from sqlglot import exp, parse_one

Fixed = frozenset[tuple[str, str]]  # columns that have one value in all rows that matter
Landed = frozenset[str]  # landed tables, as `system.table`
NOTHING: Landed = frozenset()

# these say whose a value is, not how much it is: the parts of the whole company are traced
SCOPES = re.compile(r"(.*_)?(rep_id|team_id)|segment|channel|product|scope_type|scope_id")


class Relations(Protocol):
    """What other relations a query reads are made of."""

    def trace(self, name: str, column: str | None, fixed: Fixed, *, looked_up: bool) -> Landed:
        """Landed tables of a column of a relation, or of its rows."""


class Query:
    """A query with its CTEs, of which some end the lineage."""

    def __init__(self, sql: str, ends: frozenset[str] = frozenset()) -> None:
        self.tree: Any = parse_one(sql, dialect="duckdb")
        with_ = self.tree.args.get("with_")
        self.ctes: dict[str, Any] = {cte.alias: cte.this for cte in with_.expressions} if with_ else {}
        self.ends = ends
        self.shapes: dict[int, _Shape] = {}
        self._renames: dict[int, dict[str, str]] = {}
        self._known: dict[tuple[int, str | None, Fixed, bool], Landed] = {}

    def trace(self, relations: Relations, column: str | None, fixed: Fixed, looked_up: bool) -> Landed:
        """Landed tables of a column of the query, or of its rows where no column is named."""
        return self.of(relations, self.tree, column, fixed, looked_up)

    def of(self, relations: Relations, tree: Any, column: str | None, fixed: Fixed, looked_up: bool) -> Landed:
        """The same of one of its parts."""
        key = (id(tree), column, fixed, looked_up)
        if key not in self._known:
            self._known[key] = NOTHING  # a recursive CTE adds nothing to itself
            self._known[key] = self._of(relations, tree, column, fixed, looked_up)
        return self._known[key]

    def _of(self, relations: Relations, tree: Any, column: str | None, fixed: Fixed, looked_up: bool) -> Landed:
        if isinstance(tree, exp.Subquery):
            return self.of(relations, tree.this, column, fixed, looked_up)
        if isinstance(tree, exp.SetOperation):
            names = self._renamed(tree)
            renamed = frozenset((names.get(name, name), value) for name, value in fixed)
            below = names.get(column, column) if column else None
            return self.of(relations, tree.left, column, fixed, looked_up) | self.of(
                relations, tree.right, below, renamed, looked_up
            )
        if not isinstance(tree, exp.Select):
            return NOTHING
        if id(tree) not in self.shapes:
            self.shapes[id(tree)] = _Shape(tree)
        return _Select(self, relations, self.shapes[id(tree)], fixed, looked_up).trace(column)

    def _renamed(self, union: Any) -> dict[str, str]:
        """Names of the columns below a union, by those above."""
        if id(union) not in self._renames:
            self._renames[id(union)] = dict(zip(_names(union.left), _names(union.right), strict=False))
        return self._renames[id(union)]


class _Shape:
    """What one select reads and makes."""

    def __init__(self, select: Any) -> None:
        joins = {join.alias_or_name: join for join in select.args.get("joins") or ()}
        start = select.args.get("from_")
        self.read: dict[str, Any] = {start.this.alias_or_name: start.this} if start else {}
        self.read |= {name: join.this for name, join in joins.items()}
        self.lookups = {name for name, join in joins.items() if join.side == "LEFT"}
        deciding = [join.args.get("on") for name, join in joins.items() if name not in self.lookups]
        deciding += [select.args.get(part) for part in ("where", "having", "qualify")]
        self.deciding = [column for part in deciding if part for column in _columns(part)]
        group = select.args.get("group")
        self.grouped = [each for each in _columns(group) if not SCOPES.fullmatch(each.name)] if group else []
        self.made: dict[str, Any] = {}
        self.starred: list[str] = []
        for each in select.expressions:
            if isinstance(each, exp.Star):
                self.starred = list(self.read)
            elif _is_star(each):
                self.starred.append(each.table)
            else:
                self.made.setdefault(each.alias_or_name, each.this if isinstance(each, exp.Alias) else each)
        self.columns = {name: _columns(made) for name, made in self.made.items()}
        self.counting = {
            name for name, made in self.made.items() if not self.columns[name] and made.find(exp.AggFunc) is not None
        }
        where = select.args.get("where")
        self.equal = [
            (each.this, each.expression.this)
            for each in (_conjuncts(where.this) if where else ())
            if isinstance(each, exp.EQ) and isinstance(each.expression, exp.Literal)
        ]


def _columns(expression: Any) -> list[Any]:
    """Columns in an expression, but for those that say whose it is."""
    return [each for each in expression.find_all(exp.Column) if each.name not in ("scope_type", "scope_id")]


class _Select:
    """One select, for rows in which some of its columns have a fixed value."""

    def __init__(self, query: Query, relations: Relations, shape: _Shape, fixed: Fixed, looked_up: bool) -> None:
        self.query = query
        self.relations = relations
        self.shape = shape
        self.looked_up = looked_up
        self.fixed: dict[str, set[tuple[str, str]]] = {name: set() for name in shape.read}
        self.is_empty = False
        self._seen: set[tuple[str, str]] = set()
        for name, value in fixed:
            self._fix(shape.made.get(name), name, value)
        for expression, value in shape.equal:
            self._fix(expression, None, value)

    def trace(self, column: str | None) -> Landed:
        if self.is_empty:
            return NOTHING
        found = self._rows() if not self.looked_up or column in self.shape.counting else NOTHING
        if column is None:
            return found
        if column in self.shape.made:
            return found.union(*map(self._column, self.shape.columns[column]))
        return found.union(*(self._column_of(name, column) for name in self.shape.starred))

    def _rows(self) -> Landed:
        """What decides which rows there are; what is looked up decides nothing."""
        read = (self._relation(name, None) for name in self.shape.read if name not in self.shape.lookups)
        return NOTHING.union(*read, *map(self._column, (*self.shape.deciding, *self.shape.grouped)))

    def _column(self, column: Any) -> Landed:
        name = column.name
        if column.table:
            return self._column_of(column.table, name)
        # conditions may name what the select itself makes
        if name in self.shape.made and ("", name) not in self._seen:
            self._seen.add(("", name))
            if all(each.name != name for each in self.shape.columns[name]):
                return NOTHING.union(*map(self._column, self.shape.columns[name]))
        return NOTHING.union(*(self._column_of(each, name) for each in self.shape.read))

    def _column_of(self, name: str, column: str) -> Landed:
        if name not in self.shape.read or (name, column) in self._seen:
            return NOTHING
        self._seen.add((name, column))
        return self._relation(name, column)

    def _relation(self, name: str, column: str | None) -> Landed:
        relation, fixed = self.shape.read[name], frozenset(self.fixed[name])
        looked_up = column is not None and (self.looked_up or name in self.shape.lookups)
        if isinstance(relation, exp.Subquery):
            return self.query.of(self.relations, relation.this, column, fixed, looked_up)
        if isinstance(relation, exp.Table) and isinstance(relation.this, exp.Identifier):
            if relation.name in self.query.ends:
                return NOTHING
            if relation.name in self.query.ctes:
                return self.query.of(self.relations, self.query.ctes[relation.name], column, fixed, looked_up)
            return self.relations.trace(relation.name, column, fixed, looked_up=looked_up)
        # a function of columns of the others
        return NOTHING.union(*(self._column(each) for each in _columns(relation) if each.table != name))

    def _fix(self, expression: Any, name: str | None, value: str) -> None:
        """Hands a fixed value on to where it comes from; where another one is made there are no rows."""
        if isinstance(expression, exp.Cast):
            self._fix(expression.this, name, value)
        elif isinstance(expression, exp.Literal):
            self.is_empty |= name is not None and expression.this != value
        elif isinstance(expression, exp.Column):
            for relation in (
                [expression.table] if expression.table else self.shape.read if len(self.shape.read) == 1 else ()
            ):
                if relation in self.fixed:
                    self.fixed[relation].add((expression.name, value))
        elif isinstance(expression, exp.DPipe):
            parts = list(expression.flatten())
            said = ["(.+)" if not isinstance(part, exp.Literal) else re.escape(part.this) for part in parts]
            match = re.fullmatch("".join(said), value)
            self.is_empty |= match is None
            open_parts = [part for part in parts if not isinstance(part, exp.Literal)]
            for part, each in zip(open_parts, match.groups() if match else (), strict=False):
                self._fix(part, None, each)
        elif expression is None and name is not None:
            for relation in self.shape.starred:
                self.fixed[relation].add((name, value))


def _is_star(expression: Any) -> bool:
    return isinstance(expression, exp.Star) or (
        isinstance(expression, exp.Column) and isinstance(expression.this, exp.Star)
    )


def _conjuncts(condition: Any) -> Iterator[Any]:
    yield from condition.flatten() if isinstance(condition, exp.And) else (condition,)


def _names(query: Any) -> list[str]:
    """Columns of a query in order; none where it takes all of another over."""
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.left if isinstance(query, exp.SetOperation) else query.this
    return [] if any(map(_is_star, query.expressions)) else [each.alias_or_name for each in query.expressions]
