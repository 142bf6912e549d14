"""A delivery without a row is a delivery: of a snapshot it deletes everything."""

from __future__ import annotations

import gzip
import json

import pytest

from conftest import Site
from model_sql import Warehouse

PEOPLE = [{"id": "1", "email": "zoe@nordlys.fr"}, {"id": "2", "email": "sam@nordlys.fr"}]
EMPTY = {"array": "[]", "page": '{"results": [], "paging": {}}', "pages on lines": '{"results": []}\n{"results": []}\n'}


@pytest.mark.parametrize("form", EMPTY)
@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("hubspot/owners_2026-03-03.json", "owners"),
        ("hubspot_eu/deal_stage_history_2026-03-03.json", "deal_stage_history"),
        ("pipedrive/pipeline_stages.json", "stages"),
        ("stripe/invoice_line_items.json", "invoice_lines"),
        ("google_ads/campaign_stats.json", "campaign_stats"),
        ("salesforce/OpportunityFieldHistory.json", "opportunity_field_history"),
    ],
)
def test_a_page_without_records_is_the_table_its_name_says(site: Site, form: str, path: str, table: str) -> None:
    site.drop(path, EMPTY[form])
    assert [(file.state, file.message) for file in site.load().files] == [("loaded", "")]
    assert site.raw("select table_name, rows, state from loads") == [(table, 0, "loaded")]


@pytest.mark.parametrize("path", ["hubspot/export.json", "nordlys/owners.json", "pipedrive/pipelines_and_stages.json"])
def test_a_page_without_records_that_could_be_any_table_is_one_line(site: Site, path: str) -> None:
    site.drop(path, "[]")
    (failure,) = site.load().failures
    assert failure.message.startswith(f"{path}: not recognised, no records and no name of one table")
    assert "\n" not in failure.message
    assert ("; could be stages or pipelines; say `files`" in failure.message) == path.startswith("pipedrive")


def test_a_page_without_records_is_the_table_the_mapping_says(site: Site) -> None:
    site.drop("erp/source.yml", "system: custom\ntables: {users: {files: ['equipe*.json']}}")
    site.drop("erp/equipe.json.gz", gzip.compress(b"[]"))
    site.load()
    assert site.raw("select table_name, rows from loads") == [("users", 0)]


@pytest.mark.parametrize("content", ["{}", "[{}]", '{"results": [{}, {}]}'])
def test_records_without_a_field_are_no_empty_delivery(site: Site, content: str) -> None:
    site.drop("hubspot/owners.json", content)
    (failure,) = site.load().failures
    assert failure.message.startswith("hubspot/owners.json: JSON without records")


def test_empty_pages_of_two_tables_are_alike_and_each_is_known(site: Site) -> None:
    for name in ("owners", "contacts"):
        site.drop(f"hubspot/{name}.json", "[]")
    for state in ("loaded", "known", "known"):
        assert [file.state for file in site.load().files] == [state, state]
    assert site.raw("select table_name from loads order by 1") == [("contacts",), ("owners",)]


def test_an_empty_page_can_be_rehearsed(site: Site) -> None:
    site.drop("hubspot/owners.json", "[]")
    assert [file.state for file in site.load(dry_run=True).files] == ["would load"]


@pytest.mark.slow
@pytest.mark.xdist_group("staged")
def test_an_empty_snapshot_deletes_everything_whatever_its_format(site: Site) -> None:
    for instance, empty in (("hubspot_csv", "id,email\n"), ("hubspot_json", '{"results": []}')):
        site.drop(f"{instance}/owners_2026-03-01.json", json.dumps(PEOPLE))
        site.drop(f"{instance}/owners_2026-03-02.{instance[8:]}", empty)
    site.drop("hubspot_kept/owners_2026-03-01.json", json.dumps(PEOPLE))
    assert site.load().failures == []
    site.dbt("run", "--select", "stg_hubspot__owners")
    assert site.marts(
        "select source_instance, is_active, count(*) from staging.stg_hubspot__owners group by all order by all"
    ) == [("hubspot_csv", False, 2), ("hubspot_json", False, 2), ("hubspot_kept", True, 2)]


def emptied(rows_left: int | None, *, required: bool = True, state: str = "loaded") -> list[str]:
    """The tables that are refused, of one that was delivered and has so many rows left; None where none ever was."""
    warehouse = Warehouse()
    table = {"source_system": "hubspot", "table_name": "deals"}
    warehouse.give("stg_loader__tables", [table | {"kind": "crm", "is_required": required}])
    came = table | {"source_instance": "hubspot_fr", "extracted_at": "2026-03-02", "state": state}
    warehouse.give("stg_loader__loads", [came] * 2)
    column = table | {"source_instance": "hubspot_fr", "column_name": "id", "rows_count": rows_left}
    warehouse.give("stg_loader__columns", [column] if rows_left is not None else [])
    return list(warehouse.query(warehouse.sql_of("assert_mandatory_tables_are_not_empty"))["table_name"])


def test_a_mandatory_table_that_came_is_not_empty() -> None:
    assert emptied(None) == ["deals"]
    assert emptied(0) == ["deals"]
    assert emptied(1) == []
    assert emptied(None, required=False) == []
    assert emptied(None, state="refused") == [], "a file that was refused delivered nothing"


@pytest.mark.slow
@pytest.mark.xdist_group("staged")
def test_plain_dbt_refuses_a_mandatory_table_that_came_empty_and_names_it_and_who_owns_it(site: Site) -> None:
    site.drop("hubspot_fr/deals_2026-03-02.csv", "id,dealname,dealstage,amount,createdate\n")
    site.drop("hubspot_uk/owners_2026-03-02.csv", "id,email\n1,ana@lumio.example\n")
    assert site.load().failures == []
    with pytest.raises(AssertionError) as refused:
        site.dbt("build", "--select", "+assert_mandatory_tables_are_not_empty")
    said = " ".join(str(refused.value).split())
    assert "no row is left in deals of hubspot_fr (hubspot, export of 2026-03-01" in said, said
    assert "ask sales operations): a mandatory table" in said
    assert "hubspot_uk" not in said, "what never came is no source, and no error"
