"""What staging promises of HubSpot: API pages, French downloads, and tables a connector replicates."""

from __future__ import annotations

import datetime as dt
import json
from textwrap import dedent

import duckdb
import pytest

from conftest import Site

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hubspot")]

at = dt.datetime.fromisoformat

OLDER, NEWER = "2026-03-01 06:00", "2026-03-02 06:00"


def page(*records: dict[str, object]) -> str:
    """A page as the API answers."""
    return json.dumps({"results": records, "paging": {"next": {"after": "100"}}})


def deal(
    deal_id: str, *, archived: bool = False, companies: tuple[tuple[str, str], ...] = (), **properties: str
) -> dict[str, object]:
    """A deal as the API gives it: every property is a string."""
    return {
        "id": deal_id,
        "archived": archived,
        "properties": {
            "dealname": f"Deal {deal_id}",
            "dealstage": "qualifiedtobuy",
            "createdate": "2026-01-15T09:00:00.000Z",
            **properties,
        },
        "associations": {"companies": {"results": [{"id": each, "type": kind} for each, kind in companies]}},
    }


def contact(contact_id: str, **properties: str) -> dict[str, object]:
    return {
        "id": contact_id,
        "archived": False,
        "properties": {
            "email": f"{contact_id}@example.com",
            "lifecyclestage": "lead",
            "createdate": "2026-01-10T09:00:00Z",
            **properties,
        },
    }


def stage(stage_id: str, label: str, *, closed: str, probability: str) -> dict[str, object]:
    return {"id": stage_id, "label": label, "metadata": {"isClosed": closed, "probability": probability}}


