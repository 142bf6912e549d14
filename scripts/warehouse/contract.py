"""The contract of every export: tables, columns, types, keys, titles, file names, load mode.

It is written once, in `models/staging/<system>/_<system>__sources.yml`; dbt reads it as sources, the loader and the
quality checks read it here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from warehouse.settings import PROJECT

Mode = Literal["snapshot", "increment"]
OnBreach = Literal["stop", "distrust"]
HOURS = {"hour": 1, "day": 24}
CREATED = ("createdate", "hs_createdate", "created_date", "created", "created_at", "add_time")


@lru_cache(maxsize=2**16)
def normal(title: str) -> str:
    """A title without case, accents, spaces and punctuation, the form in which titles are compared."""
    decomposed = unicodedata.normalize("NFKD", title.casefold())
    return re.sub(r"[^0-9a-z]", "", decomposed.encode("ascii", "ignore").decode())


@lru_cache(maxsize=2**16)
def as_written(title: str) -> str:
    """A title with all its signs, without case and the spaces around it."""
    return title.strip().casefold()


def unprefixed(title: str, prefixes: Sequence[str]) -> str:
    """A title without the first of some prefixes that it has, whatever their case."""
    folded = title.casefold()
    for prefix in prefixes:
        if folded.startswith(prefix.casefold()):
            return title[len(prefix) :]
    return title


@dataclass(frozen=True)
class Column:
    """A column of the contract: its name in raw, the type staging casts it to, the titles it is exported under.

    `values` are what exported texts stand for; `rounded` says that more decimals than the type holds are rounded.
    """

    name: str
    data_type: str
    required: bool = False
    personal: bool = False
    aliases: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    rounded: bool = False
    low: float | None = None
    high: float | None = None
    refers_to: tuple[str, tuple[str, ...]] | None = None

    @property
    def is_date(self) -> bool:
        """Whether the values are dates or times."""
        return self.data_type in ("date", "timestamp")

    @property
    def is_currency(self) -> bool:
        """Whether the values are codes of currencies."""
        return self.data_type == "varchar" and ("currency" in self.name or self.name == "idevise")

    @property
    def is_money(self) -> bool:
        """Whether the values are amounts of money."""
        return self.data_type.startswith("decimal") or (self.data_type == "bigint" and "amount" in self.name)

    @property
    def is_measure(self) -> bool:
        """Whether the values are numbers that have a size: amounts, counts, lengths, no ids."""
        return self.is_number and self.name != "id" and not self.name.endswith("_id")

    @property
    def is_creation(self) -> bool:
        """Whether the values are when a record was made, which stays whatever else of it changes."""
        return self.is_date and self.name in CREATED

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers."""
        return self.data_type in ("bigint", "double") or self.data_type.startswith("decimal")


@dataclass(frozen=True)
class Nested:
    """Where the rows of a table are nested in another one's records: the list at `path`, `keys` copied down."""

    table: str
    path: str
    keys: Mapping[str, str]


@dataclass(frozen=True)
class Balance:
    """What has to add up to nothing: debit less credit of the rows with the same `by`.

    A row has either the two amounts, or one `amount` and a `side`, whose `debits` are the debit.
    """

    by: tuple[str, ...]
    debit: str | None = None
    credit: str | None = None
    amount: str | None = None
    side: str | None = None
    debits: Sequence[str] = ()


@dataclass(frozen=True)
class Freshness:
    """Hours after which the newest export is stale, and those after which its newest business time is, by the contract.

    Hours of business days where `in_business_days`; those without anything new always are.
    """

    stale_hours: float | None = None
    quiet_hours: float | None = None
    in_business_days: bool = False


@dataclass(frozen=True)
class Rule:
    """What the contract says of a rule of the gates, where it says more than `expectations/rules.py`."""

    on_breach: OnBreach | None = None
    limit: float | None = None


