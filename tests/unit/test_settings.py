"""Where the ledger and the files are."""

from pathlib import Path

import pytest

from orchestrator.settings import Settings, sqlite_file


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NIGHTSHIFT_LEDGER", raising=False)
    monkeypatch.delenv("NIGHTSHIFT_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


def test_the_ledger_is_a_file_in_the_persons_data_folder_by_default(tmp_path: Path):
    assert Settings().ledger == f"sqlite:///{tmp_path}/share/nightshift/ledger.db"
    assert Settings().data_folder == tmp_path / "share" / "nightshift"


def test_the_environment_and_then_the_command_line_decide(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NIGHTSHIFT_LEDGER", "sqlite:////var/lib/nights.db")

    assert Settings().data_folder == Path("/var/lib")
    assert Settings(ledger="sqlite:////srv/other.db").data_folder == Path("/srv")


def test_files_lie_beside_an_sqlite_ledger_and_in_the_persons_folder_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    assert Settings(ledger="postgresql://ns@db/nights").data_folder == tmp_path / "share" / "nightshift"
    monkeypatch.setenv("NIGHTSHIFT_DATA", str(tmp_path / "elsewhere"))
    assert Settings().data_folder == tmp_path / "elsewhere"


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:////srv/a.db", Path("/srv/a.db")),
        ("sqlite:///a.db?timeout=3", Path("a.db").absolute()),
        ("sqlite+pysqlite:////srv/a.db", Path("/srv/a.db")),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("memory:", None),
        ("postgresql://u:p@h/d", None),
    ],
)
def test_the_file_of_an_sqlite_url(url: str, file: Path | None):
    assert sqlite_file(url) == file
