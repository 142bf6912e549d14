"""Opportunities, bookings, deal sizes, cycles and new customers (0004 to 0007, 0013 to 0015, 0042)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

from oracle.parts import (
    Credit,
    Figures,
    Line,
    Spread,
    Sums,
    cents,
    money,
    quantile_figures,
    ratio_figures,
    sum_figures,
)
from oracle.published import Published

UNALLOCATED = "unallocated"


@dataclass(frozen=True)
class Deal:
    id: str
    group: str | None
    owner: str
    team: str
    maker: str
    maker_team: str
    status: str
    type: str
    amount: int | None
    created: dt.date | None
    closed: dt.date | None
    first_contact: dt.date | None
    channel: str
    segment: str
    product: str

    @property
    def is_new(self) -> bool:
        return self.type == "new_business"

    @property
    def is_booked_type(self) -> bool:
        """New business and expansion: renewals are apart (0013)."""
        return self.type in ("new_business", "expansion")

    @property
    def credit(self) -> Credit:
        """To who owned it when it closed."""
        return Credit(self.owner, self.team, self.segment, self.channel, self.product)

    @property
    def maker_credit(self) -> Credit:
        """To who owned it when it was made."""
        return Credit(self.maker, self.maker_team, self.segment, self.channel, self.product)


class Deals:
    def __init__(self, published: Published) -> None:
        self.published = published

    @cached_property
    def all(self) -> list[Deal]:
        return [
            Deal(*row[:8], None if row[8] is None else cents(row[8]), *row[9:])
            for row in self.published.rows(
                "fct_opportunities",
                "opportunity_id root_account_id owner_rep_id team_id created_rep_id created_team_id status"
                " opportunity_type opportunity_amount created_date close_date first_contact_date"
                " channel segment product",
            )
        ]

    def closed(self, *statuses: str, only_new: bool = True) -> list[Deal]:
        """Deals closed by the as-of date; a close date after it is not in yet, whatever the status (0004)."""
        return [
            each
            for each in self.all
            if each.status in statuses
            and each.closed
            and each.closed <= self.published.as_of
            and (each.is_new if only_new else each.is_booked_type)
        ]

    def closed_lines(
        self, *statuses: str, only_new: bool = True, amount: Callable[[Deal], int | None] = lambda _: 1
    ) -> list[Line]:
        return [
            Line(each.closed, number, each.credit)
            for each in self.closed(*statuses, only_new=only_new)
            if each.closed and (number := amount(each)) is not None
        ]


def created(deals: Deals, spread: Spread) -> Figures:
    """New business by the day it was made, credited to who owned it then."""
    lines = [Line(each.created, 1, each.maker_credit) for each in deals.all if each.is_new and each.created]
    return sum_figures(spread.sums(lines), spread.windows)


def win_rates(deals: Deals, spread: Spread) -> dict[str, Figures]:
    """Won over what closed: with and without no-decision, and by amount (0004)."""

    def count(*statuses: str) -> Sums:
        return spread.sums(deals.closed_lines(*statuses))

    def amount(*statuses: str) -> Sums:
        return money(spread.sums(deals.closed_lines(*statuses, amount=lambda each: each.amount)))

    return {
        "win_rate": ratio_figures(count("won"), count("won", "lost", "no_decision")),
        "win_rate_narrow": ratio_figures(count("won"), count("won", "lost")),
        "win_rate_amount": ratio_figures(amount("won"), amount("won", "lost", "no_decision")),
    }


def deal_sizes(deals: Deals, spread: Spread) -> dict[str, Figures]:
    """Amount won over deals won with an amount above 0 (0013); median and 90th percentile of the same (0033)."""
    made = {}
    for kpi, only_new in (("average_deal_size", False), ("new_business_deal_size", True)):
        amounts = money(spread.sums(deals.closed_lines("won", only_new=only_new, amount=lambda each: each.amount)))
        valued = spread.sums(
            deals.closed_lines("won", only_new=only_new, amount=lambda each: 1 if (each.amount or 0) > 0 else None)
        )
        made[kpi] = ratio_figures(amounts, valued, of_amounts=True)
    sizes = spread.records(
        (each.closed, (each.amount or 0) / 100, each.credit)
        for each in deals.closed("won", only_new=False)
        if each.closed and (each.amount or 0) > 0
    )
    made["average_deal_size_median"] = quantile_figures(sizes, Fraction(1, 2))
    made["average_deal_size_p90"] = quantile_figures(sizes, Fraction(9, 10))
    return made


def cycles(deals: Deals, spread: Spread) -> dict[str, Figures]:
    """Days to signature from first contact (0015) and from the deal (0042); one that ends before it began is out."""
    made = {}
    for name, since in (
        ("sales_cycle", lambda each: each.first_contact),
        ("sales_cycle_from_opportunity", lambda each: each.created),
    ):
        taken = [
            (each.closed, (each.closed - start).days, each.credit)
            for each in deals.closed("won")
            if each.closed and (start := since(each)) and start <= each.closed
        ]
        made[f"{name}_days"] = ratio_figures(
            spread.sums(Line(*each) for each in taken), spread.sums(Line(day, 1, credit) for day, _, credit in taken)
        )
        days = spread.records(taken)
        made[f"{name}_median_days"] = quantile_figures(days, Fraction(1, 2))
        if name == "sales_cycle":
            made["sales_cycle_p90_days"] = quantile_figures(days, Fraction(9, 10))
    return made


def bookings(published: Published, spread: Spread) -> dict[str, Figures]:
    """The ledger of wins, amendments and reopenings, each on its own day (0007)."""
    types = {
        "bookings_amount": ("new_business", "expansion"),
        "expansion_amount": ("expansion",),
        "renewal_bookings_amount": ("renewal",),
    }
    return {
        kpi: sum_figures(money(spread.sums(booking_lines(published, kinds))), spread.windows)
        for kpi, kinds in types.items()
    }


@cache
def booking_lines(published: Published, kinds: tuple[str, ...] = ("new_business", "expansion")) -> list[Line]:
    return [
        Line(day, cents(amount), Credit(rep, team, segment, channel, product))
        for day, amount, kind, rep, team, segment, channel, product in published.rows(
            "fct_bookings", "booking_date booking_amount opportunity_type rep_id team_id segment channel product"
        )
        if kind in kinds and amount is not None and day <= published.as_of
    ]


@cache
def read(published: Published) -> Deals:
    """The deals of a company, read once."""
    return Deals(published)


@dataclass(frozen=True)
class Customer:
    group: str
    since: dt.date
    credit: Credit


@cache
def customers(deals: Deals) -> list[Customer]:
    """Groups, on the day of their first standing win or first paid invoice above 0, credited to that win (0014)."""
    published = deals.published
    wins: dict[str, list[Deal]] = defaultdict(list)
    for each in deals.all:
        if each.status == "won" and each.group and each.closed and each.closed <= published.as_of:
            wins[each.group].append(each)
    paid: dict[str, list[dt.date]] = defaultdict(list)
    for group, document, day, amount in published.rows(
        "fct_invoices", "root_account_id document_type paid_date amount_local"
    ):
        if group and document == "invoice" and day and day <= published.as_of and (amount or 0) > 0:
            paid[group].append(day)
    groups = dict(published.rows("dim_accounts", "account_id root_account_id"))
    segments = dict(published.rows("dim_accounts", "account_id segment"))
    made = []
    for group in {*wins, *paid}:
        assert groups[group] == group
        won = min(wins[group], key=lambda each: (each.closed, each.id), default=None)
        days = [*paid[group], *([won.closed] if won and won.closed else [])]
        credit = (
            won.credit
            if won
            else Credit(UNALLOCATED, UNALLOCATED, segments.get(group, "unknown"), UNALLOCATED, UNALLOCATED)
        )
        if won:
            # the team is the one on the day the account became a customer (0053)
            credit = credit._replace(team=published.team(won.owner, won.closed)) if won.closed else credit
        made.append(Customer(group, min(days), credit))
    return made


def figures(published: Published, spread: Spread) -> dict[str, Figures]:
    """All KPIs of this room."""
    deals = read(published)
    new = spread.sums(Line(each.since, 1, each.credit) for each in customers(deals))
    return {
        "opportunities_created": created(deals, spread),
        **win_rates(deals, spread),
        **deal_sizes(deals, spread),
        **cycles(deals, spread),
        **bookings(published, spread),
        "new_customers": sum_figures(new, spread.windows),
    }
