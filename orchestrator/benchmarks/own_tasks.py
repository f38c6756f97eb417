"""Tasks made of a person's own measured tables: which optimiser would have found the best of them soonest."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from pydantic import Field, ValidationError

from orchestrator.benchmarks.metrics import random_to_top
from orchestrator.benchmarks.problems import Pool, problem_of
from orchestrator.benchmarks.tasks import Goal, Task, TopTarget
from orchestrator.campaign_file.reading import Document, parse
from orchestrator.domain.base import Value
from orchestrator.domain.errors import BadInput
from orchestrator.wording.explaining import explain

_FEWEST = 10
"""Settings below which nothing is to be chosen."""


class OwnTask(Value):
    """One measured table, as a person writes it."""

    about: str = ""
    data: Path
    """A CSV with a header, found from the folder of the file that names it; rows that share all settings are replicates."""
    objectives: Mapping[str, Goal] = Field(min_length=1, max_length=1)
    """The column that was measured, and whether high or low is good. All other columns are settings."""
    replicates: bool = False
    """Whether a measurement is one replicate; otherwise their mean."""
    target: TopTarget = TopTarget(share=0.8, of_top=0.05)
    budget: int | None = Field(default=None, gt=0)
    """Measurements, the first two included; by default what drawing at random needs on average. At most all settings."""


def tasks_in(path: Path) -> Mapping[str, Task]:
    """Return the tasks that a YAML file names, by name.

    Raises:
        BadInput: If a file cannot be read or used; names the file, the line, the value and the way out.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"--tasks {path}: {error}; give a YAML file of tasks, see docs/how-to/compare-with-others.md") from None
    document = parse(text, path.name, "a file of tasks is a mapping of their names to data and objectives")
    return {name: _task(name, _validated(document, name), path) for name in document.data}


def _validated(document: Document, name: str) -> OwnTask:
    body = document.data[name]
    try:
        return OwnTask.model_validate(body)
    except ValidationError as error:
        problems = explain(error, body, OwnTask, (name,))
        raise BadInput("\n".join(f"{document.at(each.path)}{each.text}" for each in problems)) from None


def _task(name: str, own: OwnTask, path: Path) -> Task:
    """Return a task with everything filled in."""
    written = own.model_dump(exclude={"data", "budget"})
    data = str((path.parent / own.data).resolve())
    task = Task.model_validate({**written, "name": name, "kind": "own", "data": data, "budget": own.budget or 1})
    pool = problem_of(task)
    assert isinstance(pool, Pool)
    n = len(pool.table.candidates)
    if n < _FEWEST:
        raise BadInput(f"{path.name}: {name}.data: {own.data} has {n} settings, fewer than {_FEWEST}; nothing is to be chosen there")
    about = own.about or f"{n} settings of {', '.join(pool.space.names)}"
    budget = min(own.budget or round(random_to_top(n, pool.n_top, pool.n_wanted)), n)
    return task.model_copy(update={"about": about, "budget": budget, "fingerprint": _fingerprint(own, Path(data))})


def _fingerprint(own: OwnTask, data: Path) -> str:
    asked = own.model_dump_json(exclude={"about", "data"}).encode()
    return sha256(asked + data.read_bytes()).hexdigest()[:16]
