"""HTTP/2 and TLS over real sockets, with `h2` as the client."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import h2.config
import h2.connection
import h2.errors
import h2.events
import pytest
import trustme
from tests.trigger.harness import Running, parse_responses, serving
from tests.trigger.reflecting import TEXT, streamed
from tests.trigger.test_http1_server import GET, Parked, hello, late, start_draining, wait_until

from spindle.messages import HIGH_WATER, Body, BodyError, Request, Response
from spindle.trigger.http import h2 as h2_server
from spindle.trigger.http.handler import Reply
from spindle.trigger.http.listener import tls_context
from spindle.trigger.http.site import Limits

Fields = list[tuple[bytes, bytes]]


@dataclass
class Got:
    """What came back on one stream."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    trailers: Fields | None = None
    ended: bool = False
    reset: int | None = None


class Client:
    """An HTTP/2 client on one connection."""

    def __init__(self, transport: socket.socket) -> None:
        self.transport = transport
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding=None))
        self.streams: dict[int, Got] = {}
        self.goaway: int | None = None
        self.h2.initiate_connection()
        self.flush()

    def flush(self) -> None:
        self.transport.sendall(self.h2.data_to_send())

    def ask(
        self,
        path: str = "/",
        method: str = "GET",
        headers: Fields | None = None,
        *,
        authority: bytes | None = b"a",
        end: bool = True,
    ) -> int:
        stream_id = self.h2.get_next_available_stream_id()
        fields = [
            (b":method", method.encode()),
            (b":scheme", b"http"),
            (b":path", path.encode()),
        ]
        if authority is not None:
            fields.append((b":authority", authority))
        self.h2.send_headers(stream_id, fields + (headers or []), end_stream=end)
        self.streams[stream_id] = Got()
        self.flush()
        return stream_id

    def wait(self, stream_id: int) -> Got:
        got = self.streams[stream_id]
        while not got.ended and got.reset is None:
            if not self.receive():
                raise ConnectionError("closed by the server")
        return got

    def receive(self, acknowledge: bool = True) -> bool:
        """Take what the server sent; false at the connection's end."""
        data = self.transport.recv(65536)
        for event in self.h2.receive_data(data):
            self._take(event, acknowledge)
        self.flush()
        return bool(data)

    def _take(self, event: h2.events.Event, acknowledge: bool) -> None:
        match event:
            case h2.events.ResponseReceived():
                self.streams[event.stream_id].headers = dict(event.headers)
            case h2.events.DataReceived():
                self.streams[event.stream_id].body += event.data
                if acknowledge:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case h2.events.TrailersReceived():
                self.streams[event.stream_id].trailers = list(event.headers)
            case h2.events.StreamEnded():
                self.streams[event.stream_id].ended = True
            case h2.events.StreamReset():
                self.streams[event.stream_id].reset = int(event.error_code)
            case h2.events.ConnectionTerminated():
                self.goaway = int(event.error_code or 0)


@contextmanager
def client_of(running: Running) -> Iterator[Client]:
    with running.connect() as transport:
        yield Client(transport)


def test_request_and_response() -> None:
    with serving(hello) as running, client_of(running) as client:
        got = client.wait(client.ask("/x?y"))
    assert got.body == b"hello /x?y"
    assert got.headers[b":status"] == b"200"
    assert got.headers[b"content-length"] == b"10"
    assert b"date" in got.headers


def test_streams_are_answered_in_any_order() -> None:
    parked = Parked()
    with serving(parked) as running, client_of(running) as client:
        streams = [client.ask(f"/{i}") for i in range(10)]
        for _ in streams:
            parked.wait()
        for i in reversed(range(10)):
            running.soon(hello, parked.requests[i], parked.replies[i])
        assert [client.wait(s).body for s in streams] == [b"hello /%d" % i for i in range(10)]


def test_trailers_both_ways() -> None:
    response = streamed(200, TEXT, b"abc")
    response.body.trailers = [(b"X-Trailer", b"yes")]

    def answer(request: Request, reply: Reply) -> None:
        if request.method == "GET":
            reply.send(response)
        else:
            late(request, reply)

    with serving(answer) as running, client_of(running) as client:
        got = client.wait(client.ask())
        assert (got.body, got.trailers) == (b"abc", [(b"x-trailer", b"yes")])
        stream = client.ask(method="POST", end=False)
        client.h2.send_data(stream, b"abcd")
        client.h2.send_headers(stream, [(b"x-t", b"yes")], end_stream=True)
        client.flush()
        assert client.wait(stream).body == b"4 [(b'x-t', b'yes')]"


def test_trailers_without_a_body() -> None:
    response = streamed(200, TEXT)
    response.body.trailers = [(b"x-trailer", b"yes")]
    with serving(lambda _, reply: reply.send(response)) as running, client_of(running) as client:
        got = client.wait(client.ask())
    assert (got.body, got.trailers) == (b"", [(b"x-trailer", b"yes")])


