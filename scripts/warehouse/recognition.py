"""Which table of which system a file holds, and which column each of its titles is taken for."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import yaml

from warehouse.archives import plain_name
from warehouse.contract import Column, System, Table, as_written, normal, system_names
from warehouse.errors import AmbiguousExport, UnreadableExport, UnrecognisedExport, UserError
from warehouse.titles import KnownTitles

SOURCE_FILE = "source.yml"
FOREVER = "forever"
SHORT_NAME = 4  # letters of a system's name that may be part of another word


@dataclass(frozen=True)
class TableMapping:
    """How one table of an instance is mapped by its source.yml."""

    files: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    linked: tuple[str, ...] = ()
    date_order: str | None = None
    decimal_mark: str | None = None
    retention_days: str | None = None


@dataclass(frozen=True)
class Instance:
    """A connected system: a folder under extracts, with what its source.yml says."""

    name: str
    folder: Path
    system: str | None = None
    time_zone: str = "UTC"
    tables: Mapping[str, TableMapping] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    date_order: str | None = None
    decimal_mark: str | None = None
    extract: Any = None
    retention_days: str | None = None

    def mapping(self, table: str) -> TableMapping:
        """What the source.yml says of a table; nothing when it says nothing."""
        return self.tables.get(table, TableMapping())

    def known_titles(self, systems: Mapping[str, System]) -> KnownTitles:
        """The titles its exports may have: of its system's tables, or of all, and those its source.yml maps."""
        pool = [systems[self.system]] if self.system else list(systems.values())
        mapped = [title for each in self.tables.values() for title in each.columns.values()]
        return KnownTitles([table for system in pool for table in system.tables.values()], mapped)


def read_instance(folder: Path, systems: Mapping[str, System]) -> Instance:
    """The instance in a folder. Raises UserError when its source.yml is not understood."""
    path = folder / SOURCE_FILE
    if not path.exists():
        return Instance(folder.name, folder)
    where = f"{folder.name}/{SOURCE_FILE}"
    try:
        # every scalar is text: a column titled No and a value Yes are no booleans
        said = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader) or {}  # noqa: S506 (it makes text only)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UserError(f"{where}: not YAML at line {mark.line + 1 if mark else '?'}; mend or remove it") from None
    except UnicodeDecodeError:
        raise UserError(f"{where}: not UTF-8; save the file again as UTF-8") from None
    known = ("system", "time_zone", "tables", "ignore", "date_order", "decimal_mark", "extract", "retention_days")
    _check(where, said, known)
    system = said.get("system") or None
    names = system_names(systems)
    if system is not None and system not in list(names):
        raise UserError(f"{where}: unknown system {system!r}; known are {', '.join(names)}")
    system = names[system].name if system else None
    tables = {}
    for name, node in _section(where, said, "tables").items():
        if system is None or name not in systems[system].tables:
            options = ", ".join(systems[system].tables) if system else "none before `system:` is given"
            raise UserError(f"{where}: unknown table {name!r}; tables of this system are {options}")
        _check(f"{where}, table {name}", node, [each.name for each in fields(TableMapping)])
        sections = {key: _section(f"{where}, table {name}", node, key) for key in ("columns", "values", "constants")}
        for column in sections["values"]:
            _section(f"{where}, table {name}, values", sections["values"], column)
        columns = {column.name for column in systems[system].tables[name].columns}
        linked = _listed(node.get("linked"))
        for target in (*linked, *(target for section in sections.values() for target in section)):
            if target not in columns:
                raise UserError(f"{where}: table {name} has no column {target!r}; it has {', '.join(sorted(columns))}")
        tables[name] = TableMapping(
            files=_listed(node.get("files")),
            columns=sections["columns"],
            values=sections["values"],
            constants=sections["constants"],
            linked=linked,
            date_order=node.get("date_order") or None,
            decimal_mark=node.get("decimal_mark") or None,
            retention_days=node.get("retention_days") or None,
        )
    return Instance(
        name=folder.name,
        folder=folder,
        system=system,
        time_zone=said.get("time_zone") or "UTC",
        tables=tables,
        ignore=_listed(said.get("ignore")),
        date_order=said.get("date_order") or None,
        decimal_mark=said.get("decimal_mark") or None,
        extract=said.get("extract"),
        retention_days=said.get("retention_days") or None,
    )


