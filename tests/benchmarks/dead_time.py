"""Seconds between a reading and the next motion, in the real loop: ``python -m tests.benchmarks.dead_time [PYTHON] [--missing]``.

The real loop (processes, RunEngine, SQLite ledger, six guardians) with the Bayesian agent on a simulated ophyd stage,
after 10, 100 and 1,000 readings, in two and in six dimensions, at exposures of 0.02, 0.5 and 10 s. With the interpreter of
an environment that has blop 1.x, the same stage under blop's own plans: one point at a time, and eight. One thread each, one
run after the other. Every figure goes to docs/benchmarks/dead-time.jsonl; what the interpreter is not given for stays as it
is there. ``--missing`` measures only what is not there yet.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from math import ceil
from pathlib import Path
from unittest.mock import patch

import psutil

from agents.bayesian import BayesianAgent
from agents.sobol import SobolAgent
from orchestrator import bootstrap, plugins
from orchestrator.benchmarks.surroundings import surroundings
from orchestrator.bootstrap import Switch
from orchestrator.campaign_file import load
from orchestrator.domain.base import Value
from orchestrator.domain.history import History
from orchestrator.domain.ports import LiveState
from orchestrator.domain.records import Suggestion
from tests.benchmarks.stage import SIGNAL, Setup, dead_times, regret

_ROOT = Path(__file__).parents[2]
RESULTS = _ROOT / "docs" / "benchmarks" / "dead-time.jsonl"
EXPLANATION = """\
median, p95: from a reading to the next order to move, noted by the simulated devices; it includes what Bluesky does to end one run
and begin the next. ledger: what our own ledger says, from the stop document to the next start document. ask: what of that the agent
took. × ours: against nightshift in the same row. CPU: of all processes, per point. regret: of the best of all points of that campaign,
which are not equally many; those that came first are a Sobol sequence, scrambled differently for the two engines. blop thinks when a
run is over, so it has no sooner way than these; its "8 at once" is the mean over a batch. A longer exposure hides more thinking.
"""
_ENTRY_POINTS = """
[nightshift.agents]
filled = tests.benchmarks.dead_time:FilledAgent
[nightshift.devices]
bench-stage = tests.benchmarks.stage:devices
"""
"""Installed for this process and those it starts, as anyone's package would be."""


@dataclass(frozen=True, slots=True)
class Run:
    """One campaign: how many readings come first, at no exposure, and what is measured then."""

    engine: str
    dimensions: int
    n_filled: int
    exposures: Sequence[tuple[int, float]]
    """Trials and seconds, in turn."""
    n_points: int = 1
    """Suggested at once."""

    @property
    def keys(self) -> set[tuple[object, ...]]:
        return {(self.engine, self.dimensions, self.n_filled, exposure) for _, exposure in self.exposures}


def runs() -> Iterator[Run]:
    """Yield every campaign: ours first."""
    for dimensions in (2, 6):
        for n in (10, 100):
            yield from (Run("nightshift", dimensions, n, [turn]) for turn in ((20, 0.02), (20, 0.5), (6, 10.0)))
        yield Run("nightshift", dimensions, 1000, [(20, 0.02), (20, 0.5), (6, 10.0)])
    for dimensions in (2, 6):
        for n in (10, 100):
            yield from (Run("blop", dimensions, n, [turn]) for turn in ((11, 0.02), (11, 0.5), (4, 10.0)))
            yield Run("blop, 8 at once", dimensions, n, [(25, 0.5)], n_points=8)
        yield Run("blop", dimensions, 1000, [(4, 0.5)])
        yield Run("blop, 8 at once", dimensions, 1000, [(16, 0.5)], n_points=8)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one engine took at one exposure. Times in seconds."""

    engine: str
    dimensions: int
    n: int
    exposure_s: float
    dead_s: Sequence[float]
    """Before each point but a campaign's first; of points suggested at once, the mean over them."""
    cpu_s: float
    """Per point, of all processes, over the whole campaign but the filling."""
    regret: float
    """After the campaign's last point."""
    ledger_s: Sequence[float] = ()
    """What our ledger says: from the end of one run to the start of the next, without what Bluesky does inside of them."""
    ask_s: Sequence[float] = ()
    """What of that the agent took to refine its suggestion."""
    day: str = ""
    machine: str = ""
    versions: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def key(self) -> tuple[object, ...]:
        return self.engine, self.dimensions, self.n, self.exposure_s


