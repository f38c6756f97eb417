"""A night over samples under fakes: the real runner, the real fold, a changer that answers at once, no processes."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from instruments.sample_changer import SampleChanger, SampleChangerSettings
from orchestrator import plugins
from orchestrator.bootstrap import Switch, Workplace, campaigns
from orchestrator.bootstrap.campaigns import Terminal
from orchestrator.bootstrap.rig import PartRig
from orchestrator.bootstrap.samples.driving import drive_whole
from orchestrator.bootstrap.samples.spare import Spare
from orchestrator.bootstrap.samples.whole import Whole
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.folding import fold
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.ports import Command, Holder, NotMeasured, Settled, Unknown
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.spec import CampaignSpec
from orchestrator.engine.book import Book
from orchestrator.preflight import fitted
from orchestrator.store.memory import MemoryArtefacts, MemoryLedger
from orchestrator.testing.fakes import FakeClock, FakeExecutor, InProcessAgentHost, SilentLive

WHOLE = "night-1"


class Killed(BaseException):
    """The process is gone: whatever it still wants to write is never written."""


class MortalLedger(MemoryLedger):
    """Ends the process at a chosen write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes_left: int | None = None

    def append(self, *args: Any, **kwargs: Any) -> Any:
        if self.writes_left is not None:
            if self.writes_left <= 0:
                raise Killed
            self.writes_left -= 1
        return super().append(*args, **kwargs)


@dataclass
class ChangerExecutor(FakeExecutor):
    """The sample changer without its process: mounts what is there, and measures what is mounted."""

    empty: tuple[int, ...] = ()
    broken: tuple[int, ...] = ()
    on_settle: Callable[[MeasureRequest], None] = lambda _request: None

    def settle(self, request: MeasureRequest, **how: Any) -> Settled:
        self.on_settle(request)
        position = request.metadata["position"]
        if request.plan is not None and position in self.empty:
            if how.get("is_retry") and request.attempt_id in self.motions:
                return Unknown("begun before the crash")
            self.motions.append(request.attempt_id)
            return NotMeasured(f"InstrumentError: no sample at position {position} of the holder")
        self.measure = lambda _point: 5.0 if position in self.broken else 500.0
        before = dict(self.position)
        answer = super().settle(request, **how)
        self.position = {name: self.position.get(name, where) for name, where in before.items()}
        return answer


@dataclass
class SamplesNight:
    """One campaign over samples; ``drive`` may be called again, as a new runner would."""

    spec: SamplesSpec
    executor: ChangerExecutor
    ledger: MortalLedger = field(default_factory=MortalLedger)
    clock: FakeClock = field(default_factory=FakeClock)
    live: SilentLive = field(default_factory=SilentLive)
    switch: Switch = field(default_factory=Switch)
    spare: Spare | None = None

    def drive(self, *, waits: bool = False) -> CampaignState:
        lease = self.ledger.acquire(f"campaign:{WHOLE}", Holder("here", 1, 0.0, "boot"), ttl=10.0, take_over=True)
        book = Book(WHOLE, self.ledger, lease, self.clock, ())
        if not self.ledger.read(WHOLE):
            book.record(ev.CampaignCreated(spec=self.spec, instrument=self.executor.describe()))
            book.flush()
        place = Workplace(self.ledger, MemoryArtefacts(), Path("nowhere"), "memory:")
        whole = Whole(place, WHOLE, self._rig(lease), book, Terminal(self.live, self.switch, waits), self.clock, spare=self.spare)  # type: ignore[arg-type]
        return drive_whole(whole)

    def _rig(self, lease: Any) -> Any:
        ledger, executor = self.ledger, self.executor

        class Rig:
            description = executor.describe()

            def __init__(self) -> None:
                self.executor = executor
                self.campaign_lease = self.instrument_lease = lease

            @contextmanager
            def lent(self, part: str, spec: CampaignSpec) -> Iterator[PartRig]:
                own = ledger.acquire(f"campaign:{part}", Holder("here", 1, 0.0, "boot"), ttl=10.0, take_over=True)
                yield PartRig(executor, fitted(executor.describe(), spec), own, lease)  # type: ignore[arg-type]

        return Rig()

    @property
    def state(self) -> CampaignState:
        return fold(self.ledger.read(WHOLE))

    def part(self, sample: str, stage: str) -> CampaignState:
        return fold(self.ledger.read(f"{WHOLE}~{sample}~{stage}"))

    def order(self, verb: Any, **details: Any) -> None:
        self.ledger.send(Command(0, details.pop("campaign", WHOLE), self.clock.now(), "human:ana", verb, **details))

    @property
    def outcomes(self) -> dict[str, str]:
        return {f"{part.sample} {part.stage}": part.outcome for part in self.state.parts.by_place.values()}

    @property
    def n_measured(self) -> Counter[str]:
        """How often each attempt was really made."""
        return Counter(self.executor.motions)


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Callable[..., SamplesNight]:
    def in_process(book: Book, spec: CampaignSpec, space: Any, judge: Any, _terminal: Terminal) -> InProcessAgentHost:
        agents = {"agent": plugins.build("agent", spec.agent), "fallback": plugins.build("agent", spec.fallback)}
        host = InProcessAgentHost(agents, space, judge.objectives())
        host.sync(book.everything())
        book.take_news()
        return host

    monkeypatch.setattr(campaigns, "_start_host", in_process)

    def make(spec: SamplesSpec, *, empty: tuple[int, ...] = (), broken: tuple[int, ...] = ()) -> SamplesNight:
        clock = FakeClock()
        monkeypatch.setattr(campaigns, "WallClock", lambda: clock)
        described = SampleChanger(SampleChangerSettings()).describe()
        start = {"x": 0.0, "y": 0.0, "energy": 7112.0}
        executor = ChangerExecutor(clock, noise_sd=0.1, description=described, position=start, empty=empty, broken=broken)  # type: ignore[arg-type]
        return SamplesNight(spec, executor, clock=clock)

    return make
