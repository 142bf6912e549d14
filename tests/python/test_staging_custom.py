"""What staging promises of tables from anywhere, mapped by a source.yml, and of prospecting files."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from textwrap import dedent

import pytest

from conftest import Site
from warehouse.identity import hmac_pads, identity_key
from warehouse.outcomes import LoadReport

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("custom")]

at = dt.datetime.fromisoformat

OLDER, NEWER = "2026-03-01 06:00", "2026-03-02 06:00"
MAPPING = """\
    system: custom
    time_zone: Europe/Paris
    ignore: ["*brouillon*"]
    tables:
      deals:
        files: ["pipeline*.csv"]
        columns: {deal_id: Opp No, name: Title, owner_id: Agent, account_id: Client, stage: Etape, status: Issue, created_at: Ouvert le, closed_at: Clos le, amount: Montant}
        values: {stage: {"Gagné": won, "Perdu": lost}, status: {"G": won, "P": lost, "S": no_decision, "O": open}}
        constants: {currency: eur, pipeline: Neuf}
        date_order: dmy
        decimal_mark: ","
      activities:
        files: ["journal*.csv"]
        columns: {activity_id: No, type: Genre, occurred_at: Quand, contact_email: Courriel}
        constants: {direction: Inbound}
        date_order: mdy
    """  # noqa: E501


def drop_mapped_tables(site: Site) -> None:
    site.drop("erp/source.yml", dedent(MAPPING))
    site.drop(
        "erp/pipeline_old.csv",
        "Opp No;Title;Etape;Ouvert le;Montant\nD1;Ancien;Devis;02/01/2026;1,00\nD9;Retiré;Devis;02/01/2026;9,00\n",
        at=OLDER,
    )
    site.drop(
        "erp/pipeline_new.csv",
        dedent("""\
            Opp No;Title;Agent;Client;Etape;Issue;Ouvert le;Clos le;Montant;Remise
            D1;Café;jo;C1;Gagné;G;02/01/2026 10:00;03/02/26;1 234,56 €;5 %
            D2;Thé;jo;C1;Perdu;S;2026/01/02;;1.234;
            D3;Eau;lou;C2;Devis;O;2026.01.02 00:00;;sur devis;
            """),
        at=NEWER,
    )
    site.drop("erp/pipeline_brouillon.csv", "anything\n", at=NEWER)
    site.drop(
        "erp/journal.csv",
        "No,Genre,Quand,Courriel\nA1,Call,1/2/2026 11:30 PM, Ada@Example.com\nA2,Call,1/3/2026,\n",
        at=NEWER,
    )


def drop_canonical_tables(site: Site) -> None:
    """Files whose titles are the canonical ones need a system, no mapping."""
    site.drop("canonical/source.yml", "system: custom\n")
    tables = {
        "users": "user_id,name,email,team,role,hired_on,quota_share\nu1,Jo Roux,JO@example.com,Nord,sdr,2026-01-05,0.5",
        "accounts": "account_id,name,domain,employees\na1,Example,https://www.Example.com/fr,250",
        "leads": "lead_id,created_at,email,mql_at,opportunity_id\nl1,2026-01-05,Ada@Example.com,2026-01-06 09:00:00,d1",
        "deal_stage_changes": "deal_id,stage,changed_at\nd1,a,2026-01-05\nd1,b,2026-01-06\nd1,a,2026-01-07",
        "products": "product_id,name,family,list_price\np1,Plan,Core,99.90",
        "deal_lines": "deal_id,product_id,quantity,amount\nd1,p1,2,199.80",
        "invoices": (
            "invoice_id,account_id,issued_on,amount,tax,paid_on\n"
            "i1,a1,2026-01-31,100.00,20.00,2026-02-10\ni2,a1,2026-02-28,-10.00,,"
        ),
        "subscriptions": "subscription_id,account_id,started_on,mrr_amount,ended_on\ns1,a1,2026-01-01,50.00,2026-06-30",
        "costs": "entry_id,booked_on,account_code,amount,vendor\nc1,2026-01-31,623100,1234.56,Agency",
        "ad_spend": "day,campaign,cost,channel,clicks\n2026-01-31,Brand,12.34,paid_social,5\n2026-01-31,Other,1.00,,1",
        "web_traffic": "day,visits,channel,demo_requests\n2026-01-31,1000,,3",
    }
    for name, content in tables.items():
        site.drop(f"canonical/{name}.csv", content + "\n", at=NEWER)


def drop_prospecting_files(site: Site) -> None:
    site.drop(
        "prospecting/leads_scraap.csv",
        dedent("""\
            email,first_name,last_name,company,domain,email_status,phone,title,linkedin_url,source,enriched_at
            Ada@Example.com,Ada,Lace,Example,www.example.com,valid,+33 1 23 45 67 89,CTO,https://social.example/ada,web,2026-02-01 09:00:00
            bo@other.com,,Bo,Other,,risky,,,,,2026-02-01 09:00:00
            """),  # noqa: E501
        at=OLDER,
    )
    site.drop(
        "prospecting/leads_enrichis.csv",
        dedent("""\
            Adresse e-mail;Prénom;Nom;Entreprise;Site web;Statut e-mail;Poste;Date d'enrichissement
            ada@example.com;Ada;Lace;Example;example.com;invalid;CEO;15/02/2026 09:00
            """),
        at=NEWER,
    )
    site.drop(
        "prospecting/leads_late.csv",
        "email,last_name,email_status,enriched_at\nbo@other.com,Bo,unknown,2026-01-01 09:00:00\n",
        at=NEWER,
    )


APOLLO = (
    "First Name,Last Name,Title,Company Name,Company Name for Emails,Email,Email Status,Primary Email Source,"
    "Primary Email Last Verified At,Seniority,Departments,Contact Owner,Work Direct Phone,Home Phone,Mobile Phone,"
    "Corporate Phone,Stage,Lists,Last Contacted,Account Owner,# Employees,Industry,Keywords,Person Linkedin Url,"
    "Website,Company Linkedin Url,City,State,Country\n"
)


def drop_files_without_a_date(site: Site) -> None:
    """What Apollo and Dropcontact export: people, and no word of when they were found."""

    def apollo(title: str, verified: str) -> str:
        ann = f"Ann,Bee,{title},Acme,Acme,ann@acme.fr,Verified,Apollo,{verified},C-Suite,Sales,jo@x.fr,,,+33 6"
        return f"{APOLLO}{ann},,Cold,L,,,50,software,,http://linkedin.com/in/ann,https://acme.fr,,Lyon,,France\n"

    def dropcontact(job: str) -> str:
        titles = "civility,first_name,last_name,full_name,email,qualification,company,website,linkedin,phone,job"
        return f"{titles}\nMme,Zoé,Day,Zoé Day,zoe@day.fr,nominative@pro,Day,day.fr,linkedin.com/in/zoe,,{job}\n"

    site.drop("apollo/contacts-export.csv", apollo("CTO", "2026-02-20T00:00:00+00:00"), at=NEWER)
    site.drop("sdr_apollo/export.csv", apollo("CTO", ""), at=OLDER)
    site.drop("sdr_apollo/export_2.csv", apollo("CEO", ""), at=NEWER)
    site.drop("dropcontact/enriched.csv", dropcontact("CMO"), at=OLDER)
    site.drop("dropcontact/enriched_2.csv", dropcontact("CSO").replace("zoe@", "Zoe@"), at=NEWER)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, LoadReport]:
    made = Site(tmp_path_factory.mktemp("custom"))
    drop_mapped_tables(made)
    drop_canonical_tables(made)
    drop_prospecting_files(made)
    drop_files_without_a_date(made)
    report = made.load()
    assert not report.failures
    made.dbt("run", "--select", "staging.custom", "staging.prospecting")
    return made, report


@pytest.fixture(scope="module")
def site(loaded: tuple[Site, LoadReport]) -> Site:
    return loaded[0]


def deal_of(site: Site, opportunity_id: str, columns: str) -> tuple[object, ...]:
    (found,) = site.marts(f"select {columns} from staging.stg_custom__deals where opportunity_id = '{opportunity_id}'")
    return found


def rows_of(site: Site, table: str, columns: str) -> list[tuple[object, ...]]:
    return site.marts(f"select {columns} from staging.stg_custom__{table} order by all")


def test_columns_are_taken_by_the_titles_the_mapping_gives(site: Site) -> None:
    assert deal_of(site, "erp:D1", "opportunity_name, owner_source_id, account_source_id") == (
        "Café",
        "erp:jo",
        "erp:C1",
    )


@pytest.mark.parametrize(
    ("deal", "stage"),
    [
        pytest.param("erp:D1", "won", id="mapped"),
        pytest.param("erp:D2", "lost", id="mapped too"),
        pytest.param("erp:D3", "Devis", id="not in the map, as exported"),
    ],
)
def test_values_are_replaced_by_those_the_mapping_gives(site: Site, deal: str, stage: str) -> None:
    assert deal_of(site, deal, "source_stage") == (stage,)


@pytest.mark.parametrize(
    ("deal", "is_closed", "is_won", "is_no_decision"),
    [
        pytest.param("erp:D1", True, True, False, id="won"),
        pytest.param("erp:D2", True, False, True, id="no decision is closed and not won"),
        pytest.param("erp:D3", False, False, False, id="open"),
    ],
)
def test_the_status_says_how_a_deal_stands(
    site: Site, deal: str, is_closed: bool, is_won: bool, is_no_decision: bool
) -> None:
    assert deal_of(site, deal, "is_closed, is_won, is_no_decision") == (is_closed, is_won, is_no_decision)


def test_constants_fill_what_the_export_does_not_say(site: Site) -> None:
    assert deal_of(site, "erp:D1", "currency_code, pipeline") == ("EUR", "Neuf")
    assert rows_of(site, "activities", "direction") == [("inbound",), ("inbound",)]


@pytest.mark.parametrize(
    ("deal", "created_at"),
    [
        pytest.param("erp:D1", at("2026-01-02 09:00"), id="slashes and a time"),
        pytest.param("erp:D2", at("2026-01-01 23:00"), id="dashes"),
        pytest.param("erp:D3", at("2026-01-01 23:00"), id="iso"),
    ],
)
def test_dates_follow_the_mappings_order_and_the_instances_time_zone(
    site: Site, deal: str, created_at: dt.datetime
) -> None:
    assert deal_of(site, deal, "created_at") == (created_at,)


def test_a_day_without_a_time_closes_the_deal_on_that_day(site: Site) -> None:
    assert deal_of(site, "erp:D1", "close_date") == (dt.date(2026, 2, 3),)


def test_each_table_has_a_date_order_of_its_own(site: Site) -> None:
    assert rows_of(site, "activities", "activity_id, occurred_date, contact_email") == [
        ("erp:A1", dt.date(2026, 1, 2), "ada@example.com"),
        ("erp:A2", dt.date(2026, 1, 3), None),
    ]


@pytest.mark.parametrize(
    ("deal", "amount"),
    [
        pytest.param("erp:D1", "1234.56", id="spaces, comma, sign"),
        pytest.param("erp:D2", "1234.00", id="a point parts thousands where the comma is decimal"),
        pytest.param("erp:D3", None, id="no number is null"),
    ],
)
def test_amounts_follow_the_mappings_decimal_mark(site: Site, deal: str, amount: str | None) -> None:
    assert deal_of(site, deal, "amount_local::text") == (amount,)


def test_columns_without_a_place_and_mapped_values_are_kept_as_exported(site: Site) -> None:
    (fields,) = deal_of(site, "erp:D1", "custom_fields")
    assert json.loads(str(fields)) == {"Remise": "5 %", "Etape": "Gagné", "Issue": "G"}


def test_a_deal_absent_from_the_newest_export_is_kept_and_flagged(site: Site) -> None:
    assert deal_of(site, "erp:D9", "is_deleted, opportunity_name") == (True, "Retiré")
    assert deal_of(site, "erp:D1", "is_deleted") == (False,)


def test_an_ignored_file_is_not_loaded_and_the_report_says_so(loaded: tuple[Site, LoadReport]) -> None:
    site, report = loaded
    assert [file.path for file in report.files if file.state == "ignored"] == ["erp/pipeline_brouillon.csv"]
    assert site.raw("select count(*) from loads where path like '%brouillon%'") == [(0,)]


@pytest.mark.parametrize(
    ("table", "columns", "expected"),
    [
        (
            "users",
            "user_source_id, user_email, team_name, hired_date, quota_share, is_active",
            [("canonical:u1", "jo@example.com", "Nord", dt.date(2026, 1, 5), 0.5, True)],
        ),
        ("accounts", "account_source_id, domain, employees_count", [("canonical:a1", "example.com", 250)]),
        (
            "leads",
            "person_email, mql_at, converted_opportunity_id",
            [("ada@example.com", at("2026-01-06 09:00"), "canonical:d1")],
        ),
        ("products", "product_name, product_family, list_price_amount::text", [("Plan", "Core", "99.90")]),
        (
            "deal_lines",
            "opportunity_id, product_id, quantity, amount_local::text",
            [("canonical:d1", "canonical:p1", 2, "199.80")],
        ),
        (
            "invoices",
            "invoice_id, status, currency_code, amount_local::text, tax_local::text, issued_date",
            [
                ("canonical:i1", "paid", "EUR", "100.00", "20.00", dt.date(2026, 1, 31)),
                ("canonical:i2", "open", "EUR", "-10.00", None, dt.date(2026, 2, 28)),
            ],
        ),
        (
            "subscriptions",
            "mrr_local::text, started_date, ended_date",
            [("50.00", dt.date(2026, 1, 1), dt.date(2026, 6, 30))],
        ),
        (
            "costs",
            "account_code, cost_amount::text, vendor, booked_date",
            [("623100", "1234.56", "Agency", dt.date(2026, 1, 31))],
        ),
        (
            "ad_spend",
            "campaign_name, channel, cost_local::text, clicks_count",
            [("Brand", "paid_social", "12.340000", 5), ("Other", "unknown", "1.000000", 1)],
        ),
        (
            "web_traffic",
            "visit_date, source_value, visits_count, demo_requests_count",
            [(dt.date(2026, 1, 31), "unknown", 1000, 3)],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isidentifier() else "",
)
def test_a_canonical_table_needs_no_mapping(
    site: Site, table: str, columns: str, expected: list[tuple[object, ...]]
) -> None:
    assert rows_of(site, table, columns) == expected


def test_a_deal_that_returns_to_a_stage_has_entered_it_twice(site: Site) -> None:
    assert site.marts("""
        select source_stage from staging.stg_custom__deal_stage_changes order by changed_at
    """) == [("a",), ("b",), ("a",)]


def prospects(site: Site, columns: str) -> list[tuple[object, ...]]:
    """Prospecting leads, with the hash key that dbt's connection has."""
    inner, outer = hmac_pads(identity_key(site.settings.warehouse))
    return site.marts(f"""
        set variable identity_inner = '{inner}';
        set variable identity_outer = '{outer}';
        select {columns} from staging.stg_prospecting__leads
        where source_instance = 'prospecting' order by person_email
    """)


