"""``nightshift run SPEC --serve``: one campaign, with its page open beside it."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestrator import bootstrap
from orchestrator.bootstrap import Outcome, Switch, Workplace
from orchestrator.bootstrap.campaigns import outcome_of
from orchestrator.campaign_file import CampaignFile
from orchestrator.domain.errors import NightshiftError
from orchestrator.processes import this_person
from orchestrator.serving.links import tell_link
from orchestrator.serving.order import ServeOrder
from orchestrator.serving.service_keeper import ServiceKeeper
from orchestrator.serving.services import Tell, services
from orchestrator.serving.starting import engine_starter
from orchestrator.serving.supervisor import POLL_SECONDS, Supervisor
from orchestrator.serving.wishes import hearing_of_links

_STOP_SECONDS = 30.0
"""How long the engine may take to stop by itself."""


class ServedCampaign:
    """A campaign whose engine is a child of this process; everything happens in the thread that calls ``work``."""

    def __init__(
        self,
        place: Workplace,
        order: ServeOrder,
        campaign: str,
        *,
        supervisor: Supervisor,
        services: tuple[ServiceKeeper, ...],
        switch: Switch,
        tell: Tell,
    ) -> None:
        """Args: switch: What the person at the terminal wants."""
        self._order = order
        self.campaign = campaign
        self._place = place
        self._supervisor = supervisor
        self._services = services
        self._switch = switch
        self._tell = tell
        self._notices: deque[str] = deque()
        self._stop_until: float | None = None
        self._began = time.monotonic()
        self.wants_link = threading.Event()
        self.is_idle = False
        """Whether the campaign is paused or held, so that Ctrl-C can only mean stop."""

    @property
    def is_over(self) -> bool:
        """Return whether the engine has ended and no other will be started."""
        return self._supervisor.keeper(self.campaign) is None

    def notice(self, text: str) -> None:
        """Say a line soon. Safe in a signal handler: nothing is written here and now."""
        self._notices.append(text)

    def work(self, seconds: float) -> None:
        """Look after engine and services for so long, and do what the person wants."""
        deadline = time.monotonic() + seconds
        while not self.is_over and time.monotonic() < deadline:
            while self._notices:
                self._tell(self._notices.popleft())
            if self.wants_link.is_set():
                self.wants_link.clear()
                tell_link(self._place, self._order, self._tell)
            self._obey()
            for service in self._services:
                service.look()
            self._supervisor.step()
            self.is_idle = self._is_idle()
            time.sleep(POLL_SECONDS)

    def outcome(self) -> Outcome:
        """Return how it ended."""
        state, summary = bootstrap.load_state(self._place, self.campaign), self._place.ledger.summary(self.campaign)
        report = self._place.folder / "reports" / f"{self.campaign}.html"
        seconds = time.monotonic() - self._began
        return outcome_of(self.campaign, state, summary.head if summary else "", seconds, report if report.exists() else None)

    def _obey(self) -> None:
        if self._stop_until is not None:
            if time.monotonic() > self._stop_until:
                self._supervisor.stop_all()
        elif self._switch.is_stop_wanted:
            self._stop_until = time.monotonic() + _STOP_SECONDS
            self._supervisor.begin_to_stop(this_person(), "stopped from the terminal")
        elif self._switch.take_pause():
            self._pause()

    def _is_idle(self) -> bool:
        """Return whether the campaign is paused or held, or is about to be."""
        summary = self._place.ledger.summary(self.campaign)
        is_waiting = summary is not None and summary.status in ("paused", "held")
        return is_waiting or any(command.verb == "pause" for command in self._place.ledger.commands(self.campaign))

    def _pause(self) -> None:
        self.is_idle = True
        try:
            bootstrap.order(self._place, "pause", self.campaign, note="paused from the terminal", actor=this_person(), patience=0.0)
        except NightshiftError as error:
            self._tell(str(error))


@contextmanager
def serve_one(place: Workplace, order: ServeOrder, file: CampaignFile, switch: Switch, tell: Tell) -> Iterator[ServedCampaign]:
    """Record a campaign and start it, with its page; stop it safely if the block ends before it does.

    Raises:
        BadInput: If it cannot be run, or the server cannot listen there; nothing was recorded.
    """
    log = _log_of(place)
    with log.open("ab") as lines, services(order, tell, lines.fileno()) as kept:
        campaign = bootstrap.create(place, file)
        supervisor = Supervisor(place, engine_starter(order.ledger, writes_report=True, log=lines.fileno()), tell, only=campaign)
        tell(f"serving {campaign} at {order.url}; log in {log}")
        tell_link(place, order, tell)
        try:
            supervisor.keep(campaign)
            served = ServedCampaign(place, order, campaign, supervisor=supervisor, services=kept, switch=switch, tell=tell)
            with hearing_of_links(served.wants_link):
                yield served
        finally:
            if supervisor.running:
                supervisor.stop_all()
            supervisor.end()


def _log_of(place: Workplace) -> Path:
    log = place.folder / "logs" / "serve.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    return log
