"""Measuring a command: seconds, CPU and peak memory of a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from warehouse.errors import UserError
from warehouse.settings import PROJECT


@dataclass(frozen=True)
class Measure:
    """Seconds from start to end, those of all cores, and megabytes held at most."""

    seconds: float
    cpu_seconds: float
    megabytes: float


@dataclass(frozen=True)
class Figure:
    """A figure, what it must stay below, and what it is made of."""

    name: str
    value: float
    limit: float
    unit: str
    made_of: str

    @property
    def holds(self) -> bool:
        """Whether it stays below."""
        return self.value <= self.limit


def measure(
    arguments: Sequence[str], out: IO[str] | None = None, variables: Mapping[str, str] | None = None
) -> Measure:
    """Runs Python with some arguments and variables of its environment, what it prints to a file.

    Raises UserError with the last line when it fails.
    """
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "scripts"), **(variables or {})}
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, *arguments], stdout=out or subprocess.DEVNULL, stderr=said, env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - begun
        if process.returncode:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines() or ["no word"]
            raise UserError(f"{' '.join(arguments[:2])}: exit status {process.returncode}, {lines[-1]}")
    # the system counts in kilobytes, that of Apple in bytes
    megabytes = usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    return Measure(seconds, usage.ru_utime + usage.ru_stime, megabytes)


def fastest(rounds: Sequence[Measure]) -> Measure:
    """The least seconds, which other work on the machine disturbs least, and the most memory."""
    return Measure(
        min(each.seconds for each in rounds),
        min(each.cpu_seconds for each in rounds),
        max(each.megabytes for each in rounds),
    )
