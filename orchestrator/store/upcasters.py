"""Old ledger events in today's words. Stored rows are never edited: they are upcast each time they are read."""

from collections.abc import Callable, Mapping
from typing import Any

from orchestrator.domain.events import SCHEMA_VERSION

Content = dict[str, Any]
"""A stored payload as JSON values, with its ``type``."""

Upcaster = Callable[[Content], Content]
"""Turns content written under one schema version into the next version's."""

UPCASTERS: Mapping[int, Upcaster] = {}
"""By the version they start from. Version 1 is the first, so there is none yet."""


def upcast(content: Content, schema_version: int, upcasters: Mapping[int, Upcaster] = UPCASTERS) -> Content:
    """Return the content as the current schema version would have written it.

    Raises:
        ValueError: If the content is newer than this Nightshift, or no upcaster starts from its version.
    """
    if schema_version > SCHEMA_VERSION:
        raise ValueError(
            f"schema version {schema_version} is newer than {SCHEMA_VERSION}, the latest known; install the Nightshift that wrote it"
        )
    for version in range(schema_version, SCHEMA_VERSION):
        if version not in upcasters:
            raise ValueError(f"schema version {schema_version} cannot be read: no upcaster starts from version {version}")
        content = upcasters[version](content)
    return content
