"""HTTP/1 over real sockets: framing, order, limits, and clients that misbehave."""

from __future__ import annotations

import re
import select
import socket
import threading
import time
from collections.abc import Callable

import pytest
from tests.trigger.harness import Running, converse, parse_responses, serving
from tests.trigger.reflecting import TEXT, streamed

from spindle.messages import HIGH_WATER, Body, BodyError, Request, Response
from spindle.trigger.http.handler import Reply
from spindle.trigger.http.site import Limits

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def hello(request: Request, reply: Reply) -> None:
    reply.send(Response(200, TEXT, Body.of(b"hello " + request.path_with_query.encode())))


def late(request: Request, reply: Reply) -> None:
    """Answers the whole body with its size and trailers, once it is there."""
    body = request.body
    size = 0

    def read() -> None:
        nonlocal size
        try:
            while chunk := body.read_nowait():
                size += len(chunk)
        except BodyError as error:
            reply.send(Response(200, TEXT, Body.of(str(error).encode())))
            return
        if chunk is not None:
            reply.send(Response(200, TEXT, Body.of(b"%d %r" % (size, body.trailers))))

    body.on_readable = read
    read()


class Parked:
    """A handler that keeps its replies for the test."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.replies: list[Reply] = []
        self.gone: list[int] = []
        self._came = threading.Semaphore(0)

    def handle(self, request: Request, reply: Reply) -> None:
        number = len(self.requests)
        reply.on_gone = lambda: self.gone.append(number)
        self.requests.append(request)
        self.replies.append(reply)
        self._came.release()

    def wait(self) -> None:
        assert self._came.acquire(timeout=60)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def receive_all(client: socket.socket) -> bytes:
    data = b""
    while chunk := client.recv(65536):
        data += chunk
    return data


def send_forever(client: socket.socket) -> None:
    while True:
        client.sendall(b"x" * 65536)


# Framing.


def test_whole_body_has_its_length_and_is_one_write() -> None:
    with serving(hello) as running, running.connect() as client:
        client.sendall(GET)
        data = client.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    assert body == b"hello /"
    assert re.sub(rb"date: .*", b"date: D", head).split(b"\r\n") == [
        b"HTTP/1.1 200 OK",
        b"content-type: text/plain",
        b"content-length: 7",
        b"date: D",
    ]


def test_streamed_body_is_chunked_even_when_it_is_there() -> None:
    with serving(lambda _, reply: reply.send(streamed(200, TEXT, b"a", b"bc"))) as running:
        (response,) = running.exchange(GET).responses
    assert dict(response.headers)["transfer-encoding"] == "chunked"
    assert response.body == b"abc"


def test_what_a_handler_streams_at_once_is_one_write() -> None:
    def many_pieces(request: Request, reply: Reply) -> None:
        body = Body()
        reply.send(Response(200, TEXT, body))
        for _ in range(100):
            body.feed(b"piece")
        body.finish()

    with serving(many_pieces) as running, running.connect() as client:
        client.sendall(GET)
        (response,) = parse_responses(client.recv(65536), ["GET"], closed=False)
    assert (response.body, response.complete) == (b"piece" * 100, True)


def test_an_open_body_shows_what_it_has() -> None:
    parked = Parked()
    with serving(parked) as running, running.connect() as client:
        client.sendall(GET)
        parked.wait()
        body = Body()
        running.soon(parked.replies[0].send, Response(200, TEXT, body))
        assert client.recv(65536).endswith(b"\r\n\r\n")
        for _ in range(3):
            running.soon(body.feed, b"a")
            assert client.recv(65536) == b"1\r\na\r\n"


@pytest.mark.parametrize("status", [204, 304])
def test_bodiless_statuses(status: int) -> None:
    with serving(lambda _, reply: reply.send(streamed(status, TEXT, b"never"))) as running:
        first, second = running.exchange(GET + GET).responses
    assert [name for name, _ in first.headers] == ["content-type", "date"]
    assert first.status == second.status == status


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: Response(200, TEXT, Body.of(b"abc")), ["content-type", "content-length", "date"]),
        (lambda: streamed(200, TEXT, b"abc"), ["content-type", "date"]),
    ],
)
def test_head_has_the_headers_and_no_body(make: Callable[[], Response], names: list[str]) -> None:
    with serving(lambda _, reply: reply.send(make())) as running:
        first, second = running.exchange(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" * 2).responses
    assert [name for name, _ in first.headers] == names
    assert second.complete


@pytest.mark.parametrize(
    ("length", "body", "complete", "closed"),
    [(b"10", b"12345", False, True), (b"3", b"123", True, False), (b"5", b"12345", True, False)],
)
def test_a_handlers_own_length_counts(
    length: bytes, body: bytes, complete: bool, closed: bool
) -> None:
    headers = [(b"Content-Length", length)]
    with serving(lambda _, reply: reply.send(streamed(200, headers, b"12345"))) as running:
        seen = running.exchange(GET)
    (response,) = seen.responses
    assert (response.body, response.complete, seen.closed) == (body, complete, closed)


def test_http10_gets_a_body_up_to_the_end() -> None:
    with serving(lambda _, reply: reply.send(streamed(200, TEXT, b"abc"))) as running:
        seen = running.exchange(b"GET / HTTP/1.0\r\n\r\n")
    (response,) = seen.responses
    assert response.status_line == "HTTP/1.0 200 OK"
    assert (response.body, response.complete, seen.closed) == (b"abc", None, True)


def test_http10_keeps_alive_when_asked() -> None:
    with serving(hello) as running:
        seen = running.exchange(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" * 2)
    assert [dict(r.headers)["connection"] for r in seen.responses] == ["keep-alive"] * 2
    assert not seen.closed


def test_connection_close() -> None:
    with serving(hello) as running:
        seen = running.exchange(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert dict(seen.responses[0].headers)["connection"] == "close"
    assert seen.closed


def test_fields_of_the_connection_are_the_servers() -> None:
    headers = [
        (b"Connection", b"keep-alive"),
        (b"Transfer-Encoding", b"gzip"),
        (b"X-Case", b"Kept"),
        (b"Date", b"mine"),
    ]
    with serving(lambda _, reply: reply.send(Response(200, headers))) as running:
        (response,) = running.exchange(GET).responses
    assert response.headers == [("x-case", "Kept"), ("date", "mine"), ("content-length", "0")]


@pytest.mark.parametrize("status", [100, 103, 199])
def test_informational_statuses_of_a_handler_are_its_fault(status: int) -> None:
    with serving(lambda _, reply: reply.send(Response(status))) as running:
        seen = running.exchange(GET)
    assert (seen.responses[0].status, seen.closed) == (500, True)
    assert len(running.errors) == 1


@pytest.mark.parametrize("status", [299, 418, 999])
def test_any_other_status_passes(status: int) -> None:
    with serving(lambda _, reply: reply.send(Response(status))) as running:
        assert running.exchange(GET).responses[0].status == status


def test_a_handler_cannot_write_responses_of_its_own() -> None:
    smuggled = [(b"x", b"a\r\n\r\nHTTP/1.1 200 OK")]
    with serving(lambda _, reply: reply.send(Response(200, smuggled))) as running:
        seen = running.exchange(GET)
    assert [r.status for r in seen.responses] == [500]


def test_trailers_of_a_response_are_dropped() -> None:
    response = streamed(200, TEXT, b"abc")
    response.body.trailers = [(b"x-trailer", b"yes")]
    with serving(lambda _, reply: reply.send(response)) as running:
        (received,) = running.exchange(GET).responses
    assert (received.body, received.trailers, received.complete) == (b"abc", [], True)


# Handlers.


def test_an_exception_is_an_empty_500_and_the_connection_goes_on() -> None:
    def broken(request: Request, reply: Reply) -> None:
        if request.path_with_query == "/bad":
            raise ValueError("broken")
        hello(request, reply)

    with serving(broken) as running:
        bad, good = running.exchange(b"GET /bad HTTP/1.1\r\nHost: a\r\n\r\n" + GET).responses
    assert (bad.status, bad.body, good.status) == (500, b"", 200)
    assert [str(error) for error in running.errors] == ["broken"]


def test_a_late_failure_ends_a_chunked_body_cleanly() -> None:
    parked = Parked()
    with serving(parked) as running, running.connect() as client:
        client.sendall(GET)
        parked.wait()
        body = Body()
        running.soon(parked.replies[0].send, Response(200, TEXT, body))
        running.soon(body.feed, b"partial")
        running.soon(body.fail, RuntimeError("trap"))
        wait_until(lambda: body.at_end)
        (response,) = parse_responses(client.recv(65536), ["GET"], closed=False)
    assert (response.body, response.complete) == (b"partial", True)


def test_drop_closes_without_a_byte() -> None:
    with serving(lambda _, reply: reply.drop("no such host")) as running:
        seen = running.exchange(GET)
    assert (seen.responses, seen.closed) == ([], True)


def test_only_the_first_answer_counts() -> None:
    def twice(request: Request, reply: Reply) -> None:
        hello(request, reply)
        reply.send(Response(500))
        reply.fail(RuntimeError("late"))
        reply.drop("late")

    with serving(twice) as running:
        assert [r.status for r in running.exchange(GET + GET).responses] == [200, 200]


# Requests.


def test_pipelined_requests_are_answered_in_order() -> None:
    parked = Parked()
    with serving(parked) as running, running.connect() as client:
        client.sendall(b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % i for i in range(100)))
        for i in range(100):
            parked.wait()
            running.soon(hello, parked.requests[i], parked.replies[i])
        data = b""
        while len(bodies := re.findall(rb"hello /(\d+)", data)) < 100:
            data += client.recv(65536)
    assert [int(body) for body in bodies] == list(range(100))


def test_thousands_of_pipelined_requests_do_not_recurse() -> None:
    with serving(hello) as running:
        assert len(running.exchange(GET * 5000).responses) == 5000


def test_chunked_request_with_trailers() -> None:
    chunked = (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n0\r\nX-T: yes\r\n\r\n"
    )
    with serving(late) as running:
        first, second = running.exchange(chunked + GET).responses
    assert first.body == b"3 [(b'x-t', b'yes')]"
    assert second.body == b"0 None"


EXPECTING = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"


def test_100_continue() -> None:
    with serving(late) as running, running.connect() as client:
        client.sendall(EXPECTING)
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(65536).endswith(b"3 None")


def test_no_100_continue_for_who_has_an_answer_already() -> None:
    with serving(hello) as running, running.connect() as client:
        client.sendall(EXPECTING)
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_an_unread_body_does_not_spoil_the_next_request() -> None:
    post = b"POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
    with serving(hello) as running:
        first, second = running.exchange(post, GET).responses
    assert (first.body, second.body) == (b"hello /post", b"hello /")


def test_an_endless_unread_body_ends_the_connection() -> None:
    with serving(hello, Limits(linger_seconds=0.1)) as running, running.connect() as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")
        with pytest.raises(ConnectionError):
            send_forever(client)


# Clients that misbehave.


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost a\r\n\r\n", 400),
        (b"GET /%b HTTP/1.1\r\n\r\n" % (b"a" * 66_000), 414),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 3_000_000, 431),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", 400),
    ],
)
def test_refused_requests(sent: bytes, status: int) -> None:
    with serving(hello) as running:
        seen = running.exchange(b"" if status == 0 else GET.replace(b"a", b"b"), sent)
        assert running.exchange(GET).responses[0].status == 200
    good, refusal = seen.responses
    assert (good.status, refusal.status, seen.closed) == (200, status, True)
    assert [name for name, _ in refusal.headers] == ["connection", "content-length", "date"]


def test_a_refusal_waits_for_earlier_answers() -> None:
    parked = Parked()
    with serving(parked) as running, running.connect() as client:
        client.sendall(GET + b"broken\r\n\r\n")
        parked.wait()
        running.soon(hello, parked.requests[0], parked.replies[0])
        responses = parse_responses(receive_all(client), ["GET", "GET"], closed=True)
    assert [r.status for r in responses] == [200, 400]


def test_a_malformed_body_fails_and_gets_one_answer() -> None:
    parked = Parked()
    with serving(parked) as running, running.connect() as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        parked.wait()
        client.sendall(b"3\r\nabcd\r\n")
        body = parked.requests[0].body
        wait_until(lambda: body.error is not None)
        running.soon(hello, parked.requests[0], parked.replies[0])
        (response,) = parse_responses(receive_all(client), ["POST"], closed=True)
    assert response.status == 200
    assert str(body.error) == "the client sent a malformed or overlong body"


def test_a_head_that_never_ends_is_timed_out() -> None:
    with serving(hello, Limits(head_seconds=0.2)) as running, running.connect() as client:
        client.sendall(GET + b"GET / HTTP/1.1\r\nHo")
        responses = parse_responses(receive_all(client), ["GET", "GET"], closed=True)
    assert [r.status for r in responses] == [200, 408]


def test_a_slow_but_steady_head_is_fine() -> None:
    with serving(hello) as running:
        sends = [part for i in range(len(GET)) for part in (GET[i : i + 1], 0.001)]
        (response,) = converse(running.port, sends).responses
    assert response.status == 200


def test_half_closed_client_gets_its_response() -> None:
    parked = Parked()
    with serving(parked) as running, running.connect() as client:
        client.sendall(GET)
        client.shutdown(socket.SHUT_WR)
        parked.wait()
        running.soon(hello, parked.requests[0], parked.replies[0])
        (response,) = parse_responses(receive_all(client), ["GET"], closed=True)
    assert response.body == b"hello /"


def test_half_closed_client_is_given_up_if_no_response_begins() -> None:
    parked = Parked()
    gone = threading.Event()
    with serving(parked, Limits(half_closed_seconds=0.1)) as running, running.connect() as client:
        client.sendall(GET)
        parked.wait()
        parked.replies[0].on_gone = gone.set
        client.shutdown(socket.SHUT_WR)
        assert gone.wait(60)


def test_half_closed_in_a_body() -> None:
    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"
    with serving(late) as running:
        seen = running.exchange(post, half_close=True)
    assert [r.body for r in seen.responses] == [b"the client stopped sending before the body's end"]
    assert seen.closed


def reset(client: socket.socket) -> None:
    """Vanish without a goodbye."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    client.close()


