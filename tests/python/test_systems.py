"""Each system alone, and none at all: what was never loaded is empty, not an error."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conftest import SHARED, DemoSites, Site
from in_memory import CompiledProject
from warehouse.contract import load_contract
from warehouse.demo.simulation import simulate, write_demo
from warehouse.settings import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("systems")]

# the folders of the demo company a system alone is tried with, and a KPI that it is enough for
ALONE = {
    "hubspot": ("hubspot_fr", "win_rate"),
    "salesforce": ("salesforce_uk", "calls_made"),
    "stripe": ("stripe", "revenue_net_amount"),
    "fec": ("comptabilite", None),
    "google_ads": ("google_ads", None),
    "linkedin_ads": ("linkedin_ads", None),
    "prospecting": ("prospection", "new_contacts"),
    "custom": ("pilotage", "website_visits"),
}

PIPEDRIVE = {
    "pipedrive/stages_2026-03-16.csv": """\
        id,name,pipeline_id,pipeline_name,order_nr,deal_probability
        1,Qualification,1,Ventes,1,20
        2,Démo,1,Ventes,2,50
        3,Proposition,1,Ventes,3,80
        """,
    "pipedrive/users_2026-03-16.csv": """\
        id,name,email,active_flag
        11,Ana Petit,ana@lumio.example,1
        """,
    "pipedrive/deals_2026-03-16.csv": """\
        id,title,value,currency,status,stage_id,pipeline_id,user_id,add_time,update_time,won_time,lost_time,close_time
        1,Alpha,1200,EUR,won,3,1,11,2026-01-05 09:00:00,2026-02-02 10:00:00,2026-02-02 10:00:00,,2026-02-02 10:00:00
        2,Beta,800,EUR,lost,2,1,11,2026-01-12 09:00:00,2026-02-20 10:00:00,,2026-02-20 10:00:00,2026-02-20 10:00:00
        3,Gamma,500,EUR,open,1,1,11,2026-03-02 09:00:00,2026-03-02 09:00:00,,,
        """,
}
MAPPING = """\
pipedrive,pipedrive,1,1,Qualification,opportunity
pipedrive,pipedrive,1,2,Démo,demo
pipedrive,pipedrive,1,3,Proposition,proposal
"""
QUICKBOOKS = {
    "quickbooks/account_2026-03-16.csv": """\
        id,account_number,name,fully_qualified_name,account_type
        7,,Advertising,Marketing:Advertising,Expense
        8,,Rent,Rent,Expense
        35,,Checking,Checking,Bank
        """,
    "quickbooks/bill_2026-03-16.csv": """\
        id,transaction_date,vendor_id,currency_id
        1,2026-02-03,3,EUR
        """,
    "quickbooks/bill_line_2026-03-16.csv": """\
        bill_id,index,account_expense_account_id,amount,description
        1,0,7,400.00,Campaign
        1,1,8,100.00,Stand
        9,0,7,40.00,Its bill was not exported
        """,
    "quickbooks/journal_entry_2026-03-16.csv": """\
        id,transaction_date,currency_id
        2,2026-02-28,EUR
        """,
    "quickbooks/journal_entry_line_2026-03-16.csv": """\
        journal_entry_id,index,account_id,posting_type,amount
        2,0,7,Credit,150.00
        2,1,35,Debit,150.00
        """,
}
TYPED = {"pipedrive": (PIPEDRIVE, "win_rate"), "quickbooks": (QUICKBOOKS, None)}
SYSTEMS = [*ALONE, *TYPED]
# each system is in one of them, and missing in the other
HALVES = (
    ["hubspot", "stripe", "google_ads", "prospecting", "custom"],
    ["salesforce", "fec", "linkedin_ads", "pipedrive", "quickbooks"],
)
ALLOCATION = """\
99,,%advertising%,,,advertising,marketing,1.0,Advertising by the name of the account
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo company to take single systems from."""
    folder = tmp_path_factory.mktemp("systems")
    write_demo(simulate(11, 0.03, dt.date(2026, 3, 16)), folder, PROJECT / "seeds")
    return folder


@dataclass(frozen=True)
class Built:
    """What is asked of a build."""

    query: Callable[[str], list[tuple[Any, ...]]]

    def statuses(self) -> dict[str, set[str]]:
        """Every KPI's trust, over all its rows."""
        found: dict[str, set[str]] = {}
        for kpi, status in self.query("select kpi_code, trust_status from marts.kpi_values group by all"):
            found.setdefault(kpi, set()).add(status)
        return found

    def counted(self, condition: str) -> int:
        """Rows of KPIs."""
        return int(self.query(f"select count(*) from marts.kpi_values where {condition}")[0][0])


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A warehouse that was never given anything, as dbt builds it."""
    site = Site(tmp_path_factory.mktemp("empty"))
    site.settings.warehouse.mkdir(parents=True)
    site.dbt("build", "--exclude-resource-type", "unit_test")
    return site


@pytest.fixture(scope="module")
def project(demo_sites: DemoSites) -> CompiledProject:
    """The models as dbt compiles them."""
    return CompiledProject.of(demo_sites(*SHARED))


@pytest.fixture(scope="module")
def given(demo: Path, project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Business rules for all systems, and the one model whose text depends on what has landed as it is for all."""
    every = Site(tmp_path_factory.mktemp("every"))
    rule(demo, every)
    for system in SYSTEMS:
        put(system, demo, every)
    assert not every.load().failures
    every.dbt("compile", "--select", "stg_loader__columns")
    (compiled,) = (every.root / "dbt" / "compiled").rglob("stg_loader__columns.sql")
    return {**project.rules(every.settings.config), compiled.stem: compiled.read_text(encoding="utf-8")}