def _check(where: str, node: Any, known: Sequence[str]) -> None:
    if not isinstance(node, dict):
        raise UserError(f"{where}: settings expected, such as {known[0]}; known are {', '.join(known)}")
    for key in node:
        if key not in known:
            raise UserError(f"{where}: unknown setting {key!r}; known are {', '.join(known)}")
    for key, options in (("date_order", ("dmy", "mdy")), ("decimal_mark", (",", "."))):
        if node.get(key) and node[key] not in options:
            raise UserError(f"{where}: {key} is {node[key]!r}; it can be {' or '.join(map(repr, options))}")
    days = node.get("retention_days") or FOREVER
    if days != FOREVER and not re.fullmatch(r"0*[1-9]\d{0,4}", str(days)):
        raise UserError(f"{where}: retention_days is {days!r}; it can be a number of days, or {FOREVER}")
    zone = node.get("time_zone") or "UTC"
    if zone not in list(available_timezones()):
        raise UserError(f"{where}: unknown time_zone {zone!r}; give a name such as Europe/Paris")


def _section(where: str, node: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    section = node.get(key) or {}
    if not isinstance(section, dict):
        raise UserError(f"{where}: {key} is {section!r}; expected names with what each stands for")
    return section


def _listed(value: Any) -> tuple[str, ...]:
    return (value,) if value and isinstance(value, str) else tuple(value or ())


@dataclass(frozen=True)
class Match:
    """A table, and the column of the contract behind each title of a file; None where there is none."""

    table: Table
    columns: tuple[Column | None, ...]
    named: bool
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    linked: tuple[str, ...] = ()

    @cached_property
    def missing(self) -> list[str]:
        """Required columns that no title stands for."""
        found = {column.name for column in self.columns if column} | set(self.constants)
        return [column.name for column in self.table.required if column.name not in found]

    @property
    def known(self) -> int:
        """How many titles stand for a column."""
        return sum(column is not None for column in self.columns)

    @property
    def fits(self) -> bool:
        """Whether the file can be this table: nothing required is missing, and its name or its titles say so.

        Titles alone say so when they carry the table's whole signature; a table without one goes by file name.
        """
        return not self.missing and (self.named or self.signed)

    @property
    def signed(self) -> bool:
        """Whether the titles carry the whole signature of the table."""
        found = {column.name for column in self.columns if column}
        return bool(self.table.signature) and found.issuperset(self.table.signature)

    def recipe(self, titles: Sequence[str], *settings: Any) -> str:
        """Hash of the way a file is read: the same bytes by the same recipe are stored once."""
        said = [
            self.table.system,
            self.table.name,
            [[title, column.name if column else None] for title, column in zip(titles, self.columns, strict=True)],
            sorted(self.constants.items()),
            [[name, sorted(values.items())] for name, values in sorted(self.values.items())],
            settings,
            *([sorted(self.linked)] if self.linked else []),
        ]
        return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:16]


def match(table: Table, titles: Sequence[str], mapping: TableMapping, named: bool) -> Match:
    """The columns behind some titles. Where two titles stand for one column, the contract's first one counts.

    A title that a mapping gives is looked for as it is written, and only where there is none without its signs: of
    `Amount (%)` and `Amount (€)` a mapping can mean one.
    """
    there = set(map(as_written, titles))
    exact = {as_written(title): name for name, title in mapping.columns.items()}
    loose = {
        normal(title): name
        for name, title in mapping.columns.items()
        if as_written(title) not in there and normal(title)
    }
    by_name = {column.name: column for column in table.columns}
    candidates: list[Column | None] = []
    for title in titles:
        target = exact.get(as_written(title)) or loose.get(normal(title)) or loose.get(normal(table.unprefixed(title)))
        candidates.append(by_name[target] if target else table.column_of(title))

    def rank(index: int, column: Column) -> tuple[int, bool]:
        if exact.get(as_written(titles[index])) == column.name:
            return -1, False
        order = [normal(mapping.columns.get(column.name, column.name)), *map(normal, column.aliases)]
        whole, bare = normal(titles[index]), normal(table.unprefixed(titles[index]))
        found = whole if whole in order else bare
        return order.index(found) if found in order else len(order), found != whole

    chosen: dict[str, int] = {}
    for index, column in enumerate(candidates):
        if column is None:
            continue
        kept = chosen.get(column.name)
        if kept is None or rank(index, column) < rank(kept, column):
            chosen[column.name] = index
    columns = tuple(
        column if column is not None and chosen[column.name] == index else None
        for index, column in enumerate(candidates)
    )
    return Match(table, columns, named, mapping.constants, mapping.values, mapping.linked)


