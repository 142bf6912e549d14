"""The billing system, as API pages."""

from __future__ import annotations

from pathlib import Path

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
    for row in billing.subscriptions.itertuples():
        item = {
            "id": f"si_{row.subscription_key}",
            "price": {"id": f"price_{row.subscription_key}"},
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
            "id": f"price_{row.subscription_key}",
            "product": f"prod_{row.product}",
            "currency": row.currency.lower(),
            "unit_amount": int(row.cents),
            "recurring": {"interval": "year" if row.months == 12 else "month", "interval_count": 1},
        }
        for row in billing.subscriptions.itertuples()
    ]
    write_pages(out / f"prices{stamp}.json", prices, "data")
    invoices, charges = [], []
    for row in billing.invoices.itertuples():
        issued = int(row.issued_at.timestamp())
        total = int(row.net_cents + row.tax_cents)
        paid = int(row.paid_at.timestamp()) if pd.notna(row.paid_at) else None
        line = {
            "id": f"il_{row.invoice_key}",
            "amount": int(row.net_cents),
            "currency": row.currency.lower(),
            "proration": False,
            "subscription_item": f"si_{row.subscription_key}",
            "quantity": 1,
            "period": {
                "start": issued,
                "end": int((row.issued_at + pd.DateOffset(months=row.months)).timestamp()),
            },
        }
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
                "lines": {"object": "list", "data": [line]},
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
