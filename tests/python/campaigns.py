"""`make proof` goes on where it was stopped, and says in docs/reliability.md what it saw.

A campaign is the tests of a module that are marked `proof`. Each that ended is a line of a record on this machine; what
passed is not run again until the code changes. The table keeps the rows of what was not run, or in part.
"""

from __future__ import annotations

import ast
import datetime as dt
import hashlib
import json
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from warehouse.settings import PROJECT

REPORT = PROJECT / "docs" / "reliability.md"
HEADING = "## Campaigns, as they were last run"
TITLES = "| campaign | what it tries to find wrong | passed | took | on | code |\n|---|---|---|---|---|---|"
CODE = ("models", "macros", "seeds", "scripts", "tests", "dbt_project.yml", "profiles.yml", "requirements-dev.txt")


@dataclass(frozen=True)
class Ended:
    """A test that ended: of which code, how, on which day, and in how many seconds."""

    test: str
    code: str
    outcome: str
    seconds: float
    day: str


def name_of(nodeid: str) -> str:
    """A test without the group that xdist puts behind it."""
    return re.sub(r"@[^]]*$", "", nodeid)


def module_of(test: str) -> str:
    return Path(test.split("::")[0]).name


def code_of(project: Path) -> str:
    """A hash of all that a campaign could come out otherwise for."""
    digest = hashlib.sha256()
    for place in CODE:
        root = project / place
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(project)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def read_record(record: Path, code: str) -> dict[str, Ended]:
    """What ended of this code, the last time each."""
    if not record.exists():
        return {}
    lines = (Ended(**json.loads(line)) for line in record.read_text(encoding="utf-8").splitlines())
    return {ended.test: ended for ended in lines if ended.code == code}


def rows_of(ended: Iterable[Ended], asked: Iterable[str], label: str) -> dict[str, str]:
    """A row for each module with a test that ended; `asked` are all its tests, those not reached among them."""
    total = Counter(map(module_of, asked))
    found: defaultdict[str, list[Ended]] = defaultdict(list)
    for each in ended:
        found[module_of(each.test)].append(each)
    rows = {}
    for module, tests in found.items():
        passed = sum(each.outcome == "passed" for each in tests)
        minutes = max(1, round(sum(each.seconds for each in tests) / 60))
        day = max(each.day for each in tests)
        rows[module] = (
            f"| `{module}` | {_subject(module)} | {passed} of {total[module]} | {minutes} min | {day} | {label} |"
        )
    return rows


def _subject(module: str) -> str:
    """The first line of a module's docstring."""
    tree = ast.parse((PROJECT / "tests" / "python" / module).read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").split("\n")[0]


def with_rows(document: str, rows: Mapping[str, str]) -> str:
    """The document with some rows of its table of campaigns replaced or added, in the order of their names."""
    before, _, rest = document.partition(f"{HEADING}\n")
    table, following, after = rest.partition("\n## ")
    kept = {match[1]: match[0] for match in re.finditer(r"^\| `([^`]+)` \|.*$", table, re.MULTILINE)}
    said = table.partition("| campaign |")[0].strip()
    body = "\n".join(row for _, row in sorted({**kept, **rows}.items()))
    return f"{before}{HEADING}\n\n{said}\n\n{TITLES}\n{body}\n{following}{after}"


class Resumed:
    """Leaves out what passed of this code."""

    def __init__(self, record: Path) -> None:
        self.record = record
        self.code = code_of(PROJECT)
        self.ended = read_record(record, self.code)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        done = {test for test, each in self.ended.items() if each.outcome == "passed"}
        config.hook.pytest_deselected(items=[item for item in items if name_of(item.nodeid) in done])
        items[:] = [item for item in items if name_of(item.nodeid) not in done]


class Recorded(Resumed):
    """Keeps a record of what ends, too, and rewrites the table when all has; of several processes one does."""

    def __init__(self, record: Path) -> None:
        super().__init__(record)
        self.asked: set[str] = set()
        self.begun: dict[str, float] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.asked.update(name_of(item.nodeid) for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.asked.update(map(name_of, ids))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = name_of(report.nodeid)
        if report.when == "setup" and report.passed:
            self.begun[test] = report.duration
        elif report.when != "teardown" or report.failed:
            seconds = round(self.begun.pop(test, 0.0) + report.duration, 1)
            self._keep(Ended(test, self.code, report.outcome, seconds, f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"))

    def _keep(self, ended: Ended) -> None:
        self.ended[ended.test] = ended
        self.record.parent.mkdir(parents=True, exist_ok=True)
        with self.record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(ended)) + "\n")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.ended:
            session.exitstatus = pytest.ExitCode.OK
        # of a part of a campaign it is not known how many tests it has
        if session.config.option.keyword or any("::" in each for each in session.config.args):
            return
        rows = rows_of(self.ended.values(), self.asked | self.ended.keys(), _commit())
        REPORT.write_text(with_rows(REPORT.read_text(encoding="utf-8"), rows), encoding="utf-8")


def _commit() -> str:
    """The commit that is checked out, and whether the code is another one by now."""
    git = ["git", "-C", str(PROJECT)]
    said = [
        subprocess.run([*git, *asked], capture_output=True, text=True).stdout.strip()
        for asked in (
            ("rev-parse", "--short", "HEAD"),
            ("status", "--porcelain", "--", *CODE),
        )
    ]
    return f"{said[0] or 'no commit'}{', changed' if said[1] else ''}"
