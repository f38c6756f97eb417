"""Everything that matters is within reach: by keyboard, by thumb, for whoever may not use it, and after a reload."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.dashboard.browsing import DESKTOP, PHONE, accessibility_problems, watch
from tests.dashboard.conftest import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Page

FINGER_PX = 44
MOST_TABS = 40


@pytest.fixture
def phone(visit: Visit) -> "Iterator[Page]":
    context = visit.window(PHONE)
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(visit: Visit) -> "Iterator[Page]":
    context = visit.window(DESKTOP)
    yield context.new_page()
    context.close()


def focused(page: "Page") -> str:
    return page.evaluate("() => document.activeElement.innerText ?? ''").strip()


def press_though_refused(page: "Page", name: str) -> None:
    """Press a button that keeps its place although it does nothing but say why."""
    page.get_by_role("button", name=name).first.click(force=True)


def test_pause_and_safe_stop_are_on_the_screen_and_large_enough_for_a_thumb(phone: "Page", visit: Visit, campaigns: dict[str, str]) -> None:
    phone.goto(f"{visit.server.origin}/campaigns/{campaigns['running']}")
    phone.locator(".verdict-word").wait_for()
    for name in ("Pause", "Safe-stop"):
        box = phone.locator(".action-bar").get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= FINGER_PX
        assert box["y"] + box["height"] <= PHONE["height"]


def test_what_tiled_lacks_is_told_and_nothing_where_it_lacks_nothing(desk: "Page", visit: Visit, campaigns: dict[str, str]) -> None:
    desk.goto(f"{visit.server.origin}/campaigns/{campaigns['finished']}")
    desk.locator(".documents li").wait_for()
    assert "documents, and nobody sends them now; run nightshift documents --send" in desk.locator(".documents").inner_text()
    desk.goto(f"{visit.server.origin}/campaigns/{campaigns['running']}")
    desk.locator(".verdict-figures .value").first.wait_for()
    assert not desk.locator(".documents").is_visible()


def test_each_trial_on_the_front_of_two_objectives_is_a_press_from_its_details(
    phone: "Page", visit: Visit, campaigns: dict[str, str]
) -> None:
    phone.goto(f"{visit.server.origin}/campaigns/{campaigns['two_goals']}")
    row = phone.locator(".front tbody tr").first
    row.wait_for()
    number, flux, size = row.locator("td").all_inner_texts()
    assert "nA" in flux
    assert "µm" in size
    row.get_by_role("button").tap()
    phone.get_by_role("dialog", name=f"Trial {number}").wait_for()
    phone.goto(f"{visit.server.origin}/campaigns/{campaigns['finished']}")
    phone.locator(".decision").first.wait_for()
    assert not phone.locator(".front").is_visible()


def test_safe_stop_is_reached_and_left_by_keyboard_alone(desk: "Page", visit: Visit, campaigns: dict[str, str]) -> None:
    desk.goto(f"{visit.server.origin}/campaigns/{campaigns['running']}")
    desk.locator(".verdict-word").wait_for()
    passed: list[str] = []
    while "Safe-stop" not in passed and len(passed) < MOST_TABS:
        desk.keyboard.press("Tab")
        passed.append(focused(desk))
    assert passed[0] == "Skip to content"
    assert passed[-1] == "Safe-stop"
    desk.keyboard.press("Enter")
    dialog = desk.get_by_role("dialog")
    dialog.wait_for()
    assert dialog.evaluate("(dialog) => dialog.contains(document.activeElement)")
    desk.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert focused(desk) == "Safe-stop"


def test_a_night_over_samples_says_how_far_it_is_and_leads_to_a_part_and_back(
    desk: "Page", visit: Visit, campaigns: dict[str, str]
) -> None:
    watched = watch(desk, visit.server.origin)
    desk.goto(f"{visit.server.origin}/campaigns/{campaigns['samples']}")
    desk.locator(".samples td a").first.wait_for()
    assert desk.locator(".verdict-figures .value").all_inner_texts()[:2] == ["1 of 3", "5 of 7"]
    assert desk.locator(".verdict-figures .remark").first.inner_text() == "1 skipped, 1 to go"
    rows = [" ".join(text.split()) for text in desk.locator(".samples tbody tr").all_inner_texts()]
    assert rows[0] == "A1 at 1 A1 load: done A1 align: 612.4 in 3 trials A1 measure: 1070.2 in 2 trials 1070.2 counts in measure"
    assert rows[1].endswith("not run – load failed: no sample at position 2 of the holder")
    assert "nothing scored" not in desk.locator("main").inner_text().lower()
    desk.locator(".samples a", has_text="A3 align").focus()
    desk.keyboard.press("Enter")
    desk.get_by_role("navigation", name="All samples").get_by_text("A3 · align").wait_for()
    desk.get_by_role("link", name=campaigns["samples"], exact=True).click()
    desk.get_by_role("heading", name="In the beam").wait_for()
    watched.check()


def test_what_was_typed_survives_a_reload_and_a_problem_leads_to_its_line(desk: "Page", visit: Visit) -> None:
    desk.goto(f"{visit.server.origin}/new")
    text = desk.get_by_role("textbox", name="Campaign file")
    text.fill("name: typed\ninstrument: {type: dataset, data: crossed-barrel}\nreward: {signal: toughness}\nbudget: {trials: 0}\n")
    desk.get_by_text("One thing is wrong").wait_for()
    desk.reload()
    desk.get_by_role("button", name="Go to line 4").click()
    assert text.evaluate("(area) => area.value.slice(area.selectionStart, area.selectionEnd)") == "budget: {trials: 0}"
    press_though_refused(desk, "Start campaign")
    desk.get_by_text("The check says what to put right first.").wait_for()


def test_tab_indents_and_escape_then_tab_leaves_the_editor(desk: "Page", visit: Visit) -> None:
    desk.goto(f"{visit.server.origin}/new")
    text = desk.get_by_role("textbox", name="Campaign file")
    text.fill("a:")
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    desk.keyboard.type("b: 1")
    desk.keyboard.press("Enter")
    assert text.input_value() == "a:\n  b: 1\n  "
    desk.keyboard.press("Escape")
    desk.keyboard.press("Tab")
    assert not text.evaluate("(area) => area === document.activeElement")


def test_a_key_leads_to_the_page_that_was_wanted_an_observer_is_told_why_not_and_a_revoked_key_ends_it(
    desk: "Page", visit: Visit, campaigns: dict[str, str]
) -> None:
    secret = key_of_an_observer(desk, visit)
    context = visit.window(DESKTOP, is_signed_in=False)
    try:
        page = context.new_page()
        page.goto(f"{visit.server.origin}/campaigns/{campaigns['running']}")
        page.get_by_role("heading", name="Sign in").wait_for()
        page.get_by_label("Key").fill("ns_wrongkey_" + "x" * 43)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("alert").get_by_text("unknown, expired or revoked").wait_for()
        page.get_by_label("Key").fill(secret)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/campaigns/{campaigns['running']}")
        press_though_refused(page, "Pause")
        page.get_by_text("You are signed in as observer").first.wait_for()
        revoke_the_key(desk)
        page.reload()  # left alone, the page notices within half a minute, when it next asks for anything
        page.get_by_role("heading", name="Sign in").wait_for()
    finally:
        context.close()


def key_of_an_observer(desk: "Page", visit: Visit) -> str:
    """Make a key on the page for admins, and read it the one time that it is shown."""
    desk.goto(f"{visit.server.origin}/keys")
    desk.get_by_label("Name").fill("a-phone")
    desk.get_by_role("button", name="Create key").click()
    secret = desk.get_by_role("dialog").get_by_role("textbox").input_value()
    assert accessibility_problems(desk) == []
    desk.get_by_role("button", name="I have it").click()
    return secret


def revoke_the_key(desk: "Page") -> None:
    desk.get_by_role("button", name="Revoke a-phone").click()
    desk.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    desk.get_by_text("a-phone was revoked").wait_for()


def test_the_report_itself_is_accessible_and_fits_a_phone(visit: Visit, campaigns: dict[str, str]) -> None:
    """On its own page scripts are forbidden, those of a test too, unless its browser looks away."""
    context = visit.browser.new_context(viewport=PHONE, storage_state=visit.state, bypass_csp=True)
    try:
        page = context.new_page()
        page.goto(f"{visit.server.origin}/api/v1/campaigns/{campaigns['finished']}/report")
        assert accessibility_problems(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    finally:
        context.close()
