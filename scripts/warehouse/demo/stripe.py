"""The billing system, as API pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from warehouse.demo.records import Company
from warehouse.demo.writing import write_pages


def write_stripe(company: Company, out: Path, stamp: str) -> None:
    """Customers, prices, subscriptions, invoices, charges, refunds and credit notes below `out`."""
    billing = company.billing
    customers = [
        {
            "id": row.customer_id,
            "object": "customer",
            "name": row.name,
            "email": row.email,
            "created": int(row.created_at.timestamp()),
            "metadata": {"crm_account_id": row.crm_account_id} if row.link == "metadata" else {},
        }
        for row in billing.customers.rename(columns={"name": "title"}).assign(name=lambda f: f["title"]).itertuples()
    ]
    write_pages(out / f"customers{stamp}.json", customers, "data")
    customer = billing.customers.set_index("customer_key")["customer_id"]
    subscriptions = []
    present = billing.prices.groupby("subscription_key")["number"].last()
    for row in billing.subscriptions.itertuples():
        item = {
            "id": f"si_{row.subscription_key}",
            "price": {"id": price_id(row.subscription_key, present[row.subscription_key])},
            "quantity": 1,
            "created": int(row.starts_at.timestamp()),
        }
        subscriptions.append(
            {
                "id": f"sub_{row.subscription_key}",
                "customer": customer[row.customer_key],
                "status": "canceled" if pd.notna(row.ends_at) else "active",
                "currency": row.currency.lower(),
                "created": int(row.starts_at.timestamp()),
                "start_date": int(row.starts_at.timestamp()),
                "ended_at": int(row.ends_at.timestamp()) if pd.notna(row.ends_at) else None,
                "items": {"object": "list", "data": [item]},
            }
        )
    write_pages(out / f"subscriptions{stamp}.json", subscriptions, "data")
    prices = [
        {
            "id": price_id(row.subscription_key, row.number),
            "product": f"prod_{row.product}",
            "currency": row.currency.lower(),
            "unit_amount": int(row.cents),
            "recurring": {"interval": "year" if row.months == 12 else "month", "interval_count": 1},
        }
        for row in billing.subscriptions.drop(columns="cents").merge(billing.prices, on="subscription_key").itertuples()
    ]
    write_pages(out / f"prices{stamp}.json", prices, "data")
    invoices, charges = [], []
    for row in billing.invoices.itertuples():
        issued = int(row.issued_at.timestamp())
        total = int(row.net_cents + row.tax_cents)
        paid = int(row.paid_at.timestamp()) if pd.notna(row.paid_at) else None
        invoices.append(
            {
                "id": f"in_{row.invoice_key}",
                "customer": customer[row.customer_key],
                "subscription": f"sub_{row.subscription_key}",
                "status": row.status,
                "currency": row.currency.lower(),
                "subtotal": int(row.net_cents),
                "tax": int(row.tax_cents),
                "total": total,
                "amount_paid": total if paid else 0,
                "created": issued - 3600,
                "status_transitions": {
                    "finalized_at": issued,
                    "paid_at": paid,
                    "voided_at": issued + 86_400 if row.status == "void" else None,
                },
                "period_start": issued,
                "period_end": issued,
                "lines": {"object": "list", "data": list(_lines(row))},
            }
        )
        if paid:
            charges.append(
                {
                    "id": f"ch_{row.invoice_key}",
                    "customer": customer[row.customer_key],
                    "invoice": f"in_{row.invoice_key}",
                    "amount": total,
                    "amount_refunded": 0,
                    "currency": row.currency.lower(),
                    "status": "succeeded",
                    "paid": True,
                    "created": paid,
                }
            )
    drafts = [
        {
            **each,
            "id": each["id"] + "_draft",
            "status": "draft",
            "amount_paid": 0,
            "status_transitions": {},
            "lines": {"data": []},
        }
        for each in invoices[-12:]
    ]
    write_pages(out / f"invoices{stamp}.json", invoices + drafts, "data")
    write_pages(out / f"charges{stamp}.json", charges, "data")
    currency = billing.invoices.set_index("invoice_key")["currency"].str.lower()
    refunds = [
        {
            "id": f"re_{row.invoice_key}",
            "charge": f"ch_{row.invoice_key}",
            "amount": int(row.cents),
            "currency": currency[row.invoice_key],
            "status": "succeeded",
            "created": int(row.at.timestamp()),
        }
        for row in billing.refunds.itertuples()
    ]
    write_pages(out / f"refunds{stamp}.json", refunds, "data")
    of_invoice = billing.invoices.set_index("invoice_key")["customer_key"]
    notes = [
        {
            "id": f"cn_{row.invoice_key}",
            "invoice": f"in_{row.invoice_key}",
            "customer": customer[of_invoice[row.invoice_key]],
            "currency": currency[row.invoice_key],
            "subtotal": int(row.net_cents),
            "tax": int(row.tax_cents),
            "total": int(row.net_cents + row.tax_cents),
            "status": "issued",
            "created": int(row.at.timestamp()),
        }
        for row in billing.credit_notes.itertuples()
    ]
    write_pages(out / f"credit_notes{stamp}.json", notes, "data")


def price_id(subscription_key: int, number: int) -> str:
    """Id of the price a subscription has after so many changes."""
    return f"price_{subscription_key}" + (f"_{number}" if number else "")


def _lines(row: Any) -> Iterator[dict[str, object]]:
    """One line for a period; for an upgrade within one, the old price given back and the new one charged."""
    within = pd.notna(row.until)
    until = row.until if within else row.issued_at + pd.DateOffset(months=row.months)
    parts = [(row.price_number, int(row.net_cents + row.credit_cents))]
    if within:
        parts.insert(0, (row.price_number - 1, -int(row.credit_cents)))
    for position, (number, cents) in enumerate(parts):
        yield {
            "id": f"il_{row.invoice_key}" + (f"_{position}" if within else ""),
            "amount": cents,
            "currency": row.currency.lower(),
            "proration": within,
            "price": {"id": price_id(row.subscription_key, number)},
            "subscription_item": f"si_{row.subscription_key}",
            "quantity": 1,
            "period": {"start": int(row.issued_at.timestamp()), "end": int(until.timestamp())},
        }