def test_a_client_that_vanishes_cancels_its_request() -> None:
    parked = Parked()
    with serving(parked) as running:
        client = running.connect()
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        parked.wait()
        reset(client)
        wait_until(lambda: parked.gone == [0])
        assert isinstance(parked.requests[0].body.error, BodyError)
        body = Body.of(b"too late")
        running.soon(parked.replies[0].send, Response(200, TEXT, body))
        wait_until(lambda: body.cancelled)


@pytest.mark.skipif(not hasattr(select, "POLLRDHUP"), reason="only Linux tells")
@pytest.mark.parametrize("leave", [reset, socket.socket.close])
def test_a_client_that_vanishes_behind_bytes_nobody_reads_is_noticed(
    leave: Callable[[socket.socket], None],
) -> None:
    parked = Parked()
    with serving(parked, Limits(half_closed_seconds=0.1)) as running:
        client = running.connect()
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 104857600\r\n\r\n")
        parked.wait()
        client.sendall(b"x" * HIGH_WATER * 3)
        wait_until(lambda: not parked.requests[0].body.wants_more)
        leave(client)
        wait_until(lambda: parked.gone == [0])


def test_a_client_that_vanishes_cancels_its_response() -> None:
    parked = Parked()
    with serving(parked) as running:
        client = running.connect()
        client.sendall(GET)
        parked.wait()
        body = Body()
        running.soon(parked.replies[0].send, Response(200, TEXT, body))
        running.soon(body.feed, b"first")
        client.recv(10)
        reset(client)
        wait_until(lambda: body.cancelled)
        assert parked.gone == [0]


