"""Hypothesis strategies for what a ledger can hold: anything the types allow, wherever it is legal."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeVar

from hypothesis import strategies as st

from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, InterlockDescription, SignalDescription
from orchestrator.domain.parts import SampleSkipped, StageEnded, StageStarted
from orchestrator.domain.records import (
    Acquisition,
    Answer,
    ArtefactRef,
    BelievedBest,
    Breach,
    Evidence,
    ObjectiveScore,
    Observation,
    Prediction,
    RunnerUp,
    Score,
    TrialKind,
    Verdict,
)
from orchestrator.domain.space import Categorical, Continuous, Integer, LinearConstraint, Ordinal
from orchestrator.domain.spec import (
    AgentPlugin,
    Approval,
    Budget,
    CampaignSpec,
    CandidatesArtefact,
    CandidatesFile,
    Measure,
    Plugin,
    RewardPlugin,
    StopRules,
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
"""Any text both databases can hold: PostgreSQL has no NUL."""
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,8}", fullmatch=True)
reals = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(min_value=1e-6, max_value=1e9)
non_negative = st.floats(min_value=0, max_value=1e9)
counts = st.integers(min_value=1, max_value=10**6)
zones = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30))])
moments = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001  (zones add it)
settings = reals | st.integers(-(2**53), 2**53) | texts
points = st.dictionaries(names, settings, max_size=4)
shares = st.dictionaries(names, reals, max_size=3)
sha256s = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | reals | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
metadata = st.dictionaries(texts, json_values, max_size=3)


T = TypeVar("T")


def some(inner: st.SearchStrategy[T], *, at_least: int = 0) -> st.SearchStrategy[tuple[T, ...]]:
    """Return short tuples."""
    return st.lists(inner, min_size=at_least, max_size=3).map(tuple)


def named(inner: st.SearchStrategy[T], *, at_least: int = 0) -> st.SearchStrategy[Mapping[str, T]]:
    """Return small mappings by name."""
    return st.dictionaries(names, inner, min_size=at_least, max_size=3)


def maybe(inner: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | inner


# --- what may be set --------------------------------------------------------------------------------------------------


def _ascending(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(numbers, min_size=2, max_size=2, unique=True).map(sorted).map(tuple)


_bounded = st.floats(min_value=-1e9, max_value=1e9)
continuous = st.builds(Continuous, limits=_ascending(_bounded), unit=texts, tolerance=maybe(positive))
integers = st.builds(Integer, type=st.just("integer"), limits=_ascending(st.integers(-1000, 1000)), unit=texts, tolerance=maybe(positive))
ordinals = st.builds(Ordinal, values=st.lists(_bounded, min_size=1, max_size=4, unique=True).map(sorted).map(tuple), unit=texts)
categoricals = st.builds(Categorical, values=st.lists(texts, min_size=1, max_size=4, unique=True).map(tuple), unit=texts)
parameters = continuous | integers | ordinals | categoricals
constraints = st.builds(LinearConstraint, weights=named(reals, at_least=1), lower=reals)

# --- instruments ------------------------------------------------------------------------------------------------------

axes = st.builds(AxisDescription, parameter=parameters, field=texts, speed=maybe(positive), park=maybe(settings))
signals = st.builds(
    SignalDescription,
    kind=st.sampled_from(["scalar", "spectrum", "image"]),
    unit=texts,
    field=texts,
    sd_field=maybe(texts),
    saturation=maybe(reals),
)
interlocks = st.builds(InterlockDescription, lower=maybe(reals), unit=texts, meaning=texts)
instruments = st.builds(
    InstrumentDescription,
    identity=texts,
    axes=named(axes),
    signals=named(signals),
    interlocks=named(interlocks),
    candidates=maybe(some(points)),
    has_second_connection=st.booleans(),
)

# --- specs ------------------------------------------------------------------------------------------------------------

_own_settings = st.dictionaries(st.sampled_from(["goal", "width", "path"]), json_values, max_size=2)
plugins = st.builds(lambda type, own: Plugin(type=type, **own), names, _own_settings)
agents = st.builds(lambda type, timeout, own: AgentPlugin(type=type, timeout=timeout, **own), names, non_negative, _own_settings)
rewards = st.builds(lambda type, name, own: RewardPlugin(type=type, name=name, **own), names, maybe(names), _own_settings)
candidates = some(points) | st.builds(CandidatesFile, csv=texts) | st.builds(CandidatesArtefact, sha256=sha256s, n=counts)
budgets = st.builds(
    Budget,
    trials=counts,
    wall_time=maybe(positive),
    until=st.sampled_from([None, "07:30", "00:00"]),
    exposure=maybe(positive),
    dose=maybe(positive),
)
approvals = st.builds(
    Approval,
    mode=st.sampled_from(["auto", "always"]),
    timeout=maybe(positive),
    on_timeout=st.sampled_from(["skip", "fallback", "pause"]),
) | st.builds(Approval, mode=st.just("first"), first=counts)
specs = st.builds(
    CampaignSpec,
    name=names,
    instrument=plugins,
    space=named(parameters),
    constraints=some(constraints),
    candidates=maybe(candidates),
    measure=st.builds(Measure, exposure=non_negative, signals=some(texts)),
    rewards=some(rewards, at_least=1),
    agent=agents,
    fallback=agents,
    guardians=some(plugins),
    budget=budgets,
    stop=st.builds(StopRules, target=maybe(reals), no_improvement=maybe(counts)),
    approval=approvals,
    on_ambiguous=st.sampled_from(["remeasure", "hold"]),
    on_finish=st.sampled_from(["stay", "best", "believed", "start", "park"]),
    max_attempts=counts,
    metadata=metadata,
    seed=st.integers(0, 2**63 - 1),
)

# --- what is recorded about a trial -----------------------------------------------------------------------------------

predictions = st.builds(Prediction, mean=reals, sd=non_negative)
evidence = st.builds(
    Evidence,
    reason=texts,
    purpose=texts,
    predicted=named(predictions),
    believed_best=maybe(st.builds(BelievedBest, trial=counts, mean=reals, sd=non_negative)),
    acquisition=maybe(st.builds(Acquisition, name=texts, value=reals, is_log=st.booleans(), unit=texts, parts=shares)),
    runners_up=some(st.builds(RunnerUp, point=points, predicted=named(predictions), acquisition=maybe(reals))),
    model=metadata,
    seconds=shares,
)
verdicts = some(st.builds(Verdict, guardian=names, answer=st.sampled_from(Answer), reason=texts))
breaches = st.builds(Breach, interlock=names, value=maybe(reals | texts), at=moments, detail=texts)
frame_refs = st.builds(FrameRef, uri=st.text(min_size=1, max_size=9), frames=st.tuples(counts, counts), shape=some(counts), dtype=texts)
artefacts = st.builds(ArtefactRef, sha256=sha256s, media_type=texts, shape=some(counts))
observations = st.builds(
    Observation,
    trial=counts,
    attempt=counts,
    setpoint=points,
    readback=points,
    readings=named(maybe(reals)),
    sds=shares,
    arrays=named(artefacts),
    exposure_s=non_negative,
    dose=non_negative,
    run_uid=texts,
    scan_id=maybe(counts),
    started_at=moments,
    finished_at=moments,
    breaches=some(breaches),
    is_adopted=st.booleans(),
    dead_s=maybe(non_negative),
    files=named(some(frame_refs, at_least=1)),
    waited_s=shares,
    uses=named(counts),
)
scores = st.builds(Score, objectives=named(st.builds(ObjectiveScore, value=reals, sd=maybe(non_negative), parts=shares)))

# --- ledger events ----------------------------------------------------------------------------------------------------

_interlock_values = maybe(reals | texts)
_REASONED = (
    ev.CampaignPaused,
    ev.CampaignResumed,
    ev.CampaignHeld,
    ev.CampaignStopped,
    ev.CampaignAborted,
    ev.CampaignCompleted,
    ev.CampaignFailed,
)
_roles = st.sampled_from(Role)
_BY_TYPE: tuple[st.SearchStrategy[ev.LedgerData], ...] = (
    st.builds(ev.CampaignCreated, spec=specs, instrument=instruments, versions=st.dictionaries(names, texts, max_size=3)),
    st.builds(ev.CampaignStarted, ends_at=maybe(moments), start_positions=points),
    st.builds(ev.CampaignAmended, spec=specs, reason=texts),
    *(st.builds(kind, reason=texts) for kind in _REASONED),
    st.builds(
        ev.TrialSuggested,
        trial=counts,
        kind=st.sampled_from(TrialKind),
        point=points,
        agent=names,
        role=st.sampled_from(["agent", "fallback", "human", "engine"]),
        based_on=counts,
        evidence=evidence,
        routine=texts,
    ),
    st.builds(ev.TrialKnown, trial=counts, point=points, score=scores, observation=maybe(observations), source=texts),
    st.builds(ev.TrialReviewed, trial=counts, verdicts=verdicts, needs_approval=st.booleans(), suggestion_hash=texts),
    st.builds(ev.TrialApproved, trial=counts, suggestion_hash=texts, note=texts),
    st.builds(ev.TrialVetoed, trial=counts, note=texts, is_timeout=st.booleans(), use_fallback=st.booleans()),
    st.builds(ev.TrialStarted, trial=counts, attempt=counts, uses=named(counts)),
    st.builds(ev.TrialMeasured, trial=counts, observation=observations, verdicts=verdicts),
    st.builds(ev.TrialRemeasured, trial=counts, attempt=counts, reason=texts, verdicts=verdicts, rejected=maybe(observations)),
    st.builds(ev.TrialAwaiting, trial=counts),
    st.builds(ev.TrialScored, trial=counts, score=scores, reason=texts),
    st.builds(ev.TrialFailed, trial=counts, reason=texts),
    st.builds(StageStarted, sample=names, stage=names, part=texts),
    st.builds(
        StageEnded,
        sample=names,
        stage=names,
        outcome=st.sampled_from(["succeeded", "failed"]),
        reason=texts,
        trials=st.integers(0, 99),
        exposure_s=non_negative,
        dose=non_negative,
        best_point=maybe(points),
        best_score=maybe(reals),
        head=texts,
    ),
    st.builds(SampleSkipped, sample=names, reason=texts),
    st.builds(ev.AgentFailed, agent=names, trial=counts, reason=texts),
    st.builds(ev.InstrumentSecured, cause=texts, actions=some(texts)),
    st.builds(ev.InterlockLost, interlock=names, value=_interlock_values),
    st.builds(ev.InterlockReturned, interlock=names, value=_interlock_values, until=maybe(moments)),
    st.builds(ev.LeaseTaken, lease=names, token=counts, holder=texts, taken_from=texts),
    st.builds(ev.NoteLeft, text=texts, campaign=texts),
    st.builds(ev.LoggedIn, name=names, role=_roles, via=st.sampled_from(["key", "link", "proxy"]), address=texts),
    st.builds(ev.LoginRefused, address=texts, reason=texts, count=counts),
    st.builds(ev.KeyCreated, key_id=names, name=names, role=_roles, expires_at=maybe(moments)),
    st.builds(ev.KeyRevoked, key_id=names, name=names),
    st.builds(
        ev.SafeStopped, campaign=names, note=texts, actions=st.lists(texts, max_size=3).map(tuple), seconds_to_command=st.floats(0, 9)
    ),
    st.builds(ev.AlertSent, campaign=names, rule=names, incident=counts, targets=some(names), ok=st.booleans()),
    st.builds(ev.RequestRefused, name=names, method=st.sampled_from(["POST", "DELETE"]), path=texts, reason=texts),
)


def ledger_data() -> tuple[st.SearchStrategy[ev.LedgerData], ...]:
    """Return one strategy per ledger event type."""
    return _BY_TYPE


def drafts(data: st.SearchStrategy[ev.LedgerData]) -> st.SearchStrategy[ev.Draft]:
    """Return drafts that carry such data."""
    return st.builds(ev.Draft, at=moments, actor=texts, data=data)
