"""Measuring a command: seconds and peak memory of a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.errors import UserError


@dataclass(frozen=True)
class Measure:
    """Seconds from start to end, and megabytes held at most."""

    seconds: float
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


def measure(arguments: Sequence[str]) -> Measure:
    """Runs Python with some arguments. Raises UserError with the last line it said when it fails."""
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=said)  # noqa: S603
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - begun
        if process.returncode:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines() or ["no word"]
            raise UserError(f"{' '.join(arguments[:2])}: exit status {process.returncode}, {lines[-1]}")
    # the system counts in kilobytes, that of Apple in bytes
    return Measure(seconds, usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024))


def fastest(rounds: Sequence[Measure]) -> Measure:
    """The least seconds, which other work on the machine disturbs least, and the most memory."""
    return Measure(min(each.seconds for each in rounds), max(each.megabytes for each in rounds))
