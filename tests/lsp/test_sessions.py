"""No request stays without an answer, and nothing a client sends ends the server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lsp.conversation import Conversation, conversation, notification, request, span

from spindle.client import encode_message
from spindle.errors import ExitCode
from spindle_lsp.features import folding

METHODS = [
    "textDocument/codeAction",
    "textDocument/codeLens",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/diagnostic",
    "textDocument/documentHighlight",
    "textDocument/documentLink",
    "textDocument/documentSymbol",
    "textDocument/foldingRange",
    "textDocument/formatting",
    "textDocument/hover",
    "textDocument/inlayHint",
    "textDocument/prepareRename",
    "textDocument/rangeFormatting",
    "textDocument/references",
    "textDocument/rename",
    "textDocument/semanticTokens/full",
]
FAR = {"line": 4_000_000, "character": 4_000_000}
"""A place that is in no text."""


@pytest.fixture
def stranger() -> Iterator[Conversation]:
    with conversation() as talk:
        yield talk


def params(uri: str) -> dict[str, object]:
    """Something for every method there is."""
    return {
        "textDocument": {"uri": uri},
        "position": FAR,
        "range": {"start": FAR, "end": {"line": 0, "character": 0}},
        "context": {"diagnostics": [], "includeDeclaration": True, "triggerKind": 1},
        "options": {"tabSize": 2, "insertSpaces": True},
        "newName": "other",
    }


def test_who_asks_too_early_is_told(stranger: Conversation) -> None:
    assert (
        stranger.request("textDocument/hover", params("file:///a/spin.toml"))["error"]["code"]
        == -32002
    )
    stranger.notify("textDocument/didOpen", {})
    assert "capabilities" in stranger.initialize()


def test_nobody_initializes_twice(talk: Conversation) -> None:
    answer = talk.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    assert answer["error"]["code"] == -32600


def test_after_shutdown_only_exit_is_heard(talk: Conversation) -> None:
    assert talk.ask("shutdown") is None
    assert talk.request("textDocument/hover", params("file:///a/spin.toml"))["error"]["code"] == (
        -32600
    )
    talk.notify("exit")
    assert talk.session.ended.result() is ExitCode.OK


def test_exit_without_shutdown_is_no_success(talk: Conversation) -> None:
    talk.notify("exit")
    assert talk.session.ended.result() is ExitCode.FAILED


@pytest.mark.parametrize("method", METHODS)
def test_a_file_nobody_opened(talk: Conversation, method: str) -> None:
    assert "error" not in talk.request(method, params("file:///nowhere/spin.toml"))
    assert "error" not in talk.request(method, params("untitled:Untitled-1"))


@pytest.mark.parametrize(
    "text", ["", "\n", "[", "key", "\ufeff", "a = [\n1,", "\0\1\2", "é𝒳 = 'é𝒳"]
)
def test_places_out_of_bounds(talk: Conversation, tmp_path: Path, text: str) -> None:
    uri = (tmp_path / "spin.toml").as_uri()
    talk.open(uri, text)
    talk.change(uri, {"range": {"start": FAR, "end": FAR}, "text": "x"})
    talk.change(uri, {"range": {"start": FAR, "end": {"line": 0, "character": 0}}, "text": "y"})
    for method in METHODS:
        talk.request(method, params(uri))
    assert talk.published(uri)["version"] == 2


@pytest.mark.parametrize("method", METHODS)
def test_wrong_parameters(talk: Conversation, method: str) -> None:
    assert talk.request(method, {"textDocument": 1})["error"]["code"] == -32602
    assert talk.request(method, [1])["error"]["code"] == -32602


def test_unknown_methods(talk: Conversation) -> None:
    assert talk.request("spindle/unknown", {})["error"]["code"] == -32601
    talk.notify("spindle/unknown", {})
    assert talk.ask("workspace/symbol", {"query": ""}) == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b"1", b"null", b"[" * 100_000, b"\xff", b'{"id":{},"method":"x"}']
)
def test_what_is_no_request(talk: Conversation, body: bytes) -> None:
    talk.send(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    assert talk.answer_to(None)["error"]["code"] in (-32700, -32600)
    assert talk.ask("workspace/symbol", {"query": ""}) == []


def test_a_header_that_is_none(talk: Conversation) -> None:
    talk.send(b"GET / HTTP/1.1\r\n\r\n")
    assert talk.ask("workspace/symbol", {"query": ""}) == []


def test_what_was_cancelled_is_not_begun(talk: Conversation, shop: Path) -> None:
    talk.open(shop.as_uri(), shop.read_text())
    talk.send(
        request(71, "textDocument/foldingRange", params(shop.as_uri())),
        request(72, "textDocument/foldingRange", params(shop.as_uri())),
        notification("$/cancelRequest", {"id": 71}),
        notification("$/cancelRequest", {"id": 99}),
    )
    assert talk.answer_to(71)["error"]["code"] == -32800
    assert talk.answer_to(72)["result"]


def test_a_bug_costs_one_answer(
    talk: Conversation,
    shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_snapshot: object) -> None:
        raise AssertionError("a bug")

    talk.open(shop.as_uri(), shop.read_text())
    monkeypatch.setattr(folding, "folds_of", broken)
    assert talk.ask("textDocument/foldingRange", params(shop.as_uri())) is None
    assert "a bug" in caplog.text
    assert talk.ask("textDocument/documentSymbol", params(shop.as_uri()))


def test_many_keystrokes_that_wait_are_one_reading(talk: Conversation, shop: Path) -> None:
    uri = shop.as_uri()
    talk.open(uri, shop.read_text())
    before = len(talk.received)
    change = {"range": span(3, 8, 8), "text": "x"}
    talk.send(
        *(
            notification(
                "textDocument/didChange",
                {"textDocument": {"uri": uri, "version": v}, "contentChanges": [change]},
            )
            for v in range(2, 9)
        )
    )
    assert len(talk.received) == before + 1
    assert talk.published(uri)["version"] == 8


@pytest.mark.parametrize(
    "text",
    [
        "x = '" + "x" * 200_000,
        "\0" * 50_000,
        "a = " + "[" * 100_000,
        "a = " + "{a = " * 2_000,
        "a." * 1_000 + "a = 1",
        "[" + "a." * 1_000 + "a]",
        "[[[\n" * 500,
        '"""\n' * 501,
    ],
    ids=lambda text: text[:6],
)
def test_texts_that_would_break_a_parser(talk: Conversation, tmp_path: Path, text: str) -> None:
    uri = (tmp_path / "spin.toml").as_uri()
    talk.open(uri, text)
    assert talk.published(uri)["diagnostics"]
    for method in METHODS:
        assert "error" not in talk.request(method, params(uri))


