"""Invoices, cash, recurring revenue and retention, lifetime value (0018, 0040)."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property
from typing import NamedTuple

from oracle.calendars import Window, month_end, month_of, months_after, months_between
from oracle.parts import (
    COMPANY,
    Credit,
    Figure,
    Figures,
    Key,
    Line,
    Scope,
    Spread,
    cents,
    half_up,
    money,
    ratio_figures,
    sum_figures,
)
from oracle.published import Published

DAYS_A_MONTH = Fraction("30.4375")


@dataclass(frozen=True)
class Invoice:
    group: str
    segment: str
    is_finalised: bool
    is_purchase: bool
    amount: int
    issued: dt.date
    paid: dt.date | None
    months: int


@dataclass(frozen=True)
class Item:
    """What an item of a subscription brings a month, in a span of days."""

    group: str
    segment: str
    since: dt.date
    until: dt.date
    currency: str
    price: Decimal | None


class Billing:
    def __init__(self, published: Published) -> None:
        self.published = published
        self.of_days: dict[tuple[dt.date, dt.date | None], dict[tuple[str, Scope], int | None]] = {}

    @cached_property
    def invoices(self) -> list[Invoice]:
        return [
            Invoice(
                group=group,
                segment=segment,
                is_finalised=final,
                # what a trial is invoiced for is nothing
                is_purchase=final and document == "invoice" and (local or 0) > 0,
                amount=cents(amount or 0),
                issued=issued,
                paid=paid,
                months=months or 0,
            )
            for group, segment, document, final, local, amount, issued, paid, months in self.published.rows(
                "fct_invoices",
                "root_account_id segment document_type is_finalised amount_local invoice_amount issued_date paid_date"
                " covered_months",
            )
            if issued
        ]

    @cached_property
    def items(self) -> list[Item]:
        return [
            Item(group, segment, since, until or dt.date.max, currency, price)
            for group, segment, since, until, currency, price in self.published.rows(
                "fct_subscription_spells", "root_account_id segment from_date to_date currency_code mrr_local"
            )
        ]

    @cached_property
    def lifetimes(self) -> Lifetimes:
        return Lifetimes(self)

    def recurring(self, day: dt.date, at: dt.date | None = None) -> dict[tuple[str, Scope], int | None]:
        """What each customer of a scope pays a month when a day ends, in cents at the rates of a day.

        Each item is an amount of its own, to the cent. Where a price is unknown what the customer pays is None.
        """
        found: dict[tuple[str, Scope], int | None] = {}
        if (day, at) in self.of_days:
            return self.of_days[day, at]
        self.of_days[day, at] = found
        for item in self.items:
            if not item.since <= day <= item.until:
                continue
            rate = self.published.rate(item.currency, at or day)
            worth = None if item.price is None or rate is None else half_up(Fraction(item.price * rate) * 100)
            for scope in Credit(segment=item.segment).scopes:
                before = found.get((item.group, scope), 0)
                found[item.group, scope] = None if worth is None or before is None else before + worth
        return found


@cache
def read(published: Published) -> Billing:
    """The billing of a company, read once."""
    return Billing(published)


def documents(billing: Billing, spread: Spread) -> dict[str, Figures]:
    """Finalised invoices less credit notes by day of issue; payments less refunds, each on its own day."""
    revenue = [
        Line(each.issued, each.amount, Credit(segment=each.segment)) for each in billing.invoices if each.is_finalised
    ]
    cash = [
        Line(day, cents(amount), Credit(segment=segment))
        for day, amount, segment in billing.published.rows("fct_payments", "payment_date payment_amount segment")
        if day and amount is not None
    ]
    return {
        "revenue_net_amount": sum_figures(money(spread.sums(revenue)), spread.windows),
        "cash_collected_amount": sum_figures(money(spread.sums(cash)), spread.windows),
    }


def recurring(billing: Billing, spread: Spread) -> dict[str, Figures]:
    """MRR when the period's last day ends, and the customers of its start held against its end (0040)."""
    mrr: Figures = {}
    parts: dict[str, dict[Key, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for window in spread.windows:
        if window.period.grain == "week":
            continue
        here = Key(window.period, Scope(*COMPANY))
        mrr[here] = Figure(Fraction(0), None, Fraction(0))
        for (_, scope), worth in billing.recurring(window.until).items():
            parts["mrr"][Key(window.period, scope)] += Fraction(worth or 0, 100)
            parts["payers"][Key(window.period, scope)] += 1
        eve = window.since - dt.timedelta(days=1)
        opening, closing = billing.recurring(eve), billing.recurring(window.until, eve)
        for (group, scope), worth in opening.items():
            key, is_kept = Key(window.period, scope), (group, scope) in closing
            end = closing.get((group, scope), 0)
            parts["opening customers"][key] += 1
            parts["kept customers"][key] += is_kept
            parts["lost customers"][key] += not is_kept
            parts["customer months"][key] += months_of(window)
            if worth is not None and end is not None:
                parts["opening"][key] += Fraction(worth, 100)
                parts["kept"][key] += Fraction(min(worth, end), 100)
                parts["grown"][key] += Fraction(end, 100)
    for key, amount in parts["mrr"].items():
        mrr[key] = Figure(amount, None, amount)
    return {
        "mrr_amount": mrr,
        "arpa_amount": ratio_figures(parts["mrr"], parts["payers"], of_amounts=True),
        "grr_rate": ratio_figures(parts["kept"], parts["opening"]),
        "nrr_rate": ratio_figures(parts["grown"], parts["opening"]),
        "customer_churn_rate": ratio_figures(parts["lost customers"], parts["opening customers"]),
        "customer_retention_rate": ratio_figures(parts["kept customers"], parts["opening customers"]),
        "customer_churn_monthly_rate": ratio_figures(parts["lost customers"], parts["customer months"]),
    }


def months_of(window: Window) -> Fraction:
    """Months of a period; days over 30.4375 where it is, so far, not of whole months; 0 before they make one."""
    if window.since == month_of(window.since) and window.until == month_end(window.until):
        return Fraction(months_between(window.since, window.until) + 1)
    months = Fraction((window.until - window.since).days + 1) / DAYS_A_MONTH
    return months if months >= 1 else Fraction(0)


class Relation(NamedTuple):
    """A customer of a scope as one could see it when a month ended."""

    first: dt.date
    months: int
    is_over: bool


class Lifetimes:
    """Relations from the first paid invoice to the last month paid for, or on while the customer is active (0018)."""

    def __init__(self, billing: Billing) -> None:
        self.billing = billing
        self.paid: dict[tuple[Scope, str], list[Invoice]] = defaultdict(list)
        for each in billing.invoices:
            if each.is_purchase and each.paid:
                for scope in Credit(segment=each.segment).scopes:
                    self.paid[scope, each.group].append(each)
        self.items: dict[tuple[Scope, str], list[Item]] = defaultdict(list)
        for item in billing.items:
            for scope in Credit(segment=item.segment).scopes:
                self.items[scope, item.group].append(item)
        self.subscribed: dict[str, dt.date] = {}
        for item in billing.items:
            self.subscribed[item.group] = min(item.since, self.subscribed.get(item.group, item.since))

    def relations(self, day: dt.date) -> dict[Scope, list[Relation]]:
        """All relations as they stood when a day ended; what was invoiced by then counts once it has been paid."""
        month = month_of(day)
        found: dict[Scope, list[Relation]] = defaultdict(list)
        for (scope, group), invoices in self.paid.items():
            known = [each for each in invoices if each.issued <= day]
            if not known:
                continue
            first = min(month_of(each.issued) for each in known)
            paid_until = max(months_after(each.issued, each.months - 1) for each in known)
            if self.subscribed.get(group, dt.date.max) <= day:
                is_active = any(each.since <= day <= each.until for each in self.items[scope, group])
            else:
                is_active = paid_until >= month
            last = month if is_active else min(paid_until, month)
            found[scope].append(Relation(first, months_between(first, last) + 1, not is_active))
        return found

    def length(self, relations: list[Relation]) -> Fraction | None:
        """Area under the Kaplan-Meier curve up to the horizon, in years."""
        if not relations:
            return None
        horizon = self.billing.published.variables["ltv_horizon_months"]
        ended = Counter(each.months for each in relations if each.is_over)
        seen = Counter(each.months for each in relations)
        area, share, at_risk = Fraction(0), Fraction(1), len(relations)
        for month in range(horizon):
            if ended[month]:
                share *= 1 - Fraction(ended[month], at_risk)
            at_risk -= seen[month]
            area += share
        return area / 12


def lifetime_value(billing: Billing, spread: Spread) -> dict[str, Figures]:
    """Average purchase x purchases a year x years of relation, from the last twelve months."""
    lifetimes = billing.lifetimes
    purchased: dict[Key, Fraction] = defaultdict(Fraction)
    purchases: dict[Key, Fraction] = defaultdict(Fraction)
    years: dict[Key, Fraction] = defaultdict(Fraction)
    lengths: Figures = {}
    for window in spread.windows:
        if window.period.grain == "week":
            continue
        # as it stood when a month ended, also where fewer days are compared; of the running one as of now
        until = min(month_end(window.until), billing.published.as_of)
        first = months_after(until, -11)
        for each in billing.invoices:
            if each.is_purchase and first <= each.issued <= until:
                for scope in Credit(segment=each.segment).scopes:
                    purchased[Key(window.period, scope)] += Fraction(each.amount, 100)
                    purchases[Key(window.period, scope)] += 1
        for scope, relations in lifetimes.relations(until).items():
            for relation in relations:
                last = months_after(relation.first, relation.months - 1)
                lived = months_between(max(first, relation.first), last) + 1
                years[Key(window.period, scope)] += Fraction(max(lived, 0), 12)
            length = lifetimes.length(relations)
            lengths[Key(window.period, scope)] = Figure(length, None, length)
    average = ratio_figures(purchased, purchases, of_amounts=True)
    per_year = ratio_figures(purchases, years)
    return {
        "average_purchase_amount": average,
        "purchases_per_year": per_year,
        "relation_length_years": lengths,
        "ltv_amount": product(average, per_year, lengths),
    }


def product(*factors: Mapping[Key, Figure]) -> Figures:
    """A product of KPIs is empty as soon as one factor is (0003)."""
    made = {}
    for key in {key for factor in factors for key in factor}:
        value: Fraction | None = Fraction(1)
        for factor in factors:
            one = factor.get(key, Figure()).value
            value = None if one is None or value is None else value * Fraction(one)
        made[key] = Figure(value=value)
    return made


def figures(published: Published, spread: Spread) -> dict[str, Figures]:
    """All KPIs of this room."""
    billing = read(published)
    return {**documents(billing, spread), **recurring(billing, spread), **lifetime_value(billing, spread)}
