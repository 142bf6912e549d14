"""How tools write what they export: times, amounts, delimited files and API pages."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from warehouse.demo.company import utc_to_date

PAGE = 1_000


def iso(times: pd.Series) -> pd.Series:
    """UTC times as APIs write them; empty where there is none."""
    return times.dt.strftime("%Y-%m-%dT%H:%M:%SZ").astype(object).where(times.notna(), None)


def iso_time(time: pd.Timestamp) -> str:
    """One UTC time as APIs write it."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def salesforce_time(times: pd.Series) -> pd.Series:
    """UTC times as Salesforce writes them."""
    return times.dt.strftime("%Y-%m-%dT%H:%M:%S.000+0000").where(times.notna(), "")


def epoch(times: pd.Series) -> list[int | None]:
    """Epoch seconds; None where there is no time."""
    return [None if pd.isna(time) else int(time.timestamp()) for time in times]


def utc_days(times: pd.Series) -> pd.Series:
    """Days, in Paris, as ISO dates; empty where there is none."""
    return utc_to_date(times).dt.strftime("%Y-%m-%d").fillna("")


def amounts(cents: pd.Series) -> pd.Series:
    """Cents as amounts with two decimals."""
    return (cents // 100).astype(str) + "." + (cents % 100).astype(str).str.zfill(2)


def write_csv(
    path: Path,
    frame: pd.DataFrame,
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
    above: Sequence[str] = (),
    below: Iterable[Sequence[str]] = (),
    newline: str = "\r\n",
) -> None:
    """A delimited file with lines above its header and rows below its data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        for line in above:
            file.write(line + newline)
        writer = csv.writer(file, delimiter=delimiter, lineterminator=newline)
        writer.writerow(frame.columns)
        writer.writerows(frame.astype(object).where(frame.notna(), "").to_numpy().tolist())
        writer.writerows(below)


def write_pages(path: Path, records: list[dict[str, Any]], envelope: str = "results") -> None:
    """API pages, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, max(len(records), 1), PAGE):
            page: dict[str, Any] = {envelope: records[start : start + PAGE]}
            if start + PAGE < len(records):
                page["paging"] = {"next": {"after": str(start + PAGE)}}
            file.write(json.dumps(page, ensure_ascii=False) + "\n")
