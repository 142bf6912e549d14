"""What staging promises of Stripe: API pages in smallest units and epoch seconds, and replicated tables."""

from __future__ import annotations

import datetime as dt
import json
from textwrap import dedent

import pytest

from conftest import Site

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stripe")]

at = dt.datetime.fromisoformat

NOON = 1_769_860_800  # 2026-01-31 12:00 UTC, 13:00 in Paris
LATE = 1_769_902_200  # 2026-01-31 23:30 UTC, the first of February in Paris
OLDER, NEWER = "2026-03-01 06:00", "2026-03-02 06:00"


def page(*records: dict[str, object]) -> str:
    """A page as the API answers."""
    return json.dumps({"object": "list", "has_more": False, "data": records})


def invoice(
    invoice_id: str,
    status: str,
    total: int,
    *,
    currency: str = "eur",
    tax: int | None = None,
    finalized_at: int | None = NOON,
    paid_at: int | None = None,
) -> dict[str, object]:
    return {
        "id": invoice_id,
        "customer": "cus_1",
        "subscription": "sub_1",
        "status": status,
        "currency": currency,
        "total": total,
        "tax": tax,
        "amount_paid": total if paid_at else 0,
        "created": NOON - 3600,
        "status_transitions": {"finalized_at": finalized_at, "paid_at": paid_at, "voided_at": None},
        "lines": {
            "object": "list",
            "data": [
                {
                    "id": f"{invoice_id}_line",
                    "amount": total,
                    "currency": currency,
                    "proration": status == "open",
                    "period": {"start": NOON, "end": NOON + 86_400},
                    "price": {"id": "price_year"},
                }
            ],
        },
    }


