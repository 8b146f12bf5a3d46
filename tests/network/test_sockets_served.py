"""Sockets out of a whole host: where grants lead, what is blocked, how many there may be."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.labs import LabError, Laboratory, Labs

from spindle.events import EventKind, Subscription
from spindle.exchange import Exchange

GUESTS = ("lab-python", "lab-python-2")


class Echo:
    """Says in upper case what it is told, over TCP and UDP on one port of one address."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.tcp = socket.create_server((host, 0), family=family)
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(family, socket.SOCK_DGRAM)
        self.udp.bind((host, self.port))
        self.accepted = 0
        self.heard: list[bytes] = []
        for serve in (self._accept, self._hear):
            threading.Thread(target=serve, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            while data := connection.recv(1000):
                connection.sendall(data.upper())

    def _hear(self) -> None:
        while True:
            try:
                data, sender = self.udp.recvfrom(1000)
            except OSError:
                return
            if not data:
                return
            self.heard.append(data)
            self.udp.sendto(data.upper(), sender)

    def close(self) -> None:
        self.tcp.shutdown(socket.SHUT_RDWR)
        self.tcp.close()
        self.udp.sendto(b"", self.udp.getsockname())
        self.udp.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    with closing(Echo()) as made:
        yield made


PYTHON = """
    from spin_sdk.wit.imports import wasi_sockets_types_0_3_0 as sockets
    v4 = lambda port: sockets.IpSocketAddress_Ipv4(
        sockets.Ipv4SocketAddress(port, (127, 0, 0, 1)))
    v6 = lambda port: sockets.IpSocketAddress_Ipv6(
        sockets.Ipv6SocketAddress(port, 0, (0, 0, 0, 0, 0, 0, 0, 1), 0))
    ipv4, ipv6 = sockets.IpAddressFamily.IPV4, sockets.IpAddressFamily.IPV6

    async def tcp(family, address, say=b"hello"):
        made = sockets.TcpSocket.create(family)
        await made.connect(address)
        writer, reader = wit.byte_stream()
        sent = made.send(reader)
        with writer:
            await writer.write_all(say)
        heard, _ended = made.receive()
        with heard:
            answer = await heard.read(100)
        return made, answer

    async def udp(address, say=b"hello"):
        made = sockets.UdpSocket.create(ipv4)
        await made.send(say, address)
        return made, (await made.receive())[0]
"""

PLAIN = """
    import socket

    def tcp(port):
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.connect(("127.0.0.1", port))
        made.sendall(b"hello")
        return made, made.recv(100)

    def udp(port):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.sendto(b"hello", ("127.0.0.1", port))
        return made, made.recv(100)
"""
"""The same by Python's own sockets, which are those of WASI 0.2 in a guest of that time."""


def does(host: Laboratory, guest: str, bound: str, plain: str = "") -> object:
    """What an expression over a guest's functions comes to: `bound` for WASI 0.3, or `plain`."""
    if guest == "lab-python":
        return host.run(f"{PYTHON}\n    return {bound}\n", guest)
    return host.run(f"{PLAIN}\n    return {plain}\n", guest)


@pytest.mark.parametrize("guest", GUESTS)
def test_grants_lead_somewhere(lab: Labs, echo: Echo, guest: str) -> None:
    # Python binds its socket to no address in particular first.
    hosts = [f"tcp://127.0.0.1:{echo.port}", "udp://127.0.0.0/8:*", "udp://0.0.0.0:0"]
    host = lab([guest], allowed_outbound_hosts=hosts)
    address = f"v4({echo.port})"
    tcp, udp = f"tcp({echo.port})[1]", f"udp({echo.port})[1]"
    assert does(host, guest, f"(await tcp(ipv4, {address}))[1]", tcp) == b"HELLO"
    assert does(host, guest, f"(await udp({address}))[1]", udp) == b"HELLO"


@pytest.mark.parametrize("guest", GUESTS)
def test_what_is_not_granted(lab: Labs, echo: Echo, guest: str) -> None:
    hosts = [f"http://127.0.0.1:{echo.port}", "tcp://127.0.0.2:*", "udp://0.0.0.0:0"]
    host = lab([guest], allowed_outbound_hosts=hosts)
    port, name = echo.port, guest.replace("-2", "-two")
    heard = host.host.bus.subscribe([EventKind.EXCHANGE_FINISHED])
    calls = {"tcp": f"await tcp(ipv4, v4({port}))", "udp": f"await udp(v4({port}))"}
    for kind, call in calls.items():
        with pytest.raises(LabError, match=r"AccessDenied|Permission denied"):
            does(host, guest, call, f"{kind}({port})")
        assert f"component `{name}` may not connect to `{kind}://127.0.0.1:{port}`" in (
            host.console.lines
        )
        exchange = host.do(_next(heard))
        assert {"error": "access-denied", "denied": f"{kind}://127.0.0.1:{port}"} in [
            call.result for call in exchange.calls
        ]
    assert (echo.accepted, echo.heard) == (0, [])


async def _next(heard: Subscription) -> Exchange:
    async for event in heard:
        assert isinstance(event.data, Exchange)
        return event.data
    raise AssertionError("the host ended")


def test_ipv6(lab: Labs) -> None:
    try:
        echo = Echo("::1")
    except OSError:
        return  # a machine without IPv6
    with closing(echo):
        host = lab(allowed_outbound_hosts=[f"tcp://[::1]:{echo.port}"])
        call = f"(await tcp(ipv6, v6({echo.port})))[1]"
        assert does(host, "lab-python", call) == b"HELLO"
        with pytest.raises(LabError):
            does(host, "lab-python", "await tcp(ipv6, v6(9))")
        assert "component `lab-python` may not connect to `tcp://[::1]:9`" in host.console.lines
        assert any('"tcp://[::1]:9"]`' in line for line in host.console.lines)


@pytest.mark.parametrize("guest", GUESTS)
def test_blocked_networks_are_not_reached(lab: Labs, echo: Echo, guest: str) -> None:
    config = '[outbound_networking]\nblock_networks = ["127.0.0.0/8"]'
    host = lab([guest], allowed_outbound_hosts=["*://*:*"], runtime_config=config)
    with pytest.raises(LabError):
        does(host, guest, f"await tcp(ipv4, v4({echo.port}))", f"tcp({echo.port})")
    assert echo.accepted == 0
    assert "the runtime configuration blocks this network" in host.console.text


@pytest.mark.parametrize("guest", GUESTS)
def test_nobody_listens_or_looks_up_names(lab: Labs, guest: str) -> None:
    host = lab([guest], allowed_outbound_hosts=["*://*:*"])
    listening = "sockets.TcpSocket.create(ipv4).bind(v4(0))"
    with pytest.raises(LabError, match=r"AccessDenied|Permission denied"):
        does(host, guest, listening, 'socket.socket().bind(("127.0.0.1", 0))')
    lookup = "await bindings.wasi_sockets_ip_name_lookup_0_3_0.resolve_addresses('localhost')"
    with pytest.raises(LabError):
        does(host, guest, lookup, 'socket.gethostbyname(b"localhost")')


@pytest.mark.parametrize("table", ["max_socket_connections", "max_total_connections"])
@pytest.mark.parametrize("guest", GUESTS)
def test_sockets_are_limited(lab: Labs, echo: Echo, guest: str, table: str) -> None:
    config = f"[outbound_networking]\n{table} = 2"
    host = lab([guest], allowed_outbound_hosts=["*://*:*"], runtime_config=config)
    port = echo.port
    one, two = f"await tcp(ipv4, v4({port}))", f"await udp(v4({port}))"
    three = f"[tcp({port}), udp({port}), tcp({port})]"
    with pytest.raises(LabError):
        does(host, guest, f"[{one}, {two}, {one}]", three)
    # What the code that has failed held is free again.
    both = f"[each[1] for each in [tcp({port}), udp({port})]]"
    answers = does(host, guest, f"[each[1] for each in [{one}, {two}]]", both)
    assert answers == [b"HELLO", b"HELLO"]
