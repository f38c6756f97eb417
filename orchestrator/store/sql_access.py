"""Keys, login links and remembered answers in a database, shared by every API process of one ledger."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, select, update

from orchestrator.domain.access import ApiKey, LoginLink, RememberedAnswer
from orchestrator.store.database import Database
from orchestrator.store.tables import answers, api_keys, login_links


class SqlAccess:
    """The tables beside the ledger. Moments are texts in UTC, which sort as they pass."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_key(self, key: ApiKey) -> None:
        with self._database.writing() as connection:
            connection.execute(api_keys.insert(), {**_texts(key), "role": str(key.role)})

    def key(self, id: str) -> ApiKey | None:
        with self._database.reading() as connection:
            row = connection.execute(select(api_keys).where(api_keys.c.id == id)).mappings().one_or_none()
        return None if row is None else _key(row)

    def keys(self) -> tuple[ApiKey, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at.desc(), api_keys.c.id)).mappings().all()
        return tuple(_key(row) for row in rows)

    def revoke_key(self, id: str, at: datetime) -> bool:
        changed = update(api_keys).where(api_keys.c.id == id, api_keys.c.revoked_at.is_(None)).values(revoked_at=at.isoformat())
        with self._database.writing() as connection:
            return connection.execute(changed).rowcount == 1

    def touch_key(self, id: str, at: datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(update(api_keys).where(api_keys.c.id == id).values(last_used_at=at.isoformat()))

    def add_link(self, link: LoginLink) -> None:
        with self._database.writing() as connection:
            connection.execute(login_links.insert(), {**_texts(link), "role": str(link.role)})

    def use_link(self, token_sha256: str, now: datetime) -> LoginLink | None:
        used = delete(login_links).where(login_links.c.token_sha256 == token_sha256).returning(login_links)
        with self._database.writing() as connection:
            row = connection.execute(used).mappings().one_or_none()
        link = None if row is None else LoginLink.model_validate(dict(row), strict=False)
        return link if link is not None and now < link.expires_at else None

    def begin_answer(self, answer: RememberedAnswer) -> RememberedAnswer | None:
        while True:
            with self._database.writing() as connection:
                if _claim(connection, answer):
                    return None
                row = connection.execute(select(answers).where(answers.c.key == answer.key)).mappings().one_or_none()
            # Whoever had the claim may have given it up in between: then it is free again.
            if row is not None:
                return RememberedAnswer.model_validate(dict(row), strict=False)

    def finish_answer(self, key: str, status: int, body: str) -> None:
        with self._database.writing() as connection:
            connection.execute(update(answers).where(answers.c.key == key).values(status=status, body=body))

    def forget_answer(self, key: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(answers).where(answers.c.key == key))

    def forget_before(self, moment: datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(answers).where(answers.c.at < moment.isoformat()))
            connection.execute(delete(login_links).where(login_links.c.expires_at < moment.isoformat()))


def _claim(connection: Connection, answer: RememberedAnswer) -> bool:
    """Both databases know ON CONFLICT, which of two callers at once lets exactly one insert."""
    if connection.dialect.name == "postgresql":  # imported for every command, it would be a tenth of the start
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert
    claimed = insert(answers).values(_texts(answer)).on_conflict_do_nothing().returning(answers.c.key)
    return connection.execute(claimed).one_or_none() is not None


def _key(row: RowMapping) -> ApiKey:
    return ApiKey.model_validate(dict(row), strict=False)


def _texts(value: ApiKey | LoginLink | RememberedAnswer) -> dict[str, object]:
    """Return the fields as they are stored: moments with their offset, all UTC."""
    fields = {name: getattr(value, name) for name in type(value).model_fields}
    return {name: content.isoformat() if isinstance(content, datetime) else content for name, content in fields.items()}
