"""Connections to clients that are gone, or never read: the kernel ends them, whatever still waits to be sent."""

import socket
import sys

PATIENCE_SECONDS = 30.0
"""How long a client may leave its stream unread before it is dropped; it reconnects and resumes where it was."""


def end_unread_connections(listening: socket.socket, seconds: float = PATIENCE_SECONDS) -> None:
    """Have the connections of a listening socket end once what was sent is not taken for so long.

    The server frees a viewer by itself; this frees the connection too, which otherwise waits for the client to read.
    """
    if sys.platform == "linux":
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(1000 * seconds))
