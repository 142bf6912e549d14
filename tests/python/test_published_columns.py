"""Every published column is named by a test; those that no other names are derived here from the columns beside them.

A check is a query for rows that are wrong, and one for rows it looks at, of which there have to be some.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import re
from collections import defaultdict
from typing import Any

import pytest

from conftest import SHARED, DemoSites, Site
from warehouse.identity import identity_key
from warehouse.settings import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("published columns")]
REGISTRY = PROJECT / "seeds" / "kpi_registry.csv"
TESTS = PROJECT / "tests"


@pytest.fixture(scope="module")
def site(demo_sites: DemoSites) -> Site:
    return demo_sites(*SHARED)


@pytest.fixture(scope="module")
def manifest(site: Site) -> Any:
    return json.loads((site.root / "dbt" / "manifest.json").read_text(encoding="utf-8"))


def test_every_published_column_is_named_by_a_test(manifest: Any) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(TESTS.rglob("*")) if path.suffix in (".py", ".sql")]
    texts += [json.dumps(test["expect"]) for test in manifest["unit_tests"].values()]
    texts += [json.dumps(node["test_metadata"]) for node in manifest["nodes"].values() if node.get("test_metadata")]
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    published = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["materialized"] == "table" and "marts" in node["fqn"]
    ]
    assert len(published) > 50
    unnamed = defaultdict(list)
    for node in published:
        for column in node["columns"]:
            if column not in words:
                unnamed[node["name"]].append(column)
    assert dict(unnamed) == {}


CHECKS = {
    "dim_accounts.industry, country": (
        """
        select account_id from marts.dim_accounts as accounts
        inner join raw.hubspot.companies as companies on accounts.account_id = 'hubspot:' || companies.id
        where (accounts.industry, accounts.country) is distinct from (companies.industry, companies.country)
        """,
        "select 1 from marts.dim_accounts where industry is not null and country is not null",
    ),
    "dim_dates.holiday_name_fr, holiday_name_en": (
        """
        select date_day from marts.dim_dates
        where (holiday_name_fr is null) <> (holiday_name_en is null)
            or (holiday_name_fr is not null and is_business_day)
            or (holiday_name_fr is null and not is_business_day and iso_weekday < 6)
            or (strftime(date_day, '%m-%d') = '07-14') <> coalesce(holiday_name_fr = 'Fête nationale', false)
            or (strftime(date_day, '%m-%d') = '05-01') <> coalesce(holiday_name_en = 'Labor Day', false)
        """,
        "select 1 from marts.dim_dates where holiday_name_en is not null",
    ),
    "fct_activity_people.is_first_touch": (
        """
        select contact_id from marts.fct_activity_people where is_touch
        group by contact_id
        having count(*) filter (where is_first_touch) <> 1
            or min(occurred_at) filter (where is_first_touch) <> min(occurred_at)
        union all
        select contact_id from marts.fct_activity_people where is_first_touch and not is_touch
        """,
        "select 1 from marts.fct_activity_people where is_touch and not is_first_touch",
    ),
    "fct_first_touches.touched_at": (
        """
        select contact_id from marts.fct_first_touches as first
        left join marts.fct_activity_people as touches using (contact_id)
        where first.touch_kind = 'any' and touches.is_first_touch
            and (first.touched_at <> touches.occurred_at or first.touched_date <> touches.occurred_date)
        """,
        "select 1 from marts.fct_first_touches where touch_kind = 'any'",
    ),
    "fct_leads.first_known_date": (
        """
        with contacted as (
            select contact_id, min(occurred_date) as first_date, min(occurred_at) as first_at
            from marts.fct_activity_people where is_past group by all
        )
        select contact_id from marts.fct_leads left join contacted using (contact_id)
        where first_known_date <> least(created_date, coalesce(first_date, created_date))
            or is_active_before_record <> coalesce(first_at < created_at, false)
        """,
        "select 1 from marts.fct_leads where is_active_before_record",
    ),
    "fct_opportunities.is_first_contact_inferred": (
        """
        select opportunity_id from marts.fct_opportunities
        where is_first_contact_inferred and first_contact_date <> created_date
        """,
        "select 1 from marts.fct_opportunities group by all having count(distinct is_first_contact_inferred) = 2",
    ),
    "fct_stage_visits.visit_number": (
        """
        select record_id from (
            select *, row_number() over (
                partition by counting_unit, record_id, stage order by visit_position
            ) as counted
            from marts.fct_stage_visits
        )
        where visit_number <> counted
        """,
        "select 1 from marts.fct_stage_visits where visit_number > 1",
    ),
    "funnel_cohort_ages.age_days": (
        """
        select entered_date from marts.funnel_cohort_ages cross join marts.dim_clocks
        where age_days <> as_of_date - entered_date
        """,
        "select 1 from marts.funnel_cohort_ages where age_days > 0",
    ),
    "funnel_conversion.conversion_to_date_rate": (
        """
        select scope_id from marts.funnel_conversion
        where conversion_to_date_rate is distinct from
            case when entrants_count > 0 then converted_to_date_count / entrants_count end
        """,
        "select 1 from marts.funnel_conversion where conversion_to_date_rate > 0 and conversion_to_date_rate < 1",
    ),
    "funnel_outcomes.closed_count, closed_amount": (
        """
        with told as (
            select
                date_trunc('month', close_date)::date as month, opportunity_type, status, count(*) as deals,
                sum(coalesce(opportunity_amount, 0)) as amount
            from marts.fct_opportunities, marts.dim_clocks
            where status in ('won', 'lost', 'no_decision') and close_date <= as_of_date
            group by all
        ),
        built as (
            select
                period_start_date as month, opportunity_type, status, sum(closed_count) as deals,
                sum(closed_amount) as amount
            from marts.funnel_outcomes where period_grain = 'month' and scope_type = 'company' group by all
        )
        select month from built full join told using (month, opportunity_type, status)
        where built.deals is distinct from told.deals or built.amount is distinct from told.amount
        """,
        "select 1 from marts.funnel_outcomes where closed_amount > 0 and scope_type = 'company'",
    ),
    "funnel_outcomes.closed_share": (
        """
        select scope_id from marts.funnel_outcomes
        group by period_grain, period_start_date, scope_type, scope_id, opportunity_type
        having abs(sum(closed_share) - 1) > 1e-9
            or max(closed_share / closed_count) - min(closed_share / closed_count) > 1e-9
        """,
        "select 1 from marts.funnel_outcomes where closed_share < 1",
    ),
    "funnel_pipeline_deals.start_team_id, end_team_id": (
        """
        with teams as (select distinct rep_id, coalesce(team_id, 'unknown') as team_id from marts.dim_sales_rep_spells)
        select opportunity_id from marts.funnel_pipeline_deals as deals
        left join teams as first on deals.start_rep_id = first.rep_id and deals.start_team_id = first.team_id
        left join teams as last on deals.end_rep_id = last.rep_id and deals.end_team_id = last.team_id
        where (first.rep_id is null and deals.start_team_id <> 'unknown')
            or (last.rep_id is null and deals.end_team_id <> 'unknown')
        """,
        "select 1 from marts.funnel_pipeline_deals where start_team_id <> 'unknown' and end_team_id <> 'unknown'",
    ),
    "funnel_pipeline_deals.start_close_date, end_close_date": (
        """
        select opportunity_id from marts.funnel_pipeline_deals as deals
        where exists (select 1 from marts.fct_pipeline_spells as s where s.opportunity_id = deals.opportunity_id)
            and (
                (start_close_date is not null and not exists (
                    select 1 from marts.fct_pipeline_spells as s
                    where s.opportunity_id = deals.opportunity_id and s.close_date = deals.start_close_date
                ))
                or (end_close_date is not null and not exists (
                    select 1 from marts.fct_pipeline_spells as s
                    where s.opportunity_id = deals.opportunity_id and s.close_date = deals.end_close_date
                ))
            )
        """,
        "select 1 from marts.funnel_pipeline_deals where start_close_date <> end_close_date",
    ),
    "funnel_pipeline_waterfall.carried_over_amount": (
        """
        select scope_id from marts.funnel_pipeline_waterfall
        where carried_over_amount < 0 or carried_over_amount > pulled_in_amount
        """,
        "select 1 from marts.funnel_pipeline_waterfall where carried_over_amount > 0",
    ),
    "funnel_stage_durations.mean_days, p90_days": (
        """
        select scope_id from marts.funnel_stage_durations
        where p90_days < median_days or mean_days < 0
            or (mean_days is null) <> (p90_days is null)
            or (records_count - open_count = 0) <> (mean_days is null)
        """,
        "select 1 from marts.funnel_stage_durations where p90_days > median_days",
    ),
    "kpi_expectations.value_before, denominator_before": (
        """
        with told as (
            select
                a.kpi_code, a.period_grain, a.scope_type, a.scope_id, a.period_start_date,
                sum(case when b.is_learnt_from then b.value end) as value_before,
                sum(case when b.is_learnt_from then b.denominator end) as denominator_before
            from marts.kpi_expectations as a
            inner join marts.kpi_histories as h
                using (kpi_code, period_grain, scope_type, scope_id, period_start_date)
            left join marts.kpi_expectations as b
                on a.kpi_code = b.kpi_code and a.period_grain = b.period_grain and a.scope_type = b.scope_type
                and a.scope_id = b.scope_id and b.period_number < a.period_number
                and b.period_number >= a.period_number - h.season_length
            where a.scope_type = 'company'
            group by all
        )
        select kpi_code from marts.kpi_expectations as built
        inner join told using (kpi_code, period_grain, scope_type, scope_id, period_start_date)
        where abs(coalesce(built.value_before, 0) - coalesce(told.value_before, 0))
                > 1e-6 * (1 + abs(told.value_before))
            or abs(coalesce(built.denominator_before, 0) - coalesce(told.denominator_before, 0))
                > 1e-6 * (1 + abs(told.denominator_before))
        """,
        "select 1 from marts.kpi_expectations where value_before > 0 and denominator_before > 0",
    ),
    "kpi_histories.season_length": (
        """
        select kpi_code from marts.kpi_histories
        where season_length <> case period_grain when 'week' then 52 when 'month' then 12 else 4 end
        """,
        "select 1 from marts.kpi_histories where period_grain = 'week'",
    ),
    "kpi_target_history.periods_ago": (
        """
        select kpi_code from (
            select
                kpi_code, period_grain, period_start_date, periods_ago,
                dense_rank() over (partition by kpi_code, period_grain order by period_start_date desc) as counted
            from marts.kpi_target_history
        )
        where periods_ago <> counted
        """,
        "select 1 from marts.kpi_target_history where periods_ago > 3 and period_grain = 'month'",
    ),
    "quality_match_rates.limit_rate": (
        """
        select entity from marts.quality_match_rates
        where is_low <> coalesce(match_rate < limit_rate, false)
        """,
        "select 1 from marts.quality_match_rates where limit_rate is not null",
    ),
}


@pytest.mark.parametrize("columns", CHECKS)
def test_a_column_says_what_the_columns_beside_it_say(site: Site, columns: str) -> None:
    wrong, looked_at = CHECKS[columns]
    assert site.marts(f"select count(*) > 0 from ({looked_at})") == [(True,)]
    assert site.marts(f"select * from ({wrong}) limit 5") == []


def test_registry_words_and_samples_are_those_of_the_seed(site: Site) -> None:
    with REGISTRY.open(encoding="utf-8", newline="") as file:
        said = {row["kpi_code"]: row for row in csv.DictReader(file)}
    names = ("objective_en", "objective_fr")
    built = {code: rest for code, *rest in site.marts(f"select kpi_code, {', '.join(names)} from marts.dim_kpis")}
    assert built.keys() == said.keys()
    for name in ("dim_kpis", "kpi_histories", "kpi_expectations", "kpi_surprises", "kpi_target_history"):
        samples = dict(site.marts(f"select distinct kpi_code, minimum_sample from marts.{name}"))
        assert samples
        assert samples.items() <= {code: int(row["minimum_sample"]) for code, row in said.items()}.items(), name


def test_an_address_is_published_as_its_hash_under_the_key_of_the_warehouse(site: Site) -> None:
    people = site.marts(
        "select person_email, email_hash from marts.dim_contacts "
        "inner join intermediate.int_people__conformed using (contact_id) where person_email is not null"
    )
    key = identity_key(site.settings.warehouse)
    assert len(people) > 100
    assert {sent: hmac.new(key, sent.encode(), hashlib.sha256).hexdigest() for sent, _ in people} == dict(people)
