"""What is missing in the exports, and what cannot be read, is counted and published."""

from __future__ import annotations

from conftest import Site

DEALS = """\
deal_id,stage,name,amount,created_at
1,proposal,Alpha,1200.50,2026-01-05 09:00:00
2,proposal,Beta,twelve,2026-01-06 09:00:00
3,proposal,,900.00,2026-03-07 09:00:00
4,proposal,Delta,800.125,not yet
"""
SOURCE = """\
system: custom
tables:
  deals:
    files: ["deals*.csv"]
    columns: {deal_id: deal_id, stage: stage, name: name, amount: amount, created_at: created_at}
"""


def test_cells_that_are_missing_or_cannot_be_read_are_counted_by_column(site: Site) -> None:
    site.drop("crm/source.yml", SOURCE)
    site.drop("crm/deals_2026-02-01.csv", DEALS)
    assert not site.load().failures
    site.dbt("run", "--select", "+quality_completeness")
    told = site.marts(
        "select column_name, filled_rate, castable_rate, status from marts.quality_completeness "
        "where column_name in ('deal_id', 'name', 'amount', 'created_at', 'owner_id') order by column_name"
    )
    assert told == [
        # a third decimal is money that nobody rounds
        ("amount", 1.0, 0.5, "uncastable"),
        ("created_at", 1.0, 0.75, "uncastable"),
        ("deal_id", 1.0, 1.0, "ok"),
        ("name", 0.75, 1.0, "ok"),
        ("owner_id", 0.0, None, "empty"),
    ]
    # a moment after the export is no news of it
    assert site.marts(
        "select newest_business_at::varchar from staging.stg_loader__columns where newest_business_at is not null"
    ) == [("2026-01-06 09:00:00",)]
