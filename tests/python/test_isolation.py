"""A load and a publication ask for no network and write nothing outside of the folders they were given."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Site
from small_build import write_build
from warehouse.settings import PROJECT

# what Python opens is reported by its own audit hooks; what libraries open by themselves shows in the folders watched
WATCHED = """
import os, runpy, sys
from pathlib import Path

log = open(os.environ["AUDITED"], "a")
mode = os.O_WRONLY | os.O_RDWR | os.O_CREAT

def hook(event, told):
    if event.startswith("socket.") or event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"):
        log.write(f"{event}\\t{told!r}\\n")
    elif event == "open" and isinstance(told[0], str | bytes) and isinstance(told[2], int) and told[2] & mode:
        log.write(f"open\\t{os.path.abspath(os.fsdecode(told[0]))}\\n")
    elif event in ("os.mkdir", "os.remove", "os.rename", "os.link", "os.symlink"):
        changed = os.fsdecode(told[0 if event in ("os.mkdir", "os.remove") else 1])
        # the last is the open folder that a name is in, when it is not the current one
        folder = os.getcwd() if told[-1] < 0 else os.readlink(f"/proc/self/fd/{told[-1]}")
        log.write(f"open\\t{os.path.abspath(os.path.join(folder, changed))}\\n")
    log.flush()

sys.addaudithook(hook)
"""
LOAD = WATCHED + 'sys.argv = ["load.py"]\nrunpy.run_path(sys.path[1] + "/load.py", run_name="__main__")\n'
PUBLISH = (
    WATCHED
    + """
from small_build import MARTS
from warehouse.publishing import publish
publish(Path(os.environ["BUILD"]), MARTS, {}, Path(os.environ["SALES_KPI_PUBLISH"]))
"""
)


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Files below a folder, each with its size and when it was changed."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def cut_off() -> list[str]:
    """The command that runs another one without a network."""
    for command in (["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return command
    assert not os.environ.get("CI"), "a process without a network cannot be made"
    pytest.skip("this machine lets nobody make a process without a network")


def test_a_load_and_a_publication_need_no_network_and_write_in_their_own_folders_alone(tmp_path: Path) -> None:
    site, away = Site(tmp_path / "site"), tmp_path / "away"
    for name in ("home", "tmp", "here"):
        (away / name).mkdir(parents=True)
    site.drop("hubspot/owners.csv", "id,email,firstName\n1,zoe@nordlys.fr,Zoé\n")
    site.drop("hubspot_b/owners.json", '[{"id":"2","email":"sam@nordlys.fr","firstName":"Sam"}]')
    build = write_build(tmp_path / "build.duckdb", 1)
    told = tmp_path / "told"
    told.touch()
    # who measures what these tests take writes a file of its own
    measured = {name for name in os.environ if name.startswith("COVERAGE_")}
    environment = {name: value for name, value in site.environment.items() if name not in measured} | {
        "HOME": str(away / "home"),
        "TMPDIR": str(away / "tmp"),
        "XDG_CACHE_HOME": str(away / "home" / "cache"),
        "PYTHONPATH": f"{PROJECT / 'scripts'}{os.pathsep}{PROJECT / 'tests' / 'python'}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SALES_KPI_TARGETS": "",
        "AUDITED": str(told),
        "BUILD": str(build),
    }
    before = {folder: state(folder) for folder in (site.settings.extracts, PROJECT / "scripts", PROJECT / "seeds")}
    for code in (LOAD, PUBLISH):
        done = subprocess.run(
            [*cut_off(), sys.executable, "-c", code],
            cwd=away / "here",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2_000:]
    assert site.raw("select count(*) from hubspot.owners") == [(2,)]
    assert (site.settings.publish / "current" / "tableau").is_dir(), "every kind of file was written"
    lines = [line.split("\t", 1) for line in told.read_text().splitlines()]
    # a library tries whether this machine has IPv6 by a socket of its own, which is connected to nothing
    others = {(event, "::1" in said) for event, said in lines if event not in ("open", "socket.__new__")}
    assert others <= {("socket.bind", True)}, "no connection, no name asked for, no other process"
    written = [Path(path) for event, path in lines if event == "open"]
    mine = (site.settings.warehouse, site.settings.publish, away / "tmp", Path("/dev/null"))
    outside = {path for path in written if not any(path.is_relative_to(folder) for folder in mine)}
    assert outside == set()
    assert len(written) > 10, "what is written is seen"
    assert list(state(away)) == [], "nothing stays behind in a home, a folder for what is temporary, or the current one"
    for folder, was in before.items():
        assert state(folder) == was
    for place, held in ((site.root, {"extracts", "warehouse", "publish"}), (tmp_path, None)):
        assert {path.name for path in place.iterdir()} == (held or {"site", "away", "told", "build.duckdb"})
