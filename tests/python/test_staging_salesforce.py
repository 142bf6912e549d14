"""What staging promises of Salesforce: the Data Export Service, reports in US form, and replicas."""

from __future__ import annotations

import datetime as dt
from textwrap import dedent

import pytest

from conftest import Site

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("salesforce")]

at = dt.datetime.fromisoformat

OLDER, NEWER = "2026-03-01 06:00", "2026-03-02 06:00"


def drop_api_tables(site: Site) -> None:
    site.drop(
        "salesforce/Opportunity_old.csv",
        dedent("""\
            Id,AccountId,Name,StageName,Amount,Probability,CloseDate,IsClosed,IsWon,OwnerId,CreatedDate,LastModifiedDate,IsDeleted,CurrencyIsoCode
            006AAAAAAAAAAA1AAA,001A,First,Prospecting,100,10,2026-03-31,FALSE,FALSE,005A,2026-01-15T09:00:00.000Z,2026-02-01T09:00:00.000Z,FALSE,EUR
            006AAAAAAAAAAA9AAA,001A,Purged,Prospecting,900,10,2026-03-31,FALSE,FALSE,005A,2026-01-15T09:00:00.000Z,2026-02-01T09:00:00.000Z,FALSE,EUR
            """),
        at=OLDER,
    )
    site.drop(
        "salesforce/Opportunity_new.csv",
        dedent("""\
            Id,AccountId,Name,StageName,Amount,Probability,CloseDate,IsClosed,IsWon,OwnerId,CreatedDate,LastModifiedDate,IsDeleted,CurrencyIsoCode,Region__c
            006AAAAAAAAAAA1AAA,001A,First,Closed Won,1234.56,100,2026-03-31,TRUE,TRUE,005A,2026-01-15T09:00:00.000+0000,2026-03-01T23:30:00.000Z,FALSE,usd,North
            006AAAAAAAAAAA2AAA,001A,Lost,Closed Lost,n/a,0,2026-03-31T00:00:00.000Z,TRUE,FALSE,00GQ,2026-01-15T09:00:00.000Z,2026-03-01T09:00:00.000Z,FALSE,EUR,
            006AAAAAAAAAAA3AAA,001A,Binned,Prospecting,10,10,2026-03-31,FALSE,FALSE,005A,2026-01-15T09:00:00.000Z,2026-03-01T09:00:00.000Z,TRUE,EUR,
            """),  # noqa: E501
        at=NEWER,
    )
    site.drop(
        "salesforce/OpportunityHistory.csv",
        dedent("""\
            Id,OpportunityId,StageName,Amount,CloseDate,Probability,CreatedDate,IsDeleted
            008A,006AAAAAAAAAAA1AAA,Prospecting,100,2026-03-31,10,2026-01-15T09:00:00.000Z,FALSE
            008B,006AAAAAAAAAAA1AAA,Closed Won,1234.56,2026-03-31,100,2026-03-01T23:30:00.000Z,FALSE
            008C,006AAAAAAAAAAA1AAA,Entered by mistake,1,2026-03-31,10,2026-02-01T09:00:00.000Z,TRUE
            """),
        at=NEWER,
    )
    # of a new owner Salesforce keeps two rows, one with the ids and one with the names, and of an emptied field none
    site.drop(
        "salesforce/OpportunityFieldHistory.csv",
        dedent("""\
            Id,OpportunityId,Field,OldValue,NewValue,CreatedDate
            017A,006AAAAAAAAAAA1AAA,Owner,005A,005B,2026-02-01T09:00:00.000Z
            017B,006AAAAAAAAAAA1AAA,Owner,Ann Ash,Bob Birch,2026-02-01T09:00:00.000Z
            017C,006AAAAAAAAAAA1AAA,Owner,Bob Birch,Ann Ash,2026-02-15T09:00:00.000Z
            017D,006AAAAAAAAAAA1AAA,Owner,005B,005A,2026-02-15T09:00:00.000Z
            017E,006AAAAAAAAAAA1AAA,NextStep,Call,,2026-02-16T09:00:00.000Z
            017F,006AAAAAAAAAAA1AAA,StageName,Prospecting,Closed Won,2026-03-01T23:30:00.000Z
            """),
        at=NEWER,
    )
    site.drop(
        "salesforce/OpportunityContactRole.csv",
        dedent("""\
            Id,OpportunityId,ContactId,Role,IsPrimary,IsDeleted
            00KA,006AAAAAAAAAAA1AAA,003A,Decision Maker,TRUE,FALSE
            00KB,006AAAAAAAAAAA1AAA,003B,,FALSE,TRUE
            """),
        at=NEWER,
    )
    site.drop(
        "salesforce/Lead.csv",
        dedent("""\
            Id,Email,FirstName,LastName,Company,Website,LeadSource,Status,OwnerId,IsConverted,ConvertedDate,ConvertedContactId,ConvertedOpportunityId,CreatedDate,MasterRecordId,IsDeleted
            00QA,Ada@Example.com,Ada,Lace,Example,https://www.example.com/fr,Web,Qualified,005A,TRUE,2026-02-28,003A,006AAAAAAAAAAA1AAA,2026-01-10T23:30:00.000Z,,FALSE
            00QB,,,Bo,Other,,Web,Qualified,005A,TRUE,2026-02-28,003B,,2026-01-10T09:00:00.000Z,,FALSE
            00QC,ada@example.com,Ada,Lace,Example,,Web,New,00GQ,FALSE,,,,2026-01-10T09:00:00.000Z,00QA,TRUE
            """),
        at=NEWER,
    )
    site.drop(
        "salesforce/LeadHistory.csv",
        dedent("""\
            Id,LeadId,Field,OldValue,NewValue,CreatedDate
            017L,00QA,Status,New,Qualified,2026-02-01T09:00:00.000Z
            017M,00QA,Owner,00GQ,005A,2026-02-01T09:00:00.000Z
            017N,00QA,Owner,Inbound queue,Ann Ash,2026-02-01T09:00:00.000Z
            """),
        at=NEWER,
    )
    site.drop(
        "salesforce/Task.csv",
        dedent("""\
            Id,WhoId,WhatId,OwnerId,Status,TaskSubtype,CallType,CallDurationInSeconds,ActivityDate,CompletedDateTime,CreatedDate,IsDeleted
            00T1,003A,006AAAAAAAAAAA1AAA,005A,Completed,Call,Inbound,65,2026-03-01,2026-03-01T10:30:00.000Z,2026-02-28T09:00:00.000Z,FALSE
            00T2,003A,001A,005A,Not Started,Call,,,2026-03-15,,2026-02-28T09:00:00.000Z,FALSE
            00T3,003A,,005A,Completed,ListEmail,,,2026-03-01,2026-03-05T10:00:00.000Z,2026-02-28T09:00:00.000Z,FALSE
            00T4,00QA,,005A,Completed,Email,,,,2026-03-01T23:30:00.000Z,2026-02-28T09:00:00.000Z,FALSE
            00T5,00QA,,005A,Completed,,,,2026-03-01,2026-03-01T10:30:00.000Z,2026-02-28T09:00:00.000Z,TRUE
            00T6,00QA,,005A,Completed,Call,,,2026-03-01,,2026-03-01T15:20:00.000Z,FALSE
            """),
        at=NEWER,
    )
    site.drop(
        "salesforce/EmailMessage.csv",
        dedent("""\
            Id,ActivityId,Incoming,Status,IsBounced,MessageDate,CreatedDate,IsDeleted
            02sA,00T4,TRUE,1,FALSE,2026-03-01T23:30:00.000Z,2026-03-01T23:30:00.000Z,FALSE
            02sB,00T6,FALSE,3,TRUE,2026-03-01T23:30:00.000Z,2026-03-01T23:30:00.000Z,FALSE
            02sC,00T6,FALSE,3,FALSE,2026-03-01T23:30:00.000Z,2026-03-01T23:30:00.000Z,FALSE
            02sD,00T7,TRUE,1,FALSE,2026-03-01T23:30:00.000Z,2026-03-01T23:30:00.000Z,TRUE
            02sE,,TRUE,1,FALSE,2026-03-01T23:30:00.000Z,2026-03-01T23:30:00.000Z,FALSE
            """),
        at=NEWER,
    )
    site.drop(
        "salesforce/Event.csv",
        dedent("""\
            Id,WhoId,WhatId,OwnerId,Subject,StartDateTime,EndDateTime,ActivityDate,IsChild,CreatedDate,IsDeleted
            00U1,003A,006AAAAAAAAAAA1AAA,005A,Demo,2026-03-01T23:30:00.000Z,2026-03-02T00:30:00.000Z,2026-03-02,FALSE,2026-02-20T09:00:00.000Z,FALSE
            00U2,003A,006AAAAAAAAAAA1AAA,005B,Demo,2026-03-01T23:30:00.000Z,2026-03-02T00:30:00.000Z,2026-03-02,TRUE,2026-02-20T09:00:00.000Z,FALSE
            00U3,003A,,005A,Trade fair,,,2026-03-10,FALSE,2026-02-20T09:00:00.000Z,FALSE
            """),
        at=NEWER,
    )
    site.drop(
        "salesforce/Account.csv",
        dedent("""\
            Id,Name,ParentId,Website,NumberOfEmployees,BillingCountry,CreatedDate,MasterRecordId,IsDeleted
            001A,Example,001P,http://www.Example.com:80/,"1,250",France,2026-01-01T09:00:00.000Z,,FALSE
            001B,Example SA,,,,,2026-01-01T09:00:00.000Z,001A,TRUE
            """),
        at=NEWER,
    )
    site.drop("salesforce/source.yml", 'decimal_mark: "."')
    site.drop(
        "salesforce/User.csv",
        dedent("""\
            Id,FirstName,LastName,Email,Title,Department,IsActive
            005A,Ann,Ash,ANN@example.com,Account Executive,Paris,TRUE
            005B,Bob,Birch,bob@example.com,SDR,,FALSE
            """),
        at=NEWER,
    )


