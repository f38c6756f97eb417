"""Campaigns reached through ``nightshift serve``, with a key's name and role."""

from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import JsonValue, TypeAdapter

from orchestrator.campaign_file.reading import parse_value
from orchestrator.cli.frames import Frame, server_frames
from orchestrator.cli.status_showing import document_of_status, print_status
from orchestrator.client import NightshiftClient, RequestRefused
from orchestrator.domain.analysis import AnalysisAnswer
from orchestrator.domain.base import BUILT_WHEN_USED, Point
from orchestrator.domain.changes import Change
from orchestrator.domain.errors import BadInput, StaleApproval, WrongState
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.ports import Summary, Verb
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.spec import CampaignSpec
from orchestrator.wire.campaigns import Campaign, CampaignStatus
from orchestrator.wire.orders import Ordered
from orchestrator.wire.trials import Posterior, Trial, TrialDetail
from orchestrator.wire.waiting import WaitingApproval

_CHANGE: TypeAdapter[Change] = TypeAdapter(Change, config=BUILT_WHEN_USED)
_N_LATEST = 10


class ServerDesk:
    """One server."""

    def __init__(self, client: NightshiftClient) -> None:
        self._client = client

    @property
    def place(self) -> str:
        return self._client.url

    def find(self, wanted: str) -> str:
        return self._client.find(wanted)

    def order(
        self,
        verb: Verb,
        campaign: str,
        *,
        trial: int | None = None,
        note: str = "",
        is_now: bool = False,
        content: Mapping[str, JsonValue] | None = None,
    ) -> str:
        if verb in ("approve", "veto", "edit"):
            return self._decide(verb, self._waiting(campaign, trial), note, content or {}).answer
        if verb == "score" and trial is not None:
            return self._score(campaign, trial, note, AnalysisAnswer.model_validate(dict(content or {}))).answer
        return self._order(verb, campaign, note, is_now, content or {}).answer

    def _score(self, campaign: str, trial: int, note: str, answer: AnalysisAnswer) -> Ordered:
        alone = answer.scores.get("")
        return self._client.score(
            campaign,
            trial,
            None if alone is None else alone.value,
            None if alone is None else alone.sd,
            scores={name: score for name, score in answer.scores.items() if name},
            failed=answer.failed,
            run_uid=answer.run_uid,
            correct=answer.is_correction,
            note=note,
        )

    def _order(self, verb: Verb, campaign: str, note: str, is_now: bool, content: Mapping[str, JsonValue]) -> Ordered:
        match verb:
            case "pause":
                return self._client.pause(campaign, note, now=is_now)
            case "start" | "resume" | "stop" | "abort":
                return getattr(self._client, verb)(campaign, note)
            case "suggest":
                return self._client.suggest(campaign, cast(Point, content["point"]), note)
            case "amend":
                return self._client.change(campaign, _CHANGE.validate_python(content["change"]), note)
            case "skip":
                return self._client.skip(campaign, str(content["sample"]), note)
            case "note":
                return self._client.note(campaign, str(content["text"]))
            case _:
                raise WrongState(f"{verb} cannot be sent through a server")

    def _decide(self, verb: Verb, waiting: WaitingApproval, note: str, content: Mapping[str, JsonValue]) -> Ordered:
        match verb:
            case "approve":
                return self._client.approve(waiting, note)
            case "veto":
                return self._client.veto(waiting, note)
            case _:
                return self._client.edit(waiting, cast(Point, content["point"]), note)

    def _waiting(self, campaign: str, trial: int | None) -> WaitingApproval:
        waiting = self.waiting(campaign)
        if waiting is None:
            raise WrongState(f"campaign {campaign} has no suggestion waiting for approval; see nightshift show {campaign}")
        if trial not in (None, waiting.trial):
            raise StaleApproval(f"trial {trial} does not wait for approval; trial {waiting.trial} does")
        return waiting

    def waiting(self, campaign: str) -> WaitingApproval | None:
        return self._client.status(campaign).waiting

    def spec(self, campaign: str) -> CampaignSpec:
        written = parse_value(self._client.spec(campaign), campaign)
        return (SamplesSpec if "stages" in written else CampaignSpec).model_validate(written)

    def summaries(self) -> tuple[Summary, ...]:
        return tuple(map(_summary, self._client.campaigns(parts=True)))

    def is_run(self, campaign: str) -> bool:
        return self._client.status(campaign).is_run

    def events(self, stream: str, after: int) -> Iterator[LedgerEvent]:
        raw = self._client.audit(after) if stream == "system" else self._client.events(stream, after)
        return map(_event, raw)

    def show(self, campaign: str) -> None:
        status = self._client.status(campaign)
        print_status(status, latest_trials(self._client, status, _N_LATEST))

    def document(self, campaign: str) -> Mapping[str, Any]:
        status = self._client.status(campaign)
        latest = latest_trials(self._client, status, _N_LATEST)
        awaiting = () if status.analysis is None else self._client.awaiting(campaign)
        return document_of_status(status, latest, self.spec(campaign), self._identity(status), awaiting)

    def trial(self, campaign: str, number: int) -> TrialDetail:
        return self._client.trial(campaign, number)

    def _identity(self, status: CampaignStatus) -> str:
        """Return what the instrument's lease is keyed by; empty for one that is private, or no longer known."""
        try:
            return self._client.instrument(status.instrument_id).identity
        except RequestRefused:
            return ""

    def frames(self, campaign: str) -> Iterator[Frame]:
        return server_frames(self._client, campaign)

    def report(self, campaign: str, path: Path) -> None:
        path.write_text(self._client.report(campaign), encoding="utf-8")

    def export(self, campaign: str, path: Path) -> None:
        if path.suffix.lower() != ".csv":
            raise BadInput(f"cannot export to {path.name}: a server sends CSV alone; end it in .csv, or export where the ledger is")
        path.write_text(self._client.table(campaign), encoding="utf-8")

    def posterior(
        self, campaign: str, *, trial: int | None, objective: str | None, x: str | None, y: str | None, n: int | None
    ) -> Posterior:
        return self._client.posterior(campaign, objective=objective, x=x, y=y, n=n, trial=trial)


def latest_trials(client: NightshiftClient, status: CampaignStatus, n: int) -> tuple[Trial, ...]:
    """Return a campaign's last trials; vetoed ones have numbers too, so there are at least as many as were counted."""
    return tuple(deque(client.trials(status.campaign, after=max(0, status.n_trials - n)), maxlen=n))


def _summary(campaign: Campaign) -> Summary:
    return Summary(**{name: getattr(campaign, name) for name in Summary.__dataclass_fields__ if hasattr(campaign, name)})


def _event(raw: Mapping[str, Any]) -> LedgerEvent:
    columns = {name: value for name, value in raw.items() if name in LedgerEvent.model_fields}
    return LedgerEvent.model_validate({**columns, "data": {"type": raw["type"], **raw["data"]}})
