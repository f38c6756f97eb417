"""Documents through bluesky-kafka's own publisher, to brokers that librdkafka mocks: real sockets and the real protocol, no real Kafka."""

import socket
from collections.abc import Iterator

import msgpack
import numpy as np
import pytest

from orchestrator.domain.documents import KafkaPlace
from orchestrator.domain.events import CampaignCompleted, Draft, NoteLeft
from orchestrator.outbox.kafka import KafkaTarget
from orchestrator.outbox.targets import Decisions, Unreachable
from orchestrator.store.chain import seal
from orchestrator.testing.fakes import EVENING
from tests.needing import skip_file_without

skip_file_without("confluent_kafka", "bluesky_kafka")

RUN = (
    ("start", {"uid": "r1", "time": 1.0, "nightshift": {"campaign": "night-1"}}),
    ("event", {"uid": "e1", "data": {"image": np.arange(6.0).reshape(2, 3)}}),
    ("stop", {"uid": "s1", "run_start": "r1"}),
)


@pytest.fixture(scope="module")
def brokers() -> Iterator[str]:
    """Return the address of a mocked cluster, which lives as long as its producer."""
    import confluent_kafka

    cluster = confluent_kafka.Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1, "log_level": 0})
    [broker] = cluster.list_topics(timeout=10).brokers.values()
    yield f"{broker.host}:{broker.port}"
    del cluster


def consumed(brokers: str, topic: str, n: int) -> list[tuple[str, str, dict]]:
    """Return key, name and document of the first messages of a topic."""
    import confluent_kafka

    consumer = confluent_kafka.Consumer({"bootstrap.servers": brokers, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.assign([confluent_kafka.TopicPartition(topic, partition, 0) for partition in _partitions(consumer, topic)])
    messages = []
    while len(messages) < n:
        messages.extend(consumer.consume(n - len(messages), timeout=10))
    consumer.close()
    return [(message.key().decode(), *msgpack.unpackb(message.value())) for message in messages]


def _partitions(consumer, topic):
    return consumer.list_topics(topic, timeout=10).topics[topic].partitions


def test_a_run_arrives_in_order_under_its_campaigns_key(brokers):
    KafkaTarget(KafkaPlace(servers=brokers, topic="runs")).send_run(RUN)
    arrived = consumed(brokers, "runs", 3)
    assert [(key, name) for key, name, _document in arrived] == [("night-1", name) for name, _document in RUN]
    np.testing.assert_array_equal(arrived[1][2]["data"]["image"], RUN[1][1]["data"]["image"])


def test_decisions_are_a_run_begun_once_and_ended_once(brokers):
    data = (NoteLeft(text="a"), NoteLeft(text="b"), CampaignCompleted(reason="done"))
    rows = seal("night-1", [Draft(at=EVENING, actor="engine", data=each) for each in data], after=0, head="0" * 64, token=1)
    target = KafkaTarget(KafkaPlace(servers=brokers, topic="decisions"))
    target.send_decisions(Decisions(rows[0], rows[:1]))
    target.send_decisions(Decisions(rows[0], rows[1:]))
    arrived = consumed(brokers, "decisions", 6)
    assert [name for _key, name, _document in arrived] == ["start", "descriptor", "event", "event", "event", "stop"]
    assert arrived[3][2]["data"]["hash"] == rows[1]["hash"]


def test_without_a_broker_it_is_unreachable_and_says_so():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused, and nobody else's
        servers = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Unreachable, match="_MSG_TIMED_OUT"):
            KafkaTarget(KafkaPlace(servers=servers, topic="runs"), delivery_ms=200).send_run(RUN)


def test_a_password_that_is_not_there_is_asked_for_by_its_name(brokers, monkeypatch):
    monkeypatch.delenv("BL99_KAFKA", raising=False)
    with pytest.raises(Unreachable, match="BL99_KAFKA is not set"):
        KafkaTarget(KafkaPlace(servers=brokers, topic="runs", password_env="BL99_KAFKA")).send_run(RUN)
