"""Bluesky documents as bytes: quick enough for the hot path, and never refused."""

import struct
import zlib
from datetime import date
from pathlib import PurePath
from typing import Any, cast

import msgpack
import numpy as np

Document = dict[str, Any]
Named = tuple[str, Document]
"""A document's name, such as ``event``, and the document."""

HEADER = struct.Struct("<II")
"""Length of what follows, and its checksum."""
_LARGEST_INTEGER = 2**64 - 1
_ARRAY = 1


class Torn(ValueError):
    """A record that is not what was written."""


def pack(name: str, document: Document) -> bytes:
    """Return one record: header and content. What documents should not hold, such as a path, becomes text."""
    content = cast(bytes, msgpack.packb([name, document], default=_plain))
    return HEADER.pack(len(content), zlib.crc32(content)) + content


def unpack(content: bytes, checksum: int) -> Named:
    """Return what a record holds. Raises Torn if it was damaged."""
    if zlib.crc32(content) != checksum:
        raise Torn(f"a record of {len(content)} bytes does not match its checksum")
    name, document = msgpack.unpackb(content, ext_hook=_array, strict_map_key=False)
    return name, document


def _plain(value: Any) -> Any:
    match value:
        case np.ndarray() if value.dtype.hasobject:
            return value.tolist()
        case np.ndarray():
            head = msgpack.packb([value.dtype.str, value.shape])
            return msgpack.ExtType(_ARRAY, cast(bytes, head) + np.ascontiguousarray(value).tobytes())
        case np.generic():
            return value.item()
        case set() | frozenset():
            return sorted(cast("set[Any]", value), key=str)
        case date():
            return value.isoformat()
        case PurePath() | int():  # an integer beyond 64 bits
            return str(value)
        case _:
            return dict(value) if hasattr(value, "keys") else _told(value)


def _told(value: Any) -> Any:
    return list(value) if hasattr(value, "__iter__") else repr(value)


def _array(code: int, content: bytes) -> Any:
    if code != _ARRAY:
        raise Torn(f"a record holds something of kind {code}, which this version does not write")
    unpacker = msgpack.Unpacker(use_list=True)
    unpacker.feed(content)
    dtype, shape = unpacker.unpack()
    return np.frombuffer(content, dtype=np.dtype(dtype), offset=unpacker.tell()).reshape(shape)
