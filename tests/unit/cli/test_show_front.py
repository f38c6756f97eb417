"""``nightshift show`` of several objectives: the trials to choose from; the same on the ledger and through a server."""

import json
import re

import pytest

from orchestrator.bootstrap import Workplace
from tests.builders import campaign_events
from tests.night import BEAM_SIZE, FLUX
from tests.terminal import nightshift
from tests.unit.api.conftest import store
from tests.unit.cli.test_show_trial import said_by

BOTH = (FLUX, BEAM_SIZE)


@pytest.fixture(scope="module")
def campaign(workplace: Workplace) -> str:
    store(workplace, campaign_events(12, objectives=BOTH), "night-1", BOTH)
    store(workplace, campaign_events(4), "night-2")
    return "night-1"


@pytest.mark.usefixtures("where")
def test_the_front_is_printed_with_units(campaign: str) -> None:
    _, front, *_ = said_by("show", campaign).split("\n\n")
    title, columns, *rows = front.splitlines()

    assert title == "Pareto front: 3 trials, none of which another beats in every objective"
    assert columns.split() == ["trial", "flux", "beam_size", "point"]
    assert [row.split()[0] for row in rows] == ["12", "10", "5"]
    assert "120.2 ± 1.2 nA" in rows[0]
    assert "15.58 ± 0.16 µm" in rows[0]
    assert "mirror_pitch = 3.04548 mrad" in rows[0]


@pytest.mark.usefixtures("where")
def test_the_latest_trials_are_listed_with_every_objective(campaign: str) -> None:
    latest = said_by("show", campaign).split("\n\n")[-1]
    assert re.search(r"flux = 120\.\d+ nA, beam_size = 15\.\d+ µm", latest)


@pytest.mark.usefixtures("where")
def test_programs_get_it_too_and_one_objective_has_none(campaign: str) -> None:
    front = json.loads(nightshift("show", campaign, "--json").stdout)["front"]

    assert (front["n"], [trial["trial"] for trial in front["trials"]]) == (3, [12, 10, 5])
    assert json.loads(nightshift("show", "night-2", "--json").stdout)["front"] is None
    assert "Pareto" not in said_by("show", "night-2")
