"""The company of the benchmarks, small: its exports are read whole, and the marts say what is known of it beforehand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from conftest import DemoSites, Site
from in_memory import CompiledProject
from warehouse.benchmarks.company import SIZES, Size, write_company
from warehouse.benchmarks.measuring import Figure
from warehouse.benchmarks.report import replace_sections
from warehouse.benchmarks.sizes import BY_HAND, differing, measure_by_hand
from warehouse.benchmarks.whole import Whole
from warehouse.errors import UserError
from warehouse.settings import PROJECT

DEMO = (7, 0.4, "2026-04-01")
TINY = Size("tiny", 2_000, 400, 120)


@pytest.fixture
def company(site: Site) -> Site:
    write_company(TINY, site.root)
    return site


def test_every_row_of_the_exports_is_read(company: Site) -> None:
    report = company.load()
    assert [file.path for file in report.files if file.state != "loaded"] == []
    assert [file.path for file in report.files if file.rejects] == []
    landed = dict(company.raw("select table_name, sum(rows) from loads group by 1"))
    assert landed["calls"] + landed["emails"] + landed["meetings"] == TINY.activities
    assert (landed["contacts"], landed["deals"]) == (TINY.leads, TINY.deals)
    assert landed["entries"] == 2 * TINY.entries * TINY.months


def test_the_exports_are_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_company(TINY, tmp_path / name)
    one, two = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}
        for folder in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two


def test_a_size_is_ten_times_and_thirty_times_the_first() -> None:
    first = SIZES["M"]
    for name, times in (("L", 10), ("XL", 30)):
        size = SIZES[name]
        assert (size.activities, size.leads, size.deals, size.reps) == tuple(
            times * count for count in (first.activities, first.leads, first.deals, first.reps)
        )


@pytest.mark.slow
@pytest.mark.xdist_group(f"truth {DEMO[0]}")
def test_marts_say_what_is_known_beforehand_and_what_is_made_by_hand(demo_sites: DemoSites, company: Site) -> None:
    built = demo_sites(*DEMO)
    project = CompiledProject(built.root / "dbt", built.settings.warehouse / "dev.duckdb")
    company.load()
    check_marts(project, company)


def check_marts(project: CompiledProject, company: Site) -> None:
    mapping = company.settings.config / "stage_mapping.csv"
    given = {"stage_mapping": f"select * from read_csv('{mapping}', all_varchar = true)"}
    # January 2024: amounts by the formula of the generator, counts by its shares
    deals = [deal for deal in range(TINY.deals) if deal % 5]
    with project.build(company.settings.raw_file, ["kpi_components_by_period"], given=given) as connection:
        connection.execute(f"use {project.seeded.stem}")
        totals = dict(
            connection.execute(
                "select component_code, sum(component_value) from marts.kpi_components_by_period "
                "where period_grain = 'year' and purpose = 'value' and scope_type = 'company' group by 1"
            ).fetchall()
        )
        assert totals["opportunities_created"] == len(deals)
        assert totals["new_contacts"] == TINY.leads
        # the last day is not whole yet
        day = TINY.activities // 2 // 846
        assert TINY.activities // 2 - 2 * day <= totals["calls_made"] <= TINY.activities // 2
        for tool in BY_HAND:
            out = company.root / f"{tool}.parquet"
            subprocess.run(  # noqa: S603
                [sys.executable, "-m", f"warehouse.benchmarks.by_{tool}", str(company.settings.extracts), str(out)],
                check=True,
                env={"PYTHONPATH": str(PROJECT / "scripts")},
            )
            made = duckdb.sql(f"select count(distinct part), count(*) from '{out}'").fetchone()
            assert made is not None
            assert made[0] == 10
            assert made[1] > 500
            assert differing(connection, out) == []
        connection.execute("update marts.kpi_components_by_period set component_value = component_value + 1")
        assert differing(connection, out) != []
