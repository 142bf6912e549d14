"""A statement of the models in Spark's words.

The models are written once, in the SQL that DuckDB reads; sqlglot reads it and writes what Spark reads. The rules here
are for what it leaves as it is although the two engines do not mean the same by it. What has to be said in wholly
other words (dates from text, JSON, hashes) is in `macros/adapters/`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

import sqlglot
from sqlglot import exp, transforms
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.generators.spark import SparkGenerator

from warehouse.errors import UserError

# dbt's own statements are Spark's already; a model's SQL follows a line that says `as`, or stands alone
HEAD = re.compile(r"\A(?P<head>(\s*/\*.*?\*/)?\s*create\s.*?^\s*as\s*$)(?P<body>.*)\Z", re.DOTALL | re.MULTILINE | re.I)
QUERY = re.compile(r"\A(\s*/\*.*?\*/)?[\s(]*(select|with)\b", re.DOTALL | re.I)


class Written(DuckDB):
    """DuckDB's SQL with the places of lists as they are written: sqlglot moves those it knows to be whole numbers."""

    INDEX_OFFSET = 0


def _grouped_qualify(node: exp.Expr) -> exp.Expr:
    """Of groups `qualify` is a query around it: Spark counts no rows in the window of one."""
    return transforms.eliminate_qualify(node) if isinstance(node, exp.Select) and node.args.get("group") else node


class Spark4(SparkGenerator):
    """Writes a query and leaves its `qualify`, which Spark reads : sqlglot makes a query around it."""

    TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {
        **SparkGenerator.TRANSFORMS,
        exp.Select: transforms.preprocess([_grouped_qualify, transforms.unnest_to_explode, transforms.any_to_exists]),
    }


def to_spark(statement: str) -> str:
    """A statement that dbt runs, its query as Spark reads it; others stay."""
    found = HEAD.match(statement)
    if found:
        return f"{found['head']}\n{translated(found['body'])}"
    return translated(statement) if QUERY.match(statement) else statement


def translated(query: str) -> str:
    """A query for DuckDB as one for Spark, which gives the same rows."""
    tree = sqlglot.parse_one(query, read=Written)
    for rule in RULES:
        # the parts of a whole before the whole, which is made of what became of them
        for node in reversed(list(tree.walk())):
            made = rule(node)
            if made is not node:
                tree = made if node is tree else tree
                node.replace(made)
    return Spark4(dialect="spark", comments=False).generate(tree)


def _double(node: exp.Expr) -> exp.Expr:
    return exp.cast(node, "double", dialect="duckdb")


def _called(name: str, *given: exp.Expr) -> exp.Expr:
    """A function of Spark's that sqlglot does not know."""
    return exp.Anonymous(this=name, expressions=[each.copy() for each in given])


def _is_double(value: exp.Expr) -> exp.Expr:
    return exp.EQ(this=_called("typeof", value), expression=exp.Literal.string("double"))


def _division(node: exp.Expr) -> exp.Expr:
    """DuckDB divides decimals as doubles and rounds nothing; Spark makes a decimal of fewer digits of them.

    Nothing is what DuckDB makes of a division by 0 of whole numbers and decimals; Spark stops.
    """
    if isinstance(node, exp.Div) and not node.args.get("typed"):
        divisor = exp.Nullif(this=_double(node.expression.copy()), expression=_double(exp.Literal.number(0)))
        return exp.Div(this=_double(node.this.copy()), expression=divisor, typed=True, safe=False)
    return node


def _rounded(node: exp.Expr) -> exp.Expr:
    """A double as a decimal is rounded by the double it is, as in DuckDB, not by how the double is written.

    A quotient is one; of sums, products, columns and choices between them Spark tells by their type.
    """
    if not (isinstance(node, exp.Cast) and node.to.is_type("decimal")):
        return node
    value = node.this
    if not isinstance(value, exp.Div | exp.Add | exp.Mul | exp.Case | exp.Coalesce | exp.Column):
        return node
    power = exp.Literal.number(f"1e{node.to.expressions[1].name if len(node.to.expressions) > 1 else '0'}")
    digits = _called("round", exp.Mul(this=exp.paren(value.copy()), expression=power.copy()))
    made = node.copy()
    made.set("this", exp.Div(this=digits, expression=power, typed=True, safe=False))
    return made if isinstance(value, exp.Div) else exp.If(this=_is_double(value), true=made, false=node.copy())


