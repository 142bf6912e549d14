"""dbt counts the age of exports as the judge does: `dbt source freshness` says what `quality_source_freshness` says."""

from __future__ import annotations

import json

import pytest

from conftest import Site

# a Tuesday morning; the weekend and a public holiday lie behind it
NOW = "2026-05-12 07:00:00"
OWNERS = "id,email\n1,ana@lumio.example\n"
PEOPLE = "Email professionnel,Nom,Enrichi le\nzoe@nordlys.fr,Dubois,2026-03-05\n"
STATUSES = {"pass": "fresh", "warn": "late", "error": "stale"}


@pytest.mark.proof
def test_dbt_and_the_judge_agree_on_every_table_that_came(site: Site) -> None:
    # of two folders the one that waits longest; one that came again with the same bytes; one that ages on business days
    site.drop("hubspot_fr/owners_2026-05-11.csv", OWNERS)
    site.drop("hubspot_uk/owners_2026-05-10.csv", OWNERS)
    site.drop("salesforce/User_2026-05-02.csv", "Id,Name,Email,IsActive\n0051,Ana,ana@lumio.example,true\n")
    site.drop("prospecting/prospects.csv", PEOPLE, at="2026-03-26 08:00")
    site.drop("stripe/customers_2026-05-01.csv", "id,email,created\ncus_1,a@b.example,2026-01-05 09:00:00\n")
    assert site.load().failures == []
    site.drop("stripe/customers_2026-05-11.csv", "id,email,created\ncus_1,a@b.example,2026-01-05 09:00:00\n")
    assert [file.state for file in site.load().files].count("unchanged") == 1
    variables = ("--vars", json.dumps({"checked_at": NOW}))
    site.dbt("build", "--select", "+quality_source_freshness", "--exclude-resource-type", "unit_test", *variables)
    judged = {
        f"{system}.{table}": status
        for system, table, status in site.marts(
            "select source_system, table_name, max_by(status, list_position(['fresh', 'late', 'stale'], status)) "
            "from marts.quality_source_freshness group by all"
        )
    }
    with pytest.raises(AssertionError, match=r"ERROR STALE freshness of salesforce\.users"):
        site.dbt("source", "freshness", *variables)
    told = {
        ".".join(each["unique_id"].split(".")[-2:]): STATUSES[each["status"]]
        for each in json.loads((site.root / "dbt" / "sources.json").read_text(encoding="utf-8"))["results"]
    }
    assert {table: told[table] for table in judged} == judged
    assert judged == {
        "hubspot.owners": "late",
        "salesforce.users": "stale",
        "prospecting.leads": "late",
        "stripe.customers": "fresh",
    }
    assert {status for table, status in told.items() if table not in judged} == {"fresh"}, "what never came is not late"
