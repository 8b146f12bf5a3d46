"""Guests of every era send requests out of a whole host, to real servers."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from tests.labs import LabError, Laboratory, Labs, laboratory
from tests.network.asking import GUESTS, asking
from tests.network.origin import Origin, ok

from spindle.events import EventKind, Subscription
from spindle.exchange import Call, Exchange

EVERYWHERE = ["http://*:*", "https://*:*"]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    directory = tmp_path_factory.mktemp("outbound")
    with laboratory(directory, GUESTS, allowed_outbound_hosts=EVERYWHERE) as made:
        yield made


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin(lambda request: ok(request.partition(b"\r\n\r\n")[2] or b"hello")) as made:
        yield made


@pytest.mark.parametrize("guest", GUESTS)
def test_requests_go_out_as_guests_say(host: Laboratory, origin: Origin, guest: str) -> None:
    url = f"http://127.0.0.1:{origin.port}/a%2Fb?q=%20"
    assert host.run(asking(guest, url), guest) == [200, b"hello"]
    assert host.run(asking(guest, url, "POST", "said"), guest) == [200, b"said"]
    for head in origin.heads:
        line, first, *fields = head.split(b"\r\n")
        assert line.endswith(b" /a%2Fb?q=%20 HTTP/1.1")
        assert first == b"host: 127.0.0.1:%d" % origin.port
        names = [field.partition(b":")[0] for field in fields if field]
        assert names == [name.lower() for name in names]
        assert not {b"user-agent", b"accept-encoding", b"connection"} & set(names)


@pytest.mark.parametrize("guest", GUESTS)
def test_connections_are_used_again(host: Laboratory, origin: Origin, guest: str) -> None:
    for _ in range(4):
        host.run(asking(guest, f"http://127.0.0.1:{origin.port}/"), guest)
    assert origin.connections == 1


@pytest.mark.parametrize("guest", ["lab-python", "lab-python-2"])
def test_redirects_are_the_guests_affair(host: Laboratory, guest: str) -> None:
    answer = b"HTTP/1.1 302 Found\r\nlocation: /else\r\ncontent-length: 0\r\n\r\n"
    with Origin(lambda _request: answer) as origin:
        code = asking(guest, f"http://127.0.0.1:{origin.port}/")
        assert host.run(code, guest) == [302, b""]
        assert len(origin.heads) == 1


def test_packed_bodies_stay_packed(host: Laboratory) -> None:
    with Origin(lambda _request: ok(b"\x1f\x8b no gzip", b"content-encoding: gzip")) as origin:
        code = asking("lab-python", f"http://127.0.0.1:{origin.port}/")
        assert host.run(code) == [200, b"\x1f\x8b no gzip"]


TRAILERS = """
    from spin_sdk.wit.imports.wasi_http_types_0_3_0 import Fields, Request as Raw, Response as Got
    from spin_sdk.wit.imports.wasi_http_types_0_3_0 import Scheme_Http, Method_Post
    from spin_sdk.wit.imports import wasi_http_client_0_3_0 as client
    import componentize_py_async_support as support

    trailers, mine = (
        wit.result_option_wasi_http_types_0_3_0_fields_wasi_http_types_0_3_0_error_code_future(
            lambda: Ok(None)
        )
    )
    writer, body = wit.byte_stream()
    asked, _sent = Raw.new(Fields(), body, mine, None)
    asked.set_method(Method_Post())
    asked.set_scheme(Scheme_Http())
    asked.set_authority("127.0.0.1:{port}")
    asked.set_path_with_query("/")

    async def write():
        with writer:
            await writer.write_all(b"one")
        await trailers.write(Ok(Fields.from_list([("x-sum", b"1")])))

    support.spawn(write())
    got = await client.send(asked)
    done = wit.result_unit_wasi_http_types_0_3_0_error_code_future(lambda: Ok(None))[1]
    stream, theirs = Got.consume_body(got, done)
    data = b""
    with stream:
        while not stream.writer_dropped:
            data += await stream.read(100)
    fields = (await theirs.read()).value
    return [data, fields and [[n, v.decode()] for n, v in fields.copy_all()]]
