"""Waiting for exports and business seeds: a run of the pipeline for each time files came and stopped growing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.listing import exports

Seen = Mapping[Path, tuple[int, int]]


@dataclass
class Watch:
    """Folders of exports and of business seeds, looked at every `interval` seconds.

    A change counts once it has stood for `settle` seconds. `clock` and `sleep` are there for tests.
    """

    folder: Path
    config: Path
    interval: float = 30.0
    settle: float = 60.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    handled: Seen = field(default_factory=dict)
    before: Seen = field(default_factory=dict)
    since: float = 0.0

    def changes(self) -> Iterator[int]:
        """For ever: the number of files that came or changed, each time they have stopped growing.

        Exports that are there at first count as new, seeds do not. Files that went are no reason to run.
        """
        self.before = self.handled = _states(self._seeds())
        pending, self.since = self.look(), self.clock()
        while True:
            now = self.look()
            if now != pending:
                pending, self.since = now, self.clock()
            fresh = sum(self.handled.get(path) != state for path, state in pending.items())
            if fresh and self.clock() - self.since >= self.settle:
                self.before, self.handled = self.handled, pending
                yield fresh
            else:
                self.sleep(self.interval)

    def again(self) -> None:
        """Counts the last change once more, `settle` seconds from now: another run was under way."""
        self.handled, self.since = self.before, self.clock()

    def look(self) -> Seen:
        """Size and modification time of every export and seed, as they are now."""
        return _states([*exports(self.folder), *self._seeds()])

    def _seeds(self) -> list[Path]:
        return sorted(self.config.glob("*.csv"))


def _states(paths: Iterable[Path]) -> Seen:
    found = {}
    for path in paths:
        try:
            status = path.stat()
        except FileNotFoundError:  # moved away between the listing and the look
            continue
        found[path] = (status.st_size, status.st_mtime_ns)
    return found