# Backpressure.


def test_a_stalled_reader_stops_the_response() -> None:
    fed = 0

    def endless(request: Request, reply: Reply) -> None:
        body = Body()

        def feed() -> None:
            nonlocal fed
            while body.wants_more and fed < 1 << 30:
                body.feed(b"x" * 65536)
                fed += 65536

        body.on_drained = feed
        reply.send(Response(200, TEXT, body))
        feed()

    with serving(endless) as running, running.connect() as client:
        client.sendall(GET)
        seen = -1
        while seen != fed:
            seen = fed
            time.sleep(0.1)
        assert fed < 32 * 1024 * 1024  # the kernel's buffers and ours
        for _ in range(1000):
            client.recv(65536)
        assert fed > seen


def test_a_stalled_handler_stops_the_request() -> None:
    parked = Parked()
    with serving(parked) as running, running.connect() as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 104857600\r\n\r\n")
        parked.wait()
        sent = 0
        client.settimeout(0.3)
        try:
            while sent < 104857600:
                sent += client.send(b"x" * 65536)
        except TimeoutError:
            pass
        body = parked.requests[0].body
        assert body.buffered < 2 * HIGH_WATER
        assert sent < 32 * 1024 * 1024

        def swallow() -> None:
            while body.read_nowait():
                pass

        body.on_readable = swallow
        running.soon(swallow)
        client.settimeout(60)
        while sent < 104857600:
            sent += client.send(b"x" * min(65536, 104857600 - sent))
        wait_until(lambda: body.at_end)


