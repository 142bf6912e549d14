"""Dirty exports come back exactly or are refused; none is silently wrong."""

from __future__ import annotations

import pytest

from conftest import Site
from dirty_exports import DOCUMENT, Result, document, run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dirty")]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    return run(Site(tmp_path_factory.mktemp("dirty")))


def test_none_is_silently_wrong(results: list[Result]) -> None:
    assert [(each.case.family, each.case.name, each.told) for each in results if each.outcome == "wrong"] == []


def test_at_least_eighty_are_tried_and_most_come_back_exactly(results: list[Result]) -> None:
    assert len(results) >= 80
    assert sum(each.outcome == "exact" for each in results) >= 0.6 * len(results)


def test_a_refusal_names_the_file(results: list[Result]) -> None:
    for each in results:
        if each.outcome == "refused":
            assert any(each.told.startswith(f"{path}: ") for path in each.case.files), each.told


def test_the_table_in_the_documentation_is_of_today(results: list[Result]) -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(results)