def drop_us_report(site: Site) -> None:
    site.drop(
        "salesforce_us/opportunities.csv",
        dedent("""\
            Opportunity ID,Opportunity Name,Stage,Amount,Probability (%),Close Date,Closed,Won,Created Date,Account ID,Opportunity Owner
            006AAAAAAAAAAA1,First,Closed Won,"$1,234.56",100,3/31/2026,1,1,1/15/2026 2:30 PM,001A,Ann Ash
            006AAAAAAAAAAA2,Second,Prospecting,"$1,000.00",10,12/5/26,0,0,1/15/26,001A,Ann Ash
            """),  # noqa: E501
        at=NEWER,
    )
    site.drop(
        "salesforce_us/Lead report.csv",
        dedent("""\
            Lead ID,First Name,Last Name,Company / Account,Email,Lead Status,Lead Owner,Create Date,Converted
            00QAAAAAAAAAAA1,Cy,Dee,Example,cy@example.com,Open,Ann Ash,1/15/2026,0
            """),
        at=NEWER,
    )
    site.drop(
        "salesforce_us/Task.csv",
        dedent("""\
            Id,Status,IsClosed,TaskSubtype,CreatedDate
            00TAAAAAAAAAAA1,Terminé,,Call,1/15/2026
            00TAAAAAAAAAAA2,Erledigt,TRUE,Call,1/15/2026
            00TAAAAAAAAAAA3,Completed,FALSE,Call,1/15/2026
            """),
        at=NEWER,
    )