def drop_api_pages(site: Site) -> None:
    site.drop(
        "hubspot/deals_old.json",
        page(deal("1", amount="100"), deal("2", amount="200")),
        at=OLDER,
    )
    site.drop(
        "hubspot/deals_new.json",
        page(
            deal(
                "1",
                amount="1234.56",
                hs_is_closed="true",
                hs_is_closed_won="false",
                hs_deal_stage_probability="0.2",
                closedate="2026-03-31T22:30:00Z",
                # the API lists an association of each kind; the plain one is the primary company's
                companies=(
                    ("500", "deal_to_company_unlabeled"),
                    ("501", "deal_to_company_unlabeled"),
                    ("502", "reseller"),
                    ("501", "deal_to_company"),
                ),
            ),
            deal("3", archived=True, amount="about 300"),
            deal(
                "4",
                amount="400",
                hs_primary_associated_company="504",
                companies=(("503", "deal_to_company_unlabeled"),),
                createdate="1768467600000",
                hs_merged_object_ids="41;42",
            ),
        ),
        at=NEWER,
    )
    site.drop(
        "hubspot/pipelines_old.json",
        page(
            {"id": "default", "label": "Ventes", "stages": [stage("1", "Qualifié", closed="false", probability="0.2")]},
            {"id": "old", "label": "Ancien", "stages": [stage("9", "Ancien", closed="false", probability="0.5")]},
        ),
        at=OLDER,
    )
    site.drop(
        "hubspot/pipelines_new.json",
        page(
            {
                "id": "default",
                "label": "Ventes",
                "stages": [
                    stage("qualifiedtobuy", "Qualifié", closed="false", probability="0.2"),
                    stage("closedwon", "Perdu", closed="true", probability="0.0"),
                    stage("77", "Signé", closed="true", probability="1.0"),
                ],
            }
        ),
        at=NEWER,
    )
    site.drop(
        "hubspot/contacts.json",
        page(
            contact(
                "11",
                email=" Ada@Example.com ",
                hs_merged_object_ids="12;13",
                hs_v2_date_entered_marketingqualifiedlead="2026-02-01T10:00:00Z",
            ),
            contact("14")
            | {
                "associations": {
                    "companies": {
                        "results": [
                            {"toObjectId": 501, "associationTypes": [{"typeId": 279, "label": None}]},
                            {
                                "toObjectId": 502,
                                "associationTypes": [{"typeId": 279, "label": None}, {"typeId": 1, "label": "Primary"}],
                            },
                        ]
                    }
                }
            },
        ),
        at=NEWER,
    )
    site.drop(
        "hubspot/owners.json",
        page(
            {"id": "7", "email": "Jo@Example.com", "firstName": "Jo", "lastName": "Roux", "archived": False},
            {"id": "8", "email": "left@example.com", "firstName": "Lou", "lastName": "Parti", "archived": True},
        ),
        at=NEWER,
    )
    site.drop(
        "hubspot/calls.json",
        page(
            {
                "id": "c1",
                "properties": {
                    "hs_timestamp": "2026-03-01T23:30:00Z",
                    "hs_call_direction": "INBOUND",
                    "hs_call_disposition": "f240bbac-87c9-4f6e-bf70-924b57d47db7",
                    "hs_call_duration": "65999",
                    "hs_call_status": "COMPLETED",
                },
                "associations": {"contacts": {"results": [{"id": "11", "type": "call_to_contact"}]}},
            }
        ),
        at=NEWER,
    )
    site.drop(
        "hubspot/emails.csv",
        dedent("""\
            id,hs_timestamp,hs_email_direction,hs_email_status
            e1,2026-03-01T08:00:00Z,EMAIL,SENT
            e2,2026-03-01T09:00:00Z,INCOMING_EMAIL,SENT
            e3,2026-03-01T10:00:00Z,FORWARDED_EMAIL,SENT
            e4,2026-03-01T11:00:00Z,EMAIL,BOUNCED
            e5,2026-03-01T12:00:00Z,EMAIL,SCHEDULED
            """),
        at=NEWER,
    )
    site.drop(
        "hubspot/meetings.csv",
        dedent("""\
            id,hs_meeting_start_time,hs_meeting_end_time,hs_meeting_outcome,hs_createdate
            m1,2026-03-05T14:00:00Z,2026-03-05T15:00:00Z,COMPLETED,2026-03-01T14:00:00Z
            m2,2026-03-05T16:00:00Z,2026-03-05T17:00:00Z,CANCELED,
            m3,2026-03-05T18:00:00Z,2026-03-05T19:00:00Z,NO_SHOW,
            """),
        at=NEWER,
    )
    site.drop(
        "hubspot/deal_property_history.csv",
        dedent("""\
            deal_id,name,value,timestamp
            1,dealstage,qualifiedtobuy,1768467600000
            1,dealstage,77,2026-02-01T10:00:00Z
            1,dealstage,qualifiedtobuy,2026-02-02T10:00:00Z
            1,hubspot_owner_id,8,2026-02-03T10:00:00Z
            1,amount,1234.56,2026-02-04T10:00:00Z
            1,amount,,2026-02-05T10:00:00Z
            1,closedate,2026-03-31T22:30:00Z,2026-02-06T10:00:00Z
            1,description,Renewal,2026-02-07T10:00:00Z
            """),
        at=NEWER,
    )


