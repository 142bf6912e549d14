"""The tables of `by_pandas.py` with Polars, lazily: the columns it needs, of all files at once, on all cores."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl


def main(extracts: Path, out: Path) -> None:
    """Writes one file of all tables: part, month, rep (empty for the company), value."""
    parts = [*_activities(extracts), *_deals(extracts), *_money(extracts)]
    pl.concat(pl.collect_all(parts)).write_parquet(out)


def _activities(extracts: Path) -> list[pl.LazyFrame]:
    return [
        _counted(part, _read(extracts, f"hubspot/{name}").filter(pl.col(outcome).is_in(["COMPLETED", "SENT"])), when)
        for part, name, when, outcome in (
            ("calls_made", "calls", "hs_timestamp", "hs_call_status"),
            ("emails_sent", "emails", "hs_timestamp", "hs_email_status"),
            ("meetings_held", "meetings", "hs_meeting_start_time", "hs_meeting_outcome"),
        )
    ]


def _deals(extracts: Path) -> list[pl.LazyFrame]:
    deals = _read(extracts, "hubspot/deals")
    new = deals.filter(pl.col("dealtype") == "newbusiness")
    is_won, is_closed = pl.col("hs_is_closed_won"), pl.col("hs_is_closed")
    return [
        _counted("new_contacts", _read(extracts, "hubspot/contacts"), "createdate", by_rep=False),
        _counted("opportunities_created", new, "createdate"),
        _counted("won_opportunities", new.filter(is_won), "closedate"),
        _counted("closed_opportunities", new.filter(is_closed), "closedate"),
        _table("bookings_amount", deals.filter(is_won), pl.col("closedate"), pl.col("amount").sum()),
    ]


def _money(extracts: Path) -> list[pl.LazyFrame]:
    invoices = _read(extracts, "stripe/invoices").filter(pl.col("status") == "paid")
    issued = pl.from_epoch("finalized_at", time_unit="s").dt.to_string("%Y-%m-%d")
    spend = _read(extracts, "google_ads/campaign_stats")
    return [
        _table("revenue_net_amount", invoices, issued, pl.col("subtotal").sum() / 100, by_rep=False),
        _table("ad_spend_amount", spend, pl.col("day"), pl.col("cost").sum(), by_rep=False),
    ]


def _read(extracts: Path, name: str) -> pl.LazyFrame:
    (file,) = extracts.glob(f"{name}_2*.csv")
    return pl.scan_csv(file, try_parse_dates=False)


def _counted(part: str, frame: pl.LazyFrame, when: str, *, by_rep: bool = True) -> pl.LazyFrame:
    return _table(part, frame, pl.col(when), pl.len(), by_rep=by_rep)


def _table(part: str, frame: pl.LazyFrame, when: pl.Expr, value: pl.Expr, *, by_rep: bool = True) -> pl.LazyFrame:
    month = (when.str.slice(0, 7) + "-01").alias("month")
    rep = (pl.col("hubspot_owner_id").cast(pl.String) if by_rep else pl.lit("")).alias("rep")
    grouped = frame.group_by(month, rep).agg(value.cast(pl.Float64).alias("value"))
    return grouped.select("month", "rep", "value", pl.lit(part).alias("part"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
