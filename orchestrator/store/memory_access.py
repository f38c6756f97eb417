"""Keys, login links and remembered answers in this process."""

import threading
from datetime import datetime

from orchestrator.domain.access import AccessRecords, ApiKey, LoginLink, RememberedAnswer
from orchestrator.domain.errors import ReadOnly


class MemoryAccess:
    """The reference: gone when the process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[str, ApiKey] = {}
        self._links: dict[str, LoginLink] = {}
        self._answers: dict[str, RememberedAnswer] = {}

    def add_key(self, key: ApiKey) -> None:
        with self._lock:
            self._keys[key.id] = key

    def key(self, id: str) -> ApiKey | None:
        with self._lock:
            return self._keys.get(id)

    def keys(self) -> tuple[ApiKey, ...]:
        with self._lock:
            return tuple(sorted(self._keys.values(), key=lambda key: (-key.created_at.timestamp(), key.id)))

    def revoke_key(self, id: str, at: datetime) -> bool:
        with self._lock:
            key = self._keys.get(id)
            if key is None or key.revoked_at is not None:
                return False
            self._keys[id] = key.model_copy(update={"revoked_at": at})
            return True

    def touch_key(self, id: str, at: datetime) -> None:
        with self._lock:
            if id in self._keys:
                self._keys[id] = self._keys[id].model_copy(update={"last_used_at": at})

    def add_link(self, link: LoginLink) -> None:
        with self._lock:
            self._links[link.token_sha256] = link

    def use_link(self, token_sha256: str, now: datetime) -> LoginLink | None:
        with self._lock:
            link = self._links.pop(token_sha256, None)
        return link if link is not None and now < link.expires_at else None

    def begin_answer(self, answer: RememberedAnswer) -> RememberedAnswer | None:
        with self._lock:
            before = self._answers.get(answer.key)
            if before is None:
                self._answers[answer.key] = answer
            return before

    def finish_answer(self, key: str, status: int, body: str) -> None:
        with self._lock:
            if key in self._answers:
                self._answers[key] = self._answers[key].model_copy(update={"status": status, "body": body})

    def forget_answer(self, key: str) -> None:
        with self._lock:
            self._answers.pop(key, None)

    def forget_before(self, moment: datetime) -> None:
        with self._lock:
            self._answers = {key: answer for key, answer in self._answers.items() if answer.at >= moment}
            self._links = {token: link for token, link in self._links.items() if link.expires_at >= moment}


class ReadOnlyAccess(MemoryAccess):
    """Keys as a ledger that cannot be written has them; links and answers live in this process, so that people can log in."""

    def __init__(self, stored: AccessRecords) -> None:
        super().__init__()
        self._stored = stored

    def key(self, id: str) -> ApiKey | None:
        return self._stored.key(id)

    def keys(self) -> tuple[ApiKey, ...]:
        return self._stored.keys()

    def add_key(self, key: ApiKey) -> None:
        raise ReadOnly(f"key {key.name} cannot be kept: this ledger is open for reading only; create it where the ledger is written")

    def revoke_key(self, id: str, at: datetime) -> bool:
        raise ReadOnly(f"key {id} cannot be revoked here: this ledger is open for reading only; revoke it where the ledger is written")

    def touch_key(self, id: str, at: datetime) -> None:
        """A replica cannot remember when a key was used."""