@dataclass(frozen=True)
class Table:
    """A table of the contract."""

    system: str
    name: str
    columns: tuple[Column, ...]
    files: tuple[str, ...]
    exclude_files: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()
    header_prefixes: tuple[str, ...] = ()
    refuses: Mapping[str, str] = field(default_factory=dict)
    mode: Mode = "snapshot"
    grain: tuple[str, ...] = ()
    partition_by: tuple[str, ...] = ()
    partition_pattern: str | None = None
    partition_example: str | None = None
    keep: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    nested: Nested | None = None
    decimal_mark: str | None = None
    rejects_limit: float = 0.01
    modified_at: str | None = None
    entity: str | None = None
    retention_days: int | None = None
    kind: str = "custom"
    owner: str = ""
    is_needed: bool = False
    business_time: str | None = None
    rhythm: str | None = None
    freshness: Freshness = Freshness()
    balance: Balance | None = None
    checks: Mapping[str, Rule] = field(default_factory=dict)
    titles: Mapping[str, Column] = field(default_factory=dict)
    written: Mapping[str, Column] = field(default_factory=dict)

    def matches_file(self, name: str) -> bool:
        """Whether a file of this name is expected to hold the table."""
        return any(fnmatch(name.casefold(), pattern) for pattern in self.files)

    def excludes_file(self, name: str) -> bool:
        """Whether a file of this name holds something else, however its titles look."""
        return any(fnmatch(name.casefold(), pattern) for pattern in self.exclude_files)

    def refuses_title(self, title: str) -> str | None:
        """Why no file with this title can be read as the table, which its other titles fit; None where it can."""
        found = (why for pattern, why in self.refuses.items() if fnmatch(title.casefold(), pattern.casefold()))
        return next(found, None)

    def column_of(self, title: str) -> Column | None:
        """The column exported under this title, None when the contract names none."""
        found = self._titled(title)
        if found is None and (bare := self.unprefixed(title)) != title:
            return self._titled(bare)
        return found

    def _titled(self, title: str) -> Column | None:
        # QuickBooks has `Account`, a name, and `Account #`, a number
        return self.written.get(as_written(title)) or self.titles.get(normal(title))

    def unprefixed(self, title: str) -> str:
        """A title without what an API or a connector puts before its fields, such as `properties.`."""
        return unprefixed(title, self.header_prefixes)

    def keeps(self, title: str) -> bool:
        """Whether a title that became no column is known all the same.

        Stage dates, connector bookkeeping, and the second title of a column.
        """
        if self.column_of(title) is not None:
            return True
        bare = self.unprefixed(title).casefold()
        return bare.startswith("_fivetran_") or any(fnmatch(bare, pattern) for pattern in self.keep)

    @property
    def required(self) -> tuple[Column, ...]:
        """Columns an export must have."""
        return tuple(column for column in self.columns if column.required)


@dataclass(frozen=True)
class System:
    """A system exports come from, and its tables.

    `also` are other systems that the same tables are mapped from; of a system with `short_ids` the ids come in a short
    and in a full form.
    """

    name: str
    kind: str
    tables: Mapping[str, Table]
    also: tuple[str, ...] = ()
    short_ids: bool = False

    def children_of(self, table: str) -> list[Table]:
        """Tables whose rows are nested in the records of another."""
        return [child for child in self.tables.values() if child.nested and child.nested.table == table]


def _freshness(meta: Mapping[str, Any], limits: Mapping[str, Any]) -> Freshness:
    error, quiet = limits.get("error_after"), meta.get("quiet_after", {}).get("error")
    return Freshness(
        stale_hours=error["count"] * HOURS[error["period"]] if error else None,
        quiet_hours=quiet * 24 if quiet else None,
        in_business_days=meta.get("exported_on") == "business_days",
    )


def _rules(*said: Mapping[str, Any]) -> dict[str, Rule]:
    """Rules of a source and of a table; the later say more."""
    merged: dict[str, dict[str, Any]] = {}
    for each in said:
        for name, rule in each.items():
            merged[name] = {**merged.get(name, {}), **rule}
    return {name: Rule(**rule) for name, rule in merged.items()}


