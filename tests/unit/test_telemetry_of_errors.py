"""A traceback in the log is short: a server that writes half a minute of local values answers nobody meanwhile."""

import io
import logging

import pytest
import structlog

from orchestrator import telemetry


def test_an_error_is_logged_with_its_traceback_and_without_local_values(monkeypatch: pytest.MonkeyPatch):
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    telemetry.log_to_stderr()
    enormous = ["a value nobody wants in a log"]
    try:
        raise ValueError(f"{len(enormous)} thing went wrong")
    except ValueError as error:
        structlog.get_logger().error("request failed", exc_info=error)
    assert "ValueError: 1 thing went wrong" in written.getvalue()
    assert "a value nobody wants" not in written.getvalue()


@pytest.fixture
def bluesky():
    """Bluesky's logger, as it was before."""
    logger = logging.getLogger("bluesky")
    before = list(logger.handlers)
    logger.handlers.clear()
    yield logger
    logger.handlers[:] = before


@pytest.mark.parametrize(("form", "shows_traceback"), [("text", False), ("json", True)])
def test_bluesky_tells_what_went_wrong_without_its_traceback_on_a_terminal(
    form: str, shows_traceback: bool, bluesky: logging.Logger, monkeypatch: pytest.MonkeyPatch
):
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    monkeypatch.setenv("NIGHTSHIFT_LOG", form)
    telemetry.log_to_stderr()
    telemetry.log_bluesky()
    try:
        raise ValueError("no sample there")
    except ValueError:
        bluesky.exception("Run aborted")
    bluesky.warning("a suspender tripped")
    assert "a suspender tripped" in written.getvalue()
    assert ("ValueError: no sample there" in written.getvalue()) is shows_traceback


def test_a_profile_that_set_blueskys_logging_up_keeps_it(bluesky: logging.Logger):
    own = logging.NullHandler()
    bluesky.addHandler(own)
    telemetry.log_bluesky()
    assert bluesky.handlers == [own]
