"""Exchanges as text for other tools: what was recorded is sent, and nothing else happens."""

from __future__ import annotations

import ast
import base64
import json
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.history.requests_of_all_kinds import documents

from spindle.history.exports import FORMATS, CannotExport, export_exchanges
from spindle.history.exports.request import Sent, request_of
from spindle.history.imports import import_requests, request_document

FAKE_CURL = """\
curl() {
  for word in "$@"; do printf %s "$word" | base64 -w0; echo; done
  if [ "${@: -1}" = @- ]; then printf 'stdin '; base64 -w0; echo; fi
  echo end
}
"""


def in_bash(script: str, directory: Path) -> list[tuple[list[bytes], bytes]]:
    """The arguments and the input of each `curl` that a script runs."""
    done = subprocess.run(
        ["bash", "--norc", "-c", FAKE_CURL + script],
        cwd=directory,
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stderr == ""
    assert list(directory.iterdir()) == []
    calls: list[tuple[list[bytes], bytes]] = []
    words: list[bytes] = []
    stdin = b""
    for line in done.stdout.splitlines():
        if line == "end":
            calls.append((words, stdin))
            words, stdin = [], b""
        elif line.startswith("stdin "):
            stdin = base64.b64decode(line.removeprefix("stdin "))
        else:
            words.append(base64.b64decode(line))
    return calls


def headers_in(words: list[bytes]) -> list[tuple[str, str]]:
    """The headers that arguments of `curl` say."""
    fields = [after for before, after in pairwise(words) if before == b"-H"]
    pairs = []
    for field in fields:
        name, colon, value = field.decode("latin-1").partition(":")
        if colon and not value:
            continue  # one that is not to be sent
        pairs.append((name, value[1:]) if colon else (name.removesuffix(";"), ""))
    return pairs


def body_in(words: list[bytes], stdin: bytes) -> bytes:
    """The body that arguments of `curl` say."""
    if b"--data-raw" in words:
        return words[words.index(b"--data-raw") + 1]
    return stdin


@settings(max_examples=15)
@given(st.lists(documents(), min_size=8, max_size=8))
def test_bash_runs_curl_with_the_request_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, exchanges: list[dict[str, Any]]
) -> None:
    script = export_exchanges(exchanges, "curl", secrets=True)
    calls = in_bash(script, tmp_path_factory.mktemp("bash"))
    assert len(calls) == len(exchanges)
    for (words, stdin), document in zip(calls, exchanges, strict=True):
        sent = request_of(document)
        assert sent is not None
        assert sent.url.encode() in words
        assert headers_in(words) == [
            (name, value if value.strip(" \t") else "") for name, value in sent.headers
        ]
        assert body_in(words, stdin) == sent.body
        assert all(b"\r" not in word and b"\n" not in word for word in words if word != sent.body)


@given(documents())
def test_no_command_has_what_a_terminal_acts_on(document: dict[str, Any]) -> None:
    command = export_exchanges([document], "curl", secrets=True)
    assert all(c.isprintable() or c == "\n" for c in command)
    assert shlex.split(command, comments=True)


@given(st.lists(documents(), min_size=1, max_size=3), st.sampled_from(["python", "pytest"]))
def test_python_is_python(exchanges: list[dict[str, Any]], form: str) -> None:
    text = export_exchanges(exchanges, form, secrets=True)
    assert text.isascii()
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    known = {"HTTPConnection", "request", "putrequest", "putheader", "endheaders", "getresponse"}
    known |= {"print", "read", "decode", "close", "json"}
    for call in calls:
        match call.func:
            case ast.Attribute(attr=name) | ast.Name(id=name):
                assert name in known


@given(documents())
def test_http_files_say_the_request_or_that_they_can_not(document: dict[str, Any]) -> None:
    sent = request_of(document)
    assert sent is not None
    text = export_exchanges([document], "http", secrets=True)
    read = import_requests(text, "http")
    assert read.problems == ()
    [again] = [request_of(each) for each in read.exchanges]
    assert again is not None
    assert (again.method, again.url) == (sent.method.upper(), sent.url)
    if "the body of" in text:
        assert again.body == b""
    else:
        assert again.body == sent.body


@given(documents())
def test_archives_come_back_as_they_were(document: dict[str, Any]) -> None:
    text = export_exchanges([document], "har", secrets=True)
    read = import_requests(text, "har")
    assert read.problems == ()
    [again] = [request_of(each) for each in read.exchanges]
    assert _lower(again) == _lower(request_of(document))


@given(documents())
@example(request_document("GET", "http://h.example:8080/?", [], b""))
def test_commands_come_back_as_they_were(document: dict[str, Any]) -> None:
    read = import_requests(export_exchanges([document], "curl", secrets=True), "curl")
    assert read.problems == ()
    [again] = [request_of(each) for each in read.exchanges]
    sent = request_of(document)
    assert again is not None
    assert sent is not None
    assert (again.method, again.url, again.body) == (sent.method, sent.url, sent.body)
    assert [(name, value.strip(" \t")) for name, value in again.headers] == [
        (name.lower(), value.strip(" \t")) for name, value in sent.headers
    ]