def system_of(instance: Instance, systems: Mapping[str, System]) -> str | None:
    """The system the source.yml says, else the one the folder is named after; None when neither tells.

    A short name has to be a word of its own: `perfect` is no `fec`.
    """
    names = {normal(name): system.name for name, system in system_names(systems).items() if name != "custom"}
    words = {normal(word) for word in re.split(r"[\W\d_]+", instance.name)}
    named = [name for name in names if (name in words if len(name) <= SHORT_NAME else name in normal(instance.name))]
    return instance.system or next((names[name] for name in sorted(named, key=len, reverse=True)), None)


def candidates(instance: Instance, systems: Mapping[str, System], relative: str) -> list[tuple[Table, bool]]:
    """Tables of the instance's system a file may hold, with whether its name says so; of any where none is known."""
    packed = Path(relative).name.casefold()
    name = plain_name(packed)
    system = system_of(instance, systems)
    pool = [systems[system]] if system else [each for each in systems.values() if each.name != "custom"]
    if instance.system and instance.tables:
        tables = systems[instance.system].tables
        said = [
            tables[table]
            for table, mapping in instance.tables.items()
            if any(fnmatch(each, pattern.casefold()) for each in (name, packed) for pattern in mapping.files)
        ]
        if said:
            return [(table, True) for table in said]
    return [
        (table, table.matches_file(name))
        for each in pool
        for table in each.tables.values()
        if not table.excludes_file(name)
    ]


def recognise_empty(instance: Instance, systems: Mapping[str, System], relative: str) -> Match:
    """The table whose empty delivery a file without titles is: the one its name says, within its system's folder.

    Raises UnrecognisedExport when the name says none or several: an empty snapshot deletes what the table held.
    """
    known = system_of(instance, systems) is not None
    tables = [table for table, named in candidates(instance, systems, relative) if named and known]
    if len(tables) > 1:
        tables = [table for table in tables if table.name in Path(relative).name.casefold()] or tables
    if len(tables) != 1:
        could = f"; could be {' or '.join(table.name for table in tables)}" if tables else ""
        raise UnrecognisedExport(
            f"{relative}: not recognised, no records and no name of one table in the folder of its system{could}; say "
            f"`files` of its table in {instance.name}/{SOURCE_FILE}, or list it under `ignore`"
        )
    return Match(tables[0], (), named=True)


def recognise(instance: Instance, systems: Mapping[str, System], relative: str, titles: Sequence[str]) -> Match:
    """The table a file holds.

    Of the tables that fit, one whose file pattern fits, then the one most titles are known of. Where nobody says which
    system a folder is of, the titles have to: a wrong guess is worse than a question.
    Raises UnrecognisedExport when none is, UnreadableExport when the name says which table it is but a required
    column is missing, or when the contract refuses its form, AmbiguousExport when two fit alike.
    """
    pool = candidates(instance, systems, relative)
    matches = [match(table, titles, instance.mapping(table.name), named) for table, named in pool]
    guessed = system_of(instance, systems) is None
    whole = [each for each in matches if each.fits and (each.signed or not guessed)]
    if not whole:
        partial = max(
            (each for each in matches if each.named and each.known), key=lambda each: each.known, default=None
        )
        if (
            not guessed
            and partial is not None
            and (2 * len(partial.missing) <= len(partial.table.required) or 2 * partial.known > len(titles))
        ):
            _refuse_forms(partial.table, relative, titles)
            raise UnreadableExport(
                f"{relative}: taken for {partial.table.system}.{partial.table.name}, required column "
                f"{', '.join(partial.missing)} is missing; titles found: {', '.join(titles)[:300]}"
            )
        raise UnrecognisedExport(
            f"{relative}: not recognised; titles found: {', '.join(titles)[:200]}; name the folder after its "
            f"system or map it in {instance.name}/{SOURCE_FILE}"
        )

    def score(each: Match) -> tuple[bool, int, int]:
        return each.named, each.known, -len(each.table.columns)

    best = max(whole, key=score)
    rivals = [
        each
        for each in whole
        if each is not best and score(each)[:2] == score(best)[:2] and each.table.system != best.table.system
    ]
    if rivals:
        raise AmbiguousExport(
            f"{relative}: could be {best.table.system}.{best.table.name} or {rivals[0].table.system}."
            f"{rivals[0].table.name}; say `system:` in {instance.name}/{SOURCE_FILE}"
        )
    _refuse_forms(best.table, relative, titles)
    return best


def _refuse_forms(table: Table, relative: str, titles: Sequence[str]) -> None:
    """Raises UnreadableExport where a title says that the values are in a form the contract does not take."""
    for title in titles:
        if why := table.refuses_title(title):
            taken = f"taken for {table.system}.{table.name} by titles such as {title}"
            raise UnreadableExport(f"{relative}: {taken}, {why}")