def drop_french_downloads(site: Site) -> None:
    """The file as downloaded, and the same one saved again by Excel."""
    site.drop("hubspot_fr/source.yml", "time_zone: Europe/Paris")
    site.drop(
        "hubspot_fr/toutes-les-transactions.csv",
        dedent("""\
            ID de fiche d'informations,Nom de la transaction,Phase de la transaction,Pipeline,Montant,Date de fermeture,Date de création,Propriétaire de la transaction,Montant HT
            9001,Café Lumière,Contrat signé,Ventes,"1\N{NARROW NO-BREAK SPACE}234,56",2026-03-31 00:30,2026-01-15 10:00,Zoé Noël,12
            9002,Boulangerie Été,Perdu,Ventes,"12,5",,2026-01-16 10:00,,
            """),  # noqa: E501
        encoding="utf-8-sig",
        at=NEWER,
    )
    site.drop("hubspot_excel/source.yml", "time_zone: Europe/Paris")
    # what the screens call the outcomes of calls and meetings, and probabilities as they show them
    site.drop(
        "hubspot_fr/reunions.csv",
        dedent("""\
            Record ID,Meeting start time,Résultat de la réunion
            m1,2026-02-02 10:00,Terminée
            m2,2026-02-02 11:00,ABSENCE
            m3,2026-02-02 12:00,Annulee
            m4,2026-02-02 13:00,Reportée
            m5,2026-02-02 14:00,Planifiée
            m6,2026-02-02 15:00,À rappeler
            """),
        at=NEWER,
    )
    site.drop(
        "hubspot_fr/appels.csv",
        dedent("""\
            Record ID,Date de l'activité,Direction de l'appel,Call status
            c1,2026-02-02 10:00,Entrant,Terminé
            c2,2026-02-02 11:00,Sortant,Annulé
            """),
        at=NEWER,
    )
    site.drop(
        "hubspot_fr/activites.csv",
        dedent("""\
            Record ID,Type d'activité,Date de l'activité,Activité attribuée à,Résultat de l'appel,Résultat de la réunion,Statut de la tâche
            a1,Réunion,2026-02-02 10:00,Zoé Noël,,Absence,
            a2,Appel,2026-02-02 11:00,Zoé Noël,Pas de réponse,,
            a3,Tâche,2026-02-02 12:00,Zoé Noël,,,Terminée
            a4,Tâche,2026-02-02 13:00,Zoé Noël,,,Non commencée
            """),  # noqa: E501
        at=NEWER,
    )
    site.drop(
        "hubspot_percent/deals.csv",
        dedent("""\
            Record ID,Deal Name,Deal Stage,Create Date,Deal probability
            1,With a sign,Open,2026-01-15 10:00,20%
            2,With a space,Open,2026-01-15 10:00,"12,5 %"
            3,Without a sign,Open,2026-01-15 10:00,"20"
            4,As the API,Open,2026-01-15 10:00,"0,2"
            5,Certain,Open,2026-01-15 10:00,1
            6,Of a hundredth,Open,2026-01-15 10:00,1%
            7,Nonsense,Open,2026-01-15 10:00,150%
            8,Less than nothing,Open,2026-01-15 10:00,-5
            """),
        at=NEWER,
    )
    site.drop(
        "hubspot_percent/pipelines.json",
        page(
            {
                "id": "p",
                "label": "P",
                "stages": [stage(each, each, closed="", probability=each) for each in ("20%", "100%")],
            }
        ),
        at=NEWER,
    )
    site.drop(
        "hubspot_excel/toutes-les-transactions.csv",
        dedent("""\
            ID de fiche d'informations;Nom de la transaction;Phase de la transaction;Pipeline;Montant;Date de fermeture;Date de création;Propriétaire de la transaction
            9001;Café Lumière;Contrat signé;Ventes;1\N{NO-BREAK SPACE}234,56 €;31/03/2026 00:30;15/01/2026 10:00;Zoé Noël
            9002;Boulangerie Été;Perdu;Ventes;12,5 €;;16/01/26 10:00;
            """),  # noqa: E501
        encoding="cp1252",
        at=NEWER,
    )


