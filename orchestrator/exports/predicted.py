"""What a model expects, as a table: one row per place."""

from collections.abc import Iterator
from pathlib import Path

from orchestrator.exports.files import write_whole
from orchestrator.exports.table import csv_of
from orchestrator.queries.table import Row
from orchestrator.wire.trials import Posterior


def write_predicted(believed: Posterior, path: Path) -> None:
    """Write every parameter's value, and mean and standard deviation of the objective there, as CSV.

    Raises:
        BadInput: If the file cannot be written.
    """
    write_whole(path, csv_of(tuple(_rows(believed))))


def _rows(believed: Posterior) -> Iterator[Row]:
    """Yield the grid row by row of y, as the belief has it."""
    numbers = iter(zip(believed.mean, believed.sd, strict=True))
    for other in believed.y or (None,):
        for value in believed.x:
            mean, sd = next(numbers)
            place = {believed.x_name: value} if other is None else {believed.x_name: value, str(believed.y_name): other}
            yield {**believed.others, **place, believed.objective: mean, f"{believed.objective}_sd": sd}
