"""Points as people hold them: a list, a table of pandas, or a CSV."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, cast

from orchestrator.domain.errors import BadInput
from orchestrator.domain.space import Categorical, Parameter
from orchestrator.pool_file import read_pool
from orchestrator.wording import show_value

_OF_A_TABLE = ("columns", "index", "to_dict")
"""What a DataFrame of pandas has, and a Series has not; so it need not be imported to be known."""


def points_given(argument: str, given: Any, names: Collection[str]) -> list[Any]:
    """Return points as a list, whatever they are in; each is looked at by whoever wants them.

    Args:
        argument: What they were given as, such as ``safe_start``.
        given: A list or another iterable of points, or a DataFrame with a column for each parameter.
        names: Of the parameters, for the way out.

    Raises:
        BadInput: If it is a single text or point, or cannot be gone through.
    """
    if all(hasattr(given, each) for each in _OF_A_TABLE):
        return cast(list[Any], given.to_dict("records"))
    if isinstance(given, Mapping):
        raise BadInput(f"{argument}: {show_value(given)} is one point; give a list of points: [{example_of(names)}, …]")
    if isinstance(given, str | bytes | PathLike) or not isinstance(given, Iterable):
        raise BadInput(f"{argument}: {show_value(given)} is no list of points; give one: [{example_of(names)}, …]")
    return list(cast(Iterable[Any], given))


def pool_given(given: Any, parameters: Mapping[str, Parameter]) -> Sequence[Any]:
    """Return the candidates: points, or the CSV that ``{"csv": PATH}`` names, relative to the working directory.

    Raises:
        BadInput: If it is none of that; SpecError, a BadInput, if the file cannot be used.
    """
    if isinstance(given, Mapping) and cast(Mapping[str, Any], given).keys() == {"csv"}:
        texts = {name for name, parameter in parameters.items() if isinstance(parameter, Categorical)}
        return read_pool(_path_of(cast(Mapping[str, Any], given)["csv"]), texts, relative_to="the working directory")
    if isinstance(given, str | PathLike):
        raise BadInput(
            f"candidates: {show_value(given)} is no list of points; write {{'csv': {str(cast(Any, given))!r}}} if it is a file, or a list: "
            f"[{example_of(parameters)}, …]"
        )
    return points_given("candidates", given, parameters)


def _path_of(written: Any) -> Path:
    if not isinstance(written, str | PathLike):
        raise BadInput(f"candidates.csv = {show_value(written)} is no path; write the name of a file, such as 'films.csv'")
    return Path(cast(str, written))


def example_of(names: Iterable[str]) -> str:
    """Return how a mapping from these names is written: ``{'x': …, 'y': …}``."""
    return "{" + ", ".join(f"{name!r}: …" for name in names) + "}"
