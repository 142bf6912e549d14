"""Ten tables of KPI parts by month and rep as an analyst makes them with pandas: `by_pandas.py EXTRACTS OUT`.

Of each file it reads the columns it needs. It knows nothing of versions, merges, currencies, time zones or reopened
deals, which the exports of the benchmark do not have; that is the most that can be said for it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd


def main(extracts: Path, out: Path) -> None:
    """Writes one file of all tables: part, month, rep (empty for the company), value."""
    parts = [*_activities(extracts), *_deals(extracts), *_money(extracts)]
    pd.concat(parts, ignore_index=True).to_parquet(out, index=False)


def _activities(extracts: Path) -> list[pd.DataFrame]:
    parts = []
    for part, name, when, outcome in (
        ("calls_made", "calls", "hs_timestamp", "hs_call_status"),
        ("emails_sent", "emails", "hs_timestamp", "hs_email_status"),
        ("meetings_held", "meetings", "hs_meeting_start_time", "hs_meeting_outcome"),
    ):
        frame = _read(extracts, f"hubspot/{name}", [when, "hubspot_owner_id", outcome])
        frame = frame[frame[outcome].isin(["COMPLETED", "SENT"])]
        parts.append(_counted(part, frame, when))
    return parts


def _deals(extracts: Path) -> list[pd.DataFrame]:
    columns = ["amount", "createdate", "closedate", "dealtype", "hs_is_closed", "hs_is_closed_won", "hubspot_owner_id"]
    deals = _read(extracts, "hubspot/deals", columns)
    new = deals[deals["dealtype"] == "newbusiness"]
    won = deals[deals["hs_is_closed_won"]]
    contacts = _read(extracts, "hubspot/contacts", ["createdate", "hubspot_owner_id"])
    return [
        _counted("new_contacts", contacts.assign(hubspot_owner_id=None), "createdate"),
        _counted("opportunities_created", new, "createdate"),
        _counted("won_opportunities", new[new["hs_is_closed_won"]], "closedate"),
        _counted("closed_opportunities", new[new["hs_is_closed"]], "closedate"),
        _summed("bookings_amount", won, "closedate", "amount"),
    ]


def _money(extracts: Path) -> list[pd.DataFrame]:
    invoices = _read(extracts, "stripe/invoices", ["subtotal", "finalized_at", "status"])
    invoices = invoices[invoices["status"] == "paid"].assign(hubspot_owner_id=None)
    invoices["finalized_at"] = pd.to_datetime(invoices["finalized_at"], unit="s", utc=True).astype(str)
    invoices["subtotal"] /= 100
    spend = _read(extracts, "google_ads/campaign_stats", ["day", "cost"]).assign(hubspot_owner_id=None)
    return [
        _summed("revenue_net_amount", invoices, "finalized_at", "subtotal"),
        _summed("ad_spend_amount", spend, "day", "cost"),
    ]


def _read(extracts: Path, name: str, columns: list[str]) -> pd.DataFrame:
    (file,) = extracts.glob(f"{name}_2*.csv")
    return pd.read_csv(file, usecols=columns)


def _counted(part: str, frame: pd.DataFrame, when: str) -> pd.DataFrame:
    return _table(part, frame.groupby([_month(frame[when]), _rep(frame)]).size())


def _summed(part: str, frame: pd.DataFrame, when: str, amount: str) -> pd.DataFrame:
    return _table(part, frame.groupby([_month(frame[when]), _rep(frame)])[amount].sum())


def _month(moments: pd.Series) -> pd.Series:
    return (moments.str.slice(0, 7) + "-01").rename("month")


def _rep(frame: pd.DataFrame) -> pd.Series:
    return frame["hubspot_owner_id"].astype("str").fillna("").rename("rep")


def _table(part: str, values: pd.Series) -> pd.DataFrame:
    table = values.astype(float).rename("value").reset_index()
    table["rep"] = table["rep"].replace({"None": "", "nan": ""})
    return table.assign(part=part)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
