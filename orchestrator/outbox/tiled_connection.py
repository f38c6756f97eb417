"""Asking a Tiled server, and what its silence means."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError

from orchestrator.domain.documents import TiledPlace
from orchestrator.domain.errors import BadInput
from orchestrator.outbox.targets import Unreachable, secret
from orchestrator.wording.installing import how_to_install

_SECONDS = 30.0
"""How long one answer may take."""
_CLOSED_DOORS = (401, 403, 408, 429, 502, 503, 504)
"""Answers that say nothing about the documents."""
_KEY = "TILED_API_KEY"
"""What Tiled's own client reads, too."""
_MISSING = f"bluesky-tiled-plugins is not installed; {how_to_install('documents')}"


def place_at(uri: str) -> TiledPlace:
    """Return a server at an address, its key in ``TILED_API_KEY`` where it wants one; ``URI#path`` names the container.

    Raises:
        BadInput: If it is no address, or holds the key itself.
    """
    address, _, path = uri.partition("#")
    try:
        return TiledPlace(uri=address, api_key_env=_KEY if os.environ.get(_KEY) else None, path=path)
    except ValidationError as error:
        raise BadInput(f"--tiled {address}: {error.errors()[0]['msg']}; write it like http://localhost:8000, the key in {_KEY}") from None


def connect(place: TiledPlace) -> Any:
    """Return a client of the container that runs lie in, made where it is missing.

    Raises:
        Unreachable: If the server does not answer, or does not let us in, or no client is installed.
    """
    node = connect_root(place)
    with in_words():
        for part in filter(None, place.path.split("/")):
            node = node[part] if part in node else node.create_container(key=part)
        return node


def connect_root(place: TiledPlace, what: str = "documents.tiled") -> Any:
    """Return a client of a server's root; nothing is made there.

    Args:
        place: The server.
        what: Where the site file names it, for whoever must set its key.

    Raises:
        Unreachable: As ``connect``.
    """
    key = secret(place.api_key_env, what)
    os.environ.setdefault("TILED_RETRY_ATTEMPTS", "1")  # we try again ourselves, and tell people meanwhile
    try:
        import httpx
        from tiled.client import from_uri
    except ImportError:
        raise Unreachable(_MISSING) from None
    with in_words():
        return from_uri(place.uri, api_key=key, timeout=httpx.Timeout(_SECONDS))


@contextmanager
def connected(place: TiledPlace) -> Iterator[Any]:
    """Connect while the block runs. Raises what ``connect`` does."""
    root = connect(place)
    try:
        with in_words():
            yield root
    finally:
        root.context.http_client.close()


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what clients raise into what it means for the documents. Raises Unreachable, or what says that they are at fault."""
    try:
        yield
    except Unreachable:
        raise
    except ImportError:
        raise Unreachable(_MISSING) from None
    except Exception as error:  # the client raises what httpx and its server happen to say
        if (meaning := _unreachable(error)) is not None:
            raise Unreachable(meaning) from error
        raise


def _unreachable(error: Exception) -> str | None:
    """Return why nothing can be sent now; None where the documents may be at fault."""
    import httpx

    if isinstance(error, httpx.HTTPStatusError):
        code = error.response.status_code
        return f"it answers {code} ({error.response.reason_phrase})" if code in _CLOSED_DOORS else None
    if isinstance(error, httpx.TransportError):
        return f"it does not answer ({error or type(error).__name__})"
    return None
