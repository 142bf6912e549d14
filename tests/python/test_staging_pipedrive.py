"""What staging promises of Pipedrive: API pages, list-view downloads and the change log of deals."""

from __future__ import annotations

import datetime as dt
import json
from textwrap import dedent

import pytest

from conftest import Site

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipedrive")]

at = dt.datetime.fromisoformat

OLDER, NEWER = "2026-03-01 06:00", "2026-03-02 06:00"
CUSTOM_FIELD = "a1b2c3d4e5" * 4


def page(*records: dict[str, object]) -> str:
    """A page as the API answers."""
    return json.dumps({"success": True, "data": records})


def drop_api_pages(site: Site) -> None:
    site.drop(
        "pipedrive/deals_old.csv",
        dedent("""\
            id,title,value,currency,status,stage_id,add_time
            1,First,100,EUR,open,1,2026-01-15 09:00:00
            9,Vanished,900,EUR,open,1,2026-01-15 09:00:00
            """),
        at=OLDER,
    )
    deal = {"currency": "EUR", "stage_id": 3, "pipeline_id": 2, "add_time": "2026-01-15 09:00:00"}
    site.drop(
        "pipedrive/deals_new.json",
        page(
            deal
            | {
                "id": 1,
                "title": "First",
                "value": 1234.56,
                "status": "won",
                "user_id": {"id": 7, "name": "Jo Roux"},
                "person_id": {"name": "Ada", "value": 31},
                "org_id": {"name": "Example", "value": 41},
                "won_time": "2026-03-01 23:30:00",
                "local_won_date": "2026-03-02",
                "expected_close_date": "2026-02-01",
                "probability": 80,
                CUSTOM_FIELD: "gold",
            },
            deal | {"id": 2, "title": "Lost", "value": "n/a", "status": "lost", "lost_time": "2026-02-10 10:00:00"},
            deal
            | {"id": 3, "title": "Open", "value": 30, "status": "open", "expected_close_date": "2026-04-30"}
            | {"probability": "80 %"},
            deal | {"id": 4, "title": "Merged away", "value": 40, "status": "deleted"},
            deal | {"id": 5, "title": "Second of its id", "value": 50, "status": "won", "add_time": None},
        ),
        at=NEWER,
    )
    site.drop(
        "pipedrive/persons.json",
        page(
            {
                "id": 31,
                "name": "Ada Lace",
                "email": [
                    {"value": "old@example.com", "primary": False},
                    {"value": "Ada@Example.com", "primary": True},
                ],
                "org_id": {"name": "Example", "value": 41},
                "owner_id": {"id": 7},
                "add_time": "2026-01-10 09:00:00",
            }
        ),
        at=NEWER,
    )
    site.drop("pipedrive/stages.csv", "id,name,pipeline_id,order_nr\n1,Qualified,2,1\n8,Retired,2,2\n", at=OLDER)
    site.drop("pipedrive/stages_new.csv", "id,name,pipeline_id,order_nr\n1,Qualified,2,1\n3,Offer,2,2\n", at=NEWER)
    site.drop(
        "pipedrive/users.csv",
        "id,name,email,active_flag\n7,Jo Roux,Jo@Example.com,1\n8,Lou Parti,lou@example.com,0\n",
        at=NEWER,
    )
    site.drop(
        "pipedrive/activities.csv",
        dedent("""\
            id,type,done,due_date,due_time,duration,add_time,marked_as_done_time,deal_id,person_id,user_id
            1,Call,1,2026-03-01,23:30,00:45,2026-02-20 09:00:00,2026-03-01 23:50:00,1,31,7
            2,meeting,0,2026-03-10,,01:30,2026-02-20 09:00:00,,,31,7
            3,task,true,,,,2026-02-20 09:00:00,2026-03-02 08:00:00,1,,7
            4,call,true,2026-03-01,23:30,00:15:20,2026-02-20 09:00:00,,1,,7
            5,meeting,true,2026-03-01,23:30,120:05,2026-02-20 09:00:00,,1,,7
            6,call,true,2026-03-01,23:30,1:00:07,2026-02-20 09:00:00,,1,,7
            7,call,true,2026-03-01,23:30,15 min,2026-02-20 09:00:00,,1,,7
            """),
        at=NEWER,
    )


