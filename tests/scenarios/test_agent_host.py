"""Agents that hang or die in their process; the campaign goes on, and nothing they knew is lost."""

import json
import signal
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from agents.random import RandomAgent
from orchestrator import bootstrap
from orchestrator.bootstrap import Switch
from orchestrator.bootstrap.children import start_agents
from orchestrator.campaign_file import load
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status
from orchestrator.domain.space import Space
from orchestrator.engine.agent_host import ProcessAgentHost
from orchestrator.engine.agent_server import AgentServer
from orchestrator.processes import Child
from orchestrator.testing.fakes import SilentLive
from tests.night import Night, make_spec

N_TRIALS = 6
HANGS_AT, DIES_AT = 3, 5


@pytest.mark.usefixtures("odd_agents")
def test_an_agent_that_hangs_and_one_that_is_killed_are_on_record_and_the_fallback_suggests(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    agent = {"type": "unreliable", "timeout": "2 s", "hangs_at": HANGS_AT, "dies_at": DIES_AT, "pids": str(pids)}
    spec = tmp_path / "unreliable.yaml"
    spec.write_text(f"""
name: unreliable
instrument: {{type: dataset, data: crossed-barrel}}
reward: {{signal: toughness}}
agent: {json.dumps(agent)}
fallback: sobol
budget: {{trials: {N_TRIALS}}}
""")
    with bootstrap.open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as workplace:
        outcome = bootstrap.run(workplace, load(str(spec)), live=SilentLive(), switch=Switch(), writes_report=False)
        events = bootstrap.load_events(workplace, outcome.campaign)
        replayed = bootstrap.replay(workplace, outcome.campaign)
    assert (outcome.status, outcome.trials) == (Status.COMPLETED, N_TRIALS)
    failures = {event.data.trial: event.data.reason for event in events if isinstance(event.data, ev.AgentFailed)}
    assert set(failures) == {HANGS_AT, DIES_AT}
    assert "gave no suggestion within 2 s" in failures[HANGS_AT]
    assert f"ended with code {-signal.SIGKILL}" in failures[DIES_AT]
    roles = {event.data.trial: event.data.role for event in events if isinstance(event.data, ev.TrialSuggested)}
    assert {trial for trial, role in roles.items() if role == "fallback"} == {HANGS_AT, DIES_AT}
    assert not any(psutil.pid_exists(int(pid)) for pid in pids.read_text().split())
    assert (replayed.n_decisions, replayed.difference) == (N_TRIALS, None)


def test_a_process_killed_between_two_questions_is_replaced_and_shown_the_whole_history() -> None:
    night = Night(spec=make_spec(agent="random")).begin()
    night.whole_trial({"mirror_pitch": 3.0, "mirror_roll": 0.1, "crystal_pitch": 4.0, "slit_centre": 0.2}, 5.0)
    space = Space(parameters=night.spec.space)
    children: list[Child] = []

    def start() -> Child:
        children.append(start_agents(night.spec, space, night.objectives))
        return children[-1]

    host = ProcessAgentHost(start, {"agent": 60.0, "fallback": 60.0}, past=lambda: night.drafts)
    with closing(host):
        host.sync(night.drafts)
        uninterrupted = host.ask("agent").point
        children[0].process.kill()
        children[0].process.wait()
        assert host.ask("agent").point == uninterrupted
    assert len(children) == 2
    beginner = AgentServer({"agent": RandomAgent(RandomAgent.Settings())}, space, night.objectives)
    beginner.sync(night.drafts[:2])
    assert beginner.ask("agent").point != uninterrupted
