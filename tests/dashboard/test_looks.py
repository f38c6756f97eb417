"""Every page in a real browser: nothing on the console, nothing from elsewhere, readable, reachable by keyboard and by thumb."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from tests.dashboard.browsing import DESKTOP, PHONE, Theme, accessibility_problems, photograph, sideways_overflow
from tests.dashboard.conftest import Visit
from tests.dashboard.pages import PAGES, Page

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

SHAPES: Mapping[str, tuple["ViewportSize", Theme]] = {
    "desktop": (DESKTOP, "light"),
    "phone": (PHONE, "light"),
    "dark": (DESKTOP, "dark"),
    "dark phone": (PHONE, "dark"),
}
IN_SHORT = [(page, "phone") for page in PAGES] + [(page, "desktop") for page in PAGES if page.name in ("fleet", "finished")]
IN_FULL = [(page, shape) for page in PAGES for shape in SHAPES if (page, shape) not in IN_SHORT]


def look(visit: Visit, campaigns: dict[str, str], page: Page, shape: str) -> None:
    size, theme = SHAPES[shape]
    context = visit.window(size, theme, is_signed_in=page.is_signed_in)
    try:
        began = time.monotonic()
        watched = visit.open(context, page.of(campaigns))
        watched.page.locator(page.ready).first.wait_for()
        ready_s = time.monotonic() - began
        photograph(watched.page, f"{page.name}-{shape.replace(' ', '-')}")
        watched.check()
        assert accessibility_problems(watched.page) == []
        assert sideways_overflow(watched.page) == []
        print(f"{page.name} ({shape}): {watched.n_bytes / 1024:.0f} KiB in {watched.n_requests} requests, ready after {ready_s:.2f} s")  # noqa: T201
    finally:
        context.close()


def named(value: object) -> str:
    return value.name if isinstance(value, Page) else str(value)


@pytest.mark.parametrize(("page", "shape"), IN_SHORT, ids=named)
def test_a_page_is_accessible_and_asks_nobody_else(visit: Visit, campaigns: dict[str, str], page: Page, shape: str) -> None:
    look(visit, campaigns, page, shape)


def test_a_campaign_that_is_none_is_said_without_a_picture_that_fills_the_page(visit: Visit) -> None:
    context = visit.window(DESKTOP, "light")
    try:
        page = visit.open(context, "/campaigns/nosuch").page
        page.get_by_role("heading", name="This campaign cannot be shown").wait_for()
        heights = page.locator("svg").evaluate_all("icons => icons.map((icon) => icon.getBoundingClientRect().height)")
        assert max(heights) < 64
        page.get_by_role("link", name="All campaigns").click()
        page.wait_for_url("**/campaigns")
    finally:
        context.close()


@pytest.mark.slow
@pytest.mark.parametrize(("page", "shape"), IN_FULL, ids=named)
def test_so_it_is_in_every_size_and_colour(visit: Visit, campaigns: dict[str, str], page: Page, shape: str) -> None:
    look(visit, campaigns, page, shape)
