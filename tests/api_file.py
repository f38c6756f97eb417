"""``python -m tests.api_file`` brings ``docs/reference/openapi.json`` up to date, once the API's version was raised."""

import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from orchestrator.api.app import build_app
from orchestrator.api.services import Services
from orchestrator.bootstrap import open_workplace

PUBLISHED = Path(__file__).parents[1] / "docs" / "reference" / "openapi.json"
_FINGERPRINT = "x-content-sha256"


def current() -> dict[str, Any]:
    """Return the API's description as the code makes it."""
    with tempfile.TemporaryDirectory() as folder, open_workplace(f"sqlite:///{folder}/ledger.db") as workplace:
        return signed(build_app(Services(workplace, workplace.access, b"s" * 32)).openapi())


def published() -> dict[str, Any]:
    """Return the API's description as it is in the repository."""
    return json.loads(PUBLISHED.read_text(encoding="utf-8"))


def signed(document: dict[str, Any]) -> dict[str, Any]:
    """Return a description with the fingerprint of everything in it but the version."""
    plain = {key: value for key, value in document.items() if key != _FINGERPRINT}
    unversioned = {**plain, "info": {key: value for key, value in plain["info"].items() if key != "version"}}
    return {**plain, _FINGERPRINT: hashlib.sha256(json.dumps(unversioned, sort_keys=True).encode()).hexdigest()}


def as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def wants_new_version(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Return whether the API changed and its version did not: clients could not tell the two apart."""
    return old[_FINGERPRINT] != new[_FINGERPRINT] and old["info"]["version"] == new["info"]["version"]


def main() -> None:
    new = current()
    if PUBLISHED.exists() and wants_new_version(published(), new) and "--unreleased" not in sys.argv:
        raise SystemExit(
            f"the API changed and is still called {new['info']['version']}; raise API_VERSION in orchestrator/api/app.py: a minor step "
            "for what old clients can ignore, a major one for what they cannot. Nobody has that version yet? Add --unreleased"
        )
    PUBLISHED.write_text(as_text(new), encoding="utf-8")


if __name__ == "__main__":
    main()
