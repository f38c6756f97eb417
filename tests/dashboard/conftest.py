"""One browser, one server and one login for all tests of the dashboard."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.dashboard.browsing import PHONE, Theme, Watched, chromium, watch
from tests.dashboard.campaigns import FINISHED, HELD, PART, RUNNING, SAMPLES, TWO_GOALS, seed
from tests.dashboard.server import Server, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ViewportSize


@dataclass(frozen=True)
class Visit:
    """A browser that has signed in."""

    browser: "Browser"
    server: Server
    state: Any
    """Cookies, so that one login serves every window."""

    def window(self, size: "ViewportSize", theme: Theme = "light", *, is_signed_in: bool = True) -> "BrowserContext":
        is_phone = size == PHONE
        return self.browser.new_context(
            viewport=size, color_scheme=theme, has_touch=is_phone, is_mobile=is_phone, storage_state=self.state if is_signed_in else None
        )

    def open(self, context: "BrowserContext", address: str) -> Watched:
        """Open a page and watch it from its first request."""
        page = context.new_page()
        watched = watch(page, self.server.origin)
        page.goto(self.server.origin + address)
        return watched


@pytest.fixture(scope="package")
def browser() -> "Iterator[Browser]":
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def server(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over a ledger with a finished campaign and a stopped night over samples. Without a browser none is started."""
    folder = tmp_path_factory.mktemp("dashboard")
    ledger = f"sqlite:///{Path(folder) / 'ledger.db'}"
    seed(ledger)
    with serving(folder, ledger) as server:
        yield server


@pytest.fixture(scope="package")
def visit(browser: "Browser", server: Server) -> Visit:
    """A browser that signed in with the printed link."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.login_link())
    page.get_by_role("button", name="Sign out").wait_for(state="attached")
    state = context.storage_state()
    context.close()
    return Visit(browser, server, state)


@pytest.fixture(scope="package")
def campaigns(visit: Visit) -> dict[str, str]:
    """Ids of a campaign that runs, one that waits for a person, one that is over, one of two objectives, one over samples and its part."""
    context = visit.window(PHONE)
    page = visit.open(context, "/").page
    started = {word: _start(page, text) for word, text in (("running", RUNNING), ("held", HELD))}
    page.get_by_role("link", name="Decide").wait_for()
    page.locator(".fleet-card.ok").wait_for()
    context.close()
    return {**started, "finished": FINISHED, "two_goals": TWO_GOALS, "samples": SAMPLES, "part": PART}


def _start(page: Any, text: str) -> str:
    """Start a campaign through the API, as the page does it, and return its id."""
    return page.evaluate(
        """async (spec) => {
            const { csrf } = await (await fetch("/api/v1/session")).json();
            const headers = {"Content-Type": "application/json", "X-CSRF-Token": csrf, "Idempotency-Key": crypto.randomUUID()};
            const answer = await fetch("/api/v1/campaigns", {method: "POST", headers, body: JSON.stringify({spec})});
            if (answer.status !== 201) throw new Error(await answer.text());
            return (await answer.json()).campaign;
        }""",
        text,
    )
