"""Ledger events: one frozen class per name. Stored events are only added or upcast, never edited."""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, JsonValue, TypeAdapter

from orchestrator.domain.access import Role
from orchestrator.domain.base import BUILT_WHEN_USED, Moment, Setting, Value
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.parts import PartOf, SampleSkipped, StageEnded, StageStarted
from orchestrator.domain.records import Evidence, ObjectiveScore, Observation, Score, TrialKind, Verdict
from orchestrator.domain.samples import AnySpec

SCHEMA_VERSION = 1
GENESIS = "0" * 64
"""What stands as the previous hash of a stream's first event."""
MAX_PAYLOAD_BYTES = 64 * 1024


class CampaignCreated(Value):
    """The resolved spec: nothing outside this event and the artefacts it names is needed to replay it."""

    type: Literal["campaign-created"] = "campaign-created"
    spec: AnySpec
    instrument: InstrumentDescription
    """Without candidates: those are in the spec, or in the artefact it names."""
    versions: Mapping[str, str] = {}
    part_of: PartOf | None = None
    """Given where the campaign is one sample in one stage of a campaign over samples."""
    tables: Mapping[str, str] = {}
    """SHA-256 of the files that the samples were read from, as they were then, by path as written."""


class CampaignStarted(Value):
    type: Literal["campaign-started"] = "campaign-started"
    ends_at: Moment | None = None
    """The moment ``budget.until`` or ``budget.wall_time`` ends the campaign."""
    start_positions: Mapping[str, Setting] = {}
    """Where the axes stood; ``on_finish: start`` returns here."""


class CampaignAmended(Value):
    """A change of the spec while the campaign lives, as the whole new spec."""

    type: Literal["campaign-amended"] = "campaign-amended"
    spec: AnySpec
    reason: str = ""
    """What the person wrote."""
    change: str = ""
    """What changed, in one phrase."""
    ends_at: Moment | None = None
    """When the budget, as it is now, ends the campaign."""


class CampaignPaused(Value):
    type: Literal["campaign-paused"] = "campaign-paused"
    reason: str = ""


class CampaignResumed(Value):
    type: Literal["campaign-resumed"] = "campaign-resumed"
    reason: str = ""
    keeps_positions: bool = True
    """Whether the axes still stand where the last trial left them, as far as anyone knows; false for devices that live and
    die with their process."""


class CampaignHeld(Value):
    """Something needs a person: an axis moved by another, an ambiguous attempt, a reading that stays bad."""

    type: Literal["campaign-held"] = "campaign-held"
    reason: str


class CampaignStopped(Value):
    """Resumable."""

    type: Literal["campaign-stopped"] = "campaign-stopped"
    reason: str = ""


class CampaignAborted(Value):
    """Final."""

    type: Literal["campaign-aborted"] = "campaign-aborted"
    reason: str = ""


class CampaignCompleted(Value):
    type: Literal["campaign-completed"] = "campaign-completed"
    reason: str


class CampaignFailed(Value):
    """The engine met an error it could not continue from; resumable once the cause is mended."""

    type: Literal["campaign-failed"] = "campaign-failed"
    reason: str


class TrialSuggested(Value):
    type: Literal["trial-suggested"] = "trial-suggested"
    trial: int = Field(ge=1)
    kind: TrialKind = TrialKind.AGENT
    point: Mapping[str, Setting]
    agent: str
    """Who suggested: an agent's type, or a person."""
    role: Literal["agent", "fallback", "human", "engine"] = "agent"
    based_on: int = Field(ge=0)
    """Sequence number of the last event in the history the agent was shown."""
    evidence: Evidence = Evidence()
    routine: str = ""
    """The entry of ``every`` that was due; empty for all other trials."""


class TrialKnown(Value):
    """What was measured before the campaign, at a point of its space: nothing moves for it."""

    type: Literal["trial-known"] = "trial-known"
    trial: int = Field(ge=1)
    point: Mapping[str, Setting]
    score: Score
    """As the campaign's own rewards judge it, or as its table says."""
    observation: Observation | None = None
    """What was recorded there; none of what a table says."""
    source: str
    """Where it was measured: another campaign's trial, a table's line."""


