"""Generations of a publication as folders: written beside, flushed, renamed, pointed to, kept for a while."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TEMPORARY = ".writing-"


def new_generation(publish_folder: Path) -> tuple[str, Path]:
    """The name of a generation to come, and the empty folder it is written in; leftovers of a killed run go."""
    publish_folder.mkdir(parents=True, exist_ok=True)
    sweep(publish_folder)
    generation = _name(publish_folder)
    writing = publish_folder / f"{TEMPORARY}{generation}"
    writing.mkdir()
    return generation, writing


def finish(publish_folder: Path, generation: str, manifest: Mapping[str, Any]) -> None:
    """Ends the writing of a generation and points readers to it."""
    writing = publish_folder / f"{TEMPORARY}{generation}"
    (writing / "manifest.json").write_text(json.dumps(manifest, indent=2, default=str) + "\n", encoding="utf-8")
    _flush(writing)
    writing.rename(publish_folder / generation)
    switch(publish_folder, generation)


def generations(publish_folder: Path) -> list[str]:
    """Names of the whole generations, oldest first."""
    return sorted(
        path.name
        for path in publish_folder.iterdir()
        if path.is_dir() and not path.is_symlink() and (path / "manifest.json").exists() and path.name[0].isdigit()
    )


def read_manifest(generation: Path) -> dict[str, Any]:
    """What the manifest of a generation says."""
    said: dict[str, Any] = json.loads((generation / "manifest.json").read_text(encoding="utf-8"))
    return said


def switch(publish_folder: Path, generation: str) -> None:
    """Points `current` to a generation, by one rename."""
    pointer = publish_folder / f"{TEMPORARY}current"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(generation, target_is_directory=True)
    pointer.replace(publish_folder / "current")
    _sync(publish_folder)


def current(publish_folder: Path) -> str | None:
    """The generation that is pointed to; None before the first."""
    pointer = publish_folder / "current"
    return pointer.readlink().name if pointer.is_symlink() else None


def build_of(generation: Path) -> str:
    """The build a generation shows, named as the first generation of it: one that was written anew has an older one."""
    return str(read_manifest(generation).get("build", generation.name))


def newest_of_each_build(publish_folder: Path) -> dict[str, str]:
    """The newest whole generation of each build, by the build."""
    return {build_of(publish_folder / name): name for name in generations(publish_folder)}


def prune(publish_folder: Path, kept: int) -> None:
    """Removes all but the newest generation of each of the newest builds, and never the one that is pointed to."""
    newest = newest_of_each_build(publish_folder)
    stays = {*(newest[build] for build in sorted(newest)[-kept:]), current(publish_folder)}
    for name in generations(publish_folder):
        if name not in stays:
            remove(publish_folder / name)


def sweep(publish_folder: Path) -> None:
    """Removes what a killed run left unfinished."""
    for path in publish_folder.glob(f"{TEMPORARY}*"):
        remove(path)


def remove(path: Path) -> None:
    """Removes a file or a folder whose files are read-only."""
    if path.is_symlink() or path.is_file():
        path.unlink()
        return
    for folder, _, _ in os.walk(path):
        Path(folder).chmod(0o755)
    shutil.rmtree(path)


def copy_in(source: Path, target: Path) -> None:
    """Copies a file or a folder to a place in a generation."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)


def link_in(source: Path, target: Path) -> None:
    """Takes a file or a folder of one generation into another; files are never written again, so they are shared."""
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_link)
    else:
        _link(source, target)


def _link(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a disk that knows no links
        shutil.copy2(source, target)


def _name(publish_folder: Path) -> str:
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%fZ")
    newest = max(generations(publish_folder), default="")
    # a clock moved back must not make a new generation older than the last one
    return stamp if stamp > newest else f"{newest}+"


def _flush(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
