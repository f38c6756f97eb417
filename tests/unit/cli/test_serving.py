"""What ``serve`` and ``run --serve`` refuse, before anything is started or recorded."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator.cli.app import app
from orchestrator.serving.listening import listen
from tests.certificates import write_certificate


def refused(tmp_path: Path, *options: str) -> str:
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    result = CliRunner().invoke(app, [*options, "--ledger", ledger])
    assert result.exit_code == 2, result.stderr
    return result.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--host", "0.0.0.0"], "without TLS everybody on the way can read keys and cookies"),
        (["--cert", "missing.pem"], "--cert needs --key; give both"),
        (["--cert", "missing.pem", "--key", "missing.key"], "missing.pem: there is no such file"),
        (["--port", "99999"], "--port 99999 is outside 1 to 65535"),
        (["--proxy-user-header", "X-User"], "--proxy-user-header and --trusted-proxy need each other"),
        (["--proxy-role", "emperor"], "--proxy-role emperor is none of observer, analyst, operator, admin"),
    ],
)
def test_what_makes_no_sense_or_is_unsafe_is_refused_with_the_way_out(tmp_path: Path, options: list[str], says: str):
    assert says in refused(tmp_path, "serve", *options)


def test_a_port_in_use_is_refused_and_nothing_is_recorded(tmp_path: Path):
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        assert f"port {port} on 127.0.0.1 is in use" in refused(tmp_path, "serve", "--port", port)
        assert f"port {port} on 127.0.0.1 is in use" in refused(tmp_path, "run", "crossed-barrel", "--serve", "--port", port)


def test_a_key_that_does_not_belong_to_its_certificate_is_refused(tmp_path: Path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    certificate, _ = write_certificate(tmp_path / "one")
    _, key = write_certificate(tmp_path / "two")
    assert "cannot be used together" in refused(tmp_path, "serve", "--host", "0.0.0.0", "--cert", str(certificate), "--key", str(key))


def test_a_replica_that_is_not_there_is_refused(tmp_path: Path):
    assert "ledger.db" in refused(tmp_path, "serve", "--read-only")


def test_a_page_and_nobody_to_wait_for_exclude_each_other(tmp_path: Path):
    assert "--no-wait and --serve exclude each other" in refused(tmp_path, "run", "crossed-barrel", "--serve", "--no-wait")