def drop_basil(site: Site) -> None:
    """Pages of API version 2025-03-31 and later."""
    period = {"start": NOON, "end": NOON + 86_400}
    price = {"type": "price_details", "price_details": {"price": "price_year", "product": "prod_1"}}
    item = {"subscription": "sub_1", "subscription_item": "si_1", "proration": False}
    made = {"invoice_item": "ii_1", "proration": True, "subscription": "sub_1"}
    line = {"currency": "eur", "quantity": 1, "period": period, "pricing": price}
    lines = [
        line
        | {"id": "il_item", "amount": 100_000}
        | {"parent": {"type": "subscription_item_details", "subscription_item_details": item}},
        line
        | {"id": "il_made", "amount": -500, "pricing": None}
        | {"parent": {"invoice_item_details": made, "subscription_item_details": None}},
    ]
    of_subscription = {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}
    basil = {
        "customer": "cus_1",
        "status": "open",
        "currency": "eur",
        "amount_paid": 0,
        "created": NOON,
        "status_transitions": {"finalized_at": NOON, "paid_at": None},
        "metadata": {"customer_id": "42", "status": "void", "subscription_id": "internal-7", "total": "7"},
    }
    taxes = [{"amount": 20_000, "tax_behavior": "exclusive", "taxable_amount": 100_000}]
    site.drop(
        "stripe_basil/invoices.json",
        page(
            basil
            | {"id": "in_taxed", "subtotal": 100_000, "total": 120_000, "total_excluding_tax": 100_000}
            | {"total_taxes": taxes, "parent": of_subscription, "lines": {"object": "list", "data": lines}},
            basil
            | {"id": "in_plain", "subtotal": 5_000, "total": 5_000, "total_excluding_tax": None, "total_taxes": None}
            | {"parent": None, "lines": {"object": "list", "data": []}},
        ),
        at=NEWER,
    )
    note = {"invoice": "in_taxed", "customer": "cus_1", "currency": "eur", "status": "issued", "created": NOON}
    site.drop(
        "stripe_basil/credit_notes.json",
        page(note | {"id": "cn_1", "subtotal": 1_200, "total": 1_080, "total_excluding_tax": 900, "total_taxes": []}),
        at=NEWER,
    )
    charge = {"customer": "cus_1", "currency": "eur", "paid": True, "created": NOON}
    facts = ("id", "amount", "amount_captured", "amount_refunded", "captured", "refunded", "status")
    charges = [
        ("ch_held", 12_000, 0, 0, False, False, "succeeded"),
        ("ch_let_go", 12_000, None, 12_000, False, True, "succeeded"),
        ("ch_part", 50_000, 30_000, 20_000, True, False, "succeeded"),
        ("ch_part_back", 50_000, 30_000, 50_000, True, True, "succeeded"),
        ("ch_half_back", 50_000, 25_000, 25_000, True, True, "succeeded"),
        ("ch_whole", 50_000, 50_000, 0, True, False, "succeeded"),
        ("ch_failed", 700, 0, 0, False, False, "failed"),
    ]
    site.drop(
        "stripe_basil/charges.json",
        page(*(charge | dict(zip(facts, each, strict=True)) for each in charges)),
        at=NEWER,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("stripe"))
    made.drop("stripe/invoices_old.json", page(invoice("in_gone", "open", 100)), at=OLDER)
    made.drop(
        "stripe/invoices_new.json",
        page(
            invoice("in_paid", "paid", 120_000, tax=20_000, finalized_at=LATE, paid_at=LATE + 86_400),
            invoice("in_open", "open", 1_999),
            invoice("in_draft", "draft", 500, finalized_at=None),
            invoice("in_void", "void", 600),
            invoice("in_bad", "uncollectible", 700),
            invoice("in_jpy", "paid", 5_500, currency="jpy", tax=500, paid_at=NOON),
            invoice("in_kwd", "paid", 12_340, currency="kwd", paid_at=NOON),
        ),
        at=NEWER,
    )
    made.drop(
        "stripe/charges.json",
        page(
            {
                "id": "ch_1",
                "customer": "cus_1",
                "invoice": "in_paid",
                "amount": 120_000,
                "amount_refunded": 5_000,
                "currency": "eur",
                "status": "succeeded",
                "paid": True,
                "created": LATE,
            }
        ),
        at=NEWER,
    )
    made.drop(
        "stripe/refunds.csv",
        f"id,charge,amount,currency,status,created\nre_1,ch_1,5000,eur,succeeded,{LATE}\nre_2,ch_1,500,jpy,failed,{NOON}\n",
        at=NEWER,
    )
    made.drop(
        "stripe/credit_notes.csv",
        dedent(f"""\
            id,invoice,customer,currency,subtotal,tax,total,status,created
            cn_tax,in_paid,cus_1,eur,1000,200,1200,issued,{LATE}
            cn_sub,in_paid,cus_1,eur,1000,,1200,issued,{NOON}
            cn_void,in_paid,cus_1,eur,,,1200,void,{NOON}
            cn_jpy,in_jpy,cus_1,jpy,,,1200,,{NOON}
            """),
        at=NEWER,
    )
    made.drop(
        "stripe/customers.json",
        page(
            {"id": "cus_1", "name": "Example", "email": "Pay@Example.com", "created": NOON, "metadata": {}},
            {"id": "cus_2", "email": "a@b.com", "created": NOON, "metadata": {"hubspot_company_id": "501"}},
            {"id": "cus_3", "email": "c@d.com", "created": NOON, "deleted": True, "metadata": {}},
        ),
        at=NEWER,
    )
    made.drop(
        "stripe_replica/customers.csv",
        dedent("""\
            id,email,created,metadata,is_deleted
            cus_1,a@b.com,2026-01-31 12:00:00,"{""crm_account_id"": ""77""}",false
            cus_2,c@d.com,2026-01-31 12:00:00,"{""salesforce_account_id"": ""001A""}",true
            cus_3,e@f.com,2026-01-31 12:00:00,{},false
            """),
        at=NEWER,
    )
    # a connector's own mark, beside that of Stripe where it has one
    made.drop(
        "stripe_mirror/customers.csv",
        dedent("""\
            id,email,created,is_deleted,_fivetran_deleted
            kept,a@b.com,2026-01-31 12:00:00,false,false
            gone,c@d.com,2026-01-31 12:00:00,false,true
            """),
        at=NEWER,
    )
    made.drop(
        "stripe_mirror/refunds.csv",
        f"id,charge,amount,currency,status,created,_fivetran_deleted\n"
        f"kept,ch_1,5000,eur,succeeded,{LATE},false\ngone,ch_1,500,eur,succeeded,{LATE},true\n",
        at=NEWER,
    )
    made.drop(
        "stripe/subscriptions.json",
        page(
            {
                "id": "sub_1",
                "customer": "cus_1",
                "status": "canceled",
                "currency": "eur",
                "start_date": LATE,
                "ended_at": LATE + 28 * 86_400,
                "created": NOON,
                "items": {"object": "list", "data": [{"id": "si_1", "price": {"id": "price_year"}, "quantity": 3}]},
            }
        ),
        at=NEWER,
    )
    made.drop(
        "stripe/prices.json",
        page(
            {
                "id": "price_year",
                "product": "prod_1",
                "currency": "eur",
                "unit_amount": 120_000,
                "recurring": {"interval": "year", "interval_count": 1},
            },
            {"id": "price_once", "product": "prod_1", "currency": "jpy", "unit_amount": 500, "recurring": None},
        ),
        at=NEWER,
    )
    drop_basil(made)
    assert not made.load().failures
    made.dbt("run", "--select", "staging.stripe")
    return made