def drop_replica(site: Site) -> None:
    site.drop(
        "salesforce_replica/opportunity.csv",
        dedent("""\
            id,account_id,name,stage_name,amount,probability,close_date,is_closed,is_won,owner_id,created_date,is_deleted,_fivetran_deleted,_fivetran_synced
            006A,001A,Kept,Closed Won,10,100,2026-03-31,true,true,005A,2026-01-15 09:00:00,false,false,2026-03-02 05:00:00
            006B,001A,Gone,Closed Won,20,100,2026-03-31,true,true,005A,2026-01-15 09:00:00,false,true,2026-03-02 05:00:00
            """),  # noqa: E501
    )
    site.drop(
        "salesforce_replica/contact.csv",
        dedent("""\
            id,account_id,email,last_name,_fivetran_deleted,_fivetran_synced
            003A,001A,ada@example.com,Lace,false,2026-03-02 05:00:00
            003B,001A,bo@example.com,Bo,true,2026-03-02 05:00:00
            """),
    )
    site.drop(
        "salesforce_replica/opportunity_history.csv",
        dedent("""\
            id,_fivetran_start,_fivetran_end,_fivetran_active,stage_name,amount,close_date,owner_id
            006A,2026-01-15 09:00:00,2026-02-01 08:59:59.999,false,Prospecting,5,2026-03-31,00GQ
            006A,2026-02-01 09:00:00,2026-03-01 08:59:59.999,false,Negotiation,10,2026-03-31,005A
            006A,2026-03-01 09:00:00,9999-12-31 23:59:59.999,true,Prospecting,10,2026-04-30,005A
            """),
        at=NEWER,
    )


