"""Sockets that leave through one interface, whatever the routes say: these may change after they were looked at."""

import socket


class NotBound(Exception):
    """No socket could be bound to the interface; `str()` says why, and nothing was sent."""


def bound_socket(kind: socket.SocketKind, interface: str) -> socket.socket:
    """An unconnected IPv4 socket that sends and receives by `interface` only; NotBound when there can be none.

    Linux before 5.7 lets only CAP_NET_RAW bind to an interface.
    """
    door = socket.socket(socket.AF_INET, kind)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
    except OSError as error:
        door.close()
        raise NotBound(f"not sent: no socket can be bound to {interface}: {error.strerror}") from error
    return door
