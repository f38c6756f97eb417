"""A night steered from a phone, and nothing else: sign in, start, approve, edit, pause, lose the server, safe-stop, read the report."""

import re
from typing import TYPE_CHECKING

import pytest

from orchestrator import bootstrap
from orchestrator.domain import events as ev
from orchestrator.domain.events import LedgerEvent
from orchestrator.processes import this_person
from tests.dashboard.browsing import PHONE, watch
from tests.dashboard.campaigns import FROM_THE_PAGE
from tests.dashboard.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MOST_MS = 60_000
"""An engine starts within seconds, but other tests may keep the machine busy."""
LATEST = "() => Number(document.querySelector('.decision h3')?.innerText.match(/\\d+/)?.[0] ?? 0)"
"""The number of the newest trial on the page."""


@pytest.mark.timeout(300)
def test_a_night_is_steered_from_a_phone(browser: "Browser", server: Server) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    try:
        context.set_default_timeout(MOST_MS)
        page = context.new_page()
        watched = watch(page, server.origin)
        page.goto(server.login_link())
        campaign = start_from_the_page(page)
        approve_one_and_edit_one(page)
        pause_and_resume(page, server, campaign)
        watched.check()
        lose_the_server_for_a_moment(page, server)
        safe_stop_resume_and_stop(page)
        read_the_report(page)
    finally:
        context.close()
    check_ledger(server, campaign)


def start_from_the_page(page: "Page") -> str:
    page.get_by_role("link", name="New campaign").last.click()
    page.get_by_role("textbox", name="Campaign file").fill(FROM_THE_PAGE)
    page.get_by_text("This can be run").wait_for()
    page.get_by_role("button", name="Start campaign").click()
    page.wait_for_url(re.compile(r"/campaigns/from-the-page-"))
    says(page, "held")
    return page.url.rsplit("/", 1)[1]


def approve_one_and_edit_one(page: "Page") -> None:
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Approvals").click()
    first = page.locator(".approval", has_text="trial 1")
    first.get_by_role("button", name="Approve").click()
    page.get_by_role("dialog").get_by_label("Note").fill("looks fine")
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    second = page.locator(".approval", has_text="trial 2")
    second.get_by_role("button", name="Edit").click()
    page.get_by_role("dialog").get_by_label("theta").select_option(index=0)
    page.get_by_role("dialog").get_by_role("button", name="Measure this instead").click()
    second.wait_for(state="detached")


def pause_and_resume(page: "Page", server: Server, campaign: str) -> None:
    page.goto(f"{server.origin}/campaigns/{campaign}")
    has_trial(page, 7)
    page.get_by_role("button", name="Show more").click()
    press(page, "Pause")
    says(page, "paused")
    press(page, "Resume")
    says(page, "running|thinking")


def lose_the_server_for_a_moment(page: "Page", server: Server) -> None:
    """The API is killed while the campaign goes on; the page says so, comes back by itself, and shows every trial of the time between."""
    before = int(page.evaluate(LATEST))
    server.api().kill()
    page.locator(".connection.offline").wait_for()
    page.locator(".connection.live").wait_for()
    has_trial(page, before + 4)
    shown = [int(text.split()[1]) for text in page.locator(".decision h3").all_inner_texts()]
    assert shown == list(range(shown[0], shown[0] - len(shown), -1))
    assert before in shown, "the page does not reach back to what was there before"


def safe_stop_resume_and_stop(page: "Page") -> None:
    press(page, "Safe-stop")
    page.get_by_role("dialog").get_by_role("button", name="Safe-stop now").click()
    says(page, "stopped")
    press(page, "Resume")
    says(page, "running|thinking")
    press(page, "More orders")
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    page.get_by_role("dialog", name="Stop the campaign?").get_by_role("button", name="Stop", exact=True).click()
    says(page, "stopped")


def read_the_report(page: "Page") -> None:
    page.get_by_role("link", name="Report").click()
    page.get_by_role("heading", name="Morning report").wait_for()
    page.frame_locator("iframe.report").get_by_text("What was found").wait_for()


def check_ledger(server: Server, campaign: str) -> None:
    """Everything that was pressed is on record, with who and why, and nothing else was done."""
    with bootstrap.open_workplace(server.ledger) as workplace:
        events = bootstrap.load_events(workplace, campaign)
    approved = [(event.actor, event.data.note) for event in events if isinstance(event.data, ev.TrialApproved)]
    assert approved == [(this_person(), "looks fine")]
    edited = [event.data for event in events if isinstance(event.data, ev.TrialSuggested) and event.data.kind == "human"]
    assert len(edited) == 1
    assert by_people(events) == ["created", "started", "paused", "resumed", "stopped", "resumed", "stopped"]


def by_people(events: tuple[LedgerEvent, ...]) -> list[str]:
    """Return what people made of the campaign itself, in order."""
    ordered = [event.data.type for event in events if event.actor.startswith("human:")]
    return [word.removeprefix("campaign-") for word in ordered if word.startswith("campaign-")]


def has_trial(page: "Page", number: int) -> None:
    """Wait until the page shows a trial of this number or a later one."""
    page.wait_for_function(f"(wanted) => ({LATEST})() >= wanted", arg=number)


def press(page: "Page", name: str) -> None:
    """Press a button of the bar that is always on a phone's screen."""
    page.locator(".action-bar").get_by_role("button", name=name).click()


def says(page: "Page", word: str) -> None:
    """Wait until the page's first word is this one."""
    page.locator(".verdict-word").get_by_text(re.compile(f"^({word})$", re.IGNORECASE)).wait_for()