def test_a_prospect_is_one_person_however_the_address_is_written(site: Site) -> None:
    assert prospects(site, "person_email") == [("ada@example.com",), ("bo@other.com",)]


def test_the_newest_enrichment_of_a_prospect_wins_not_the_newest_file(site: Site) -> None:
    assert prospects(site, "lead_status, job_title, created_at") == [
        ("invalid", "CEO", at("2026-02-15 09:00")),
        ("risky", None, at("2026-02-01 09:00")),
    ]


def test_a_prospect_keeps_name_domain_and_source(site: Site) -> None:
    assert prospects(site, "person_name, company_domain, source_value") == [
        ("Ada Lace", "example.com", "prospecting"),
        ("Bo", None, "prospecting"),
    ]


def test_a_prospect_is_known_by_a_keyed_hash_of_the_address(site: Site) -> None:
    key = identity_key(site.settings.warehouse)
    digests = [
        hmac.new(key, email.encode(), hashlib.sha256).hexdigest() for email in ("ada@example.com", "bo@other.com")
    ]
    found = [str(person).casefold() for (person,) in prospects(site, "person_source_id")]
    assert found == [f"prospecting:{digest}" for digest in digests]


@pytest.mark.parametrize(
    ("instance", "status", "title", "created_at"),
    [
        pytest.param("apollo", "Verified", "CTO", at("2026-02-20"), id="Apollo says when it verified the address"),
        pytest.param("sdr_apollo", "Verified", "CEO", at(OLDER), id="Apollo says nothing"),
        pytest.param("dropcontact", "nominative@pro", "CSO", at(OLDER), id="Dropcontact"),
    ],
)
def test_a_prospect_without_a_date_is_as_new_as_the_first_file_and_as_the_last_one_says(
    site: Site, instance: str, status: str, title: str, created_at: dt.datetime
) -> None:
    assert site.marts(f"""
        select lead_status, job_title, created_at from staging.stg_prospecting__leads
        where source_instance = '{instance}'
    """) == [(status, title, created_at)]