def drop_replicated_tables(site: Site) -> None:
    site.drop(
        "hubspot_replica/deal.csv",
        dedent("""\
            deal_id,deal_pipeline_id,deal_pipeline_stage_id,owner_id,property_dealname,property_amount,property_createdate,is_deleted,_fivetran_deleted,_fivetran_synced
            1,default,77,7,Kept,10,2026-01-15 09:00:00,FALSE,FALSE,2026-03-02 05:00:00
            2,default,77,7,In the bin,20,2026-01-15 09:00:00,TRUE,FALSE,2026-03-02 05:00:00
            3,default,77,7,Gone from the source,30,2026-01-15 09:00:00,FALSE,TRUE,2026-03-02 05:00:00
            """),
    )
    site.drop(
        "hubspot_replica/deal_company.csv",
        dedent("""\
            deal_id,company_id,type_id,_fivetran_synced
            1,501,341,2026-03-02 05:00:00
            1,502,5,2026-03-02 05:00:00
            1,502,341,2026-03-02 05:00:00
            2,503,341,2026-03-02 05:00:00
            """),
    )
    site.drop("hubspot_replica/deal_contact.csv", "deal_id,contact_id,type_id\n1,11,3\n1,12,3\n", at=NEWER)
    site.drop("hubspot_replica/merged_deal.csv", "deal_id,merged_deal_id\n1,91\n", at=NEWER)
    site.drop("hubspot_replica/contact_merge_audit.csv", "canonical_vid,vid_to_merge\n11,92\n", at=NEWER)
    site.drop(
        "hubspot_replica/contact.csv",
        dedent("""\
            id,property_email,property_lifecyclestage,property_createdate,property_hs_v2_date_entered_salesqualifiedlead
            11,a@example.com,customer,2026-01-10 09:00:00,2026-02-20 09:00:00
            12,b@example.com,lead,2026-01-10 09:00:00,2026-02-01 09:00:00
            """),
        at=NEWER,
    )
    site.drop(
        "hubspot_vues/contacts.csv",
        dedent("""\
            ID de fiche d'informations,E-mail,Phase de cycle de vie,Date de création
            1,a@example.com,Lead,2026-01-10 09:00
            2,b@example.com,marketingqualifiedlead,2026-01-11 09:00
            3,c@example.com,Lead qualifié marketing,2026-01-12 09:00
            4,d@example.com,Sales Qualified Lead,2026-01-13 09:00
            5,e@example.com,Lead qualifié commercial,2026-01-14 09:00
            6,f@example.com,Opportunité,2026-01-15 09:00
            7,g@example.com,,2026-01-16 09:00
            """),
        at=NEWER,
    )
    site.drop(
        "hubspot_replica/contact_property_history.csv",
        dedent("""\
            contact_id,name,value,timestamp
            11,lifecyclestage,marketingqualifiedlead,2026-01-12 09:00:00
            11,lifecyclestage,salesqualifiedlead,2026-01-15 09:00:00
            11,lifecyclestage,lead,2026-01-20 09:00:00
            11,lifecyclestage,marketingqualifiedlead,2026-02-12 09:00:00
            11,hs_lead_status,salesqualifiedlead,2026-01-01 09:00:00
            12,lifecyclestage,salesqualifiedlead,2026-02-05 09:00:00
            """),
        at=NEWER,
    )
    site.drop(
        "hubspot_replica/engagement_deal.csv",
        "engagement_id,deal_id,_fivetran_deleted\n71,2,false\n71,1,false\n72,1,true\n",
        at=NEWER,
    )
    site.drop(
        "hubspot_replica/deal_stage.csv",
        "deal_id,value,date_entered\n1,qualifiedtobuy,2026-02-01 10:00:00\n1,77,2026-02-02 10:00:00\n",
        at=NEWER,
    )


def drop_airbyte_tables(site: Site) -> None:
    """Tables as Airbyte replicates them: a prefix before each property, lists of associated ids as JSON."""
    site.drop(
        "hubspot_airbyte/deals.csv",
        dedent("""\
            id,archived,companies,contacts,createdAt,updatedAt,properties_dealname,properties_dealstage,properties_pipeline,properties_amount,properties_createdate,properties_closedate,properties_hubspot_owner_id,properties_hs_is_closed_won
            101,false,"[""900"",""901""]","[""501"",""502""]",2026-01-02T10:00:00Z,2026-02-01T10:00:00Z,Acme,closedwon,default,1000,2026-01-01T10:00:00Z,2026-02-01T10:00:00Z,77,true
            102,false,[],,2026-01-02T10:00:00Z,2026-02-01T10:00:00Z,Bolt,closedwon,default,10,,2026-02-01T10:00:00Z,77,true
            """),
        at=NEWER,
    )
    site.drop(
        "hubspot_airbyte/contacts.csv",
        "id,companies,createdAt,updatedAt,properties_email,properties_lifecyclestage\n"
        '501,"[""900""]",2026-01-02T10:00:00Z,2026-02-01T10:00:00Z,ada@example.com,lead\n',
        at=NEWER,
    )
    site.drop(
        "hubspot_airbyte/engagements_calls.csv",
        "id,contacts,deals,properties_hs_timestamp,properties_hs_call_direction\n"
        '7,"[""501""]","[""101""]",2026-02-01T10:00:00Z,OUTBOUND\n',
        at=NEWER,
    )


