"""A number goes back to its rows and lines, and these rows give the number again."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import SHARED, DemoSites, Site
from warehouse.errors import UserError
from warehouse.settings import PROJECT
from warehouse.tracing.lineage import Lineage
from warehouse.tracing.rerunning import Rerun
from warehouse.tracing.telling import tell
from warehouse.tracing.tracing import Part, Trace, Tracer, tracer

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tracing")]

REGISTRY = list(csv.DictReader((PROJECT / "seeds" / "kpi_registry.csv").open(encoding="utf-8")))

# one of each way in which rows come to a number, where it is read in more scopes than one
SAMPLE = [
    ("win_rate", "2026-02", "team:AE France"),
    ("calls_made", "2026-W06", "company"),
    ("leads_contacted", "2026-02", "company"),
    ("bookings_amount", "2025-Q4", "channel:paid_search"),
    ("lead_to_mql_rate", "2025-Q4", "segment:small"),
    ("people_touched", "2026-02", "company"),
    ("sales_cycle_median_days", "2025-Q4", "company"),
    ("pipeline_open_amount", "2026-02", "team:AE France"),
    ("push_rate", "2025-Q4", "company"),
    ("opportunities_in_progress", "2026-02", "segment:small"),
    ("cac_paid_amount", "2025-Q4", "company"),
    ("cac_lagged_amount", "2025-Q4", "company"),
    ("gross_margin_rate", "2025-Q4", "company"),
    ("nrr_rate", "2025", "segment:small"),
    ("relation_length_years", "2025-Q4", "segment:small"),
    ("ltv_observed_amount", "2025", "company"),
    ("quota_attainment_rate", "2025-Q4", "company"),
    ("ltv_cac_ratio", "2025", "company"),
]


@pytest.fixture(scope="module")
def demo(demo_sites: DemoSites) -> Site:
    return demo_sites(*SHARED)


def files_of(site: Site, manifest: Path | None = None) -> tuple[Path, Path, Path]:
    warehouse = site.settings.warehouse
    return warehouse / "dev.duckdb", site.settings.raw_file, manifest or site.root / "dbt" / "manifest.json"


@pytest.fixture(scope="module")
def tracing(demo: Site) -> Iterator[Tracer]:
    with tracer(*files_of(demo)) as ready:
        yield ready


def parts_of(trace: Trace) -> list[Part]:
    return [*trace.parts, *(part for factor in trace.factors for part in parts_of(factor))]


@pytest.mark.parametrize(("code", "period", "scope"), SAMPLE, ids=lambda each: each)
def test_the_rows_found_give_the_number_again(tracing: Tracer, code: str, period: str, scope: str) -> None:
    trace = tracing.trace(code, period, scope)
    assert trace.value["value"] is not None, "a number that is there to be traced"
    assert trace.holds, [(part.code, part.value, part.again) for part in parts_of(trace)]
    parts = [part for part in parts_of(trace) if part.note is None]
    assert all(part.rows for part in parts if part.value)
    rows = [row for part in parts for found in part.rows.values() for row in found]
    assert sum(bool(row.lines) for row in rows) >= 0.99 * len(rows), "and they were read from somewhere"


@pytest.mark.proof
@pytest.mark.parametrize("kpi", REGISTRY, ids=lambda kpi: kpi["kpi_code"])
def test_every_kpi_is_traced_in_any_period_and_scope(tracing: Tracer, kpi: dict[str, str]) -> None:
    told = tracing.connection.execute(
        f"select cast(period_start_date as varchar), scope_type || ':' || scope_id, period_grain "
        f"from {tracing.lineage.relation('kpi_values')} where kpi_code = ? "
        "order by hash(period_start_date, scope_type, scope_id, period_grain) limit 16",
        [kpi["kpi_code"]],
    ).fetchall()
    assert told
    for period, scope, grain in told:
        trace = tracing.trace(kpi["kpi_code"], period, scope, grain)
        assert trace.holds, (period, scope, [(part.code, part.value, part.again) for part in parts_of(trace)])


def test_every_component_of_the_registry_says_whose_rows_it_counts(demo: Site) -> None:
    lineage = Lineage.read(files_of(demo)[2])
    codes = [
        code
        for kpi in REGISTRY
        for code in {
            "product": [],
            "distinct": [kpi["kpi_code"]],
            "quantile": [kpi["numerator"]],
        }.get(kpi["aggregation"], [kpi["numerator"], kpi["denominator"]])
        if code
    ]
    assert [code for code in codes if lineage.maker(code) is None] == []
    for node in lineage.nodes.values():
        meta = node["config"]["meta"]
        for relation in meta.get("records", {}):
            assert lineage.grain(relation), f"{relation} names its rows"
            assert {"landed", "made_of"} & set(lineage.meta(relation)), f"{relation} says where its rows came from"


def test_components_of_a_day_say_whose_rows_they_count(demo: Site) -> None:
    lineage = Lineage.read(files_of(demo)[2])
    daily = [each.split(".")[-1] for each in lineage.nodes["kpi_components_past"]["depends_on"]["nodes"]]
    assert [name for name in daily if name.startswith("kpi_") and "records" not in lineage.meta(name)] == []


def test_without_one_of_its_rows_a_number_is_another_one(tracing: Tracer) -> None:
    trace = tracing.trace("bookings_amount", "2026-02")
    rerun = Rerun(tracing.connection, tracing.lineage, trace.window)
    (found,) = rerun.find("kpi_components_bookings", "bookings_amount")
    assert rerun.recompute("kpi_components_bookings", "bookings_amount", [found]) == trace.value["value"]
    found.rows.pop(next(iter(found.rows)))
    assert rerun.recompute("kpi_components_bookings", "bookings_amount", [found]) != trace.value["value"]


def test_models_that_are_not_those_of_the_build_are_found_out(demo: Site, tmp_path: Path) -> None:
    told = json.loads(files_of(demo)[2].read_text(encoding="utf-8"))
    node = told["nodes"]["model.sales_kpi.kpi_components_opportunities"]
    changed = node["compiled_code"].replace("status = 'won' then 1", "status in ('won', 'lost') then 1")
    assert changed != node["compiled_code"]
    node["compiled_code"] = changed
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(told), encoding="utf-8")
    with tracer(*files_of(demo, manifest)) as tracing:
        trace = tracing.trace("win_rate", "2026-02")
    assert not trace.holds
    assert "NOT EQUAL" in "\n".join(tell(trace))


def test_a_manifest_that_is_not_of_a_build_is_refused_in_one_line(demo: Site, tmp_path: Path) -> None:
    told = json.loads(files_of(demo)[2].read_text(encoding="utf-8"))
    del told["nodes"]["model.sales_kpi.kpi_parts"]["compiled_code"]
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(UserError, match="not that of a whole build"):
        Lineage.read(manifest)
    with pytest.raises(UserError, match="make build"):
        Lineage.read(tmp_path / "none.json")


def test_lines_hold_the_records_they_are_told_for(demo: Site, tracing: Tracer) -> None:
    trace = tracing.trace("win_rate", "2025-Q4")
    systems = set()
    for row in trace.parts[1].rows["fct_opportunities"]:
        (line,) = row.lines
        systems.add(line.table)
        there = demo.raw(
            f"select _source_instance || ':' || id from {line.table} where _file = '{line.file}' "
            f"and _file_row = {line.row} and _load_id = '{line.load_id}'"
        )
        assert there == [(row.key["opportunity_id"],)]
    assert systems == {"hubspot.deals", "salesforce.opportunities"}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("win_rat", "2026-02"), "no KPI"),
        (("win_rate", "last month"), "not a period"),
        (("win_rate", "2026-02", "company", "year"), "not a period"),
        (("win_rate", "1999-02"), "no month of the build"),
        (("win_rate", "2026-02", "team:Nowhere"), "no value for team Nowhere"),
        (("cac_amount", "2026-02", "team:AE France"), "it is told for company"),
    ],
)
def test_what_cannot_be_traced_is_told_in_one_line(tracing: Tracer, asked: tuple[str, ...], told: str) -> None:
    with pytest.raises(UserError, match=told) as raised:
        tracing.trace(*asked)
    assert "\n" not in str(raised.value)


def test_what_is_told_names_rows_and_lines_and_no_more_than_asked_for(tracing: Tracer) -> None:
    text = list(tell(tracing.trace("win_rate", "2025-Q4", "team:AE France"), 2))
    assert text[2].endswith("from the rows below alone, equal")
    assert sum("opportunity_id" in line for line in text) == 4
    assert any("more rows; --all shows them" in line for line in text)
    assert any("deals" in line and " line " in line for line in text)
    noted = "\n".join(tell(tracing.trace("forecast_bookings_amount", "2025-Q4")))
    assert "forecast_snapshots" in noted
    assert "again" not in noted, "nothing was put through the models again"
