"""What is known of a file before its rows are looked at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Delivery:
    """What is known of a file before it is stored."""

    instance: str
    path: str
    sha256: str
    size: int
    extracted_at: dt.datetime
    time_zone: str
    is_demo: bool = False
    date_order: str | None = None
    decimal_mark: str | None = None
