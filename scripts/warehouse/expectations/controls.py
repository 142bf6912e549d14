"""Totals of the landed rows, read without the models, beside which those of the marts are held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from warehouse.expectations.landing_assets import current_rows_of
from warehouse.expectations.standing import Landed
from warehouse.literals import quoted
from warehouse.rendering import read_as
from warehouse.settings import reporting_currency


@dataclass(frozen=True)
class Control:
    """A total of a mart, that of the landed rows, and how many times the one may be the other."""

    name: str
    table: str
    measures: str
    built: str
    raw: str
    low: float
    high: float


# what a deal is worth and whether it is won, by the CRM's own flags: amount, won, gone
WON = {
    ("hubspot", "deals"): ("amount", read_as("hs_is_closed_won", "boolean"), read_as("archived", "boolean")),
    ("salesforce", "opportunities"): ("amount", read_as("is_won", "boolean"), read_as("is_deleted", "boolean")),
    ("pipedrive", "deals"): ("value", "lower(status) = 'won'", "false"),
}
SPENT = {
    ("google_ads", "campaign_stats"): "coalesce({cost}, {cost_micros} / 1000000.0)",
    ("linkedin_ads", "campaign_stats"): "{cost}",
}
FEC_CURRENCY = "EUR"
# exclusions and merges take some; what doubles or loses most of it is a mistake
LEAST, MOST = 0.5, 1.001
# what is read twice in the same way has to be the same
EQUAL = 0.001


def controls(landed: Sequence[Landed]) -> Iterator[Control]:
    """The controls of what landed."""
    for each in landed:
        key, instance = (each.table.system, each.table.name), quoted(each.instance)
        rows = current_rows_of(each)
        if key in WON:
            amount, won, gone = WON[key]
            raw = (
                f"select sum({read_as(amount, 'decimal(18,2)')}) from (select * from ({rows}) "
                f"qualify row_number() over (partition by id order by _delivered_at desc) = 1) "
                f"where {won} and ({gone}) is not true"
            )
            yield Control(
                f"won.{each.instance}",
                "fct_bookings",
                "amount booked",
                "select sum(booking_local) from built.marts.fct_bookings inner join built.marts.fct_opportunities "
                f"using (opportunity_id) where source_instance = {instance}",
                raw,
                LEAST,
                MOST,
            )
        if key in SPENT:
            cost = SPENT[key].format(
                cost=read_as("cost", "decimal(18,6)", rounded=True), cost_micros=read_as("cost_micros", "bigint")
            )
            yield Control(
                f"spent.{each.instance}",
                "fct_ad_spend",
                "amount spent",
                f"select sum(cost_local) from built.marts.fct_ad_spend where source_instance = {instance}",
                f"select sum({cost}) from ({rows})",
                1 - EQUAL,
                1 + EQUAL,
            )
        if key == ("fec", "entries"):
            side = "case when upper(trim(sens)) in ('D', '+1') then 1 else -1 end"
            debit, credit, one = (read_as(cell, "decimal(18,2)") for cell in ("debit", "credit", "montant"))
            rate, rates = _in_reporting_currency(FEC_CURRENCY, read_as("ecriture_date", "date"))
            yield Control(
                f"booked.{each.instance}",
                "fct_costs",
                "cost booked",
                f"select sum(cost_amount) from built.marts.fct_costs where source_instance = {instance}",
                f"select sum((coalesce({debit}, 0) - coalesce({credit}, 0) + coalesce({side} * {one}, 0)) * {rate}) "
                f"from ({rows}) {rates} where compte_num like '6%'",
                1 - EQUAL,
                1 + EQUAL,
            )
        if key == ("stripe", "invoices"):
            yield Control(
                f"invoiced.{each.instance}",
                "fct_invoices",
                "invoices",
                "select count(*) from built.marts.fct_invoices where document_type = 'invoice' "
                f"and source_instance = {instance}",
                f"select count(distinct id) from ({rows})",
                LEAST,
                MOST,
            )


def _in_reporting_currency(currency: str, day: str) -> tuple[str, str]:
    """The rate of an amount of a day, and the join that brings it; none is needed in the reporting currency."""
    if currency == reporting_currency():
        return "1", ""
    rates = f"(select rate_date, rate from built.marts.dim_exchange_rates where currency_code = {quoted(currency)})"
    return "rate", f"inner join {rates} on rate_date = {day}"
