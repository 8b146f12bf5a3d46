"""Several files and folders, unsaved buffers, encodings, pulled and published diagnostics."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from tests.lsp.conftest import MANIFEST, cart
from tests.lsp.conversation import Conversation, conversation, span

from spindle.text import utf16_length
from spindle_lsp.encodings import Encoding
from spindle_lsp.text_changes import changed

LABELS = MANIFEST.replace('["default"]', '["default", "carts"]')
CONFIG = '[key_value_store.carts]\ntype = "spin"\n'
PULL: dict[str, object] = {"textDocument": {"diagnostic": {}}}


def document(uri: str) -> dict[str, object]:
    return {"textDocument": {"uri": uri}}


def test_opening_editing_closing(talk: Conversation, shop: Path) -> None:
    uri = shop.as_uri()
    talk.open(uri, MANIFEST)
    assert talk.codes(uri) == []
    talk.change(uri, {"range": span(8, 13, 17), "text": "cars"})
    assert "undefined-component" in talk.codes(uri)
    assert talk.published(uri)["version"] == 2
    talk.notify("textDocument/didClose", document(uri))
    assert talk.codes(uri) == []


def test_other_files_are_not_ours(talk: Conversation, tmp_path: Path) -> None:
    for name in ("Cargo.toml", "pyproject.toml"):
        uri = (tmp_path / name).as_uri()
        talk.open(uri, "nonsense")
        talk.change(uri, {"text": "more"})
        assert talk.ask("textDocument/foldingRange", document(uri)) is None
        assert not [m for m in talk.received if m.get("method")]


def test_an_unsaved_configuration_counts(talk: Conversation, shop: Path) -> None:
    config = shop.with_name("runtime-config.toml")
    config.write_text("")
    talk.open(shop.as_uri(), LABELS)
    assert "undefined-label" in talk.codes(shop.as_uri())
    talk.open(config.as_uri(), CONFIG)
    assert talk.codes(shop.as_uri()) == []
    talk.change(config.as_uri(), {"text": "[key_value_store"})
    assert talk.codes(config.as_uri()) == ["toml-syntax"]
    talk.notify("textDocument/didClose", document(config.as_uri()))
    assert "undefined-label" in talk.codes(shop.as_uri())


def test_changes_on_disk_count_once_they_are_told(talk: Conversation, shop: Path) -> None:
    wasm = shop.with_name("cart.wasm")
    talk.open(shop.as_uri(), MANIFEST)
    wasm.unlink()
    event = {"changes": [{"uri": wasm.as_uri(), "type": 3}]}
    talk.notify("workspace/didChangeWatchedFiles", event)
    assert talk.codes(shop.as_uri()) == ["missing-source"]
    wasm.write_bytes(cart())
    talk.notify("workspace/didChangeWatchedFiles", event)
    assert talk.codes(shop.as_uri()) == []


def test_a_client_that_can_is_asked_to_watch(shop: Path) -> None:
    with conversation() as talk:
        talk.initialize({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}})
        (asked,) = [m for m in talk.received if m.get("method") == "client/registerCapability"]
        (registration,) = asked["params"]["registrations"]
        watchers = registration["registerOptions"]["watchers"]
        assert "**/*.wasm" in [watcher["globPattern"] for watcher in watchers]


def test_who_pulls_is_sent_nothing(shop: Path) -> None:
    with conversation() as talk:
        talk.initialize(PULL)
        talk.open(shop.as_uri(), MANIFEST.replace("cart.wasm", "none.wasm"))
        report = talk.ask("textDocument/diagnostic", document(shop.as_uri()))
        assert [found["code"] for found in report["items"]] == ["missing-source"]
        assert not [
            m for m in talk.received if m.get("method") == "textDocument/publishDiagnostics"
        ]


def test_who_pulls_hears_that_another_file_changed(shop: Path) -> None:
    config = shop.with_name("runtime-config.toml")
    with conversation() as talk:
        talk.initialize({**PULL, "workspace": {"diagnostics": {"refreshSupport": True}}})
        talk.open(shop.as_uri(), LABELS)
        talk.open(config.as_uri(), CONFIG)
        assert [m for m in talk.received if m.get("method") == "workspace/diagnostic/refresh"]
        report = talk.ask("textDocument/diagnostic", document(shop.as_uri()))
        assert report["items"] == []


def test_symbols_of_all_folders(tmp_path: Path) -> None:
    folders = []
    for name in ("one", "two"):
        root = tmp_path / name / "app"
        root.mkdir(parents=True)
        (root / "spin.toml").write_text(MANIFEST.replace("cart", name))
        folders.append({"uri": (tmp_path / name).as_uri(), "name": name})
    (tmp_path / "one" / "node_modules").mkdir()
    (tmp_path / "one" / "node_modules" / "spin.toml").write_text(MANIFEST)
    with conversation() as talk:
        talk.initialize(workspaceFolders=folders[:1])
        talk.notify(
            "workspace/didChangeWorkspaceFolders", {"event": {"added": folders[1:], "removed": []}}
        )
        found = talk.ask("workspace/symbol", {"query": ""})
        assert sorted(symbol["name"] for symbol in found) == [
            "http /one/...",
            "http /two/...",
            "one",
            "two",
        ]
        unsaved = MANIFEST.replace("cart", "three")
        talk.open((tmp_path / "one" / "app" / "spin.toml").as_uri(), unsaved)
        found = talk.ask("workspace/symbol", {"query": "tre"})
        assert [symbol["name"] for symbol in found] == ["http /three/...", "three"]


def test_uris_in_the_clients_spelling(talk: Conversation, shop: Path) -> None:
    uri = shop.as_uri().replace("spin.toml", "%73pin.toml")
    talk.open(uri, MANIFEST.replace("cart.wasm", "none.wasm"))
    assert talk.codes(uri) == ["missing-source"]


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", 29), ("utf-16", 23), ("utf-32", 21)])
def test_encodings(tmp_path: Path, encoding: str, end: int) -> None:
    uri = (tmp_path / "spin.toml").as_uri()
    text = 'spin_manifest_version = 2\n[application]\nname = { "é𝒳é𝒳" = 1 }\n'
    with conversation() as talk:
        result = talk.initialize({"general": {"positionEncodings": ["utf-7", encoding]}})
        assert result["capabilities"]["positionEncoding"] == encoding
        talk.open(uri, text)
        found = talk.published(uri)["diagnostics"]
        assert span(2, 7, end) in [each["range"] for each in found]
        talk.change(uri, {"range": span(2, 7, end), "text": '"a"'})
        _, application = talk.ask("textDocument/documentSymbol", document(uri))
        assert application["children"][0]["detail"] == "a"


@given(
    st.lists(st.text("aé😀\t", max_size=6), min_size=1, max_size=4),
    st.data(),
    st.sampled_from(["utf-8", "utf-16", "utf-32"]),
)
def test_changes_in_every_encoding(lines: list[str], data: st.DataObject, name: str) -> None:
    text = "\n".join(lines)
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    edge = types.Range(place(text, start, name), place(text, end, name))
    change = types.TextDocumentContentChangePartial(edge, "new\n")
    assert changed(text, [change], Encoding(name)) == f"{text[:start]}new\n{text[end:]}"


@given(st.text("aé😀\r\n", max_size=12), st.data(), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_places_come_back_as_they_went(text: str, data: st.DataObject, name: str) -> None:
    lines = text.split("\n")
    number = data.draw(st.integers(0, len(lines) - 1))
    line = lines[number].removesuffix("\r")
    column = data.draw(st.integers(0, len(line)))
    before = types.Position(number, utf16_length(line[:column]))
    encoding = Encoding(name)
    out = encoding.outward(before, "", lambda _: lines)
    assert encoding.inward(out, "", lambda _: lines) == before


def place(text: str, at: int, encoding: str) -> types.Position:
    before = text[:at]
    column = before.rpartition("\n")[2]
    size = len(column.encode(f"{encoding}-le" if encoding != "utf-8" else encoding))
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    return types.Position(before.count("\n"), size // width)