def rule(demo: Path, site: Site) -> None:
    """The business rules of the demo company, and those of the two systems it does not have."""
    shutil.copytree(demo / "config", site.settings.config)
    for name, more in (("stage_mapping.csv", MAPPING), ("cost_allocation.csv", ALLOCATION)):
        with (site.settings.config / name).open("a", encoding="utf-8") as file:
            file.write(more)


def put(system: str, demo: Path, site: Site) -> None:
    """The exports of a system among those of the site."""
    if system in ALONE:
        folder, _ = ALONE[system]
        shutil.copytree(demo / "extracts" / folder, site.settings.extracts / folder)
        return
    for name, text in TYPED[system][0].items():
        site.drop(name, "\n".join(line.strip() for line in text.strip().splitlines()) + "\n")


@contextmanager
def in_memory(
    systems: Sequence[str], demo: Path, site: Site, project: CompiledProject, given: Mapping[str, str]
) -> Iterator[Built]:
    """Some systems by themselves: every model in memory, and no data test broken."""
    for system in systems:
        put(system, demo, site)
    assert not site.load().failures
    with project.build(site.settings.raw_file, project.models, given=given) as connection:
        assert project.failures(connection) == []
        connection.execute(f"use {project.seeded.stem}")
        yield Built(lambda query: connection.execute(query).fetchall())


def test_every_system_of_the_contract_is_tried_alone() -> None:
    # Airtable is the contract of custom under another name
    assert set(ALONE) | set(TYPED) == set(load_contract())


@pytest.mark.parametrize("systems", HALVES, ids="+".join)
def test_half_of_the_systems_build_without_the_others(
    systems: list[str], demo: Path, site: Site, project: CompiledProject, given: dict[str, str]
) -> None:
    assert sorted([*HALVES[0], *HALVES[1]]) == sorted(SYSTEMS)
    with in_memory(systems, demo, site, project, given) as built:
        check_sources(built, systems)


# a ledger alone has no deals at all; the others by themselves are in the proof, of dbt too
@pytest.mark.parametrize(
    "system", [name if name == "fec" else pytest.param(name, marks=pytest.mark.proof) for name in ALONE]
)
def test_a_system_alone_builds(
    system: str, demo: Path, site: Site, project: CompiledProject, given: dict[str, str]
) -> None:
    with in_memory([system], demo, site, project, given) as built:
        check_sources(built, [system])
        # no system can tell what a customer costs by itself
        assert built.statuses()["ltv_cac_ratio"] == {"no_source"}


def test_pipedrive_alone_wins_one_of_two(
    demo: Path, site: Site, project: CompiledProject, given: dict[str, str]
) -> None:
    with in_memory(["pipedrive"], demo, site, project, given) as built:
        won = built.query(
            "select numerator, denominator, value from marts.kpi_values where kpi_code = 'win_rate' "
            "and period_grain = 'quarter' and period_start_date = '2026-01-01' and scope_type = 'company'"
        )
        assert won == [(1.0, 2.0, 0.5)]
        booked = built.query("select sum(booking_amount) from marts.fct_bookings")
        assert float(booked[0][0]) == 1200.0


def test_the_costs_of_quickbooks_alone_arrive(
    demo: Path, site: Site, project: CompiledProject, given: dict[str, str]
) -> None:
    with in_memory(["quickbooks"], demo, site, project, given) as built:
        assert built.query(
            "select cost_category, function, sum(cost_amount)::text, sum(acquisition_amount)::text "
            "from marts.fct_costs group by all order by all"
        ) == [("advertising", "marketing", "250.00", "250.00"), ("other", "none", "100.00", "0.00")]
        assert built.statuses()["cac_amount"] == {"no_source"}  # no opportunities, no customers
        assert built.query(
            "select distinct entity from marts.quality_findings where finding = 'cost_lines_without_document'"
        ) == [("costs",)]


def test_an_empty_warehouse_builds_and_every_kpi_says_that_it_has_no_source(empty: Site) -> None:
    built = Built(empty.marts)
    assert built.query("select distinct trust_status from marts.quality_kpi_trust") == [("no_source",)]
    assert built.counted("value is not null") == 0
    silent = "select kpi_code from seeds.kpi_registry except select kpi_code from marts.kpi_values"
    assert built.query(silent) == []


@pytest.mark.proof
@pytest.mark.parametrize("system", SYSTEMS)
def test_dbt_builds_a_system_alone_without_a_warning(system: str, demo: Path, site: Site) -> None:
    rule(demo, site)
    put(system, demo, site)
    assert not site.load().failures
    site.dbt("build", "--exclude-resource-type", "unit_test")
    check_sources(Built(site.marts), [system])


@pytest.mark.proof
@pytest.mark.parametrize("systems", list(itertools.combinations(SYSTEMS, 2)), ids="+".join)
def test_every_pair_of_systems_builds(
    systems: tuple[str, str], demo: Path, site: Site, project: CompiledProject, given: dict[str, str]
) -> None:
    with in_memory(systems, demo, site, project, given) as built:
        check_sources(built, systems)


def check_sources(built: Built, systems: Sequence[str]) -> None:
    """What the systems tell of has values, and what none tells of has none."""
    told = built.statuses()
    for system in systems:
        kpi = ALONE[system][1] if system in ALONE else TYPED[system][1]
        if kpi:
            assert "no_source" not in told[kpi]
            assert built.counted(f"kpi_code = '{kpi}' and value is not null") > 0
    assert built.counted("trust_status = 'no_source' and value is not null") == 0