def drop_first_api(site: Site) -> None:
    """Pages of the first version: one deal, and one person, without an organization."""
    deal = {"value": 10, "currency": "EUR", "status": "open", "stage_id": 1, "add_time": "2026-01-15 09:00:00"}
    owner = {"id": 7, "name": "Jo Roux", "email": "jo@example.com", "value": 7}
    site.drop(
        "pipedrive_v1/deals.json",
        page(
            deal
            | {"id": 1, "title": "A", "user_id": owner, "person_id": {"name": "Ada", "value": 31}}
            | {"org_id": {"name": "Alpha SAS", "value": 11, "owner_id": 7}, "org_name": "Alpha SAS"},
            deal | {"id": 2, "title": "B", "user_id": owner, "person_id": None, "org_id": None, "org_name": None},
            deal | {"id": 3, "title": "C", "user_id": 8, "person_id": 32, "org_id": 12, "org_name": "Beta SARL"},
        ),
        at=NEWER,
    )
    site.drop(
        "pipedrive_v1/persons.json",
        page(
            {"id": 31, "name": "Ada", "org_id": {"name": "Alpha SAS", "value": 11}, "owner_id": owner},
            {"id": 32, "name": "Bob", "org_id": None, "owner_id": None},
        ),
        at=NEWER,
    )


def drop_change_log(site: Site) -> None:
    """Id 5 is added twice; id 6 was lost, id 7 reopened, and neither is listed any more."""
    site.drop(
        "pipedrive/deal_changes.csv",
        dedent("""\
            deal_id,field_key,old_value,new_value,change_time
            1,stage_id,,1,2026-01-15 09:00:00
            1,stage_id,1,3,2026-02-01 09:00:00
            1,stage_id,3,1,2026-02-02 09:00:00
            1,user_id,8,7,2026-02-03 09:00:00
            1,value,100,1234.56,2026-02-04 09:00:00
            1,expected_close_date,,2026-02-01,2026-02-05 09:00:00
            1,expected_close_date,2026-02-01,,2026-02-06 09:00:00
            5,add_time,,2026-01-05 10:15:30,2026-01-05 10:15:30
            5,stage_id,,1,2026-01-05 10:15:30
            5,value,,500,2026-01-05 10:15:30
            5,stage_id,1,2,2026-01-10 11:00:00
            5,add_time,,2026-01-20 16:45:00,2026-01-20 16:45:00
            5,stage_id,,11,2026-01-20 16:45:00
            5,stage_id,2,3,2026-01-25 10:15:30
            5,stage_id,11,13,2026-01-26 16:45:00
            5,status,open,won,2026-01-27 09:00:00
            5,lost_reason,,Price,2026-01-28 10:15:30
            6,add_time,,2026-01-05 09:00:00,2026-01-05 09:00:00
            6,stage_id,,1,2026-01-05 09:00:00
            6,lost_reason,,Budget,2026-01-06 09:00:00
            7,add_time,,2026-01-05 09:00:00,2026-01-05 09:00:00
            7,stage_id,,1,2026-01-05 09:00:00
            7,lost_reason,,Budget,2026-01-06 09:00:00
            7,lost_reason,Budget,,2026-01-07 09:00:00
            """),
        at=NEWER,
    )


