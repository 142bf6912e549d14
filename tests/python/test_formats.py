"""How the numbers of a file are written is told by the file: by its format, or by its columns together."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from conftest import Site
from test_workbooks import saved
from warehouse.rendering import read_as
from warehouse.spark.dialect import to_spark

CUSTOM = "system: custom\n"
COSTS = ["entry_id", "booked_on", "account_code", "amount"]


def in_json(*amounts: Any) -> bytes:
    rows = [dict(zip(COSTS, [each, "2026-03-01", "606", amount], strict=True)) for each, amount in enumerate(amounts)]
    return json.dumps(rows).encode()


def in_a_workbook(*amounts: Any) -> bytes:
    return saved(Costs=[COSTS, *([each, "2026-03-01", "606", amount] for each, amount in enumerate(amounts))])


def amounts(site: Site) -> list[Any]:
    return [amount for (amount,) in site.raw("select amount from custom.costs order by _file_row")]


@pytest.mark.parametrize("said", ["", "decimal_mark: ','\n"], ids=["nothing said", "a comma said of the folder"])
@pytest.mark.parametrize(("name", "write"), [("costs.json", in_json), ("costs.xlsx", in_a_workbook)])
def test_the_decimal_mark_of_a_number_is_the_point(site: Site, name: str, write: Any, said: str) -> None:
    site.drop("erp/source.yml", CUSTOM + said)
    site.drop(f"erp/{name}", write(1.333, 12, None))
    assert [file.message for file in site.load().files] == [""]
    assert amounts(site) == ["1.333", "12", None]
    assert site.raw("select decimal_mark from loads") == [(".",)]


@pytest.mark.parametrize("kind", ["decimal(9, 3)", "double", "float"])
def test_the_decimal_mark_of_a_number_in_parquet_is_the_point(site: Site, kind: str) -> None:
    site.drop("erp/source.yml", CUSTOM)
    path = site.root / "costs.parquet"
    rows = f"select 1 as entry_id, '2026-03-01' as booked_on, '606' as account_code, 1.333::{kind} as amount"
    duckdb.sql(f"copy ({rows}) to '{path}'")
    site.drop("erp/costs.parquet", path.read_bytes())
    site.load()
    assert site.raw("select state, decimal_mark from loads") == [("loaded", ".")]
    assert amounts(site) == ["1.333"]


@pytest.mark.parametrize("amount", ["1500.00", "0.1000000000000000055", "1e-3", "12345678901234567890.12", "9" * 5000])
def test_a_number_in_json_stays_as_it_is_written(site: Site, amount: str) -> None:
    site.drop("erp/source.yml", CUSTOM)
    site.drop("erp/costs.json", in_json("X").replace(b'"X"', amount.encode()))
    assert [file.message for file in site.load().files] == [""]
    assert amounts(site) == [amount]


def test_numbers_within_a_list_of_objects_stay_numbers(site: Site) -> None:
    site.drop("hubspot/owners.json", '[{"id": 1, "email": "z@nordlys.fr", "extra": [{"share": 0.5}, {"other": 2}]}]')
    site.load()
    ((extra,),) = site.raw("select _extra from hubspot.owners")
    assert json.loads(json.loads(extra)["extra"]) == [{"share": 0.5}, {"other": 2}]


@pytest.mark.parametrize(("name", "write"), [("costs.json", in_json), ("costs.xlsx", in_a_workbook)])
@pytest.mark.parametrize(
    ("values", "mark"), [(("1 234,56", "12"), ","), (("$1,234.56",), "."), (("12,5", 3), ","), ((12, "--"), None)]
)
def test_text_is_decided_from_the_whole_column_in_any_format(
    site: Site, name: str, write: Any, values: tuple[Any, ...], mark: str | None
) -> None:
    site.drop("erp/source.yml", CUSTOM)
    site.drop(f"erp/{name}", write(*values))
    site.load()
    assert site.raw("select state, decimal_mark from loads") == [("loaded", mark)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("1,333", 12), "numbers of column amount such as '1,333' can have a decimal or a thousands mark"),
        (("12,5", 12.5), "column amount mixes decimal commas and points"),
    ],
    ids=["ambiguous", "mixed"],
)
def test_text_among_numbers_that_does_not_decide_is_refused(site: Site, values: tuple[Any, ...], message: str) -> None:
    site.drop("erp/source.yml", CUSTOM)
    site.drop("erp/costs.json", in_json(*values))
    (failure,) = site.load().failures
    assert message in failure.message


def google_report(site: Site, cost: str, impressions: str) -> list[tuple[Any, ...]]:
    site.drop(
        "google_ads/campaigns.csv",
        f'Day,Campaign,Currency code,Cost,Impr.,Clicks\n2026-03-01,Brand,EUR,"{cost}","{impressions}",31\n',
    )
    site.load()
    return site.raw("select state, decimal_mark from loads")


@pytest.mark.parametrize(
    ("cost", "impressions", "mark"),
    [("12.50", "1,000", "."), ("12", "1,000", "."), ("12,50", "1.000", ","), ("12", "1.204.000", ",")],
)
def test_the_mark_of_whole_numbers_parts_thousands(site: Site, cost: str, impressions: str, mark: str) -> None:
    assert google_report(site, cost, impressions) == [("loaded", mark)]


@pytest.mark.parametrize(
    ("cost", "impressions", "message"),
    [
        ("12,50", "1,000", "two forms in one file (cost ,, impressions .)"),
        ("12,500", "1,000", "numbers of column cost such as '12,500' can have a decimal or a thousands mark"),
    ],
)
def test_whole_numbers_decide_for_no_other_column(site: Site, cost: str, impressions: str, message: str) -> None:
    assert google_report(site, cost, impressions) == [("refused", None)]
    assert site.raw(f"select contains(message, '{message.replace(chr(39), chr(39) * 2)}') from loads") == [(True,)]


BILLS = "Bill ID,Date,Currency,Exchange rate,Amount\n"


@pytest.mark.parametrize(
    ("rate", "amount", "mark"),
    [("1.125", "1234.56", "."), ("1.125", "1,234.50", "."), ("1,125", "1234,5", ","), ("1,125", "1.234,50", ",")],
)
def test_a_mark_that_one_column_proves_holds_for_the_others(site: Site, rate: str, amount: str, mark: str) -> None:
    rows = "".join(f'{each},2026-02-15,USD,"{rate}","{amount}"\n' for each in (1, 2))
    site.drop("quickbooks/bills.csv", BILLS + rows)
    assert [file.message for file in site.load().files] == [""]
    assert site.raw("select state, decimal_mark from loads") == [("loaded", mark)]


@pytest.mark.parametrize("amount", ["1234", "1,234"])
def test_a_mark_that_no_column_proves_is_asked_for(site: Site, amount: str) -> None:
    site.drop("quickbooks/bills.csv", f'{BILLS}1,2026-02-15,USD,1.125,"{amount}"\n')
    (failure,) = site.load().failures
    assert "numbers of column exchange_rate such as '1.125' can have a decimal or a thousands mark" in failure.message


def test_a_number_of_json_proves_nothing_of_text_beside_it(site: Site) -> None:
    site.drop(
        "quickbooks/bills.json",
        '[{"Id": "1", "TxnDate": "2026-02-15", "Currency": "USD", "ExchangeRate": "1.125", "TotalAmt": 12.5}]',
    )
    (failure,) = site.load().failures
    assert "numbers of column exchange_rate such as '1.125'" in failure.message


def read(text: str, data_type: str, mark: str = "", *, rounded: bool = False) -> Any:
    read = read_as("written", data_type, rounded=rounded)
    query = f"select {read} from (select ? as written, nullif(?, '') as _decimal_mark)"
    (value,) = duckdb.execute(query, [text, mark]).fetchone() or ()
    return value


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.25E7", "12500000.00"),
        ("1.2345678E7", "12345678.00"),
        ("1.2345678912E10", "12345678912.00"),
        ("-1.25E7", "-12500000.00"),
        ("1E-2", "0.01"),
        ("1.25e+07", "12500000.00"),
        ("1.23456789000000012E7", "12345678.90"),
        ("1.2345678125E7", None),
        ("1E-3", None),
        ("1.23E+07", None),
        ("1.25E99", None),
        ("E7", None),
    ],
)
@pytest.mark.parametrize("mark", ["", ".", ","])
def test_a_power_of_ten_is_read_exactly_unless_a_spreadsheet_shortened_it(
    text: str, amount: str | None, mark: str
) -> None:
    assert read(text, "decimal(18,2)", mark) == (amount and Decimal(amount))


@pytest.mark.parametrize(("text", "number"), [("1.25E7", 12_500_000), ("1.5E0", None), ("12.0", 12)])
def test_a_power_of_ten_can_be_a_whole_number(text: str, number: int | None) -> None:
    assert read(text, "bigint") == number


def test_a_share_in_powers_of_ten_is_a_number_under_a_decimal_comma() -> None:
    assert read("2.5E-1", "double", ",") == 0.25


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0.30000000000000004", "0.30"),
        ("19.990000000000002", "19.99"),
        ("12345.669999999998", "12345.67"),
        ("123456789.90000001", "123456789.90"),
        ("2.005", None),
        ("2.00500000000000", None),
        ("2.0050000000000003", None),
        ("2.00001", None),
        ("1234567890123.005", None),
        ("12345678901234.005", None),
    ],
)
def test_what_a_float_is_unsure_of_is_no_decimal_of_an_amount(text: str, amount: str | None) -> None:
    assert read(text, "decimal(18,2)") == (amount and Decimal(amount))


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("107.5300000000000335346", "107.53"),
        ("2.005", "2.01"),
        ("-2.005", "-2.01"),
        ("1.999E0", "2.00"),
        ("2.0.5", None),
    ],
)
def test_more_decimals_of_what_is_measured_are_rounded(text: str, cost: str | None) -> None:
    assert read(text, "decimal(18,2)", rounded=True) == (cost and Decimal(cost))


def test_powers_of_ten_say_nothing_of_the_decimal_mark(site: Site) -> None:
    site.drop("erp/source.yml", CUSTOM)
    rows = "entry_id,booked_on,account_code,amount\n1,2026-03-01,606,1.25E7\n"
    site.drop("erp/costs.csv", rows)
    site.drop("erp/costs_fr.csv", rows + '2,2026-03-01,606,"1,5"\n')
    assert [file.message for file in site.load().files] == ["", ""]
    assert site.raw("select path, decimal_mark from loads order by path") == [
        ("erp/costs.csv", None),
        ("erp/costs_fr.csv", ","),
    ]


def test_a_number_is_read_in_words_that_spark_knows() -> None:
    assert r"RLIKE '^(?:[+-]?\\d+(\\.\\d+)?(E" in to_spark(f"select {read_as('written', 'decimal(18,2)')} from files")


@pytest.mark.parametrize(
    ("written", "landed"),
    [
        ("September 1, 2026", "2026-09-01"),
        ("Sep 1, 2026 3:45pm", "2026-09-01 15:45:00"),
        ("May 12th, 2026, 12:05 AM", "2026-05-12 00:05:00"),
        ("1 septembre 2026", "2026-09-01"),
        ("1er août 2026 à 15:45", "2026-08-01 15:45:00"),
        ("15 févr. 2026", "2026-02-15"),
        ("1-Feb-2026", "2026-02-01"),
        ("30 février 2026", "30 février 2026"),
        ("Marketing 1, 2026", "Marketing 1, 2026"),
        ("1/9/26", "1/9/26"),
    ],
)
def test_a_month_that_is_a_word_lands_as_its_number(site: Site, written: str, landed: str) -> None:
    site.drop("base/source.yml", "system: custom\ndate_order: dmy\n")
    site.drop("base/costs.csv", f'entry_id,booked_on,account_code,amount\n1,"{written}",606,1\n2,2026-03-05,606,1\n')
    assert [file.message for file in site.load().files] == [""]
    assert site.raw("select booked_on from custom.costs order by _file_row") == [(landed,), ("2026-03-05",)]


def test_a_column_of_named_months_keeps_what_was_exported_and_reads_the_rest_as_it_is(site: Site) -> None:
    site.drop("base/source.yml", "system: custom\n")
    site.drop(
        "base/costs.csv",
        'entry_id,booked_on,account_code,amount\n1,"March 5, 2026",606,1\n2,2026-03-06,606,1\n3,--,606,1\n',
    )
    site.load()
    rows = site.raw("select booked_on, _extra ->> 'booked_on' from custom.costs order by _file_row")
    assert rows == [("2026-03-05", "March 5, 2026"), ("2026-03-06", "2026-03-06"), ("--", "--")]
