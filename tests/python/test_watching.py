"""Waiting for exports: a run when they have come and stopped growing, and not twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from warehouse.watching import Watch


class Story:
    """A clock whose every sleep is 10 seconds in which something may happen to the folder."""

    def __init__(self, folder: Path, *happenings: Callable[[Path], object]) -> None:
        self.folder = folder
        self.now = 0.0
        self.happenings: Iterator[Callable[[Path], object]] = iter(happenings)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        happening = next(self.happenings, None)
        if happening is None:
            raise StopWatching
        happening(self.folder)

    def runs(self) -> list[tuple[float, int]]:
        """When the pipeline would have run, and for how many files."""
        watch = Watch(self.folder, interval=10, settle=20, clock=lambda: self.now, sleep=self.sleep)
        found = []
        try:
            for count in watch.changes():
                found.append((self.now, count))
        except StopWatching:
            pass
        return found


class StopWatching(Exception):
    """The story is over."""


def nothing(folder: Path) -> None:
    pass


def drop(name: str, text: str) -> Callable[[Path], object]:
    def happen(folder: Path) -> None:
        path = folder / "hubspot" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return happen


def test_a_file_that_grows_is_waited_for(tmp_path: Path) -> None:
    growing = [drop("deals.csv", "a" * size) for size in (1, 20, 300)]
    assert Story(tmp_path, *growing, *[nothing] * 5).runs() == [(50.0, 1)]


def test_files_that_come_together_are_one_run_and_a_later_change_is_another(tmp_path: Path) -> None:
    story = Story(tmp_path, drop("a.csv", "1"), drop("b.csv", "2"), *[nothing] * 4, drop("a.csv", "11"), *[nothing] * 4)
    assert [count for _, count in story.runs()] == [2, 1]


def test_what_is_there_at_first_is_new_and_what_goes_is_no_reason_to_run(tmp_path: Path) -> None:
    drop("a.csv", "1")(tmp_path)
    story = Story(tmp_path, nothing, nothing, lambda folder: (folder / "hubspot" / "a.csv").unlink(), *[nothing] * 5)
    assert story.runs() == [(20.0, 1)]


@pytest.mark.parametrize("name", [".deals.csv.part", "README.md", "source.yml"])
def test_what_is_no_export_is_not_waited_for(tmp_path: Path, name: str) -> None:
    assert Story(tmp_path, drop(name, "x"), *itertools.repeat(nothing, 5)).runs() == []
