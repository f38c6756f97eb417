"""Builds any life of a campaign, ledger event by ledger event, as the engine would write it down."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from orchestrator.domain import events as ev
from orchestrator.domain.base import Point, Setting
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.folding import Recordable, fold
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, InterlockDescription, SignalDescription
from orchestrator.domain.records import (
    Answer,
    Breach,
    Evidence,
    Objective,
    ObjectiveScore,
    Observation,
    Score,
    TrialKind,
    Verdict,
)
from orchestrator.domain.space import Continuous
from orchestrator.domain.spec import CampaignSpec

CAMPAIGN = "beamline-alignment-1"
EVENING = datetime(2025, 11, 20, 21, 30, tzinfo=UTC)
FLUX = Objective(name="flux", goal="maximise", unit="nA")
BEAM_SIZE = Objective(name="beam_size", goal="minimise", unit="µm")

LIMITS: Mapping[str, tuple[str, float, float]] = {
    "mirror_pitch": ("mrad", 2.7, 3.3),
    "mirror_roll": ("mrad", -1.5, 1.5),
    "crystal_pitch": ("µrad", -80.0, 80.0),
    "slit_centre": ("mm", -2.0, 2.0),
}
AXES = tuple(LIMITS)


def parameter(name: str) -> Continuous:
    unit, low, high = LIMITS[name]
    return Continuous(limits=(low, high), unit=unit, tolerance=(high - low) / 1000)


def make_instrument(axes: Sequence[str] = AXES) -> InstrumentDescription:
    return InstrumentDescription(
        identity="SIM:BL",
        axes={name: AxisDescription(parameter=parameter(name), field=f"{name}_readback", park=0.0) for name in axes},
        signals={
            "ion_chamber": SignalDescription(unit="nA", field="ion_chamber", sd_field="ion_chamber_sd"),
            "beam_width": SignalDescription(unit="µm", field="beam_width"),
        },
        interlocks={"beam": InterlockDescription(lower=200.0, unit="mA", meaning="electrons in the ring")},
    )


def make_spec(axes: Sequence[str] = AXES, **changes: object) -> CampaignSpec:
    """Return a valid campaign spec; keyword arguments replace top-level keys."""
    written: dict[str, object] = {
        "name": "beamline-alignment",
        "instrument": "simulated-beamline",
        "space": {name: parameter(name) for name in axes},
        "measure": {"exposure": 0.5},
        "reward": {"type": "scalar", "signal": "ion_chamber", "goal": "maximise", "name": "flux"},
        "agent": {"type": "bayesian", "n_initial": 4},
        "budget": {"trials": 60},
        "metadata": {"operator": "J. Doe", "sample": "none"},
    }
    if "rewards" in changes:
        del written["reward"]
    return CampaignSpec.model_validate(written | changes)


def chain(drafts: Iterable[Recordable], stream: str = CAMPAIGN, token: int = 1) -> tuple[ev.LedgerEvent, ...]:
    """Return drafts as stored ledger events, with sequence numbers and a sound hash chain."""
    events: list[ev.LedgerEvent] = []
    for seq, draft in enumerate(drafts, start=1):
        columns = {
            "stream": stream,
            "seq": seq,
            "at": draft.at.isoformat(),
            "actor": getattr(draft, "actor", "engine"),
            "type": draft.data.type,
            "schema_version": ev.SCHEMA_VERSION,
            "token": token,
            "data": ev.encode_data(draft.data),
            "prev_hash": events[-1].hash if events else ev.GENESIS,
        }
        others = {name: value for name, value in columns.items() if name not in ("type", "data")}
        events.append(ev.LedgerEvent.model_validate(others | {"data": draft.data, "hash": ev.chain_hash(columns)}))
    return tuple(events)


@dataclass(slots=True)
class Night:
    """Writes ledger events in order, with a clock of its own. Each method lets the time it would take pass."""

    spec: CampaignSpec = field(default_factory=make_spec)
    objectives: tuple[Objective, ...] = (FLUX,)
    instrument: InstrumentDescription | None = None
    now: datetime = EVENING
    drafts: list[ev.Draft] = field(default_factory=list)
    n_trials: int = 0
    attempts: dict[int, int] = field(default_factory=dict)
    points: dict[int, Point] = field(default_factory=dict)

    def record(self, data: ev.LedgerData, actor: str = "engine", *, after: float = 0.0) -> None:
        """Write one ledger event, some seconds after the last."""
        self.now += timedelta(seconds=after)
        self.drafts.append(ev.Draft(at=self.now, actor=actor, data=data))

    def begin(self) -> "Night":
        instrument = self.instrument or make_instrument(tuple(self.spec.space))
        versions = {"nightshift": "0.1.0", "python": "3.11.2", "bluesky": "1.15.1"}
        self.record(ev.CampaignCreated(spec=self.spec, instrument=instrument, versions=versions), "human:jdoe")
        self.record(ev.CampaignStarted(start_positions=dict.fromkeys(self.spec.space, 0.0)), after=1.0)
        return self

    def suggest(
        self,
        point: Point,
        evidence: Evidence | None = None,
        *,
        kind: TrialKind = TrialKind.AGENT,
        agent: str = "bayesian",
        role: str = "agent",
    ) -> int:
        """Suggest the next trial and return its number."""
        self.n_trials += 1
        self.points[self.n_trials] = point
        suggested = {"trial": self.n_trials, "kind": kind, "point": point, "agent": agent, "role": role, "based_on": len(self.drafts)}
        self.record(ev.TrialSuggested.model_validate(suggested | {"evidence": evidence or Evidence()}), f"{role}:{agent}", after=0.35)
        return self.n_trials

    def review(self, trial: int, *verdicts: Verdict, needs_approval: bool = False) -> None:
        reviewed = ev.TrialReviewed(
            trial=trial,
            verdicts=verdicts or (Verdict(guardian="limits", answer=Answer.ALLOW),),
            needs_approval=needs_approval,
            suggestion_hash=ev.suggestion_hash(trial, self.points[trial]),
        )
        self.record(reviewed, "guardians")

    def start(self, trial: int) -> int:
        """Start the trial's next attempt and return its number."""
        self.attempts[trial] = self.attempts.get(trial, 0) + 1
        self.record(ev.TrialStarted(trial=trial, attempt=self.attempts[trial]), after=0.02)
        return self.attempts[trial]

    def observe(
        self,
        trial: int,
        readings: Mapping[str, float | None],
        *,
        seconds: float = 2.0,
        breaches: tuple[Breach, ...] = (),
        **changes: object,
    ) -> Observation:
        """Let the current attempt take place and return what it gave; records nothing."""
        started_at, self.now = self.now, self.now + timedelta(seconds=seconds)
        point = self.points[trial]
        seen = Observation(
            trial=trial,
            attempt=self.attempts[trial],
            setpoint=point,
            readback={name: _read_back(value, trial) for name, value in point.items()},
            readings=readings,
            sds={name: abs(value) * 0.01 for name, value in readings.items() if value is not None},
            exposure_s=self.spec.measure.exposure,
            run_uid=f"run-{trial:04d}-{self.attempts[trial]}",
            scan_id=trial,
            started_at=started_at,
            finished_at=self.now,
            breaches=breaches,
        )
        return seen.model_copy(update=changes)

    def measure(self, trial: int, readings: Mapping[str, float | None], *, seconds: float = 2.0) -> Observation:
        """Measure the started attempt; it counts."""
        observation = self.observe(trial, readings, seconds=seconds)
        verdicts = (Verdict(guardian="interlocks", answer=Answer.ALLOW), Verdict(guardian="reading", answer=Answer.ALLOW))
        self.record(ev.TrialMeasured(trial=trial, observation=observation, verdicts=verdicts), "instrument", after=0.01)
        return observation

    def score(self, trial: int, reason: str = "", **values: float) -> None:
        """Score a trial: objective names and values."""
        scores = {name: ObjectiveScore(value=value, sd=abs(value) * 0.01) for name, value in values.items()}
        self.record(ev.TrialScored(trial=trial, score=Score(objectives=scores), reason=reason), "rewards", after=0.01)

    def whole_trial(self, point: Point, value: float, evidence: Evidence | None = None) -> int:
        """Carry one trial through an undisturbed life; the first objective gets the value."""
        trial = self.suggest(point, evidence)
        self.review(trial)
        self.start(trial)
        self.measure(trial, {"ion_chamber": value})
        self.score(trial, **{self.objectives[0].name: value})
        return trial

    def veto(self, trial: int, reason: str) -> None:
        """Let a guardian refuse the suggestion."""
        self.review(trial, Verdict(guardian="step-size", answer=Answer.VETO, reason=reason))

    def dump_beam(self, trial: int, readings: Mapping[str, float | None]) -> None:
        """Lose the beam during the started attempt, wait until it is back and measure again."""
        breach = Breach(interlock="beam", value=3.1, at=self.now + timedelta(seconds=1), detail="ring current 3.1 mA is below 200 mA")
        rejected = self.observe(trial, readings, breaches=(breach,))
        verdict = Verdict(guardian="interlocks", answer=Answer.REMEASURE, reason="beam = 3.1 mA fell below 200 mA during the exposure")
        remeasured = ev.TrialRemeasured(
            trial=trial, attempt=rejected.attempt, reason=verdict.reason, verdicts=(verdict,), rejected=rejected
        )
        self.record(remeasured, "guardians", after=0.02)
        self.record(ev.InterlockLost(interlock="beam", value=3.1), "instrument")
        self.record(ev.InterlockReturned(interlock="beam"), "instrument", after=25.0)
        self.start(trial)

    def finish(self, reason: str = "") -> "Night":
        self.record(ev.CampaignCompleted(reason=reason or f"all {self.n_trials} trials of the budget were measured"))
        return self

    def ledger(self) -> tuple[ev.LedgerEvent, ...]:
        return chain(self.drafts)

    def state(self) -> CampaignState:
        return fold(self.drafts, self.objectives)


def _read_back(value: Setting, trial: int) -> Setting:
    """Return a setting as an encoder would give it: off by a little, never equal."""
    return value * (1 + 1e-5 * (-1) ** trial) if isinstance(value, float) else value
