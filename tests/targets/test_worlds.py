"""Worlds, from text, from binaries and by themselves, and components compared with them."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wasmtime import wat2wasm

from spindle.composition import read_part
from spindle.targets import TargetError, World, WorldRef, local_world, misfit

PACKAGE = """
/// A package.
package a:b@1.0.0;
use c:d/types@0.2.0 as shapes;
interface plain { use shapes.{shape}; go: func(s: shape) -> result<_, string>; }
@since(version = 1.0.0)
world base { import plain; import log: func(text: string); }
/* one /* within */ another */
world %full {
  include base with { log as say };
  @unstable(feature = more) import c:d/more@0.2.0;
  use shapes.{ shape as form };
  import inner: interface { use c:d/other@0.2.0.{t}; }
  record point { x: u32 }
  export plain;
  export run: async func();
}
world loop { include loop; }
world torn { include nowhere; }
"""
USED = "package c:d@0.2.0;\ninterface types { use other.{t}; resource shape; }\ninterface other {}"


def folder(root: Path, text: str = PACKAGE) -> Path:
    (root / "deps" / "d").mkdir(parents=True)
    (root / "own.wit").write_text(text)
    (root / "deps" / "d" / "d.wit").write_text(USED)
    return root


def world(root: Path, name: str) -> World:
    (found,) = local_world(WorldRef(f"a:b/{name}@1.0.0", path="."), root)
    return found


def test_the_names_of_a_world_in_text(tmp_path: Path) -> None:
    found = world(folder(tmp_path), "full")
    assert sorted(found.imports) == [
        "a:b/plain@1.0.0",
        "c:d/other@0.2.0",
        "c:d/types@0.2.0",
        "form",
        "inner",
        "point",
        "say",
    ]
    assert list(found.exports) == ["a:b/plain@1.0.0", "run"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [("loop", "includes itself"), ("torn", "`a:b/nowhere@1.0.0` can't"), ("x", "no world `x`")],
)
def test_worlds_that_are_not_there(tmp_path: Path, name: str, problem: str) -> None:
    with pytest.raises(TargetError, match=problem):
        world(folder(tmp_path), name)


@given(st.text(alphabet="{}();:,./@%* \nabz01-") | st.text())
def test_any_text_is_read_or_explained(text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name, "a.wit").write_text("package a:b;" + text, encoding="utf-8", errors="replace")
        with contextlib.suppress(TargetError):
            world(Path(name), "w")


@pytest.mark.parametrize("path", ["none", "/dev/zero", "a\0b", "junk"])
def test_what_is_no_wit(tmp_path: Path, path: str) -> None:
    (tmp_path / "junk").write_bytes(b"\0asm\x0d\0\1\0\7\7")
    with pytest.raises(TargetError):
        local_world(WorldRef("a:b/w", path=path), tmp_path)


BINARY = """(component
  (type $w (component
    (type (component
      (import "a:b/h@0.2.3" (instance
        (export "r" (type (sub resource)))
        (export "go" (func (param "n" u32)))
        (export "[method]r.at" (func (param "self" (borrow 0)) (result u8)))))
      (export "run" (func (result u32)))))
    (export "a:b/w@1.0.0" (component (type 0)))))
  (export "w" (type $w)))"""
RUN = """(core module $m (func (export "f") (result i32) i32.const 1)) (core instance $i
  (instantiate $m)) (func (export "run") (result {0}) (canon lift (core func $i "f")))"""


def parts(wat: str) -> tuple[World, ...]:
    type_ = read_part("c", bytes(wat2wasm(f"(component {wat})"))).type
    return (World("c", type_.imports, type_.exports),)


@pytest.mark.parametrize(
    ("wat", "expected"),
    [
        (RUN.format("u32"), ""),
        (
            '(import "a:b/h@0.2.6" (instance (export "go" (func (param "n" u32)))))'
            + RUN.format("u32"),
            "",
        ),
        (
            '(import "a:b/h@0.2.0" (instance (export "r" (type $r (sub resource)))'
            '(export "[method]r.at" (func (param "self" (borrow $r)) (result u8)))))'
            + RUN.format("u32"),
            "",
        ),
        (
            '(import "a:b/h@0.3.0" (instance)) (import "x" (func))' + RUN.format("u32"),
            "The component requires the following imports, which the environment does not "
            "provide:\n  - a:b/h@0.3.0\n  - x\n",
        ),
        (
            "",
            "The environment requires the following exports, which the component does not "
            "provide:\n  - run (func)\n",
        ),
        (
            '(import "a:b/h@0.2.0" (instance (export "go" (func (param "n" u64)))))'
            + RUN.format("u32"),
            "Found a type mismatch for import a:b/h@0.2.0: export `go`: expected "
            "`func(n: u64)`, found `func(n: u32)`\n",
        ),
        (
            RUN.format("s32"),
            "Found a type mismatch for export run: expected `func() -> u32`, found "
            "`func() -> s32`\n",
        ),
    ],
)
def test_components_against_a_world_in_binary(tmp_path: Path, wat: str, expected: str) -> None:
    (tmp_path / "w.wasm").write_bytes(bytes(wat2wasm(BINARY)))
    worlds = local_world(WorldRef("a:b/w@1.0.0", path="w.wasm"), tmp_path)
    (component,) = parts(wat)
    wrong = misfit(component.imports, component.exports, worlds)
    assert ("" if wrong is None else wrong.text) == expected


def names(*names: str) -> dict[str, None]:
    return dict.fromkeys(names)


@pytest.mark.parametrize(
    ("release", "imports", "export", "fits"),
    [
        ("3.2", ["wasi:io/poll@0.2.6"], "wasi:http/incoming-handler@0.2.3", True),
        ("3.2", ["wasi:io/poll@0.3.0"], "wasi:http/incoming-handler@0.2.3", False),
        ("3.2", ["spin:postgres/postgres@4.0.0"], "wasi:http/incoming-handler@0.2.0", False),
        ("3.4", ["spin:postgres/postgres@4.0.0"], "wasi:http/incoming-handler@0.2.0", True),
        ("3.4", [], "wasi:http/handler@0.3.0", False),
        ("3.5", ["spin:postgres/postgres@4.0.0"], "wasi:http/incoming-handler@0.2.0", True),
        ("3.6", ["wasi:clocks/monotonic-clock@0.2.6"], "wasi:http/incoming-handler@0.2.6", True),
        ("3.6", ["spin:key-value/key-value@3.0.0"], "wasi:http/incoming-handler@0.2.0", False),
        ("4.0", [], "wasi:http/handler@0.3.0", False),
        ("4.1", ["wasi:http/client@0.3.0"], "wasi:http/handler@0.3.0", True),
        ("4.1", ["spin:sqlite/sqlite@3.1.0"], "wasi:http/incoming-handler@0.2.0", True),
        ("4.1", [], "fermyon:spin/inbound-redis", False),
    ],
)
def test_spins_own_worlds(release: str, imports: list[str], export: str, fits: bool) -> None:
    worlds = local_world(WorldRef(f"spin:up/http-trigger@{release}.0"), None)
    assert (misfit(names(*imports), names(export), worlds) is None) == fits


def test_the_nearest_world_is_told_of() -> None:
    far = World("far", {}, names("a", "b"))
    near = World("near", {}, names("a"))
    wrong = misfit({}, {}, (far, near, far))
    assert wrong is not None
    assert wrong.world == "near"
    assert misfit({}, names("a"), (far, near)) is None
    assert misfit({}, {}, ()) is None