def _whole(node: exp.Expr) -> exp.Expr:
    """A value as a whole number is rounded: a double half to even, a decimal half up. Spark cuts its fraction off."""
    if not (isinstance(node, exp.Cast) and node.to.is_type("bigint")):
        return node
    if not isinstance(node.this, exp.Column | exp.Coalesce | exp.Case):
        return node

    def rounded(name: str) -> exp.Expr:
        return exp.cast(_called(name, _double(node.this.copy())), "bigint")

    is_decimal = exp.Like(this=_called("typeof", node.this), expression=exp.Literal.string("decimal%"))
    decimal = exp.If(this=is_decimal, true=rounded("round"), false=node.copy())
    return exp.If(this=_is_double(node.this), true=rounded("rint"), false=decimal)


def _average(node: exp.Expr) -> exp.Expr:
    """The mean of decimals is a double, as of other numbers."""
    if isinstance(node, exp.Avg) and not isinstance(node.this, exp.Cast):
        return exp.Avg(this=_double(node.this.copy()))
    return node


def _named_window(node: exp.Expr) -> exp.Expr:
    """A window that is named is written out: Spark reads `over a - b` as the name `a-b`."""
    if isinstance(node, exp.Window) and node.args.get("alias") and not node.args.get("partition_by"):
        select = node.find_ancestor(exp.Select)
        for window in (select and select.args.get("windows")) or []:
            if window.name == node.alias:
                return exp.Window(
                    this=node.this.copy(),
                    over="OVER",
                    **{
                        key: [each.copy() for each in value] if isinstance(value, list) else value and value.copy()
                        for key, value in window.args.items()
                        if key in ("partition_by", "order", "spec")
                    },
                )
    return node


def _replaced_columns(node: exp.Expr) -> exp.Expr:
    """`* replace (x as a)`: all columns but `a`, and `x` under its name."""
    if not isinstance(node, exp.Select):
        return node
    made = []
    for column in node.expressions:
        star = column.this if isinstance(column, exp.Column) else column
        changed = star.args.get("replace") if isinstance(star, exp.Star) else None
        if not changed:
            made.append(column)
            continue
        names = [exp.to_identifier(each.alias) for each in changed]
        star.set("replace", None)
        star.set("except_", [*(star.args.get("except_") or []), *names])
        made += [column, *changed]
    node.set("expressions", made)
    return node


def _exploded(node: exp.Expr) -> exp.Expr:
    """A list that is unnested within an expression becomes a view beside the table."""
    if not isinstance(node, exp.Select):
        return node
    for column in node.expressions:
        value = column.unalias()
        for list_ in [each for each in value.find_all(exp.Explode) if each is not value]:
            name = f"item_{len(node.args.get('laterals') or [])}"
            view = exp.Lateral(
                this=list_.copy(),
                view=True,
                alias=exp.TableAlias(this=exp.to_identifier(f"of_{name}"), columns=[exp.to_identifier(name)]),
            )
            node.append("laterals", view)
            list_.replace(exp.column(name))
    return node


def _names(select: exp.Expr) -> list[str]:
    return [column.alias_or_name for column in select.expressions]


def _by_name(node: exp.Expr) -> exp.Expr:
    """`union all by name`: every branch gets all columns in one order, null where it has none."""
    if not (isinstance(node, exp.Union) and node.args.get("by_name")):
        return node
    if isinstance(node.parent, exp.Union) and node.parent.args.get("by_name"):
        return node
    branches: list[exp.Expr] = []
    inner: exp.Expr = node
    while isinstance(inner, exp.Union) and inner.args.get("by_name"):
        inner.set("by_name", False)
        branches.insert(0, inner.expression)
        inner = inner.this
    branches.insert(0, inner)
    names = list(dict.fromkeys(name for branch in branches for name in _names(branch)))
    for branch in branches:
        given = dict(zip(_names(branch), branch.expressions, strict=True))
        branch.set("expressions", [given.get(name, exp.alias_(exp.Null(), name)) for name in names])
    return node


def _full_match(node: exp.Expr) -> exp.Expr:
    """A regular expression for the whole text."""
    if isinstance(node, exp.RegexpFullMatch):
        pattern = exp.Literal.string(f"^(?:{node.expression.name})$")
        return exp.RegexpLike(this=node.this.copy(), expression=pattern)
    return node