def drop_parquet(site: Site) -> None:
    path = site.root / "deals.parquet"
    duckdb.sql(f"""
        copy (
            select '1' as id, 'A' as dealname, '1' as dealstage, timestamp '2026-01-01 10:00:00' as createdate,
                12500000.1::double as amount, [501, 502] as contacts, ['900'] as companies
            union all
            select '2', 'B', '1', timestamp '2026-01-01 10:00:00', 0.1::double + 0.2::double, [], null
        ) to '{path}'
    """)
    site.drop("hubspot_parquet/deals.parquet", path.read_bytes(), at=NEWER)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("hubspot"))
    drop_api_pages(made)
    drop_french_downloads(made)
    drop_replicated_tables(made)
    drop_airbyte_tables(made)
    drop_parquet(made)
    assert not made.load().failures
    made.dbt("run", "--select", "staging.hubspot")
    return made


def deal_of(site: Site, opportunity_id: str, columns: str) -> tuple[object, ...]:
    (found,) = site.marts(f"select {columns} from staging.stg_hubspot__deals where opportunity_id = '{opportunity_id}'")
    return found


def test_the_newest_delivery_of_a_deal_wins(site: Site) -> None:
    assert str(deal_of(site, "hubspot:1", "amount_local")[0]) == "1234.56"


def test_booleans_and_probabilities_that_the_api_writes_as_strings_are_read(site: Site) -> None:
    assert deal_of(site, "hubspot:1", "is_closed, is_won, probability") == (True, False, 0.2)


@pytest.mark.parametrize(
    ("deal", "probability"),
    [("1", 0.2), ("2", 0.125), ("3", 0.2), ("4", 0.2), ("5", 1.0), ("6", 0.01), ("7", None), ("8", None)],
)
def test_a_probability_in_percent_is_a_share_of_one(site: Site, deal: str, probability: float | None) -> None:
    (found,) = deal_of(site, f"hubspot_percent:{deal}", "probability")
    assert found == (None if probability is None else pytest.approx(probability))


def test_a_stage_of_a_hundred_percent_is_the_one_that_wins(site: Site) -> None:
    assert site.marts("""
        select source_stage, is_closed, is_won from staging.stg_hubspot__pipeline_stages
        where source_instance = 'hubspot_percent' order by 1
    """) == [("100%", True, True), ("20%", False, False)]


def test_outcomes_of_meetings_are_read_in_french(site: Site) -> None:
    assert site.marts("""
        select split_part(activity_id, ':', 2), source_outcome, is_completed from staging.stg_hubspot__meetings
        where source_instance = 'hubspot_fr' order by 1
    """) == [
        ("m1", "completed", True),
        ("m2", "no_show", True),
        ("m3", "canceled", False),
        ("m4", "rescheduled", True),
        ("m5", "scheduled", True),
        ("m6", "à rappeler", True),
    ]


def test_directions_and_states_of_calls_are_read_in_french(site: Site) -> None:
    assert site.marts("""
        select split_part(activity_id, ':', 2), direction, is_completed from staging.stg_hubspot__calls
        where source_instance = 'hubspot_fr' order by 1
    """) == [("c1", "inbound", True), ("c2", "outbound", False)]


def test_a_combined_export_of_activities_is_read_in_french(site: Site) -> None:
    assert site.marts("""
        select activity_type, source_outcome, is_completed from staging.stg_hubspot__activities
        where source_instance = 'hubspot_fr' order by activity_id
    """) == [
        ("meeting", "no_show", True),
        ("call", "Pas de réponse", True),
        ("task", None, True),
        ("task", None, False),
    ]


def test_the_exported_text_stays_in_the_landing_database(site: Site) -> None:
    assert site.raw(
        "select hs_meeting_outcome from hubspot.meetings where id = 'm3' and _source_instance = 'hubspot_fr'"
    ) == [("Annulee",)]


def test_a_time_late_in_the_evening_closes_the_deal_on_the_next_day_in_paris(site: Site) -> None:
    assert deal_of(site, "hubspot:1", "closed_at, close_date") == (
        at("2026-03-31 22:30"),
        dt.date(2026, 4, 1),
    )


def test_epoch_milliseconds_and_iso_times_are_the_same_moment(site: Site) -> None:
    assert deal_of(site, "hubspot:1", "created_at") == deal_of(site, "hubspot:4", "created_at")


