"""Everything raised on purpose travels between processes."""

import inspect
import pickle

import pytest

from orchestrator.domain import errors

ALL = [cls for _, cls in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("cls", ALL)
def test_an_error_survives_pickling_with_its_message(cls):
    again = pickle.loads(pickle.dumps(cls("stage_x = 31 mm is outside [0, 25] mm")))  # noqa: S301  (our own bytes, a line above)
    assert type(again) is cls
    assert str(again) == "stage_x = 31 mm is outside [0, 25] mm"


@pytest.mark.parametrize("cls", ALL)
def test_every_error_has_the_one_root(cls):
    assert issubclass(cls, errors.NightshiftError)