@pytest.mark.parametrize("status", [100, 101])
def test_statuses_that_are_no_response(status: int) -> None:
    with (
        serving(lambda _, reply: reply.send(Response(status))) as running,
        client_of(running) as client,
    ):
        assert client.wait(client.ask()).headers[b":status"] == b"500"


def test_head_and_bodiless_statuses() -> None:
    def answer(request: Request, reply: Reply) -> None:
        status = 204 if request.path_with_query == "/204" else 200
        reply.send(streamed(status, TEXT, b"never"))

    with serving(answer) as running, client_of(running) as client:
        assert client.wait(client.ask(method="HEAD")).body == b""
        assert client.wait(client.ask("/204")).body == b""


def test_a_failing_handler_and_a_dropped_request_leave_the_connection_alone() -> None:
    def answer(request: Request, reply: Reply) -> None:
        match request.path_with_query:
            case "/bad":
                raise ValueError("broken")
            case "/drop":
                reply.drop("no authority")
            case _:
                hello(request, reply)

    with serving(answer) as running, client_of(running) as client:
        assert client.wait(client.ask("/bad")).headers[b":status"] == b"500"
        assert client.wait(client.ask("/drop")).reset == h2.errors.ErrorCodes.PROTOCOL_ERROR
        assert client.wait(client.ask("/good")).body == b"hello /good"
        assert len(running.errors) == 2


def test_bad_targets() -> None:
    with serving(hello) as running, client_of(running) as client:
        assert client.wait(client.ask("/<")).headers[b":status"] == b"400"
        assert client.wait(client.ask("/" + "a" * 66_000)).headers[b":status"] == b"414"
        assert client.wait(client.ask()).body == b"hello /"


def test_an_unread_request_body_ends_with_the_response() -> None:
    with serving(hello) as running, client_of(running) as client:
        stream = client.ask(method="POST", end=False)
        got = client.wait(stream)
        while got.reset is None:
            client.receive()
        assert (got.body, got.reset) == (b"hello /", h2.errors.ErrorCodes.NO_ERROR)
        assert client.wait(client.ask("/next")).body == b"hello /next"


def test_a_cancelled_stream_cancels_its_request_and_response() -> None:
    parked = Parked()
    with serving(parked) as running, client_of(running) as client:
        stream = client.ask(method="POST", end=False)
        parked.wait()
        body = Body()
        running.soon(parked.replies[0].send, Response(200, TEXT, body))
        running.soon(body.feed, b"first")
        client.receive()
        client.h2.reset_stream(stream, h2.errors.ErrorCodes.CANCEL)
        client.flush()
        wait_until(lambda: body.cancelled)
        assert isinstance(parked.requests[0].body.error, BodyError)
        assert parked.gone == [0]
        other = client.ask("/other")
        parked.wait()
        running.soon(hello, parked.requests[1], parked.replies[1])
        assert client.wait(other).body == b"hello /other"


def test_a_client_that_goes_away_cancels_all() -> None:
    parked = Parked()
    with serving(parked) as running:
        with client_of(running) as client:
            client.ask("/0")
            client.ask("/1")
            parked.wait()
            parked.wait()
        wait_until(lambda: sorted(parked.gone) == [0, 1])


def test_rapid_resets_end_the_connection() -> None:
    parked = Parked()
    with serving(parked, Limits(reset_streams=20)) as running, client_of(running) as client:
        with suppress(OSError):  # which step notices the end is a race
            for _ in range(1000):
                stream = client.ask()
                client.h2.reset_stream(stream)
                client.flush()
        wait_until(lambda: running.server.connections == 0)
        assert len(parked.requests) < 1000


def test_nothing_is_read_from_who_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(h2_server, "_UNREAD", 1000)
    ping = b"\0\0\x08\6\0\0\0\0\0" + b"12345678"
    with serving(hello) as running, running.connect() as client:
        client.settimeout(1)
        client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
        sent, answered = 0, b""
        while sent < 20_000 * len(ping):
            with suppress(TimeoutError):
                sent += client.send(ping * 1000)
                continue
            answered += client.recv(65536)
        client.settimeout(30)
        while answered.count(b"12345678") < sent // len(ping):
            answered += client.recv(65536)
        assert answered.count(b"\6\1\0\0\0\0" + b"12345678") == sent // len(ping)


def test_large_bodies_both_ways() -> None:
    def echo(request: Request, reply: Reply) -> None:
        reply.send(Response(200, TEXT, request.body))

    data = bytes(range(256)) * 8192
    with serving(echo) as running, client_of(running) as client:
        stream = client.ask(method="POST", end=False)
        left = data
        while left:
            room = min(
                client.h2.local_flow_control_window(stream), client.h2.max_outbound_frame_size
            )
            if room:
                client.h2.send_data(stream, left[:room], end_stream=len(left) <= room)
                client.flush()
                left = left[room:]
            else:
                client.receive()
        assert client.wait(stream).body == data


