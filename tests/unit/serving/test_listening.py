"""Where a server may listen."""

import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from orchestrator.domain.errors import BadInput
from orchestrator.serving.listening import Address, listen, names_of, require_certificate, require_safe
from tests.certificates import write_certificate


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.3.2.1"])
def test_the_loopback_interface_needs_no_tls(host: str):
    require_safe(host, is_tls=False, is_behind_proxy=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "beamline.example"])
def test_any_other_address_needs_tls_or_a_proxy_and_the_refusal_says_so(host: str):
    with pytest.raises(BadInput, match=r"without TLS everybody on the way can read .*--cert FILE --key FILE, or --behind-proxy"):
        require_safe(host, is_tls=False, is_behind_proxy=False)
    require_safe(host, is_tls=True, is_behind_proxy=False)
    require_safe(host, is_tls=False, is_behind_proxy=True)


def test_a_port_in_use_is_named_with_the_way_out():
    with closing(listen("127.0.0.1", 0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(BadInput, match=rf"port {port} on 127\.0\.0\.1 is in use.*--port"):
            listen("127.0.0.1", port)


def test_whoever_connects_before_the_api_is_there_is_kept_waiting_and_not_refused():
    with closing(listen("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname(), timeout=1.0):
        pass


def test_a_port_outside_the_range_is_refused():
    with pytest.raises(BadInput, match="--port 70000 is outside"):
        listen("127.0.0.1", 70000)


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(BadInput, match=r"cannot listen on 192\.0\.2\.1.*address of this machine"):
        listen("192.0.2.1", 0)


def test_a_certificate_without_its_key_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="--cert needs --key"):
        require_certificate(tmp_path / "server.pem", None)
    with pytest.raises(BadInput, match="--key needs --cert"):
        require_certificate(None, tmp_path / "server.key")


def test_a_certificate_that_is_not_there_or_does_not_fit_is_named(tmp_path: Path):
    certificate, key = write_certificate(tmp_path)
    require_certificate(certificate, key)
    with pytest.raises(BadInput, match=r"--key .*missing\.key: there is no such file"):
        require_certificate(certificate, tmp_path / "missing.key")
    certificate.write_text("nonsense")
    with pytest.raises(BadInput, match="cannot be used together"):
        require_certificate(certificate, key)


def test_a_server_answers_to_the_names_of_its_address():
    assert "localhost" in names_of("127.0.0.1")
    assert "beamline.example" in names_of("Beamline.example")
    assert socket.gethostname() in names_of("0.0.0.0")
    assert Address("::1", 80, is_tls=True).url == "https://[::1]:80"


def test_the_supervisor_imports_nothing_heavy_and_no_web_framework():
    command = [sys.executable, "-c", "import sys, orchestrator.serving.server\nprint(*sys.modules)"]
    imported = set(subprocess.run(command, capture_output=True, text=True, check=True, timeout=100).stdout.split())
    assert not imported & {"torch", "ophyd", "bluesky", "matplotlib", "fastapi", "starlette", "uvicorn", "scipy.stats"}
