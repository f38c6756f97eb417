"""One campaign's engine, in a process of its own."""

from multiprocessing.connection import Connection
from typing import Literal

from orchestrator import bootstrap
from orchestrator.bootstrap import Switch, Workplace, campaigns
from orchestrator.domain.campaign import Trial
from orchestrator.domain.errors import BadInput, LeaseLost, NightshiftError
from orchestrator.domain.ports import LiveSignals, LiveState
from orchestrator.serving.orphans import hear_supervisor
from orchestrator.serving.setups import Doing, Ended, EngineSetup
from orchestrator.telemetry import begin_campaign


class Silent:
    """Shows nothing: people look at the ledger, through the API."""

    def publish(self, live: LiveState) -> None:
        pass

    def decide(self, trial: Trial) -> Literal["approve", "veto"] | None:
        return None


class Telling(Silent):
    """Tells the supervisor what the engine does, for the terminal it was started from."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last = Doing("", "", False)

    def publish(self, live: LiveState) -> None:
        doing = Doing(live.phase, live.detail, live.is_news)
        if doing != self._last:
            self._connection.send(doing)
        self._last = doing


def run(setup: EngineSetup, connection: Connection) -> None:
    """Drive the campaign until it ends, or the supervisor has it stopped; the last message says how it went."""
    switch = Switch()
    hear_supervisor(connection, lambda _stop_now: switch.stop_now())
    begin_campaign(setup.campaign)
    live = Telling(connection) if setup.tells else Silent()
    with bootstrap.open_workplace(setup.ledger) as place:
        ended = _drive(place, setup, live, switch)
    connection.send(ended)


def _drive(place: Workplace, setup: EngineSetup, live: LiveSignals, switch: Switch) -> Ended:
    try:
        state = bootstrap.load_state(place, setup.campaign)
        outcome = campaigns.resume(place, state, setup.campaign, live=live, switch=switch, because=setup.because)
    except BadInput as error:
        return Ended("refused", str(error))
    except LeaseLost as error:
        return Ended("taken over", str(error))
    except NightshiftError as error:
        return Ended("failed", str(error))
    return Ended("done", f"{outcome.status}{': ' if outcome.reason else ''}{outcome.reason}")
