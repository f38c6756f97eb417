"""The alerts' process: follows every campaign of the last day, and tells people of incidents, each once."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from orchestrator.alerts.configuration import AlertSettings
from orchestrator.alerts.delivery import Post
from orchestrator.alerts.messages import message_of
from orchestrator.alerts.pictures import pictures_of
from orchestrator.alerts.rules import Finding, Incident, findings
from orchestrator.alerts.watched import Watched
from orchestrator.domain import events as ev
from orchestrator.domain.errors import NightshiftError
from orchestrator.domain.events import Draft
from orchestrator.domain.parts import is_part
from orchestrator.domain.ports import Artefacts, Frames, Ledger, Summary
from orchestrator.domain.records import Objective

_log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
_RECENT = timedelta(hours=24)
_PAGE = 1000
_SYSTEM = "system"
_ACTOR = "alerts"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the watch sees of the world."""

    ledger: Ledger
    artefacts: Artefacts
    objectives: Callable[[str], tuple[Objective, ...]]
    has_runner: Callable[[str], bool]
    now: Callable[[], datetime]
    frames: Frames | None = None
    """Reads the files of detectors, for pictures; must not take long where a file system hangs."""


@dataclass(slots=True)
class Watch:
    """Everything remembered between two looks. What was told is in the ledger, so that a restart tells nobody twice."""

    around: Surroundings
    settings: AlertSettings
    post: Post
    _campaigns: dict[str, Watched] = field(default_factory=dict[str, Watched])
    _deserted: dict[str, datetime] = field(default_factory=dict[str, datetime])
    _told: set[tuple[Incident, str]] = field(default_factory=set[tuple[Incident, str]])
    """Incidents with the targets that know, or are being told."""
    _system_seq: int = 0

    def look(self) -> None:
        """Read what is new, and tell who has not been told."""
        self._read_what_was_told()
        since = self.around.now() - _RECENT
        recent = [summary for summary in self.around.ledger.summaries() if summary.updated_at >= since and not is_part(summary.campaign)]
        for gone in self._campaigns.keys() - {summary.campaign for summary in recent}:
            del self._campaigns[gone]
        for summary in recent:
            self._look_at(self._followed(summary))

    def _read_what_was_told(self) -> None:
        while events := self.around.ledger.read(_SYSTEM, after=self._system_seq, limit=_PAGE):
            self._system_seq = events[-1].seq
            for event in events:
                if isinstance(event.data, ev.AlertSent):
                    incident = Incident(event.data.campaign, event.data.rule, event.data.incident)
                    self._told.update((incident, target) for target in event.data.targets)

    def _followed(self, summary: Summary) -> Watched:
        watched = self._campaigns.get(summary.campaign)
        if watched is not None and watched.state.seq >= summary.seq:
            return watched
        events = self.around.ledger.read(summary.campaign, after=0 if watched is None else watched.state.seq)
        if watched is None:
            watched = Watched.begin(summary.campaign, events[0], self.around.objectives(summary.campaign))
            events = events[1:]
        for event in events:
            watched.hear(event, self.settings.rules.budget)
        self._campaigns[summary.campaign] = watched
        return watched

    def _look_at(self, watched: Watched) -> None:
        has_runner, now = self.around.has_runner(watched.campaign), self.around.now()
        if has_runner:
            self._deserted.pop(watched.campaign, None)
        since = None if has_runner else self._deserted.setdefault(watched.campaign, now)
        for finding in findings(watched, self.settings.rules, deserted_since=since, now=now):
            self._tell(finding, watched, has_runner)

    def _tell(self, finding: Finding, watched: Watched, has_runner: bool) -> None:
        targets = [target for target in self.settings.targets if (finding.incident, target) not in self._told]
        if not targets:
            return
        pictures = pictures_of(watched, self.around.artefacts, self.around.frames)
        message = message_of(finding, watched, has_runner=has_runner, page=self.settings.page, pictures=pictures)
        _log.info("alert", campaign=watched.campaign, rule=finding.incident.rule, title=message.title, targets=targets)
        for target in targets:
            self._told.add((finding.incident, target))
            self.post.deliver(target, message, _recorder(self.around, finding.incident, target))


def _recorder(around: Surroundings, incident: Incident, target: str) -> Callable[[bool], None]:
    """Return what writes down that a target was told, or given up."""

    def record(ok: bool) -> None:
        sent = ev.AlertSent(campaign=incident.campaign, rule=incident.rule, incident=incident.opened, targets=(target,), ok=ok)
        try:
            around.ledger.append_note(_SYSTEM, Draft(at=around.now(), actor=_ACTOR, data=sent))
        except NightshiftError as error:
            _log.error("an alert could not be recorded; a restart would send it again", target=target, error=str(error))

    return record


def watch(around: Surroundings, settings: AlertSettings, ended: threading.Event | None = None) -> None:
    """Watch until told to end. A ledger that cannot be read for a while is waited for."""
    ended, post = ended or threading.Event(), Post(settings.targets)
    watching = Watch(around, settings, post)
    try:
        while not ended.wait(LOOK_SECONDS):
            try:
                watching.look()
            except NightshiftError as error:
                _log.warning("campaigns could not be looked at", error=str(error))
    finally:
        post.close()
