"""The part of a CA repeater that clients insist on: a confirmation that one is there.

Without it libca tries to start an executable that pip does not install, and complains. Beacons are not repeated: on the
loopback interface nobody misses them.
"""

import asyncio
import struct

_HEADER = struct.Struct(">HHHHII")
_REGISTER, _CONFIRM = 24, 17


class Repeater(asyncio.DatagramProtocol):
    """Answers every registration."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport)
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data and (len(data) < _HEADER.size or _HEADER.unpack_from(data)[0] != _REGISTER):
            return
        address = int.from_bytes(bytes(int(part) for part in addr[0].split(".")), "big")
        self._transport.sendto(_HEADER.pack(_CONFIRM, 0, 0, 0, 0, address), addr)


async def serve_repeater(host: str, port: int) -> asyncio.BaseTransport:
    """Answer registrations on a UDP port until the transport is closed."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Repeater, local_addr=(host, port))
    return transport
