"""Tables for people, on stdout: they are what a command was asked for."""

from collections.abc import Callable, Iterable, Sequence

from orchestrator.cli.console import answer_console
from orchestrator.domain.campaign import Status
from orchestrator.domain.ports import Summary
from orchestrator.domain.space import show_point


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print rows under their columns; those named in ``right`` are aligned right."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        is_name = column == columns[0]  # to be copied whole
        table.add_column(column, justify="right" if column in right else "left", overflow="fold", no_wrap=is_name)
    for row in rows:
        table.add_row(*row)
    answer_console().print(table)


def print_campaigns(summaries: Iterable[Summary], is_run: Callable[[str], bool]) -> None:
    """Print a line for each; one that should run says so if nobody runs it."""
    rows = (
        (
            summary.campaign,
            "nobody runs it" if summary.status == Status.RUNNING and not is_run(summary.campaign) else summary.status,
            str(summary.trials),
            "" if summary.best_score is None else f"{summary.best_score:.6g}",
            "" if summary.best_point is None else show_point(summary.best_point),
            f"{summary.updated_at.astimezone():%Y-%m-%d %H:%M}",
        )
        for summary in summaries
    )
    print_table(("campaign", "status", "trials", "best", "at", "last change"), rows, right=("trials", "best"))