class TrialReviewed(Value):
    """What the guardians said before a motion, and whether a person must approve."""

    type: Literal["trial-reviewed"] = "trial-reviewed"
    trial: int
    verdicts: tuple[Verdict, ...] = ()
    needs_approval: bool = False
    suggestion_hash: str = ""
    """An approval is bound to this."""


class TrialApproved(Value):
    type: Literal["trial-approved"] = "trial-approved"
    trial: int
    suggestion_hash: str = ""
    note: str = ""


class TrialVetoed(Value):
    """Will not be measured, because a person or an expired approval said so."""

    type: Literal["trial-vetoed"] = "trial-vetoed"
    trial: int
    note: str = ""
    is_timeout: bool = False
    use_fallback: bool = False
    """Whether the fallback agent suggests the next trial."""


class TrialStarted(Value):
    """Write-ahead intent: recorded before anything moves. Each start has at most one motion."""

    type: Literal["trial-started"] = "trial-started"
    trial: int
    attempt: int = Field(ge=1)
    uses: Mapping[str, int] = {}
    """By routine: the trial whose dark, calibration or alignment is in force."""


class TrialMeasured(Value):
    """The one observation that counts for this trial."""

    type: Literal["trial-measured"] = "trial-measured"
    trial: int
    observation: Observation
    verdicts: tuple[Verdict, ...] = ()


class TrialRemeasured(Value):
    """A declared repeat: the attempt named here does not count, and another one follows."""

    type: Literal["trial-remeasured"] = "trial-remeasured"
    trial: int
    attempt: int
    reason: str
    verdicts: tuple[Verdict, ...] = ()
    rejected: Observation | None = None
    """What the attempt gave, kept for the record; None when its fate is unknown."""
    is_refused: bool = False
    """Whether nothing moved, for example because an interlock was lost."""


class TrialAwaiting(Value):
    """Measured; its analysis answers later, in any order."""

    type: Literal["trial-awaiting"] = "trial-awaiting"
    trial: int
    known: Mapping[str, ObjectiveScore] = {}
    """By objective: what is told already, where a trial has several."""
    note: str = ""
    """What whoever told it wrote."""


class TrialScored(Value):
    type: Literal["trial-scored"] = "trial-scored"
    trial: int
    score: Score
    reason: str = ""
    """Why it was scored again; empty the first time."""
    note: str = ""
    """What whoever answered for an analysis wrote."""


class TrialFailed(Value):
    """Will not be measured or scored; the agent may suggest something else."""

    type: Literal["trial-failed"] = "trial-failed"
    trial: int
    reason: str


class AgentFailed(Value):
    type: Literal["agent-failed"] = "agent-failed"
    agent: str
    trial: int
    reason: str


class InstrumentSecured(Value):
    """The safe state was put in force."""

    type: Literal["instrument-secured"] = "instrument-secured"
    cause: str
    actions: tuple[str, ...] = ()


class InterlockLost(Value):
    type: Literal["interlock-lost"] = "interlock-lost"
    interlock: str
    value: float | str | None = None


class InterlockReturned(Value):
    type: Literal["interlock-returned"] = "interlock-returned"
    interlock: str
    value: float | str | None = None
    until: Moment | None = None
    """It holds, and the site waits until then before anything is measured; once that is over the event comes again, without."""


class LeaseTaken(Value):
    type: Literal["lease-taken"] = "lease-taken"
    lease: str
    token: int
    holder: str
    taken_from: str = ""
    """The previous holder and why it could be replaced; empty when the lease was free."""


class NoteLeft(Value):
    type: Literal["note-left"] = "note-left"
    text: str
    campaign: str = ""
    """In the stream ``system``: the finished campaign it is about."""


class LoggedIn(Value):
    """Somebody opened a session, or a proxy vouched for them for the first time in a while."""

    type: Literal["logged-in"] = "logged-in"
    name: str
    role: Role
    via: str
    address: str = ""


class LoginRefused(Value):
    """Somebody could not prove who they are; at most one event a minute and address."""

    type: Literal["login-refused"] = "login-refused"
    address: str
    reason: str
    count: int = Field(default=1, ge=1)
    """Attempts from there since the last such event."""


class KeyCreated(Value):
    type: Literal["key-created"] = "key-created"
    key_id: str
    name: str
    role: Role
    expires_at: Moment | None = None


