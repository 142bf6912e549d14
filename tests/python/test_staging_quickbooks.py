"""What staging promises of QuickBooks, replicated or as pages of its API, and which of its lines become costs."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from textwrap import dedent

import pytest

from conftest import Site
from warehouse.outcomes import LoadReport

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("quickbooks")]

OLDER, NEWER = "2026-03-01 06:00", "2026-03-02 06:00"

REPLICATED = {
    "account_data": """\
        id,_fivetran_deleted,account_number,account_sub_type,account_type,classification,fully_qualified_name,name
        7,FALSE,,AdvertisingPromotional,Expense,Expense,Marketing:Advertising,Advertising
        8,FALSE,6400,PayrollExpenses,Expense,Expense,Payroll,Payroll
        9,FALSE,,SuppliesMaterialsCogs,Cost of Goods Sold,,Hosting,Hosting
        10,FALSE,,OtherMiscellaneousExpense,Other Expense,,Losses,Losses
        35,FALSE,1010,Checking,Bank,Asset,Checking,Checking
        36,FALSE,,Inventory,Other Current Asset,Asset,Stock,Stock
        """,
    "item_data": """\
        id,name,expense_account_id,asset_account_id
        1,Licence,7,
        2,Chair,9,36
        """,
    "vendor_data": """\
        id,display_name,company_name
        3,Agency,Agency Ltd
        """,
    "journal_entry_data": """\
        id,_fivetran_deleted,transaction_date,doc_number,currency_id,exchange_rate,created_at
        41,FALSE,2026-01-31,OD-1,EUR,1,2026-02-02 23:30:00
        42,TRUE,2026-01-31,OD-2,EUR,1,2026-02-02 23:30:00
        43,FALSE,,OD-3,EUR,1,2026-02-02 23:30:00
        """,
    "journal_entry_line_data": """\
        index,journal_entry_id,account_id,amount,description,posting_type,vendor_id
        0,41,8,1000.00,Ana Petit,Debit,
        1,41,35,900.00,,Credit,
        2,41,8,100.00,Correction,Credit,
        0,42,7,5000.00,Deleted,Debit,
        1,42,35,5000.00,Deleted,Credit,
        0,43,10,12.00,Undated,Debit,3
        1,43,35,12.00,,Credit,
        """,
    "bill_data": """\
        id,_fivetran_deleted,transaction_date,due_date,vendor_id,currency_id,exchange_rate,total_amount,created_at
        126,FALSE,2026-02-03,2026-03-03,3,EUR,1,600.00,2026-02-03 10:00:00
        127,FALSE,2026-02-04,2026-03-04,3,USD,0.85,100.00,2026-02-04 10:00:00
        """,
    "bill_line_data": """\
        bill_id,index,account_expense_account_id,amount,description,item_expense_item_id
        126,0,7,448.25,Campaign,
        126,1,,51.75,Seats,1
        126,2,,80.00,Chairs,2
        126,3,,20.00,Unknown,99
        127,0,9,100.00,Cloud,
        """,
    "purchase_data": """\
        id,_fivetran_deleted,transaction_date,vendor_id,payment_type,credit,currency_id,exchange_rate
        101,FALSE,2026-02-05,3,CreditCard,,EUR,
        102,FALSE,2026-02-06,3,CreditCard,TRUE,EUR,
        """,
    "purchase_line_data": """\
        index,purchase_id,account_expense_account_id,amount,description,item_expense_item_id
        0,101,7,77.00,Ads,
        1,101,35,30.00,Cash,
        0,102,7,27.00,Ads given back,
        """,
    "vendor_credit_data": """\
        id,_fivetran_deleted,transaction_date,vendor_id,currency_id,exchange_rate
        61,FALSE,2026-02-07,3,EUR,1
        """,
    "vendor_credit_line_data": """\
        index,vendor_credit_id,account_expense_account_id,amount,description,item_expense_item_id
        0,61,7,48.25,Rebate,
        """,
    "bill_payment_data": """\
        id,_fivetran_deleted,transaction_date,total_amount,vendor_id,check_bank_account_id
        23,FALSE,2026-02-28,600.00,3,35
        """,
}
PAGES = {
    "account": [
        {"Id": "7", "Name": "Ads", "FullyQualifiedName": "Ads", "AccountType": "Expense", "AcctNum": "6100"},
        {"Id": "35", "Name": "Cash", "FullyQualifiedName": "Cash", "AccountType": "Bank"},
    ],
    "bill": [
        {
            "Id": "1",
            "TxnDate": "2026-02-10",
            "DocNumber": "F-1",
            "VendorRef": {"value": "3", "name": "Agency"},
            "CurrencyRef": {"value": "EUR"},
            "Line": [
                {
                    "Id": "1",
                    "Amount": 60.5,
                    "Description": "Spring",
                    "DetailType": "AccountBasedExpenseLineDetail",
                    "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "7", "name": "Ads"}},
                },
                {"Id": "2", "Amount": 0, "Description": "Thank you", "DetailType": "DescriptionOnly"},
            ],
        }
    ],
    "journalentry": [
        {
            "Id": "2",
            "TxnDate": "2026-02-11",
            "CurrencyRef": {"value": "EUR"},
            "Line": [
                {
                    "Id": str(index),
                    "Amount": 10,
                    "DetailType": "JournalEntryLineDetail",
                    "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": account}},
                }
                for index, (side, account) in enumerate([("Debit", "35"), ("Credit", "7")])
            ],
        }
    ],
}
BY_HAND = {
    "plan comptable (comptes)": """\
        Identifiant;Numéro de compte;Nom complet;Nom du compte;Type de compte
        1;623;Publicité;Publicité;Charges
        2;512;Banque;Banque;Banque
        3;607;Achats;Achats;Coût des ventes
        """,
    "dépenses": """\
        Identifiant;Date de l'opération;Devise;Montant
        9;15/02/2026;EUR;1 234,50
        """,
    "lignes de dépenses": """\
        ID de la dépense;Ligne;ID du compte;Montant;Libellé
        9;1;1;1 200,00;Affiches
        9;2;3;34,50;Papier
        """,
}
# the report of the chart of accounts has a title that is one of numbers but for its sign
ACCOUNT_LISTS = {
    "account list": """\
        Account #,Account,Type,Detail type,Description,Balance
        6100,Marketing:Advertising,Expenses,Advertising/Promotional,,120.00
        """,
    "accounts": """\
        Account,Type,Detail type,Description,Balance
        Checking,Bank,Checking,,880.00
        """,
    "liste des comptes": """\
        Compte,Type,Type de détail
        Publicité,Charges,Publicité
        """,
}
# the screen's own lists have no ids: accounts go by their names
BY_NAME = {
    "chart of accounts": """\
        Full name,Type,Detail type,Description,Total balance
        Marketing:Advertising,Expenses,Advertising/Promotional,,120.00
        Checking,Bank,Checking,,880.00
        """,
    "expenses": """\
        Expense ID,Date,Currency,Amount
        9,2026-02-15,EUR,120.00
        """,
    "expense lines": """\
        Expense ID,Line,Account,Amount,Memo
        9,1,Marketing:Advertising,120.00,Posters
        9,2,Checking,5.00,Withdrawal
        """,
}


def page(name: str, records: list[dict[str, object]]) -> str:
    """A page as the API returns it."""
    return json.dumps({"QueryResponse": {name.title(): records, "startPosition": 1, "maxResults": len(records)}})


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, LoadReport]:
    made = Site(tmp_path_factory.mktemp("quickbooks"))
    older = REPLICATED["bill_line_data"].rstrip(" ") + "        126,4,7,999.00,Removed since,\n"
    made.drop("quickbooks/older/bill_line_data.csv", dedent(older), at=OLDER)
    for name, text in REPLICATED.items():
        made.drop(f"quickbooks/{name}.csv", dedent(text), at=NEWER)
    for name, records in PAGES.items():
        made.drop(f"quickbooks_api/{name}.json", page(name, records), at=NEWER)
    for name, text in BY_HAND.items():
        made.drop(f"quickbooks_fr/{name}.csv", dedent(text), at=NEWER, encoding="cp1252")
    for name, text in BY_NAME.items():
        made.drop(f"quickbooks_ui/{name}.csv", dedent(text), at=NEWER)
    for name, text in ACCOUNT_LISTS.items():
        made.drop(f"quickbooks {name}/{name}.csv", dedent(text), at=NEWER)
    report = made.load()
    made.dbt(
        *("build", "--exclude-resource-type", "unit_test"),
        *("--select", "staging.quickbooks", "+int_quickbooks_costs__posted", "--indirect-selection", "cautious"),
    )
    return made, report


@pytest.fixture(scope="module")
def site(loaded: tuple[Site, LoadReport]) -> Site:
    return loaded[0]


def costs(site: Site, condition: str, columns: str = "cost_amount::text") -> list[tuple[object, ...]]:
    return site.marts(f"""
        select {columns} from intermediate.int_quickbooks_costs__posted where {condition} order by cost_line_id
    """)


def test_a_payment_of_a_bill_is_no_cost_and_said_not_to_be_recognised(loaded: tuple[Site, LoadReport]) -> None:
    site, report = loaded
    assert [(file.path, file.state) for file in report.failures] == [
        ("quickbooks/bill_payment_data.csv", "not recognised")
    ]
    assert site.marts("select distinct document_type from staging.stg_quickbooks__documents order by all") == [
        ("bill",),
        ("journal_entry",),
        ("purchase",),
        ("vendor_credit",),
    ]


def test_costs_are_the_lines_on_cost_accounts_to_the_cent(site: Site) -> None:
    assert costs(
        site, "source_instance = 'quickbooks'", "split_part(cost_line_id, ':', 2), label, cost_amount::text"
    ) == [
        ("bill", "Campaign", "448.25"),
        ("bill", "Seats", "51.75"),
        ("bill", "Unknown", "20.00"),
        ("bill", "Cloud", "85.00"),
        ("journal_entry", None, "1000.00"),
        ("journal_entry", None, "-100.00"),
        ("journal_entry", "Undated", "12.00"),
        ("purchase", "Ads", "77.00"),
        ("purchase", "Ads given back", "-27.00"),
        ("vendor_credit", "Rebate", "-48.25"),
    ]


@pytest.mark.parametrize(
    ("label", "code", "name"),
    [
        pytest.param("Campaign", "id:7", "Marketing:Advertising", id="an account without a number"),
        pytest.param("Seats", "id:7", "Marketing:Advertising", id="the account of an item"),
        pytest.param("Unknown", "unknown", None, id="an item that was not exported"),
        pytest.param("Spring", "6100", "Ads", id="an account with a number"),
        pytest.param("Affiches", "623", "Publicité", id="a French chart"),
    ],
)
def test_the_account_of_a_line_is_its_number_or_marked_as_an_id(
    site: Site, label: str, code: str, name: str | None
) -> None:
    assert costs(site, f"label = '{label}'", "account_code, account_name") == [(code, name)]


def test_the_label_of_pay_is_not_passed_on(site: Site) -> None:
    assert costs(site, "account_code = '6400'", "label") == [(None,), (None,)]


def test_a_line_that_left_its_bill_counts_no_more(site: Site) -> None:
    assert site.marts("select label from staging.stg_quickbooks__document_lines where is_deleted") == [
        ("Removed since",)
    ]
    assert costs(site, "label = 'Removed since'") == []


def test_a_deleted_document_costs_nothing(site: Site) -> None:
    assert site.marts("select document_id from staging.stg_quickbooks__documents where is_deleted") == [
        ("quickbooks:journal_entry:42",)
    ]
    assert costs(site, "label = 'Deleted'") == []


def test_a_line_has_the_date_and_the_supplier_of_its_document(site: Site) -> None:
    assert costs(site, "label in ('Campaign', 'Rebate')", "booked_date, vendor, journal_code") == [
        (dt.date(2026, 2, 3), "Agency", "bill"),
        (dt.date(2026, 2, 7), "Agency", "vendor_credit"),
    ]


def test_a_document_without_a_date_is_dated_when_it_was_recorded(site: Site) -> None:
    # 23:30 in UTC is the day after in Paris
    assert costs(site, "label = 'Undated'", "booked_date, vendor") == [(dt.date(2026, 2, 3), "Agency")]


def test_pages_of_the_api_hold_documents_and_their_lines(site: Site) -> None:
    assert costs(site, "source_instance = 'quickbooks_api'", "cost_line_id, booked_date, label, cost_amount::text") == [
        ("quickbooks_api:bill:1:1", dt.date(2026, 2, 10), "Spring", "60.50"),
        ("quickbooks_api:journal_entry:2:1", dt.date(2026, 2, 11), None, "-10.00"),
    ]


def test_lists_with_french_titles_are_read(site: Site) -> None:
    assert costs(site, "source_instance = 'quickbooks_fr'", "booked_date, account_code, label, cost_amount::text") == [
        (dt.date(2026, 2, 15), "623", "Affiches", "1200.00"),
        (dt.date(2026, 2, 15), "607", "Papier", "34.50"),
    ]


@pytest.mark.parametrize(
    ("instance", "code", "name", "is_cost"),
    [
        ("account list", "6100", "Marketing:Advertising", True),
        ("accounts", "id:Checking", "Checking", False),
        ("liste des comptes", "id:Publicité", "Publicité", True),
    ],
)
def test_an_account_is_named_by_the_title_account(
    site: Site, instance: str, code: str, name: str, is_cost: bool
) -> None:
    assert site.marts(f"""
        select account_id, account_code, account_name, is_cost from staging.stg_quickbooks__accounts
        where source_instance = 'quickbooks {instance}'
    """) == [(f"quickbooks {instance}:{name}", code, name, is_cost)]


@pytest.mark.parametrize(
    ("titles", "row"),
    [("Account #,Type,Detail type", "6100,Expenses,"), ("Full name,Name,Type", ",,Expenses")],
    ids=["no title of a name", "no name"],
)
def test_an_account_without_id_and_name_is_refused_not_lost(tmp_path: Path, titles: str, row: str) -> None:
    site = Site(tmp_path)
    site.drop("quickbooks/accounts.csv", f"{titles}\n{row}\n")
    (failure,) = site.load().failures
    assert failure.message == ("quickbooks/accounts.csv: 1 of 1 rows rejected, more than 1%; first on line 2: no id")


def test_a_chart_of_accounts_without_ids_goes_by_its_names(site: Site) -> None:
    assert site.marts("""
        select account_id, account_name, is_cost from staging.stg_quickbooks__accounts
        where source_instance = 'quickbooks_ui' order by 1
    """) == [
        ("quickbooks_ui:Checking", "Checking", False),
        ("quickbooks_ui:Marketing:Advertising", "Marketing:Advertising", True),
    ]
    assert costs(site, "source_instance = 'quickbooks_ui'", "account_name, label, cost_amount::text") == [
        ("Marketing:Advertising", "Posters", "120.00")
    ]
