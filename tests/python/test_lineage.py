"""Columns are traced to the relations their values and rows come from."""

from __future__ import annotations

import pytest

from warehouse.manifest import Renderer
from warehouse.selects import Fixed, Landed, Query


class Leaves:
    """Relations that are made of nothing but themselves: a column of one is `relation.column`, its rows `relation`."""

    def trace(self, name: str, column: str | None, fixed: Fixed, *, looked_up: bool) -> Landed:
        said = "".join(f"[{key}={value}]" for key, value in sorted(fixed))
        rows = [] if looked_up else [name + said]
        return frozenset([*rows, *([f"{name}{said}.{column}"] if column else [])])


def traced(sql: str, column: str | None, *ends: str, **fixed: str) -> set[str]:
    return set(Query(sql, frozenset(ends)).trace(Leaves(), column, frozenset(fixed.items()), looked_up=False))


@pytest.mark.parametrize(
    ("sql", "column", "expected"),
    [
        pytest.param("select a + b as c, d from t", "c", {"t", "t.a", "t.b"}, id="a value is made of its columns"),
        pytest.param("select a from t where b > 1", "a", {"t", "t.a", "t.b"}, id="a condition decides the rows"),
        pytest.param("select count(*) as n from t", "n", {"t"}, id="a count is made of rows"),
        pytest.param(
            "with u as (select * from t) select u.a from u", "a", {"t", "t.a"}, id="all columns are taken over"
        ),
        pytest.param(
            "select t.a from t inner join u on t.i = u.i", "a", {"t", "t.a", "t.i", "u", "u.i"}, id="a join decides too"
        ),
        pytest.param(
            "select t.a from t left join u on t.i = u.i", "a", {"t", "t.a"}, id="what is looked up decides nothing"
        ),
        pytest.param(
            "select t.a, u.b from t left join u on t.i = u.i", "b", {"t", "u.b"}, id="what is looked up has its value"
        ),
        pytest.param(
            "with u as (select i, count(*) as n from v group by i) select u.n from t left join u on t.i = u.i",
            "n",
            {"t", "v", "v.i"},
            id="a count that is looked up is made of rows",
        ),
        pytest.param(
            "select day, rep_id, sum(a) as s from t group by day, rep_id",
            "s",
            {"t", "t.a", "t.day"},
            id="whose a value is does not change the whole",
        ),
        pytest.param(
            "select a from t union all select b as a from u", "a", {"t", "t.a", "u", "u.b"}, id="both sides of a union"
        ),
        pytest.param(
            "select a, row_number() over (partition by b order by c) as n from t qualify n = 1",
            "a",
            {"t", "t.a", "t.b", "t.c"},
            id="a condition on what the select makes",
        ),
        pytest.param("select x from t cross join unnest(t.l) as u(x)", "x", {"t", "t.l", "t.x"}, id="a list unfolds"),
    ],
)
def test_a_column_is_traced(sql: str, column: str, expected: set[str]) -> None:
    assert traced(sql, column) == expected


def test_only_the_part_of_a_union_that_makes_a_component_counts() -> None:
    sql = "select 'won' as code, a as value from t union all select 'spent' as code, b as value from u"
    assert traced(sql, "value", code="spent") == {"u", "u.b"}
    assert traced(f"with p as ({sql}) select code, value from p where code = 'won'", "value") == {"t", "t.a"}


def test_a_code_that_is_put_together_says_what_its_parts_are() -> None:
    sql = "select f || '_to_' || g || '_entrants' as code, n as value from t"
    assert traced(sql, "value", code="lead_to_mql_entrants") == {"t[f=lead][g=mql]", "t[f=lead][g=mql].n"}
    assert traced(sql, "value", code="lead_to_mql_converted") == set()


def test_a_lineage_ends_where_the_yml_says_so() -> None:
    sql = "with s as (select * from t), r as (select * from u) select s.a * r.b as c from s inner join r on s.i = r.i"
    assert traced(sql, "c", "r") == {"t", "t.a", "t.i"}


def test_a_recursion_ends() -> None:
    sql = "with recursive r as (select a from t union all select r.a from r inner join u on r.a = u.a) select a from r"
    assert traced(sql, "a") == {"t", "t.a", "u", "u.a"}


def test_code_is_rendered_without_dbt() -> None:
    macros = {
        "picked": "{% macro picked(a) %}{{ return(adapter.dispatch('picked')(a)) }}{% endmacro %}",
        "duckdb__picked": "{% macro duckdb__picked(a) %}coalesce({{ a }}, {{ var('x') }}){% endmacro %}",
    }
    manifest = {
        "metadata": {"project_name": "p"},
        "macros": {name: {"name": name, "package_name": "p", "macro_sql": sql} for name, sql in macros.items()},
        "nodes": {},
        "sources": {},
    }
    assert Renderer(manifest)("select {{ picked('a') }} from {{ ref('t') }}") == "select coalesce(a, null) from t"
