"""One campaign's engine, in a process of its own."""

from multiprocessing.connection import Connection
from typing import Literal

from orchestrator import bootstrap
from orchestrator.bootstrap import Switch, Workplace, campaigns
from orchestrator.domain.campaign import Trial
from orchestrator.domain.errors import BadInput, LeaseLost, NightshiftError
from orchestrator.domain.ports import LiveState
from orchestrator.serving.orphans import hear_supervisor
from orchestrator.serving.setups import Ended, EngineSetup
from orchestrator.telemetry import begin_campaign


class Silent:
    """Shows nothing: people look at the ledger, through the API."""

    def publish(self, live: LiveState) -> None:
        pass

    def decide(self, trial: Trial) -> Literal["approve", "veto"] | None:
        return None


def run(setup: EngineSetup, connection: Connection) -> None:
    """Drive the campaign until it ends, or the supervisor has it stopped; the last message says how it went."""
    switch = Switch()
    hear_supervisor(connection, lambda _stop_now: switch.stop_now())
    begin_campaign(setup.campaign)
    with bootstrap.open_workplace(setup.ledger) as place:
        ended = _drive(place, setup, switch)
    connection.send(ended)


def _drive(place: Workplace, setup: EngineSetup, switch: Switch) -> Ended:
    try:
        state = bootstrap.load_state(place, setup.campaign)
        outcome = campaigns.resume(
            place,
            state,
            setup.campaign,
            live=Silent(),
            switch=switch,
            because=setup.because,
            writes_report=setup.writes_report,
            sends_documents=False,
        )
    except BadInput as error:
        return Ended("refused", str(error))
    except LeaseLost as error:
        return Ended("taken over", str(error))
    except NightshiftError as error:
        return Ended("failed", str(error))
    return Ended("done", f"{outcome.status}{': ' if outcome.reason else ''}{outcome.reason}")