def _lower(sent: Sent | None) -> Sent | None:
    """A request whose header names are as HTTP/2 has them."""
    assert sent is not None
    return sent._replace(headers=tuple((n.lower(), v) for n, v in sent.headers), remarks=())


class Recorder(BaseHTTPRequestHandler):
    """Keeps what it was sent."""

    seen: list[tuple[str, str, list[tuple[str, str]], bytes]] = []  # noqa: RUF012  # one server

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.seen.append((self.command, self.path, list(self.headers.items()), body))
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = do_POST = do_PUT = answer  # names of the standard library

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def origin() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Recorder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Recorder.seen.clear()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_exported_python_sends_the_request(origin: str) -> None:
    url = f"http://{origin}/a%20b?x='"
    twice = [("x-twice", "1"), ("x-twice", "2é")]
    exchanges = [
        request_document("PUT", url, [("x-a", "it's")], b"\x00\xff"),
        request_document("POST", url, twice, b"body"),
        request_document("GET", url, [], b""),
    ]
    script = export_exchanges(exchanges, "python")
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "200 ok\n" * 3
    seen = [(method, path, body) for method, path, _, body in Recorder.seen]
    assert seen == [
        ("PUT", "/a%20b?x='", b"\x00\xff"),
        ("POST", "/a%20b?x='", b"body"),
        ("GET", "/a%20b?x='", b""),
    ]
    assert ("x-a", "it's") in Recorder.seen[0][2]
    assert [pair for pair in Recorder.seen[1][2] if pair[0] == "x-twice"] == twice


ANSWERED: dict[str, Any] = {
    **request_document(
        "POST", "http://localhost:3000/orders", [("authorization", "Bearer s3")], b"{}"
    ),
    "id": "01a2057cd82e5515600002",
    "component": "orders",
    "phases_us": {"total": 1500.0},
    "output": {
        "status": 201,
        "headers": [["content-type", "application/json"]],
        "body": {"size": 12, "kept": 12, "encoding": "utf-8", "data": '{"id": null}'},
    },
}


def test_a_test_expects_what_was_answered() -> None:
    text = export_exchanges([ANSWERED, ANSWERED], "pytest")
    assert "def test_post_orders(app):\n" in text
    assert "def test_post_orders_2(app):\n" in text
    assert "    assert exchange.status == 201\n" in text
    assert "    assert exchange.json() == {'id': None}\n" in text


def test_an_archive_has_the_answer() -> None:
    [entry] = json.loads(export_exchanges([ANSWERED], "har"))["log"]["entries"]
    assert entry["startedDateTime"] == "2026-11-22T22:59:57.614+00:00"
    assert entry["time"] == 1.5
    assert entry["response"]["status"] == 201
    assert entry["response"]["content"]["text"] == '{"id": null}'
    [again] = import_requests(export_exchanges([ANSWERED], "har")).exchanges
    assert again["output"]["status"] == 201


@pytest.mark.parametrize("form", FORMATS)
def test_secrets_are_masked_unless_asked_for(form: str) -> None:
    assert "s3" not in export_exchanges([ANSWERED], form)
    assert "Bearer s3" in export_exchanges([ANSWERED], form, secrets=True)


def test_what_the_host_adds_and_clients_say_anyway_is_left_out() -> None:
    headers = [("host", "h"), ("spin-path-info", "/"), ("content-length", "2"), ("x-a", "1")]
    command = export_exchanges([request_document("GET", "http://h/", headers, b"")], "curl")
    assert command == "curl http://h/ \\\n  -H 'x-a: 1'\n"


def test_a_body_that_was_not_kept_whole_is_told_of() -> None:
    document = request_document("POST", "http://h/", [], b"abc")
    document["input"]["body"]["size"] = 1000
    for form in ("curl", "http", "python", "pytest"):
        assert "# only the first 3 of 1,000 bytes" in export_exchanges([document], form)


def test_messages_are_exchanges_only_json_can_say() -> None:
    message = {**ANSWERED, "input": {"payload": "x"}, "trigger": {"type": "redis", "target": "c"}}
    with pytest.raises(CannotExport, match="no HTTP request"):
        export_exchanges([message], "curl")
    assert json.loads(export_exchanges([message], "json"))["trigger"]["type"] == "redis"
    assert "left out: 1 exchange of other triggers" in export_exchanges([ANSWERED, message], "har")
    assert export_exchanges([ANSWERED, message], "curl").startswith("# left out: 1 exchange")


def test_a_format_there_is_not() -> None:
    with pytest.raises(CannotExport, match="there is no format `xml`"):
        export_exchanges([ANSWERED], "xml")
