"""Where a site wants its documents to go, and where analyses answer. Pure data; no campaign can say it."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator, model_validator

from orchestrator.domain.base import Value

_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"


def _one_or_several(written: Any) -> Any:
    return [part.strip() for part in written.split(",")] if isinstance(written, str) else written


class TiledPlace(Value):
    """A Tiled server."""

    uri: str = Field(pattern=r"^https?://[^\s]+$")
    api_key_env: str | None = Field(default=None, pattern=_VARIABLE)
    """The environment variable that holds the key; the key itself stands in no file of ours."""
    path: str = ""
    """The container that runs are written into, such as ``bl99/raw``; default the server's root."""

    @field_validator("uri")
    @classmethod
    def _holds_no_key(cls, uri: str) -> str:
        if "api_key=" in uri or "@" in uri:
            raise ValueError(
                "holds a secret, and others may read this file; put the key into an environment variable and name that in api_key_env"
            )
        return uri


class KafkaPlace(Value):
    """A Kafka topic."""

    servers: Annotated[tuple[str, ...], BeforeValidator(_one_or_several), Field(min_length=1)]
    """``host:port``, one or several."""
    topic: str = Field(pattern=r"^[A-Za-z0-9._-]{1,249}$")
    config: Mapping[str, str | int | float | bool] = {}
    """Further settings of librdkafka, such as ``security.protocol``."""
    password_env: str | None = Field(default=None, pattern=_VARIABLE)
    """The environment variable that holds ``sasl.password``."""

    @model_validator(mode="after")
    def _holds_no_password(self) -> "KafkaPlace":
        if secret := next((key for key in self.config if "password" in key or "secret" in key), None):
            raise ValueError(f"config.{secret} is a secret, and others may read this file; name an environment variable in password_env")
        return self


class DocumentPlaces(Value):
    """Where every Bluesky document goes, and every decision."""

    tiled: TiledPlace | None = None
    kafka: KafkaPlace | None = None
    simulated: bool = False
    """Whether those of made-up instruments go there, too; else a demonstration would lie among the beamline's data."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, place in (("Tiled", self.tiled), ("Kafka", self.kafka)) if place is not None)


class AnswerPlaces(Value):
    """Where analyses leave what they found, for campaigns whose rewards read it there."""

    tiled: TiledPlace | None = None
    """The server; its ``path`` is where the paths that campaigns give begin."""
