"""Money spent: ad reports by day and campaign, and the ledger with its pay, purchases, sales and bank entries."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from warehouse.demo.billing import Billing
from warehouse.demo.company import RATES, Story, utc_day, utc_to_date

PAY = {"sdr": 2_900, "account_executive": 4_300, "account_manager": 3_600}
GOOGLE_CAMPAIGNS = ("Marque - Search", "Générique - CRM", "Concurrents", "Remarketing")
LINKEDIN_CAMPAIGNS = ("ABM Industrie", "Livre blanc", "Démo directeurs commerciaux")


@dataclass(frozen=True)
class Spending:
    """Money spent.

    ads: platform, campaign, day, cost_cents, impressions, clicks, conversions.
    ledger: journal, entry, date, account, label, auxiliary, document, text, debit_cents, credit_cents, function
    (sales, marketing, cost_of_sales or none: what the money was spent for) and acquisition_share.
    traffic: day, channel, visits, demo_requests.
    """

    ads: pd.DataFrame
    ledger: pd.DataFrame
    traffic: pd.DataFrame


def rate(currency: str, day: pd.Timestamp) -> int:
    """Reporting currency per unit, in millionths: the month's average, which wanders a little around its base."""
    if currency == "EUR":
        return 1_000_000
    base = RATES[currency] * 1_000_000
    wave = math.sin((day.year * 12 + day.month) * 0.7 + len(currency) * ord(currency[0])) * 0.02
    return round(base * (1 + wave))


def to_euro_cents(cents: pd.Series, currency: pd.Series, days: pd.Series) -> pd.Series:
    """Cents of the reporting currency, half a cent rounded away from zero."""
    millionths = np.array([rate(code, day) for code, day in zip(currency, days, strict=True)], dtype=np.int64)
    product = cents.to_numpy().astype(np.int64) * millionths
    rounded = (np.abs(product) + 500_000) // 1_000_000 * np.sign(product)
    return pd.Series(rounded, index=cents.index)


def make_spending(
    rng: np.random.Generator, story: Story, reps: pd.DataFrame, billing: Billing, bookings_cents: pd.Series
) -> Spending:
    """Ads, ledger and web traffic. `bookings_cents`: won amounts by month, which commissions are paid on."""
    ads = _ads(rng, story)
    return Spending(ads, _ledger(rng, story, reps, billing, ads, bookings_cents), _traffic(rng, story))


