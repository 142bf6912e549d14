"""What customers cost, what is left of what they pay, and what one is worth beside the other (0019, 0020, 0041)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

from oracle import deals, money_in
from oracle.calendars import DAY, Calendar, month_of, months_after
from oracle.funnel import months_before
from oracle.parts import (
    COMPANY,
    Credit,
    Figure,
    Figures,
    Key,
    Line,
    Number,
    Scope,
    Spread,
    Sums,
    cents,
    half_up,
    money,
    quantile,
    ratio_figures,
    sum_figures,
)
from oracle.published import Published

ENOUGH_DEALS = 30


@dataclass(frozen=True)
class Cost:
    day: dt.date
    category: str
    function: str
    amount: int
    acquisition: int
    books: str


class Costs:
    def __init__(self, published: Published) -> None:
        self.published = published

    @cached_property
    def all(self) -> list[Cost]:
        """Ledger lines; what of one wins customers is its share of sales and marketing (0019)."""
        made = []
        for day, category, function, share, amount, books in self.published.rows(
            "fct_costs", "booked_date cost_category function acquisition_share cost_amount source_instance"
        ):
            if amount is None or day is None or day > self.published.as_of:
                continue
            wins = Fraction(share) if function in ("sales", "marketing") and share is not None else Fraction(0)
            made.append(Cost(day, category, function, cents(amount), half_up(cents(amount) * wins), books))
        return made

    @cached_property
    def spend(self) -> list[Line]:
        return [
            Line(day, cents(amount), Credit(channel=channel))
            for day, channel, amount in self.published.rows("fct_ad_spend", "spend_date channel cost_amount")
            if amount is not None
        ]


@cache
def read(published: Published) -> Costs:
    """The costs of a company, read once."""
    return Costs(published)


@cache
def by_channel(costs: Costs) -> list[Line]:
    """Acquisition cost by day; advertising of a month goes to channels as far as the platforms tell (0019)."""
    spent: dict[dt.date, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for day, amount, credit in costs.spend:
        if credit.channel:
            spent[month_of(day)][credit.channel] += Fraction(amount)
    booked: dict[dt.date, int] = defaultdict(int)
    for each in costs.all:
        if each.category == "advertising":
            booked[month_of(each.day)] += each.acquisition
    lines = []
    for each in costs.all:
        left = Fraction(each.acquisition)
        if each.category == "advertising":
            platforms = spent[month_of(each.day)]
            reported, advertising = sum(platforms.values()), booked[month_of(each.day)]
            told = min(reported, Fraction(advertising))
            for channel, amount in platforms.items():
                if reported and advertising:
                    part = told * amount / reported * Fraction(each.acquisition, advertising)
                    lines.append(Line(each.day, part, Credit(channel=channel)))
                    left -= part
        lines.append(Line(each.day, left, Credit(channel=deals.UNALLOCATED)))
    return lines


def lags(published: Published, of_deals: deals.Deals) -> dict[tuple[dt.date, dt.date], int]:
    """Whole months a sale took in the median, of the deals won in the twelve months before each fiscal year."""
    made = {}
    for first, last in Calendar.of(published).years:
        taken = [
            (each.closed - each.first_contact).days
            for each in of_deals.closed("won")
            if each.closed
            and each.first_contact
            and each.first_contact <= each.closed
            and months_before(first, 12) <= each.closed < first
        ]
        median = quantile(taken, Fraction(1, 2)) if len(taken) >= ENOUGH_DEALS else None
        default = published.variables["acquisition_lag_months"]
        made[first, last] = default if median is None else round(median / float(money_in.DAYS_A_MONTH))
    return made


def lagged(costs: Costs, of_deals: deals.Deals, spread: Spread) -> Sums:
    """Costs of as many months before, commissions of the period itself; empty where that is before the books begin.

    A running period has the costs of its days so far, as each is booked.
    """
    wins = [each for each in costs.all if each.acquisition]
    if not wins:
        return {}
    begun = month_of(min(each.day for each in costs.all))
    lag_of = lags(costs.published, of_deals)
    made: Sums = {}
    for window in spread.windows:
        if window.period.grain == "week":
            continue
        lag = next(lag for (first, last), lag in lag_of.items() if first <= window.since <= last)
        since, until = months_after(window.since, -lag), months_before(window.until + DAY, lag) - DAY
        if since >= begun:
            made[Key(window.period, Scope(*COMPANY))] = sum(
                each.acquisition
                for each in wins
                if (
                    window.since <= each.day <= window.until
                    if each.category == "commissions"
                    else since <= each.day <= until
                )
            )
    return {key: amount for key, amount in made.items() if amount}


def acquisition(costs: Costs, of_deals: deals.Deals, spread: Spread) -> dict[str, Figures]:
    """Sales and marketing cost over new customers: of the period, lagged, and of paid channels alone."""
    published = costs.published
    customers = deals.customers(of_deals)
    new = spread.sums(Line(each.since, 1, each.credit) for each in customers)
    paid_channels = {channel for channel, is_paid in published.rows("dim_channels", "channel is_paid") if is_paid}
    paid = spread.sums(Line(each.since, 1, each.credit) for each in customers if each.credit.channel in paid_channels)
    spent = money(spread.sums(by_channel(costs)))
    platforms = money(spread.sums(costs.spend))
    return {
        "acquisition_cost_amount": sum_figures(spent, spread.windows),
        "cac_amount": ratio_figures(spent, new, of_amounts=True),
        "cac_lagged_amount": ratio_figures(money(lagged(costs, of_deals, spread)), new, of_amounts=True),
        "cac_paid_amount": ratio_figures(platforms, paid, of_amounts=True),
    }


class Margins:
    """1 less cost of sales over revenue, of the months whose costs of sales are booked (0041)."""

    def __init__(self, costs: Costs) -> None:
        published = costs.published
        self.given = published.variables["gross_margin_rate"]
        ledger = published.rows("fct_ledger_revenue", "booked_date revenue_amount source_instance")
        telling = {books for _, _, books in ledger}
        self.costs = [
            (each.day, each.amount)
            for each in costs.all
            if each.function == "cost_of_sales" and (not telling or each.books in telling)
        ]
        # books without a revenue account leave the invoices to say what was sold
        invoiced = [(each.issued, each.amount) for each in money_in.read(published).invoices if each.is_finalised]
        self.revenue = [(day, cents(amount)) for day, amount, _ in ledger] if ledger else invoiced

    def parts(self, since: dt.date, until: dt.date) -> tuple[Fraction, Fraction] | None:
        """Margin and revenue of the months of a span; a span without revenue has none."""
        costs: dict[dt.date, int] = defaultdict(int)
        for day, amount in self.costs:
            if since <= day <= until:
                costs[month_of(day)] += amount
        booked = {month for month, amount in costs.items() if amount > 0}
        cost = sum(costs[month] for month in booked)
        revenue = sum(amount for day, amount in self.revenue if since <= day <= until and month_of(day) in booked)
        if revenue > 0:
            return Fraction(revenue - cost, 100), Fraction(revenue, 100)
        return None if self.given is None else (Fraction(str(self.given)), Fraction(1))


def gross_margins(margins: Margins, spread: Spread) -> Figures:
    made = {}
    for window in spread.windows:
        if window.period.grain != "week":
            margin, revenue = margins.parts(window.since, window.until) or (0, 0)
            value = Fraction(margin) / Fraction(revenue) if revenue else None
            made[Key(window.period, Scope(*COMPANY))] = Figure(margin, revenue, value)
    return made


def observed(published: Published, margins: Margins, of_deals: deals.Deals, spread: Spread) -> Figures:
    """Margin brought to date by the customers who came in the period, per customer; one who paid nothing brought 0."""
    rates: list[tuple[dt.date, Fraction]] = []
    for first, last in Calendar.of(published).years:
        booked = margins.parts(first, min(last, published.as_of))
        if booked:
            margin, revenue = booked
            rates.append((first, margin / revenue))
    brought: dict[str, Fraction] = defaultdict(Fraction)
    unknown: set[str] = set()
    for each in money_in.read(published).invoices:
        if each.is_finalised and each.issued <= published.as_of:
            rate = next((rate for first, rate in reversed(rates) if first <= each.issued), None)
            if rate is None:
                unknown.add(each.group)
            else:
                brought[each.group] += Fraction(each.amount, 100) * rate
    customers = deals.customers(of_deals)
    new = spread.sums(Line(each.since, 1, each.credit) for each in customers)
    # of whom all was invoiced in years without a margin nobody knows what it brought
    told = [each for each in customers if each.group in brought or each.group not in unknown]
    known = spread.sums(Line(each.since, 1, each.credit) for each in told)
    margin_sums = spread.sums(Line(each.since, brought[each.group], each.credit) for each in told)
    figures = ratio_figures({**dict.fromkeys(known, 0), **margin_sums}, new, of_amounts=True)
    # a running period is compared with no cohort, also where all days of another one are as far in (0041)
    cut = {each.period for each in spread.windows if each.of is not each.period and each.period.end > published.as_of}
    return {key: figure for key, figure in figures.items() if key.period not in cut}


def divided(over: Mapping[Key, Figure], *under: Mapping[Key, Figure]) -> Figures:
    """A KPI over one or the product of several; empty where a factor is, or where they are nothing or less."""
    made = {}
    divisors = money_in.product(*under)
    for key in {*over, *divisors}:
        top = over.get(key, Figure()).value
        below = divisors.get(key, Figure()).value
        made[key] = Figure(value=None if top is None or not below or below <= 0 else Fraction(top) / Fraction(below))
    return made


def band(ratio: Number | float, threshold: float) -> str:
    """How LTV over CAC reads, on two decimals (0020)."""
    shown = half_up(Fraction(ratio) * 100)
    if shown < 100:
        return "destroys_value"
    if shown == 100:
        return "break_even"
    if shown < 300:
        return "watch"
    return "healthy" if shown <= threshold * 100 else "underinvesting"


def figures(published: Published, spread: Spread) -> dict[str, Figures]:
    """All KPIs of this room."""
    costs, of_deals = read(published), deals.read(published)
    margins = Margins(costs)
    won = acquisition(costs, of_deals, spread)
    billing = money_in.read(published)
    paid_in = {**money_in.recurring(billing, spread), **money_in.lifetime_value(billing, spread)}
    margin = gross_margins(margins, spread)
    company = {
        kpi: {key: figure for key, figure in figures.items() if key.scope == COMPANY}
        for kpi, figures in {**paid_in, **won}.items()
    }
    return {
        **won,
        "gross_margin_rate": margin,
        "ltv_observed_amount": observed(published, margins, of_deals, spread),
        "ltv_churn_amount": divided(
            money_in.product(company["arpa_amount"], margin), company["customer_churn_monthly_rate"]
        ),
        "ltv_cac_ratio": divided(company["ltv_amount"], company["cac_amount"]),
        "cac_payback_months": divided(company["cac_amount"], company["arpa_amount"], margin),
    }
