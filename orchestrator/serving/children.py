"""Where the supervisor's children begin."""

import sys
from multiprocessing.connection import Connection

from orchestrator.processes import die_with_parent, join_parent, receive
from orchestrator.serving.setups import AlertsSetup, ApiSetup, EngineSetup


def main() -> None:
    """Read role and descriptor from the command line, and the setup from the connection."""
    role, descriptor = sys.argv[1], int(sys.argv[2])
    connection = join_parent(descriptor)
    die_with_parent()
    setup = receive(connection)
    match role, setup:
        case "api", ApiSetup():
            _serve_api(setup, connection)
        case "engine", EngineSetup():
            _run_engine(setup, connection)
        case "alerts", AlertsSetup():
            _send_alerts(setup, connection)
        case _, None:
            return
        case _:
            raise TypeError(f"{role} was set up with {type(setup).__name__}")


def _serve_api(setup: ApiSetup, connection: Connection) -> None:
    from orchestrator.serving.api_process import serve

    serve(setup, connection)


def _run_engine(setup: EngineSetup, connection: Connection) -> None:
    from orchestrator.serving.engine_process import run

    run(setup, connection)


def _send_alerts(setup: AlertsSetup, connection: Connection) -> None:
    from orchestrator.serving.alerts_process import serve

    serve(setup, connection)
