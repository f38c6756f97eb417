"""Images that lie in a detector's own files are read when a reward wants them, and by nobody in the engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from orchestrator.domain.errors import FramesUnreadable
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.operations import Dark
from orchestrator.domain.ports import FramesRead
from orchestrator.domain.records import Observation, TrialKind
from orchestrator.engine.measuring import _dark_in_force
from orchestrator.engine.scoring import Judge
from orchestrator.store.memory import MemoryArtefacts
from orchestrator.testing.fakes import EVENING
from rewards.image import ImageReward
from tests.unit.engine.conftest import Night

CAM, OTHER = (FrameRef(uri=f"file://localhost/{name}.h5", frames=(0, 1), shape=(9, 9)) for name in ("cam", "other"))


@dataclass
class FakeFrames:
    """Gives a spot, except for the trials whose file is gone."""

    gone: frozenset[int] = frozenset()
    asked: list[str] = field(default_factory=list)

    def read(self, refs: Sequence[FrameRef], **_: Any) -> FramesRead:
        self.asked.append(refs[0].uri)
        if len(self.asked) in self.gone:
            raise FramesUnreadable("there is no file /cam.h5 after 0 s; look at the detector's file writer")
        row, column = np.indices((9, 9)) - 4
        return FramesRead(np.exp(-(row**2 + column**2) / 2.0))

    def warm(self) -> None: ...

    def close(self) -> None: ...


def test_a_reward_gets_the_image_it_names_and_a_lost_file_costs_its_trial_alone(night: Callable[..., Night]):
    made, frames = night(), FakeFrames(frozenset({2}))
    reward = ImageReward(ImageReward.Settings(signal="cam", feature="size", goal="minimise"))
    made.judge = Judge({"size": reward}, MemoryArtefacts(), frames)
    made.executor.tamper = lambda observation: observation.model_copy(update={"files": {"cam": (CAM,), "other": (OTHER,)}})
    state = made.drive()
    assert set(frames.asked) == {CAM.uri}, "what no reward names stays where it is"
    assert [trial.score is not None for trial in state.trials[:4]] == [True, False, True, True]
    assert "there is no file /cam.h5" in state.trial(2).note
    assert state.n_counted == 5


def test_the_dark_in_force_is_handed_on_where_a_signal_needs_it(night: Callable[..., Night]):
    made = night(measure={"derive": {"net": {"take": "dark", "of": "counts"}}})
    state = made.drive()

    def dark(number: int) -> Any:
        seen = Observation(
            trial=number, attempt=1, setpoint={}, readback={}, readings={"net": float(number)}, started_at=EVENING, finished_at=EVENING
        )
        return replace(state.trials[0], number=number, kind=TrialKind.DARK, observation=seen)

    @dataclass
    class WithState:
        state: Any

    def found(*trials: Any, uses: dict[str, int], **changes: Any) -> Any:
        later = replace(state.trials[0], number=9, uses=uses)
        return _dark_in_force(WithState(replace(state, trials=trials, **changes)), later)  # type: ignore[arg-type]

    assert isinstance(state.spec.measure.derive["net"], Dark)
    taken = (dark(1), replace(dark(2), kind=TrialKind.ALIGNMENT), dark(3))
    assert found(*taken, uses={"short": 1, "realign": 2}).readings == {"net": 1.0}, "the one that is in force, not the newest"
    assert found(*taken, uses={"short": 1, "long": 3}).readings == {"net": 3.0}
    assert found(*taken, uses={"realign": 2}) is None
    plain = state.spec.model_copy(update={"measure": state.spec.measure.model_copy(update={"derive": {}})})
    assert found(*taken, uses={"short": 1}, spec=plain) is None, "a ledger that needs no dark does not carry it around"
