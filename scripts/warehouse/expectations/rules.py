"""The kinds of rules of the raw gate: what each asks for, how far it may be off, and what a breach does.

A system or table says otherwise in `checks` of its contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from warehouse.contract import OnBreach, Table

# limits learned from history, by rule, instance, table and column (None for the table): lowest and highest value
Limits = Mapping[tuple[str, str, str, str | None], tuple[float | None, float | None]]


@dataclass(frozen=True)
class Kind:
    """A kind of rule: what it measures, the unit of it, its limit where it has one, and what a breach does."""

    measures: str
    unit: str
    on_breach: OnBreach
    limit: float | None = None


KINDS: Mapping[str, Kind] = {
    # what cannot be read as agreed
    "rows": Kind("rows that stand", "rows", "distrust", 1),
    "schema": Kind("columns the exports before had and the newest has not", "columns", "stop"),
    "keys": Kind("rows without a key, or with one that two records of a file share", "share", "stop", 0.0),
    "balance": Kind("entries whose debit is not their credit", "entries", "stop", 0),
    "truncated": Kind("rows, of those the whole export before had", "share", "distrust", 0.8),
    # what can be read and is doubtful
    "filled": Kind("rows with a value that can be read", "share", "distrust", 0.9),
    "emptied": Kind("rows with a value, less than before by", "share", "distrust", 0.2),
    "castable": Kind("values that are none of their type", "share", "distrust", 0.001),
    "range": Kind("values out of bounds", "share", "distrust", 0.02),
    "duplicates": Kind("rows that repeat another one whole", "share", "distrust", 0.05),
    "freshness": Kind("age of the newest export", "hours", "distrust"),
    "silence": Kind("age, at its export, of the newest thing in it", "hours", "distrust"),
    "delivery": Kind("time by which it is behind the rest of its folder", "hours", "distrust", 0),
    "replayed": Kind("age of the same content, which came before others did", "hours", "distrust", 0),
    "volume": Kind("rows of the last seven days, per business day", "rows", "distrust"),
    "missing_days": Kind("days without a row where there are some every week", "days", "distrust", 0),
    "match_rate": Kind("references that are found", "share", "distrust", 0.9),
    "mix": Kind("rows that changed their currency since the export before", "share", "distrust", 0.2),
    "shifted_times": Kind("records whose time is not the one they had in the export before", "share", "distrust", 0.05),
    "scale": Kind("middle amount, as a multiple of the one before", "times", "distrust", 3.0),
    "magnitude": Kind("middle of the numbers, as a multiple of the one before", "times", "distrust", 3.0),
    "lost": Kind(
        "records of a day that were in the export before and are gone, of those it had", "share", "distrust", 0.3
    ),
    # what is not usual, by the table's own past
    "volume_of_day": Kind("of the last seven days with far fewer or more rows than such days have", "days", "distrust"),
    "growth": Kind("rows in all", "rows", "distrust"),
    "null_share": Kind("empty cells of the last four weeks", "share", "distrust"),
    "middle": Kind("middle of the numbers of the last quarter", "number", "distrust"),
}


def on_breach(table: Table, rule: str) -> OnBreach:
    """What a breach of a rule does, by the contract of the table."""
    said = table.checks.get(rule)
    return said.on_breach if said and said.on_breach else KINDS[rule].on_breach


def limit(table: Table, rule: str) -> float:
    """How far the rule may be off, by the contract of the table."""
    said = table.checks.get(rule)
    found = said.limit if said and said.limit is not None else KINDS[rule].limit
    if found is None:
        raise ValueError(f"{rule} takes its limit from the data")
    return found
