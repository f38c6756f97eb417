"""A parameter that a person fixed: every agent goes on with the others, and what was measured before still counts."""

import pytest

from orchestrator import plugins
from orchestrator.bootstrap.assembling import recorded_space
from orchestrator.domain.history import History
from orchestrator.domain.spec import Plugin
from orchestrator.queries import record_of
from orchestrator.store.memory import MemoryArtefacts
from tests.builders import campaign_events
from tests.night import FLUX

RECORD = record_of(campaign_events(12), (FLUX,))
FIXED = {"mirror_pitch": 2.95}
AGENTS = [found.name for found in plugins.found("agent") if found.name != "scripted"]


@pytest.mark.parametrize("agent", AGENTS)
def test_every_agent_keeps_a_fixed_parameter_where_it_is(agent: str) -> None:
    spec = RECORD.state.spec.model_copy(update={"fixed": FIXED})
    space = recorded_space(spec, MemoryArtefacts())
    history = History(space=space, objectives=(FLUX,), seed=3, trials=RECORD.trials)
    suggestion = plugins.build("agent", Plugin(type=agent)).ask(history)
    assert suggestion.point["mirror_pitch"] == pytest.approx(2.95, rel=1e-9)
    assert space.problems(suggestion.point) == ()
    assert any(trial.point["mirror_pitch"] != 2.95 for trial in RECORD.trials)
