"""A file is taken for one table and each of its titles for one column, or the message says why not and what to do."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from conftest import Site
from warehouse.contract import load_contract
from warehouse.errors import AmbiguousExport, UnreadableExport, UnrecognisedExport, UserError
from warehouse.instances import Instance, TableMapping, system_of
from warehouse.recognition import Match, match, recognise

SYSTEMS = load_contract()


def taken_for(path: str, *titles: str) -> Match:
    folder = path.split("/")[0]
    return recognise(Instance(folder, Path(folder)), SYSTEMS, path, titles)


def columns_of(match: Match) -> list[str | None]:
    return [column.name if column else None for column in match.columns]


FRENCH_DEAL = (
    *("ID de fiche d'informations", "Nom de la transaction", "Phase de la transaction", "Montant"),
    *("Date de fermeture", "Date de création", "Propriétaire de la transaction"),
)
DEAL_COLUMNS = ["id", "dealname", "dealstage", "amount", "closedate", "createdate", "hubspot_owner_id"]


@pytest.mark.parametrize(
    "titles",
    [
        FRENCH_DEAL,
        ("Record ID", "Deal Name", "Deal Stage", "Amount", "Close Date", "Create Date", "Deal owner"),
        ("id", "dealname", "dealstage", "amount", "closedate", "createdate", "hubspot_owner_id"),
        ("deal_id", *(f"property_{name}" for name in DEAL_COLUMNS[1:-1]), "owner_id"),
        ("id", *(f"properties.{name}" for name in DEAL_COLUMNS[1:])),
        tuple(title.upper() for title in FRENCH_DEAL),
        ("ID de fiche d’informations", *(title.replace("é", "e") for title in FRENCH_DEAL[1:])),
        tuple(f" {title.replace(' ', '_')}" for title in FRENCH_DEAL),
    ],
    ids=["French", "English", "API", "replicated", "API page", "upper case", "no accents", "underscores"],
)
def test_the_same_columns_are_found_under_each_of_their_titles(titles: tuple[str, ...]) -> None:
    found = taken_for("crm/export.csv", *titles)
    assert (found.table.system, found.table.name) == ("hubspot", "deals")
    assert columns_of(found) == DEAL_COLUMNS


@pytest.mark.parametrize(
    ("path", "titles", "table"),
    [
        ("crm/q1.csv", "Id StageName CloseDate IsClosed IsWon CreatedDate", "salesforce.opportunities"),
        ("billing/q1.json", "id customer status currency total amount_paid", "stripe.invoices"),
        ("compta/q1.txt", "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib", "fec.entries"),
        ("ads/q1.csv", "Jour Campagne Coût Impr. Clics", "google_ads.campaign_stats"),
        ("calls/q1.csv", "id hs_timestamp hs_call_direction hs_call_duration", "hubspot.calls"),
    ],
)
def test_a_signature_is_enough_where_the_file_name_says_nothing(path: str, titles: str, table: str) -> None:
    found = taken_for(path, *titles.split())
    assert f"{found.table.system}.{found.table.name}" == table


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("hubspot/deal_companies.csv", "deal_companies"),
        ("hubspot_eu/deal_company_2026-03-01.csv", "deal_companies"),
        ("hubspot/deal_contacts.csv", None),
    ],
)
def test_a_table_without_signature_goes_by_its_file_name(path: str, table: str | None) -> None:
    titles = ("company_id", "deal_id", "type_id", "category")
    if table is None:
        with pytest.raises(UnreadableExport, match=r"taken for hubspot\.deal_contacts, required column contact_id"):
            taken_for(path, *titles)
    else:
        assert taken_for(path, *titles).table.name == table


HUBSPOT_DEAL = (
    *("Record ID", "Deal Name", "Deal Stage", "Pipeline", "Amount", "Close Date", "Create Date", "Deal owner"),
    "Associated Company IDs",
)
HUBSPOT_CONTACT = (
    *("Record ID", "First Name", "Last Name", "Email", "Lifecycle Stage", "Company Name", "Create Date"),
    "Contact owner",
)
OPPORTUNITY = (
    *("Opportunity ID", "Opportunity Name", "Account ID", "Account Name", "Stage", "Amount", "Close Date"),
    *("Created Date", "Closed", "Won"),
)


@pytest.mark.parametrize(
    ("path", "titles", "table"),
    [
        ("hubspot/hubspot-crm-exports-premier-contact-2026-09-15.csv", HUBSPOT_DEAL, "deals"),
        ("hubspot/hubspot-crm-exports-people-at-target-companies-2026-09-15.csv", HUBSPOT_CONTACT, "contacts"),
        ("salesforce/Closed deals by account-2026-09-15-10-00-00.csv", OPPORTUNITY, "opportunities"),
        ("hubspot/contacts.csv", HUBSPOT_CONTACT, "contacts"),
    ],
)
def test_a_name_does_not_make_a_table_of_a_file_whose_titles_are_anothers(
    path: str, titles: tuple[str, ...], table: str
) -> None:
    assert taken_for(path, *titles).table.name == table


@pytest.mark.parametrize(
    ("path", "titles", "message"),
    [
        (
            "hubspot/first contact.csv",
            [title for title in HUBSPOT_DEAL if title != "Deal Stage"],
            r"named as hubspot\.contacts, of which it has 3 titles, but 8 of hubspot\.deals",
        ),
        (
            "salesforce/Accounts by stage.csv",
            OPPORTUNITY,
            r"named as salesforce\.accounts, .* salesforce\.opportunities",
        ),
        (
            "salesforce/People by account.csv",
            ["Id", "Name", "Email", "IsActive", "CreatedDate"],
            r"named as salesforce\.accounts, .* salesforce\.users",
        ),
        (
            "hubspot/companies.csv",
            ["Record ID", "Company name", "Company Domain Name", *HUBSPOT_CONTACT[1:]],
            r"named as hubspot\.companies, .* hubspot\.contacts",
        ),
    ],
    ids=["half a signature", "excluded by name", "no signature", "two signatures"],
)
def test_a_name_that_the_titles_contradict_is_asked_about(path: str, titles: list[str], message: str) -> None:
    asked = rf"name the file after its table, or say `files` of its table in {path.split('/')[0]}/source\.yml$"
    with pytest.raises(AmbiguousExport, match=rf"^{path}: {message}; {asked}"):
        taken_for(path, *titles)


def test_what_a_source_yml_says_of_a_file_is_not_asked_about() -> None:
    instance = Instance("crm", Path("crm"), "hubspot", tables={"contacts": TableMapping(files=("first*",))})
    found = recognise(instance, SYSTEMS, "crm/first contact.csv", HUBSPOT_DEAL)
    assert found.table.name == "contacts"


@pytest.mark.parametrize(
    ("path", "titles"),
    [
        ("netsuite/account_data.csv", "id name account_type parent_account_id created_at"),
        ("books/vendor_data.csv", "id display_name email company_name created_at"),
    ],
)
def test_a_file_name_alone_is_not_enough_where_nobody_says_which_system_it_is(path: str, titles: str) -> None:
    with pytest.raises(UnrecognisedExport, match="name the folder after its system"):
        taken_for(path, *titles.split())


def test_the_folder_decides_between_two_systems_that_fit_alike() -> None:
    titles = ("Day", "Campaign Name", "Campaign ID", "Cost", "Impressions", "Clicks")
    with pytest.raises(
        AmbiguousExport, match=r"could be linkedin_ads\.\w+ or google_ads\.\w+; say `system:` in ads/source\.yml"
    ):
        taken_for("ads/campaign.csv", *titles)
    assert taken_for("google_ads_fr/campaign.csv", *titles).table.system == "google_ads"
    assert taken_for("LinkedIn Ads/campaign.csv", *titles).table.system == "linkedin_ads"


@pytest.mark.parametrize(
    ("folder", "system"),
    [
        ("hubspot_perfect", "hubspot"),
        ("perfect", None),
        ("FEC 2026", "fec"),
        ("fec2026", "fec"),
        ("mes_fec", "fec"),
        ("myhubspot", "hubspot"),
    ],
)
def test_a_short_name_of_a_system_is_a_word_of_its_folders_name(folder: str, system: str | None) -> None:
    assert system_of(Instance(folder, Path(folder)), SYSTEMS) == system


@pytest.mark.parametrize(
    "titles",
    [
        ("Montant (%)", "Montant (€)", "Id"),
        ("%", "€", "Id"),
        ("Сумма %", "Сумма", "Id"),
        ("Montant  TTC", "montant (€) ", "Id"),
    ],
)
def test_a_mapped_title_is_the_one_that_is_written_so(titles: tuple[str, ...]) -> None:
    mapping = TableMapping(columns={"amount": titles[1].strip(), "deal_id": "ID"})
    found = match(SYSTEMS["custom"].tables["deals"], titles, mapping, named=True)
    assert columns_of(found) == [None, "amount", "deal_id"]


@pytest.mark.parametrize(
    ("titles", "columns"),
    [
        ("hs_object_id id", [None, "id"]),
        ("Record_ID hs_object_id", [None, "id"]),
        ("property_hs_object_id property_id", [None, "id"]),
        ("deal_id deal_id", ["id", None]),
    ],
)
def test_of_two_titles_for_one_column_the_contracts_first_counts(titles: str, columns: list[str | None]) -> None:
    found = taken_for("hubspot/deals.csv", *titles.split(), "dealname", "dealstage", "createdate")
    assert columns_of(found)[:2] == columns


@pytest.mark.parametrize(
    ("titles", "columns"),
    [
        ("properties.dealname dealname", [None, "dealname"]),
        ("dealname properties.dealname", ["dealname", None]),
    ],
)
def test_of_two_forms_of_one_title_the_whole_one_counts(titles: str, columns: list[str | None]) -> None:
    found = taken_for("hubspot/deals.csv", *titles.split(), "id", "dealstage", "createdate")
    assert columns_of(found)[:2] == columns


def test_what_a_company_notes_in_stripe_is_no_column_but_the_id_of_the_crm() -> None:
    noted = ("metadata.customer_id", "metadata.status", "metadata.subscription_id", "metadata.total")
    titles = (*noted, "id", "customer", "status", "subscription", "total", "currency", "amount_paid")
    assert columns_of(taken_for("stripe/invoices.json", *titles)) == [
        *(None, None, None, None),
        *("id", "customer_id", "status", "subscription_id", "total", "currency", "amount_paid"),
    ]
    customer = taken_for(
        "stripe/customers.json", "id", "email", "created", "metadata.hubspot_company_id", "metadata.id"
    )
    assert columns_of(customer) == ["id", "email", "created", "crm_account_id", None]


@pytest.mark.parametrize(
    ("titles", "columns"),
    [
        ("Deal - Organization,Deal - Organization ID", [None, "org_id"]),
        ("Deal - Contact person ID,Deal - Contact person", ["person_id", None]),
        ("Deal - Organization,Deal - Contact person", ["org_id", "person_id"]),
    ],
)
def test_a_list_view_of_pipedrive_goes_by_ids_and_by_names_without_them(titles: str, columns: list[str | None]) -> None:
    deal = ("Deal - ID", "Deal - Title", "Deal - Value", "Deal - Status", "Deal - Stage")
    assert columns_of(taken_for("pipedrive/deals.csv", *titles.split(","), *deal))[:2] == columns


def test_activities_in_a_list_view_of_pipedrive_belong_to_deals_and_people() -> None:
    titles = ("ID", "Type", "Done", "Deal", "Deal ID", "Contact person", "Contact person ID")
    found = taken_for("pipedrive/activities.csv", *(f"Activity - {title}" for title in titles))
    assert columns_of(found) == ["id", "type", "done", None, "deal_id", None, "person_id"]


SCREEN_INVOICES = (
    *("id", "Amount Due", "Currency", "Customer", "Date (UTC)", "Finalized At (UTC)", "Paid At (UTC)", "Subscription"),
    *("Subtotal", "Tax", "Total", "Amount Paid", "Status"),
)
SCREEN_CUSTOMERS = ("id", "Description", "Email", "Name", "Created (UTC)", "Delinquent", "Total Spend", "Currency")
SCREEN_PAYMENTS = ("id", "Created date (UTC)", "Amount", "Amount Refunded", "Currency", "Status", "Customer ID")


@pytest.mark.parametrize(
    ("path", "titles", "table", "title"),
    [
        ("stripe/invoices.csv", SCREEN_INVOICES, "invoices", r"Date \(UTC\)"),
        ("stripe/charges.csv", SCREEN_PAYMENTS, "charges", r"Created date \(UTC\)"),
        ("stripe/customers.csv", SCREEN_CUSTOMERS, "customers", r"Created \(UTC\)"),
    ],
)
def test_what_a_screen_of_stripe_saves_is_refused_with_what_to_use(
    path: str, titles: tuple[str, ...], table: str, title: str
) -> None:
    taken = rf"^{path}: taken for stripe\.{table} by titles such as {title}, saved from a screen of Stripe"
    with pytest.raises(
        UnreadableExport, match=rf"{taken}, which is not read [^\n]* the API or a connector, or map it as `custom`$"
    ):
        taken_for(path, *titles)


@pytest.mark.parametrize(
    ("path", "titles", "message"),
    [
        (
            "hubspot/deals.csv",
            ("Record ID", "Deal Name", "Montant"),
            "required column createdate is missing; titles found: Record ID, Deal Name, Montant",
        ),
        ("hubspot/owners.csv", ("email", "firstName", "lastName"), "hubspot.owners, required column id is missing"),
        ("stripe/invoices.csv", ("id", "customer", "total"), "required column status, currency is missing"),
    ],
)
def test_a_missing_required_column_is_named_with_the_titles_found(
    path: str, titles: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UnreadableExport, match=f"^{path}: taken for .*{message}"):
        taken_for(path, *titles)


@pytest.mark.parametrize(
    ("path", "titles", "message"),
    [
        ("tickets/tickets.csv", "Ticket,Badge,Colour", "name the folder after its system or map it in tickets"),
        (
            "hubspot/owners.csv",
            "Ticket,Badge,Colour",
            "none is known of hubspot; move it to the folder of its system, or map it in hubspot",
        ),
        (
            "hubspot/view.csv",
            "archived,my dealname,dealstage,pipeline,amount,closedate",
            r"nearest is hubspot\.deals, which needs id, dealname, createdate; export that too, or map it in hubspot",
        ),
        (
            "hubspot/merged deals.csv",
            ",".join(HUBSPOT_DEAL),
            r"they fit hubspot\.deals, but the name of the file does not; name it after its table, or map it",
        ),
    ],
)
def test_a_file_of_something_else_is_not_recognised_and_the_message_says_what_to_do(
    path: str, titles: str, message: str
) -> None:
    found = titles.replace(",", ", ")
    with pytest.raises(UnrecognisedExport, match=rf"^{path}: not recognised; titles found: {found}; {message}"):
        taken_for(path, *titles.split(","))


CUSTOM = """\
    system: custom
    tables:
      deals:
        files: ["pipeline*.csv"]
        columns: {deal_id: No, name: Titre, owner_id: Agent, stage: Étape, created_at: Ouvert le, amount: Montant HT}
        values: {stage: {"Gagné": won, "Perdu": lost, Yes: demo}}
        constants: {currency: EUR, pipeline: L'Oréal}
        date_order: dmy
        decimal_mark: ","
"""
PIPELINE = """\
    Suivi commercial
    No;Titre;Agent;Etape;Ouvert le;Montant HT;Commentaire
    1;Nordlys;Zoé;Gagné;03/04/2026;1 234,50;à relancer
    2;Élan;Sam;Yes;04/04/2026;800;
    3;Zest;Sam;Devis;05/04/2026;;
"""


def test_a_source_yml_maps_titles_values_and_constants(site: Site) -> None:
    site.drop("crm/source.yml", dedent(CUSTOM))
    site.drop("crm/pipeline_mars.csv", dedent(PIPELINE), encoding="cp1252")
    assert [file.state for file in site.load().files] == ["loaded"]
    assert site.raw("select deal_id, name, stage, amount, currency, pipeline from custom.deals order by deal_id") == [
        ("1", "Nordlys", "won", "1 234,50", "EUR", "L'Oréal"),
        ("2", "Élan", "demo", "800", "EUR", "L'Oréal"),
        ("3", "Zest", "Devis", None, "EUR", "L'Oréal"),
    ]
    assert site.raw("select date_order, decimal_mark, skipped_rows from loads") == [("dmy", ",", 1)]


def mapped(columns: str, constants: str = "{}") -> str:
    table = f'files: ["pipe*"], columns: {{deal_id: No, stage: Etape, {columns}}}, constants: {constants}'
    return f"system: custom\ntables: {{deals: {{{table}}}, users: {{columns: {{user_id: Matricule}}}}}}\n"


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ("amount: Montant H.T", "amount to 'Montant H.T'"),
        ("amount: [Montant HT, Prix], closed_at: Clos", "amount to 'Montant HT' or 'Prix', closed_at to 'Clos'"),
    ],
)
def test_a_mapped_title_that_the_file_does_not_have_is_named_with_the_titles_found(
    site: Site, columns: str, told: str
) -> None:
    site.drop("suivi/source.yml", mapped(columns))
    site.drop("suivi/pipeline.csv", "No;Etape;Montant\n1;A;1000,50\n")
    site.drop("suivi/pipeline_bare.csv", "No;Etape\n1;A\n")  # has no title that could be the one meant
    (failure,) = site.load(dry_run=True).failures
    assert failure.message == (
        f"suivi/pipeline.csv: suivi/source.yml maps {told} of deals, which no title is left for; mend it, or list "
        'several titles, "" among them where a file may have none; titles found: No, Etape, Montant'
    )


def test_a_title_that_is_mapped_twice_is_refused_for_the_column_that_goes_without(site: Site) -> None:
    site.drop("suivi/source.yml", mapped("name: Montant, amount: Montant"))
    site.drop("suivi/pipeline.csv", "No;Etape;Montant;Taux\n1;A;1000,50;3\n")
    (failure,) = site.load().failures
    assert "maps name to 'Montant' of deals, which no title is left for" in failure.message


@pytest.mark.parametrize(
    ("columns", "constants"),
    [
        ("amount: Montant", "{}"),
        ("amount: [Montant H.T, Montant]", "{}"),
        ('amount: [Montant H.T, ""]', "{}"),
        ("currency: Devise", "{currency: EUR}"),
        ('amount: ""', "{}"),
    ],
    ids=["there", "another title", "may be absent", "a constant elsewise", "nothing said"],
)
def test_a_mapping_serves_files_with_different_titles(site: Site, columns: str, constants: str) -> None:
    site.drop("suivi/source.yml", mapped(columns, constants))
    site.drop("suivi/pipeline.csv", "No;Etape;Montant\n1;A;1000,50\n")
    site.drop("suivi/users.csv", "Matricule;name\n1;Zoe\n")
    assert [file.state for file in site.load().files] == ["loaded", "loaded"]
    column = columns.partition(":")[0]
    wanted = "EUR" if column == "currency" else "1000,50" if " Montant" in columns.replace("Montant H.T", "") else None
    assert site.raw(f"select {column} from custom.deals") == [(wanted,)]


def test_records_may_leave_out_a_mapped_title_that_none_looks_like(site: Site) -> None:
    site.drop("suivi/source.yml", mapped("amount: Montant, lost_reason: Motif"))
    site.drop("suivi/pipe_a.json", '[{"No": 1, "Etape": "A", "Montant": 5}]')
    site.drop("suivi/pipe_b.json", '[{"No": 1, "Etape": "A", "Montent": 5}]')
    report = site.load()
    assert [file.state for file in report.files] == ["loaded", "refused"]
    assert "maps amount to 'Montant' of deals" in report.failures[0].message


def test_a_mapped_value_keeps_what_was_exported_beside_it(site: Site) -> None:
    site.drop("crm/source.yml", dedent(CUSTOM))
    site.drop("crm/pipeline.csv", dedent(PIPELINE))
    site.load()
    assert site.raw("select _extra ->> 'Etape', _extra ->> 'Commentaire' from custom.deals where deal_id = '1'") == [
        ("Gagné", "à relancer")
    ]


def test_what_a_source_yml_ignores_is_reported_and_not_read(site: Site) -> None:
    site.drop("hubspot/source.yml", "ignore: notes*.txt\n")
    site.drop("hubspot/notes de réunion.txt", "bla")
    site.drop("hubspot/owners.csv", "id,email\n1,zoe@nordlys.fr\n")
    report = site.load(dry_run=True)
    assert [(file.path, file.state) for file in report.files] == [
        ("hubspot/notes de réunion.txt", "ignored"),
        ("hubspot/owners.csv", "would load"),
    ]
    assert report.failures == []


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("sytem: hubspot", "unknown setting 'sytem'; known are system, time_zone"),
        ("system: hubspto", "unknown system 'hubspto'; known are .*hubspot"),
        ("system: custom\ntables: {deal: {files: [x]}}", "unknown table 'deal'; tables of this system are .*deals"),
        ("tables: {deals: {}}", "unknown table 'deals'; .* none before `system:` is given"),
        ("system: custom\ntables: {deals: {columns: {opp: X}}}", "table deals has no column 'opp'; it has account_id"),
        (
            "system: custom\ntables: {deals: {columns: {stage: {a: b}}}}",
            "column stage is .*; expected a title or a list of some",
        ),
        ("system: custom\ntables: {deals: {values: {opp: {a: b}}}}", "table deals has no column 'opp'"),
        ("system: custom\ntables: {deals: {constants: {opp: X}}}", "table deals has no column 'opp'"),
        ("system: custom\ntables: {deals: {colums: {stage: X}}}", "table deals: unknown setting 'colums'; known are"),
        ("system: custom\ntables: {deals: {columns: [stage]}}", "table deals: columns is .* expected names"),
        ("system: custom\ntables: {deals: {values: {stage: won}}}", "table deals, values: stage is 'won'; expected"),
        ("system: custom\ntables: {deals: }", "table deals: settings expected, such as files"),
        ("system: custom\ntables: [deals]", "tables is .* expected names"),
        ("- hubspot", "settings expected, such as system"),
        ("date_order: ymd", "date_order is 'ymd'; it can be 'dmy' or 'mdy'"),
        ("system: custom\ntables: {deals: {decimal_mark: comma}}", "decimal_mark is 'comma'; it can be ',' or '.'"),
        ("time_zone: Paris", "unknown time_zone 'Paris'; give a name such as Europe/Paris"),
        ("system: [hubspot", "not YAML at line 2; mend or remove it"),
        ("system: hubspot\n\ttables: {}", "not YAML at line 2"),
    ],
)
def test_a_source_yml_that_is_not_understood_is_one_line_that_says_where(site: Site, said: str, message: str) -> None:
    site.drop("crm/source.yml", said + "\n")
    site.drop("crm/export.csv", "id,email\n1,zoe@nordlys.fr\n")
    with pytest.raises(UserError, match=rf"^crm/source\.yml[:,] ?(table \w+)?.*{message}[^\n]*$"):
        site.load(dry_run=True)


def test_a_source_yml_in_another_encoding_is_one_line(site: Site) -> None:
    site.drop("crm/source.yml", dedent(CUSTOM), encoding="cp1252")
    site.drop("crm/pipeline.csv", dedent(PIPELINE))
    with pytest.raises(UserError, match=r"^crm/source\.yml: not UTF-8; save the file again as UTF-8$"):
        site.load(dry_run=True)


def opportunities(*close_dates: str) -> str:
    rows = (f"006bm0{index},Prospecting,{day},FALSE,FALSE,2026-02-23" for index, day in enumerate(close_dates))
    return "Id,StageName,CloseDate,IsClosed,IsWon,CreatedDate\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (("02/03/24", "02/25/24"), "mdy"),
        (("02/03/2024", "25/02/2024"), "dmy"),
        (("02-03-24", "25-02-24"), "dmy"),
        (("31.12.2026 08:00", "01.02.2026 10:00"), "dmy"),
        (("2026-02-03", "20260203", ""), None),
    ],
)
def test_the_date_order_is_decided_from_the_whole_column(site: Site, dates: tuple[str, ...], order: str | None) -> None:
    site.drop("salesforce/Opportunity.csv", opportunities(*dates))
    site.load()
    assert site.raw("select date_order from loads") == [(order,)]


@pytest.mark.parametrize("table", [False, True], ids=["instance", "table"])
def test_a_source_yml_decides_where_the_dates_do_not(site: Site, table: bool) -> None:
    order = "tables: {opportunities: {date_order: mdy}}" if table else "date_order: mdy"
    site.drop("salesforce/source.yml", f"system: salesforce\n{order}\n")
    site.drop("salesforce/Opportunity.csv", opportunities("02/03/26", "04/05/26"))
    site.load()
    assert site.raw("select state, date_order from loads") == [("loaded", "mdy")]


@pytest.mark.parametrize(
    ("said", "dates", "message"),
    [
        (
            "",
            ("02/03/26", "04/05/26"),
            "dates of column close_date such as '.*' can be day or month first; say `date_o",
        ),
        ("", ("13/03/26", "03/13/26"), "column close_date mixes day-first and month-first dates"),
        (
            "date_order: dmy",
            ("02/03/26", "02/25/26"),
            "column close_date has '02/25/26', which is not dmy as salesforce/",
        ),
        (
            "date_order: mdy",
            ("25/02/26", "02/03/26"),
            "column close_date has '25/02/26', which is not mdy as salesforce/",
        ),
    ],
    ids=["ambiguous", "mixed", "not dmy", "not mdy"],
)
def test_dates_that_contradict_or_do_not_decide_are_refused(
    site: Site, said: str, dates: tuple[str, ...], message: str
) -> None:
    site.drop("salesforce/source.yml", f"system: salesforce\n{said}\n")
    site.drop("salesforce/Opportunity.csv", opportunities(*dates))
    (failure,) = site.load(dry_run=True).failures
    assert failure.state == "refused"
    assert message.split(".*")[0] in failure.message
    assert message.split(".*")[-1] in failure.message


def test_dates_that_fit_both_are_read_as_those_beside_them(site: Site) -> None:
    site.drop(
        "salesforce/Opportunity.csv",
        "Id,StageName,CloseDate,IsClosed,IsWon,CreatedDate\n006A,Won,3/25/2026,TRUE,TRUE,1/5/2026\n",
    )
    site.load()
    assert site.raw("select date_order from loads") == [("mdy",)]


def test_two_columns_with_different_date_orders_are_refused_naming_both(site: Site) -> None:
    site.drop(
        "salesforce/Opportunity.csv",
        "Id,StageName,CloseDate,IsClosed,IsWon,CreatedDate\n006A,Won,25/02/2026,TRUE,TRUE,02/23/26 08:55 PM\n",
    )
    (failure,) = site.load(dry_run=True).failures
    assert "two forms in one file (close_date dmy, created_date mdy)" in failure.message


def costs(*amounts: str) -> str:
    rows = (f"{index};2026-01-31;6226;{amount}" for index, amount in enumerate(amounts))
    return "entry_id;booked_on;account_code;amount\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("amounts", "mark"),
    [
        (("1 234,56", "12"), ","),
        (("1\u202f234,56 €", "-0,5"), ","),
        (("1.234,56", "1.234"), ","),
        (("$1,234.56", "1,234"), "."),
        (("(1234.5)", "12"), "."),
        (("1234,567", "1,234"), ","),
        (("0.125", "1,234"), "."),
        (("1234", "12", ""), None),
    ],
)
def test_the_decimal_mark_is_decided_from_the_whole_column(site: Site, amounts: tuple[str, ...], mark: str) -> None:
    site.drop("erp/source.yml", "system: custom\n")
    site.drop("erp/costs.csv", costs(*amounts))
    site.load()
    assert site.raw("select state, decimal_mark from loads") == [("loaded", mark)]


@pytest.mark.parametrize(
    ("amounts", "message"),
    [
        (
            ("1,234", "12"),
            "numbers of column amount such as '1,234' can have a decimal or a thousands mark; say `decimal_m",
        ),
        (("12,5", "12.5"), "column amount mixes decimal commas and points"),
    ],
    ids=["ambiguous", "mixed"],
)
def test_numbers_that_contradict_or_do_not_decide_are_refused(
    site: Site, amounts: tuple[str, ...], message: str
) -> None:
    site.drop("erp/source.yml", "system: custom\n")
    site.drop("erp/costs.csv", costs(*amounts))
    (failure,) = site.load(dry_run=True).failures
    assert message in failure.message


def test_a_source_yml_decides_where_the_numbers_do_not(site: Site) -> None:
    site.drop("erp/source.yml", "system: custom\ndecimal_mark: ','\n")
    site.drop("erp/costs.csv", costs("1,234"))
    site.load()
    assert site.raw("select decimal_mark from loads") == [(",",)]


@pytest.mark.parametrize("amounts", [("1200.50", "1200.50"), ("1200.50", "1.200")])
def test_a_decimal_mark_that_is_said_and_fits_no_number_is_refused(site: Site, amounts: tuple[str, ...]) -> None:
    site.drop("erp/source.yml", "system: custom\ndecimal_mark: ','\n")
    site.drop("erp/costs.csv", costs(*amounts))
    (failure,) = site.load(dry_run=True).failures
    assert failure.message.startswith("erp/costs.csv: numbers of column amount such as '1")
    assert failure.message.endswith("do not have the decimal mark ','; say `decimal_mark: \".\"` in erp/source.yml")


@pytest.mark.parametrize(
    ("debits", "mark"),
    [(("1200.50", "0.00"), "."), (("1.200", "12.5"), "."), (("1.200", "3"), ","), (("1.200,50", "0,00"), ",")],
)
def test_a_ledger_with_decimal_points_is_read_with_them_where_they_can_be_nothing_else(
    site: Site, debits: tuple[str, ...], mark: str
) -> None:
    titles = "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|Debit|Credit\n"
    rows = (f"AC|ACHATS|{each}|20260131|62260000|HONORAIRES|{debit}|0\n" for each, debit in enumerate(debits))
    site.drop("fec/552100554FEC20261231.txt", titles + "".join(rows))
    site.load()
    assert site.raw("select state, decimal_mark from loads") == [("loaded", mark)]


def test_a_ledger_with_two_decimal_marks_is_refused(site: Site) -> None:
    site.drop(
        "fec/552100554FEC20261231.txt",
        "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|Debit|Credit\n"
        "AC|ACHATS|1|20260131|62260000|HONORAIRES|12.50|0,00\n",
    )
    (failure,) = site.load().failures
    assert "two forms in one file (debit ., credit ,)" in failure.message


@pytest.mark.parametrize("opened", ["13 aodt 2026", "in August", "46247", "2026/8/3"])
@pytest.mark.parametrize(("table", "column"), [("deals", "created_at"), ("deal_stage_changes", "changed_at")])
def test_dates_that_rows_cannot_do_without_are_refused_where_none_can_be_read(
    site: Site, table: str, column: str, opened: str
) -> None:
    site.drop("crm/source.yml", "system: custom\n")
    site.drop(f"crm/{table}.csv", f'deal_id,stage,{column}\n1,A,"{opened}"\n2,B,\n')
    (failure,) = site.load(dry_run=True).failures
    told = f"no value of column {column} can be read as a date, such as {opened!r}; export it as 2026-08-13"
    assert failure.message == f"crm/{table}.csv: {told}"


@pytest.mark.parametrize(
    "rows",
    ["1,A,2026/08/13\n", "1,A,2026.08.13 10:05\n", "1,A,\n", "1,A,bientôt\n2,A,20260813\n", "1,A,1786579200000\n", ""],
)
def test_dates_are_not_refused_where_one_can_be_read_or_there_are_none(site: Site, rows: str) -> None:
    site.drop("crm/source.yml", "system: custom\n")
    site.drop("crm/deals.csv", f"deal_id,stage,created_at\n{rows}")
    assert site.load().failures == []


def test_a_report_of_totals_alone_has_no_dates_to_read(site: Site) -> None:
    site.drop("google_ads/campaigns.csv", "Day,Campaign,Campaign ID,Cost,Impr.,Clicks\nTotal: Account,,,0,0,0\n")
    assert site.load().failures == []


def test_the_ledgers_decimal_mark_is_the_laws(site: Site) -> None:
    site.drop(
        "fec/552100554FEC20261231.txt",
        "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|Debit|Credit\n"
        "AC|ACHATS|1|20260131|62260000|HONORAIRES|0000001,250|0000000,000\n",
    )
    site.load()
    assert site.raw("select decimal_mark from loads") == [(",",)]


def test_a_dry_run_explains_each_column_and_stores_nothing(site: Site) -> None:
    site.drop(
        "hubspot/deals.csv",
        "Record ID,hs_object_id,Deal Name,Create Date,hs_v2_date_entered_42,Couleur\n1,1,Nordlys,2026-03-01,,bleu\n",
    )
    done = site.run("load.py", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "hubspot/deals.csv: would load",
        "  taken for hubspot.deals (snapshot), extract time 2026-03-02 06:00 UTC",
        "    Record ID -> _extra",
        "    hs_object_id -> id",
        "    Deal Name -> dealname",
        "    Create Date -> createdate",
        "    hs_v2_date_entered_42 -> _extra",
        "    Couleur -> _extra (not in the contract)",
        "1 files: 1 would load; 0 rows stored",
    ]
    assert not site.settings.warehouse.exists()
