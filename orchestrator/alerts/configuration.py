"""Whom to tell, and of what: the file ``alerts.yaml``. It holds passwords and tokens, so nothing of it is ever repeated in words."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from orchestrator.domain.base import Duration, Value
from orchestrator.domain.errors import BadInput
from orchestrator.domain.spec import NAME


def _off(written: Any) -> Any:
    return None if written is False or written == "off" else written


After = Annotated[Duration | None, BeforeValidator(_off)]
"""How long it must last before anybody is told; ``off`` for never."""


class Rules(Value):
    """What people are told of."""

    held: After = 0.0
    """A suggestion or the campaign waits for a person."""
    failed: bool = True
    finished: bool = True
    """Completed, stopped or aborted."""
    beam_lost: After = 300.0
    """An interlock does not hold."""
    deserted: After = 60.0
    """It should run, but nobody runs it."""
    no_trial: After = 1800.0
    """It runs, but no trial went on."""
    no_answer: After = 1800.0
    """Trials await their analysis, and it has not answered."""
    budget: Annotated[Annotated[float, Field(gt=0, le=1)] | None, BeforeValidator(_off)] = 0.9
    """The share of any budget that is nearly all of it."""


class AlertSettings(Value):
    """What ``alerts.yaml`` says."""

    targets: Mapping[Annotated[str, Field(pattern=NAME)], SecretStr] = {}
    """By a name of your choice: an address as Apprise writes it, such as ``mailto://…``, ``ntfy://…``, ``slack://…``."""
    page: str = ""
    """Where phones reach the dashboard, such as ``https://beamline.example``; default: where the server listens."""
    rules: Rules = Rules()


def load_alerts(path: Path) -> AlertSettings:
    """Return the settings in a file; no targets when there is no such file.

    Raises:
        BadInput: Names file, line or field; never what stands there.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return AlertSettings()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {type(error).__name__}; make it a text file that this user may read") from None
    try:
        return AlertSettings.model_validate(YAML(typ="safe", pure=True).load(StringIO(text)) or {})
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise BadInput(f"{path}, line {line}: this is not YAML: {error.problem}; see docs/how-to/get-alerts.md") from None
    except ValidationError as error:
        # Without the values, which may be addresses with passwords in them.
        problems = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False))
        raise BadInput(f"{path}: {problems}; see docs/how-to/get-alerts.md") from None
