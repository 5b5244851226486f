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


def bound_raw_socket(protocol: int, interface: str) -> socket.socket:
    """A raw IPv4 socket of one protocol by `interface` only; NotBound when there can be none."""
    try:
        door = socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)
    except PermissionError as error:
        raise NotBound("no right to send ICMP: run as root or with CAP_NET_RAW") from error
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
    except OSError as error:
        door.close()
        raise NotBound(f"not sent: no socket can be bound to {interface}: {error.strerror}") from error
    return door