def drop_both_forms_of_ids(site: Site) -> None:
    """Ids of 18 characters from the API, then of 15 from reports; two of them differ by one capital only."""
    site.drop(
        "salesforce_forms/Opportunity.csv",
        dedent("""\
            Id,AccountId,Name,StageName,Amount,CloseDate,IsClosed,IsWon,OwnerId,CreatedDate
            006D000000AbcDeIAJ,001A0000006Vm9rIAC,Capital,Prospecting,10,2026-03-31,FALSE,FALSE,005D0000001nAbCIAU,2026-01-15T09:00:00.000Z
            006D000000abcDeIAI,001A0000006Vm9rIAC,Small,Prospecting,20,2026-03-31,FALSE,FALSE,005D0000001nAbCIAU,2026-01-15T09:00:00.000Z
            006D000000ZZZZZIA5,001A0000006Vm9rIAC,Gone,Prospecting,30,2026-03-31,FALSE,FALSE,005D0000001nAbCIAU,2026-01-15T09:00:00.000Z
            """),
        at=OLDER,
    )
    site.drop(
        "salesforce_forms/opportunities_report.csv",
        dedent("""\
            Opportunity ID,Account ID,Opportunity Name,Stage,Amount,Close Date,Closed,Won,Owner ID,Created Date
            006D000000AbcDe,001A0000006Vm9r,Capital,Prospecting,11,2026-03-31,0,0,005D0000001nAbC,2026-01-15
            006D000000abcDe,001A0000006Vm9r,Small,Prospecting,21,2026-03-31,0,0,005D0000001nAbC,2026-01-15
            """),
        at=NEWER,
    )
    site.drop(
        "salesforce_forms/OpportunityFieldHistory.csv",
        dedent("""\
            Opportunity ID,Field,Old Value,New Value,Created Date
            006D000000AbcDe,Owner,005D0000001nXyZ,005D0000001nAbC,2026-02-01T09:00:00.000Z
            006D000000AbcDe,NextStep,NegotiationDone,,2026-02-01T09:00:00.000Z
            006D000000abcDe,Stage,Qualification,Demo,2026-02-01T09:00:00.000Z
            006D000000abcDe,Stage,Demo,Prospecting,2026-02-03T09:00:00.000Z
            006D000000abcDe,Amount,,20,2026-02-01T09:00:00.000Z
            006D000000abcDe,Close Date,2026-02-28,2026-03-31,2026-02-01T09:00:00.000Z
            """),
        at=NEWER,
    )
    site.drop("salesforce_forms/Account.csv", "Account ID,Account Name\n001A0000006Vm9r,Example\n", at=NEWER)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("salesforce"))
    drop_api_tables(made)
    drop_us_report(made)
    drop_replica(made)
    drop_both_forms_of_ids(made)
    assert not made.load().failures
    made.dbt("run", "--select", "staging.salesforce")
    return made