def test_a_stalled_handler_stops_its_stream_only() -> None:
    parked = Parked()
    with serving(parked) as running, client_of(running) as client:
        stalled = client.ask("/stalled", "POST", end=False)
        parked.wait()
        while room := client.h2.local_flow_control_window(stalled):
            client.h2.send_data(stalled, b"x" * min(room, client.h2.max_outbound_frame_size))
            client.flush()
            client.transport.settimeout(0.2)
            with suppress(TimeoutError):
                client.receive()
        client.transport.settimeout(60)
        wait_until(lambda: parked.requests[0].body.buffered > 0)
        assert parked.requests[0].body.buffered < 3 * HIGH_WATER
        other = client.ask("/other")
        parked.wait()
        running.soon(hello, parked.requests[1], parked.replies[1])
        assert client.wait(other).body == b"hello /other"


def test_a_stalled_reader_stops_its_stream_only() -> None:
    fed = 0

    def answer(request: Request, reply: Reply) -> None:
        nonlocal fed
        if request.path_with_query != "/endless":
            hello(request, reply)
            return
        body = Body()

        def feed() -> None:
            nonlocal fed
            while body.wants_more:
                body.feed(b"x" * 16384)
                fed += 16384

        body.on_drained = feed
        reply.send(Response(200, TEXT, body))
        feed()

    with serving(answer) as running, client_of(running) as client:
        client.ask("/endless")
        seen = -1
        while seen != fed:
            seen = fed
            time.sleep(0.1)
        assert fed < 4 * HIGH_WATER
        # The connection's own window is used up by the stalled stream: other answers need more.
        client.h2.increment_flow_control_window(1 << 20)
        client.flush()
        stream = client.ask("/other")
        got = client.streams[stream]
        while not got.ended:
            client.receive(acknowledge=False)
        assert got.body == b"hello /other"


def test_a_preface_in_pieces() -> None:
    with serving(hello) as running, running.connect() as transport:
        for i in range(24):
            transport.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[i : i + 1])
            time.sleep(0.001)
        transport.sendall(b"\0\0\0\4\0\0\0\0\0")
        assert transport.recv(9)[3] == 4  # SETTINGS


def test_garbage_after_the_preface() -> None:
    with serving(hello, Limits(head_seconds=0.2)) as running:
        with running.connect() as transport:
            transport.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 100)
            wait_until(lambda: running.server.connections == 0)
        assert running.exchange(GET).responses[0].status == 200


def test_drain_lets_streams_finish() -> None:
    parked = Parked()
    with serving(parked) as running, client_of(running) as client:
        stream = client.ask()
        parked.wait()
        drained = start_draining(running)
        while client.goaway is None:
            client.receive()
        assert not drained()
        running.soon(hello, parked.requests[0], parked.replies[0])
        # `h2` refuses what follows a GOAWAY; the bytes must be there.
        data = b""
        while chunk := client.transport.recv(65536):
            data += chunk
        assert b"hello /" in data
        assert stream == 1
        wait_until(drained)


# TLS.


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[trustme.CA, Path, Path]:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    return authority, chain, key


@contextmanager
def tls_client(
    running: Running, authority: trustme.CA, protocols: list[str]
) -> Iterator[ssl.SSLSocket]:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    context.set_alpn_protocols(protocols)
    with (
        running.connect() as plain,
        context.wrap_socket(plain, server_hostname="localhost") as client,
    ):
        yield client


def scheme_of(request: Request, reply: Reply) -> None:
    said = f"{request.scheme} {request.http_version}".encode()
    reply.send(Response(200, TEXT, Body.of(said)))


@pytest.mark.parametrize("protocols", [["http/1.1"], []])
def test_tls_http1(certificate: tuple[trustme.CA, Path, Path], protocols: list[str]) -> None:
    authority, chain, key = certificate
    with (
        serving(scheme_of, tls=tls_context(chain, key)) as running,
        tls_client(running, authority, protocols) as client,
    ):
        assert running.server.base_url.startswith("https://")
        client.sendall(GET)
        (response,) = parse_responses(client.recv(65536), ["GET"], closed=False)
        assert response.body == b"https 1.1"


def test_tls_http2(certificate: tuple[trustme.CA, Path, Path]) -> None:
    authority, chain, key = certificate
    with (
        serving(scheme_of, tls=tls_context(chain, key)) as running,
        tls_client(running, authority, ["h2", "http/1.1"]) as transport,
    ):
        assert transport.selected_alpn_protocol() == "h2"
        client = Client(transport)
        assert client.wait(client.ask()).body == b"https 2"


def test_plain_http_on_a_tls_port(certificate: tuple[trustme.CA, Path, Path]) -> None:
    authority, chain, key = certificate
    with serving(scheme_of, tls=tls_context(chain, key)) as running:
        with running.connect() as plain:
            plain.sendall(GET)
            with pytest.raises((ConnectionError, AssertionError)):
                assert plain.recv(65536).startswith(b"HTTP")
        with tls_client(running, authority, []) as client:
            client.sendall(GET)
            assert b"https" in client.recv(65536)
