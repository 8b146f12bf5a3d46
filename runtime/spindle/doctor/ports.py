"""Whether the application could listen where it is to be served, and who does instead."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from spindle.client import live_hosts
from spindle.doctor.findings import Finding, State
from spindle.doctor.patient import Patient
from spindle.errors import SpindleError
from spindle.trigger.http.listener import bind, parse_listen_address

_LISTENING = "0A"
"""The state of a socket in the kernel's tables."""


def listening_port(patient: Patient) -> Iterator[Finding]:
    """The port is free."""
    try:
        host, port = parse_listen_address(patient.listen)
        bind(host, port).close()
    except SpindleError as error:
        number = patient.listen.rpartition(":")[2]
        owner = owner_of(int(number)) if number.isdecimal() else None
        message = error.message if owner is None else f"{error.message} by {owner}"
        yield Finding("port", State.ERROR, message, error.hints)
    else:
        yield Finding("port", State.OK, f"{patient.listen} is free")


def owner_of(port: int) -> str | None:
    """Who listens on a port: a host that can be stopped, or a process, if that can be told."""
    for host in live_hosts():
        if urlsplit(host.base_url).port == port:
            return f"a host that serves `{host.manifest}` (`spindle stop {host.pid}` ends it)"
    sockets = set(_sockets(port))
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is somebody else's
            if any(_target(fd) in sockets for fd in (process / "fd").iterdir()):
                name = (process / "comm").read_text().strip()
                return f"process {process.name} (`{name}`)"
    return None


def _sockets(port: int) -> Iterator[str]:
    """The sockets that listen on a port, as a process's files name them.

    Source: `proc_net_tcp` of Linux's documentation.
    """
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path("/proc/net", table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    yield f"socket:[{fields[9]}]"


def _target(link: Path) -> str | None:
    try:
        return str(link.readlink())
    except OSError:
        return None


def answers(host: str, port: int, patience: float) -> str | None:
    """What keeps a server from taking connections; None if nothing does."""
    try:
        socket.create_connection((host, port), patience).close()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return None