# Many connections, and the end.


def test_thousands_of_idle_connections() -> None:
    with serving(hello) as running:
        clients = [running.connect() for _ in range(2000)]
        try:
            wait_until(lambda: running.server.connections == 2000)
            for client in clients[::200]:
                client.sendall(GET)
                assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")
            assert running.exchange(GET).responses[0].status == 200
        finally:
            for client in clients:
                client.close()
        wait_until(lambda: running.server.connections == 0)


def start_draining(running: Running) -> Callable[[], bool]:
    done: list[bool] = []

    async def drain() -> None:
        await running.server.drain()
        done.append(True)

    def start() -> None:
        running.loop.create_task(drain())

    running.soon(start)
    return lambda: bool(done)


def test_drain_finishes_what_is_under_way() -> None:
    parked = Parked()
    with serving(parked) as running, running.connect() as idle, running.connect() as busy:
        busy.sendall(GET)
        parked.wait()
        drained = start_draining(running)
        assert idle.recv(1) == b""
        with pytest.raises(ConnectionError):
            running.connect()
        assert not drained()
        running.soon(hello, parked.requests[0], parked.replies[0])
        (response,) = parse_responses(receive_all(busy), ["GET"], closed=True)
        assert dict(response.headers)["connection"] == "close"
        wait_until(drained)


def test_abort_ends_a_drain_at_once() -> None:
    parked = Parked()
    with serving(parked) as running, running.connect() as busy:
        busy.sendall(GET)
        parked.wait()
        drained = start_draining(running)
        running.soon(running.server.abort)
        wait_until(drained)
        assert parked.gone == [0]


def test_a_new_handler_takes_over_between_requests() -> None:
    with serving(hello) as running, running.connect() as client:
        client.sendall(GET)
        assert b"hello" in client.recv(65536)
        running.server.handler = type("Other", (), {"handle": staticmethod(late)})()
        client.sendall(GET)
        assert b"None" in client.recv(65536)
