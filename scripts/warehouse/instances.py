"""Connected systems: the folders of exports, and what the source.yml of each says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import yaml

from warehouse.contract import System, normal, system_names
from warehouse.errors import UserError
from warehouse.titles import KnownTitles

SOURCE_FILE = "source.yml"
FOREVER = "forever"
SHORT_NAME = 4  # letters of a system's name that may be part of another word


@dataclass(frozen=True)
class TableMapping:
    """How one table of an instance is mapped by its source.yml.

    A column has one title or several, of which each file has one; an empty one says that a file may have none.
    """

    files: tuple[str, ...] = ()
    columns: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    linked: tuple[str, ...] = ()
    date_order: str | None = None
    decimal_mark: str | None = None
    retention_days: str | None = None

    def titles(self, column: str) -> tuple[str, ...]:
        """The titles that a column is mapped to."""
        return _listed(self.columns.get(column))

    @property
    def titled(self) -> list[tuple[str, str]]:
        """Every mapped title, with the column it stands for."""
        return [(title, column) for column in self.columns for title in self.titles(column) if title]


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
        mapped = [title for each in self.tables.values() for title, _ in each.titled]
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
        for column, title in sections["columns"].items():
            if isinstance(title, dict) or not all(isinstance(each, str) for each in _listed(title)):
                raise UserError(
                    f"{where}, table {name}: column {column} is {title!r}; expected a title or a list of some"
                )
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


def system_of(instance: Instance, systems: Mapping[str, System]) -> str | None:
    """The system the source.yml says, else the one the folder is named after; None when neither tells.

    A short name has to be a word of its own: `perfect` is no `fec`.
    """
    names = {normal(name): system.name for name, system in system_names(systems).items() if name != "custom"}
    words = {normal(word) for word in re.split(r"[\W\d_]+", instance.name)}
    named = [name for name in names if (name in words if len(name) <= SHORT_NAME else name in normal(instance.name))]
    return instance.system or next((names[name] for name in sorted(named, key=len, reverse=True)), None)