def _groups(node: exp.Expr) -> exp.Expr:
    """Groups of a pattern are `$1` in what takes their place."""
    if isinstance(node, exp.RegexpReplace) and isinstance(node.args.get("replacement"), exp.Literal):
        said = re.sub(r"\\(\d)", r"$\1", node.args["replacement"].name)
        node.set("replacement", exp.Literal.string(said))
        node.set("modifiers", None)
    return node


def _months(node: exp.Expr) -> exp.Expr:
    """A number of months as an interval."""
    if isinstance(node, exp.Anonymous) and node.name.lower() == "to_months":
        return _called("make_interval", exp.Literal.number(0), node.expressions[0])
    return node


def _ordered_text(node: exp.Expr) -> exp.Expr:
    """Texts joined in an order; different ones in their own, for Spark cannot plan two lists of those."""
    if not isinstance(node, exp.GroupConcat):
        return node
    value, separator, order = node.this, node.args.get("separator"), None
    if isinstance(value, exp.Order):
        value, order = value.this, exp.Order(expressions=[each.copy() for each in value.expressions])
    if isinstance(value, exp.Distinct):
        different = _called("collect_set", value.expressions[0])
        joined = _called("array_join", _called("array_sort", different), separator or exp.Literal.string(","))
        none = exp.EQ(this=_called("size", different), expression=exp.Literal.number(0))
        return exp.If(this=none, true=exp.Null(), false=joined)
    joined = _called("listagg", *(each for each in (value, separator) if each))
    return exp.WithinGroup(this=joined, expression=order) if order else joined


def _sorted_list(node: exp.Expr) -> exp.Expr:
    """A list of values in their own order."""
    if isinstance(node, exp.ArrayAgg) and isinstance(node.this, exp.Order):
        return _called("array_sort", _called("collect_list", node.this.this))
    return node


def _place(node: exp.Expr) -> exp.Expr:
    """A place of a list, from 1; nothing where the list has no such place."""
    if not isinstance(node, exp.Bracket) or node.expressions[0].is_string:
        return node
    place = exp.Sub(this=exp.cast(node.expressions[0].copy(), "int"), expression=exp.Literal.number(1))
    return _called("get", node.this, place)


def _percentile(node: exp.Expr) -> exp.Expr:
    """A percentile between two values, not the nearest of them."""
    if isinstance(node, exp.WithinGroup) and isinstance(node.this, exp.PercentileCont):
        value = node.expression.expressions[0].this
        return _called("percentile", value, node.this.this)
    return node


def _differences(node: exp.Expr) -> exp.Expr:
    """DuckDB counts the ends of days and months between two moments; Spark whole days and months."""
    if not isinstance(node, exp.DateDiff):
        return node
    unit, ends = node.args["unit"].name.lower(), (node.this, node.expression)

    def minus(name: str, factor: int = 1) -> exp.Expr:
        later, earlier = (_called(name, each) for each in ends)
        return exp.Mul(this=exp.paren(exp.Sub(this=later, expression=earlier)), expression=exp.Literal.number(factor))

    counted: exp.Expr
    if unit == "day":
        counted = _called("date_diff", *ends)
    elif unit == "second":
        counted = minus("unix_timestamp")
    elif unit == "month":
        counted = exp.Add(this=minus("year", 12), expression=minus("month"))
    else:
        raise UserError(f"date_diff by {unit}: no rule says it on Spark; add one to scripts/warehouse/spark/dialect.py")
    return exp.cast(exp.paren(counted), "bigint")


def _structs(node: exp.Expr) -> exp.Expr:
    """A list of structs as rows and columns."""
    if isinstance(node, exp.Explode) and node.expressions:
        return exp.Inline(this=node.this.copy())
    return node


def _weekday(node: exp.Expr) -> exp.Expr:
    """The day of the week from Monday, 1; what sqlglot writes counts from Saturday."""
    if isinstance(node, exp.DayOfWeekIso):
        return exp.paren(exp.Add(this=_called("weekday", node.this), expression=exp.Literal.number(1)))
    return node


RULES: tuple[Callable[[exp.Expr], exp.Expr], ...] = (
    _named_window,
    _by_name,
    _replaced_columns,
    _structs,
    _exploded,
    _division,
    _rounded,
    _whole,
    _average,
    _full_match,
    _groups,
    _months,
    _ordered_text,
    _sorted_list,
    _place,
    _percentile,
    _differences,
    _weekday,
)
