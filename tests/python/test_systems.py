"""Each system alone, and none at all: what was never loaded is empty, not an error."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from pathlib import Path

import pytest

from conftest import Site
from warehouse.contract import load_contract
from warehouse.demo.simulation import simulate, write_demo
from warehouse.settings import PROJECT

pytestmark = pytest.mark.slow

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
source_system,source_instance,pipeline,source_stage,source_label,stage
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
ALLOCATION = """\
rule_order,account_prefix,label_pattern,vendor_pattern,journal_code,category,function,acquisition_share,note
10,,%advertising%,,,advertising,marketing,1.0,Advertising by the name of the account
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo company to take single systems from."""
    folder = tmp_path_factory.mktemp("systems")
    write_demo(simulate(11, 0.03, dt.date(2026, 3, 16)), folder, PROJECT / "seeds")
    return folder


def statuses(site: Site) -> dict[str, set[str]]:
    told = site.marts("select kpi_code, trust_status from marts.kpi_values group by all")
    found: dict[str, set[str]] = {}
    for kpi, status in told:
        found.setdefault(kpi, set()).add(status)
    return found


def counted(site: Site, condition: str) -> int:
    return int(site.marts(f"select count(*) from marts.kpi_values where {condition}")[0][0])


def build(site: Site, *, tested: bool = True) -> None:
    site.dbt("build", "--exclude-resource-type", "unit_test", *(() if tested else ("--exclude-resource-type", "test")))


def test_every_system_of_the_contract_is_tried_alone() -> None:
    # Airtable is the contract of custom under another name
    assert set(ALONE) | {"pipedrive", "quickbooks"} == set(load_contract())


@pytest.mark.parametrize("system", ALONE)
def test_a_system_alone_builds_without_a_warning(system: str, demo: Path, site: Site) -> None:
    # data tests of the small ones are in the proof, of each of their pairs
    kpi = ALONE[system][1]
    put(system, demo, site)
    shutil.copytree(demo / "config", site.settings.config)
    assert not site.load().failures
    build(site, tested=system in ("hubspot", "salesforce"))
    told = statuses(site)
    if kpi:
        assert "no_source" not in told[kpi]
        assert counted(site, f"kpi_code = '{kpi}' and value is not null") > 0
    # no system can tell what a customer costs by itself
    assert told["ltv_cac_ratio"] == {"no_source"}
    assert counted(site, "trust_status = 'no_source' and value is not null") == 0


def put(system: str, demo: Path, site: Site) -> None:
    """The exports of a system among those of the site, and the business rules they need."""
    if system in ALONE:
        folder, _ = ALONE[system]
        shutil.copytree(demo / "extracts" / folder, site.settings.extracts / folder)
        return
    for name, text in {"pipedrive": PIPEDRIVE, "quickbooks": QUICKBOOKS}[system].items():
        site.drop(name, "\n".join(line.strip() for line in text.strip().splitlines()) + "\n")


@pytest.mark.proof
@pytest.mark.parametrize("pair", [*itertools.combinations([*ALONE, "pipedrive", "quickbooks"], 2)], ids="+".join)
def test_every_pair_of_systems_builds_and_neither_takes_from_the_other(
    pair: tuple[str, str], demo: Path, site: Site
) -> None:
    shutil.copytree(demo / "config", site.settings.config)
    mapping = site.settings.config / "stage_mapping.csv"
    mapping.write_text(mapping.read_text(encoding="utf-8") + MAPPING.split("\n", 1)[1], encoding="utf-8")
    for system in pair:
        put(system, demo, site)
    assert not site.load().failures
    build(site)
    told = statuses(site)
    for system in pair:
        kpi = ALONE[system][1] if system in ALONE else {"pipedrive": "win_rate", "quickbooks": None}[system]
        if kpi:
            assert "no_source" not in told[kpi]
            assert counted(site, f"kpi_code = '{kpi}' and value is not null") > 0
    assert counted(site, "trust_status = 'no_source' and value is not null") == 0


def test_pipedrive_alone_builds_and_wins_one_of_two(demo: Path, site: Site) -> None:
    put("pipedrive", demo, site)
    site.configure("stage_mapping.csv", MAPPING)
    assert not site.load().failures
    build(site)
    won = site.marts(
        "select numerator, denominator, value from marts.kpi_values where kpi_code = 'win_rate' "
        "and period_grain = 'quarter' and period_start_date = '2026-01-01' and scope_type = 'company'"
    )
    assert won == [(1.0, 2.0, 0.5)]
    booked = site.marts("select sum(booking_amount) from marts.fct_bookings")
    assert float(booked[0][0]) == 1200.0


def test_quickbooks_alone_builds_and_its_costs_arrive(demo: Path, site: Site) -> None:
    put("quickbooks", demo, site)
    site.configure("cost_allocation.csv", ALLOCATION)
    assert not site.load().failures
    build(site)
    booked = (
        "select cost_category, function, sum(cost_amount)::text, sum(acquisition_amount)::text from marts.fct_costs"
    )
    assert site.marts(f"{booked} group by all order by all") == [
        ("advertising", "marketing", "250.00", "250.00"),
        ("other", "none", "100.00", "0.00"),
    ]
    assert statuses(site)["cac_amount"] == {"no_source"}  # no opportunities, no customers
    assert site.marts("""
        select distinct entity from marts.quality_findings where finding = 'cost_lines_without_document'
    """) == [("costs",)]


def test_an_empty_warehouse_builds_and_every_kpi_says_that_it_has_no_source(site: Site) -> None:
    site.settings.warehouse.mkdir(parents=True)
    build(site)
    trust = site.marts("select distinct trust_status from marts.quality_kpi_trust")
    assert trust == [("no_source",)]
    assert counted(site, "value is not null") == 0
    silent = "select kpi_code from seeds.kpi_registry except select kpi_code from marts.kpi_values"
    assert site.marts(silent) == []