def test_a_text_of_many_megabytes_is_left_alone(talk: Conversation, tmp_path: Path) -> None:
    uri = (tmp_path / "spin.toml").as_uri()
    talk.open(uri, "x" * 10_000_000)
    (shown,) = [m for m in talk.received if m.get("method") == "window/showMessage"]
    assert "too large" in shown["params"]["message"]
    talk.change(uri, {"range": span(0, 0, 0), "text": "y"})
    assert talk.ask("textDocument/foldingRange", params(uri)) is None


@settings(max_examples=40)
@given(st.lists(st.binary(max_size=30), max_size=5), st.booleans())
def test_noise(noise: list[bytes], framed: bool) -> None:
    with conversation() as talk:
        talk.initialize()
        for data in noise:
            head = b"Content-Length: %d\r\n\r\n" % len(data) if framed else b""
            talk.send(head + data)
        assert not talk.session.ended.done()


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.sampled_from(["id", "method", "params", "result", "error", "jsonrpc"]),
        st.recursive(
            st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(METHODS),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.sampled_from(["id", "textDocument", "jsonrpc"]), inner)
            ),
            max_leaves=5,
        ),
    )
)
def test_messages_of_any_shape(message: dict[str, object]) -> None:
    with conversation() as talk:
        talk.initialize()
        before = len(talk.received)
        talk.send(encode_message(message))
        id_ = message.get("id")
        if isinstance(message.get("method"), str) and isinstance(id_, int):
            assert [m for m in talk.received[before:] if m.get("id") == id_], json.dumps(message)
        assert not talk.session.ended.done()