def drop_list_view(site: Site) -> None:
    site.drop(
        "pipedrive_ui/deals.csv",
        dedent("""\
            Deal - ID,Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Status,Deal - Stage,Deal - Pipeline,Deal - Owner,Deal - Deal created,Deal - Won time
            1,First,"1,234.56",usd,Won,Offer,New business,Jo Roux,2026-01-15 09:00:00,2026-03-01 23:30:00
            """),  # noqa: E501
        at=NEWER,
    )
    # ids and names side by side; a second deal is known by names alone
    site.drop(
        "pipedrive_ids/deals.csv",
        dedent("""\
            Deal - ID,Deal - Title,Deal - Value,Deal - Status,Deal - Stage,Deal - Organization,Deal - Organization ID,Deal - Contact person,Deal - Contact person ID
            1,First,1200,Open,Offer,Alpha SAS,11,Ada Lace,31
            2,Second,500,Open,Offer,,,,
            """),  # noqa: E501
        at=NEWER,
    )
    site.drop(
        "pipedrive_ids/people.csv",
        "Person - ID,Person - Name,Person - Organization,Person - Organization ID\n31,Ada Lace,Alpha SAS,11\n",
        at=NEWER,
    )
    site.drop(
        "pipedrive_ids/activities.csv",
        dedent("""\
            Activity - ID,Activity - Type,Activity - Done,Activity - Due date,Activity - Deal,Activity - Deal ID,Activity - Contact person,Activity - Contact person ID
            1,Call,Done,2026-02-20,First,1,Ada Lace,31
            """),  # noqa: E501
        at=NEWER,
    )
    site.drop(
        "pipedrive_names/activities.csv",
        dedent("""\
            Activity - ID,Activity - Type,Activity - Done,Activity - Due date,Activity - Deal,Activity - Contact person
            1,Call,Done,2026-02-20,First,Ada Lace
            """),
        at=NEWER,
    )
    site.drop(
        "pipedrive_fr/affaires_deals.csv",
        dedent("""\
            Affaire - ID;Affaire - Titre;Affaire - Valeur;Affaire - Devise de Valeur;Affaire - Statut;Affaire - Étape;Affaire - Propriétaire;Affaire - Affaire créée
            1;Été;1 234,56;EUR;Ouvert;Offre;Jo Roux;15/01/2026 09:00
            2;Gagnée;1 234,56;EUR;Gagné;Offre;Jo Roux;15/01/2026 09:00
            3;Perdue;1 234,56;EUR;perdu;Offre;Jo Roux;15/01/2026 09:00
            4;Retirée;1 234,56;EUR;Supprime;Offre;Jo Roux;15/01/2026 09:00
            """),  # noqa: E501
        at=NEWER,
        encoding="cp1252",
    )
    site.drop(
        "pipedrive_fr/activités.csv",
        dedent("""\
            Activité - ID;Activité - Type;Activité - Fait;Activité - Due date
            1;Appel;Fait;20/02/2026
            2;Réunion;À faire;20/02/2026
            3;E-mail;Oui;20/02/2026
            4;Tâche;Non;20/02/2026
            5;Démo sur site;a faire;20/02/2026
            """),
        at=NEWER,
        encoding="cp1252",
    )


def drop_french_list_views(site: Site) -> None:
    """List views of all their columns, of an account in French; apostrophes are typographical in some."""
    site.drop(
        "pipedrive_vues/deals-14528870-77.csv",
        dedent("""\
            Affaire - ID,Affaire - Titre,Affaire - Valeur,Affaire - Devise de Valeur,Affaire - Statut,Affaire - Étape,Affaire - Pipeline,Affaire - Propriétaire,Affaire - Organisation,Affaire - Personne à contacter,Affaire - Affaire créée,Affaire - Heure de mise à jour,Affaire - Date de gain,Affaire - Date de perte,Affaire - Raison de la perte,Affaire - Date de clôture prévue,Affaire - Probabilité
            1,Pains,12500.5,EUR,Gagné,Proposition,Ventes,Inès Roy,Durand,Claire,2026-01-01 10:00:00,2026-02-02 10:00:00,2026-02-02 10:00:00,,,2026-03-31,
            2,Fours,8000,EUR,Perdu,Négociation,Ventes,Inès Roy,Nouvelle,Nadia,2026-01-03 10:00:00,2026-02-05 10:00:00,,2026-02-05 10:00:00,Trop cher,2026-03-31,
            3,Levain,500,EUR,Ouvert,Négociation,Ventes,Inès Roy,Durand,Claire,2026-01-03 10:00:00,2026-02-05 10:00:00,,,,2026-03-31,80
            """),  # noqa: E501
        at=NEWER,
    )
    site.drop(
        "pipedrive_echecs/deals.csv",
        "Affaire - ID,Affaire - Titre,Affaire - Valeur,Affaire - Statut,Affaire - Étape,Affaire - Heure de l’échec\n"
        "1,Fours,8000,Perdu,Négociation,2026-02-05 10:00:00\n",
        at=NEWER,
    )
    site.drop(
        "pipedrive_vues/people-14528870-78.csv",
        dedent("""\
            Personne - ID,Personne - Nom,Personne - Organisation,Personne - E-mail - Travail,Personne - E-mail - Domicile,Personne - E-mail - Autre,Personne - Propriétaire
            7,Claire Durand,Durand,Claire@durand.fr,claire@home.fr,,Inès Roy
            8,Nadia Chérif,Nouvelle,,,nadia@autre.fr,Inès Roy
            """),  # noqa: E501
        at=NEWER,
    )
    site.drop(
        "pipedrive_homes/people.csv",
        "Person - ID,Person - Name,Person - Email - Work,Person - Email - Home,Person - Email - Other\n"
        "1,Ada Lace,,ada@home.com,ada@other.com\n",
        at=NEWER,
    )
    site.drop(
        "pipedrive_vues/activities-14528870-79.csv",
        dedent("""\
            Activité - ID,Activité - Type,Activité - Fait,Activité - Objet,Activité - Date d’échéance,Activité - Heure d’échéance,Activité - Durée,Activité - Affaire,Activité - Personne à contacter,Activité - Attribué à l’utilisateur,Activité - Date d’ajout,Activité - Marquée comme terminée
            31,Appel,Fait,Relance,2026-02-01,14:30,00:15,Pains,Claire Durand,Inès Roy,2026-01-30 09:00:00,2026-02-01 15:00:00
            """),  # noqa: E501
        at=NEWER,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("pipedrive"))
    drop_api_pages(made)
    drop_first_api(made)
    drop_change_log(made)
    drop_list_view(made)
    drop_french_list_views(made)
    assert not made.load().failures
    made.dbt("run", "--select", "staging.pipedrive")
    return made


