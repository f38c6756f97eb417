"""The API's query workers: one draws models, one writes reports, so that a long report delays no map."""

from orchestrator.api.querying.questions import AskReport, AskSlice, AskTable
from orchestrator.api.querying.worker import QueryWorker, start_query_worker
from orchestrator.wire.trials import Posterior

_SLICE_SECONDS = 20.0
_REPORT_SECONDS = 120.0


class Queries:
    """Asks the worker that a question is for. No process is started before the first question."""

    def __init__(self, address: str) -> None:
        """Prepare workers for the ledger at a SQLAlchemy URL."""
        self._models = QueryWorker(lambda: start_query_worker(address), patience=_SLICE_SECONDS, n_kept=100)
        self._papers = QueryWorker(lambda: start_query_worker(address), patience=_REPORT_SECONDS, n_kept=4)

    def slice(self, asked: AskSlice) -> Posterior:
        """Return a model's belief on a grid. Raises WrongState where there is none, Overloaded where it takes too long."""
        answer = self._models.ask(asked)
        if not isinstance(answer, Posterior):
            raise TypeError(f"a slice was answered by {type(answer).__name__}")
        return answer

    def paper(self, asked: AskReport | AskTable) -> str:
        """Return a report or a table. Raises Overloaded where it takes too long."""
        answer = self._papers.ask(asked)
        if not isinstance(answer, str):
            raise TypeError(f"a report was answered by {type(answer).__name__}")
        return answer

    def close(self) -> None:
        """End the workers; the next question starts them again."""
        self._models.close()
        self._papers.close()
