"""Chromium, and what a page did while it was watched: what it asked for, what it complained about, how heavy it was."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response, ViewportSize

DESKTOP: "ViewportSize" = {"width": 1440, "height": 900}
PHONE: "ViewportSize" = {"width": 390, "height": 844}
Theme = Literal["light", "dark"]
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_EXPECTED = ("Failed to load resource",)
"""What Chromium itself says of every answer of 400 and above: a page that shows a refusal is not at fault."""


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Yield a browser, or skip the tests where there is none.

    Playwright keeps an event loop running in this thread until it is closed, so close it before other tests make theirs.
    """
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        # Unless told not to, it keeps spare processes ready for pages that no test opens.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--renderer-process-limit=1"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A page, and what happened on it."""

    page: "Page"
    origin: str
    complaints: list[str] = field(default_factory=list)
    """Console errors, uncaught exceptions and breaches of the content security policy."""
    outside: list[str] = field(default_factory=list)
    """Requests to anywhere but the server itself."""
    n_bytes: int = 0
    n_requests: int = 0

    def begin(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_EXPECTED):
            self.complaints.append(message.text)

    def _asked(self, request: Any) -> None:
        self.n_requests += 1
        if not request.url.startswith((self.origin, "data:", "blob:", "about:")):
            self.outside.append(request.url)

    def _answered(self, response: "Response") -> None:
        self.n_bytes += int(response.headers.get("content-length", 0))

    def check(self) -> None:
        """Fail if the page complained, or asked anybody but its own server."""
        assert self.complaints == [], f"{self.page.url} complained"
        assert self.outside == [], f"{self.page.url} asked elsewhere"


def watch(page: "Page", origin: str) -> Watched:
    watched = Watched(page, origin)
    watched.begin()
    return watched


def accessibility_problems(page: "Page") -> list[str]:
    """Return what axe finds against WCAG A and AA, a line each."""
    from axe_playwright_python.sync_playwright import Axe

    # Into a sandboxed frame axe cannot look; what is shown there is looked at on its own.
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": list(RULES)}, "iframes": False}).response["violations"]
    return [f"{rule['id']}: {rule['help']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def sideways_overflow(page: "Page") -> list[str]:
    """Return the elements that make the page wider than the screen; empty when nothing scrolls sideways."""
    return page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll("body *")]
                .filter((element) => element.getBoundingClientRect().right > width + 1)
                .map((element) => element.outerHTML.slice(0, 120))
                .slice(0, 5)
        }"""
    )


def photograph(page: "Page", name: str) -> None:
    """Keep a picture of the whole page when ``NIGHTSHIFT_SCREENSHOTS`` names a folder."""
    folder = os.environ.get("NIGHTSHIFT_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