def deal_of(site: Site, opportunity_id: str, columns: str) -> tuple[object, ...]:
    (found,) = site.marts(
        f"select {columns} from staging.stg_pipedrive__deals where opportunity_id = '{opportunity_id}'"
    )
    return found


def test_the_newest_delivery_of_a_deal_wins_with_what_the_api_nests(site: Site) -> None:
    found = deal_of(
        site,
        "pipedrive:1",
        "amount_local::text, owner_source_id, person_source_id, account_source_id, pipeline, probability",
    )
    assert found == ("1234.56", "pipedrive:7", "pipedrive:31", "pipedrive:41", "2", 0.8)


def test_times_are_utc_and_the_close_date_is_the_local_day(site: Site) -> None:
    assert deal_of(site, "pipedrive:1", "closed_at, close_date") == (
        at("2026-03-01 23:30"),
        dt.date(2026, 3, 2),
    )


def test_an_open_deal_carries_its_expected_close_date_unshifted(site: Site) -> None:
    assert deal_of(site, "pipedrive:3", "closed_at, close_date") == (None, dt.date(2026, 4, 30))


@pytest.mark.parametrize(
    ("opportunity_id", "is_closed", "is_won", "is_deleted"),
    [
        pytest.param("pipedrive:1", True, True, False, id="won"),
        pytest.param("pipedrive:2", True, False, False, id="lost"),
        pytest.param("pipedrive:3", False, False, False, id="open"),
        pytest.param("pipedrive:4", None, None, True, id="deleted or merged away"),
        pytest.param("pipedrive:9", False, False, True, id="absent from the newest export"),
    ],
)
def test_the_status_says_how_a_deal_stands(
    site: Site, opportunity_id: str, is_closed: bool | None, is_won: bool | None, is_deleted: bool
) -> None:
    assert deal_of(site, opportunity_id, "is_closed, is_won, is_deleted") == (is_closed, is_won, is_deleted)


def test_an_amount_that_is_no_number_is_null(site: Site) -> None:
    assert deal_of(site, "pipedrive:2", "amount_local") == (None,)


def test_a_probability_with_its_sign_reads_as_one_without(site: Site) -> None:
    assert deal_of(site, "pipedrive:3", "probability") == deal_of(site, "pipedrive:1", "probability") == (0.8,)


def test_a_custom_field_is_kept_under_its_key_of_forty_digits(site: Site) -> None:
    (fields,) = deal_of(site, "pipedrive:1", "custom_fields")
    assert json.loads(str(fields))[CUSTOM_FIELD] == "gold"


