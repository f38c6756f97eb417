"""What waits for somebody: suggestions for an approval, measured trials for their analysis."""

from collections.abc import Mapping

from orchestrator.domain.base import Moment, Setting, Value
from orchestrator.domain.records import Verdict


class WaitingApproval(Value):
    """A held suggestion in the approval inbox."""

    campaign: str
    name: str
    trial: int
    point: Mapping[str, Setting]
    units: Mapping[str, str] = {}
    agent: str
    why: str
    predicted: Mapping[str, str] = {}
    """By objective, as people read it: ``12.3 ± 0.4 nA``."""
    verdicts: tuple[Verdict, ...] = ()
    suggestion_hash: str
    since: Moment
    expires_at: Moment | None = None
    on_timeout: str = ""
    """What silence does: ``skip``, ``fallback`` or ``pause``; never approve."""
    is_ambiguous: bool = False
    """Whether the question is if an attempt of unknown fate may be repeated."""


class Approvals(Value):
    waiting: tuple[WaitingApproval, ...]


class AwaitedTrial(Value):
    """A trial that is measured and not yet scored, with all that an analysis needs to find its data and to answer."""

    trial: int
    attempt: int
    """Of its attempts, the one that counts."""
    run_uid: str
    """Of the Bluesky run that counts; send it back with the answer, and an answer about another run is refused."""
    scan_id: int | None = None
    point: Mapping[str, Setting]
    objectives: tuple[str, ...]
    """What has not been told yet."""
    since: Moment
    expires_at: Moment | None = None
    on_timeout: str = ""
    """What silence does: ``fail`` or ``hold``."""


class Awaited(Value):
    """The trials that wait for their analysis, in the order of measuring."""

    trials: tuple[AwaitedTrial, ...]
    most: int | None = None
    """So many may wait at once; then the instrument waits, too."""


class AnalysisWait(Value):
    """How much analysis is outstanding, at a glance."""

    n: int
    most: int | None = None
    trials: tuple[int, ...]
    """At most twenty, the first measured first."""
    since: Moment
    """When the longest wait began."""
    is_full: bool
    """Whether the instrument waits for it."""
