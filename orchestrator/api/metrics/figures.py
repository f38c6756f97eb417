"""How the campaigns stand, worked out when somebody asks: from what the API has folded already."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from orchestrator.api.following import Followed
from orchestrator.api.services import Services
from orchestrator.api.shown.status import shown_status
from orchestrator.domain.campaign import Status
from orchestrator.domain.parts import is_part
from orchestrator.domain.ports import Command
from orchestrator.wire.campaigns import CampaignStatus

_RECENT = timedelta(hours=24)
_MOST_CAMPAIGNS = 50
"""Prometheus keeps a series for each for weeks."""


class CampaignFigures(Collector):
    """The campaigns of the last day, and the server itself."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("nightshift_stream_viewers", "Open event streams.", self._services.streams.seats.n_taken)
        began = time.perf_counter()
        commands = self._services.workplace.ledger.inbox()
        yield GaugeMetricFamily("nightshift_ledger_read_seconds", "Time to read the commands' inbox.", time.perf_counter() - began)
        figures = Figures()
        for followed in self._recent():
            self._add(figures, followed, commands)
        yield from figures.families

    def _recent(self) -> list[Followed]:
        """Return the campaigns that something happened to within a day, at most fifty."""
        since = self._services.now() - _RECENT
        summaries = [
            each for each in self._services.workplace.ledger.summaries() if each.updated_at >= since and not is_part(each.campaign)
        ]
        latest = sorted(summaries, key=lambda summary: summary.updated_at, reverse=True)[:_MOST_CAMPAIGNS]
        return [self._services.cache.get(summary.campaign) for summary in latest]

    def _add(self, figures: "Figures", followed: Followed, commands: tuple[Command, ...]) -> None:
        campaign, state = followed.campaign, followed.state
        figures.add_counts(followed)
        figures.add_times(followed)
        n_commands = sum(command.campaign == campaign for command in commands)
        runner = self._services.runners.of(campaign)
        part, now = self._services.cache.running_part(followed), self._services.now()
        figures.add_status(shown_status(followed, runner=runner, n_commands=n_commands, now=now, part=part))
        if state.instrument.identity:
            held = self._services.workplace.ledger.holder(f"instrument:{state.instrument.identity}")
            figures.lease.add_metric([campaign, state.instrument.identity], held is not None)


class Figures:
    """Families that campaigns add their samples to."""

    def __init__(self) -> None:
        of = ["campaign"]
        self.trials = GaugeMetricFamily("nightshift_trials", "Trials by status.", labels=[*of, "status"])
        self.status = GaugeMetricFamily("nightshift_campaign_status", "1 for the status a campaign has.", labels=[*of, "name", "status"])
        self.runner_alive = GaugeMetricFamily("nightshift_runner_alive", "Whether a living process drives the campaign.", labels=of)
        self.commands = GaugeMetricFamily("nightshift_commands_waiting", "Commands the runner has not taken yet.", labels=of)
        self.best = GaugeMetricFamily("nightshift_best_score", "The best of the first objective.", labels=[*of, "objective"])
        self.dead = GaugeMetricFamily("nightshift_dead_seconds", "Median time between measurements, beam and people left out.", labels=of)
        self.dead_p95 = GaugeMetricFamily("nightshift_dead_p95_seconds", "95 % of these times were at most this long.", labels=of)
        self.ask = GaugeMetricFamily("nightshift_ask_seconds", "What the agent's latest suggestion took.", labels=of)
        self.last_event = GaugeMetricFamily("nightshift_last_event_timestamp_seconds", "When the ledger last grew.", labels=of)
        self.verdicts = CounterMetricFamily("nightshift_verdicts", "What guardians said.", labels=[*of, "guardian", "answer"])
        self.repeated = CounterMetricFamily("nightshift_repeated_attempts", "Attempts that were measured again.", labels=of)
        self.recoveries = CounterMetricFamily("nightshift_recoveries", "Times the instrument was made safe after a crash.", labels=of)
        self.agent_failures = CounterMetricFamily("nightshift_agent_failures", "Times the fallback had to suggest.", labels=of)
        self.interlocks = GaugeMetricFamily("nightshift_interlock_holds", "Whether it held when last recorded.", labels=[*of, "interlock"])
        self.budget = GaugeMetricFamily("nightshift_budget_spent_ratio", "The share of a budget that is spent.", labels=[*of, "budget"])
        self.lease = GaugeMetricFamily("nightshift_instrument_lease_held", "Whether a process may move it.", labels=[*of, "instrument"])

    @property
    def families(self) -> tuple[Metric, ...]:
        return tuple(vars(self).values())

    def add_counts(self, followed: Followed) -> None:
        campaign = followed.campaign
        for status, n in Counter(trial.status for trial in followed.state.trials).items():
            self.trials.add_metric([campaign, str(status)], n)
        for (guardian, answer), n in followed.verdicts.items():
            self.verdicts.add_metric([campaign, guardian, answer], n)
        self.repeated.add_metric([campaign], followed.n_repeated)
        self.recoveries.add_metric([campaign], followed.n_recoveries)
        self.agent_failures.add_metric([campaign], followed.n_agent_failures)

    def add_status(self, status: CampaignStatus) -> None:
        campaign = status.campaign
        for each in Status:
            self.status.add_metric([campaign, status.name, str(each)], status.status == each)
        self.runner_alive.add_metric([campaign], status.is_run)
        self.commands.add_metric([campaign], status.n_commands)
        for interlock, holds in status.interlocks.items():
            self.interlocks.add_metric([campaign, interlock], holds)
        for budget in status.spent:
            if budget.limit:
                self.budget.add_metric([campaign, budget.name], budget.used / budget.limit)
        if status.best is not None:
            self.best.add_metric([campaign, status.objectives[0].name], status.best.value)

    def add_times(self, followed: Followed) -> None:
        campaign, state = followed.campaign, followed.state
        dead = followed.dead
        if dead is not None:
            self.dead.add_metric([campaign], dead.median_s)
            self.dead_p95.add_metric([campaign], dead.p95_s)
        seconds = state.trials[-1].evidence.seconds if state.trials else {}
        if seconds:
            self.ask.add_metric([campaign], seconds.get("ask", sum(seconds.values())))
        if state.updated_at is not None:
            self.last_event.add_metric([campaign], state.updated_at.timestamp())
