"""What is refused about the dashboards of a config folder, by the query of the data test that says so."""

from __future__ import annotations

import duckdb
import jinja2
import pytest

from warehouse.settings import PROJECT

FAMILIES = ["activity", "conversion", "value", "efficiency"]
ROLES = ["sdr", "account_executive", "sales_director", "executive"]


def faults(tiles: dict[str, list[tuple[str, bool]]]) -> list[tuple[str, str]]:
    """Faults of dashboards whose tiles are told by family and whether they are headlines."""
    source = (PROJECT / "macros" / "refuse_unbalanced_dashboards.sql").read_text(encoding="utf-8")
    call = "{{ refuse_unbalanced_dashboards('dashboards', 'kpi_registry') }}"
    query = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(source + call).render(execute=False)
    connection = duckdb.connect()
    connection.execute(
        "create table kpi_registry as select unnest(?) as family, family || '_kpi' as kpi_code", [FAMILIES]
    )
    connection.execute("create table dashboards (dashboard varchar, kpi_code varchar, is_headline boolean)")
    for role, rows in tiles.items():
        for family, is_headline in rows:
            connection.execute("insert into dashboards values (?, ?, ?)", [role, f"{family}_kpi", is_headline])
    return connection.execute(query).fetchall()


def tiles_of(count: int, headlines: int, families: list[str] = FAMILIES) -> list[tuple[str, bool]]:
    return [(families[position % len(families)], position < headlines) for position in range(count)]


@pytest.mark.parametrize(
    ("role", "rows", "told"),
    [
        ("sdr", tiles_of(7, 5), []),
        ("sdr", tiles_of(10, 7), []),
        ("executive", tiles_of(7, 5, ["value"]), []),
        ("executive", tiles_of(6, 5), ["has 6 tiles, not 7 to 10"]),
        ("account_executive", tiles_of(11, 7), ["has 11 tiles, not 7 to 10"]),
        ("sales_director", tiles_of(7, 4), ["has 4 headlines, not 5 to 7"]),
        ("sdr", tiles_of(8, 8), ["has 8 headlines, not 5 to 7"]),
        ("account_executive", tiles_of(8, 6, FAMILIES[:3]), ["has no KPI of the family efficiency"]),
        ("sales_director", tiles_of(8, 6, FAMILIES[1:]), ["has no KPI of the family activity"]),
        ("executive", [], ["has 0 headlines, not 5 to 7", "has 0 tiles, not 7 to 10"]),
    ],
)
def test_dashboards_are_short_and_look_at_all_families(
    role: str, rows: list[tuple[str, bool]], told: list[str]
) -> None:
    others = {other: tiles_of(8, 6) for other in ROLES}
    assert faults(others | {role: rows}) == [(role, fault) for fault in told]