def test_a_list_view_is_read_by_its_titles(site: Site) -> None:
    found = deal_of(
        site,
        "pipedrive_ui:1",
        "amount_local::text, currency_code, is_won, source_stage, owner_source_id, created_at, close_date",
    )
    assert found == (
        "1234.56",
        "USD",
        True,
        "Offer",
        "pipedrive_ui:Jo Roux",
        at("2026-01-15 09:00"),
        dt.date(2026, 3, 2),
    )


def test_a_french_list_view_is_read_by_its_titles(site: Site) -> None:
    found = deal_of(site, "pipedrive_fr:1", "opportunity_name, amount_local::text, source_stage, created_at")
    assert found == ("Été", "1234.56", "Offre", at("2026-01-15 09:00"))


@pytest.mark.parametrize(
    ("number", "is_closed", "is_won", "is_deleted"),
    [
        pytest.param(1, False, False, False, id="Ouvert"),
        pytest.param(2, True, True, False, id="Gagné"),
        pytest.param(3, True, False, False, id="perdu"),
        pytest.param(4, None, None, True, id="Supprime"),
    ],
)
def test_a_status_is_read_in_french(
    site: Site, number: int, is_closed: bool | None, is_won: bool | None, is_deleted: bool
) -> None:
    assert deal_of(site, f"pipedrive_fr:{number}", "is_closed, is_won, is_deleted") == (is_closed, is_won, is_deleted)


def test_activities_are_read_in_french(site: Site) -> None:
    assert site.marts("""
        select activity_type, is_completed from staging.stg_pipedrive__activities
        where source_instance = 'pipedrive_fr' order by activity_id
    """) == [("call", True), ("meeting", False), ("email", True), ("task", False), ("démo sur site", False)]


@pytest.mark.parametrize(
    ("deal", "expected"),
    [
        pytest.param("pipedrive_vues:1", (at("2026-02-02 10:00"), dt.date(2026, 2, 2), None, None), id="won"),
        pytest.param("pipedrive_vues:2", (at("2026-02-05 10:00"), dt.date(2026, 2, 5), "Trop cher", None), id="lost"),
        pytest.param("pipedrive_vues:3", (None, dt.date(2026, 3, 31), None, 0.8), id="open"),
        pytest.param("pipedrive_echecs:1", (at("2026-02-05 10:00"), dt.date(2026, 2, 5), None, None), id="of older"),
    ],
)
def test_a_french_list_view_says_when_and_why_a_deal_ended(site: Site, deal: str, expected: tuple[object, ...]) -> None:
    assert deal_of(site, deal, "closed_at, close_date, source_reason, probability") == expected


def test_a_french_list_view_names_the_organization_and_the_person_of_a_deal(site: Site) -> None:
    found = deal_of(site, "pipedrive_vues:1", "account_source_id, person_source_id, owner_source_id, created_at")
    assert found == (
        *("pipedrive_vues:Durand", "pipedrive_vues:Claire", "pipedrive_vues:Inès Roy"),
        at("2026-01-01 10:00"),
    )


@pytest.mark.parametrize(
    ("person", "email", "others"),
    [
        pytest.param("pipedrive_vues:7", "claire@durand.fr", {"claire@durand.fr", "claire@home.fr"}, id="work"),
        pytest.param("pipedrive_vues:8", "nadia@autre.fr", {"nadia@autre.fr"}, id="another alone"),
        pytest.param("pipedrive_homes:1", "ada@home.com", {"ada@home.com", "ada@other.com"}, id="home in English"),
    ],
)
def test_of_the_addresses_of_a_list_view_the_first_kind_that_is_filled_counts(
    site: Site, person: str, email: str, others: set[str]
) -> None:
    ((found, listed),) = site.marts(f"""
        select person_email, other_emails from staging.stg_pipedrive__persons where person_source_id = '{person}'
    """)
    assert (found, set(listed.split(";"))) == (email, others)


