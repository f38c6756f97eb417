"""A traceback in the log is short: a server that writes half a minute of local values answers nobody meanwhile."""

import io
import json
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


class RequestAbort(Exception):
    """As Bluesky's, which is thrown into a plan that is to end."""


def test_a_run_that_was_to_break_off_shows_no_traceback_and_no_warning(bluesky: logging.Logger, monkeypatch: pytest.MonkeyPatch):
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    monkeypatch.setenv("NIGHTSHIFT_LOG", "json")
    telemetry.log_to_stderr()
    telemetry.log_bluesky()
    bluesky.warning("No open traces left to close!")
    try:
        raise RequestAbort
    except RequestAbort:
        bluesky.exception("Run aborted")
    [line] = written.getvalue().splitlines()
    assert "Run aborted" in line
    assert "Traceback" not in line


def test_where_nobody_asked_for_it_routine_is_left_out_of_a_file_too(bluesky: logging.Logger, monkeypatch: pytest.MonkeyPatch):
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    monkeypatch.delenv("NIGHTSHIFT_LOG", raising=False)
    telemetry.log_to_stderr()
    telemetry.log_bluesky()
    structlog.get_logger().debug("request")
    try:
        raise RequestAbort
    except RequestAbort:
        bluesky.exception("Run aborted")
    structlog.get_logger().warning("the disk is slow")
    [line] = written.getvalue().splitlines()
    assert json.loads(line)["event"] == "the disk is slow"


def test_a_profile_that_set_blueskys_logging_up_keeps_it(bluesky: logging.Logger):
    own = logging.NullHandler()
    bluesky.addHandler(own)
    telemetry.log_bluesky()
    assert bluesky.handlers == [own]