def test_of_several_companies_in_a_page_of_the_api_the_primary_one_is_the_account(site: Site) -> None:
    assert deal_of(site, "hubspot:1", "account_source_id") == ("hubspot:501",)
    assert site.raw(
        "select distinct associated_company_ids from hubspot.deals where id = '1' and amount = '1234.56'"
    ) == [("501;502;500",)]


def test_a_primary_company_by_its_label_is_the_account(site: Site) -> None:
    assert site.marts("""
        select account_source_id from staging.stg_hubspot__contacts where person_source_id = 'hubspot:14'
    """) == [("hubspot:502",)]


def test_the_company_a_deal_names_as_its_primary_one_is_the_account(site: Site) -> None:
    assert deal_of(site, "hubspot:4", "account_source_id") == ("hubspot:504",)


def test_of_associated_companies_in_a_table_the_primary_one_is_the_account(site: Site) -> None:
    assert deal_of(site, "hubspot_replica:1", "account_source_id") == ("hubspot_replica:502",)


def test_a_sole_company_is_the_account_without_being_marked_primary(site: Site) -> None:
    assert deal_of(site, "hubspot_replica:2", "account_source_id") == ("hubspot_replica:503",)


@pytest.mark.parametrize(
    ("opportunity_id", "is_deleted"),
    [
        pytest.param("hubspot:1", False, id="listed"),
        pytest.param("hubspot:2", True, id="absent from the newest export"),
        pytest.param("hubspot:3", True, id="archived"),
        pytest.param("hubspot_replica:1", False, id="replicated"),
        pytest.param("hubspot_replica:2", True, id="deleted in HubSpot"),
        pytest.param("hubspot_replica:3", True, id="deleted for the connector"),
    ],
)
def test_deleted_deals_are_kept_and_flagged(site: Site, opportunity_id: str, is_deleted: bool) -> None:
    assert deal_of(site, opportunity_id, "is_deleted") == (is_deleted,)


def test_an_amount_that_is_no_number_is_null(site: Site) -> None:
    assert deal_of(site, "hubspot:3", "amount_local") == (None,)


@pytest.mark.parametrize("instance", ["hubspot_fr", "hubspot_excel"])
def test_a_french_download_reads_alike_whoever_saved_it(site: Site, instance: str) -> None:
    found = deal_of(
        site,
        f"{instance}:9001",
        "opportunity_name, source_stage, pipeline, amount_local::text, created_at, close_date, owner_source_id",
    )
    assert found == (
        "Café Lumière",
        "Contrat signé",
        "Ventes",
        "1234.56",
        at("2026-01-15 09:00"),
        dt.date(2026, 3, 31),
        f"{instance}:Zoé Noël",
    )


@pytest.mark.parametrize("instance", ["hubspot_fr", "hubspot_excel"])
def test_years_of_two_digits_are_of_this_century(site: Site, instance: str) -> None:
    assert deal_of(site, f"{instance}:9002", "created_at") == (at("2026-01-16 09:00"),)


def test_a_column_of_the_portals_own_is_kept_as_a_custom_field(site: Site) -> None:
    assert deal_of(site, "hubspot_fr:9001", "custom_fields") == ('{"Montant HT":"12"}',)


def test_a_deal_that_returns_to_a_stage_has_entered_it_twice(site: Site) -> None:
    assert site.marts("""
        select source_stage, changed_at from staging.stg_hubspot__deal_changes
        where opportunity_id = 'hubspot:1' and field_name = 'stage' order by changed_at
    """) == [
        ("qualifiedtobuy", at("2026-01-15 09:00")),
        ("77", at("2026-02-01 10:00")),
        ("qualifiedtobuy", at("2026-02-02 10:00")),
    ]


@pytest.mark.parametrize(
    ("field", "column", "values"),
    [
        ("owner", "owner_source_id", ["hubspot:8"]),
        ("amount", "amount_local::text", ["1234.56", None]),
        ("close_date", "close_date::text", ["2026-04-01"]),
        ("description", "source_stage", []),
    ],
)
def test_property_history_gives_what_the_kpis_need(site: Site, field: str, column: str, values: list[object]) -> None:
    found = site.marts(f"""
        select {column} from staging.stg_hubspot__deal_changes
        where opportunity_id = 'hubspot:1' and field_name = '{field}' order by changed_at
    """)
    assert [value for (value,) in found] == values


