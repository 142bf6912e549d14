"""A pull under way: pages on disk, where to go on from, and the one rename that makes a delivery of them.

Everything is kept in `.extract/` of the instance, which the loader and the watch pass over. Files and folders are for
their owner alone.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from warehouse.errors import UserError
from warehouse.extracting.pages import Cursor, Page
from warehouse.records import read_json

FOLDER = ".extract"
PART_BYTES = 64 * 1024 * 1024  # the loader reads a file at a time into memory
PAGES, PROGRESS, STATE = "pages", "progress.json", "state.json"


@dataclass
class Part:
    """A file of the delivery, and what of it counts: its first `size` bytes with `rows` rows."""

    name: str
    size: int = 0
    rows: int = 0


@dataclass
class Progress:
    """How far a unit has come. `since` is what changes are asked from; None for the whole table."""

    since: str | None
    cursor: Cursor = field(default_factory=dict)
    done: bool = False
    parts: dict[str, list[Part]] = field(default_factory=dict)


@dataclass
class Run:
    """The pull of an instance: all its units, delivered together."""

    folder: Path
    started: str
    full: bool
    units: dict[str, Progress] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The start as file names carry it, UTC: `2026-11-22T060000Z`."""
        return self.started.replace(":", "")

    @property
    def target(self) -> Path:
        """The folder of the delivery; it is there as soon as all of it is."""
        return self.folder.parent / self.label

    @classmethod
    def resume(cls, folder: Path) -> Run | None:
        """The run that was interrupted, cut to its last whole page; None when there is none that can be read."""
        said = _read(folder / PROGRESS)
        try:
            units = {
                name: Progress(
                    unit["since"],
                    unit["cursor"],
                    unit["done"],
                    {table: [Part(**part) for part in parts] for table, parts in unit["parts"].items()},
                )
                for name, unit in said["units"].items()
            }
            run = cls(folder, said["started"], said["full"], units)
        except (KeyError, TypeError):
            return None
        for part in run._parts() if not run.target.exists() else ():
            path = folder / PAGES / part.name
            if not path.exists() or path.stat().st_size < part.size:
                return None
            os.truncate(path, part.size)
        return run

    def clear(self) -> None:
        """Forgets what was pulled."""
        shutil.rmtree(self.folder / PAGES, ignore_errors=True)
        (self.folder / PROGRESS).unlink(missing_ok=True)

    def restart(self, unit: str) -> None:
        """Forgets what was pulled of a unit."""
        progress = self.units[unit]
        for part in (part for parts in progress.parts.values() for part in parts):
            (self.folder / PAGES / part.name).unlink(missing_ok=True)
        self.units[unit] = Progress(progress.since)
        self.save()

    def add(self, unit: str, page: Page, names: Mapping[str, str]) -> None:
        """A page into the files of its tables (`names` by table), then the cursor behind it: never half a page."""
        progress = self.units[unit]
        (self.folder / PAGES).mkdir(mode=0o700, parents=True, exist_ok=True)
        for table, line in page.lines.items():
            content = line.encode("utf-8") + b"\n"
            parts = progress.parts.setdefault(table, [])
            if not parts or parts[-1].size + len(content) > PART_BYTES:
                number = f"_{len(parts) + 1:03}" if parts else ""
                parts.append(Part(f"{names[table]}_{self.label}{number}.jsonl"))
            part = parts[-1]
            with _private(self.folder / PAGES / part.name, os.O_WRONLY | os.O_CREAT) as file:
                file.truncate(part.size)
                file.seek(part.size)
                file.write(content)
            part.size += len(content)
            part.rows += page.rows[table]
        progress.cursor = page.cursor or {}
        progress.done = page.cursor is None
        self.save()

    def save(self) -> None:
        """Where to go on from, complete or as it was."""
        _write(self.folder / PROGRESS, {"started": self.started, "full": self.full, "units": _units(self.units)})

    def deliver(self) -> Path:
        """The pages as one folder that the loader sees at once. Raises UserError when a file is not what was pulled."""
        wanted = {part.name for part in self._parts()}
        for path in (self.folder / PAGES).iterdir():
            if path.name not in wanted:  # of a unit that is no longer wanted
                path.unlink()
        for part in self._parts():
            self._check(part)
        (self.folder / PAGES).rename(self.target)
        return self.target

    def _parts(self) -> Iterator[Part]:
        return (part for unit in self.units.values() for parts in unit.parts.values() for part in parts)

    def _check(self, part: Part) -> None:
        path = self.folder / PAGES / part.name
        with path.open("rb") as file:
            content = file.read()
            os.fsync(file.fileno())
        records = read_json(path.name, content.decode("utf-8"), "utf-8").records or []
        if len(content) != part.size or len(records) != part.rows:
            self.clear()
            raise UserError(
                f"{path.name}: {part.rows} rows were pulled but the file holds {len(records)}; nothing was delivered, "
                "run it again"
            )


def read_state(folder: Path) -> dict[str, dict[str, str]]:
    """For each unit, up to when it was delivered (`until`) and when it was last delivered whole (`whole`)."""
    return {name: unit for name, unit in _read(folder / STATE).get("units", {}).items() if isinstance(unit, dict)}


def write_state(folder: Path, state: Mapping[str, Mapping[str, str]]) -> None:
    """The state, complete or as it was."""
    _write(folder / STATE, {"units": state})


def moment_of(text: str) -> dt.datetime:
    """A moment of the state."""
    return dt.datetime.fromisoformat(text)


def _units(units: Mapping[str, Progress]) -> dict[str, Any]:
    return {name: asdict(unit) for name, unit in units.items()}


def _read(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _write(path: Path, said: Mapping[str, Any]) -> None:
    beside = path.with_suffix(".new")
    with _private(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as file:
        file.write(json.dumps(said).encode("utf-8"))
    beside.replace(path)


def _private(path: Path, flags: int) -> BinaryIO:
    return os.fdopen(os.open(path, flags, 0o600), "wb")
