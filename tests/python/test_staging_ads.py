"""What staging promises of Google Ads and LinkedIn Ads: API rows, downloaded reports, restated days."""

from __future__ import annotations

import datetime as dt
import json
from textwrap import dedent

import pytest

from conftest import Site

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ads")]

OLDER, NEWER = "2026-03-14 06:00", "2026-03-15 06:00"


def drop_google(site: Site) -> None:
    split = {
        "campaign": {"id": "101", "name": "Brand"},
        "customer": {"id": "1", "currencyCode": "EUR"},
        "metrics": {"costMicros": "12345678", "impressions": "1000", "clicks": "50", "conversions": 1.5},
    }
    site.drop(
        "google_ads/campaign_stats_old.json",
        json.dumps([split | {"segments": {"date": day, "device": "MOBILE"}} for day in ("2026-03-12", "2026-03-13")]),
        at=OLDER,
    )
    site.drop(
        "google_ads/campaign_stats_new.json",
        json.dumps([split | {"segments": {"date": "2026-03-13", "device": each}} for each in ("MOBILE", "DESKTOP")]),
        at=NEWER,
    )
    site.drop(
        "google_ads_report/campaign report.csv",
        dedent("""\
            Campaign report
            "March 12, 2026 - March 13, 2026"
            Campaign status,Day,Campaign,Campaign ID,Currency code,Cost,Impr.,Clicks,Conversions
            Enabled,2026-03-12,Brand,101,USD,"1,234.56",1000,50,1.50
            Enabled,2026-03-13,Brand,101,USD,--,0,0,0.00
            Enabled,2026-03-13,TotalEnergies,102,USD,2.00,0,0,0.00
            Total: Campaigns, --, --, --,USD,"1,234.56",1000,50,1.50
            Total: Account, --, --, --,USD,"1,234.56",1000,50,1.50
            """),
        at=NEWER,
    )
    site.drop(
        "google_ads_fr/rapport campagne.csv",
        dedent("""\
            Rapport sur les campagnes
            12 mars 2026 - 13 mars 2026
            Jour\tCampagne\tCode de devise\tCoût\tImpr.\tClics\tConversions
            2026-03-12\tÉté\tEUR\t1\N{NO-BREAK SPACE}234,56\t1\N{NO-BREAK SPACE}000\t50\t1,50
            Total : compte\t --\tEUR\t1\N{NO-BREAK SPACE}234,56\t1\N{NO-BREAK SPACE}000\t50\t1,50
            """),
        encoding="utf-16",
        at=NEWER,
    )


def drop_replicas(site: Site) -> None:
    """Tables as a connector mirrors them, with its mark on what the platform no longer has."""
    site.drop(
        "google_ads_replica/campaign_stats.csv",
        dedent("""\
            date,id,cost_micros,impressions,clicks,_fivetran_deleted
            2026-03-13,101,12345678,100,5,false
            2026-03-13,102,99000000,100,5,true
            """),
        at=NEWER,
    )
    site.drop(
        "linkedin_ads_mirror/ad_analytics_by_campaign.csv",
        dedent("""\
            day,campaign_id,cost_in_local_currency,impressions,clicks,_fivetran_deleted
            2026-03-13,201,12.345678,120,2,false
            2026-03-13,202,99,120,2,true
            """),
        at=NEWER,
    )


def drop_linkedin(site: Site) -> None:
    def report(*days: str) -> str:
        head = dedent("""\
            Campaign Performance Report (in UTC)
            "Report Start: March 12, 2026, 12:00 AM"
            "Date Generated: March 14, 2026, 6:00 AM"

            Start Date (in UTC),Campaign Name,Campaign ID,Currency,Total Spent,Impressions,Clicks,Leads
            """)
        return head + "\n".join([*days, "Total,,,,999.99,9999,999,99"]) + "\n"

    site.drop(
        "linkedin_ads/campaign_performance_old.csv",
        report("3/12/2026,Directors,201,EUR,40.00,400,4,1", "3/13/2026,Directors,201,EUR,10.00,100,1,0"),
        at=OLDER,
    )
    site.drop(
        "linkedin_ads/campaign_performance_new.csv",
        report("3/13/26,Directors,201,EUR,12.34,120,2,1", "3/13/26,Managers,202,EUR,5.00,50,1,0"),
        at=NEWER,
    )
    site.drop(
        "linkedin_ads_replica/ad_analytics_by_campaign.csv",
        dedent("""\
            day,campaign_id,cost_in_local_currency,cost_in_usd,impressions,clicks,one_click_leads
            2026-03-13 00:00:00,201,12.345678,13.5,120,2,1
            """),
        at=NEWER,
    )


