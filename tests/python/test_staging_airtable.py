"""What staging promises of Airtable: a base is mapped like any table, from the pages of its API or its CSV files."""

from __future__ import annotations

import datetime as dt
import json
from textwrap import dedent

import pytest

from conftest import Site

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("airtable")]

at = dt.datetime.fromisoformat

API = """\
    system: airtable
    tables:
      accounts:
        files: ["clients*.json"]
        columns: {account_id: id, name: Nom, domain: Site web}
      deals:
        files: ["affaires*.json"]
        columns: {deal_id: id, name: Nom, stage: Étape, account_id: Client, owner_id: Commercial.email, amount: Montant, created_at: createdTime, product: Produits}
        values: {stage: {"Gagnée": won}}
        constants: {currency: EUR}
        linked: [account_id]
    """  # noqa: E501
CSV = """\
    system: airtable
    time_zone: Europe/Paris
    tables:
      deals:
        files: ["affaires*.csv"]
        columns: {deal_id: N°, name: Nom de l'affaire, stage: Étape, account_id: Client, amount: Montant, created_at: Créée le}
        constants: {currency: EUR}
        linked: account_id
        date_order: dmy
    """  # noqa: E501
CLIENTS = [
    {"id": "recC1", "createdTime": "2026-01-02T08:00:00.000Z", "fields": {"Nom": "Alpha", "Site web": "alpha.example"}},
    {"id": "recC2", "createdTime": "2026-01-03T08:00:00.000Z", "fields": {"Nom": "Beta"}},
]
DEALS = [
    {
        "id": "recD1",
        "createdTime": "2026-01-05T23:30:00.000Z",
        "fields": {
            "Nom": "Premier",
            "Étape": "Gagnée",
            "Client": ["recC2", "recC1"],
            "Commercial": {"id": "usr1", "email": "ana@lumio.example", "name": "Ana Petit"},
            "Montant": 1200.5,
            "Produits": ["recP1", "recP2"],
            "Remise": 5,
        },
    },
    # a field that is empty is left out of the page
    {"id": "recD2", "createdTime": "2026-01-06T09:00:00.000Z", "fields": {"Nom": "Second", "Étape": "Devis"}},
]
DOWNLOADED = '''\
    N°,Nom de l'affaire,Étape,Client,Montant,Créée le
    1,Café,Devis,"Beta, Alpha","€1,234.50",13/2/2026 10:05am
    2,Thé,Devis,"""Roux, Fils"",Beta",,14/2/2026
    3,Eau,Devis,Alpha,,2026-02-15
    4,Lait,Devis,,,2026-02-15
    '''


# Airtable's formats "Friendly" and, of a base in French, "Local"
FRIENDLY = """\
    N°,Nom de l'affaire,Étape,Créée le
    1,Café,Devis,"February 13, 2026 10:05am"
    2,Thé,Devis,14 février 2026
    """


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("airtable"))
    made.drop("base/source.yml", dedent(API))
    made.drop("base/clients.json", json.dumps({"records": CLIENTS}))
    made.drop("base/affaires.json", json.dumps({"records": DEALS, "offset": "itr/recD2"}))
    made.drop("tableau/source.yml", dedent(CSV))
    made.drop("tableau/affaires.csv", dedent(DOWNLOADED), encoding="utf-8-sig")
    made.drop("lisible/source.yml", dedent(CSV))
    made.drop("lisible/affaires.csv", dedent(FRIENDLY), encoding="utf-8-sig")
    # titles that are the canonical ones need no mapping where the folder says Airtable
    made.drop("airtable_web/web_traffic.csv", "day,visits\n2026-01-31,1000\n")
    assert not made.load().failures
    made.dbt("run", "--select", "staging.custom")
    return made


def deals(site: Site, instance: str, columns: str) -> list[tuple[object, ...]]:
    return site.marts(f"""
        select {columns} from staging.stg_custom__deals where source_instance = '{instance}' order by opportunity_id
    """)


def test_a_base_is_mapped_by_the_names_of_its_fields(site: Site) -> None:
    columns = "opportunity_id, opportunity_name, source_stage, owner_source_id, amount_local::text, currency_code"
    assert deals(site, "base", columns) == [
        ("base:recD1", "Premier", "won", "base:ana@lumio.example", "1200.50", "EUR"),
        ("base:recD2", "Second", "Devis", None, None, "EUR"),
    ]


def test_the_time_a_record_was_made_is_utc(site: Site) -> None:
    assert deals(site, "base", "created_at") == [(at("2026-01-05 23:30"),), (at("2026-01-06 09:00"),)]


def test_of_several_linked_records_the_first_counts_and_all_are_kept(site: Site) -> None:
    assert deals(site, "base", "account_source_id") == [("base:recC2",), (None,)]
    assert site.marts("select account_source_id from staging.stg_custom__accounts order by all") == [
        ("base:recC1",),
        ("base:recC2",),
    ]
    assert site.raw("select _extra ->> 'fields.Client' from custom.deals where deal_id = 'recD1'") == [("recC2;recC1",)]


def test_links_that_are_not_said_to_be_are_kept_as_they_are(site: Site) -> None:
    assert site.raw("select product from custom.deals where deal_id = 'recD1'") == [("recP1;recP2",)]


def test_linked_records_of_a_downloaded_table_are_names(site: Site) -> None:
    assert deals(site, "tableau", "account_source_id") == [
        ("tableau:Beta",),
        ("tableau:Roux, Fils",),
        ("tableau:Alpha",),
        (None,),
    ]


def test_a_downloaded_table_is_read_with_french_titles_and_its_own_dates(site: Site) -> None:
    assert deals(site, "tableau", "opportunity_name, amount_local::text, created_at") == [
        ("Café", "1234.50", at("2026-02-13 09:05")),
        ("Thé", None, at("2026-02-13 23:00")),
        ("Eau", None, at("2026-02-14 23:00")),
        ("Lait", None, at("2026-02-14 23:00")),
    ]


def test_a_date_whose_month_is_a_word_is_read_in_english_and_french(site: Site) -> None:
    assert deals(site, "lisible", "opportunity_name, created_at") == [
        ("Café", at("2026-02-13 09:05")),
        ("Thé", at("2026-02-13 23:00")),
    ]


def test_what_nobody_mapped_stays_among_the_custom_fields(site: Site) -> None:
    assert site.raw("select _extra ->> 'fields.Remise' from custom.deals where deal_id = 'recD1'") == [("5",)]


def test_a_folder_named_after_airtable_holds_canonical_tables(site: Site) -> None:
    assert site.raw("select source_system, table_name from loads where source_instance = 'airtable_web'") == [
        ("custom", "web_traffic")
    ]
