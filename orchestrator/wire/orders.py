"""Orders: what people tell a campaign to do, and what became of it."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, JsonValue, StrictBool, model_validator

from orchestrator.domain.analysis import AnalysisAnswer
from orchestrator.domain.base import Setting, Value
from orchestrator.domain.changes import Change
from orchestrator.domain.records import ObjectiveScore

Action = Literal[
    "start", "pause", "resume", "stop", "abort", "safe-stop", "approve", "veto", "edit", "suggest", "amend", "note", "score", "skip"
]


class NewCampaign(Value, defer_build=False):
    """A campaign to create, and to start at once unless told otherwise."""

    spec: str = Field(min_length=1, max_length=256 * 1024)
    """The campaign file's text, YAML; or only a bundled campaign's name."""
    changes: Mapping[str, str] = Field(default={}, max_length=100)
    """As ``--set``: YAML values by dotted path."""
    seed: int | None = Field(default=None, ge=0, lt=2**63, strict=True)
    start: StrictBool = True


class CreatedCampaign(Value):
    campaign: str
    status: str
    answer: str


class CheckRequest(Value, defer_build=False):
    spec: str = Field(min_length=1, max_length=256 * 1024)
    changes: Mapping[str, str] = Field(default={}, max_length=100)
    connect: StrictBool = False


class CheckAnswer(Value):
    """What ``nightshift check`` says. Not valid: ``problems`` has a line each, with line number, value, limit and way out."""

    is_valid: bool
    name: str = ""
    lines: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class Order(Value, defer_build=False):
    """A command without further content."""

    note: str = Field(default="", max_length=2000)
    now: StrictBool = False
    """For ``pause``: interrupt the trial in progress."""


class ApprovalOrder(Value, defer_build=False):
    suggestion_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    note: str = Field(default="", max_length=2000)


class EditOrder(Value, defer_build=False):
    """Measure this point instead of the held one; it goes past the guardians again."""

    suggestion_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    point: Mapping[str, Setting] = Field(max_length=100)
    note: str = Field(default="", max_length=2000)


class PointOrder(Value, defer_build=False):
    """Measure this point next."""

    point: Mapping[str, Setting] = Field(max_length=100)
    note: str = Field(default="", max_length=2000)


class ChangeOrder(Value, defer_build=False):
    change: Change
    note: str = Field(default="", max_length=2000)


class ScoreOrder(Value, defer_build=False):
    """What an analysis says of a trial: a value, several by objective, or that it failed."""

    value: float | None = None
    """Of the only objective that is awaited."""
    sd: float | None = Field(default=None, ge=0)
    scores: Mapping[str, ObjectiveScore] = Field(default={}, max_length=100)
    """By objective, where there are several."""
    failed: str = Field(default="", max_length=2000)
    """Why there will be no score."""
    run_uid: str = Field(default="", max_length=100)
    """The run that was analysed; refused where another one counts."""
    correct: StrictBool = False
    """Replace a score."""
    note: str = Field(default="", max_length=2000)

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if [self.value is not None, bool(self.scores), bool(self.failed)].count(True) != 1:
            raise ValueError("give value, scores or failed, and only one of them")
        if self.sd is not None and self.value is None:
            raise ValueError("sd belongs to value; several scores carry their own")
        return self

    def content(self) -> dict[str, JsonValue]:
        """Return what the command carries."""
        alone = {} if self.value is None else {"": ObjectiveScore(value=self.value, sd=self.sd)}
        answer = AnalysisAnswer(scores={**alone, **self.scores}, failed=self.failed, run_uid=self.run_uid, is_correction=self.correct)
        return answer.model_dump(mode="json")


class NoteOrder(Value, defer_build=False):
    text: str = Field(min_length=1, max_length=2000)


class Ordered(Value):
    """What became of a command."""

    campaign: str
    verb: str
    answer: str
    """One sentence."""
    taken: bool
    """Whether the engine has taken it; otherwise it lies in the inbox, which survives a crash."""
    status: str