class KeyRevoked(Value):
    type: Literal["key-revoked"] = "key-revoked"
    key_id: str
    name: str


class RequestRefused(Value):
    """Somebody known asked for more than their role includes."""

    type: Literal["request-refused"] = "request-refused"
    name: str
    method: str
    path: str
    reason: str


class SafeStopped(Value):
    """In the stream ``system``: somebody had an instrument made safe from outside its engine."""

    type: Literal["safe-stopped"] = "safe-stopped"
    campaign: str
    """Whose instrument."""
    note: str = ""
    """Why, in the person's words."""
    actions: tuple[str, ...] = ()
    seconds_to_command: float | None = None
    """From the request until everything that stops or closes was sent; None where nothing could be."""
    seconds_to_still: float | None = None
    """Until the axes stood still; None where nothing can tell."""


class AlertSent(Value):
    """In the stream ``system``: people were told of an incident, so that nobody is told twice, whoever restarts."""

    type: Literal["alert-sent"] = "alert-sent"
    campaign: str
    rule: str
    incident: int = Field(ge=0)
    """Sequence number of the campaign's event that began it: one rule is told once for each."""
    targets: tuple[str, ...]
    """By their names in the settings; addresses and tokens are never here."""
    ok: bool
    """False when it was given up: the target refused, or did not answer for long."""


LedgerData = Annotated[
    CampaignCreated
    | CampaignStarted
    | CampaignAmended
    | CampaignPaused
    | CampaignResumed
    | CampaignHeld
    | CampaignStopped
    | CampaignAborted
    | CampaignCompleted
    | CampaignFailed
    | TrialSuggested
    | TrialKnown
    | TrialReviewed
    | TrialApproved
    | TrialVetoed
    | TrialStarted
    | TrialMeasured
    | TrialRemeasured
    | TrialAwaiting
    | TrialScored
    | TrialFailed
    | StageStarted
    | StageEnded
    | SampleSkipped
    | AgentFailed
    | InstrumentSecured
    | InterlockLost
    | InterlockReturned
    | LeaseTaken
    | NoteLeft
    | LoggedIn
    | LoginRefused
    | KeyCreated
    | KeyRevoked
    | RequestRefused
    | AlertSent
    | SafeStopped,
    Field(discriminator="type"),
]

_DATA: TypeAdapter[LedgerData] = TypeAdapter(LedgerData, config=BUILT_WHEN_USED)


class Draft(Value):
    """A ledger event that is not stored yet."""

    at: Moment
    actor: str
    data: LedgerData


class LedgerEvent(Value):
    """One immutable line of the ledger."""

    HASHED: ClassVar[tuple[str, ...]] = ("stream", "seq", "at", "actor", "type", "schema_version", "token", "data", "prev_hash")

    stream: str
    """A campaign's id, or ``system``."""
    seq: int = Field(ge=1)
    at: Moment
    actor: str
    schema_version: int
    token: int
    """The writer's lease token."""
    data: LedgerData
    prev_hash: str
    hash: str

    @property
    def type(self) -> str:
        return self.data.type


def encode_data(data: LedgerData) -> str:
    """Return the JSON of a payload as it is stored and hashed.

    Keys keep their order: that of a space's parameters bears on what agents suggest, so it must survive the ledger.
    """
    return ordered_json(data.model_dump(mode="json", exclude={"type"}))


def decode_data(type_name: str, payload: str) -> LedgerData:
    """Return the payload a stored event carries."""
    return _DATA.validate_python({"type": type_name, **json.loads(payload)}, strict=False)


def ordered_json(content: Any) -> str:
    """Return compact JSON whose keys keep their order. Raises ValueError for infinities, which JSON cannot say."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(content: Any) -> str:
    """Return compact JSON with sorted keys: equal content gives equal text, for hashes."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def chain_hash(columns: Mapping[str, JsonValue]) -> str:
    """Return the hash of one stored event; every stored column but the hash itself goes in."""
    return hashlib.sha256(canonical_json({name: columns[name] for name in LedgerEvent.HASHED}).encode()).hexdigest()


def suggestion_hash(trial: int, point: Mapping[str, Setting]) -> str:
    """Return what an approval is bound to, so that nobody approves something that changed."""
    return hashlib.sha256(canonical_json({"trial": trial, "point": dict(point)}).encode()).hexdigest()
