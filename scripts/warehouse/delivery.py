"""What is known of a file before its rows are looked at."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

from warehouse.archives import plain_name
from warehouse.contract import Table

INCREMENT = re.compile(r"(?<![^\W_])increment(?![^\W_])", re.IGNORECASE)


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
    is_increment: bool = False


def is_increment(path: Path, table: Table) -> bool:
    """Whether a file says in its name that it holds only what changed of a table whose exports are whole elsewise.

    Partitioned tables replace their parts whatever a name says.
    """
    whole = table.mode == "snapshot" and bool(table.grain)
    return whole and INCREMENT.search(plain_name(path.name)) is not None