class FilledAgent(BayesianAgent):
    """Fills the space evenly to begin with; then what ``bayesian`` does."""

    class Settings(Value):
        n_filled: int

    def __init__(self, settings: Settings) -> None:
        super().__init__(BayesianAgent.Settings())
        self._n_filled = settings.n_filled
        self._sobol = SobolAgent(SobolAgent.Settings())

    def ask(self, history: History) -> Suggestion:
        return self._sobol.ask(history) if history.n_suggestions < self._n_filled else super().ask(history)

    def prepare(self, history: History) -> None:
        if history.n_suggestions >= self._n_filled:
            super().prepare(history)


class CpuMeter:
    """Looks at the CPU time of all processes once the space is filled, and once everything is measured."""

    def __init__(self, n_filled: int, n_trials: int) -> None:
        self._looks = {n_filled: 0.0, n_trials: 0.0}

    def publish(self, live: LiveState) -> None:
        if live.phase == "scored" and live.state.n_scored in self._looks:
            self._looks[live.state.n_scored] = cpu_seconds()

    def decide(self, trial: object) -> None:
        return None

    @property
    def seconds(self) -> float:
        before, after = self._looks.values()
        return after - before


def cpu_seconds() -> float:
    tree = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return sum(sum(process.cpu_times()[:2]) for process in tree)


@contextmanager
def installed(folder: Path) -> Iterator[None]:
    """Install the agent and the devices of this benchmark by entry point."""
    package = folder / "bench_stage-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: bench-stage\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(_ENTRY_POINTS)
    path = os.pathsep.join([str(folder), str(_ROOT)])
    with patch.dict(os.environ, PYTHONPATH=path), patch.object(sys, "path", [str(folder), *sys.path]):
        plugins._by_kind.cache_clear()
        yield
    plugins._by_kind.cache_clear()


def nightshift(run: Run) -> list[Figures]:
    """Measure the real loop."""
    n_trials = run.n_filled + sum(n for n, _ in run.exposures)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        setup = Setup(run.dimensions, [(run.n_filled, 0.0), *run.exposures], str(folder / "notes"))
        meter = CpuMeter(run.n_filled, n_trials)
        with (
            installed(folder),
            patch.dict(os.environ, setup.environment()),
            bootstrap.open_workplace(f"sqlite:///{folder}/ledger.db") as workplace,
        ):
            path = folder / "dead-time.yaml"
            path.write_text(json.dumps(spec(run, n_trials)))
            outcome = bootstrap.run(workplace, load(str(path)), live=meter, switch=Switch(), writes_report=False)
            trials = bootstrap.load_state(workplace, outcome.campaign).trials
        dead = dead_times(folder / "notes")[-(n_trials - run.n_filled) :]
    points = [{name: float(value) for name, value in trial.point.items()} for trial in trials]
    made = figures(run, dead, meter.seconds / (n_trials - run.n_filled), regret(points))
    start = run.n_filled
    for index, each in enumerate(made):
        seen = trials[start : start + len(each.dead_s)]
        ledger = tuple(trial.observation.dead_s or 0.0 for trial in seen if trial.observation is not None)
        made[index] = replace(each, ledger_s=ledger, ask_s=tuple(trial.evidence.seconds["ask"] for trial in seen))
        start += len(each.dead_s)
    return made


def spec(run: Run, n_trials: int) -> dict[str, object]:
    return {
        "name": "dead-time",
        "instrument": {"type": "ophyd", "devices": "bench-stage", "identity": ""},
        "reward": {"signal": SIGNAL, "goal": "minimise"},
        "agent": {"type": "filled", "n_filled": run.n_filled},
        "budget": {"trials": n_trials},
    }


def figures(run: Run, dead: Sequence[float], cpu_s: float, left: float) -> list[Figures]:
    """Return what was measured, exposure by exposure."""
    made, start = [], 0
    for n, exposure in run.exposures:
        made.append(Figures(run.engine, run.dimensions, run.n_filled, exposure, tuple(dead[start : start + n]), cpu_s, left))
        start += n
    return made


def blop(run: Run, python: str) -> list[Figures]:
    """Measure blop's own plans in an interpreter of its own."""
    command = [python, "-m", "tests.benchmarks.dead_time_blop", json.dumps(asdict(run))]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory() as folder:
        setup = Setup(run.dimensions, run.exposures, f"{folder}/notes")
        environment = os.environ | threads | setup.environment()
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment, cwd=_ROOT)
        told = json.loads(done.stdout.splitlines()[-1])
        gaps = dead_times(Path(folder) / "notes")
    [made] = figures(run, per_point(gaps, run.n_points), told["cpu_s"], told["regret"])
    return [replace(made, versions=told["versions"])]


