"""What a client can tell a campaign to do. Each order is carried out once, however often it had to be sent."""

from collections.abc import Mapping

from pydantic import ValidationError

from orchestrator.client.connection import Connection, path_of
from orchestrator.domain.base import Point, Setting
from orchestrator.domain.changes import Change
from orchestrator.domain.errors import BadInput
from orchestrator.domain.records import ObjectiveScore
from orchestrator.wire.instruments import SafeStopOrder, SafeStopped
from orchestrator.wire.orders import (
    ApprovalOrder,
    ChangeOrder,
    CheckAnswer,
    CheckRequest,
    CreatedCampaign,
    EditOrder,
    NewCampaign,
    NoteOrder,
    Order,
    Ordered,
    PointOrder,
    ScoreOrder,
)
from orchestrator.wire.waiting import Approvals, WaitingApproval


class Ordering:
    """Orders. Campaigns go by their exact id."""

    _connection: Connection

    def check(self, spec: str, *, changes: Mapping[str, str] | None = None, connect: bool = False) -> CheckAnswer:
        """Return what a campaign would do, or everything that is wrong with it."""
        return self._connection.post("/check", CheckRequest(spec=spec, changes=changes or {}, connect=connect), CheckAnswer)

    def create(
        self, spec: str, start: bool = True, *, changes: Mapping[str, str] | None = None, seed: int | None = None
    ) -> CreatedCampaign:
        """Record a campaign from a file's text or a bundled name, and start it unless told otherwise."""
        new = NewCampaign(spec=spec, changes=changes or {}, seed=seed, start=start)
        return self._connection.post("/campaigns", new, CreatedCampaign)

    def start(self, campaign: str, note: str = "") -> Ordered:
        return self._order(campaign, "start", Order(note=note))

    def pause(self, campaign: str, note: str = "", *, now: bool = False) -> Ordered:
        """Pause at the next trial boundary, or at once."""
        return self._order(campaign, "pause", Order(note=note, now=now))

    def resume(self, campaign: str, note: str = "") -> Ordered:
        return self._order(campaign, "resume", Order(note=note))

    def stop(self, campaign: str, note: str = "") -> Ordered:
        """Stop; it can be resumed."""
        return self._order(campaign, "stop", Order(note=note))

    def abort(self, campaign: str, note: str = "") -> Ordered:
        """End it for good."""
        return self._order(campaign, "abort", Order(note=note))

    def safe_stop(self, campaign: str, note: str = "") -> SafeStopped:
        """Stop every motion and close the shutter now, even while the engine hangs."""
        return self._connection.post(f"{path_of(campaign)}/safe-stop", SafeStopOrder(note=note), SafeStopped)

    def approvals(self) -> tuple[WaitingApproval, ...]:
        """Return what waits for a person, the longest wait first."""
        return self._connection.get("/approvals", Approvals).waiting

    def approve(self, waiting: WaitingApproval, note: str = "") -> Ordered:
        """Let just what was seen be measured; refused if it changed meanwhile."""
        return self._decide(waiting, "approve", ApprovalOrder(suggestion_hash=waiting.suggestion_hash, note=note))

    def veto(self, waiting: WaitingApproval, note: str = "") -> Ordered:
        return self._decide(waiting, "veto", ApprovalOrder(suggestion_hash=waiting.suggestion_hash, note=note))

    def edit(self, waiting: WaitingApproval, point: Mapping[str, Setting], note: str = "") -> Ordered:
        """Measure another point instead; guardians review it as any other."""
        return self._decide(waiting, "edit", EditOrder(suggestion_hash=waiting.suggestion_hash, point=point, note=note))

    def suggest(self, campaign: str, point: Point, note: str = "") -> Ordered:
        """Have this point measured next."""
        return self._order(campaign, "points", PointOrder(point=point, note=note))

    def change(self, campaign: str, change: Change, note: str = "") -> Ordered:
        """Fix or release a parameter, set limits, budget or agent."""
        return self._order(campaign, "changes", ChangeOrder(change=change, note=note))

    def skip(self, campaign: str, sample: str, note: str = "") -> Ordered:
        """Leave one sample of a campaign over samples."""
        return self._order(campaign, f"samples/{sample}/skip", Order(note=note))

    def note(self, campaign: str, text: str) -> Ordered:
        return self._order(campaign, "notes", NoteOrder(text=text))

    def score(
        self,
        campaign: str,
        trial: int,
        value: float | None = None,
        sd: float | None = None,
        *,
        scores: Mapping[str, ObjectiveScore] | None = None,
        failed: str = "",
        run_uid: str = "",
        correct: bool = False,
        note: str = "",
    ) -> Ordered:
        """Say what an analysis found. Takes an analyst.

        Args:
            campaign: Its exact id.
            trial: Which trial was analysed; see ``awaiting``.
            value: In the objective's unit; of the only objective that is awaited.
            sd: Its standard deviation.
            scores: Instead of ``value``: by objective, where there are several.
            failed: Instead of ``value``: why there will be no score.
            run_uid: The run that was analysed; refused where another one counts.
            correct: Replace a score; ``note`` says why.
            note: Kept in the ledger.

        Raises:
            BadInput: If the number is not finite.
            RequestRefused: If there is no such trial, it was not measured, or it is scored already.
        """
        try:
            order = ScoreOrder(value=value, sd=sd, scores=scores or {}, failed=failed, run_uid=run_uid, correct=correct, note=note)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the answer"
            raise BadInput(f"trial {trial}: {where} = {first['input']!r}: {first['msg'].removeprefix('Value error, ')}") from None
        return self._order(campaign, f"trials/{trial}/score", order)

    def _order(self, campaign: str, path: str, order: Order | PointOrder | ChangeOrder | NoteOrder | ScoreOrder) -> Ordered:
        return self._connection.post(f"{path_of(campaign)}/{path}", order, Ordered)

    def _decide(self, waiting: WaitingApproval, verb: str, order: ApprovalOrder | EditOrder) -> Ordered:
        return self._connection.post(f"{path_of(waiting.campaign)}/trials/{waiting.trial}/{verb}", order, Ordered)
