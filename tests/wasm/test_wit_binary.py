"""What binaries say in WIT: packages, modules that are to be components, and their comments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wasm.encode import component, encode, unsigned

from spindle.wasm.reader import DecodeError
from spindle.wasm.wit import render_wit
from spindle.wasm.wit_binary import read_wit
from spindle.wasm.wit_docs import Docs, read_docs
from spindle.wasm.wit_json import wit_to_json

PACKAGES = Path(__file__).parent / "packages"
MODULE = b"\0asm\1\0\0\0"


def custom(name: str, body: bytes) -> bytes:
    """A custom section."""
    content = unsigned(len(name)) + name.encode() + body
    return b"\0" + unsigned(len(content)) + content


def package() -> bytes:
    """A WIT package with comments."""
    docs = b"\1" + (PACKAGES / "shop.json").read_bytes()
    return encode((PACKAGES / "shop.wat").read_text()) + custom("package-docs", docs)


def world(name: str, *imports: str) -> bytes:
    """A WIT package of one world."""
    items = " ".join(f'(import "{item}" (func))' for item in imports)
    return encode(
        f'(component (type $w (component (export "test:{name}/{name}" (component {items}))))'
        f' (export "{name}" (type $w)))'
    )


def test_a_package_is_rendered_with_its_comments() -> None:
    assert render_wit(read_wit(package())) == (PACKAGES / "shop.wit").read_text()


def test_a_module_has_the_world_of_its_section() -> None:
    data = MODULE + custom("component-type:bindings", world("one", "f"))
    assert render_wit(read_wit(data)) == (
        "package test:one;\n\nworld one {\n  import f: func();\n}\n"
    )


def test_worlds_of_several_sections_become_one() -> None:
    data = MODULE + custom("component-type:a", world("one", "f"))
    data += custom("component-type", world("two", "g", "f"))
    assert render_wit(read_wit(data)) == (
        "package root:component;\n\nworld root {\n  import f: func();\n  import g: func();\n}\n"
    )


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (MODULE, "a core module without a `component-type` section"),
        (MODULE + custom("component-type", component()), "holds no world"),
        (MODULE + custom("component-type", b"x"), "not a WebAssembly binary"),
        (MODULE + custom("component-type", world("one")[:-3]), "left"),
    ],
)
def test_what_has_no_wit_says_so(data: bytes, problem: str) -> None:
    with pytest.raises(DecodeError, match=problem):
        read_wit(data)


@pytest.mark.parametrize(
    "section",
    [b"", b"\0", b"\1{", b"\1[]", b'\1{"interfaces": 7}', b"\1" + b"[" * 100_000, b"\xff"],
)
def test_comments_that_make_no_sense_are_left_out(section: bytes) -> None:
    docs = read_docs(section)
    assert list(docs.of("interfaces", "stock").lines()) == []


KEYS = st.sampled_from(["docs", "stability", "stable", "since", "unstable", "feature"])
NODES = st.recursive(st.none() | st.text() | st.integers(), lambda c: st.dictionaries(KEYS, c))


@given(NODES)
def test_comments_control_no_terminal(node: object) -> None:
    for line in Docs(node).lines():
        assert "\x1b" not in line
        assert "\n" not in line


def test_json_has_the_same() -> None:
    shop: Any = wit_to_json(read_wit(package()))
    assert shop["package"] == "test:shop@1.2.0"
    stock, till = shop["interfaces"]
    assert stock["items"][:2] == [
        {"name": "size", "kind": "type", "type": "enum { small, large }"},
        {"name": "shelf", "kind": "type", "type": "resource"},
    ]
    assert till["items"][-1] == {
        "name": "pay",
        "kind": "func",
        "async": False,
        "params": [{"name": "from", "type": "borrow<shelf>"}],
        "result": "list<coin>",
    }
