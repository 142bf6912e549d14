"""A company of any size as exports: written by DuckDB from row numbers alone, so that its totals are known beforehand.

Everything grows with the number of activities but what one company has once: reps call 25,000 times in three years,
contacts are called by those who know them, deals come of contacts, invoices of wins. Every row has its moment by its
number, so the files are the same each time.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.literals import quoted

# a Monday and a Tuesday: the business days between them are numbered from 0
START, END = dt.date(2023, 1, 2), dt.date(2026, 3, 31)
WEEKS = (END - START).days // 7
BUSINESS_DAYS = WEEKS * 5 + END.weekday() + 1
CHECKED_AT = f"{END + dt.timedelta(days=1)} 06:00:00"
CALLS, EMAILS, MEETINGS = 5, 4, 1  # of ten activities
PER_REP = 25_000
OPEN_FOR = 60  # days in which no deal closes before the end
STAGES = {"s_open": "opportunity", "s_demo": "demo", "s_proposal": "proposal"}
SOURCES = "['ORGANIC_SEARCH', 'PAID_SEARCH', 'PAID_SOCIAL', 'REFERRALS', 'DIRECT_TRAFFIC', 'EMAIL_MARKETING']"
EMPLOYEES = "[8, 40, 120, 700, 3000]"
DISPOSITIONS = (
    "['f240bbac-87c9-4f6e-bf70-924b57d47db7', '9d9162e7-6cf3-4944-bf63-4dff82258764', "
    "'73a0d17f-1163-4015-bdd5-ec830791da20', 'b2cf5968-551e-4856-9783-52b3da59a7d0']"
)


@dataclass(frozen=True)
class Size:
    """How much of a company."""

    name: str
    activities: int
    leads: int
    deals: int

    @property
    def reps(self) -> int:
        """People in sales, as many as the activities take."""
        return max(self.activities // PER_REP, 4)

    @property
    def companies(self) -> int:
        """Companies of the contacts."""
        return max(self.leads // 4, 1)

    @property
    def months(self) -> int:
        """Months of the ledger, the first of them included."""
        return (END.year - START.year) * 12 + END.month

    @property
    def entries(self) -> int:
        """Entries a month in the ledger, two lines each."""
        return max(self.activities // 2_000, 10)


SIZES = {
    each.name: each
    for each in (
        Size("M", 1_000_000, 100_000, 30_000),
        Size("L", 10_000_000, 1_000_000, 300_000),
        Size("XL", 30_000_000, 3_000_000, 900_000),
    )
}


def write_company(size: Size, folder: Path) -> int:
    """Writes `extracts/` and `config/` below a folder; the bytes of the exports."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for name, query in _exports(size).items():
            path = folder / "extracts" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            delimiter = "\\t" if path.suffix == ".txt" else ","
            connection.execute(f"copy ({query}) to {quoted(path)} (format csv, header, delimiter e'{delimiter}')")
    config = folder / "config"
    config.mkdir(parents=True, exist_ok=True)
    with (config / "stage_mapping.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["source_system", "source_instance", "pipeline", "source_stage", "source_label", "stage"])
        writer.writerows(["hubspot", "hubspot", "default", stage, stage, told] for stage, told in STAGES.items())
    return sum(path.stat().st_size for path in (folder / "extracts").rglob("*") if path.is_file())


def moment_of(place: str, rows: int, days: int = BUSINESS_DAYS) -> str:
    """SQL of the moment of a row by its place among so many: on a business day, in working hours."""
    day = f"(({place}) * {days} // {rows})"
    date = f"date '{START}' + (7 * ({day} // 5) + {day} % 5)::integer"
    return f"({date} + to_minutes((480 + ({place}) * 7 % 540)::integer))"


def _stamp(moment: str) -> str:
    return f"strftime({moment}, '%Y-%m-%dT%H:%M:%SZ')"


def deals_of(size: Size) -> str:
    """SQL of the deals: what the exports say of them, typed; the bench's other readers start from the files."""
    # a deal comes of a contact two weeks after it was made, and the last ones are open
    made = moment_of("i", size.deals, BUSINESS_DAYS - 15)
    return f"""
        select
            i as deal, i * {size.leads} // {size.deals} as contact, {made} + to_days(15) as made_at,
            made_at + to_days((20 + i * 31 % 60)::integer) as closed_at, 1000 + i * 7919 % 9000 + 0.5 as amount,
            case
                when closed_at > timestamp '{END}' - to_days({OPEN_FOR}) then 'open'
                when i % 10 < 3 then 'won'
                when i % 10 < 9 then 'lost'
                else 'open'
            end as outcome,
            case when i % 5 = 0 then 'existingbusiness' else 'newbusiness' end as kind, i % {size.reps} as rep
        from range({size.deals}) as series (i)
    """


def _exports(size: Size) -> dict[str, str]:
    return {**_crm(size), **_activities(size), **_billing(size), **_spending(size)}


def _crm(size: Size) -> dict[str, str]:
    contact = moment_of("i", size.leads, BUSINESS_DAYS - 3)
    stages = "['s_open', 's_demo', 's_proposal']"
    stage = f"case outcome when 'won' then 'closedwon' when 'lost' then 'closedlost' else {stages}[deal % 3 + 1] end"
    return {
        f"hubspot/owners_{END}.csv": f"""
            select
                i as id, 'rep' || i || '@seller.example' as email, 'Rep' as firstName, 'N' || i as lastName,
                'Team ' || (i // 8) as teams, '{START}T06:00:00Z' as createdAt, 'false' as archived
            from range({size.reps}) as series (i)""",
        f"hubspot/companies_{END}.csv": f"""
            select
                i as id, 'Company ' || i as name, 'c' || i || '.example' as domain, 'Software' as industry,
                {EMPLOYEES}[i % 5 + 1] as numberofemployees, 'France' as country, i % {size.reps} as hubspot_owner_id,
                '{START}T06:00:00Z' as createdate, '{START}T06:00:00Z' as hs_lastmodifieddate
            from range({size.companies}) as series (i)""",
        f"hubspot/contacts_{END}.csv": f"""
            select
                i as id, 'p' || i || '@c' || (i % {size.companies}) || '.example' as email, 'Ana' as firstname,
                'N' || i as lastname, 'CFO' as jobtitle,
                case
                    when i % 4 = 0 then 'salesqualifiedlead' when i % 2 = 0 then 'marketingqualifiedlead' else 'lead'
                end as lifecyclestage,
                i % {size.reps} as hubspot_owner_id, {_stamp("made_at")} as createdate,
                {_stamp("made_at + to_days(3)")} as lastmodifieddate, {SOURCES}[i % 6 + 1] as hs_analytics_source,
                {_stamp("made_at")} as hs_v2_date_entered_lead,
                case when i % 2 = 0 then {_stamp("made_at + to_days(1)")} end
                    as hs_v2_date_entered_marketingqualifiedlead,
                case when i % 4 = 0 then {_stamp("made_at + to_days(3)")} end as hs_v2_date_entered_salesqualifiedlead,
                i % {size.companies} as associated_company_ids
            from (select i, {contact} as made_at from range({size.leads}) as series (i))""",
        f"hubspot/deals_{END}.csv": f"""
            select
                deal as id, 'Deal ' || deal as dealname, amount, 'EUR' as deal_currency_code, {stage} as dealstage,
                'default' as pipeline, {_stamp("closed_at")} as closedate, {_stamp("made_at")} as createdate,
                {_stamp(f"least(closed_at, timestamp '{END}')")} as hs_lastmodifieddate, rep as hubspot_owner_id,
                kind as dealtype, outcome <> 'open' as hs_is_closed, outcome = 'won' as hs_is_closed_won,
                ['Essential', 'Pro', 'Enterprise'][deal % 3 + 1] as hs_product, contact as associated_contact_ids,
                contact % {size.companies} as associated_company_ids
            from ({deals_of(size)})""",
        f"hubspot/deal_property_history_{END}.csv": f"""
            with deals as ({deals_of(size)}),
            changes as (
                select deal, 'dealstage' as name, 's_open' as value, made_at as moment from deals
                union all
                select deal, 'amount', amount::varchar, made_at from deals
                union all
                select deal, 'closedate', (epoch_ms(closed_at))::varchar, made_at from deals
                union all
                select deal, 'dealstage', 's_demo', made_at + to_days(5) from deals
                where outcome <> 'open' or deal % 3 >= 1
                union all
                select deal, 'dealstage', 's_proposal', made_at + to_days(12) from deals
                where outcome = 'won' or deal % 3 = 2
                union all
                select deal, 'dealstage', case outcome when 'won' then 'closedwon' else 'closedlost' end, closed_at
                from deals
                where outcome <> 'open'
            )
            select deal as deal_id, name, value, {_stamp("moment")} as timestamp, 'CRM_UI' as source
            from changes where moment <= timestamp '{END} 18:00:00' order by deal, moment, name""",
    }


def _activities(size: Size) -> dict[str, str]:
    exports = {}
    # HubSpot numbers all records of activities together
    for place, (name, share, columns) in enumerate(
        (
            (
                "calls",
                CALLS,
                f"""'OUTBOUND' as hs_call_direction, {DISPOSITIONS}[i % 4 + 1] as hs_call_disposition,
            i * 7919 % 900000 as hs_call_duration, 'COMPLETED' as hs_call_status""",
            ),
            ("emails", EMAILS, "'EMAIL' as hs_email_direction, 'SENT' as hs_email_status"),
            (
                "meetings",
                MEETINGS,
                f"""{_stamp("moment + to_minutes(30)")} as hs_meeting_end_time,
            case when i % 10 < 8 then 'COMPLETED' when i % 10 = 8 then 'NO_SHOW' else 'CANCELED' end
                as hs_meeting_outcome""",
            ),
        )
    ):
        rows = size.activities * share // 10
        made = "moment - to_days(3)" if name == "meetings" else "moment"
        when = "hs_meeting_start_time" if name == "meetings" else "hs_timestamp"
        exports[f"hubspot/{name}_{END}.csv"] = f"""
            select
                i * 3 + {place} as id, {_stamp("moment")} as {when}, {_stamp(made)} as hs_createdate,
                {_stamp("moment")} as hs_lastmodifieddate, i * 31 % {size.reps} as hubspot_owner_id,
                contact as associated_contact_ids,
                case when i % 3 = 0 then contact * {size.deals} // {size.leads} end as associated_deal_ids, {columns}
            from (
                select
                    i, {moment_of("i", rows)} as moment,
                    -- somebody who was known by then
                    i * 7919 % greatest(i * {size.leads} // {rows} * 95 // 100, 1) as contact
                from range({rows}) as series (i)
            )"""
    return exports


def _billing(size: Size) -> dict[str, str]:
    wins = f"(select * from ({deals_of(size)}) where outcome = 'won')"
    # a year in quarters, as far as it has come
    invoices = f"""(
        select
            wins.*, quarter, closed_at + to_days((quarter * 91)::integer) as issued_at,
            (amount * 100)::bigint // 4 as cents
        from {wins} as wins, range(4) as quarters (quarter)
        where issued_at < timestamp '{END}'
    )"""
    return {
        f"stripe/customers_{END}.csv": f"""
            select
                'cus_' || deal as id, 'Company ' || contact % {size.companies} as name,
                'billing' || deal || '@c' || contact % {size.companies} || '.example' as email,
                epoch(closed_at)::bigint as created, 'eur' as currency,
                contact % {size.companies} as crm_account_id
            from {wins}""",
        f"stripe/invoices_{END}.csv": f"""
            select
                'in_' || deal || '_' || quarter as id, 'cus_' || deal as customer_id, 'sub_' || deal as subscription_id,
                'paid' as status, 'eur' as currency, cents as subtotal, cents // 5 as tax, cents + cents // 5 as total,
                cents + cents // 5 as amount_paid, epoch(issued_at)::bigint as created,
                epoch(issued_at)::bigint as finalized_at, epoch(issued_at)::bigint as paid_at
            from {invoices}""",
        f"stripe/invoice_lines_{END}.csv": f"""
            select
                'il_' || deal || '_' || quarter as id, 'in_' || deal || '_' || quarter as invoice_id, cents as amount,
                'eur' as currency, 'false' as proration, 'si_' || deal as subscription_item_id,
                'price_' || deal as price_id, 1 as quantity, epoch(issued_at)::bigint as period_start,
                epoch(issued_at + to_days(91))::bigint as period_end
            from {invoices}""",
        f"stripe/charges_{END}.csv": f"""
            select
                'ch_' || deal || '_' || quarter as id, 'cus_' || deal as customer_id,
                'in_' || deal || '_' || quarter as invoice_id, cents + cents // 5 as amount, 0 as amount_refunded,
                'eur' as currency, 'succeeded' as status, 'true' as paid, epoch(issued_at)::bigint as created
            from {invoices}""",
        f"stripe/subscriptions_{END}.csv": f"""
            select
                'sub_' || deal as id, 'cus_' || deal as customer_id, 'active' as status, 'eur' as currency,
                epoch(closed_at)::bigint as start_date, epoch(closed_at)::bigint as created
            from {wins}""",
        f"stripe/subscription_items_{END}.csv": f"""
            select
                'si_' || deal as id, 'sub_' || deal as subscription_id, 'price_' || deal as price_id, 1 as quantity,
                epoch(closed_at)::bigint as created
            from {wins}""",
        f"stripe/prices_{END}.csv": f"""
            select
                'price_' || deal as id, 'prod_' || deal % 3 as product_id, 'eur' as currency,
                (amount * 100)::bigint // 4 as unit_amount, 'month' as recurring_interval,
                3 as recurring_interval_count
            from {wins}""",
    }


def _spending(size: Size) -> dict[str, str]:
    days = (END - START).days
    ads = f"""
        select
            strftime(date '{START}' + (i // 10)::integer, '%Y-%m-%d') as day, 'Campaign ' || i % 10 as campaign,
            1000 + i % 10 as campaign_id, 'EUR' as currency_code, 20 + i * 31 % 400 + 0.25 as cost,
            1000 + i % 500 as impressions, 10 + i % 50 as clicks, 0 as conversions
        from range({days * 10}) as series (i)"""
    exports = {f"google_ads/campaign_stats_{END}.csv": ads}
    for year in range(START.year, END.year + 1):
        months = 12 if year < END.year else END.month
        exports[f"fec/123456789FEC{year}1231.txt"] = f"""
            select
                case when i % 4 = 0 then 'OD' else 'AC' end as JournalCode,
                case when i % 4 = 0 then 'Paie' else 'Achats' end as JournalLib, i + 1 as EcritureNum,
                strftime(make_date({year}, (1 + i % {months})::integer, (1 + i % 28)::integer), '%Y%m%d')
                    as EcritureDate,
                case
                    when side = 1 then case when i % 4 = 0 then '421000' else '401000' end
                    when i % 4 = 0 then '641100' when i % 4 = 1 then '623100' else '606400'
                end as CompteNum,
                case
                    when side = 1 then case when i % 4 = 0 then 'Personnel' else 'Fournisseurs' end
                    when i % 4 = 0 then 'Salaires commerciaux' when i % 4 = 1 then 'Annonces et insertions'
                    else 'Fournitures'
                end as CompteLib,
                '' as CompAuxNum, '' as CompAuxLib, 'P' || i as PieceRef, EcritureDate as PieceDate,
                case when i % 4 = 0 then 'Salaires commerciaux' else 'Facture ' || i end as EcritureLib,
                case when side = 0 then (100 + i * 7 % 900) || ',50' else '0,00' end as Debit,
                case when side = 1 then (100 + i * 7 % 900) || ',50' else '0,00' end as Credit,
                '' as EcritureLet, '' as DateLet, EcritureDate as ValidDate, '' as Montantdevise, '' as Idevise
            from range({months * size.entries}) as series (i), range(2) as sides (side)
            order by i, side"""
    return exports
