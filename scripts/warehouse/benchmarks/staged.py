"""The pipeline as it is, with word of when each of its stages begins and ends; `whole.py` runs it.

Nothing of the pipeline is written again here: the functions it calls are wrapped before it runs.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from warehouse import running
from warehouse.building import Clocks, Dbt
from warehouse.expectations.gates import Gates
from warehouse.settings import Settings

# where each stage is called from, in the order they run
STAGES: dict[str, tuple[Any, str]] = {
    "load": (running, "load"),
    "raw gate": (Gates, "raw"),
    "dbt source freshness": (Dbt, "stale_sources"),
    "dbt build": (Dbt, "build"),
    "dbt docs generate": (Dbt, "document"),
    "marts gate": (Gates, "marts"),
    "dashboards": (running, "render_dashboards"),
    "site": (running, "write_site"),
    "publish": (running, "publish"),
}


def main(arguments: Sequence[str]) -> None:
    """Runs the pipeline of a folder (`extracts/`, `config/`), its moment the second argument, and tells its stages."""
    folder = Path(arguments[0])
    for name, (owner, attribute) in STAGES.items():
        setattr(owner, attribute, _told(name, getattr(owner, attribute)))
    settings = Settings(folder / "extracts", folder / "warehouse", folder / "publish", folder / "config")
    outcome = running.run_pipeline(settings, Clocks(checked_at=arguments[1] or None))
    _say({"event": "outcome", "files": outcome.files, "rows": outcome.rows})


def _told(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*arguments: Any, **named: Any) -> Any:
        _say({"event": "begin", "stage": name})
        begun, spent = time.perf_counter(), _cpu()
        try:
            return function(*arguments, **named)
        finally:
            _say({"event": "end", "stage": name, "seconds": time.perf_counter() - begun, "cpu_seconds": _cpu() - spent})

    return timed


def _cpu() -> float:
    """Seconds of all cores, of the processes it waited for too."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _say(event: dict[str, Any]) -> None:
    print(json.dumps(event), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
