"""A manifest against what its components' wasm imports and exports."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.trigger.event_guests import cron, mqtt
from wasmtime import wat2wasm

from spindle.diagnostics import Diagnostic
from spindle.fixes import apply_edits
from spindle.loader import Options, load

HEAD = 'spin_manifest_version = 2\n\n[application]\nname = "a"\n\n'
HTTP = '[[trigger.http]]\nroute = "/..."\ncomponent = "c"\n\n[component.c]\nsource = "c.wasm"\n'
REDIS = HTTP.replace("http", "redis").replace(
    'route = "/..."', 'channel = "c"\naddress = "redis://localhost"'
)
CRON = HTTP.replace("http", "cron").replace('route = "/..."', 'cron_expression = "@daily"')
MQTT = HTTP.replace("http", "mqtt").replace('route = "/..."', 'topic = "a"\nqos = "0"') + (
    '[application.trigger.mqtt]\naddress = "mqtt://a"\n'
    'username = ""\npassword = ""\nkeep_alive_interval = "1"\n'
)
COMMAND = HTTP.replace("http", "command").replace('route = "/..."\n', "")
WAGI = HTTP.replace('"c"\n\n', '"c"\nexecutor = { type = "wagi" }\n\n')
P3 = "wasi:http/handler@0.3.0"
P2 = "wasi:http/incoming-handler@0.2.3"
KV = "spin:key-value/key-value@3.0.0"
FETCH = "wasi:http/outgoing-handler@0.2.0"


def wasm(imports: Iterable[str], exports: Iterable[str], tool: str = "") -> bytes:
    """A component that says it imports and exports these interfaces."""
    lines = [f'(import "{name}" (instance))' for name in imports]
    lines.append("(instance $i)")
    lines += [f'(export "{name}" (instance $i))' for name in exports]
    if tool:
        name = f"\\{len(tool):02x}{tool}"
        lines.append(f'(@custom "producers" "\\01\\0cprocessed-by\\01{name}\\011")')
    return bytes(wat2wasm(f"(component {' '.join(lines)})"))


def problems(root: Path, text: str, content: bytes) -> list[Diagnostic]:
    (root / "c.wasm").write_bytes(content)
    (root / "spin.toml").write_text(HEAD + text)
    found = load(root / "spin.toml", Options(read_wasm=True)).diagnostics
    return [problem for problem in found if problem.code not in ("wagi", "missing-watch")]


@pytest.mark.parametrize(
    ("text", "content", "codes"),
    [
        (HTTP, wasm([], [P3]), []),
        (HTTP, wasm([], [P2]), []),
        (HTTP, wasm([], ["fermyon:spin/inbound-http"]), []),
        (HTTP, wasm([], [P2, P3]), ["several-handlers"]),
        (HTTP, wasm([], ["wasi:http/handler@0.4.0"]), ["no-handler"]),
        (HTTP, wasm([], ["wasi:cli/run@0.2.0"]), ["no-handler"]),
        (HTTP, wasm([], []), ["no-handler"]),
        (HTTP, bytes(wat2wasm('(module (func (export "_start")))')), ["no-handler"]),
        (HTTP, b"\0asm\x01\0\0\0", []),
        (HTTP, b"\0asm\x0d\0\x01\0\xff\xff", []),
        (WAGI, wasm([], ["wasi:cli/run@0.2.0"]), []),
        (WAGI, bytes(wat2wasm('(module (func (export "_start")))')), []),
        (WAGI, wasm([], [P3]), ["no-handler"]),
        (REDIS, wasm([], ["fermyon:spin/inbound-redis"]), []),
        (REDIS, wasm([], [P3]), ["no-handler"]),
        (REDIS, cron(), ["no-handler"]),
        (CRON, cron(), []),
        (CRON, mqtt(), ["no-handler"]),
        (MQTT, mqtt(), []),
        (MQTT, wasm([], ["fermyon:spin/inbound-redis"]), ["no-handler"]),
        (COMMAND, wasm([], ["wasi:cli/run@0.2.0"]), []),
        (COMMAND, bytes(wat2wasm('(module (func (export "_start")))')), []),
        (COMMAND, wasm([], [P3]), ["no-handler"]),
        (HTTP, cron(), ["no-handler"]),
        (HTTP, wasm([KV], [P3]), ["ungranted-import"]),
        (HTTP + 'key_value_stores = ["default"]\n', wasm([KV], [P3]), []),
        (HTTP + 'key_value_stores = ["default"]\n', wasm([], [P3]), ["unused-grant"]),
        (HTTP + "key_value_stores = []\n", wasm([], [P3]), []),
        (HTTP, wasm([FETCH], [P3]), ["ungranted-import"]),
        (HTTP, wasm([FETCH], [P3], "ComponentizeJS"), []),
        (HTTP, wasm([KV], [P3], "ComponentizeJS"), ["ungranted-import"]),
        (HTTP, wasm([KV, FETCH], [P3], "componentize-py"), []),
        (HTTP, wasm(["wasi:sockets/tcp@0.2.0"], [P3]), []),
        (HTTP, wasm(["wasi:keyvalue/store@0.1.0"], [P3]), ["unknown-import"]),
        (HTTP, wasm(["my:own/thing"], [P3]), ["unknown-import"]),
        (HTTP + 'dependencies = { "my:own" = ">=1.0.0" }\n', wasm(["my:own/thing"], [P3]), []),
        (HTTP + 'dependencies = { "spin:key-value" = ">=1.0.0" }\n', wasm([KV], [P3]), []),
        (
            HTTP
            + 'sqlite_databases = ["default"]\ndependencies_inherit_configuration = true\n'
            + 'dependencies = { "spin:key-value" = ">=1.0.0" }\n',
            wasm([KV], [P3]),
            [],
        ),
    ],
)
def test_manifest_against_wasm(tmp_path: Path, text: str, content: bytes, codes: list[str]) -> None:
    found = problems(tmp_path, text, content)
    assert [problem.code for problem in found] == codes
    assert all(problem.span and problem.help for problem in found)


@pytest.mark.parametrize(
    "more", ["", "key_value_stores = [] # none\n", 'description = "é" # two\n']
)
def test_a_grant_is_added(tmp_path: Path, more: str) -> None:
    (problem,) = problems(tmp_path, HTTP + more, wasm([KV], [P3]))
    assert problem.fix is not None
    assert not problem.fix.safe
    fixed = apply_edits(HEAD + HTTP + more, problem.fix.edits)
    assert 'key_value_stores = ["default"]' in fixed
    assert not problems(tmp_path, fixed.removeprefix(HEAD), wasm([KV], [P3]))


def test_a_replaced_file_is_looked_at_again(tmp_path: Path) -> None:
    assert not problems(tmp_path, HTTP, wasm([], [P3]))
    assert problems(tmp_path, HTTP, wasm([KV], [P3]))
    assert not problems(tmp_path, HTTP, wasm([], [P3]))


def test_wasm_is_left_alone_unless_asked(tmp_path: Path) -> None:
    problems(tmp_path, HTTP, wasm([], []))
    assert load(tmp_path / "spin.toml").app is not None