def per_point(gaps: Sequence[float], n_points: int) -> list[float]:
    """Return the mean gap of each whole batch."""
    return [statistics.mean(gaps[start : start + n_points]) for start in range(0, len(gaps) - n_points + 1, n_points)]


def p95(seconds: Sequence[float]) -> float:
    return sorted(seconds)[ceil(0.95 * len(seconds)) - 1]


def stored() -> dict[tuple[object, ...], Figures]:
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    return {made.key: made for made in (Figures(**json.loads(line)) for line in lines)}


def measure(run: Run, python: str | None) -> list[Figures]:
    """Return what is measured now; nothing of an engine that is not here."""
    if run.engine == "nightshift":
        made = nightshift(run)
    elif python is not None:
        made = blop(run, python)
    else:
        return []
    here = surroundings("bayesian")
    return [replace(each, day=here.day, machine=here.machine, versions=each.versions or here.versions) for each in made]


def report(results: Sequence[Figures]) -> Iterator[str]:
    """Yield the lines of the table."""
    ours = {(each.dimensions, each.n, each.exposure_s): statistics.median(each.dead_s) for each in results if each.engine == "nightshift"}
    yield _row(("engine", "", "N", "exposure", "gaps", "median", "p95", "× ours", "ledger", "ask", "CPU", "regret"))
    for each in sorted(results, key=lambda one: (one.dimensions, one.exposure_s, one.n, one.engine != "nightshift", one.engine)):
        middle, own = statistics.median(each.dead_s), ours.get((each.dimensions, each.n, each.exposure_s))
        ratio = "" if own is None or each.engine == "nightshift" else f"{middle / own:.0f}"
        what = (each.engine, f"{each.dimensions}-D", f"{each.n}", f"{each.exposure_s:g} s", f"{len(each.dead_s)}")
        told = (_middle(each.dead_s), f"{p95(each.dead_s) * 1e3:.0f} ms", ratio, _middle(each.ledger_s), _middle(each.ask_s))
        yield _row((*what, *told, f"{each.cpu_s:.2f} s", f"{each.regret:.2g}"))


_GOALS = {100: 0.020, 1000: 0.050}
"""The median dead time, s, that we want at exposures of 0.5 s, by the number of readings."""
_TIMES_BELOW_BLOP = 20


def goals(results: Sequence[Figures]) -> Iterator[str]:
    """Yield what we wanted beside what came out."""
    for each in results:
        if each.engine != "nightshift" or each.exposure_s != 0.5 or each.n not in _GOALS:
            continue
        middle, wanted = statistics.median(each.dead_s), _GOALS[each.n]
        others = [statistics.median(one.dead_s) for one in results if one.key[1:] == each.key[1:] and one is not each]
        told = f"at most {wanted * 1e3:.0f} ms wanted, {_middle(each.dead_s)} came out ({_verdict(middle <= wanted)})"
        if others:
            ratio = min(others) / middle
            told += (
                f"; {_TIMES_BELOW_BLOP} times below blop's fastest wanted, {ratio:.0f} came out ({_verdict(ratio >= _TIMES_BELOW_BLOP)})"
            )
        yield f"{each.dimensions}-D, {each.n} readings, 0.5 s: {told}"


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "missed"


def _row(cells: Sequence[str]) -> str:
    widths = (15, 3, 5, 8, 5, 9, 9, 6, 7, 7, 7, 8)
    first, *others = (f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    return " ".join((f"{first.strip():15}", *others))


def _middle(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds) * 1e3:.0f} ms" if seconds else ""


def main() -> None:
    named = [word for word in sys.argv[1:] if not word.startswith("--")]
    results = stored()
    for run in runs():
        if "--missing" in sys.argv and run.keys <= results.keys():
            continue
        sys.stderr.write(f"{run}\n")
        results |= {each.key: each for each in measure(run, named[0] if named else None)}
        RESULTS.write_text("".join(json.dumps(asdict(each)) + "\n" for each in results.values()))
    print(EXPLANATION)
    print("\n".join((*report(list(results.values())), "", *goals(list(results.values())), "")))
    for versions in sorted({f"{each.engine}: {each.machine}, {_versions(each)}" for each in results.values()}):
        print(versions)


def _versions(made: Figures) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(made.versions.items()))


if __name__ == "__main__":
    main()
