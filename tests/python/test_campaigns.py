"""`make proof` leaves out what passed of the same code, and its table keeps the rows of what was not run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from campaigns import CODE, HEADING, Ended, Recorded, code_of, name_of, read_record, rows_of, with_rows
from warehouse.settings import PROJECT

PASSED = Ended("tests/python/test_damage.py::test_a[1]", "abc", "passed", 90.0, "2026-11-29")
FAILED = replace(PASSED, test="tests/python/test_damage.py::test_b", outcome="failed", day="2026-11-30")
DOCUMENT = f"""# Title

{HEADING}

Words before.

| campaign | old titles |
|---|---|
| `test_clean_days.py` | Kept | 1 of 1 | 9 min | 2026-11-01 | 123 |
| `test_damage.py` | Replaced | 0 of 1 | 9 min | 2026-11-01 | 123 |

## What follows

| `test_faults.py` | of another table |
"""


def test_a_row_counts_what_passed_of_what_was_asked_for() -> None:
    rows = rows_of([PASSED, FAILED], [PASSED.test, FAILED.test, "tests/python/test_damage.py::test_not_reached"], "a1")
    subject = "What happens to a disk, a file or a clock is one line, and what was there before stays."
    assert list(rows) == ["test_damage.py"]
    cells = [cell.strip() for cell in rows["test_damage.py"].strip("|").split("|")]
    assert cells == ["`test_damage.py`", subject, "1 of 3", "3 min", "2026-11-30", "a1"]


def test_rows_of_what_was_not_run_stay_and_nothing_else_is_touched() -> None:
    written = with_rows(
        DOCUMENT, {"test_damage.py": "| `test_damage.py` | New |", "test_a.py": "| `test_a.py` | New |"}
    )
    rows = [line for line in written.splitlines() if line.startswith("| `")]
    assert [row.split("|")[1].strip(" `") for row in rows] == [
        "test_a.py",
        "test_clean_days.py",
        "test_damage.py",
        "test_faults.py",
    ]
    assert "Replaced" not in written
    assert written.startswith(f"# Title\n\n{HEADING}\n\nWords before.\n\n| campaign |")
    assert written.endswith(DOCUMENT.partition("\n## What follows")[2])
    assert with_rows(written, {}) == written


def test_a_test_has_no_group_in_its_name_and_keeps_what_looks_like_one() -> None:
    assert name_of("a.py::test_b[x@y]@truth 7") == "a.py::test_b[x@y]"
    assert name_of("a.py::test_b") == "a.py::test_b"


def test_the_code_of_a_campaign_is_all_that_could_change_it(tmp_path: Path) -> None:
    for place in CODE:
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("x", encoding="utf-8")
    before = code_of(tmp_path)
    (tmp_path / "README.md").write_text("words", encoding="utf-8")
    assert code_of(tmp_path) == before
    (tmp_path / "models").write_text("y", encoding="utf-8")
    assert code_of(tmp_path) != before


def test_only_what_passed_of_the_same_code_is_left_out(tmp_path: Path) -> None:
    record = tmp_path / "folder" / "campaigns.jsonl"
    plugin = Recorded(record)
    for ended in (PASSED, replace(FAILED, code=plugin.code), replace(PASSED, code=plugin.code, test="a.py::test_c")):
        plugin._keep(ended)
    assert set(read_record(record, plugin.code)) == {FAILED.test, "a.py::test_c"}
    assert read_record(tmp_path / "none", plugin.code) == {}


@pytest.mark.slow
def test_a_campaign_that_was_stopped_goes_on_and_one_that_is_through_runs_nothing(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    shutil.copy(PROJECT / "docs" / "reliability.md", tmp_path / "docs")
    tests = tmp_path / "test_numbers.py"
    tests.write_text(
        '"""Numbers."""\nimport pytest\n\n@pytest.mark.parametrize("n", [1, 2, 3])\ndef test_n(n):\n    assert n != 2\n'
    )
    plugin = (
        "import sys, pytest, campaigns; from pathlib import Path; campaigns.REPORT = Path('docs/reliability.md'); "
        "campaigns._subject = lambda module: 'Numbers'; campaigns.code_of = lambda project: sys.argv[1]; "
        "chosen = ['-p', 'no:cacheprovider', 'test_numbers.py', *sys.argv[2:]]; "
        "sys.exit(pytest.main(chosen, [campaigns.Recorded(Path('record'))]))"
    )

    def run(code: str, *chosen: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", plugin, code, *chosen],
            cwd=tmp_path,
            env={"PYTHONPATH": f"{PROJECT / 'tests' / 'python'}:{PROJECT / 'scripts'}", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout

    status, said = run("first")
    assert (status, "1 failed, 2 passed" in said) == (1, True), said
    assert "| `test_numbers.py` | Numbers | 2 of 3 | 1 min |" in (tmp_path / "docs" / "reliability.md").read_text()
    status, said = run("first")
    assert (status, "1 failed, 2 deselected" in said) == (1, True), said
    tests.write_text(tests.read_text().replace("n != 2", "True"))
    status, said = run("first")
    assert (status, "1 passed, 2 deselected" in said) == (0, True), said
    status, said = run("first")
    assert (status, "3 deselected" in said) == (0, True), said
    assert "| 3 of 3 |" in (tmp_path / "docs" / "reliability.md").read_text()
    status, said = run("second")
    assert (status, "3 passed" in said) == (0, True), said
    status, said = run("third", "-k", "test_n[1]")
    assert (status, "1 passed" in said) == (0, True), said
    assert "| 3 of 3 |" in (tmp_path / "docs" / "reliability.md").read_text(), "a part is not told as a whole"


@pytest.mark.slow
def test_make_proof_knows_its_options_where_no_record_is_kept_yet(tmp_path: Path) -> None:
    said = subprocess.run(
        ["make", "--dry-run", "proof", f"VENV={tmp_path}", "ONLY=--collect-only --ignore-glob=*/test_[!k]*"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    command = next(line for line in said.stdout.splitlines() if " -m pytest " in line)
    # to list tests no workers are needed
    asked = command.replace("-n 2", "-n 0").split(" -m pytest ")[1].split()
    done = subprocess.run([sys.executable, "-m", "pytest", *asked], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "test_killed_runs.py" in done.stdout
    assert not (tmp_path / "campaigns.jsonl").exists()