@pytest.mark.parametrize(("table", "key"), [("customers", "customer_source_id"), ("refunds", "refund_id")])
def test_what_a_connector_marks_as_deleted_is_flagged(site: Site, table: str, key: str) -> None:
    assert site.marts(f"""
        select split_part({key}, ':', 2), is_deleted from staging.stg_stripe__{table}
        where source_instance = 'stripe_mirror' order by 1
    """) == [("gone", True), ("kept", False)]


def invoice_of(site: Site, invoice_id: str, columns: str) -> tuple[object, ...]:
    (found,) = site.marts(
        f"select {columns} from staging.stg_stripe__invoices where invoice_id = 'stripe:{invoice_id}'"
    )
    return found


@pytest.mark.parametrize(
    ("invoice_id", "amounts"),
    [
        pytest.param("in_paid", ("EUR", "1000.00", "200.00", "1200.00"), id="euros have cents, revenue has no tax"),
        pytest.param("in_open", ("EUR", "19.99", None, "0.00"), id="untaxed and unpaid"),
        pytest.param("in_jpy", ("JPY", "5000.00", "500.00", "5500.00"), id="yen have no smaller unit"),
        pytest.param("in_kwd", ("KWD", "12.34", None, "12.34"), id="dinars have thousandths"),
    ],
)
def test_amounts_are_in_units_of_their_currency(site: Site, invoice_id: str, amounts: tuple[str | None, ...]) -> None:
    columns = "amount_local::text, tax_local::text, paid_local::text"
    assert invoice_of(site, invoice_id, f"currency_code, {columns}") == amounts


def test_an_invoice_finalised_late_in_the_evening_is_issued_on_the_next_day_in_paris(site: Site) -> None:
    assert invoice_of(site, "in_paid", "issued_at, issued_date, paid_date") == (
        at("2026-01-31 23:30"),
        dt.date(2026, 2, 1),
        dt.date(2026, 2, 2),
    )


@pytest.mark.parametrize(
    ("invoice_id", "status", "is_paid", "is_deleted"),
    [
        ("in_paid", "paid", True, False),
        ("in_open", "open", False, False),
        ("in_draft", "draft", False, False),
        ("in_void", "void", False, False),
        ("in_bad", "uncollectible", False, False),
        pytest.param("in_gone", "open", False, True, id="absent from the newest export"),
    ],
)
def test_an_invoice_keeps_its_status_so_that_only_finalised_ones_count(
    site: Site, invoice_id: str, status: str, is_paid: bool, is_deleted: bool
) -> None:
    found = invoice_of(site, invoice_id, "status, paid_date is not null, is_deleted")
    assert found == (status, is_paid, is_deleted)


def test_a_draft_is_dated_by_its_making(site: Site) -> None:
    assert invoice_of(site, "in_draft", "issued_at") == (at("2026-01-31 11:00"),)


def test_lines_nested_in_invoices_know_their_invoice_and_their_prorations(site: Site) -> None:
    assert site.marts("""
        select invoice_id, is_proration, period_start_at, period_end_at from staging.stg_stripe__invoice_lines
        where invoice_line_id in ('stripe:in_paid_line', 'stripe:in_open_line') order by all
    """) == [
        ("stripe:in_open", True, at("2026-01-31 12:00"), at("2026-02-01 12:00")),
        ("stripe:in_paid", False, at("2026-01-31 12:00"), at("2026-02-01 12:00")),
    ]


def test_since_basil_tax_is_what_the_total_has_more_than_without_it(site: Site) -> None:
    assert site.marts("""
        select
            split_part(invoice_id, ':', 2), subscription_id, customer_source_id,
            status, amount_local::text, tax_local::text
        from staging.stg_stripe__invoices where source_instance = 'stripe_basil' order by 1
    """) == [
        ("in_plain", None, "stripe_basil:cus_1", "open", "50.00", None),
        ("in_taxed", "stripe_basil:sub_1", "stripe_basil:cus_1", "open", "1000.00", "200.00"),
    ]
    assert site.marts("""
        select amount_local::text from staging.stg_stripe__credit_notes where source_instance = 'stripe_basil'
    """) == [("9.00",)]


def test_since_basil_lines_say_by_their_parent_what_they_are_of(site: Site) -> None:
    assert site.marts("""
        select split_part(invoice_line_id, ':', 2), subscription_item_id, price_id, is_proration
        from staging.stg_stripe__invoice_lines where source_instance = 'stripe_basil' order by 1
    """) == [
        ("il_item", "stripe_basil:si_1", "stripe_basil:price_year", False),
        ("il_made", None, None, True),
    ]


