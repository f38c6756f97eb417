"""What is wrong with an option's value, in our words: those of the library that checks it are for programmers."""

from typing import Any

import typer

from orchestrator.domain.errors import BadInput

_NOT_ONE_OF = " is not one of "


def in_our_words(error: typer.BadParameter) -> BadInput | None:
    """Return the refusal of a value that has the wrong type; None for any other misuse, which the command line explains itself."""
    from pydantic import ValidationError

    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return None
    details: Any = cause.errors(include_url=False)[0]
    written = details["input"]
    return BadInput(f"{_name(error.param)} {written}: {_problem(str(written), details)}")


def _name(parameter: Any) -> str:
    """Return ``--seed``, or ``TRIAL`` for an argument, which has no dashes."""
    options = [each for each in parameter.opts if each.startswith("-")]
    return max(options, key=len) if options else parameter.metavar or parameter.name.upper()


def _problem(written: str, details: Any) -> str:
    from orchestrator.wording import choose_from
    from orchestrator.wording.explaining import words_for

    _, is_choice, choices = details["msg"].rstrip(".").partition(_NOT_ONE_OF)
    return choose_from(written, [choice.strip("'") for choice in choices.split(", ")]) if is_choice else words_for(details)
