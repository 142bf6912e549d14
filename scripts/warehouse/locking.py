"""One run at a time on a warehouse."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.errors import UnderWay


@contextmanager
def only_run(warehouse: Path) -> Iterator[None]:
    """One run at a time; the lock ends with the process that holds it, however it ends.

    The system holds it, not the file: a file that a killed run left behind, and the process it names, mean nothing.
    Raises UnderWay while another process holds it.
    """
    with (warehouse / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise UnderWay(
                f"{warehouse}: another run is under way (process {file.read().strip() or 'unknown'}); "
                "wait until it has ended"
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
