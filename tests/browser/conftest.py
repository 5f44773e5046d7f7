"""A real browser for the pages: Chromium as the system has it, and nothing fetched.

Where there is none the tests are skipped, unless REQUIRE_TOOLS=1 says that they must run.
"""

import os
import resource
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        if os.environ.get("REQUIRE_TOOLS"):
            pytest.fail("no Chromium is installed, and REQUIRE_TOOLS asks for it")
        pytest.skip("no Chromium is installed; on Debian: apt-get install chromium")
    # A command that ran in this process before has bounded its memory; a browser wants more.
    bound, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path)
            yield browser
            browser.close()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (bound, most))