def opportunity(site: Site, opportunity_id: str, columns: str) -> tuple[object, ...]:
    (found,) = site.marts(
        f"select {columns} from staging.stg_salesforce__opportunities where opportunity_id = '{opportunity_id}'"
    )
    return found


FIRST = "salesforce:006AAAAAAAAAAA1AAA"
LOST = "salesforce:006AAAAAAAAAAA2AAA"


@pytest.mark.parametrize(
    ("opportunity_id", "is_closed", "is_won"),
    [
        pytest.param(FIRST, True, True, id="TRUE"),
        pytest.param(LOST, True, False, id="FALSE"),
        pytest.param("salesforce_us:006AAAAAAAAAAA1Y5P", True, True, id="1"),
        pytest.param("salesforce_us:006AAAAAAAAAAA2Y5P", False, False, id="0"),
        pytest.param("salesforce_replica:006A", True, True, id="true"),
    ],
)
def test_booleans_are_read_in_every_form(site: Site, opportunity_id: str, is_closed: bool, is_won: bool) -> None:
    assert opportunity(site, opportunity_id, "is_closed, is_won") == (is_closed, is_won)


@pytest.mark.parametrize(
    ("opportunity_id", "probability"), [(FIRST, 1.0), (LOST, 0.0), ("salesforce_us:006AAAAAAAAAAA2Y5P", 0.1)]
)
def test_a_probability_of_0_to_100_becomes_a_fraction(site: Site, opportunity_id: str, probability: float) -> None:
    assert opportunity(site, opportunity_id, "probability") == (probability,)


@pytest.mark.parametrize("opportunity_id", [FIRST, LOST, "salesforce_us:006AAAAAAAAAAA1Y5P"])
def test_a_close_date_has_no_time_and_is_never_shifted(site: Site, opportunity_id: str) -> None:
    assert opportunity(site, opportunity_id, "close_date, closed_at") == (dt.date(2026, 3, 31), None)


def test_us_dates_and_amounts_are_read_as_a_report_writes_them(site: Site) -> None:
    found = opportunity(site, "salesforce_us:006AAAAAAAAAAA1Y5P", "amount_local::text, created_at")
    assert found == ("1234.56", at("2026-01-15 14:30"))


def test_years_of_two_digits_are_of_this_century(site: Site) -> None:
    found = opportunity(site, "salesforce_us:006AAAAAAAAAAA2Y5P", "close_date, created_at")
    assert found == (dt.date(2026, 12, 5), at("2026-01-15 00:00"))


def test_an_offset_without_a_colon_is_utc(site: Site) -> None:
    assert opportunity(site, FIRST, "created_at") == (at("2026-01-15 09:00"),)


def test_the_newest_export_of_an_opportunity_wins_with_its_currency_and_custom_fields(site: Site) -> None:
    assert opportunity(site, FIRST, "source_stage, currency_code, custom_fields") == (
        "Closed Won",
        "USD",
        '{"Region__c":"North"}',
    )


def test_an_amount_that_is_no_number_is_null(site: Site) -> None:
    assert opportunity(site, LOST, "amount_local") == (None,)


def test_a_queue_is_no_owner(site: Site) -> None:
    assert opportunity(site, LOST, "owner_source_id") == (None,)
    assert opportunity(site, FIRST, "owner_source_id") == ("salesforce:005A",)


