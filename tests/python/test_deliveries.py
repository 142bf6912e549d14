"""What any deliveries leave as current, by the SQL of staging's own macro: properties, on generated exports."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conftest import Site
from warehouse.contract import load_contract
from warehouse.rendering import current_rows

People = Mapping[str, str]
PEOPLE = st.dictionaries(st.sampled_from([f"p{each}@elan.fr" for each in range(6)]), st.sampled_from("ABC"), max_size=6)
TABLES = {
    "hubspot.contacts": "email,jobtitle,id,lifecyclestage,createdate\n",
    "prospecting.leads": "email,title,ID externe,enriched_at\n",
}


class Examples:
    """One warehouse for many examples, each an instance of its own."""

    def __init__(self, root: Path) -> None:
        self.site = Site(root)
        self.numbers = itertools.count()
        self.systems = load_contract()

    def instance(self, table: str) -> str:
        """A new folder of the table's system, the only one there is."""
        shutil.rmtree(self.site.settings.extracts, ignore_errors=True)
        return f"{table.split('.')[0]}_{next(self.numbers)}"

    def deliver(self, instance: str, table: str, name: str, people: People, day: int) -> None:
        """Loads one file of some people."""
        tail = ",lead,2026-01-05" if table == "hubspot.contacts" else ",2026-01-05"
        rows = (f"{email},{job},{email[1]}{tail}\n" for email, job in people.items())
        stamp = f"2026-03-{day:02d}"
        self.site.drop(f"{instance}/{table.split('.')[1]}_{name}_{stamp}.csv", TABLES[table] + "".join(rows))
        assert not self.site.load().failures

    def current(self, instance: str, table: str) -> list[tuple[Any, ...]]:
        """E-mail, title and whether it is gone, of the current rows of an instance."""
        system, name = table.split(".")
        title = "jobtitle" if name == "contacts" else "title"
        select = current_rows(self.systems, self.systems[system].tables[name], table, "2100-01-01")
        return self.site.raw(
            f"select email, {title}, _is_gone from ({select}) where _source_instance = '{instance}' order by all"
        )

    def stored(self, instance: str, table: str) -> int:
        """Rows of an instance, of whatever delivery."""
        return int(self.site.raw(f"select count(*) from {table} where _source_instance = '{instance}'")[0][0])


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    return Examples(tmp_path_factory.mktemp("deliveries"))


@pytest.mark.parametrize("table", TABLES)
@settings(max_examples=4, deadline=None)
@given(
    before=PEOPLE,
    people=PEOPLE,
    parts=st.lists(st.integers(0, 3), min_size=6, max_size=6),
    order=st.permutations(range(4)),
)
@example(
    before={"p0@elan.fr": "A"}, people={"p0@elan.fr": "A", "p1@elan.fr": "B"}, parts=[0, 1] * 3, order=[1, 0, 2, 3]
)
def test_a_delivery_split_into_parts_is_the_whole_delivery(
    examples: Examples, table: str, before: People, people: People, parts: Sequence[int], order: Sequence[int]
) -> None:
    whole = examples.instance(table)
    examples.deliver(whole, table, "before", before, 1)
    examples.deliver(whole, table, "whole", people, 2)
    split = examples.instance(table)
    examples.deliver(split, table, "before", before, 1)
    for part in order:
        some = {email: job for (email, job), its in zip(people.items(), parts, strict=False) if its == part}
        examples.deliver(split, table, f"part{part}", some, 2)
    assert examples.current(split, table) == examples.current(whole, table)


@pytest.mark.parametrize("table", TABLES)
@settings(max_examples=5, deadline=None)
@given(deliveries=st.lists(st.sampled_from("ABC"), min_size=1, max_size=6), contents=st.tuples(PEOPLE, PEOPLE, PEOPLE))
@example(deliveries=list("ABA"), contents=({"p0@elan.fr": "A"}, {"p1@elan.fr": "B"}, {}))
def test_the_same_bytes_are_stored_once_and_the_last_delivery_stands(
    examples: Examples, table: str, deliveries: Sequence[str], contents: tuple[People, People, People]
) -> None:
    instance = examples.instance(table)
    by_letter = dict(zip("ABC", contents, strict=True))
    latest: dict[str, str] = {}
    for day, letter in enumerate(deliveries, start=1):
        examples.deliver(instance, table, "daily", by_letter[letter], day)
        latest |= by_letter[letter]
    written = {tuple(by_letter[letter].items()) for letter in deliveries}
    assert examples.stored(instance, table) == sum(len(rows) for rows in written)
    last = by_letter[deliveries[-1]] if table == "hubspot.contacts" else latest
    current = examples.current(instance, table)
    assert {email: job for email, job, is_gone in current if not is_gone} == dict(last)
    assert {email for email, *_ in current} == set(latest), "what is gone is flagged, not forgotten"
