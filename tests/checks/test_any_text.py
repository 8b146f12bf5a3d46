"""Whatever the text, it is examined without failing, and what is said of it lies in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.diagnostics import Diagnostic, Severity
from spindle.fixes import apply_edits
from spindle.loader import Located, Options, examine
from spindle.manifest import read_manifest
from spindle.runtime_config import read_runtime_config
from spindle.text import Position, Span, utf16_length

ROOT = Path(__file__).parents[2]
NOWHERE = Path("/nowhere/spin.toml")
TEXTS = [
    path.read_bytes().decode("utf-8", "replace")
    for place in ("tests/checks/cases", "tests/manifest/cases", "examples")
    for path in sorted((ROOT / place).rglob("*.toml"))
]
CONFIG = """state_dir = ""
[key_value_store.cache]
type = "redis"
url = "redis://localhost"
[sqlite_database.default]
type = "libsql"
url = "https://example.com"
token = "🔑"
[llm_compute]
type = "remote_http"
url = "https://example.com"
auth_token = "x"
api_type = "open_ai"
[[config_provider]]
type = "static"
values = { a = "b" }
[[client_tls]]
component_ids = ["a"]
hosts = ["b"]
client_cert_file = "c"
[outbound_networking]
block_networks = ["private", "10.0.0.0/8"]
[outbound_http]
max_connections = 3
"""
PIECES = ["[[", "]", '"', "'", "{", "}", "=", "\n", "🦊", "\r\n", "#", "\\", "\0", "\ufeff", ","]


def examined(text: str) -> tuple[Diagnostic, ...]:
    manifest, found = read_manifest(NOWHERE, text)
    if manifest is not None:
        options = Options(check_files=False)
        found = examine(Located(NOWHERE), manifest, found, options, text).diagnostics
    assert_within(found, text)
    return found


def assert_within(diagnostics: tuple[Diagnostic, ...], text: str) -> None:
    lines = text.split("\n")
    for diagnostic in diagnostics:
        assert diagnostic.span is not None
        spans = [diagnostic.span, *(related.span for related in diagnostic.related)]
        if diagnostic.fix is not None:
            spans += [edit.span for edit in diagnostic.fix.edits]
        for span in spans:
            assert lies_in(span, lines), diagnostic


def lies_in(span: Span, lines: list[str]) -> bool:
    return span.start <= span.end and all(_is_in(place, lines) for place in span)


def _is_in(place: Position, lines: list[str]) -> bool:
    inside = 0 <= place.line < len(lines)
    return inside and 0 <= place.character <= utf16_length(lines[place.line])


@pytest.mark.parametrize("text", TEXTS)
def test_manifests_there_are(text: str) -> None:
    examined(text)


@given(st.sampled_from(TEXTS), st.data())
def test_any_prefix(text: str, data: st.DataObject) -> None:
    examined(text[: data.draw(st.integers(0, len(text)))])


@given(st.sampled_from(TEXTS), st.data())
def test_any_change(text: str, data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    end = min(end, start + 40)
    examined(text[:start] + data.draw(st.sampled_from(PIECES)) + text[end:])


@given(st.sampled_from(TEXTS), st.data())
def test_fixes_leave_fewer_problems(text: str, data: st.DataObject) -> None:
    """Of a text with some lines left out, which is mostly still one of TOML."""
    lines = text.split("\n")
    left_out = data.draw(st.sets(st.integers(0, len(lines)), max_size=3))
    text = "\n".join(line for i, line in enumerate(lines) if i not in left_out)
    before = examined(text)
    if any(d.code == "toml-syntax" for d in before):
        return
    for diagnostic in before:
        if diagnostic.fix is not None and diagnostic.fix.safe:
            after = examined(apply_edits(text, diagnostic.fix.edits))
            assert all(d.code != "toml-syntax" for d in after), diagnostic
            assert _alike(after, diagnostic) < _alike(before, diagnostic), diagnostic


def _alike(diagnostics: tuple[Diagnostic, ...], one: Diagnostic) -> int:
    return sum((d.code, d.message) == (one.code, one.message) for d in diagnostics)


@given(st.integers(0, len(CONFIG)), st.integers(0, 20), st.sampled_from(PIECES))
def test_any_runtime_configuration(start: int, length: int, piece: str) -> None:
    for text in (CONFIG[:start], CONFIG[:start] + piece + CONFIG[start + length :]):
        _, found = read_runtime_config(Path("/nowhere/runtime-config.toml"), text)
        assert_within(found, text)
        assert all(d.severity in Severity for d in found)
