"""Bodies larger than anyone should hold."""

from __future__ import annotations

import resource
import select
import socket
import sys
import threading

import pytest
from tests.executor.harness import Running

CHUNK = b"x" * 65536
HELD = 48 << 20
"""Bytes the kernel's buffers and ours may hold together: far less than is sent."""


def post(running: Running, path: str, size: int) -> socket.socket:
    client = running.connect()
    head = f"POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {size}\r\n\r\n"
    client.sendall(head.encode())
    return client


def send_until_refused(client: socket.socket, size: int) -> int:
    """Send until nobody takes more for a while; how much was taken."""
    client.setblocking(False)
    sent = 0
    while sent < size and select.select([], [client], [], 0.5)[1]:
        sent += client.send(CHUNK[: size - sent])
    client.settimeout(60)
    return sent


def read_all(client: socket.socket) -> int:
    """The size of the response."""
    size = 0
    while chunk := client.recv(1 << 20):
        size += len(chunk)
    return size


@pytest.mark.parametrize("path", ["/echo", "/shout", "/javascript/echo"])
def test_a_client_that_does_not_read_is_not_read_from(running: Running, path: str) -> None:
    size = 4 * HELD
    with post(running, path, size) as client:
        sent = send_until_refused(client, size)
        assert sent < HELD
        assert running.get("/text").status == 200
        rest = threading.Thread(target=send, args=(client, size - sent))
        rest.start()
        assert read_all(client) > size
        rest.join()


def send(client: socket.socket, size: int) -> None:
    for start in range(0, size, len(CHUNK)):
        client.sendall(CHUNK[: size - start])


@pytest.mark.parametrize("path", ["/echo", "/shout", "/length"])
def test_memory_is_bounded(running: Running, path: str) -> None:
    with post(running, path, len(CHUNK)) as client:
        send(client, len(CHUNK))
        read_all(client)
    before = max_rss()
    size = 100 << 20
    with post(running, path, size) as client:
        sender = threading.Thread(target=send, args=(client, size))
        sender.start()
        read_all(client)
        sender.join()
    assert max_rss() - before < HELD


def max_rss() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def test_a_slow_writer(running: Running) -> None:
    with post(running, "/shout", 50) as client:
        for _ in range(50):
            client.sendall(b"a")
        received = b""
        while chunk := client.recv(4096):
            received += chunk
        assert received.count(b"A") == 50
