"""Documents to a Kafka topic, by bluesky-kafka's own publisher."""

from collections.abc import Sequence
from typing import Any

from orchestrator.domain.documents import KafkaPlace
from orchestrator.outbox.decisions import beginning, ending, event
from orchestrator.outbox.packing import Named
from orchestrator.outbox.targets import Decisions, NotTaken, Unreachable, secret
from orchestrator.wording.installing import how_to_install

_DELIVERY_MS = 20_000
"""How long a broker may take before a message counts as not delivered."""
_MANY = 1000
"""Documents in flight at once; librdkafka's own queue holds a hundred times as many."""


class KafkaTarget:
    """Publishes every document at least once, a campaign's in one partition and therefore in order.

    What a crash of the sender, or a broker that answered too late, sends twice has the same uid.
    """

    name = "Kafka"

    def __init__(self, place: KafkaPlace, delivery_ms: int = _DELIVERY_MS) -> None:
        self._place = place
        self._delivery_ms = delivery_ms
        self._publishers: dict[str, Any] = {}
        self._failures: list[str] = []

    def send_run(self, documents: Sequence[Named]) -> None:
        self._publish(_campaign_of(documents), documents)

    def send_decisions(self, decisions: Decisions) -> None:
        begun = decisions.rows[0]["seq"] > 1
        last = ending(decisions.rows)
        events = [event(row) for row in decisions.rows]
        self._publish(decisions.first["stream"], [*(() if begun else beginning(decisions.first)), *events, *([last] if last else [])])

    def _publish(self, campaign: str, documents: Sequence[Named]) -> None:
        publisher = self._publisher(campaign)
        self._failures.clear()
        for number, (name, document) in enumerate(documents, start=1):
            try:
                publisher(name, document)
            except BufferError:
                self._flush(publisher)
                publisher(name, document)
            if number % _MANY == 0:
                self._flush(publisher)
        self._flush(publisher)

    def _flush(self, publisher: Any) -> None:
        publisher.flush()
        if self._failures:
            self._publishers.clear()
            raise (NotTaken if "MSG_SIZE_TOO_LARGE" in self._failures[0] else Unreachable)(self._failures[0])

    def _publisher(self, campaign: str) -> Any:
        if campaign not in self._publishers:
            self._publishers = {campaign: self._new_publisher(campaign)}  # one at a time: each has threads and connections
        return self._publishers[campaign]

    def _new_publisher(self, campaign: str) -> Any:
        try:
            from bluesky_kafka import Publisher
        except ImportError:
            raise Unreachable(f"bluesky-kafka is not installed; {how_to_install('documents')}") from None
        password = secret(self._place.password_env, "documents.kafka")
        return Publisher(
            topic=self._place.topic,
            bootstrap_servers=",".join(self._place.servers),
            key=campaign,
            producer_config={
                "enable.idempotence": True,
                "message.timeout.ms": self._delivery_ms,
                "log_level": 0,  # it would tell stderr every second that the broker is gone; we tell people ourselves
                **self._place.config,
                **({} if password is None else {"sasl.password": password}),
            },
            on_delivery=self._delivered,
        )

    def _delivered(self, error: Any, _message: Any) -> None:
        if error is not None:
            self._failures.append(f"{error.str()} ({error.name()})")


def _campaign_of(documents: Sequence[Named]) -> str:
    return next((document.get("nightshift", {}).get("campaign", "") for name, document in documents if name == "start"), "")