def _ads(rng: np.random.Generator, story: Story) -> pd.DataFrame:
    days = story.days
    frames = []
    for platform, campaigns, budget in (
        ("google_ads", GOOGLE_CAMPAIGNS, 70.0),
        ("linkedin_ads", LINKEDIN_CAMPAIGNS, 60.0),
    ):
        for index, campaign in enumerate(campaigns):
            spend = budget * (1 + 0.3 * index) * np.linspace(0.8, 1.9, len(days)) * rng.lognormal(0, 0.35, len(days))
            spend *= np.where(days.day_of_week >= 5, 0.45, 1.0) * story.scale
            clicks = rng.poisson(spend / 3.1)
            frames.append(
                pd.DataFrame(
                    {
                        "platform": platform,
                        "campaign": campaign,
                        "campaign_number": 1000 + index,
                        "day": days,
                        "cost_cents": np.round(spend * 100).astype(np.int64),
                        "clicks": clicks,
                        "impressions": clicks * 40 + rng.poisson(60, len(days)),
                        "conversions": rng.binomial(clicks, 0.02),
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def _traffic(rng: np.random.Generator, story: Story) -> pd.DataFrame:
    days = story.days
    frames = []
    for channel, level in (
        ("organic_search", 210),
        ("paid_search", 60),
        ("paid_social", 45),
        ("direct", 90),
        ("referral", 30),
    ):
        mean = level * np.linspace(1, 2, len(days)) * np.where(days.day_of_week >= 5, 0.35, 1) * story.scale
        visits = rng.poisson(mean)
        frames.append(
            pd.DataFrame(
                {
                    "day": days,
                    "channel": channel,
                    "visits": visits,
                    "demo_requests": rng.binomial(visits, 0.012),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


class _Journal:
    """Entries of the ledger, each balanced to the cent."""

    def __init__(self) -> None:
        self.rows: list[tuple[object, ...]] = []
        self.entry = 0

    def post(self, journal: str, day: pd.Timestamp, document: str, *lines: tuple[object, ...]) -> None:
        """An entry of (account, label, auxiliary, text, debit, credit[, function, acquisition share]) lines."""
        self.entry += 1
        for account, label, auxiliary, text, debit, credit, *use in lines:
            function, share = use or ("none", 0.0)
            self.rows.append(
                (
                    journal,
                    self.entry,
                    day,
                    account,
                    label,
                    auxiliary,
                    document,
                    text,
                    debit,
                    credit,
                    function,
                    share,
                )
            )


COLUMNS = [
    "journal",
    "entry",
    "date",
    "account",
    "label",
    "auxiliary",
    "document",
    "text",
    "debit_cents",
    "credit_cents",
    "function",
    "acquisition_share",
]


def _ledger(
    rng: np.random.Generator,
    story: Story,
    reps: pd.DataFrame,
    billing: Billing,
    ads: pd.DataFrame,
    bookings_cents: pd.Series,
) -> pd.DataFrame:
    journal = _Journal()
    months = pd.date_range(story.start, story.horizon, freq="MS", inclusive="left")
    for month in months:
        last = month + pd.offsets.MonthEnd(0)  # a month's pay and purchases are booked on its last day
        served, monthly_cents = _served(billing, last)
        _pay(journal, month, last, reps, bookings_cents, served, story)
        _purchases(rng, journal, month, last, ads, monthly_cents, story)
    _openings(journal, story, months)
    _sales(journal, billing)
    return pd.DataFrame(journal.rows, columns=COLUMNS).sort_values(["date", "entry"], kind="stable", ignore_index=True)


def _served(billing: Billing, day: pd.Timestamp) -> tuple[int, int]:
    """Customers on a day and what they bring in a month, roughly: what hosting and support grow with."""
    live = billing.subscriptions
    live = live[(live["starts_at"] <= day) & (live["ends_at"].isna() | (live["ends_at"] > day))]
    return live["customer_key"].nunique(), int((live["cents"] / live["months"]).sum())


def _pay(
    journal: _Journal,
    month: pd.Timestamp,
    last: pd.Timestamp,
    reps: pd.DataFrame,
    bookings_cents: pd.Series,
    served: int,
    story: Story,
) -> None:
    here = reps[(reps["hired"] <= last) & (reps["left"].isna() | (reps["left"] > month))]
    selling = here[here["role"] != "account_manager"]["role"].map(PAY).sum() * 100
    farming = here[here["role"] == "account_manager"]["role"].map(PAY).sum() * 100
    commissions = int(bookings_cents.get(month, 0)) * 6 // 100
    lines: list[tuple[object, ...]] = []
    charges = 0
    for account, label, gross, function, share in (
        ("641110", "SALAIRES COMMERCIAUX", selling, "sales", 1.0),
        ("641115", "SALAIRES GESTION DE COMPTES", farming, "sales", 0.0),
        ("641118", "COMMISSIONS COMMERCIAUX", commissions, "sales", 1.0),
        ("641120", "SALAIRES MARKETING", round(3 * 3_700_00 * story.scale), "marketing", 1.0),
        ("641130", "SALAIRES DEVELOPPEMENT", round(9 * 4_400_00 * story.scale), "none", 0.0),
        (
            "641140",
            "SALAIRES SUPPORT CLIENT",
            round(max(3 * story.scale, served / 32) * 2_800_00),
            "cost_of_sales",
            0.0,
        ),
    ):
        if not gross:
            continue
        social = int(gross) * 42 // 100
        lines.append((account, label, "", f"Paie {month:%m/%Y}", int(gross), 0, function, share))
        lines.append(
            (
                account.replace("641", "645"),
                label.replace("SALAIRES", "CHARGES").replace("COMMISSIONS", "CHARGES COMMISSIONS"),
                "",
                f"Charges {month:%m/%Y}",
                social,
                0,
                function,
                share,
            )
        )
        charges += int(gross) + social
    journal.post(
        "PAIE",
        last,
        f"PAIE{month:%Y%m}",
        *lines,
        ("421000", "PERSONNEL REMUNERATIONS DUES", "", f"Paie {month:%m/%Y}", 0, charges),
    )


def _purchases(
    rng: np.random.Generator,
    journal: _Journal,
    month: pd.Timestamp,
    last: pd.Timestamp,
    ads: pd.DataFrame,
    monthly_cents: int,
    story: Story,
) -> None:
    def buy(account: str, label: str, supplier: str, text: str, cents: int, function: str, share: float) -> None:
        tax = cents * 20 // 100
        journal.post(
            "HA",
            last,
            f"FA{journal.entry + 1:06d}",
            (account, label, "", text, cents, 0, function, share),
            ("445660", "TVA DEDUCTIBLE", "", text, tax, 0),
            ("401000", "FOURNISSEURS", supplier, text, 0, cents + tax),
        )

    in_month = ads[(ads["day"] >= month) & (ads["day"] <= last)].groupby("platform")["cost_cents"].sum()
    buy(
        "623100",
        "ANNONCES ET INSERTIONS",
        "GOOGLE",
        "Google Ads",
        int(in_month.get("google_ads", 0)),
        "marketing",
        1.0,
    )
    buy(
        "623110",
        "ANNONCES ET INSERTIONS",
        "LINKEDIN",
        "LinkedIn Ads",
        int(in_month.get("linkedin_ads", 0)),
        "marketing",
        1.0,
    )
    buy(
        "651100",
        "REDEVANCES LOGICIELS CRM",
        "CRM",
        "Abonnements CRM et prospection",
        round(2_900_00 * story.scale),
        "sales",
        1.0,
    )
    buy(
        "613500",
        "HEBERGEMENT PLATEFORME",
        "CLOUD",
        "Hébergement",
        round((5_200_00 * story.scale + monthly_cents * 0.09) * rng.uniform(0.9, 1.1)),
        "cost_of_sales",
        0.0,
    )
    buy("613200", "LOCATIONS IMMOBILIERES", "BAIL", "Loyer", round(6_400_00 * story.scale), "none", 0.0)
    buy(
        "625100",
        "VOYAGES ET DEPLACEMENTS",
        "RAIL",
        "Déplacements commerciaux",
        round(1_900_00 * story.scale * rng.uniform(0.5, 1.5)),
        "sales",
        1.0,
    )
    buy("622600", "HONORAIRES", "AGENCE", "Agence de contenu", round(2_400_00 * story.scale), "marketing", 1.0)
    if month.month in (3, 6, 10):
        buy(
            "623300",
            "FOIRES ET EXPOSITIONS",
            "SALON",
            "Salon professionnel",
            round(14_000_00 * story.scale * rng.uniform(0.8, 1.2)),
            "marketing",
            1.0,
        )


def _openings(journal: _Journal, story: Story, months: pd.DatetimeIndex) -> None:
    """Opening entries of each fiscal year but the first; they carry balances, not costs."""
    for month in months:
        if month.month == 1 and month > story.start:
            journal.post(
                "AN",
                month,
                f"AN{month:%Y}",
                ("512000", "BANQUE", "", "A nouveau", 100_000_00, 0),
                ("101000", "CAPITAL", "", "A nouveau", 0, 100_000_00),
            )
            journal.post(
                "AN",
                month,
                f"AN{month:%Y}B",
                ("608000", "FRAIS ACCESSOIRES", "", "A nouveau", 1_000_00, 0),
                ("408000", "FACTURES NON PARVENUES", "", "A nouveau", 0, 1_000_00),
            )


def _sales(journal: _Journal, billing: Billing) -> None:
    invoices = billing.invoices[billing.invoices["status"] != "void"].copy()
    invoices["day"] = utc_to_date(invoices["issued_at"])
    invoices["net"] = to_euro_cents(invoices["net_cents"], invoices["currency"], invoices["day"])
    invoices["tax"] = to_euro_cents(invoices["tax_cents"], invoices["currency"], invoices["day"])
    for row in invoices.itertuples():
        client, text = f"C{row.customer_key:05d}", f"Facture {row.invoice_key}"
        journal.post(
            "VE",
            row.day,
            f"FV{row.invoice_key:06d}",
            ("411000", "CLIENTS", client, text, row.net + row.tax, 0),
            ("706000", "PRESTATIONS DE SERVICES", "", text, 0, row.net),
            *([("445710", "TVA COLLECTEE", "", text, 0, row.tax)] if row.tax else []),
        )
    for row in invoices[invoices["paid_at"].notna()].itertuples():
        day = utc_day(row.paid_at)
        total = row.net + row.tax
        journal.post(
            "BQ",
            day,
            f"BQ{row.invoice_key:06d}",
            ("512000", "BANQUE", "", f"Facture {row.invoice_key}", total, 0),
            ("411000", "CLIENTS", f"C{row.customer_key:05d}", f"Facture {row.invoice_key}", 0, total),
        )
