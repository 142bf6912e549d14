"""The whole pipeline on a company of some size: seconds, CPU and memory of each stage, and the bytes it made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.errors import UserError
from warehouse.settings import MEMORY_LIMIT, PROJECT

SAMPLED_EVERY = 0.1  # seconds
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Stage:
    """What one stage took."""

    name: str
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    megabytes: float = 0.0


@dataclass
class Whole:
    """What a run took, stage by stage, and the bytes it read and made."""

    stages: list[Stage]
    seconds: float
    cpu_seconds: float
    megabytes: float
    files: int
    rows: int
    bytes_of: dict[str, int] = field(default_factory=dict)


def run_whole(folder: Path, checked_at: str = "", memory_limit: str = "") -> Whole:
    """Runs the pipeline on the exports of a folder. Raises UserError with the last it said when it fails.

    `memory_limit` is that of DuckDB while it builds and publishes; its own when empty.
    """
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "scripts"), "PYTHONWARNINGS": "ignore"}
    environment[MEMORY_LIMIT] = memory_limit
    command = [sys.executable, "-m", "warehouse.benchmarks.staged", str(folder), checked_at]
    begun = time.perf_counter()
    with (folder / "stderr.txt").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.PIPE, stderr=said, env=environment, cwd=PROJECT, text=True
        )
        follower = _Follower(process.pid)
        outcome = follower.follow(process)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            lines = said.read().strip().splitlines() or ["no word"]
            raise UserError(f"the pipeline ended with status {process.returncode}: {lines[-1]}")
    sizes = {
        "exports": _bytes(folder / "extracts"),
        "raw": _bytes(folder / "warehouse" / "raw.duckdb"),
        "warehouse": _bytes(folder / "warehouse" / "warehouse.duckdb"),
        "published": _bytes(folder / "publish" / "current"),
    }
    return Whole(
        follower.stages,
        time.perf_counter() - begun,
        usage.ru_utime + usage.ru_stime,
        max(follower.peak, *(stage.megabytes for stage in follower.stages)),
        outcome.get("files", 0),
        outcome.get("rows", 0),
        sizes,
    )


class _Follower:
    """Listens to the stages of a process, and samples the memory of it and its children meanwhile."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.stages: list[Stage] = []
        self.peak = 0.0
        self._now: Stage | None = None
        self._ended = threading.Event()

    def follow(self, process: subprocess.Popen[str]) -> dict[str, int]:
        """Until the process says no more; what it said at its end."""
        sampler = threading.Thread(target=self._sample, daemon=True)
        sampler.start()
        outcome: dict[str, int] = {}
        for line in process.stdout or ():
            if not line.startswith("{"):
                continue
            event = json.loads(line)
            if event["event"] == "begin":
                self._now = Stage(event["stage"])
                self.stages.append(self._now)
            elif event["event"] == "end":
                ended = next(stage for stage in reversed(self.stages) if stage.name == event["stage"])
                ended.seconds, ended.cpu_seconds = event["seconds"], event["cpu_seconds"]
                self._now = None
            else:
                outcome = event
        self._ended.set()
        sampler.join()
        return outcome

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLED_EVERY):
            held = sum(map(_resident, _tree(self.pid))) / 1024**2
            self.peak = max(self.peak, held)
            now = self._now
            if now is not None:
                now.megabytes = max(now.megabytes, held)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in children:
            yield from _tree(int(child))


def _resident(pid: int) -> int:
    """Bytes a process holds; 0 of one that ended, or where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
