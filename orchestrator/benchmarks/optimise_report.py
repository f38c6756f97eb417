"""The optimise suite's tables: real and synthetic apart, every task, who lost as well as who won."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar, get_args

from orchestrator.benchmarks import engines
from orchestrator.benchmarks.metrics import mean_ranks
from orchestrator.benchmarks.peers.fitting_in import BOX_AND_SNAP
from orchestrator.benchmarks.problems import Pool
from orchestrator.benchmarks.records import Run
from orchestrator.benchmarks.running import N_SEEDS_IF_SLOW, SLOW_S
from orchestrator.benchmarks.standings import Contest, contests
from orchestrator.benchmarks.tables import at_least, figure, measured_with, seconds, table, with_interval
from orchestrator.benchmarks.tasks import Kind, Task, ValueTarget

_OURS = "bayesian"
"""The agent that others are compared with seed by seed."""
_COLUMNS = 6
_Value = TypeVar("_Value")
Cell = Callable[[Contest, str], str | None]


def report(runs: Sequence[Run], tasks: Iterable[Task]) -> str:
    """Return what the page says of these tasks."""
    if not runs:
        return "Nothing measured yet: `nightshift bench --suite optimise`."
    known = list(engines.all_engines())
    names = sorted({run.engine for run in runs}, key=lambda name: (known.index(name) if name in known else len(known), name))
    played = contests(runs, list(tasks))
    parts = [_INTRODUCTION, measured_with(run.surroundings for run in runs)]
    for kind in get_args(Kind):
        if some := [contest for contest in played if contest.task.kind == kind]:
            parts += [f"### {kind.capitalize()} tasks{_ABOUT_KIND.get(kind, '')}", *_tables(some, names)]
    return "\n\n".join([*parts, "### Mean ranks", _ranks(played, names), *_losses(played), *_failures(runs)])


_ABOUT_KIND = {"held-out": ", on which nothing in an agent was chosen"}
_SNAPPED = ", ".join(name for name in engines.PEERS if engines.pool_use(name) == BOX_AND_SNAP)
_INTRODUCTION = (
    "`nightshift bench --suite optimise`: tasks, budgets and targets stand in `orchestrator/benchmarks/tasks.yaml`, fixed before any run, "
    "unless they are your own. "
    "Each run is a process of its own on one thread; all engines share starts and noise. Engines of others that take more than "
    f"{SLOW_S:g} CPU s per ask on a task play {N_SEEDS_IF_SLOW} seeds of it. On pools, these suggest in the box and get the nearest "
    f"untried member: {_SNAPPED}."
)


def _tables(played: Sequence[Contest], names: Sequence[str]) -> Iterator[str]:
    is_pool = isinstance(played[0].problem, Pool)
    yield table(
        ["task", "what it is", "target", "random needs", "budget"],
        [[each.task.name, each.task.about, _target(each), figure(each.random), str(each.task.budget)] for each in played],
    )
    yield (
        "Measurements to the target, the start included: mean over seeds and its 95 % interval, then how many seeds reached it of how "
        "many. Seeds that did not count as the budget, so that the mean is a lower bound (≥) there."
    )
    yield from _by_engine(played, names, _measurements)
    yield (
        "Acceleration factor AF: what random search needs over this mean; ≤ where the mean is a lower bound, – where less than half of the "
        "seeds got there."
    )
    ceilings = ["*nobody exceeds*", *(figure(each.highest_af or 0.0) for each in played)] if is_pool else None
    yield from _by_engine(played, names, _af, ceilings)
    if is_pool:
        yield "Highest enhancement factor EF from the tenth measurement on, of the mean over seeds."
        yield from _by_engine(played, names, lambda contest, name: _or_none(contest.highest_ef(name), figure))
    else:
        yield "Simple regret of the true function after the whole budget, median over seeds; with two objectives, the area that is missing."
        yield from _by_engine(played, names, lambda contest, name: _or_none(contest.regret(name), figure))
    yield "CPU seconds per ask, mean over all asks."
    yield from _by_engine(played, names, lambda contest, name: _or_none(contest.standings[name].cpu_s(), seconds))
    if any(_OURS in contest.standings for contest in played):
        yield (
            f"Measurements of `{_OURS}` over those of others on the seeds both played, with the paired 95 % interval; below 1, ours needs "
            "fewer."
        )
        yield from _by_engine(played, [name for name in names if name != _OURS], _ours_against)


def _by_engine(played: Sequence[Contest], names: Sequence[str], cell: Cell, last: list[str] | None = None) -> Iterator[str]:
    """Yield tables of engines by tasks, a few tasks in each."""
    for first in range(0, len(played), _COLUMNS):
        some = played[first : first + _COLUMNS]
        rows = [[name, *(cell(each, name) or "–" if name in each.standings else "–" for each in some)] for name in names]
        yield table(["engine", *(each.task.name for each in some)], [*rows, *([last] if last else [])])


def soonest_first(contest: Contest) -> str:
    """Return mean measurements to the target by engine, the fewest first."""
    ranked = sorted(contest.standings.items(), key=lambda each: (each[1].measurements().value, each[1].is_censored))
    return ", ".join(f"{name} {at_least(figure(standing.measurements().value), standing.is_censored)}" for name, standing in ranked)


def _target(contest: Contest) -> str:
    if isinstance(contest.problem, Pool):
        return f"{contest.problem.n_wanted} of the best {contest.problem.n_top} of {len(contest.problem.table.candidates)}"
    assert isinstance(contest.task.target, ValueTarget)
    return f"area {contest.task.target.value:g}" if contest.task.reference else f"{contest.task.target.value:g}"


def _measurements(contest: Contest, name: str) -> str:
    standing = contest.standings[name]
    return f"{at_least(with_interval(standing.measurements()), standing.is_censored)} {standing.n_reached}/{len(standing.runs)}"


def _af(contest: Contest, name: str) -> str | None:
    standing = contest.standings[name]
    if 2 * standing.n_reached < len(standing.runs):
        return None
    return f"{'≤ ' if standing.is_censored else ''}{figure(contest.af(name))}"


def _ours_against(contest: Contest, name: str) -> str | None:
    if _OURS not in contest.standings:
        return None
    return _or_none(contest.standings[_OURS].against(contest.standings[name]), with_interval)


def _or_none(value: _Value | None, show: Callable[[_Value], str]) -> str | None:
    return None if value is None else show(value)


def _ranks(played: Sequence[Contest], names: Sequence[str]) -> str:
    """Return mean ranks by mean measurements; engines are ranked where they played, and were not alone."""
    columns = []
    played_kinds = [kind for kind in get_args(Kind) if any(contest.task.kind == kind for contest in played)]
    for kinds in (*([kind] for kind in played_kinds), played_kinds):
        some = [each for each in played if each.task.kind in kinds and len(each.standings) > 1]
        means = {each.task.name: {name: standing.measurements().value for name, standing in each.standings.items()} for each in some}
        columns.append((mean_ranks(means), {name: sum(name in each for each in means.values()) for name in names}))
    rows = [[name, *(f"{ranks[name]:.1f} on {n[name]}" if name in ranks else "–" for ranks, n in columns)] for name in names]
    return "By mean measurements to the target, 1 the best, over the tasks that an engine and at least one other played.\n\n" + table(
        ["engine", *played_kinds, "all"], rows
    )


def _losses(played: Sequence[Contest]) -> Iterator[str]:
    """Yield where others do better than ours: on fewer measurements, or closer to the optimum in the end."""
    some = [contest for contest in played if _OURS in contest.standings and len(contest.standings) > 1]
    if not some:
        return
    sooner = [f"- {contest.task.name}: {', '.join(found)}" for contest in some if (found := [*_sooner(contest)])]
    closer = [f"- {contest.task.name}: {', '.join(found)}" for contest in some if (found := [*_closer(contest)])]
    yield f"### Where `{_OURS}` loses"
    yield "\n".join(
        ["It needs more measurements, on the seeds both played, by this factor and its paired 95 % interval:\n", *(sooner or ["- nowhere"])]
    )
    yield "\n".join(["Its median regret after the whole budget, on the seeds both played, is above theirs:\n", *(closer or ["- nowhere"])])


def _sooner(contest: Contest) -> Iterator[str]:
    for name, standing in contest.standings.items():
        ratio = contest.standings[_OURS].against(standing) if name != _OURS else None
        if ratio is not None and ratio.value > 1:
            yield f"{name} {with_interval(ratio)}"


def _closer(contest: Contest) -> Iterator[str]:
    for name in contest.standings:
        ours, theirs = contest.regret(_OURS, beside=name), contest.regret(name, beside=_OURS)
        if ours is not None and theirs is not None and theirs < ours:
            yield f"{name} {figure(theirs)} against {figure(ours)}"


def _failures(runs: Sequence[Run]) -> Iterator[str]:
    failed = [f"- {run.task}, {run.engine}, seed {run.seed}: {run.problem}" for run in runs if run.problem]
    if failed:
        yield "Runs that an engine ended by an error, which count as not having reached the target:\n\n" + "\n".join(failed)
