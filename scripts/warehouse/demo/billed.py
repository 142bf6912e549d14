"""What billing holds, as the company's accounts see it: customers, documents, payments and prices.

Amounts are cents; those of the reporting currency are at the rate of their day.
"""

from __future__ import annotations

import pandas as pd

from warehouse.demo.billing import Billing
from warehouse.demo.company import Story, utc_to_date
from warehouse.demo.spending import to_euro_cents


def billed_customers(billing: Billing, root: pd.Series, accounts: pd.DataFrame, *, observable: bool) -> pd.DataFrame:
    """Billing's customers by key, with the account and segment they are taken for."""
    customers = billing.customers.copy()
    customers["account"] = root.reindex(customers["account_key"]).to_numpy()
    customers["segment"] = accounts["segment"].reindex(customers["account_key"]).to_numpy()
    if observable:
        alone = customers["link"] == "none"
        customers.loc[alone, "account"] = 10_000_000 + customers.loc[alone, "customer_key"]
        customers.loc[alone, "segment"] = "unknown"
    return customers.set_index("customer_key")


def documents(billing: Billing, customers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Invoices, credit notes and subscriptions of the accounts, by day in Paris."""

    def of_customer(frame: pd.DataFrame) -> pd.DataFrame:
        found = customers.reindex(frame["customer_key"])
        return frame.assign(account=found["account"].to_numpy(), segment=found["segment"].to_numpy())

    invoices = of_customer(billing.invoices)
    invoices["date"] = utc_to_date(invoices["issued_at"])
    invoices["cents"] = to_euro_cents(invoices["net_cents"], invoices["currency"], invoices["date"])
    invoices["paid_date"] = utc_to_date(invoices["paid_at"])
    credit_notes = billing.credit_notes.merge(
        billing.invoices[["invoice_key", "customer_key", "currency"]], on="invoice_key"
    )
    credit_notes = of_customer(credit_notes)
    credit_notes["date"] = utc_to_date(credit_notes["at"])
    credit_notes["cents"] = to_euro_cents(credit_notes["net_cents"], credit_notes["currency"], credit_notes["date"])
    subscriptions = of_customer(billing.subscriptions)
    subscriptions["start_date"] = utc_to_date(subscriptions["starts_at"])
    subscriptions["end_date"] = utc_to_date(subscriptions["ends_at"])
    return invoices, credit_notes, subscriptions


def payments(billing: Billing, customers: pd.DataFrame) -> pd.DataFrame:
    """What was paid, and given back, in the cents of the reporting currency."""
    paid = billing.invoices[billing.invoices["paid_at"].notna()]
    paid = paid.assign(at=paid["paid_at"], local=paid["net_cents"] + paid["tax_cents"])
    keys = billing.invoices[["invoice_key", "customer_key", "currency"]]
    back = billing.refunds.merge(keys, on="invoice_key").assign(local=lambda f: -f["cents"])
    columns = ["customer_key", "currency", "at", "local"]
    flows = pd.concat([paid[columns], back[columns]], ignore_index=True)
    flows["date"] = utc_to_date(flows["at"])
    flows["cents"] = to_euro_cents(flows["local"], flows["currency"], flows["date"])
    return flows.assign(segment=customers["segment"].reindex(flows["customer_key"]).to_numpy())


def prices(story: Story, billing: Billing, *, observable: bool) -> pd.DataFrame:
    """What subscriptions cost a month over time: as it was, or as the invoices and the price of the day can tell."""
    months = billing.subscriptions.set_index("subscription_key")["months"]
    log = billing.prices
    if observable:
        invoiced = billing.invoices[billing.invoices["status"] != "void"]
        cents = log.set_index(["subscription_key", "number"])["cents"]
        keys = pd.MultiIndex.from_frame(invoiced[["subscription_key", "price_number"]])
        told = invoiced[["subscription_key", "issued_at"]].assign(cents=cents.reindex(keys).to_numpy())
        now = log.groupby("subscription_key").tail(1).assign(issued_at=story.extracted_at - pd.Timedelta(seconds=1))
        log = pd.concat([told, now[["subscription_key", "issued_at", "cents"]]], ignore_index=True)
        log = log.rename(columns={"issued_at": "at"}).sort_values(["subscription_key", "at"], kind="stable")
    a_month = log["cents"] // months[log["subscription_key"]].to_numpy()
    dated = log.assign(date=utc_to_date(log["at"]), cents=a_month)
    return dated[["subscription_key", "date", "cents"]].drop_duplicates(["subscription_key", "date"], keep="last")
