"""Every kind of guest Spin takes, each in a few instructions: how it is called and what it gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.componentize.modules import MEMORY, module, world
from tests.executor.harness import Running, serving
from tests.wasm.encode import encode

KINDS = Path(__file__).parents[1] / "guests" / "kinds"


def text(name: str) -> str:
    return (KINDS / f"{name}.wat").read_text()


def rc_module() -> bytes:
    """A module of 2023, its world as it was written then."""
    name = "rc-2023-10-18"
    return module(text(f"{name}.core") + MEMORY, world(text(f"{name}.world"), old=True))


SPIN_1 = """
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func (export "canonical_abi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $next (i32.add (global.get $next) (i32.add (local.get 3) (i32.const 8))))
    (i32.and (i32.sub (global.get $next) (local.get 3)) (i32.const -8)))
  (func (export "handle-http-request") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.store16 (i32.const 16) (i32.const 200))
    (i32.store8 (i32.const 32) (i32.const 1))
    (i32.store (i32.const 36) (local.get 1))
    (i32.store (i32.const 40) (local.get 2))
    (i32.const 16))
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    built = tmp_path_factory.mktemp("kinds")
    files = {
        "old": rc_module(),
        "spin": encode(text("inbound-http")),
        "spin1": module(SPIN_1),
        "command": encode(text("command")),
    }
    for name, data in files.items():
        (built / f"{name}.wasm").write_bytes(data)
    guests = {name: built / f"{name}.wasm" for name in ("old", "spin", "spin1")}
    with serving(guests, wagi={"command": built / "command.wasm"}) as running:
        yield running


def test_a_core_module_of_a_release_candidate(host: Running) -> None:
    for _ in range(2):
        answer = host.get("/old")
        assert (answer.status, answer.headers["x-from"]) == (202, "2023")
        assert answer.body == b"a line"
    assert [(stream, data) for id_, stream, data, _ in host.output if id_ == "old"] == [
        ("stdout", b"a line\n")
    ] * 2


@pytest.mark.parametrize("body", [b"", b"abc", bytes(range(256)) * 40_000])
def test_inbound_http_takes_and_gives_whole_messages(host: Running, body: bytes) -> None:
    answer = host.request("POST", "/spin/a?b=c", body)
    assert answer.status == 200
    assert answer.headers["x-from"] == "the guest"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.body == (body or b"/spin/a?b=c")


def test_inbound_http_waits_for_a_body_without_a_length(host: Running) -> None:
    answer = host.request("PUT", "/spin", iter([b"ab", b"c" * 100_000, b"d"]))
    assert answer.body == b"ab" + b"c" * 100_000 + b"d"


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "get"])
def test_inbound_http_knows_seven_methods(host: Running, method: str) -> None:
    answer = host.request(method, "/spin")
    assert (answer.status, answer.body) == (405, b"")


def test_a_client_that_leaves_before_its_body_is_whole(host: Running) -> None:
    with host.connect() as client:
        client.sendall(b"POST /spin HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc")
    assert host.get("/spin").status == 200


def test_a_component_as_a_command(host: Running) -> None:
    for _ in range(2):
        answer = host.get("/command")
        assert (answer.status, answer.body) == (200, b"from a component")


def test_a_core_module_of_spin_1(host: Running) -> None:
    assert host.get("/spin1/a?b").body == b"/spin1/a?b"
