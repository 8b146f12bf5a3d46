"""`spindle component wit` and `inspect`: what they print, whatever the file."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from tests.cli.harness import Run
from tests.wasm.encode import component, encode, unsigned

from spindle.cli.component.findings import findings_of
from spindle.cli.component.report import WIDTH, report_lines
from spindle.cli.component.wit import colored
from spindle.errors import ComponentError
from spindle.wasm.wit import render_wit
from spindle.wasm.wit_binary import read_wit

APP = """
(component $app
  (type $error (component))
  (import "wasi:http/types@0.2.3" (instance))
  (import "wasi:http/outgoing-handler@0.2.3" (instance))
  (import "wasi:cli/environment@0.2.0-rc-2023-11-10" (instance))
  (import "spin:key-value/key-value@3.0.0" (instance))
  (import "spin:key-value/key-value@9.0.0" (instance))
  (import "test:shop/till@1.0.0" (instance $till))
  (core module $main (func (export "spin-sdk-version-3-1-1")) (memory 1) (data "0123456789"))
  (component $inner (core module $deep))
  (core instance (instantiate $main))
  (instance $made (instantiate $inner))
  (export "wasi:http/incoming-handler@0.2.3" (instance $made))
  (export "test:shop/till@1.0.0" (instance $till)))
"""
LINES = """\
app.wasm  component, SIZE
  WASI      0.2.3, 0.2.0-rc-2023-11-10
  made by   Spin SDK 3.1.1

Exports                                                  called by
  wasi:http/incoming-handler@0.2.3                       trigger.http
  test:shop/till@1.0.0                                   components

Imports                                                  granted by
  spin:key-value@3.0.0    key-value                      key_value_stores
  wasi:cli@0.2.0-rc-2023-11-10
                          environment
  wasi:http@0.2.3         types
  wasi:http@0.2.3         outgoing-handler               allowed_outbound_hosts

Imports that the host lacks                              must come from
  spin:key-value/key-value@9.0.0                         a dependency
    the host has spin:key-value/key-value@3.0.0
  test:shop/till@1.0.0                                   a dependency

Structure                                                2 instances
  ├ module    main SIZE
  └ component inner SIZE
    └ module    deep SIZE
"""


def _report(data: bytes, name: str = "app.wasm", *, color: bool = False) -> str:
    return "\n".join(report_lines(name, findings_of(data), color=color)) + "\n"


def test_report() -> None:
    shown, _, _ = _report(encode(APP)).partition("\nSections")
    assert re.sub(r" +[\d.]+ k?B( +[\d.]+ %)?", " SIZE", shown) == LINES


def test_sizes_of_sections_add_up() -> None:
    data = encode(APP)
    assert sum(findings_of(data).sizes.values()) == len(data)


def test_middleware_is_known_by_importing_what_it_exports() -> None:
    data = encode(
        '(component (import "wasi:http/handler@0.3.0" (instance $i))'
        ' (export "wasi:http/handler@0.3.0" (instance $i)))'
    )
    assert findings_of(data).exports[0].trigger == "trigger.http, middleware"


def test_a_command_of_preview_1_is_called_as_one() -> None:
    data = encode(
        '(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))'
        ' (func (export "_start")))'
    )
    findings = findings_of(data)
    assert findings.wasi == ("preview 1",)
    assert findings.exports[0].trigger == "executor wagi, trigger.command"


def test_colours_change_nothing_else() -> None:
    data = encode(APP)
    assert re.sub(r"\x1b\[\d+m", "", _report(data, color=True)) == _report(data)
    wit = render_wit(read_wit(data))
    assert re.sub(r"\x1b\[\d+m", "", colored(wit)) == wit
    assert colored(wit) != wit


def test_names_move_no_cursor_and_stay_in_their_columns() -> None:
    nasty = "\x1b[2J\r\n\u202e" + "x" * 500
    names = b"\0" + unsigned(len(nasty.encode()) + 1) + unsigned(len(nasty)) + nasty.encode()
    body = unsigned(14) + b"component-name" + names
    producers = unsigned(9) + b"producers" + b"\1\1f\1"
    producers += unsigned(len(nasty.encode())) + nasty.encode() + b"\0"
    inner = component((0, unsigned(len(nasty.encode())) + nasty.encode()))
    shown = _report(component((4, inner), (0, producers), (0, body)), nasty)
    assert not set(shown) & set("\x1b\r\u202e")
    assert max(map(len, shown.splitlines())) <= WIDTH


def test_many_parts_are_counted_not_shown() -> None:
    shown = _report(component(*[(4, component())] * 5000))
    assert len(shown.splitlines()) < 100
    assert "… and 4960 more" in shown


@pytest.mark.parametrize("command", ["inspect", "wit"])
@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the file is empty"),
        (b"(component)", "this is WebAssembly text, not a binary"),
        (b"\0asm\x0d\0\x01\0\x05", "unexpected end"),
        (b"\x7fELF" + bytes(100), "not a WebAssembly binary"),
    ],
)
def test_what_is_no_component(
    command: str, data: bytes, problem: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "x.wasm").write_bytes(data)
    done = run("component", command, "x.wasm")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: x.wasm: ")
    assert problem in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("name", "problem"), [(".", "is a directory"), ("no", "does not exist")])
def test_what_is_no_file(name: str, problem: str, run: Run) -> None:
    done = run("component", "inspect", name)
    assert (done.returncode, done.stderr) == (2, f"error: `{name}` {problem}\n")


def test_json(run: Run, tmp_path: Path) -> None:
    (tmp_path / "app.wasm").write_bytes(encode(APP))
    found = json.loads(run("component", "inspect", "app.wasm", "--json").stdout)
    assert found["imports"][1] == {
        "name": "wasi:http/outgoing-handler@0.2.3",
        "hosted": True,
        "grant": "allowed_outbound_hosts",
        "nearest": None,
    }
    assert [part["name"] for part in found["outline"]["nested"]] == ["main", "inner"]
    wit = json.loads(run("component", "wit", "app.wasm", "--json").stdout)
    assert [world["name"] for world in wit["worlds"]] == ["root"]


def test_any_damage_is_one_clear_error() -> None:
    chance = random.Random(4)
    original = encode(APP)
    for _ in range(2000):
        data = bytearray(original)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        try:
            shown = _report(bytes(data))
        except ComponentError as error:
            shown = str(error)
        assert len(shown) < 20_000


def test_an_error_is_not_as_long_as_what_it_is_about(run: Run, tmp_path: Path) -> None:
    name = "a" * 10_000_000
    item = b"\0" + unsigned(len(name)) + name.encode() + b"\1\0"
    (tmp_path / "x.wasm").write_bytes(component((10, b"\2" + item + item)))
    done = run("component", "wit", "x.wasm")
    assert done.returncode == 1
    assert len(done.stderr) < 1000
