"""bench."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from orchestrator.cli.console import people_console, say
from orchestrator.domain.errors import BadInput

if TYPE_CHECKING:
    from orchestrator.benchmarks.suites import Suite

SuiteOption = Annotated[Literal["optimise", "map", "latency"], typer.Option("--suite", help="What to compare.")]
TaskOption = Annotated[list[str] | None, typer.Option("--task", metavar="T", help="Only this task. Repeatable.")]
EngineOption = Annotated[list[str] | None, typer.Option("--engine", metavar="E", help="Only this agent or peer. Repeatable.")]
SeedsOption = Annotated[int, typer.Option("--seeds", min=0, help="Seeds 0 to N - 1; 0 writes the tables of what is there.")]
ResultsOption = Annotated[
    Path | None,
    typer.Option(
        "--results",
        metavar="FOLDER",
        help="Where results are kept. In a checkout: docs/benchmarks; with --tasks beside that file.",
        show_default=False,
    ),
]
OwnTasksOption = Annotated[
    Path | None,
    typer.Option("--tasks", metavar="FILE", help="Compare on measured tables of your own, named in this YAML file.", show_default=False),
]
PythonOption = Annotated[
    list[str] | None, typer.Option("--python", metavar="ENGINE=PATH", help="The Python a peer is installed for. Repeatable.")
]


def bench(
    suite: SuiteOption = "optimise",
    task: TaskOption = None,
    engine: EngineOption = None,
    seeds: SeedsOption = 20,
    results: ResultsOption = None,
    python: PythonOption = None,
    own_tasks: OwnTasksOption = None,
    only_list: Annotated[bool, typer.Option("--list", help="Say what there is to compare, and on what.")] = False,
) -> None:
    """Compare agents with other people's optimisers on this machine. Ctrl-C stops; the same command goes on."""
    from orchestrator.benchmarks import suites
    from orchestrator.benchmarks.page import results_folder

    if own_tasks is not None and suite != "optimise":
        raise BadInput(f"--tasks is for --suite optimise, not {suite}; leave one of them out")
    kept = results or (results_folder() if own_tasks is None else own_tasks.parent / "benchmarks")
    wish = suites.Wish(tuple(task or ()), tuple(engine or ()), seeds, kept, own_tasks, _pythons(python or []))
    chosen = suites.suite_of(suite, wish)
    if only_list:
        from orchestrator.cli.tables import print_table

        print_table(("task", "what it is"), chosen.list_tasks())
        print_table(("engine", "what it is", "here"), chosen.list_engines())
        return
    for line in chosen.notes():
        say(line)
    try:
        _run(chosen)
    except KeyboardInterrupt:
        say("stopped; the same command goes on where this one was")
        raise typer.Exit(130) from None
    finally:
        page = chosen.write()
        for line in chosen.in_short():
            say(line)
        say(f"wrote {page}")


def _run(chosen: "Suite") -> None:
    """Make what is missing, with a bar on a terminal and a line for each anywhere else."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = people_console()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as progress:
        bar = progress.add_task("", total=chosen.n_missing())
        tell: Callable[[str], None] = progress.console.print if console.is_terminal else say

        def ended(line: str) -> None:
            progress.advance(bar)
            if line:
                tell(line)

        chosen.run(begun=lambda doing: progress.update(bar, description=doing), ended=ended)


def _pythons(written: list[str]) -> dict[str, str]:
    """Return Pythons by engine. Raises BadInput for what is not ENGINE=PATH."""
    pythons: dict[str, str] = {}
    for each in written:
        engine, equals, path = each.partition("=")
        if not equals or not Path(path).exists():
            raise BadInput(f"--python {each} is not ENGINE=PATH with a path that exists; for example --python baybe=/opt/baybe/bin/python")
        pythons[engine] = path
    return pythons
