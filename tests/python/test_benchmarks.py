"""The company of the benchmarks, small: read whole, and the marts say what is known of it beforehand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from conftest import SHARED, DemoSites, Site
from in_memory import CompiledProject
from warehouse.benchmarks.company import SIZES, Size, write_company
from warehouse.benchmarks.floor import Statement
from warehouse.benchmarks.measuring import Measure
from warehouse.benchmarks.readers import Reading
from warehouse.benchmarks.report import replace_sections
from warehouse.benchmarks.size_report import figures_of, growth_of, size_section
from warehouse.benchmarks.sizes import BY_HAND, Measured, differing, measure_size
from warehouse.benchmarks.staged import STAGES
from warehouse.benchmarks.whole import Stage, Whole
from warehouse.settings import PROJECT

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
def test_marts_say_what_is_known_beforehand_and_what_is_made_by_hand(demo_sites: DemoSites, company: Site) -> None:
    project = CompiledProject.of(demo_sites(*SHARED))
    company.load()
    check_marts(project, company)


def check_marts(project: CompiledProject, company: Site) -> None:
    given = project.rules(company.settings.config)
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
            subprocess.run(
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


@pytest.mark.proof
@pytest.mark.xdist_group("pipeline")
def test_the_whole_of_a_size_is_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(SIZES, "M", TINY)
    measured = measure_size("M", tmp_path)
    assert [stage.name for stage in measured.whole.stages] == list(STAGES)
    assert all(stage.cpu_seconds > 0 and stage.megabytes > 50 for stage in measured.whole.stages)
    assert measured.whole.rows > TINY.activities
    assert sum(each.kind == "table" for each in measured.floor) > 150
    assert set(measured.by_hand) == set(BY_HAND)
    assert {each.engine for each in measured.readings} == {"DuckDB", "PostgreSQL"}
    assert size_section(measured).startswith("## M: 2,000 activities, 400 leads, 120 deals\n")


def made_up(name: str, times: float) -> Measured:
    """A size that took so many times what the smallest took."""
    stages = [Stage(stage, 10 * times, 13.5 * times if stage == "dbt build" else 5 * times, 700) for stage in STAGES]
    whole = Whole(stages, 90 * times, 53.5 * times, 900, 20, 1_000, {"exports": 1_000_000})
    floor = [
        Statement("fct_activities", "table", 2.0 * times, 2.0 * times, 10, 1.0),
        Statement("kpi_values", "table", 7.0 * times, 7.0 * times, 20, 2.0),
        Statement("is_unique", "test", 1.0 * times, 1.0 * times),
    ]
    by_hand = {tool: Measure(2.0, 1.5, 300.0) for tool in BY_HAND}
    readings = [
        Reading("sdr", "DuckDB", 12.0, "its funnel"),
        Reading("executive", "DuckDB", 61.0, "what moved it"),
        Reading("sdr", "PostgreSQL", 40.0, "its funnel"),
    ]
    return Measured(name, Measure(1.0, 1.0, 0.0), whole, floor, by_hand, readings)


def test_a_section_says_what_is_over_its_limit() -> None:
    large = made_up("L", 10)
    ratio, memory, on_file, on_server = figures_of(large)
    assert (ratio.value, ratio.holds) == (pytest.approx(1.35), False)
    assert (memory.value, memory.limit, memory.holds) == (900, 4_000, True)
    assert (on_file.value, on_file.holds) == (61.0, False)
    assert (on_server.value, on_server.holds) == (40.0, True)
    assert figures_of(made_up("M", 1))[0].holds, "the build of a small company is mostly dbt's own work"
    section = size_section(large)
    assert "1.35 x" in section
    assert "over 15% of it: kpi_values, fct_activities" in section
    assert "| polars | 2 s | 1.5 s |" in section


def test_growth_is_an_exponent_of_the_activities() -> None:
    assert growth_of([made_up("M", 1)]) is None
    growth = growth_of([made_up("M", 1), made_up("L", 10**1.05)])
    assert growth is not None
    assert growth.count("**1.05**") == 5


def test_a_section_takes_the_place_of_the_one_of_its_title(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("# Benchmarks\n\nHead.\n\n## One\n\n1\n\n## Two\n\n2\n", encoding="utf-8")
    replace_sections(page, ["## Two\n\n22\n", "## Three\n\n3\n"])
    assert page.read_text(encoding="utf-8") == "# Benchmarks\n\nHead.\n\n## One\n\n1\n\n## Two\n\n22\n\n## Three\n\n3\n"
    once = page.read_text(encoding="utf-8")
    replace_sections(page, ["## Three\n\n3\n"])
    assert page.read_text(encoding="utf-8") == once