def drop_api_rows(site: Site) -> None:
    """LinkedIn's API counts a cost as text of many decimals."""
    costs = {431: "107.5300000000000335346", 432: "19.91833", 433: "0.00000049", 434: "1.23456789"}
    site.drop(
        "linkedin_ads_api/analytics_by_campaign.json",
        json.dumps(
            [
                {
                    "campaign_id": campaign,
                    "day": "2026-03-13",
                    "cost_in_local_currency": cost,
                    "impressions": 1,
                    "clicks": 1,
                }
                for campaign, cost in costs.items()
            ]
        ),
        at=NEWER,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("ads"))
    drop_google(made)
    drop_linkedin(made)
    drop_replicas(made)
    drop_api_rows(made)
    assert not made.load().failures
    made.dbt("run", "--select", "staging.google_ads", "staging.linkedin_ads")
    return made


def stats(site: Site, instance: str, columns: str) -> list[tuple[object, ...]]:
    system = "linkedin_ads" if instance.startswith("linkedin") else "google_ads"
    return site.marts(f"""
        select {columns} from staging.stg_{system}__campaign_stats
        where source_instance = '{instance}' order by spend_date, campaign_id
    """)


def test_a_cost_of_many_decimals_is_rounded(site: Site) -> None:
    assert stats(site, "linkedin_ads_api", "cost_local::text") == [
        ("107.530000",),
        ("19.918330",),
        ("0.000000",),
        ("1.234568",),
    ]


def test_millionths_become_units_and_nothing_is_rounded(site: Site) -> None:
    assert {cost for (cost,) in stats(site, "google_ads", "cost_local::text")} == {"12.345678"}


@pytest.mark.parametrize(
    ("instance", "days"),
    [
        pytest.param("google_ads", [("2026-03-12", 1, "12.345678"), ("2026-03-13", 2, "24.691356")], id="google"),
        pytest.param("linkedin_ads", [("2026-03-12", 1, "40.000000"), ("2026-03-13", 2, "17.340000")], id="linkedin"),
    ],
)
def test_a_restated_day_is_replaced_whole_and_the_others_stay(
    site: Site, instance: str, days: list[tuple[str, int, str]]
) -> None:
    system = instance
    assert (
        site.marts(f"""
        select spend_date::text, count(*), cast(sum(cost_local) as varchar)
        from staging.stg_{system}__campaign_stats where source_instance = '{instance}' group by all order by all
    """)
        == days
    )


@pytest.mark.parametrize("instance", ["google_ads_replica", "linkedin_ads_mirror"])
def test_spend_that_a_connector_marks_as_deleted_is_not_counted(site: Site, instance: str) -> None:
    assert stats(site, instance, "cost_local::text") == [("12.345678",)]


def test_a_downloaded_report_is_read_below_its_title_and_above_its_totals(site: Site) -> None:
    columns = "spend_date, campaign_name, currency_code, cost_local::text, impressions_count, clicks_count"
    assert stats(site, "google_ads_report", f"{columns}, conversions") == [
        (dt.date(2026, 3, 12), "Brand", "USD", "1234.560000", 1000, 50, 1.5),
        (dt.date(2026, 3, 13), "Brand", "USD", None, 0, 0, 0.0),
        (dt.date(2026, 3, 13), "TotalEnergies", "USD", "2.000000", 0, 0, 0.0),
    ]


def test_the_french_report_for_excel_reads_alike(site: Site) -> None:
    columns = "spend_date, campaign_name, currency_code, cost_local::text, impressions_count, conversions"
    assert stats(site, "google_ads_fr", columns) == [(dt.date(2026, 3, 12), "Été", "EUR", "1234.560000", 1000, 1.5)]


@pytest.mark.parametrize(
    ("instance", "campaigns"),
    [
        pytest.param("google_ads_report", {"101", "102"}, id="by id"),
        pytest.param("google_ads_fr", {"Été"}, id="by name where a report has no id"),
    ],
)
def test_a_campaign_is_known(site: Site, instance: str, campaigns: set[str]) -> None:
    found = {value for (value,) in stats(site, instance, "campaign_id")}
    assert found == {f"{instance}:{campaign}" for campaign in campaigns}


def test_linkedins_days_are_us_dates_with_two_or_four_digits_of_the_year(site: Site) -> None:
    assert {day for (day,) in stats(site, "linkedin_ads", "spend_date")} == {dt.date(2026, 3, 12), dt.date(2026, 3, 13)}


def test_linkedins_leads_are_conversions(site: Site) -> None:
    assert stats(site, "linkedin_ads", "campaign_name, conversions") == [
        ("Directors", 1.0),
        ("Directors", 1.0),
        ("Managers", 0.0),
    ]


def test_replicated_rows_carry_the_local_cost_on_the_utc_day(site: Site) -> None:
    columns = "spend_date, cost_local::text, currency_code, conversions, campaign_name"
    assert stats(site, "linkedin_ads_replica", columns) == [(dt.date(2026, 3, 13), "12.345678", "EUR", 1.0, "201")]
