"""A real browser without a network, for what is looked at in one. No test, but what tests are made of."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium that Selenium drives, and that reaches nothing but files; skips where there is none."""
    if os.environ.get("XREFGRAPH_HYPOTHESIS") == "smoke":
        pytest.skip("a page is the same whichever Python wrote it (XREFGRAPH_HYPOTHESIS=smoke)")
    selenium = pytest.importorskip("selenium", reason="selenium drives the browser")
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService  # noqa: PLC0415

    del selenium
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    if found is None or driver is None:
        pytest.skip(
            "there is no chromium with its chromedriver here (Debian: chromium, chromium-driver)"
        )
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as folder:
        options = ChromeOptions()
        options.binary_location = found
        for argument in (
            "--headless=new",
            f"--user-data-dir={folder}",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--proxy-server=127.0.0.1:9",  # nobody is there
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--hide-scrollbars",
            *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        browser = Chrome(options=options, service=ChromeService(driver))
        try:
            yield browser
        finally:
            browser.quit()


def size(browser: Any, width: int, height: int = 900, *, dark: bool = False) -> None:
    """Make the window so large, and light or dark."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )
    scheme = "dark" if dark else "light"
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )


def opened(browser: Any, path: Path) -> None:
    """Open a file, with nothing left in the logs of what was before."""
    browser.get("about:blank")
    complaints(browser)
    requests(browser)
    browser.get(path.absolute().as_uri())


def complaints(browser: Any) -> list[str]:
    """What the page wrote to the console, and its errors, since it was asked last."""
    return [one["message"] for one in browser.get_log("browser")]


def requests(browser: Any) -> list[str]:
    """What was asked for since it was asked last."""
    found = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            # The browser's own pages are no request of ours, and no page of ours could ask for one.
            if not url.startswith(("chrome://", "chrome-untrusted://")):
                found.append(url)
    return found