@pytest.mark.parametrize(
    ("opportunity_id", "is_deleted"),
    [
        pytest.param(FIRST, False, id="listed"),
        pytest.param("salesforce:006AAAAAAAAAAA3AAA", True, id="in the recycle bin"),
        pytest.param("salesforce:006AAAAAAAAAAA9AAA", True, id="absent from the newest export"),
        pytest.param("salesforce_replica:006A", False, id="replicated"),
        pytest.param("salesforce_replica:006B", True, id="deleted for the connector only"),
    ],
)
def test_deleted_opportunities_are_kept_and_flagged(site: Site, opportunity_id: str, is_deleted: bool) -> None:
    assert opportunity(site, opportunity_id, "is_deleted") == (is_deleted,)


def test_a_table_without_a_deletion_mark_of_its_own_takes_the_connectors(site: Site) -> None:
    assert site.marts("select person_source_id, is_deleted from staging.stg_salesforce__contacts order by all") == [
        ("salesforce_replica:003A", False),
        ("salesforce_replica:003B", True),
    ]


def test_an_id_of_15_characters_is_the_same_record_as_the_one_of_18(site: Site) -> None:
    assert site.marts("""
        select opportunity_name, opportunity_id, amount_local::text, account_source_id, owner_source_id, is_deleted
        from staging.stg_salesforce__opportunities where source_instance = 'salesforce_forms' order by all
    """) == [
        (name, f"salesforce_forms:{record}", amount, account, "salesforce_forms:005D0000001nAbCIAU", is_deleted)
        for account in ["salesforce_forms:001A0000006Vm9rIAC"]
        for name, record, amount, is_deleted in [
            ("Capital", "006D000000AbcDeIAJ", "11.00", False),
            ("Gone", "006D000000ZZZZZIA5", "30.00", True),
            ("Small", "006D000000abcDeIAI", "21.00", False),
        ]
    ]


def test_histories_and_accounts_of_a_report_join_the_records_of_the_api(site: Site) -> None:
    assert changes(
        site, "salesforce_forms:006D000000AbcDeIAJ", "owner", "previous_owner_source_id, owner_source_id"
    ) == [("salesforce_forms:005D0000001nXyZIAU", "salesforce_forms:005D0000001nAbCIAU", at("2026-02-01 09:00"))]


def test_the_field_history_tells_stages_where_no_opportunity_history_was_exported(site: Site) -> None:
    assert site.marts("""
        select opportunity_id, field_name, source_stage, amount_local::text, close_date::text, changed_at, origin
        from staging.stg_salesforce__opportunity_field_changes order by field_name, changed_at
    """) == [
        ("salesforce_forms:006D000000abcDeIAI", *told)
        for told in [
            ("amount", None, "20.00", None, at("2026-02-01 09:00"), "logged"),
            ("close_date", None, None, "2026-02-28", at("2026-01-15 00:00"), "assumed"),
            ("close_date", None, None, "2026-03-31", at("2026-02-01 09:00"), "logged"),
            ("stage", "Qualification", None, None, at("2026-01-15 00:00"), "assumed"),
            ("stage", "Demo", None, None, at("2026-02-01 09:00"), "logged"),
            ("stage", "Prospecting", None, None, at("2026-02-03 09:00"), "logged"),
        ]
    ]


def changes(site: Site, opportunity_id: str, field: str, columns: str) -> list[tuple[object, ...]]:
    return site.marts(f"""
        select {columns}, changed_at from staging.stg_salesforce__opportunity_changes
        where opportunity_id = '{opportunity_id}' and field_name = '{field}' order by changed_at
    """)


def test_opportunity_history_gives_the_stages_but_not_the_deleted_ones(site: Site) -> None:
    assert changes(site, FIRST, "stage", "source_stage") == [
        ("Prospecting", at("2026-01-15 09:00")),
        ("Closed Won", at("2026-03-01 23:30")),
    ]


