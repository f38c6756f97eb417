"""How the dashboard's files are sent."""

import re

import pytest

from orchestrator.api.routes.pages import _ADDRESSES
from orchestrator.dashboard.files import load_dashboard
from tests.night import CAMPAIGN
from tests.unit.api.conftest import Api


@pytest.mark.parametrize("address", _ADDRESSES)
def test_every_page_names_files_that_exist_and_all_its_modules_at_once(api: Api, address: str) -> None:
    client = api.client(None)
    page = client.get(address.replace("{campaign}", CAMPAIGN))
    assert page.status_code == 200
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    for file in named:
        answer = client.get(file)
        assert answer.status_code == 200, file
        assert "immutable" in answer.headers["cache-control"]
    scripts = re.findall(r'src="(/static/[^"]+)"', page.text)
    hinted = set(re.findall(r'rel="modulepreload" href="([^"]+)"', page.text))
    assert hinted >= {script for script in scripts if "/pages/" in script}
    for module in hinted:
        for name in re.findall(r'from "\./([\w-]+\.js)"', client.get(module).text):
            assert f"{module.rsplit('/', 1)[0]}/{name}" in hinted, f"{module} imports {name}, which the page does not name"


def test_a_page_that_has_not_changed_is_not_sent_again(api: Api) -> None:
    client = api.client(None)
    first = client.get("/campaigns")
    again = client.get("/campaigns", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_files_are_compressed_for_whoever_can_read_that(api: Api) -> None:
    client = api.client(None)
    plain = client.get("/static/js/api.js", headers={"Accept-Encoding": "identity"})
    packed = client.get("/static/js/api.js", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2


@pytest.mark.parametrize("path", ["/static/../files.py", "/static/%2e%2e/files.py", "/static/js/../../files.py", "/static//etc/passwd"])
def test_nothing_but_the_dashboards_own_files_is_sent(api: Api, path: str) -> None:
    answer = api.client(None).get(path)
    assert answer.status_code == 404
    assert "import" not in answer.text


def test_no_page_holds_anything_that_the_content_security_policy_forbids() -> None:
    for name, page in load_dashboard().pages.items():
        text = page.body.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|https?://", text), name
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), name


def test_data_never_become_markup() -> None:
    for path, file in load_dashboard().files.items():
        if path.endswith(".js"):
            assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", file.body.decode()), path
