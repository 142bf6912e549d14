"""Billing: the Stripe customers of the accounts won, their subscriptions, invoices, payments, refunds and credits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from warehouse.demo.company import HUBSPOT, Story
from warehouse.demo.deals import Deals
from warehouse.demo.people import FREE_MAIL, Population

CHURN_A_YEAR = {"small": 0.24, "mid_market": 0.14, "enterprise": 0.08}
UPGRADES_A_YEAR, DOWNGRADES_A_YEAR = 0.3, 0.08


@dataclass(frozen=True)
class Billing:
    """What Stripe holds.

    customers: customer_key, account_key, customer_id, link (metadata, domain, none), email, created_at.
    subscriptions: subscription_key, customer_key, currency, cents (a period), months (of a period), starts_at, ends_at.
    prices: subscription_key, number, cents (a period), at: what a subscription costs from when on.
    invoices: invoice_key, customer_key, subscription_key, currency, net_cents, tax_cents, status, issued_at, paid_at,
    months, price_number, credit_cents and until (of an upgrade within a period: what is given back of the old price,
    and the period's end).   refunds: invoice_key, cents, at.   credit_notes: invoice_key, net_cents, tax_cents, at.
    """

    customers: pd.DataFrame
    subscriptions: pd.DataFrame
    prices: pd.DataFrame
    invoices: pd.DataFrame
    refunds: pd.DataFrame
    credit_notes: pd.DataFrame


def standing_wins(deals: Deals) -> pd.DataFrame:
    """Opportunities whose last stage is a win: opp_key, at, signed_at, with their amount and opportunity."""
    last = deals.stages.groupby("opp_key").tail(1)
    won = last[last["stage"] == "won"][["opp_key", "at", "signed_at"]]
    cents = deals.amounts.groupby("opp_key")["cents"].last().rename("won_cents")
    return won.join(cents, on="opp_key").merge(deals.opps, on="opp_key")


def make_billing(rng: np.random.Generator, story: Story, population: Population, deals: Deals) -> Billing:
    """Every won deal but renewals starts a subscription; a period is invoiced on its first day."""
    wins = standing_wins(deals)
    wins = (
        wins[wins["opportunity_type"] != "renewal"].sort_values(["at", "opp_key"], kind="stable").reset_index(drop=True)
    )
    customers = _customers(rng, wins, population)
    subscriptions = _subscriptions(rng, story, wins, customers, population)
    # seats are added and given up beside the story's other chances, which stay as they are
    changing = np.random.default_rng([story.seed, 40])
    prices = _prices(changing, story, subscriptions)
    invoices = _invoices(rng, story, subscriptions, prices, population, customers)
    paid = invoices[invoices["paid_at"].notna()]
    refunded = paid[rng.random(len(paid)) < 0.012]
    at = refunded["paid_at"] + pd.to_timedelta(np.floor(rng.uniform(2, 40, len(refunded)) * 86_400), unit="s")
    share = np.where(rng.random(len(refunded)) < 0.5, 1.0, 0.5)
    total = refunded["net_cents"] + refunded["tax_cents"]
    refunds = pd.DataFrame(
        {"invoice_key": refunded["invoice_key"], "cents": (total * share).astype(np.int64), "at": at}
    )
    credited = invoices[invoices["status"].isin(["paid", "open"]) & (rng.random(len(invoices)) < 0.012)]
    later = credited["issued_at"] + pd.to_timedelta(np.floor(rng.uniform(3, 45, len(credited)) * 86_400), unit="s")
    part = rng.uniform(0.1, 1.0, len(credited))
    net = (credited["net_cents"] * part).astype(np.int64)
    tax = np.where(credited["tax_cents"] > 0, (net * 20) // 100, 0)
    credit_notes = pd.DataFrame(
        {"invoice_key": credited["invoice_key"], "net_cents": net, "tax_cents": tax, "at": later}
    )
    upgrades = _upgrades(changing, story, subscriptions, prices, population, customers, len(invoices))
    invoices = pd.concat([invoices, upgrades], ignore_index=True)
    return Billing(customers, subscriptions, prices, invoices, refunds, credit_notes)


def _customers(rng: np.random.Generator, wins: pd.DataFrame, population: Population) -> pd.DataFrame:
    first = wins.groupby("account_key", sort=False).head(1).reset_index(drop=True)
    accounts = population.accounts.set_index("account_key").reindex(first["account_key"])
    kind = rng.choice(["metadata", "domain", "none"], len(first), p=(0.88, 0.08, 0.04))
    domain = pd.Series(np.where(kind == "none", FREE_MAIL, accounts["domain"]))
    return pd.DataFrame(
        {
            "customer_key": np.arange(len(first)),
            "account_key": first["account_key"],
            "customer_id": "cus_" + pd.Series(first["opp_key"] + 100_000).astype(str),
            "name": accounts["name"].to_numpy(),
            "link": kind,
            "crm_account_id": np.where(first["instance"] == HUBSPOT, accounts["hubspot_id"], accounts["salesforce_id"]),
            "email": "compta" + first["account_key"].astype(str) + "@" + domain,
            "created_at": first["at"],
        }
    )


def _subscriptions(
    rng: np.random.Generator,
    story: Story,
    wins: pd.DataFrame,
    customers: pd.DataFrame,
    population: Population,
) -> pd.DataFrame:
    count = len(wins)
    segment = population.accounts.set_index("account_key")["segment"].reindex(wins["account_key"])
    yearly = rng.random(count) < 0.4
    months = np.where(yearly, 12, 1)
    starts = wins["at"].dt.normalize() + pd.to_timedelta(rng.integers(0, 8, count), unit="D") + pd.Timedelta(hours=9)
    hazard = segment.map(CHURN_A_YEAR).to_numpy()
    life = rng.exponential(1 / -np.log1p(-hazard)) * 12
    # a yearly customer leaves at the end of a year, a monthly one at the end of a month, none in the first three
    periods = np.maximum(np.ceil(life / months), np.where(yearly, 1, 3)).astype(int)
    ends = pd.Series(
        [
            start + pd.DateOffset(months=int(min(n * m, 1200)))
            for start, n, m in zip(starts, periods, months, strict=True)
        ]
    )
    return pd.DataFrame(
        {
            "subscription_key": np.arange(count),
            "opp_key": wins["opp_key"],
            "customer_key": customers.set_index("account_key")["customer_key"].reindex(wins["account_key"]).to_numpy(),
            "currency": wins["currency"],
            "cents": np.where(yearly, wins["won_cents"], wins["won_cents"] // 12),
            "months": months,
            "starts_at": starts,
            "ends_at": ends.where(ends < story.horizon),
            "product": wins["product"],
        }
    )


def _prices(rng: np.random.Generator, story: Story, subscriptions: pd.DataFrame) -> pd.DataFrame:
    """What subscriptions cost over time. Seats are added on any day, and given up when a period begins."""
    rows = []
    for row in subscriptions.itertuples():
        end = story.horizon if pd.isna(row.ends_at) else row.ends_at
        step = 1200 if row.months == 12 else 100  # whole euros a month
        cents, number = int(row.cents), 0
        rows.append((row.subscription_key, number, cents, row.starts_at))
        year = row.starts_at
        while year < end:
            chance, place, size = rng.random(3)
            if chance < UPGRADES_A_YEAR:
                at = year.normalize() + pd.Timedelta(days=1 + int(place * 363), hours=10)
                factor = 1.08 + 0.35 * size
            elif chance < UPGRADES_A_YEAR + DOWNGRADES_A_YEAR:
                at = year + pd.DateOffset(months=12 if row.months == 12 else 1 + int(place * 12))
                factor = 0.6 + 0.3 * size
            year += pd.DateOffset(years=1)
            if chance < UPGRADES_A_YEAR + DOWNGRADES_A_YEAR and at < end - pd.Timedelta(days=2):
                cents = max(step, round(cents * factor / step) * step)
                number += 1
                rows.append((row.subscription_key, number, cents, at))
    prices = pd.DataFrame(rows, columns=["subscription_key", "number", "cents", "at"])
    return prices.sort_values(["subscription_key", "number"], ignore_index=True)


def _upgrades(
    rng: np.random.Generator,
    story: Story,
    subscriptions: pd.DataFrame,
    prices: pd.DataFrame,
    population: Population,
    customers: pd.DataFrame,
    first_key: int,
) -> pd.DataFrame:
    """An upgrade within a period is invoiced at once: the rest of the period at the new price less that at the old."""
    rows = []
    before = prices.groupby("subscription_key")["cents"].shift()
    dearer = prices.assign(old=before)[prices["cents"] > before]
    for row in dearer.merge(subscriptions.drop(columns="cents"), on="subscription_key").itertuples():
        period = 0
        while (until := row.starts_at + pd.DateOffset(months=(period + 1) * row.months)) <= row.at:
            period += 1
        begin = row.starts_at + pd.DateOffset(months=period * row.months)
        left = (until - row.at) / (until - begin)
        credit, charge = int(row.old * left), int(row.cents * left)
        keys = (row.subscription_key, row.customer_key, row.currency)
        rows.append((*keys, charge - credit, 1, row.at, row.number, credit, until))
    columns = ["subscription_key", "customer_key", "currency", "net_cents", "months", "issued_at"]
    upgrades = pd.DataFrame(rows, columns=[*columns, "price_number", "credit_cents", "until"])
    upgrades.insert(0, "invoice_key", first_key + np.arange(len(upgrades)))
    upgrades["tax_cents"] = _tax(upgrades, population, customers)
    paid_at = upgrades["issued_at"] + pd.to_timedelta(np.floor(rng.gamma(1.5, 8, len(upgrades)) * 86_400), unit="s")
    is_paid = paid_at < story.horizon
    upgrades["status"] = np.where(is_paid, "paid", "open")
    upgrades["paid_at"] = paid_at.where(is_paid)
    return upgrades


def _tax(invoices: pd.DataFrame, population: Population, customers: pd.DataFrame) -> npt.NDArray[np.int64]:
    account = customers.set_index("customer_key")["account_key"].reindex(invoices["customer_key"])
    french = population.accounts.set_index("account_key")["country"].reindex(account).to_numpy() == "France"
    return np.where(french, invoices["net_cents"] * 20 // 100, 0)


def _invoices(
    rng: np.random.Generator,
    story: Story,
    subscriptions: pd.DataFrame,
    prices: pd.DataFrame,
    population: Population,
    customers: pd.DataFrame,
) -> pd.DataFrame:
    rows = []
    limit = story.horizon
    known = {key: list(frame.itertuples()) for key, frame in prices.groupby("subscription_key")}
    for row in subscriptions.itertuples():
        end = limit if pd.isna(row.ends_at) else row.ends_at
        period = 0
        while (issued := row.starts_at + pd.DateOffset(months=period * row.months)) < end and issued < limit:
            price = [each for each in known[row.subscription_key] if each.at <= issued][-1]
            keys = (row.subscription_key, row.customer_key, row.currency)
            rows.append((*keys, price.cents, row.months, issued, price.number))
            period += 1
    columns = ["subscription_key", "customer_key", "currency", "net_cents", "months", "issued_at"]
    invoices = pd.DataFrame(rows, columns=[*columns, "price_number"])
    count = len(invoices)
    invoices.insert(0, "invoice_key", np.arange(count))
    invoices["tax_cents"] = _tax(invoices, population, customers)
    fate = rng.choice(["paid", "void", "uncollectible"], count, p=(0.98, 0.01, 0.01))
    paid_at = invoices["issued_at"] + pd.to_timedelta(np.floor(rng.gamma(1.5, 8, count) * 86_400), unit="s")
    is_paid = (fate == "paid") & (paid_at < limit).to_numpy()
    invoices["status"] = np.where(is_paid, "paid", np.where(fate == "paid", "open", fate))
    invoices["paid_at"] = paid_at.where(pd.Series(is_paid))
    return invoices.assign(credit_cents=0, until=pd.NaT)