def test_opportunity_history_gives_amounts_and_close_dates(site: Site) -> None:
    assert [amount for amount, _ in changes(site, FIRST, "amount", "amount_local::text")] == [
        "100.00",
        "1234.56",
    ]
    assert {day for day, _ in changes(site, FIRST, "close_date", "close_date")} == {dt.date(2026, 3, 31)}


def test_of_the_two_rows_of_an_owner_change_the_one_with_ids_counts_whichever_comes_first(site: Site) -> None:
    assert changes(site, FIRST, "owner", "previous_owner_source_id, owner_source_id") == [
        ("salesforce:005A", "salesforce:005B", at("2026-02-01 09:00")),
        ("salesforce:005B", "salesforce:005A", at("2026-02-15 09:00")),
    ]


def test_replicated_versions_are_the_history_of_an_opportunity_that_returns_to_a_stage(site: Site) -> None:
    found = changes(site, "salesforce_replica:006A", "stage", "source_stage")
    assert [value for value, _ in found] == ["Prospecting", "Negotiation", "Prospecting"]


def test_a_version_owned_by_a_queue_has_no_owner(site: Site) -> None:
    found = changes(site, "salesforce_replica:006A", "owner", "owner_source_id")
    assert [value for value, _ in found] == ["salesforce_replica:005A"] * 2


def test_a_conversion_has_a_day_and_not_always_an_opportunity(site: Site) -> None:
    assert site.marts("""
        select linked_person_source_id, converted_opportunity_id, is_converted, converted_date
        from staging.stg_salesforce__leads where is_converted order by person_source_id
    """) == [
        ("salesforce:003A", FIRST, True, dt.date(2026, 2, 28)),
        ("salesforce:003B", None, True, dt.date(2026, 2, 28)),
    ]


def test_a_merged_lead_is_deleted_and_points_to_its_master(site: Site) -> None:
    assert site.marts("""
        select merged_into_source_id, is_deleted, owner_source_id from staging.stg_salesforce__leads
        where person_source_id = 'salesforce:00QC'
    """) == [("salesforce:00QA", True, None)]


def test_a_merged_account_is_deleted_and_points_to_its_master(site: Site) -> None:
    assert site.marts("""
        select account_source_id, merged_into_source_id, is_deleted from staging.stg_salesforce__accounts
        order by account_source_id
    """) == [
        ("salesforce:001A", None, False),
        ("salesforce:001B", "salesforce:001A", True),
        ("salesforce_forms:001A0000006Vm9rIAC", None, False),
    ]


def test_an_accounts_website_is_a_domain_and_its_size_a_number(site: Site) -> None:
    assert site.marts("""
        select domain, employees_count, parent_source_id from staging.stg_salesforce__accounts
        where account_source_id = 'salesforce:001A'
    """) == [("example.com", 1250, "salesforce:001P")]


def test_a_lead_carries_a_plain_address_a_domain_and_a_name(site: Site) -> None:
    assert site.marts("""
        select person_email, company_domain, person_name from staging.stg_salesforce__leads
        where person_source_id in ('salesforce:00QA', 'salesforce:00QB') order by person_source_id
    """) == [("ada@example.com", "example.com", "Ada Lace"), (None, None, "Bo")]


def test_lead_history_gives_the_stages_and_the_owner_by_id(site: Site) -> None:
    assert site.marts("""
        select field_name, source_stage, owner_source_id from staging.stg_salesforce__lead_changes
        where source_stage is not null or owner_source_id is not null order by field_name
    """) == [("owner", None, "salesforce:005A"), ("stage", "Qualified", None)]


