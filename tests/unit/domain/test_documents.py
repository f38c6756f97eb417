"""Where documents go is said without a secret."""

import pytest
from pydantic import ValidationError

from orchestrator.domain.documents import DocumentPlaces, KafkaPlace, TiledPlace


def test_a_site_names_servers_and_the_variables_that_hold_keys():
    written = {
        "tiled": {"uri": "https://tiled.bl99.org", "api_key_env": "BL99_TILED", "path": "bl99/raw"},
        "kafka": {"servers": "one:9092, two:9092", "topic": "bl99.documents"},
    }
    places = DocumentPlaces.model_validate(written)
    assert places.names == ("Tiled", "Kafka")
    assert places.kafka is not None
    assert places.kafka.servers == ("one:9092", "two:9092")
    assert DocumentPlaces.model_validate(places.model_dump(mode="json")) == places


def test_nothing_named_is_nowhere():
    assert DocumentPlaces().names == ()


@pytest.mark.parametrize("uri", ["https://host/?api_key=abc", "https://ann:secret@host"])
def test_a_key_in_an_address_is_refused_with_the_way_out(uri):
    with pytest.raises(ValidationError, match="api_key_env"):
        TiledPlace(uri=uri)


@pytest.mark.parametrize("key", ["sasl.password", "ssl.key.password", "sasl.oauthbearer.client.secret"])
def test_a_password_among_kafkas_settings_is_refused_with_the_way_out(key):
    with pytest.raises(ValidationError, match="password_env"):
        KafkaPlace(servers=("one:9092",), topic="t", config={key: "abc"})


@pytest.mark.parametrize("uri", ["tiled.bl99.org", "ftp://host", "http://a b"])
def test_what_is_no_address_is_refused(uri):
    with pytest.raises(ValidationError, match="uri"):
        TiledPlace(uri=uri)