def test_replicated_stage_history_is_stage_changes_too(site: Site) -> None:
    assert site.marts("""
        select field_name, source_stage from staging.stg_hubspot__deal_changes
        where source_instance = 'hubspot_replica' order by changed_at
    """) == [("stage", "qualifiedtobuy"), ("stage", "77")]


def test_merged_records_point_to_the_one_that_was_kept(site: Site) -> None:
    assert site.marts(
        "select entity, merged_source_id, kept_source_id from staging.stg_hubspot__merges order by all"
    ) == [
        ("opportunity", "hubspot:41", "hubspot:4"),
        ("opportunity", "hubspot:42", "hubspot:4"),
        ("opportunity", "hubspot_replica:91", "hubspot_replica:1"),
        ("person", "hubspot:12", "hubspot:11"),
        ("person", "hubspot:13", "hubspot:11"),
        ("person", "hubspot_replica:92", "hubspot_replica:11"),
    ]


@pytest.mark.parametrize(
    ("stage_id", "is_closed", "is_won"),
    [("qualifiedtobuy", False, False), ("closedwon", True, False), ("77", True, True)],
)
def test_what_a_stage_means_is_its_probability_not_its_id(
    site: Site, stage_id: str, is_closed: bool, is_won: bool
) -> None:
    assert site.marts(f"""
        select is_closed, is_won from staging.stg_hubspot__pipeline_stages where source_stage = '{stage_id}'
    """) == [(is_closed, is_won)]


def test_a_pipeline_deleted_in_hubspot_keeps_its_last_labels(site: Site) -> None:
    assert site.marts("""
        select source_label, is_deleted from staging.stg_hubspot__pipeline_stages where pipeline = 'old'
    """) == [("Ancien", True)]


def test_an_archived_owner_is_known_and_inactive(site: Site) -> None:
    assert site.marts("select user_name, user_email, is_active from staging.stg_hubspot__owners order by all") == [
        ("Jo Roux", "jo@example.com", True),
        ("Lou Parti", "left@example.com", False),
    ]


def test_a_contact_carries_a_plain_address_and_the_day_it_became_an_mql(site: Site) -> None:
    assert site.marts("""
        select person_email, mql_at, sql_at from staging.stg_hubspot__contacts where person_source_id = 'hubspot:11'
    """) == [("ada@example.com", at("2026-02-01 10:00"), None)]


def test_a_contact_is_qualified_when_its_history_or_its_date_says_so_first(site: Site) -> None:
    assert site.marts("""
        select split_part(person_source_id, ':', 2), mql_at, sql_at from staging.stg_hubspot__contacts
        where source_instance = 'hubspot_replica' order by 1
    """) == [("11", at("2026-01-12 09:00"), at("2026-01-15 09:00")), ("12", None, at("2026-02-01 09:00"))]


def test_a_present_stage_without_a_date_is_as_old_as_its_contact(site: Site) -> None:
    assert site.marts("""
        select split_part(person_source_id, ':', 2), mql_at = created_at, sql_at = created_at
        from staging.stg_hubspot__contacts where source_instance = 'hubspot_vues' order by 1
    """) == [
        ("1", None, None),
        ("2", True, None),
        ("3", True, None),
        ("4", None, True),
        ("5", None, True),
        ("6", None, None),
        ("7", None, None),
    ]


def test_activities_belong_to_deals_by_a_table_of_associations(site: Site) -> None:
    assert site.marts("select activity_id, opportunity_id from staging.stg_hubspot__activity_deals") == [
        ("hubspot_replica:71", "hubspot_replica:1")
    ]


def test_a_calls_milliseconds_are_whole_seconds_and_its_day_is_local(site: Site) -> None:
    assert site.marts("""
        select direction, duration_seconds, occurred_at, occurred_date, is_completed from staging.stg_hubspot__calls
        where source_instance = 'hubspot'
    """) == [("inbound", 65, at("2026-03-01 23:30"), dt.date(2026, 3, 2), True)]


