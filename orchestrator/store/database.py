"""An opened database, whichever it is."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from orchestrator.domain.errors import ReadOnly
from orchestrator.store.ballast import Ballast
from orchestrator.store.failures import is_full, overcrowded, translated, unreadable


@dataclass(frozen=True, slots=True)
class Database:
    """One pool of connections, and how this database's transactions begin."""

    name: str
    """What people call it: a path, or a URL without its password."""
    engine: Engine
    begin_writing: str
    """The first statement of a transaction that writes; empty where the driver's own will do."""
    begin_snapshot: str
    """The first statement of a transaction whose reads all see the same moment."""
    ballast: Ballast | None = None
    is_read_only: bool = False
    """Whether it was opened never to be written, as on a replica."""

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """Read without blocking anybody. Database errors become ours."""
        with self._translating(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def reading_one_moment(self) -> Generator[Connection]:
        """Read as ``reading`` does, while others may write what will not be seen."""
        with self.reading() as connection:
            connection.exec_driver_sql(self.begin_snapshot)
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """Write all or nothing; durable when it returns. Database errors become ours.

        Raises:
            ReadOnly: If it was opened for reading only.
        """
        if self.is_read_only:
            raise ReadOnly(f"the ledger {self.name} is open for reading only; do this where it is written")
        with self._translating(), self.engine.begin() as connection:
            if self.begin_writing:
                connection.exec_driver_sql(self.begin_writing)
            yield connection
        if self.ballast is not None and self.ballast.is_spent:
            self.ballast.fill()

    @contextmanager
    def _translating(self) -> Generator[None]:
        try:
            yield
        except DBAPIError as error:
            if is_full(error) and self.ballast is not None:
                self.ballast.free()
            raise (unreadable if self.is_read_only else translated)(error, self.name) from error
        except NoConnectionLeft as error:
            raise overcrowded(error, self.name) from error

    def close(self) -> None:
        self.engine.dispose()
