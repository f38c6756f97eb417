"""``nightshift show CAMPAIGN TRIAL``: why that point, and what came of it; the same on the ledger and through a server."""

import json
from datetime import datetime

import pytest

from orchestrator.bootstrap import Workplace
from tests.builders import campaign_events
from tests.night import BEAM_SIZE, EVENING, FLUX, Night
from tests.terminal import nightshift, refusal
from tests.unit.api.conftest import store

BOTH = (FLUX, BEAM_SIZE)


@pytest.fixture(scope="module")
def campaign(workplace: Workplace) -> str:
    """A night in which the beam was lost during trial 5, and trial 8 was refused."""
    store(workplace, campaign_events(12, objectives=BOTH), "night-1", BOTH)
    return "night-1"


def said_by(*arguments: str) -> str:
    """Return what a command answers people."""
    return nightshift(*arguments).stdout


def fields(shown: str) -> dict[str, list[str]]:
    """Return the values by label of the lines above the tables."""
    found: dict[str, list[str]] = {}
    for line in shown.partition("\n\n")[0].splitlines()[1:]:
        found.setdefault(line[2:12].strip(), []).append(line[14:])
    return found


@pytest.mark.usefixtures("where")
def test_a_trial_tells_its_point_what_it_gave_and_why(campaign: str) -> None:
    shown = said_by("show", campaign, "5")
    said = fields(shown)

    assert shown.startswith("night-1, trial 5  scored\n")
    assert said["point"] == [
        "mirror_pitch = 3.06849 mrad, mirror_roll = -0.139473 mrad, crystal_pitch = 29.415 µrad, slit_centre = 0.589848 mm"
    ]
    assert said["score"] == [
        "flux = 93.10 ± 0.93 nA, expected 98.5 ± 4.0 nA",
        "beam_size = 13.11 ± 0.13 µm, expected 12.3 ± 1.5 µm",
    ]
    assert said["readings"] == ["ion_chamber = 93.10 ± 0.93 nA, beam_width = 13.11 ± 0.13 µm"]
    assert said["why"][0].startswith("The bayesian agent expected flux = 98.5 ± 4.0 nA")
    assert said["reason"] == ["the noisy expected improvement is largest here"]
    assert said["guardians"] == ["none objected"]
    assert "exposure 500 ms" in said["measured"][0]


@pytest.mark.usefixtures("where")
def test_what_else_was_considered_and_every_attempt_follow_in_tables(campaign: str) -> None:
    _, runners_up, attempts = said_by("show", campaign, "5").split("\n\n")[:3]

    assert runners_up.splitlines()[0].split("  ")[0] == "runner-up"
    assert len(runners_up.splitlines()) == 1 + 3
    assert "59.3 ± 4.0 nA" in runners_up
    assert [line.split()[3] for line in attempts.splitlines()[1:]] == ["repeated", "counts"]
    assert "beam = 3.1 mA fell below 200 mA" in attempts


@pytest.mark.usefixtures("where")
def test_a_refused_trial_tells_who_refused_it_and_gives_nothing(campaign: str) -> None:
    said = fields(said_by("show", campaign, "8"))

    assert said["guardians"] == [
        "step-size says veto: mirror_pitch would step 0.5 mrad, more than 0.3; allow larger steps or come nearer first"
    ]
    assert said["expected"][0] == "flux = 98.8 ± 4.0 nA"
    assert not said.keys() & {"score", "readings", "measured"}


@pytest.mark.usefixtures("where")
def test_a_moment_says_how_far_the_clock_is_from_utc(campaign: str) -> None:
    shown = datetime.fromisoformat(fields(said_by("show", campaign, "1"))["suggested"][0])
    assert shown == EVENING.replace(minute=30, second=1)


@pytest.mark.usefixtures("where")
def test_programs_get_one_document(campaign: str) -> None:
    (line,) = nightshift("show", campaign, "5", "--json").stdout.splitlines()
    document = json.loads(line)

    assert (document["campaign"], document["trial"]["trial"]) == (campaign, 5)
    assert document["units"]["scores"] == {"flux": "nA", "beam_size": "µm"}
    assert [attempt["outcome"] for attempt in document["attempts"]] == ["repeated", "counts"]


@pytest.mark.usefixtures("where")
def test_an_unknown_trial_is_refused_with_those_there_are(campaign: str) -> None:
    assert "error: campaign night-1 has no trial 99; it has trials 1 to 13; nightshift show night-1 lists the latest\n" in (
        refusal("show", campaign, "99")
    )


@pytest.mark.usefixtures("where")
def test_a_campaign_without_trials_says_so(workplace: Workplace) -> None:
    if workplace.ledger.summary("empty-1") is None:
        store(workplace, Night().begin().ledger(), "empty-1")
    assert "has no trial 1; it has none yet; nightshift show empty-1 says where it stands" in refusal("show", "empty-1", "1")