@pytest.mark.parametrize(
    ("email", "direction", "is_completed", "is_deleted"),
    [
        pytest.param("e1", "outbound", True, False, id="sent"),
        pytest.param("e2", "inbound", True, False, id="received"),
        pytest.param("e3", "outbound", True, True, id="a forwarded copy is not an e-mail of its own"),
        pytest.param("e4", "outbound", True, False, id="bounced"),
        pytest.param("e5", "outbound", False, False, id="scheduled is not sent"),
    ],
)
def test_emails_are_told_apart(site: Site, email: str, direction: str, is_completed: bool, is_deleted: bool) -> None:
    assert site.marts(f"""
        select direction, is_completed, is_deleted from staging.stg_hubspot__emails
        where activity_id = 'hubspot:{email}'
    """) == [(direction, is_completed, is_deleted)]


def test_a_cancelled_meeting_did_not_take_place(site: Site) -> None:
    assert site.marts("""
        select source_outcome, is_completed from staging.stg_hubspot__meetings
        where source_instance = 'hubspot' order by activity_id
    """) == [
        ("completed", True),
        ("canceled", False),
        ("no_show", True),
    ]


def test_a_meeting_is_recorded_when_it_was_booked(site: Site) -> None:
    assert site.marts("""
        select recorded_at, occurred_at from staging.stg_hubspot__meetings where activity_id = 'hubspot:m1'
    """) == [(at("2026-03-01 14:00"), at("2026-03-05 14:00"))]


def test_the_people_of_activities_and_deals_are_linked(site: Site) -> None:
    assert site.marts("""
        select activity_id, person_source_id from staging.stg_hubspot__activity_contacts
        where activity_id like 'hubspot:%'
    """) == [("hubspot:c1", "hubspot:11")]
    assert site.marts("""
        select person_source_id from staging.stg_hubspot__deal_contacts
        where opportunity_id like 'hubspot_replica:%' order by all
    """) == [
        ("hubspot_replica:11",),
        ("hubspot_replica:12",),
    ]


@pytest.mark.parametrize(
    ("deal", "expected"),
    [
        pytest.param("hubspot_airbyte:101", ("Acme", "1000.00", at("2026-01-01 10:00"), "900", True), id="listed"),
        pytest.param("hubspot_airbyte:102", ("Bolt", "10.00", None, None, True), id="an empty list"),
        pytest.param("hubspot_parquet:1", ("A", "12500000.10", at("2026-01-01 10:00"), "900", None), id="in Parquet"),
        pytest.param("hubspot_parquet:2", ("B", "0.30", at("2026-01-01 10:00"), None, None), id="a double's noise"),
    ],
)
def test_a_replicated_deal_is_read_whatever_stands_before_its_properties(
    site: Site, deal: str, expected: tuple[object, ...]
) -> None:
    *known, company, is_won = expected
    account = company and f"{deal.split(':')[0]}:{company}"
    columns = "opportunity_name, amount_local::text, created_at, account_source_id, is_won"
    assert deal_of(site, deal, columns) == (*known, account, is_won)


def test_ids_in_lists_of_json_and_of_parquet_are_people_and_deals(site: Site) -> None:
    assert site.marts("""
        select opportunity_id, person_source_id from staging.stg_hubspot__deal_contacts
        where split_part(opportunity_id, ':', 1) in ('hubspot_airbyte', 'hubspot_parquet') order by all
    """) == [
        ("hubspot_airbyte:101", "hubspot_airbyte:501"),
        ("hubspot_airbyte:101", "hubspot_airbyte:502"),
        ("hubspot_parquet:1", "hubspot_parquet:501"),
        ("hubspot_parquet:1", "hubspot_parquet:502"),
    ]
    assert site.marts("""
        select account_source_id, created_at from staging.stg_hubspot__contacts
        where source_instance = 'hubspot_airbyte'
    """) == [("hubspot_airbyte:900", at("2026-01-02 10:00"))]
    assert site.marts("""
        select opportunity_id from staging.stg_hubspot__calls where source_instance = 'hubspot_airbyte'
    """) == [("hubspot_airbyte:101",)]