def test_a_french_list_view_of_activities_says_when_who_and_of_what(site: Site) -> None:
    assert site.marts("""
        select occurred_at, duration_seconds, recorded_at, owner_source_id, person_source_id
        from staging.stg_pipedrive__activities where source_instance = 'pipedrive_vues'
    """) == [
        (
            *(at("2026-02-01 14:30"), 900, at("2026-01-30 09:00")),
            *("pipedrive_vues:Inès Roy", "pipedrive_vues:Claire Durand"),
        )
    ]


def test_every_title_of_a_french_list_view_is_known_but_the_subject(site: Site) -> None:
    assert site.raw("""
        select title from load_columns inner join loads using (load_id)
        where source_instance = 'pipedrive_vues' and column_name is null
    """) == [("Activité - Objet",)]


def test_a_deal_that_returns_to_a_stage_has_entered_it_twice(site: Site) -> None:
    assert site.marts("""
        select source_stage from staging.stg_pipedrive__deal_changes
        where opportunity_id = 'pipedrive:1' and field_name = 'stage' order by changed_at
    """) == [("1",), ("3",), ("1",)]


@pytest.mark.parametrize(
    ("field", "column", "values"),
    [
        ("owner", "owner_source_id", ["pipedrive:7"]),
        ("amount", "amount_local::text", ["1234.56"]),
        ("close_date", "close_date", [dt.date(2026, 2, 1), None]),
    ],
)
def test_the_change_log_gives_what_the_kpis_need_emptied_fields_included(
    site: Site, field: str, column: str, values: list[object]
) -> None:
    found = site.marts(f"""
        select {column} from staging.stg_pipedrive__deal_changes
        where opportunity_id = 'pipedrive:1' and field_name = '{field}' order by changed_at
    """)
    assert [value for (value,) in found] == values


@pytest.mark.parametrize(
    ("changed_at", "field", "opportunity_id"),
    [
        pytest.param("2026-01-05 10:15:30", "stage", "pipedrive:5", id="made with the first"),
        pytest.param("2026-01-10 11:00:00", "stage", "pipedrive:5", id="before there was a second"),
        pytest.param("2026-01-20 16:45:00", "stage", "pipedrive:5#2", id="made with the second"),
        pytest.param("2026-01-25 10:15:30", "stage", "pipedrive:5", id="by the first one's clock"),
        pytest.param("2026-01-26 16:45:00", "stage", "pipedrive:5#2", id="by the second one's clock"),
        pytest.param("2026-01-27 09:00:00", "status", "pipedrive:5#2", id="by no clock, so the one made last"),
    ],
)
def test_a_change_on_a_reused_id_belongs_to_one_deal(
    site: Site, changed_at: str, field: str, opportunity_id: str
) -> None:
    assert site.marts(f"""
        select opportunity_id from staging.stg_pipedrive__deal_changes
        where deal_id = '5' and field_name = '{field}' and changed_at = '{changed_at}'
    """) == [(opportunity_id,)]


def test_a_reused_id_is_two_deals_of_which_the_list_shows_the_last(site: Site) -> None:
    columns = "opportunity_name, created_at, source_stage, is_closed, is_won, source_reason, closed_at"
    assert deal_of(site, "pipedrive:5", columns) == (
        *(None, at("2026-01-05 10:15:30"), "3"),
        *(True, False, "Price", at("2026-01-28 10:15:30")),
    )
    assert deal_of(site, "pipedrive:5#2", columns) == (
        *("Second of its id", at("2026-01-20 16:45"), "3"),
        *(True, True, None, at("2026-01-27 09:00")),
    )


@pytest.mark.parametrize(
    ("opportunity_id", "is_closed", "reason"),
    [
        pytest.param("pipedrive:6", True, "Budget", id="a reason for the loss closes it"),
        pytest.param("pipedrive:7", None, None, id="a reason taken back does not"),
    ],
)
def test_a_deal_known_from_the_log_alone_is_a_deal(
    site: Site, opportunity_id: str, is_closed: bool | None, reason: str | None
) -> None:
    assert deal_of(site, opportunity_id, "is_closed, source_reason") == (is_closed, reason)