def test_a_charge_is_paid_on_its_local_day(site: Site) -> None:
    assert site.marts("""
        select invoice_id, status, amount_local::text, released_local, paid_at, paid_date
        from staging.stg_stripe__charges where source_instance = 'stripe'
    """) == [("stripe:in_paid", "succeeded", "1200.00", None, at("2026-01-31 23:30"), dt.date(2026, 2, 1))]


@pytest.mark.parametrize(
    ("charge", "status", "amount", "released"),
    [
        pytest.param("ch_held", "uncaptured", "0.00", "120.00", id="held"),
        pytest.param("ch_let_go", "uncaptured", "120.00", None, id="held and let go"),
        pytest.param("ch_part", "succeeded", "300.00", "200.00", id="the rest let go by a refund"),
        pytest.param("ch_part_back", "succeeded", "300.00", "200.00", id="the rest by a refund, then all given back"),
        pytest.param("ch_half_back", "succeeded", "250.00", None, id="all given back, since basil"),
        pytest.param("ch_whole", "succeeded", "500.00", "0.00", id="captured whole"),
        pytest.param("ch_failed", "failed", "0.00", "7.00", id="failed"),
    ],
)
def test_a_charge_is_paid_as_far_as_it_was_captured(
    site: Site, charge: str, status: str, amount: str, released: str | None
) -> None:
    assert site.marts(f"""
        select status, amount_local::text, released_local::text from staging.stg_stripe__charges
        where charge_id = 'stripe_basil:{charge}'
    """) == [(status, amount, released)]


def test_refunds_keep_their_own_date_status_and_currency(site: Site) -> None:
    assert site.marts("""
        select refund_id, charge_id, status, amount_local::text, refunded_date
        from staging.stg_stripe__refunds where source_instance = 'stripe' order by refund_id
    """) == [
        ("stripe:re_1", "stripe:ch_1", "succeeded", "50.00", dt.date(2026, 2, 1)),
        ("stripe:re_2", "stripe:ch_1", "failed", "500.00", dt.date(2026, 1, 31)),
    ]


@pytest.mark.parametrize(
    ("credit_note", "amount", "status"),
    [
        pytest.param("cn_tax", "10.00", "issued", id="its tax is stated"),
        pytest.param("cn_sub", "10.00", "issued", id="its tax is what lies above the subtotal"),
        pytest.param("cn_void", "12.00", "void", id="nothing is known of tax"),
        pytest.param("cn_jpy", "1200.00", "issued", id="yen, status left out"),
    ],
)
def test_a_credit_note_is_without_tax(site: Site, credit_note: str, amount: str, status: str) -> None:
    assert site.marts(f"""
        select amount_local::text, status from staging.stg_stripe__credit_notes
        where credit_note_id = 'stripe:{credit_note}'
    """) == [(amount, status)]


@pytest.mark.parametrize(
    ("customer", "crm_account_id"),
    [
        pytest.param("stripe:cus_1", None, id="no metadata"),
        pytest.param("stripe:cus_2", "501", id="nested in a page"),
        pytest.param("stripe_replica:cus_1", "77", id="json in a replicated table"),
        pytest.param("stripe_replica:cus_2", "001A", id="json that names the crm"),
        pytest.param("stripe_replica:cus_3", None, id="empty json"),
    ],
)
def test_a_customer_is_linked_to_the_crm_by_metadata(site: Site, customer: str, crm_account_id: str | None) -> None:
    assert site.marts(f"""
        select crm_account_id from staging.stg_stripe__customers where customer_source_id = '{customer}'
    """) == [(crm_account_id,)]


def test_a_deleted_customer_is_kept_and_flagged(site: Site) -> None:
    assert site.marts("""
        select customer_source_id, customer_email from staging.stg_stripe__customers
        where is_deleted and source_instance <> 'stripe_mirror' order by all
    """) == [("stripe:cus_3", "c@d.com"), ("stripe_replica:cus_2", "c@d.com")]


def test_a_subscription_starts_and_ends_on_local_days(site: Site) -> None:
    assert site.marts("select status, started_date, ended_date from staging.stg_stripe__subscriptions") == [
        ("canceled", dt.date(2026, 2, 1), dt.date(2026, 3, 1))
    ]


def test_items_nested_in_subscriptions_know_their_price_and_quantity(site: Site) -> None:
    assert site.marts("""
        select subscription_id, price_id, quantity from staging.stg_stripe__subscription_items
    """) == [("stripe:sub_1", "stripe:price_year", 3)]


def test_a_price_recurs_or_has_no_interval(site: Site) -> None:
    assert site.marts("""
        select price_id, unit_amount_local::text, recurring_interval, recurring_interval_count
        from staging.stg_stripe__prices order by price_id
    """) == [
        ("stripe:price_once", "500.00", None, 1),
        ("stripe:price_year", "1200.00", "year", 1),
    ]
