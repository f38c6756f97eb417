"""``python -m tests.benchmarks.tiled_down [ROUNDS]``: what Tiled costs a night, and what it costs when it is down for half of it.

The same campaign three times a round: with documents going nowhere, with Tiled there, and with Tiled killed after a quarter of the
trials and started again after three quarters. Then the table from Tiled alone is compared with the ledger's. Ratios are of nights of
one round, which other work on the machine slowed alike.

Each trial exposes half a second, so that the sender and the server, which share the cores with the loop here, have a night's duty.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from orchestrator import bootstrap
from orchestrator.bootstrap import Switch, sending
from orchestrator.bootstrap.from_tiled import csv_from_tiled
from orchestrator.bootstrap.reading import csv_text, load_events
from orchestrator.campaign_file import load
from orchestrator.domain.documents import TiledPlace
from orchestrator.queries import dead_figures, dead_times, our_seconds
from orchestrator.serving.engine_process import Silent
from tests.tiled_server import TiledServer

N_TRIALS = 60
EXPOSURE_S = 0.5
SITE = """
name: bl99
profile: {{module: nothing}}
documents: {{simulated: true, tiled: {{uri: "{uri}", api_key_env: NIGHTSHIFT_TEST_TILED}}}}
"""


class Watcher(Silent):
    """Ends and starts the server at a quarter and three quarters of the trials."""

    def __init__(self, server: TiledServer | None = None) -> None:
        self._server, self._n_done = server, 0

    def publish(self, live: object) -> None:
        n = len(live.state.trials)  # pyright: ignore[reportAttributeAccessIssue]
        if self._server is None or n == self._n_done:
            return
        self._n_done = n
        if n == N_TRIALS // 4:
            self._server.kill()
        if n == 3 * N_TRIALS // 4:
            self._server.start()


def night(folder: Path, site: Path, watcher: Watcher) -> tuple[str, float, float, float]:
    """Run a campaign; return its id, median and 95 % of the dead time in seconds, and how long it took."""
    os.environ["NIGHTSHIFT_SITE"] = str(site)
    with bootstrap.open_workplace(f"sqlite:///{folder}/ledger.db") as place:
        began = time.monotonic()
        file = load("crossed-barrel", {"budget.trials": str(N_TRIALS), "agent": "sobol", "instrument.seconds_per_trial": str(EXPOSURE_S)})
        outcome = bootstrap.run(place, file, live=watcher, switch=Switch(), writes_report=False)
        figures = dead_figures(our_seconds(dead_times(load_events(place, outcome.campaign))))
        assert figures is not None
        return outcome.campaign, figures.median_s, figures.p95_s, time.monotonic() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else 3)


def _measure(folder: Path, n_rounds: int) -> None:
    server = TiledServer(folder / "tiled")
    server.start()
    server.wait()
    site = folder / "site.yaml"
    site.write_text(SITE.format(uri=server.uri))
    site.chmod(0o644)
    os.environ["NIGHTSHIFT_TEST_TILED"] = server.key
    rounds = [_round(folder, site, server) for _ in range(n_rounds)]
    for name in ("there", "down"):
        ratios = ", ".join(f"{medians[name] / medians['none']:.2f}" for medians in rounds)
        print(f"dead time with Tiled {name} over that without, median of a night, each round: {ratios}")
    server.kill()


def _round(folder: Path, site: Path, server: TiledServer) -> dict[str, float]:
    """Return each night's median dead time in seconds."""
    medians: dict[str, float] = {}
    for name, where, watcher in (("none", folder / "nowhere.yaml", Watcher()), ("there", site, Watcher()), ("down", site, Watcher(server))):
        campaign, medians[name], p95, seconds = night(folder, where, watcher)
        print(f"{name:6} {campaign}: dead time median {medians[name] * 1000:.0f} ms, 95 % {p95 * 1000:.0f} ms; {seconds:.0f} s", flush=True)
        if name != "none":
            _compare(folder, campaign, server)
    return medians


def _compare(folder: Path, campaign: str, server: TiledServer) -> None:
    server.wait()
    began = time.monotonic()
    with bootstrap.open_workplace(f"sqlite:///{folder}/ledger.db") as place:
        places = sending.places()
        assert places is not None
        print("       at the end:", *map(str, sending.document_standings(place, campaign)))
        sending.finish(sending.start(place, places), 600)
        print(f"       after {time.monotonic() - began:.0f} s:", *map(str, sending.document_standings(place, campaign)))
        _found, csv = csv_from_tiled(TiledPlace(uri=server.uri, api_key_env="NIGHTSHIFT_TEST_TILED"), campaign)
        print("       the night from Tiled alone equals the ledger's table:", csv == csv_text(place, campaign), flush=True)


if __name__ == "__main__":
    main()
