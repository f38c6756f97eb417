"""The simulated beamline as a soft IOC: ``python -m instruments.simulated.ioc --prefix NS: --port 15064 --log beam.jsonl``.

Everything that moves, moves here; the client that asked may die.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from instruments.journal import Journal, read_journal
from instruments.simulated.clock import SimulationClock
from instruments.simulated.faults import Fault
from instruments.simulated.fence import Fence
from instruments.simulated.layout import MOTOR_SUFFIXES
from instruments.simulated.world import World
from orchestrator.domain.base import BUILT_WHEN_USED

_FAULT: TypeAdapter[Fault] = TypeAdapter(Fault, config=BUILT_WHEN_USED)
HOST = "127.0.0.1"


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until interrupted, or until stdin closes if asked to."""
    options = _parse(arguments)
    _listen_on(options.port)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A simulated beamline over EPICS Channel Access, on this machine only.")
    parser.add_argument("--prefix", default="NS:", help="what every PV name begins with")
    parser.add_argument("--port", type=int, default=15064, help="TCP and UDP port on the loopback interface")
    parser.add_argument("--repeater-port", type=int, help="UDP port on which clients' repeater registrations are confirmed")
    parser.add_argument("--log", help="file of JSON lines, one per action of a device, synced to disk")
    parser.add_argument("--fault", action="append", default=[], type=_FAULT.validate_json, help='such as {"type": "beam-dump", "trial": 5}')
    parser.add_argument("--time-scale", type=float, default=1.0, help="real seconds per simulated second; 0 takes no time")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with whoever started this")
    return parser.parse_args(arguments)


def _listen_on(port: int) -> None:
    """Keep Channel Access on the loopback interface: nobody else's motors are within reach."""
    os.environ.update(
        EPICS_CA_SERVER_PORT=str(port),
        EPICS_CAS_SERVER_PORT=str(port),
        EPICS_CAS_INTF_ADDR_LIST=HOST,
        EPICS_CAS_BEACON_ADDR_LIST=HOST,
        EPICS_CAS_AUTO_BEACON_ADDR_LIST="NO",
    )
    logging.getLogger("caproto").setLevel(logging.CRITICAL)  # refused writes are answers, not tracebacks


async def _serve(options: argparse.Namespace) -> None:
    from caproto.asyncio.server import Context

    from instruments.simulated.repeater import serve_repeater

    if options.repeater_port:
        await serve_repeater(HOST, options.repeater_port)
    pvdb, motors, controller = _build(options)
    for motor in motors:
        await motor.start()
    await controller.changed()
    context = Context(pvdb, [HOST])
    server = asyncio.ensure_future(context.run(startup_hook=_announcer(context, options.prefix)))
    if options.until_stdin_closes:
        await _stdin_closed()
        server.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await server


def _build(options: argparse.Namespace) -> tuple[dict[str, Any], list[Any], Any]:
    from instruments.simulated.controller import Controller
    from instruments.simulated.motor_record import MotorRecord
    from instruments.simulated.stations import Beam, Detector, Experiment, Heartbeat

    controller: Controller

    def record(what: str, **fields: Any) -> None:
        controller.record(what, **fields)

    world = World(options.fault, record)
    journal, fence = Journal(options.log), Fence(_highest_token(options.log))
    controller = Controller(world, SimulationClock(options.time_scale), journal, fence)
    motors = [
        MotorRecord(options.prefix + suffix, stage=world.stages[name], controller=controller) for name, suffix in MOTOR_SUFFIXES.items()
    ]
    stations = [station(options.prefix, controller) for station in (Detector, Beam, Experiment, Heartbeat)]
    pvdb = {name: pv for group in (*motors, *stations) for name, pv in group.pvdb.items()}
    return pvdb, motors, controller


def _highest_token(log: str | None) -> int:
    """Return the highest token an earlier IOC saw: a restart must not let a stale runner in."""
    return max((line["token"] for line in read_journal(log) if line["what"] == "fence"), default=0) if log else 0


def _announcer(context: Any, prefix: str) -> Any:
    async def announce(_: Any) -> None:
        sys.stdout.write(json.dumps({"ready": prefix, "port": context.port, "pid": os.getpid()}) + "\n")
        sys.stdout.flush()

    return announce


async def _stdin_closed() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


if __name__ == "__main__":
    main()