"""


def test_trailers_go_both_ways(host: Laboratory) -> None:
    seen = bytearray()
    answer = (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n"
        b"3\r\ntwo\r\n0\r\nx-sum: 2\r\n\r\n"
    )

    def serve(request: bytes) -> bytes:
        seen.extend(request)
        return answer

    with Origin(serve) as origin:
        assert host.run(TRAILERS.replace("{port}", str(origin.port))) == [b"two", [["x-sum", "2"]]]
    assert bytes(seen).endswith(b"\r\n\r\n3\r\none\r\n0\r\nx-sum: 1\r\n\r\n")


@pytest.mark.parametrize("guest", GUESTS)
def test_a_server_that_is_down(lab: Labs, guest: str) -> None:
    host = lab([guest], allowed_outbound_hosts=EVERYWHERE)
    with pytest.raises(LabError) as caught:
        host.run(asking(guest, "http://127.0.0.1:1/"), guest)
    # One that still writes its request may first hear that nobody takes it.
    heard = ["refused", "streamerror_closed"] if guest == "lab-python-2" else ["refused"]
    told = f"{caught.value}".lower()
    assert any(words in told for words in heard) or guest == "lab-javascript"
    assert "`http://127.0.0.1:1` failed: the server can't be reached" in host.console.text


def calls_of(host: Laboratory, code: str, guest: str) -> list[Call]:
    """The calls a run's exchange notes; the run may fail."""
    heard = host.host.bus.subscribe([EventKind.EXCHANGE_FINISHED])
    with suppress(LabError):
        host.run(code, guest)
    exchange = host.do(_next(heard))
    heard.close()
    return exchange.calls


async def _next(heard: Subscription) -> Exchange:
    async for event in heard:
        assert isinstance(event.data, Exchange)
        return event.data
    raise AssertionError("the host ended")


@pytest.mark.parametrize("guest", GUESTS)
def test_a_denied_request_is_told_of_and_recorded(lab: Labs, guest: str) -> None:
    host = lab([guest], allowed_outbound_hosts=["https://example.com", "redis://cache"])
    calls = calls_of(host, asking(guest, "http://user:secret@127.0.0.1:9/"), guest)
    name = guest.replace("-2", "-two")
    line = (
        '`allowed_outbound_hosts = ["https://example.com", "redis://cache", "http://127.0.0.1:9"]`'
    )
    assert f"component `{name}` may not connect to `http://127.0.0.1:9`" in host.console.lines
    assert (
        f"allow it: `spindle allow {name} http://127.0.0.1:9`, or in the manifest, "
        f"under `[component.{name}]`: {line}"
    ) in host.console.lines
    denied = [call for call in calls if isinstance(call.result, dict)]
    assert [call.result["denied"] for call in denied if isinstance(call.result, dict)] == [
        "http://127.0.0.1:9"
    ]
    assert "secret" not in f"{host.console.text}{[call.args for call in calls]}"


def test_a_dependency_without_the_grant_is_told_to_inherit(lab: Labs) -> None:
    host = lab(composed=["variables"], allowed_outbound_hosts=["https://example.com"])
    with pytest.raises(LabError):
        host.run(asking("lab-python", "https://example.com/"))
    with pytest.raises(LabError):
        host.run(asking("lab-python", "https://example.org/"))
    hint = 'let it inherit: `inherit_configuration = ["allowed_outbound_hosts"]`'
    assert host.console.lines.count(hint) == 2
    assert [line for line in host.console.lines if "spindle allow" in line] == [
        "allow it: `spindle allow lab-python https://example.org`, or in the manifest, under "
        '`[component.lab-python]`: `allowed_outbound_hosts = ["https://example.com", '
        '"https://example.org"]`'
    ]


# ---- TLS -----------------------------------------------------------------------------------