def _table(source: Mapping[str, Any], node: Mapping[str, Any]) -> Table:
    system, defaults = source["name"], source["config"]["meta"]
    meta = {**defaults, **node["config"]["meta"]}
    limits = {**source["config"].get("freshness", {}), **(node["config"].get("freshness") or {})}
    columns = []
    for entry in node["columns"]:
        column_meta = entry.get("config", {}).get("meta", {})
        refers, within = column_meta.get("refers_to"), column_meta.get("range", {})
        columns.append(
            Column(
                name=entry["name"],
                data_type=entry["data_type"],
                required=column_meta.get("required", False),
                personal=column_meta.get("personal", False),
                aliases=tuple(column_meta.get("aliases", ())),
                otherwise=tuple(column_meta.get("otherwise", ())),
                values=column_meta.get("values", {}),
                rounded=column_meta.get("rounded", False),
                low=within.get("low"),
                high=within.get("high"),
                refers_to=(refers["table"], tuple(refers["columns"])) if refers else None,
            )
        )
    # a column's own name wins over an alias of another, a first alias over later ones
    titles: dict[str, Column] = {}
    written: dict[str, Column] = {}
    for column in columns:
        for alias in column.aliases:
            titles.setdefault(normal(alias), column)
            written.setdefault(as_written(alias), column)
    titles |= {normal(column.name): column for column in columns}
    written |= {as_written(column.name): column for column in columns}
    nested, balance = meta.get("nested_in"), meta.get("balance")
    return Table(
        system=system,
        name=node["name"],
        columns=tuple(columns),
        files=tuple(pattern.casefold() for pattern in meta["files"]),
        exclude_files=tuple(pattern.casefold() for pattern in meta.get("exclude_files", ())),
        signature=tuple(meta.get("signature", ())),
        header_prefixes=tuple(meta.get("header_prefixes", ())),
        refuses=meta.get("refuses", {}),
        mode=meta.get("mode", "snapshot"),
        grain=tuple(meta.get("grain", ())),
        partition_by=tuple(meta.get("partition_by", ())),
        partition_pattern=meta.get("partition_pattern"),
        partition_example=meta.get("partition_example"),
        keep=tuple(meta.get("keep", ())),
        totals=tuple(meta.get("totals", ())),
        nested=Nested(**nested) if nested else None,
        decimal_mark=meta.get("decimal_mark"),
        rejects_limit=meta.get("rejects_limit", 0.01),
        modified_at=meta.get("modified_at"),
        entity=meta.get("entity"),
        retention_days=meta.get("retention_days"),
        kind=meta["kind"],
        owner=meta["owner"],
        is_needed=bool(meta.get("required")),
        business_time=meta.get("business_time"),
        rhythm=meta.get("rhythm"),
        freshness=_freshness(meta, limits),
        balance=Balance(**{**balance, "by": tuple(balance["by"])}) if balance else None,
        checks=_rules(defaults.get("checks", {}), node["config"]["meta"].get("checks", {})),
        titles=titles,
        written=written,
    )


@cache
def load_contract(project: Path = PROJECT) -> Mapping[str, System]:
    """Systems by name, from the sources yml of the staging folders."""
    systems: dict[str, System] = {}
    for path in sorted((project / "models" / "staging").glob("*/_*__sources.yml")):
        for source in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["sources"]:
            meta = source["config"]["meta"]
            if meta["kind"] == "loader":
                continue  # the ledger the loader keeps of itself
            tables = [_table(source, node) for node in source["tables"]]
            systems[source["name"]] = System(
                name=source["name"],
                kind=meta["kind"],
                tables={table.name: table for table in tables},
                also=tuple(meta.get("also", ())),
                short_ids=bool(meta.get("short_ids")),
            )
    return systems


def system_names(systems: Mapping[str, System]) -> dict[str, System]:
    """Systems by every name that a source.yml or a folder may give them."""
    return {name: system for system in systems.values() for name in (system.name, *system.also)}
