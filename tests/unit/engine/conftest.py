"""Whole nights under fakes: the real loop, the real fold, a ledger in memory, no hardware and no waiting."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.history import History
from orchestrator.domain.ports import Command, Holder
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Answer, Evidence, Observation, Suggestion, Verdict
from orchestrator.domain.space import Continuous, Space
from orchestrator.domain.spec import CampaignSpec
from orchestrator.engine.book import Book
from orchestrator.engine.context import Engine, Refit
from orchestrator.engine.loop import drive
from orchestrator.engine.meanings import meaning
from orchestrator.engine.scoring import Judge
from orchestrator.store.memory import MemoryArtefacts, MemoryLedger
from orchestrator.testing.fakes import (
    EVENING,
    STAGE,
    STAGE_SPACE,
    FakeClock,
    FakeExecutor,
    FakeSwitch,
    InProcessAgentHost,
    SilentLive,
)
from rewards.scalar import ScalarReward


class Uniform:
    """A random agent in three lines."""

    def ask(self, history: History) -> Suggestion:
        stage = history.space.parameters["x"]
        assert isinstance(stage, Continuous)
        return Suggestion(point={"x": float(history.rng().uniform(*stage.limits))}, evidence=Evidence(reason="a random point"))

    def prepare(self, history: History) -> None:
        return


class Strict:
    """A guardian that answers what a test tells it to."""

    def __init__(self, review: Answer = Answer.ALLOW, inspect: Answer = Answer.ALLOW) -> None:
        self.answers = review, inspect

    def review(self, trial: object, context: ReviewContext) -> Verdict:
        return Verdict(guardian="strict", answer=self.answers[0], reason="the test says so")

    def inspect(self, trial: object, observation: Observation, context: ReviewContext) -> Verdict:
        return Verdict(guardian="strict", answer=self.answers[1], reason="the test says so")


@dataclass
class Night:
    """One campaign under fakes; ``drive`` may be called again, as a new runner would."""

    ledger: MemoryLedger
    clock: FakeClock
    executor: FakeExecutor
    switch: FakeSwitch
    agent: Uniform
    guardians: dict[str, Strict]
    judge: Judge
    spec: CampaignSpec
    live: SilentLive

    def drive(self, *, waits: bool = False) -> CampaignState:
        holder = Holder("here", 1, 0.0, "boot")
        lease = self.ledger.acquire("campaign:night", holder, ttl=10.0, take_over=True)
        book = Book("night", self.ledger, lease, self.clock, self.judge.objectives())
        if not self.ledger.read("night"):
            book.record(ev.CampaignCreated(spec=self.spec, instrument=STAGE))
            book.flush()
        host = self._host(book, STAGE_SPACE)
        engine = Engine(
            campaign="night",
            book=book,
            ledger=self.ledger,
            instrument_lease=lease,
            host=host,
            executor=self.executor,
            judge=self.judge,
            guardians=self.guardians,
            space=STAGE_SPACE,
            clock=self.clock,
            live=self.live,
            switch=self.switch,
            is_patient=waits,
            refit=lambda spec: self._refit(book, spec),
        )
        return drive(engine)

    def _refit(self, book: Book, spec: CampaignSpec) -> Refit:
        """Return what the bootstrap would for an amended spec."""
        space = STAGE_SPACE if not spec.space else Space(parameters=spec.space)
        return Refit(space, self.guardians, lambda: self._host(book, space))

    def _host(self, book: Book, space: Space) -> InProcessAgentHost:
        host = InProcessAgentHost({"agent": self.agent, "fallback": Uniform()}, space, self.judge.objectives())
        host.sync(book.everything())
        book.take_news()
        return host

    def types(self) -> list[str]:
        return [event.type for event in self.ledger.read("night")]

    def decide(self, verb: str, **details: object) -> None:
        """Carry an order out while nobody runs the campaign, as ``bootstrap.ordering`` does."""
        lease = self.ledger.acquire("campaign:night", Holder("here", 2, 0.0, "boot"), ttl=10.0, take_over=True)
        book = Book("night", self.ledger, lease, self.clock, self.judge.objectives())
        for data in meaning(Command(0, "night", EVENING, "human:anna", verb, **details), book.state):  # type: ignore[arg-type]
            book.record(data, "human:anna")
        book.flush()
        self.ledger.release(lease)

    def order(self, verb: str, **details: object) -> None:
        self.ledger.send(Command(0, "night", EVENING, "human:anna", verb, **details))  # type: ignore[arg-type]


@pytest.fixture
def night() -> Callable[..., Night]:
    def make(**changes: object) -> Night:
        written = {
            "name": "night",
            "instrument": "fake",
            "space": STAGE_SPACE.parameters,
            "reward": {"signal": "counts"},
            "budget": {"trials": 5},
            **changes,
        }
        clock = FakeClock()
        reward = ScalarReward(ScalarReward.Settings(signal="counts", goal="maximise"))
        return Night(
            MemoryLedger(),
            clock,
            FakeExecutor(clock),
            FakeSwitch(),
            Uniform(),
            {"strict": Strict()},
            Judge({"counts": reward}, MemoryArtefacts()),
            CampaignSpec.model_validate(written),
            SilentLive(),
        )

    return make
