"""What is counted as it happens."""

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Meters:
    """One application's own registry, so that several in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Histogram(
            "nightshift_request_seconds",
            "Time to answer a request, streams left out.",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=self.registry,
        )

    def note_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; ``route`` is a template, so that there are few of them."""
        self._requests.labels(method, route, str(status)).observe(seconds)
