"""A Chromium for tests: the one of the machine, or why there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """Where it is. Skips the test where a person has none, fails it where nobody would see that it was skipped."""
    found = os.environ.get("SALES_KPI_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    said = "no Chromium on this machine; install it (Debian: apt-get install chromium) or say where: SALES_KPI_CHROMIUM"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser without a window."""
    path = chromium()
    with sync_playwright() as playwright:
        # /dev/shm is small in containers
        browser = playwright.chromium.launch(executable_path=path, args=["--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()
