"""What no contract names reaches the marts: as JSON without personal data, and as columns a contract promotes."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from conftest import Site
from warehouse.settings import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("custom_fields")]

TIER, BUDGET = "a1b2c3d4e5" * 4, "f6a7b8c9d0" * 4
MARTS = {
    "fct_opportunities": {
        "budget_amount": ("decimal(18,2)", ["properties.budget", "Budget validé", "Budget"]),
        "follow_up_date": ("date", "Date de relance"),
        "is_tender": ("boolean", "Appel d'offres"),
    },
    "fct_leads": {"tier": ("varchar", ["properties.tier", "Tier__c"])},
    "dim_accounts": {"plan": ("varchar", "Plan__c")},
}
PEOPLE_AND_DEALS = """\
    system: {system}
    tables:
      accounts: {{files: ["comptes*"], columns: {{account_id: id, name: nom}}}}
      leads: {{files: ["pistes*"], columns: {{lead_id: id, created_at: cree_le}}}}
      deals: {{files: ["affaires*"], columns: {{deal_id: id, stage: etape, created_at: cree_le, closed_at: clos_le}}}}
    """


def drop_hubspot(site: Site) -> None:
    times = {"createdate": "2026-01-10T09:00:00Z"}
    records = {
        "deals": {"dealname": "D", "dealstage": "1", "competitor": "Acme", "budget": "1500.5", "buyer_phone": "+33 1"},
        "contacts": {
            "email": "ada@example.com",
            "lifecyclestage": "lead",
            "tier": "gold",
            "mobilephone": "+33 6 12 34",
        },
        "companies": {"name": "Example", "domain": "example.com", "plan_level": "B", "contact_box": "a@example.com"},
    }
    for name, properties in records.items():
        page = {"results": [{"id": "1", "archived": False, "properties": properties | times}]}
        site.drop(f"hubspot/{name}.json", json.dumps(page))
    site.drop("hubspot_fr/source.yml", "time_zone: Europe/Paris")
    site.drop(
        "hubspot_fr/toutes-les-transactions.csv",
        dedent("""\
            ID de fiche d'informations;Nom de la transaction;Phase de la transaction;Date de création;Montant;Budget validé;Date de relance;Appel d'offres
            1;Été;Devis;15/01/2026;12,5;1 234,56;31/03/2026;Oui
            2;Hiver;Devis;16/01/2026;;à voir;bientôt;Non
            """),  # noqa: E501
    )


def drop_salesforce(site: Site) -> None:
    site.drop(
        "salesforce/Opportunity.csv",
        "Id,Name,StageName,CloseDate,IsClosed,IsWon,CreatedDate,Region__c\n006A,O,Devis,2026-03-31,false,false,2026-01-15,North\n",
    )
    site.drop(
        "salesforce/Lead.csv",
        "Id,Email,Company,Status,IsConverted,CreatedDate,Tier__c\n00QA,,X,New,false,2026-01-10,A\n",
    )
    site.drop("salesforce/Contact.csv", "Id,Email,LastName,AccountId,CreatedDate,Tier__c\n003A,,Bo,001A,2026-01-10,B\n")
    site.drop(
        "salesforce/Account.csv",
        "Id,Name,ParentId,NumberOfEmployees,CreatedDate,Plan__c\n001A,Alpha,,10,2026-01-10,Pro\n",
    )


def drop_pipedrive(site: Site) -> None:
    deal = {"id": 1, "title": "D", "value": 10, "status": "open", "stage_id": 1, "add_time": "2026-01-15 09:00:00"}
    site.drop(
        "pipedrive/deals.json", json.dumps({"data": [deal | {TIER: "12,13", BUDGET: 900, f"{BUDGET}_currency": "EUR"}]})
    )
    site.drop("pipedrive/persons.csv", f"id,name,email,add_time,{TIER}\n1,Cy,,2026-01-10 09:00:00,13\n")
    site.drop("pipedrive/organizations.csv", f"id,name,website,add_time,{BUDGET}\n1,Org,,2026-01-10 09:00:00,50\n")
    options = [{"id": 12, "label": "Gold"}, {"id": 13, "label": "Silver"}]
    fields = [{"key": TIER, "name": "Tier", "options": options}, {"key": BUDGET, "name": "Budget"}]
    site.drop("pipedrive/deal_fields.json", json.dumps({"data": [{"id": n, **each} for n, each in enumerate(fields)]}))
    # without its list of fields an account keeps the keys
    site.drop("pipedrive_bare/deals.json", json.dumps({"data": [deal | {TIER: "12"}]}))
    titles = ("ID", "Title", "Value", "Status", "Stage", "Deal created", "Organization", "Organization ID")
    titled = ",".join(f"Deal - {title}" for title in (*titles, "Contact person", "Contact person ID"))
    row = "1,D,10,Open,1,2026-01-15 09:00:00,Alpha SAS,11,Ada Lace,31"
    site.drop("pipedrive_ui/deals.csv", f"{titled}\n{row}\n")


def drop_tables(site: Site, system: str) -> None:
    site.drop(f"{system}/source.yml", dedent(PEOPLE_AND_DEALS.format(system=system)))
    site.drop(f"{system}/comptes.csv", "id,nom,Plan\n1,Client,Pro\n")
    site.drop(f"{system}/pistes.csv", "id,cree_le,Salon\n1,2026-01-10,Lyon\n")
    site.drop(f"{system}/affaires.csv", "id,etape,cree_le,clos_le,Remise\n1,Devis,2026-01-15,,5\n")


def drop_prospects(site: Site) -> None:
    site.drop(
        "prospecting/prospects.csv",
        dedent("""\
            first_name,last_name,company,domain,email,email_status,enriched_at,Technologies,properties.tier
            Ada,Lace,Example,example.com,ada@example.com,verified,2026-01-05,CRM,silver
            Dan,Day,Other,other.example,dan@other.example,verified,2026-01-05,ERP,
            """),
    )


def project_with(folder: Path, promoted: dict[str, dict[str, tuple[str, object]]]) -> Path:
    """A copy of the project in which marts promote custom fields."""
    for name in ("models", "macros", "seeds", "tests/generic"):
        shutil.copytree(PROJECT / name, folder / name)
    for path in (PROJECT / "dbt_project.yml", PROJECT / "profiles.yml", *PROJECT.glob("tests/*.sql")):
        shutil.copy(path, folder / path.relative_to(PROJECT))
    (folder / "scripts").symlink_to(PROJECT / "scripts")
    for mart, columns in promoted.items():
        path = folder / f"models/marts/core/{mart}.yml"
        lines = [
            {
                "name": name,
                "data_type": kind,
                "description": f"Custom field of the company's own: {name}.",
                "config": {"meta": {"custom_field": titles}},
            }
            for name, (kind, titles) in columns.items()
        ]
        added = "".join(
            f"      - {yaml.safe_dump(line, default_flow_style=True, width=1000).strip()}\n" for line in lines
        )
        contract, mark, tests = path.read_text(encoding="utf-8").partition("unit_tests:\n")
        path.write_text(contract + added + mark + tests, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("custom_fields"))
    drop_hubspot(made)
    drop_salesforce(made)
    drop_pipedrive(made)
    drop_tables(made, "custom")
    drop_tables(made, "airtable")
    drop_prospects(made)
    assert not made.load().failures
    project = project_with(made.root / "project", MARTS)
    made.dbt(
        "build",
        *("--select", "+fct_opportunities", "+fct_leads", "assert_promoted_fields_are_known"),
        *("--exclude", "test_type:unit", "test_type:generic", "assert_every_open_stage_is_mapped"),
        project=project,
    )
    return made


@pytest.mark.parametrize(
    ("mart", "instance", "fields"),
    [
        pytest.param("fct_opportunities", "hubspot", {"properties.competitor": "Acme", "properties.budget": "1500.50"}),
        pytest.param("dim_accounts", "hubspot", {"properties.plan_level": "B"}),
        pytest.param("fct_opportunities", "salesforce", {"Region__c": "North"}),
        pytest.param("dim_accounts", "salesforce", {"Plan__c": "Pro"}),
        pytest.param(
            "fct_opportunities", "pipedrive", {"Tier": "Gold,Silver", "Budget": "900.00", "Budget_currency": "EUR"}
        ),
        pytest.param("fct_opportunities", "pipedrive_bare", {TIER: "12"}),
        # beside ids a list view names companies, and people
        pytest.param("fct_opportunities", "pipedrive_ui", {"Deal - Organization": "Alpha SAS"}),
        pytest.param("fct_leads", "pipedrive", {"Tier": "Silver"}),
        pytest.param("dim_accounts", "pipedrive", {"Budget": "50"}),
        *(
            pytest.param(mart, instance, fields)
            for instance in ("custom", "airtable")
            for mart, fields in {
                "fct_opportunities": {"Remise": "5"},
                "fct_leads": {"Salon": "Lyon"},
                "dim_accounts": {"Plan": "Pro"},
            }.items()
        ),
        pytest.param("fct_leads", "prospecting", {"Technologies": "ERP"}),
        # of one person in a CRM and in a prospecting file the CRM speaks, and the file where it is silent
        pytest.param("fct_leads", "hubspot", {"properties.tier": "gold", "Technologies": "CRM"}),
    ],
)
def test_what_no_contract_names_is_published_without_what_is_personal(
    site: Site, mart: str, instance: str, fields: dict[str, str]
) -> None:
    found = site.marts(f"select custom_fields from marts.{mart} where source_instance = '{instance}'")
    assert [json.loads(each) for (each,) in found] == [fields]


def test_leads_and_contacts_of_salesforce_have_their_own(site: Site) -> None:
    assert site.marts(
        "select custom_fields, tier from marts.fct_leads where source_instance = 'salesforce' order by all"
    ) == [
        ('{"Tier__c":"A"}', "A"),
        ('{"Tier__c":"B"}', "B"),
    ]


def test_a_promoted_field_is_a_column_of_its_type_whatever_its_export_looks_like(site: Site) -> None:
    assert site.marts("""
        select source_instance, budget_amount::text, follow_up_date, is_tender from marts.fct_opportunities
        where source_system in ('hubspot', 'pipedrive') order by opportunity_id
    """) == [
        ("hubspot", "1500.50", None, None),
        ("hubspot_fr", "1234.56", dt.date(2026, 3, 31), True),
        ("hubspot_fr", None, None, False),  # neither a number nor a date
        ("pipedrive", "900.00", None, None),
        ("pipedrive_bare", None, None, None),
        ("pipedrive_ui", None, None, None),
    ]
    assert site.marts("""
        select data_type from information_schema.columns
        where table_name = 'fct_opportunities' and column_name in ('budget_amount', 'follow_up_date', 'is_tender')
        order by ordinal_position
    """) == [("DECIMAL(18,2)",), ("DATE",), ("BOOLEAN",)]


def test_a_value_that_is_not_of_the_promised_type_is_still_among_the_custom_fields(site: Site) -> None:
    (found,) = site.marts("select custom_fields from marts.fct_opportunities where opportunity_id = 'hubspot_fr:2'")
    assert json.loads(found[0]) == {"Budget validé": "à voir", "Date de relance": "bientôt", "Appel d'offres": "false"}


def test_promoted_fields_of_people_and_accounts_are_columns_too(site: Site) -> None:
    assert site.marts("select tier from marts.fct_leads where source_instance = 'hubspot'") == [("gold",)]
    assert site.marts("select plan from marts.dim_accounts where plan is not null") == [("Pro",)]


def test_a_promoted_field_that_is_unknown_or_personal_is_refused_by_name(site: Site, tmp_path: Path) -> None:
    wrong = project_with(
        tmp_path,
        {
            "fct_opportunities": {"lost_to": ("varchar", "Lost too")},
            "fct_leads": {"mobile": ("varchar", "Téléphone mobile")},
        },
    )
    with pytest.raises(AssertionError) as refused:
        site.dbt("test", "--select", "assert_promoted_fields_are_known", project=wrong)
    message = str(refused.value)
    assert "fct_opportunities.yml promotes 'Lost too', which no record has as a custom field" in message
    assert "fct_leads.yml promotes 'Téléphone mobile', whose title looks personal" in message
