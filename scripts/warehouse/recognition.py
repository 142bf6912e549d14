"""Which table of which system a file holds, and which column each of its titles is taken for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any

from warehouse.archives import plain_name
from warehouse.contract import Column, System, Table, as_written, normal
from warehouse.errors import AmbiguousExport, UnreadableExport, UnrecognisedExport
from warehouse.instances import SOURCE_FILE, Instance, TableMapping, system_of


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

    def contradicts(self, other: Match) -> bool:
        """Whether titles say this table of a file that is taken for another, by its name perhaps.

        They do when it knows more of them, among those one that it needs and the other one has no column for.
        """
        needs = {*self.table.signature, *(column.name for column in self.table.required)}
        apart = any(
            column is not None and column.name in needs and elsewhere is None
            for column, elsewhere in zip(self.columns, other.columns, strict=True)
        )
        more = self.known - other.known
        tells = self.signed or not other.signed
        return tells and not self.missing and apart and (more > 0 or (more == 0 and not other.signed))

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
    exact = {as_written(title): name for title, name in mapping.titled}
    loose = {normal(title): name for title, name in mapping.titled if as_written(title) not in there and normal(title)}
    by_name = {column.name: column for column in table.columns}
    candidates: list[Column | None] = []
    for title in titles:
        target = exact.get(as_written(title)) or loose.get(normal(title)) or loose.get(normal(table.unprefixed(title)))
        candidates.append(by_name[target] if target else table.column_of(title))

    def rank(index: int, column: Column) -> tuple[int, bool]:
        if exact.get(as_written(titles[index])) == column.name:
            return -1, False
        order = [*map(normal, mapping.titles(column.name) or (column.name,)), *map(normal, column.aliases)]
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


@dataclass(frozen=True)
class Candidate:
    """A table a file may hold: whether the file's name says so, or says that it holds something else."""

    table: Table
    named: bool
    excluded: bool = False


def candidates(instance: Instance, systems: Mapping[str, System], relative: str) -> list[Candidate]:
    """Tables of the instance's system, or those its source.yml says of the file; of any where no system is known."""
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
            return [Candidate(table, named=True) for table in said]
    return [
        Candidate(table, table.matches_file(name) and not table.excludes_file(name), table.excludes_file(name))
        for each in pool
        for table in each.tables.values()
    ]


def recognise_empty(instance: Instance, systems: Mapping[str, System], relative: str) -> Match:
    """The table whose empty delivery a file without titles is: the one its name says, within its system's folder.

    Raises UnrecognisedExport when the name says none or several: an empty snapshot deletes what the table held.
    """
    known = system_of(instance, systems) is not None
    tables = [each.table for each in candidates(instance, systems, relative) if each.named and known]
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

    Of the tables that fit, one whose file pattern fits, then the one most titles are known of; but a name alone gives
    way to titles, as views and reports are called anything. Where nobody says which system a folder is of, the titles
    have to say it: a wrong guess is worse than a question.
    Raises UnrecognisedExport when none is, UnreadableExport when the name says which table it is but a required
    column is missing, or when the contract refuses its form, AmbiguousExport when two fit alike, or the name says one
    and the titles another.
    """
    pool = candidates(instance, systems, relative)
    every = [match(each.table, titles, instance.mapping(each.table.name), each.named) for each in pool]
    matches = [found for each, found in zip(pool, every, strict=True) if not each.excluded]
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
            f"{relative}: not recognised; titles found: {', '.join(titles)[:200]}; "
            f"{_advice(None if guessed else every)} map it in {instance.name}/{SOURCE_FILE}"
        )

    def score(each: Match) -> tuple[bool, int, int]:
        return each.named, each.known, -len(each.table.columns)

    best = max(whole, key=score)
    louder = [each for each in every if each.contradicts(best) and (each.signed or not guessed)]
    if louder:
        loudest = max(louder, key=lambda each: (each.signed, each.known))
        if best.signed or not loudest.signed or loudest.known == best.known or loudest not in matches:
            raise AmbiguousExport(
                f"{relative}: named as {best.table.system}.{best.table.name}, of which it has {best.known} titles, but "
                f"{loudest.known} of {loudest.table.system}.{loudest.table.name}; name the file after its table, or "
                f"say `files` of its table in {instance.name}/{SOURCE_FILE}"
            )
        best = loudest
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


def _advice(matches: Sequence[Match] | None) -> str:
    """What to do about a file that is none of some tables, those of its system; None where nobody knows the system."""
    if matches is None:
        return "name the folder after its system or"
    nearest = max(matches, key=lambda each: (each.named and each.known > 0, each.known, -len(each.missing)))
    name = f"{nearest.table.system}.{nearest.table.name}"
    if not nearest.known:
        return f"none is known of {nearest.table.system}; move it to the folder of its system, or"
    if nearest.missing:
        return f"nearest is {name}, which needs {', '.join(nearest.missing)}; export that too, or"
    return f"they fit {name}, but the name of the file does not; name it after its table, or"


def refuse_unmapped(instance: Instance, match: Match, relative: str, titles: Sequence[str], *, sparse: bool) -> None:
    """Raises UnreadableExport where a source.yml maps a title to a column that the file then has under no title.

    It takes a title that nothing else is known of, which may be the one meant; in records (`sparse`), which leave out
    what is empty in all of them, one that looks like it.
    """
    mapping = instance.mapping(match.table.name)
    found = {column.name for column in match.columns if column} | set(mapping.constants)
    spare = [normal(title) for title, column in zip(titles, match.columns, strict=True) if column is None]
    lost = {column: mapping.titles(column) for column in mapping.columns if column not in found}
    told = [
        f"{column} to {' or '.join(map(repr, wanted))}"
        for column, wanted in lost.items()
        if wanted and "" not in wanted and any(_may_be(each, spare, sparse) for each in wanted)
    ]
    if told:
        raise UnreadableExport(
            f"{relative}: {instance.name}/{SOURCE_FILE} maps {', '.join(told)} of {match.table.name}, which no title "
            'is left for; mend it, or list several titles, "" among them where a file may have none; titles found: '
            f"{', '.join(titles)[:200]}"
        )


def _may_be(title: str, spare: Sequence[str], sparse: bool) -> bool:
    return bool(get_close_matches(normal(title), spare) if sparse else spare)


def _refuse_forms(table: Table, relative: str, titles: Sequence[str]) -> None:
    """Raises UnreadableExport where a title says that the values are in a form the contract does not take."""
    for title in titles:
        if why := table.refuses_title(title):
            taken = f"taken for {table.system}.{table.name} by titles such as {title}"
            raise UnreadableExport(f"{relative}: {taken}, {why}")
