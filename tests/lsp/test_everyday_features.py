"""Fixes, folding, links, lenses and symbols of one file."""

import asyncio
from pathlib import Path

import pytest
from tests.lsp.conftest import MANIFEST
from tests.lsp.conversation import Conversation, conversation, span

from spindle.dev.control import ControlEndpoint
from spindle.diagnostics import Diagnostic, Edit, Fix, Severity
from spindle.text import Position, Span
from spindle_lsp.features.actions import safe_edits
from spindle_lsp.features.lenses import duration_text, sample_path

MISTAKEN = MANIFEST.replace("key_value_stores", "key_value_store").replace('"cart"', '"card"', 1)
HERE = Path("/spin.toml")


def apply(text: str, edits: list[dict[str, object]]) -> str:
    """The text after edits of single lines."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda e: str(e["range"]), reverse=True):
        where = edit["range"]
        assert isinstance(where, dict)
        assert where["start"]["line"] == where["end"]["line"]
        line, start, end = (
            where["start"]["line"],
            where["start"]["character"],
            where["end"]["character"],
        )
        lines[line] = f"{lines[line][:start]}{edit['newText']}{lines[line][end:]}"
    return "\n".join(lines)


def test_a_fix_makes_its_problem_go_away(talk: Conversation, shop: Path) -> None:
    uri = shop.as_uri()
    talk.open(uri, MISTAKEN)
    before = talk.codes(uri)
    for found in talk.published(uri)["diagnostics"]:
        actions = talk.ask(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": uri},
                "range": found["range"],
                "context": {"diagnostics": [found], "only": ["quickfix"]},
            },
        )
        for action in actions:
            assert action["diagnostics"][0]["code"] in before
            fixed = apply(MISTAKEN, action["edit"]["changes"][uri])
            talk.change(uri, {"text": fixed})
            assert talk.codes(uri).count(found["code"]) < before.count(found["code"])
            talk.change(uri, {"text": MISTAKEN})


def test_only_wanted_actions_are_offered(talk: Conversation, shop: Path) -> None:
    uri = shop.as_uri()
    talk.open(uri, MISTAKEN)
    for kind in ("refactor", "source.organizeImports"):
        actions = talk.ask(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": uri},
                "range": {"start": span(0, 0, 0)["start"], "end": span(99, 0, 0)["end"]},
                "context": {"diagnostics": [], "only": [kind]},
            },
        )
        assert actions == []


def test_safe_fixes_do_not_touch_each_other() -> None:
    def problem(start: int, end: int, text: str, safe: bool = True) -> Diagnostic:
        span = Span(Position(0, start), Position(0, end))
        fix = Fix("Fix it", (Edit(HERE, span, text),), safe)
        return Diagnostic("a", Severity.ERROR, "wrong", HERE, span, fix=fix)

    found = [problem(0, 4, "a"), problem(2, 6, "b"), problem(4, 6, "c"), problem(8, 9, "d", False)]
    assert [edit.new_text for edit in safe_edits(found)] == ["a", "c"]


def test_folds(talk: Conversation, shop: Path) -> None:
    uri = shop.as_uri()
    talk.open(uri, "# a\n# b\n\n[x]\na = [\n 1,\n]\n\n# of y\n[y]\nb = 1\n")
    folds = talk.ask("textDocument/foldingRange", {"textDocument": {"uri": uri}})
    assert [(fold["startLine"], fold["endLine"]) for fold in folds] == [
        (0, 1),
        (3, 6),
        (4, 6),
        (9, 10),
    ]


def test_links_lead_to_files_that_are_there(talk: Conversation, shop: Path) -> None:
    uri = shop.as_uri()
    talk.open(uri, MANIFEST)
    (link,) = talk.ask("textDocument/documentLink", {"textDocument": {"uri": uri}})
    assert link["target"] == shop.with_name("cart.wasm").as_uri()
    assert link["range"] == span(11, 10, 19)


def test_lenses_are_commands_the_client_has(shop: Path) -> None:
    uri = shop.as_uri()
    for commands in (
        [],
        ["spindle.sendRequest", 1],
        ["spindle.openRoute", "spindle.showExchanges"],
    ):
        with conversation() as talk:
            talk.initialize(initializationOptions={"commands": commands})
            talk.open(uri, MANIFEST)
            lenses = talk.ask("textDocument/codeLens", {"textDocument": {"uri": uri}})
            assert [lens["command"]["command"] for lens in lenses] == [
                name for name in commands if isinstance(name, str)
            ]
            for lens in lenses:
                target = {"trigger": "cart", "route": "/cart/..."}
                manifest, place = lens["command"]["arguments"]
                assert manifest == uri
                assert place["route"] == target["route"]


@pytest.mark.parametrize(
    ("route", "path"), [("/...", "/"), ("/a/...", "/a"), ("a", "/a"), ("/:x/*", "/:x")]
)
def test_sample_paths(route: str, path: str) -> None:
    assert sample_path(route) == path


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [(0.4, "0 µs"), (420, "420 µs"), (3140, "3.1 ms"), (31400, "31 ms"), (12e6, "12 s")],
)
def test_durations_are_short(microseconds: float, text: str) -> None:
    assert duration_text(microseconds) == text


def test_a_lens_has_what_a_running_host_counted(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    routes = [
        {"route": "/cart/...", "count": 5, "errors": 2, "p50": 3140.0},
        {"route": "/unused", "count": 0, "errors": 0, "p50": None},
    ]

    def ask() -> list[str]:
        with conversation() as talk:
            talk.initialize(initializationOptions={"commands": ["spindle.showExchanges"]})
            talk.open(shop.as_uri(), MANIFEST)
            document = {"textDocument": {"uri": shop.as_uri()}}
            lenses = talk.ask("textDocument/codeLens", document)
            return [lens["command"]["title"] for lens in lenses]

    async def main() -> list[str]:
        endpoint = ControlEndpoint({"stats/get": lambda _params: {"routes": routes}})
        await endpoint.start(shop, "http://127.0.0.1:1")
        try:
            return await asyncio.to_thread(ask)
        finally:
            await endpoint.close()

    assert asyncio.run(main()) == ["Show exchanges · p50 3.1 ms · 2 errors"]


def test_outline(talk: Conversation, shop: Path) -> None:
    uri = shop.as_uri()
    talk.open(uri, MANIFEST)
    found = talk.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert [symbol["name"] for symbol in found] == [
        "spin_manifest_version",
        "application",
        "trigger",
        "component",
    ]
    (http,) = found[2]["children"]
    (trigger,) = http["children"]
    assert (trigger["name"], trigger["detail"]) == ("http /cart/...", "cart")


def test_formatting_edits_give_the_formatted_text(talk: Conversation, shop: Path) -> None:
    uri = shop.as_uri()
    talk.open(uri, 'a=1\n\n\n\nb = 2\n[c]\nd="x"')
    edits = talk.ask(
        "textDocument/formatting",
        {"textDocument": {"uri": uri}, "options": {"tabSize": 2, "insertSpaces": True}},
    )
    for edit in reversed(edits):
        talk.change(uri, {"range": edit["range"], "text": edit["newText"]})
    again = talk.ask(
        "textDocument/formatting",
        {"textDocument": {"uri": uri}, "options": {"tabSize": 2, "insertSpaces": True}},
    )
    assert again == []