@pytest.mark.parametrize(
    ("activity", "activity_type", "is_completed", "occurred_at", "occurred_date", "seconds"),
    [
        pytest.param(1, "call", True, at("2026-03-01 23:30"), dt.date(2026, 3, 2), 2700, id="with a time"),
        pytest.param(2, "meeting", False, at("2026-03-10 12:00"), dt.date(2026, 3, 10), 5400, id="day only"),
        pytest.param(3, "task", True, at("2026-03-02 08:00"), dt.date(2026, 3, 2), None, id="ticked off only"),
    ],
)
def test_an_activity_is_dated_by_what_it_carries(
    site: Site,
    activity: int,
    activity_type: str,
    is_completed: bool,
    occurred_at: dt.datetime,
    occurred_date: dt.date,
    seconds: int | None,
) -> None:
    assert site.marts(f"""
        select activity_type, is_completed, occurred_at, occurred_date, duration_seconds
        from staging.stg_pipedrive__activities where activity_id = 'pipedrive:{activity}'
    """) == [(activity_type, is_completed, occurred_at, occurred_date, seconds)]


@pytest.mark.parametrize(
    ("activity", "seconds"),
    [
        pytest.param(4, 920, id="with seconds"),
        pytest.param(5, 432_300, id="days"),
        pytest.param(6, 3607, id="hours of one digit"),
        pytest.param(7, None, id="no duration"),
    ],
)
def test_a_duration_has_hours_minutes_and_perhaps_seconds(site: Site, activity: int, seconds: int | None) -> None:
    assert site.marts(f"""
        select duration_seconds from staging.stg_pipedrive__activities where activity_id = 'pipedrive:{activity}'
    """) == [(seconds,)]


@pytest.mark.parametrize(
    ("deal", "linked"),
    [
        pytest.param("pipedrive_v1:1", (":11", ":31", ":7"), id="objects"),
        pytest.param("pipedrive_v1:2", (None, None, ":7"), id="none, on a page where others have one"),
        pytest.param("pipedrive_v1:3", (":12", ":32", ":8"), id="bare ids among objects"),
        pytest.param("pipedrive_ids:1", (":11", ":31", None), id="ids in a list view"),
        pytest.param("pipedrive_ids:2", (None, None, None), id="none in a list view"),
    ],
)
def test_a_deal_belongs_to_an_organization_a_person_and_an_owner_by_id(
    site: Site, deal: str, linked: tuple[str | None, ...]
) -> None:
    instance = deal.split(":")[0]
    expected = tuple(each and instance + each for each in linked)
    assert deal_of(site, deal, "account_source_id, person_source_id, owner_source_id") == expected


def test_a_person_belongs_to_an_organization_by_id(site: Site) -> None:
    assert site.marts("""
        select person_source_id, account_source_id, owner_source_id from staging.stg_pipedrive__persons
        where source_instance in ('pipedrive_v1', 'pipedrive_ids') order by 1
    """) == [
        ("pipedrive_ids:31", "pipedrive_ids:11", None),
        ("pipedrive_v1:31", "pipedrive_v1:11", "pipedrive_v1:7"),
        ("pipedrive_v1:32", None, None),
    ]


def test_an_activity_belongs_to_a_deal_by_id_and_the_title_of_one_is_not_published(site: Site) -> None:
    assert site.marts("""
        select opportunity_id, person_source_id from staging.stg_pipedrive__activities
        where source_instance in ('pipedrive_ids', 'pipedrive_names') order by source_instance
    """) == [("pipedrive_ids:1", "pipedrive_ids:31"), (None, "pipedrive_names:Ada Lace")]


def test_of_several_addresses_the_primary_one_is_the_persons(site: Site) -> None:
    assert site.marts("""
        select person_email, account_source_id from staging.stg_pipedrive__persons where source_instance = 'pipedrive'
    """) == [("ada@example.com", "pipedrive:41")]


def test_booleans_of_0_and_1_say_who_is_active(site: Site) -> None:
    assert site.marts("select user_email, is_active from staging.stg_pipedrive__users order by all") == [
        ("jo@example.com", True),
        ("lou@example.com", False),
    ]


def test_a_deleted_stage_keeps_its_last_label(site: Site) -> None:
    assert site.marts(
        "select source_stage, source_label, is_deleted from staging.stg_pipedrive__stages order by all"
    ) == [
        ("1", "Qualified", False),
        ("3", "Offer", False),
        ("8", "Retired", True),
    ]