@pytest.mark.parametrize(
    ("task", "activity_type", "is_completed", "occurred_at", "occurred_date"),
    [
        pytest.param("00T1", "call", True, at("2026-03-01 10:30"), dt.date(2026, 3, 1), id="done on its day"),
        pytest.param("00T2", "call", False, at("2026-03-15 11:00"), dt.date(2026, 3, 15), id="due is not done"),
        pytest.param("00T3", "mass_email", True, at("2026-03-01 11:00"), dt.date(2026, 3, 1), id="ticked off later"),
        pytest.param("00T4", "email", True, at("2026-03-01 23:30"), dt.date(2026, 3, 2), id="without a day"),
        pytest.param("00T5", "task", True, at("2026-03-01 10:30"), dt.date(2026, 3, 1), id="a plain task"),
        pytest.param("00T6", "call", True, at("2026-03-01 15:20"), dt.date(2026, 3, 1), id="logged on its day"),
    ],
)
def test_a_task_took_place_on_its_activity_date(
    site: Site, task: str, activity_type: str, is_completed: bool, occurred_at: dt.datetime, occurred_date: dt.date
) -> None:
    assert site.marts(f"""
        select activity_type, is_completed, occurred_at, occurred_date from staging.stg_salesforce__tasks
        where activity_id = 'salesforce:{task}'
    """) == [(activity_type, is_completed, occurred_at, occurred_date)]


def test_a_task_is_done_where_its_status_means_so_whatever_it_is_called(site: Site) -> None:
    assert site.marts("""
        select is_completed from staging.stg_salesforce__tasks
        where source_instance = 'salesforce_us' order by activity_id
    """) == [(True,), (True,), (False,)]


@pytest.mark.parametrize("table", ["opportunities", "leads"])
def test_a_report_names_its_owners(site: Site, table: str) -> None:
    assert site.marts(f"""
        select distinct owner_source_id from staging.stg_salesforce__{table} where source_instance = 'salesforce_us'
    """) == [("salesforce_us:Ann Ash",)]


def test_a_task_belongs_to_an_opportunity_only_when_what_it_is_about_is_one(site: Site) -> None:
    assert site.marts("""
        select opportunity_id, direction, duration_seconds from staging.stg_salesforce__tasks
        where activity_id in ('salesforce:00T1', 'salesforce:00T2') order by activity_id
    """) == [(FIRST, "inbound", 65), (None, "outbound", None)]


def test_a_message_tells_of_its_task_who_wrote_and_what_bounced(site: Site) -> None:
    assert site.marts("""
        select activity_id, is_incoming, is_bounced from staging.stg_salesforce__email_messages order by activity_id
    """) == [("salesforce:00T4", True, False), ("salesforce:00T6", False, True)]


@pytest.mark.parametrize(
    ("event", "occurred_date", "is_deleted"),
    [
        pytest.param("00U1", dt.date(2026, 3, 2), False, id="its day is local"),
        pytest.param("00U2", dt.date(2026, 3, 2), True, id="an attendee's copy is the same meeting"),
        pytest.param("00U3", dt.date(2026, 3, 10), False, id="all day"),
    ],
)
def test_an_event_is_one_meeting(site: Site, event: str, occurred_date: dt.date, is_deleted: bool) -> None:
    assert site.marts(f"""
        select occurred_date, is_deleted from staging.stg_salesforce__events where activity_id = 'salesforce:{event}'
    """) == [(occurred_date, is_deleted)]


def test_contact_roles_say_who_is_primary_and_which_were_removed(site: Site) -> None:
    assert site.marts("""
        select person_source_id, is_primary, is_deleted from staging.stg_salesforce__opportunity_contacts order by all
    """) == [("salesforce:003A", True, False), ("salesforce:003B", False, True)]


def test_a_user_who_left_is_known_and_inactive(site: Site) -> None:
    assert site.marts("select user_name, user_email, is_active from staging.stg_salesforce__users order by all") == [
        ("Ann Ash", "ann@example.com", True),
        ("Bob Birch", "bob@example.com", False),
    ]
