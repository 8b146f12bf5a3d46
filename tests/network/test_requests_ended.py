"""Requests that lose their guest, and calls within the application."""

from __future__ import annotations

import asyncio
import http.client
import textwrap
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from tests.guests.build import build
from tests.labs import LabError, Labs
from tests.network.asking import GUESTS, asking
from tests.network.origin import Origin, ok

from spindle.dev.options import Bounds


class Silent(Origin):
    """A server that answers nobody, and knows who hung up."""

    def __init__(self) -> None:
        super().__init__(lambda _request: ok())
        self.asked = threading.Event()
        self.left = threading.Event()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            self.asked.set()
            while await reader.read(1000):
                pass
        self.left.set()
        writer.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    with Silent() as made:
        yield made


@pytest.mark.parametrize("guest", GUESTS)
def test_a_guest_that_is_stopped_hangs_up(lab: Labs, silent: Silent, guest: str) -> None:
    host = lab(
        [guest],
        allowed_outbound_hosts=["http://*:*"],
        options={"request_timeout": Bounds.exactly(5.0)},
    )
    code = textwrap.dedent(asking(guest, f"http://127.0.0.1:{silent.port}/"))
    status, _ = host.post(f"/{guest}", code.encode())
    assert status == 500
    assert silent.asked.wait(60)
    assert silent.left.wait(60)


def test_a_host_that_closes_hangs_up(lab: Labs, silent: Silent) -> None:
    host = lab(allowed_outbound_hosts=["http://*:*"])
    code = textwrap.dedent(asking("lab-python", f"http://127.0.0.1:{silent.port}/"))

    def post() -> None:
        with suppress(OSError, http.client.HTTPException):
            host.post("/lab-python", code.encode())

    client = threading.Thread(target=post)
    client.start()
    assert silent.asked.wait(60)
    host.do(host.host.close())
    assert silent.left.wait(60)
    client.join()


def test_a_body_nobody_reads_hangs_up(lab: Labs) -> None:
    """The response's head was there; the guest ends without its body."""
    endless = b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n" + bytes(100_000)
    host = lab(allowed_outbound_hosts=["http://*:*"])
    with Origin(lambda _request: endless) as origin:
        code = f"""
            from spin_sdk.wit.imports.wasi_http_types_0_3_0 import Fields, Scheme_Http
            from spin_sdk.wit.imports.wasi_http_types_0_3_0 import Request as Raw
            from spin_sdk.wit.imports import wasi_http_client_0_3_0 as client

            future = (
                wit.result_option_wasi_http_types_0_3_0_fields_wasi_http_types_0_3_0_error_code_future
            )
            asked, _sent = Raw.new(Fields(), None, future(lambda: Ok(None))[1], None)
            asked.set_scheme(Scheme_Http())
            asked.set_authority("127.0.0.1:{origin.port}")
            asked.set_path_with_query("/")
            with await client.send(asked) as got:
                return got.get_status_code()
        """
        assert host.run(code) == 200
        origin.wait_left()


# ---- Within the application ----------------------------------------------------------------

PRIVATE = """
[[trigger.http]]
route = {{ private = true }}
component = "hidden"

[component.hidden]
source = "{source}"
"""


@pytest.mark.parametrize("guest", GUESTS)
def test_components_are_called(lab: Labs, guest: str) -> None:
    """One that runs code, one that has no route, none that isn't there or isn't granted."""
    host = lab(
        ["lab-python", "lab-python-2", "lab-javascript"],
        allowed_outbound_hosts=[
            "http://lab-javascript.spin.internal",
            "http://hidden.spin.internal",
        ],
        manifest=PRIVATE.format(source=build("rust-p3")),
    )
    url = "http://lab-javascript.spin.internal/any/path?x=1"
    code = "return [request.method, new URL(request.url).pathname];"
    assert host.run(asking(guest, url, "POST", code), guest) == [200, b'["POST","/any/path"]']
    hidden = asking(guest, "http://hidden.spin.internal/")
    assert host.run(hidden, guest) == [200, b"Hello World!"]
    with pytest.raises(LabError):
        host.run(asking(guest, "http://lab-python.spin.internal/"), guest)


@pytest.mark.parametrize(("size", "outcome"), [(0, 200), (200_000, 200), (300_000, "Closed")])
def test_a_body_may_come_after_the_answer(lab: Labs, size: int, outcome: object) -> None:
    """A request that is answered without being read takes as much as one that waits to be."""
    host = lab(
        ["lab-python-2"],
        allowed_outbound_hosts=["http://hidden.spin.internal"],
        manifest=PRIVATE.format(source=build("rust-p3")),
    )
    code = f"""
        from spin_sdk.wit.imports import outgoing_handler
        from spin_sdk.wit.imports.streams import StreamError_Closed
        from spin_sdk.wit.imports.types import Fields, OutgoingBody, OutgoingRequest, Scheme_Http

        asked = OutgoingRequest(Fields())
        asked.set_scheme(Scheme_Http())
        asked.set_authority("hidden.spin.internal")
        asked.set_path_with_query("/")
        body = asked.body()
        stream = body.write()
        future = outgoing_handler.handle(asked, None)
        future.subscribe().block()
        answer = future.get().value.value
        try:
            for start in range(0, {size} + 1, 10_000):
                assert stream.check_write()
                stream.write(bytes(min(10_000, {size} - start, stream.check_write())))
        except Err as error:
            assert isinstance(error.value, StreamError_Closed)
            return "Closed"
        stream.__exit__(None, None, None)
        OutgoingBody.finish(body, None)
        return answer.status()
    """
    assert host.run(code, "lab-python-2") == outcome


@pytest.mark.parametrize("allowed", ["http://self", "http://*.spin.internal", "http://*:*"])
def test_the_application_itself(lab: Labs, allowed: str) -> None:
    host = lab(
        ["lab-python", "lab-javascript"],
        allowed_outbound_hosts=[allowed],
    )
    urls = {
        "http://self": ["http://self.alt/lab-javascript"],
        "http://*.spin.internal": ["http://lab-javascript.spin.internal/"],
        "http://*:*": [
            "http://self.alt/lab-javascript",
            f"{host.host.base_url}/lab-javascript",
            "http://lab-javascript.spin.internal/",
        ],
    }
    for url in urls[allowed]:
        assert host.run(asking("lab-python", url, "POST", "return 1 + 1;")) == [200, b"2"]
    refused = {url for known in urls.values() for url in known} - set(urls[allowed])
    for url in refused:
        with pytest.raises(LabError):
            host.run(asking("lab-python", url, "POST", "return 1 + 1;"))


def test_a_body_streams_through_another_component(lab: Labs) -> None:
    """More than anybody holds at once goes to another component and comes back."""
    host = lab(
        allowed_outbound_hosts=["http://*.spin.internal"],
        manifest=PRIVATE.format(source=build("service")),
    )
    code = """
        data = bytes(range(256)) * 40_000
        answer = await http.send(
            Request("POST", "http://hidden.spin.internal/echo", {}, data))
        return answer.body == data
    """
    assert host.run(code) is True
