"""Campaigns reached on the ledger itself, as whoever is logged in to this machine."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator import bootstrap
from orchestrator.domain.parts import whole_of
from orchestrator.processes import this_person

if TYPE_CHECKING:
    from pydantic import JsonValue

    from orchestrator.bootstrap import Workplace
    from orchestrator.cli.frames import Frame
    from orchestrator.domain.campaign import CampaignState
    from orchestrator.domain.events import LedgerEvent
    from orchestrator.domain.ports import Summary, Verb
    from orchestrator.domain.spec import CampaignSpec
    from orchestrator.queries import DeadFigures
    from orchestrator.wire.trials import Posterior, TrialDetail
    from orchestrator.wire.waiting import WaitingApproval


class LedgerDesk:
    """The ledger of an open workplace."""

    def __init__(self, workplace: "Workplace") -> None:
        self._workplace = workplace

    @property
    def place(self) -> str:
        return self._workplace.url

    def find(self, wanted: str) -> str:
        return bootstrap.find(self._workplace, wanted)

    def order(
        self,
        verb: "Verb",
        campaign: str,
        *,
        trial: int | None = None,
        note: str = "",
        is_now: bool = False,
        content: "Mapping[str, JsonValue] | None" = None,
    ) -> str:
        actor = this_person()
        return bootstrap.order(self._workplace, verb, campaign, trial=trial, note=note, is_now=is_now, content=content, actor=actor).text

    def waiting(self, campaign: str) -> "WaitingApproval | None":
        from orchestrator.api.shown.waiting import waiting_approval

        return waiting_approval(campaign, bootstrap.load_state(self._workplace, campaign))

    def spec(self, campaign: str) -> "CampaignSpec":
        return bootstrap.load_state(self._workplace, campaign).spec

    def summaries(self) -> "tuple[Summary, ...]":
        return self._workplace.ledger.summaries()

    def is_run(self, campaign: str) -> bool:
        return bootstrap.has_runner(self._workplace, whole_of(campaign))

    def events(self, stream: str, after: int) -> "Iterator[LedgerEvent]":
        yield from self._workplace.ledger.read(stream, after=after)

    def show(self, campaign: str) -> None:
        from orchestrator.bootstrap.sending import documents_amiss
        from orchestrator.cli.showing import print_state

        state, dead = self._state_and_dead(campaign)
        print_state(campaign, state, dead, documents_amiss(self._workplace, campaign), is_run=self.is_run(campaign))

    def document(self, campaign: str) -> Mapping[str, Any]:
        from orchestrator.bootstrap.sending import documents_amiss
        from orchestrator.cli.showing import document_of_state

        return document_of_state(campaign, *self._state_and_dead(campaign), documents_amiss(self._workplace, campaign))

    def trial(self, campaign: str, number: int) -> "TrialDetail":
        from orchestrator.api.cache import CampaignCache
        from orchestrator.api.shown.detail import shown_detail

        return shown_detail(CampaignCache(self._workplace).get(campaign), number, self._workplace.ledger)

    def _state_and_dead(self, campaign: str) -> "tuple[CampaignState, DeadFigures | None]":
        from orchestrator.queries.times import dead_figures, dead_times, our_seconds

        gaps = dead_times(bootstrap.load_events(self._workplace, campaign))
        return bootstrap.load_state(self._workplace, campaign), dead_figures(our_seconds(gaps))

    def frames(self, campaign: str) -> "Iterator[Frame]":
        from orchestrator.cli.frames import ledger_frames

        return ledger_frames(self._workplace, campaign)

    def report(self, campaign: str, path: Path) -> None:
        bootstrap.report(self._workplace, campaign, path)

    def export(self, campaign: str, path: Path) -> None:
        bootstrap.export(self._workplace, campaign, path)

    def posterior(
        self, campaign: str, *, trial: int | None, objective: str | None, x: str | None, y: str | None, n: int | None
    ) -> "Posterior":
        from orchestrator.api.cache import CampaignCache
        from orchestrator.api.shown.detail import known_trial
        from orchestrator.bootstrap.recalling import believed
        from orchestrator.queries.slices import USUAL_N, slice_of

        followed = CampaignCache(self._workplace).get(campaign)
        number = None if trial is None else known_trial(followed, trial).number
        return believed(self._workplace, campaign, slice_of(followed.state, trial=number, objective=objective, x=x, y=y, n=n or USUAL_N))