class Authority:
    """One who signs certificates of servers and clients."""

    def __init__(self, directory: Path) -> None:
        self.ca = trustme.CA()
        self.file = directory / "ca.pem"
        self.ca.cert_pem.write_to_path(str(self.file))

    def server(self, name: str = "localhost", *, asks: bool = False) -> ssl.SSLContext:
        """A server's context; one that asks lets in only whom the authority knows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(name).configure_cert(context)
        if asks:
            self.ca.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.mark.parametrize("guest", GUESTS)
def test_a_stranger_s_certificate_is_refused(lab: Labs, authority: Authority, guest: str) -> None:
    host = lab([guest], allowed_outbound_hosts=EVERYWHERE)
    with Origin(lambda _request: ok(), authority.server()) as origin:
        url = f"https://localhost:{origin.port}"
        with pytest.raises(LabError):
            host.run(asking(guest, f"{url}/"), guest)
        assert origin.heads == []
    name = guest.replace("-2", "-two")
    said = f"a request of component `{name}` to `{url}` failed: the server's certificate is not"
    assert any(line.startswith(said) for line in host.console.lines), host.console.lines


@pytest.mark.parametrize("guest", GUESTS)
def test_an_authority_by_configuration(lab: Labs, authority: Authority, guest: str) -> None:
    name = guest.replace("-2", "-two")
    config = f"""
        [[client_tls]]
        component_ids = ["{name}"]
        hosts = ["localhost"]
        ca_roots_file = "{authority.file}"
    """
    host = lab([guest], allowed_outbound_hosts=EVERYWHERE, runtime_config=config)
    with Origin(lambda _request: ok(), authority.server()) as origin:
        url = f"https://localhost:{origin.port}/"
        assert host.run(asking(guest, url), guest) == [200, b"hello"]
        with pytest.raises(LabError):  # the same server under a name nothing is said of
            host.run(asking(guest, f"https://127.0.0.1:{origin.port}/"), guest)


def test_a_client_s_certificate(lab: Labs, authority: Authority, tmp_path: Path) -> None:
    issued = authority.ca.issue_cert("client@example.com")
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "client.pem"))
    issued.private_key_pem.write_to_path(str(tmp_path / "client.key"))
    trusting = f"""
        [[client_tls]]
        component_ids = ["lab-python"]
        hosts = ["localhost"]
        ca_roots_file = "{authority.file}"
    """
    known = f"""{trusting}
        client_cert_file = "../client.pem"
        client_private_key_file = "../client.key"
    """
    with Origin(lambda _request: ok(), authority.server(asks=True)) as origin:
        code = asking("lab-python", f"https://localhost:{origin.port}/")
        host = lab(allowed_outbound_hosts=EVERYWHERE, runtime_config=known)
        assert host.run(code) == [200, b"hello"]
        host = lab(allowed_outbound_hosts=EVERYWHERE, runtime_config=trusting)
        with pytest.raises(LabError):
            host.run(code)


# ---- Limits --------------------------------------------------------------------------------

SEVERAL = """
    import asyncio
    answers = [http.send(Request("GET", f"http://127.0.0.1:{port}/", {}, None)) for _ in range(8)]
    return [(await answer).status for answer in asyncio.as_completed(answers)]
"""


@pytest.mark.parametrize(
    ("config", "most"),
    [
        ("[outbound_http]\nconnection_pooling = true\nmax_connections = 2", 2),
        ("[outbound_http]\nmax_connections = 1", 1),
        ("[outbound_http]\nconnection_pooling = true\nmax_concurrent_requests = 2", 3),
        ("[outbound_networking]\nmax_total_connections = 2", 2),
    ],
)
def test_connections_are_limited(lab: Labs, config: str, most: int) -> None:
    host = lab(allowed_outbound_hosts=EVERYWHERE, runtime_config=config)
    with Origin(lambda _request: ok()) as one, Origin(lambda _request: ok()) as other:
        code = SEVERAL.replace("{port}", str(one.port))
        assert host.run(code) == [200] * 8
        # Idle connections give way to those for another server.
        assert host.run(SEVERAL.replace("{port}", str(other.port))) == [200] * 8
        assert 1 <= one.most <= most
        assert 1 <= other.most <= most


def test_no_connections_at_all(lab: Labs) -> None:
    config = "[outbound_http]\nmax_connections = 0"
    host = lab(allowed_outbound_hosts=EVERYWHERE, runtime_config=config)
    with pytest.raises(LabError, match="ConnectionLimitReached"):
        host.run(asking("lab-python", "http://127.0.0.1:1/"))


def test_without_pooling_each_request_has_a_connection(lab: Labs, origin: Origin) -> None:
    config = "[outbound_http]\nconnection_pooling = false"
    host = lab(allowed_outbound_hosts=EVERYWHERE, runtime_config=config)
    for _ in range(3):
        host.run(asking("lab-python", f"http://127.0.0.1:{origin.port}/"))
    assert origin.connections == 3


@pytest.mark.parametrize("guest", GUESTS)
def test_blocked_networks(lab: Labs, origin: Origin, guest: str) -> None:
    config = '[outbound_networking]\nblock_networks = ["private"]'
    host = lab([guest], allowed_outbound_hosts=EVERYWHERE, runtime_config=config)
    for name in ("127.0.0.1", "localhost"):
        with pytest.raises(LabError):
            host.run(asking(guest, f"http://{name}:{origin.port}/"), guest)
    assert origin.connections == 0
    assert "the runtime configuration blocks this network" in host.console.text
