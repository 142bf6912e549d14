"""The same exports give the same marts to the last bit, whatever threads, memory and order DuckDB works with."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import SHARED, DemoSites
from in_memory import CompiledProject
from warehouse.targets.marts import fingerprint, published_marts

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("determinism")]

WAYS = {
    "four threads, rows in any order": {
        "threads": 4,
        "preserve_insertion_order": "false",
    },
    "one thread": {"threads": 1},
    "two threads, little memory": {"threads": 2, "memory_limit": "600MB"},
}


@pytest.mark.parametrize(
    "way", [name if place == 0 else pytest.param(name, marks=pytest.mark.proof) for place, name in enumerate(WAYS)]
)
def test_marts_are_the_same_to_the_last_bit(way: str, demo_sites: DemoSites, tmp_path: Path) -> None:
    site = demo_sites(*SHARED)
    project = CompiledProject.of(site)
    # the clocks of that build: its moment is in what says how old an export is
    clocks = {"int_clocks__resolved": "select * from seeded.intermediate.int_clocks__resolved"}
    settings = {**WAYS[way], "temp_directory": str(tmp_path)}
    with project.build(site.settings.raw_file, project.models, given=clocks, settings=settings) as connection:
        names = [f"{mart.schema}.{mart.name}" for mart in published_marts(project.target / "manifest.json")]
        assert len(names) > 50
        here = project.seeded.stem
        other = [
            name
            for name in names
            if fingerprint(connection, f"{here}.{name}") != fingerprint(connection, f"seeded.{name}")
        ]
    assert not other, other
