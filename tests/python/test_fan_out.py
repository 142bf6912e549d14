"""A deal with several companies, people and owners is one deal: rows and amounts before and after every join.

One company whose exports say everything twice or in several ways is built once; the last tests look at each join of
each model (`joins.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from conftest import SHARED, DemoSites, Site
from in_memory import CompiledProject
from joins import Join, declared_widenings, joins_of, joins_of_models, looped_equalities, queries_that_join

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fan out")]

Query = Callable[[str], list[tuple[Any, ...]]]

# deals 1 to 3 and 9 of HubSpot (9 was merged into 1), 6A and 6B of Salesforce
EXPORTS = {
    "hubspot/deals.csv": """
        id,dealname,amount,deal_currency_code,dealstage,pipeline,createdate,closedate,hubspot_owner_id,dealtype,hs_is_closed,hs_is_closed_won,hs_merged_object_ids,associated_company_ids,associated_contact_ids
        1,Several of all,1000.00,EUR,won,p,2026-01-05T09:00:00Z,2026-02-10T09:00:00Z,71,newbusiness,true,true,9,11;12;13,21;22;23;24
        2,Listed twice,200.00,EUR,demo,p,2026-01-12T09:00:00Z,2026-04-01T09:00:00Z,72,newbusiness,false,false,,12;12;11,22;22
        3,Bare,30.00,EUR,demo,p,2026-01-19T09:00:00Z,2026-04-01T09:00:00Z,79,newbusiness,false,false,,,
        9,Entered twice,1000.00,EUR,demo,p,2026-01-05T10:00:00Z,2026-04-01T09:00:00Z,71,newbusiness,false,false,,11,25
        """,  # noqa: E501
    "hubspot/deal_companies.csv": """
        deal_id,company_id,type_id
        1,11,5
        1,12,341
        1,13,341
        1,11,341
        2,12,5
        2,11,5
        """,
    "hubspot/deal_contacts.csv": """
        deal_id,contact_id,type_id
        1,21,3
        1,22,3
        1,21,5
        9,25,3
        """,
    "hubspot/deal_property_history.csv": """
        deal_id,name,value,timestamp,source
        1,dealstage,demo,2026-01-05T09:00:00Z,CRM_UI
        1,dealstage,demo,2026-01-05T09:00:00Z,IMPORT
        1,dealstage,won,2026-02-10T09:00:00Z,CRM_UI
        1,hubspot_owner_id,71,2026-01-05T09:00:00Z,CRM_UI
        1,hubspot_owner_id,72,2026-02-01T09:00:00Z,CRM_UI
        1,hubspot_owner_id,71,2026-02-01T09:00:00Z,IMPORT
        1,amount,1000.00,2026-01-05T09:00:00Z,CRM_UI
        """,
    "hubspot/companies.csv": """
        id,name,domain,numberofemployees,hs_parent_company_id
        11,Alpha,alpha.example,10,12
        12,Alpha Holding,alpha-holding.example,20,11
        13,Gamma,gmail.com,30,
        """,
    "hubspot/contacts.csv": """
        id,email,hs_additional_emails,firstname,lastname,lifecyclestage,createdate,hubspot_owner_id,hs_merged_object_ids,associated_company_ids
        21, Ana@Alpha.example ,,Ana,A,lead,2026-01-02T09:00:00Z,71,20;19,11;12
        22,bruno@alpha.example,bruno@home.example,Bruno,B,lead,2026-01-03T09:00:00Z,71,,12
        23,info@alpha.example,,Marie,Martin,lead,2026-01-04T09:00:00Z,72,,11
        24,info@alpha.example,,Paul,Petit,lead,2026-01-04T09:00:00Z,72,,11
        25,zoe@alpha.example,,Zoe,Z,lead,2026-01-04T09:00:00Z,71,,11
        """,
    "hubspot/line_items.csv": """
        id,associated_deal_ids,hs_product_id,name,quantity,amount
        501,1,p2,Setup,1,300.00
        502,1,p1,Plan,2,700.00
        503,9,p1,Plan,2,1000.00
        """,
    "hubspot/owners.csv": """
        id,email,first_name,last_name,teams
        71,jo@lumio.example,Jo,Roux,Nord
        71,jo@lumio.example,Jo,Roux,Nord
        72,lou@lumio.example,Lou,Blanc,Sud
        73,Lou@lumio.example,Lou,Blanc,Sud
        """,
    "hubspot/pipelines.json": """
        {"results": [{"id": "p", "label": "Sales", "stages": [
        {"id": "demo", "label": "Demo", "metadata": {"isClosed": "false", "probability": "0.5"}},
        {"id": "won", "label": "Won", "metadata": {"isClosed": "true", "probability": "1.0"}}]}]}
        """,
    "hubspot/activities.csv": """
        activity_id,activity_type,activity_date,activity_owner,associated_contact_email
        a1,MEETING,2026-01-06T09:00:00Z,71,ana@alpha.example
        a2,MEETING,2026-01-07T09:00:00Z,71,info@alpha.example
        """,
    "salesforce/Account.csv": """
        Id,Name,ParentId,Website,NumberOfEmployees,IsDeleted,MasterRecordId
        001A,ALPHA SAS,,www.alpha.example,10,false,
        001B,Beta,001C,www.beta.example,10,false,
        001C,Beta Group,,www.mail.beta.example,10,false,
        001D,Beta bis,,,10,true,001B
        """,
    "salesforce/Contact.csv": """
        Id,AccountId,FirstName,LastName,Email,OwnerId,CreatedDate,IsDeleted,MasterRecordId
        003A,001A,Ana,A,ANA@alpha.example,005A,2026-01-08T09:00:00Z,false,
        003B,001D,Ben,B,ben@beta.example,005A,2026-01-08T09:00:00Z,false,
        003C,001B,Ben,B,ben@old.example,005A,2026-01-08T09:00:00Z,true,003D
        003D,001B,Ben,B,,005A,2026-01-08T09:00:00Z,true,003B
        """,
    "salesforce/Opportunity.csv": """
        Id,AccountId,Name,StageName,Amount,CloseDate,Type,IsClosed,IsWon,OwnerId,CurrencyIsoCode,CreatedDate,IsDeleted
        006A,001D,Beta one,Demo,4000.00,2026-04-01,New Business,false,false,005A,EUR,2026-01-09T09:00:00Z,false
        006B,001A,Alpha two,Demo,50000.00,2026-04-01,New Business,false,false,005A,EUR,2026-01-09T09:00:00Z,false
        """,
    "salesforce/OpportunityContactRole.csv": """
        OpportunityId,ContactId,Role,IsPrimary,IsDeleted
        006A,003B,Buyer,true,false
        006A,003C,User,false,false
        006A,003B,User,true,false
        """,
    "salesforce/User.csv": """
        Id,Name,Email,Department,Title,IsActive
        005A,Jo Roux,JO@lumio.example,North,sales,true
        """,
    "salesforce/OpportunityLineItem.csv": """
        Id,OpportunityId,Product2Id,Product2.Name,Quantity,TotalPrice,IsDeleted
        00kA,006A,01tA,Plan,1.50,1000.00,false
        00kB,006A,01tB,Support,1,2500.00,false
        00kC,006A,01tB,Support,1,9999.00,true
        """,
    "pipedrive/deals.csv": """
        id,title,value,currency,status,stage_id,pipeline_id,owner_id,person_id,org_id,add_time,update_time,merge_what_id
        5,Kept,600000,EUR,open,1,1,8,61,,2026-01-12 09:00:00,2026-01-13 09:00:00,6
        6,Merged away,600000,EUR,open,1,1,8,62,,2026-01-12 09:00:00,2026-01-13 09:00:00,
        """,
    "pipedrive/deal_products.csv": """
        id,deal_id,product_id,name,item_price,quantity,sum
        1,5,31,Plan,300000,2,600000
        """,
    "pipedrive/persons.csv": """
        id,name,email,add_time,merge_what_id
        61,Eve,eve@delta.example;eve@home.example,2026-01-12 09:00:00,62
        62,Eve,eve@old.example,2026-01-12 09:00:00,
        63,Eve,eve@home.example,2026-01-12 09:00:00,
        """,
    "pipedrive/stages.csv": """
        id,name,pipeline_id,order_nr
        1,Demo,1,1
        """,
    "pipedrive/users.csv": """
        id,name,email,active_flag
        8,Jo Roux,jo@lumio.example,1
        """,
    "prospecting/prospects.csv": """
        email,last_name,email_status,enriched_at
        ana@alpha.example,A,valid,2026-01-01 09:00:00
        bruno@home.example,B,valid,2026-01-01 09:00:00
        ben@old.example,B,valid,2026-01-01 09:00:00
        new@other.example,N,valid,2026-01-01 09:00:00
        """,
    # charges of customers that no file lists, and of nobody
    "stripe/charges.json": """
        {"data": [{"id": "ch1", "customer": "c9", "status": "succeeded", "currency": "eur", "amount": 100, "created": 1768000000},
        {"id": "ch2", "customer": null, "status": "succeeded", "currency": "eur", "amount": 100, "created": 1768000000}]}
        """,  # noqa: E501
    "stripe/customers.json": """
        {"data": [
        {"id": "c1", "name": "A", "email": "x@gmail.com", "created": 1768000000, "metadata": {"crm_account_id": "11"}},
        {"id": "c2", "name": "A", "email": "x@alpha.example", "created": 1768000000, "metadata": {}},
        {"id": "c3", "name": "Alpha", "email": "y@gmail.com", "created": 1768000000, "metadata": {"crm_account_id": "404"}},
        {"id": "c4", "name": "Alpha", "email": "y@gmail.com", "created": 1768000000, "metadata": {}},
        {"id": "c5", "name": "Alpha", "email": null, "created": 1768000000, "metadata": {}}]}
        """,  # noqa: E501
}
MAPPING = """\
source_system,source_instance,pipeline,source_stage,source_label,stage
hubspot,hubspot,p,demo,Demo,demo
hubspot,other,p,demo,Demo,proposal
salesforce,salesforce,,Demo,Demo,demo
pipedrive,pipedrive,1,1,Demo,demo
"""


# what is owed is joined with the days it is compared on
TARGETS = """\
kpi_code,period_grain,period_start_date,scope_type,scope_id,target_value,owner,agreed_with,agreed_on,note
""" + "".join(f"bookings_amount,month,2026-0{month}-01,company,all,1000,jo,lou,2025-12-12,\n" for month in range(1, 5))


@pytest.fixture(scope="module")
def project(demo_sites: DemoSites) -> CompiledProject:
    return CompiledProject.of(demo_sites(*SHARED))


@pytest.fixture(scope="module")
def connection(
    project: CompiledProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """All models of the company, and no data test broken."""
    site = Site(tmp_path_factory.mktemp("fan_out"))
    for name, text in EXPORTS.items():
        site.drop(name, "\n".join(line.strip() for line in text.strip().splitlines()) + "\n")
    site.configure("stage_mapping.csv", MAPPING)
    site.configure("kpi_targets.csv", TARGETS)
    report = site.load()
    assert not report.failures, report.failures
    given = project.rules(site.settings.config)
    with project.build(site.settings.raw_file, project.models, given=given) as opened:
        assert project.failures(opened) == []
        opened.execute(f"use {project.seeded.stem}")
        yield opened


@pytest.fixture(scope="module")
def built(connection: duckdb.DuckDBPyConnection) -> Query:
    return lambda query: connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def joins(project: CompiledProject, connection: duckdb.DuckDBPyConnection) -> list[Join]:
    return joins_of_models(project.target, connection)


@pytest.mark.parametrize(
    "relation", ["intermediate.int_opportunities__conformed", "marts.fct_opportunities"], ids=lambda each: each
)
def test_several_of_everything_are_one_deal_of_one_amount(built: Query, relation: str) -> None:
    found = built(f"select opportunity_id, amount_local from {relation} order by all")
    assert found == [
        ("hubspot:1", Decimal("1000.00")),
        ("hubspot:2", Decimal("200.00")),
        ("hubspot:3", Decimal("30.00")),
        ("pipedrive:5", Decimal("600000.00")),
        ("salesforce:006A", Decimal("4000.00")),
        ("salesforce:006B", Decimal("50000.00")),
    ]


def test_what_is_booked_is_the_amount_once(built: Query) -> None:
    assert built("select opportunity_id, booking_amount from marts.fct_bookings") == [("hubspot:1", Decimal("1000.00"))]


def test_a_component_counts_each_deal_once(built: Query) -> None:
    assert built(
        "select sum(component_value) from marts.kpi_components_daily where component_code = 'opportunities_created' "
        "and scope_type = 'company'"
    ) == [(Decimal(6),)]


def test_one_of_several_people_is_credited_and_the_merged_deals_people_are_the_deals(built: Query) -> None:
    linked = built(
        "select contact_id, is_credited from intermediate.int_opportunity_people__linked "
        "where opportunity_id = 'hubspot:1' order by all"
    )
    assert linked == [(f"hubspot:{number}", number == 21) for number in (21, 22, 23, 24, 25)]


def test_a_person_is_one_across_crms_files_merges_and_second_addresses(built: Query) -> None:
    people = dict(built("select contact_id, records_count from marts.dim_contacts order by all"))
    prospect = [name for name in people if name.startswith("prospecting:")]
    assert len(prospect) == 1  # new@other.example
    # Ana thrice, Bruno and his second address, two people behind info@, Ben and what was merged into him
    assert {name: count for name, count in people.items() if name not in prospect} == {
        "hubspot:21": 3,
        "hubspot:22": 2,
        "hubspot:23": 1,
        "hubspot:24": 1,
        "hubspot:25": 1,
        "pipedrive:61": 3,
        "salesforce:003B": 2,
    }


def test_an_account_is_one_by_domain_or_merge_and_parents_in_a_circle_are_a_group(built: Query) -> None:
    found = built("select account_id, root_account_id from marts.dim_accounts where source_system <> 'stripe'")
    assert sorted(found) == [
        ("hubspot:11", "hubspot:11"),
        ("hubspot:12", "hubspot:11"),
        ("hubspot:13", "hubspot:13"),
        ("salesforce:001B", "salesforce:001C"),
        ("salesforce:001C", "salesforce:001C"),
    ]
    deals = dict(built("select opportunity_id, account_id from marts.fct_opportunities"))
    assert deals["hubspot:1"] == "hubspot:11"
    assert deals["salesforce:006A"] == "salesforce:001B"
    assert deals["salesforce:006B"] == "hubspot:11"


def test_owners_listed_twice_or_in_two_crms_are_one_rep(built: Query) -> None:
    reps = built("select rep_id from marts.dim_sales_reps where rep_id not like 'un%' order by all")
    assert reps == [("hubspot:71",), ("hubspot:72",)]
    owners = dict(built("select opportunity_id, owner_rep_id from marts.fct_opportunities"))
    assert owners == {
        "hubspot:1": "hubspot:71",
        "hubspot:2": "hubspot:72",
        "hubspot:3": "unknown",
        "pipedrive:5": "hubspot:71",
        "salesforce:006A": "hubspot:71",
        "salesforce:006B": "hubspot:71",
    }


def test_a_mailbox_several_people_read_credits_none_of_them(built: Query) -> None:
    found = built("select activity_id, people_count from marts.fct_activities order by all")
    assert found == [("hubspot:a1", 1), ("hubspot:a2", 0)]


def test_lines_are_of_the_deal_that_was_kept_and_name_its_product(built: Query) -> None:
    lines = built(
        "select opportunity_line_id, opportunity_id, product, quantity, line_amount, adds_up, line_number "
        "from marts.fct_opportunity_lines order by all"
    )
    assert lines == [
        ("hubspot:501", "hubspot:1", "Setup", Decimal(1), Decimal(300), True, 2),
        ("hubspot:502", "hubspot:1", "Plan", Decimal(2), Decimal(700), True, 1),
        ("pipedrive:1", "pipedrive:5", "Plan", Decimal(2), Decimal(600000), True, 1),
        ("salesforce:00kA", "salesforce:006A", "Plan", Decimal("1.5"), Decimal(1000), False, 2),
        ("salesforce:00kB", "salesforce:006A", "Support", Decimal(1), Decimal(2500), False, 1),
    ]
    assert dict(built("select opportunity_id, product from marts.fct_opportunities")) == {
        "hubspot:1": "Plan",
        "hubspot:2": "unknown",
        "hubspot:3": "unknown",
        "pipedrive:5": "Plan",
        "salesforce:006A": "Support",
        "salesforce:006B": "unknown",
    }


def test_rows_without_somebody_known_are_counted(built: Query) -> None:
    counted = {
        (fact, dimension): counts
        for fact, dimension, *counts in built(
            "select fact, dimension, rows_count, unknown_count, unallocated_count from marts.quality_unknowns"
        )
    }
    assert counted["fct_opportunities", "rep"] == [6, 1, 0]
    assert counted["fct_opportunities", "account"] == [6, 2, 0]
    assert counted["fct_payments", "account"] == [2, 1, 0]


def test_match_rates_say_what_was_found_and_why_the_rest_was_not(built: Query) -> None:
    rates = {
        (left, right, entity): (count, matched, reasons)
        for left, right, entity, count, matched, reasons in built(
            "select left_system, right_system, entity, left_count, matched_count, unmatched_reason_counts "
            "from marts.quality_match_rates"
        )
    }
    assert rates["prospecting", "crm", "person"] == (4, 3, '{"unknown_email": 1}')
    assert rates["hubspot", "salesforce", "person"] == (5, 1, '{"shared_mailbox": 2, "unknown_email": 2}')
    assert rates["salesforce", "hubspot", "account"] == (3, 1, '{"unknown_domain": 2}')
    assert rates["hubspot", "salesforce", "account"] == (3, 1, '{"free_mail": 1, "unknown_domain": 1}')
    assert rates["hubspot", "crm", "opportunity_account"] == (3, 2, '{"no_account": 1}')
    assert rates["hubspot", "crm", "opportunity_rep"] == (3, 2, '{"unknown_owner": 1}')
    assert rates["stripe", "crm", "customer_account"] == (
        *(5, 2),
        '{"free_mail": 1, "no_id_no_email": 1, "unknown_id": 1}',
    )


def test_no_join_of_any_model_repeats_a_row_unless_the_model_says_so(
    project: CompiledProject, joins: list[Join]
) -> None:
    declared = declared_widenings(project.target)
    assert [join for join in joins if join.is_amiss and (join.model, join.name) not in declared] == []


def test_every_join_of_every_model_is_counted(project: CompiledProject, joins: list[Join]) -> None:
    counted = Counter(join.model for join in joins)
    for path in (project.target / "compiled").rglob("models/**/*.sql"):
        if ".yml/" in path.as_posix():
            continue  # a data test
        text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
        assert counted[path.stem] == len(re.findall(r"\bjoin\b", text)), path.stem


@pytest.mark.parametrize(
    ("join", "amiss"),
    [
        ("left join b on a.n = b.n", True),
        ("inner join b on a.n = b.n", True),
        ("left join (select n from b group by n) as b on a.n = b.n", False),
        ("inner join (select n from b group by n) as b on a.n = b.n", False),
        ("full outer join (select n from b union all select 9) as b on a.n = b.n and b.n > 5", False),
        ("cross join b", True),
        ("left join b on a.n = b.n and b.m = 1", False),
    ],
)
def test_a_join_that_repeats_rows_is_found_whatever_its_kind(join: str, amiss: bool) -> None:
    query = f"""
        with a as (select 1 as n union all select 2), b as (select 1 as n, 1 as m union all select 1, 2),
        final as (select count(*) as rows_count from a {join} group by a.n) select * from final
    """
    with duckdb.connect() as connection:
        (found,) = joins_of("model", query, connection)
    assert found.is_amiss is amiss


def test_what_is_joined_by_a_column_is_hashed_so_that_twice_the_rows_are_twice_the_work(
    project: CompiledProject, connection: duckdb.DuckDBPyConnection
) -> None:
    queries = queries_that_join(project.target)
    assert len(queries) > 100
    found = {name: looped_equalities(query, connection) for name, query in queries.items()}
    assert {name: columns for name, columns in found.items() if columns} == {}


@pytest.mark.parametrize(
    ("joined", "looped"),
    [
        ("a left join b on a.id = b.id", []),
        ("a left join b on a.id = b.id and a.moment >= b.since and a.moment < coalesce(b.until, 9)", []),
        ("a left join b on a.id = b.id and (b.until is null or a.moment < b.until)", ["id = id"]),
        ("a left join b on a.id = b.id and a.is_held", ["id = id"]),
        ("a left join b on case when a.is_held then a.id end = b.id", []),
        ("a left join b on a.moment < b.until or a.id = b.id", []),  # no column is held equal
    ],
)
def test_a_join_that_is_not_hashed_is_found(joined: str, looped: list[str]) -> None:
    with duckdb.connect() as opened:
        opened.execute("create table a as select i as id, i as moment, i > 5 as is_held from range(100) as series (i)")
        opened.execute("create table b as select i as id, i as since, i + 9 as until from range(100) as series (i)")
        assert looped_equalities(f"select * from {joined}", opened) == looped
