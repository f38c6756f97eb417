"""Ports without processes, hardware or waiting: the engine runs a night in milliseconds under them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from orchestrator.domain.base import Setting
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.chance import Stream, generator
from orchestrator.domain.errors import AgentError
from orchestrator.domain.folding import Recordable, create, evolve
from orchestrator.domain.history import history_of
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, MeasureRequest, SignalDescription
from orchestrator.domain.ports import InstrumentStatus, LiveState, Measured, Settled, Unknown
from orchestrator.domain.protocols import Agent
from orchestrator.domain.records import Breach, Objective, Observation, Suggestion
from orchestrator.domain.space import Continuous, Space

EVENING = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)

STAGE = InstrumentDescription(
    identity="fake:stage",
    axes={"x": AxisDescription(parameter=Continuous(limits=(0.0, 10.0), unit="mm", tolerance=0.01), field="x")},
    signals={"counts": SignalDescription(field="counts", unit="1")},
)
"""One axis, one signal: the smallest instrument worth testing with."""

STAGE_SPACE = Space(parameters={"x": Continuous(limits=(0.0, 10.0), unit="mm", tolerance=0.01)})


class FakeClock:
    """A clock that only moves when somebody waits, or when told."""

    def __init__(self, start: datetime = EVENING, tick: float = 0.0) -> None:
        self._now = start
        self._tick = timedelta(seconds=tick)
        self.on_wait: Callable[[], None] = lambda: None
        """Called in every wait: how a test lets something happen meanwhile."""

    def now(self) -> datetime:
        self._now += self._tick
        return self._now

    def wait(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self.on_wait()


class SilentLive:
    """Keeps the phases for tests to look at; the person at the terminal says nothing."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.news: list[str] = []

    def publish(self, live: LiveState) -> None:
        self.phases.append(live.phase)
        if live.is_news:
            self.news.append(f"{live.phase}: {live.detail}")

    def decide(self, trial: Trial) -> Literal["approve", "veto"] | None:
        return None


class FakeSwitch:
    """Flags a test sets."""

    def __init__(self) -> None:
        self.is_pause_wanted = False
        self.is_stop_wanted = False

    def take_pause(self) -> bool:
        wanted, self.is_pause_wanted = self.is_pause_wanted, False
        return wanted


class InProcessAgentHost:
    """Asks agents directly, from a history folded from what was synced."""

    def __init__(self, agents: Mapping[str, Agent], space: Space, objectives: tuple[Objective, ...]) -> None:
        self._agents = agents
        self._space = space
        self._objectives = objectives
        self._state: CampaignState | None = None

    def sync(self, events: Sequence[Recordable]) -> None:
        for event in events:
            self._state = create(event, self._objectives) if self._state is None else evolve(self._state, event)

    def ask(self, role: Literal["agent", "fallback"], meanwhile: Callable[[], None] | None = None) -> Suggestion:
        if meanwhile is not None:
            meanwhile()
        if self._state is None:
            raise AgentError("asked before the campaign was shown")
        stream = Stream.AGENT if role == "agent" else Stream.FALLBACK
        return self._agents[role].ask(history_of(self._state, self._space, stream))

    def prepare(self) -> None:
        return

    def close(self) -> None:
        return


@dataclass
class FakeExecutor:
    """Measures a function, counts motions, and remembers finished attempts as an instrument process would."""

    clock: FakeClock
    measure: Callable[[Mapping[str, Setting]], float] = lambda point: -((float(point["x"]) - 3.0) ** 2)
    noise_sd: float = 0.1
    description: InstrumentDescription = STAGE
    motions: list[str] = field(default_factory=list[str])
    finished: dict[str, Observation] = field(default_factory=dict[str, Observation])
    secured: list[str] = field(default_factory=list[str])
    lost: dict[str, Breach] = field(default_factory=dict[str, Breach])
    position: dict[str, Setting] = field(default_factory=lambda: {"x": 0.0})
    outcomes: list[Settled] = field(default_factory=list[Settled])
    """Answers to give instead of measuring, first in first out."""
    tamper: Callable[[Observation], Observation] = lambda observation: observation

    def describe(self) -> InstrumentDescription:
        return self.description

    def status(self) -> InstrumentStatus:
        return InstrumentStatus(dict(self.position), dict(self.lost))

    def settle(
        self,
        request: MeasureRequest,
        *,
        is_retry: bool = False,
        interrupted: Callable[[], bool] | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> Settled:
        if meanwhile is not None:
            meanwhile()
        if self.outcomes:
            return self.outcomes.pop(0)
        if is_retry and request.attempt_id in self.finished:
            return Measured(self.finished[request.attempt_id].model_copy(update={"is_adopted": True}))
        if is_retry and request.attempt_id in self.motions:
            return Unknown("begun before the crash")
        return Measured(self._measure(request))

    def _measure(self, request: MeasureRequest) -> Observation:
        self.motions.append(request.attempt_id)
        self.position = {**self.position, **request.point}
        started = self.clock.now()
        noise = generator(request.seed, Stream.INSTRUMENT, request.trial, request.attempt).normal(0.0, self.noise_sd)
        self.clock.wait(1.0)
        observation = self.tamper(
            Observation(
                trial=request.trial,
                attempt=request.attempt,
                setpoint=request.point,
                readback=request.point,
                readings={} if request.keeps_all else {name: self.measure(request.point) + noise for name in request.signals},
                uses=request.uses,
                exposure_s=request.exposure_s,
                started_at=started,
                finished_at=self.clock.now(),
            )
        )
        self.finished[request.attempt_id] = observation
        return observation

    def secure(self, cause: str) -> tuple[str, ...]:
        self.secured.append(cause)
        return ("stopped x",)

    def close(self) -> None:
        return
