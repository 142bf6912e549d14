"""Waiting for exports: a run when they have come and stopped growing, and not twice."""

from __future__ import annotations

import fcntl
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import Site
from warehouse.errors import UnderWay
from warehouse.locking import only_run
from warehouse.settings import PROJECT
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

    def runs(self, busy: int = 0) -> list[tuple[float, int]]:
        """When the pipeline would have run, and for how many files; another run is in the way of the first few."""
        watch = Watch(
            self.folder, self.folder / "config", interval=10, settle=20, clock=lambda: self.now, sleep=self.sleep
        )
        found = []
        try:
            for count in watch.changes():
                found.append((self.now, count))
                if len(found) <= busy:
                    watch.again()
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


def test_a_business_seed_that_changes_is_a_reason_to_run_and_one_that_is_there_at_first_is_none(tmp_path: Path) -> None:
    seed = tmp_path / "config" / "kpi_targets.csv"
    seed.parent.mkdir()
    seed.write_text("kpi_code,target\n", encoding="utf-8")
    story = Story(
        tmp_path, *[nothing] * 5, lambda _: seed.write_text("kpi_code,target\nwin_rate,0.3\n"), *[nothing] * 5
    )
    assert story.runs() == [(80.0, 1)]


def test_what_another_run_was_in_the_way_of_is_run_later(tmp_path: Path) -> None:
    story = Story(tmp_path, drop("a.csv", "1"), *[nothing] * 9)
    assert story.runs(busy=1) == [(30.0, 1), (50.0, 1)]


@pytest.mark.parametrize(
    "name",
    [
        *(".deals.csv.part", "README.md", "source.yml", "deals.csv.part", "deals.csv.crdownload", "deals.csv.tmp"),
        *("deals.csv.partial", "deals.csv.Download", "~$deals.xlsx"),
    ],
)
def test_what_is_no_export_is_not_waited_for(tmp_path: Path, name: str) -> None:
    assert Story(tmp_path, drop(name, "x"), *itertools.repeat(nothing, 5)).runs() == []


def test_a_download_counts_when_it_has_its_own_name(tmp_path: Path) -> None:
    def finish(folder: Path) -> None:
        (folder / "hubspot" / "deals.csv.crdownload").rename(folder / "hubspot" / "deals.csv")

    growing = [drop("deals.csv.crdownload", "a" * size) for size in (1, 20, 300)]
    assert Story(tmp_path, *growing, finish, *[nothing] * 5).runs() == [(60.0, 1)]


# one run at a time

HOLD = (
    "import sys, pathlib; from warehouse.locking import only_run\n"
    "with only_run(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
)


def holder(warehouse: Path) -> subprocess.Popen[str]:
    """A process that holds the lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(PROJECT / "scripts")},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_lock_ends_with_its_process_however_it_ends(tmp_path: Path) -> None:
    process = holder(tmp_path)
    with pytest.raises(UnderWay, match=rf"process {process.pid}\)"), only_run(tmp_path):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert (tmp_path / "run.lock").read_text(encoding="ascii") == str(process.pid), "left behind, and means nothing"
    with only_run(tmp_path):
        pass


def test_a_lock_left_by_a_process_whose_number_lives_again_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "run.lock").write_text(str(os.getpid()), encoding="ascii")
    with only_run(tmp_path), pytest.raises(UnderWay), only_run(tmp_path):
        pass


def test_a_watch_never_runs_beside_another_run(site: Site) -> None:
    site.drop("hubspot/owners.csv", "id,email\n1,a@x.example\n")
    site.settings.warehouse.mkdir()
    with (site.settings.warehouse / "run.lock").open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = site.run("watch.py", "--once", "--interval", "0.1", "--settle", "0.2")
    assert done.returncode == 1
    assert "another run is under way" in done.stderr
    assert not site.settings.raw_file.exists()
