"""What a component's build is told of its dependencies."""

from __future__ import annotations

from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.wasm.encode import encode

from spindle.cli.render import Terminal
from spindle.dev.build import BuildOptions, build_app
from spindle.dev.dependency_wits import FILE, wanted_exports
from spindle.errors import UserError

SHOP = encode(
    """
(component
  (import "test:money/coins@0.1.0" (instance $coins
    (type $coin' (record (field "cents" u32)))
    (export "coin" (type (eq $coin')))))
  (import "test:unused/thing" (instance))
  (alias export $coins "coin" (type $coin))
  (type $person' (record (field "name" string)))
  (import "person" (type $person (eq $person')))
  (import "impl" (func $greet (param "who" $person)))
  (core module $echo (func (export "f") (param i32) (result i32) (local.get 0)))
  (core instance $echo (instantiate $echo))
  (type $shelf (resource (rep i32)))
  (func $count (param "self" (borrow $shelf)) (result u32) (canon lift (core func $echo "f")))
  (func $pay (param "price" $coin) (result $coin) (canon lift (core func $echo "f")))
  (component $stock
    (import "shelf" (type $shelf (sub resource)))
    (import "count" (func $count (param "self" (borrow $shelf)) (result u32)))
    (export $exported "shelf" (type $shelf))
    (export "[method]shelf.count" (func $count)
      (func (param "self" (borrow $exported)) (result u32))))
  (component $till
    (type $coin' (record (field "cents" u32)))
    (import "coin" (type $coin (eq $coin')))
    (import "pay" (func $pay (param "price" $coin) (result $coin)))
    (export $exported "coin" (type $coin))
    (export "pay" (func $pay) (func (param "price" $exported) (result $exported))))
  (instance $stock
    (instantiate $stock (with "shelf" (type $shelf)) (with "count" (func $count))))
  (instance $till (instantiate $till (with "coin" (type $coin)) (with "pay" (func $pay))))
  (export "test:shop/stock@1.2.0" (instance $stock))
  (export "test:shop/till@1.2.0" (instance $till))
  (export "greet" (func $greet)))
"""
)
COINS = """\

package test:money@0.1.0 {
  interface coins {
    record coin {
      cents: u32,
    }
  }
}
"""
TILL = """\
  interface till {
    use test:money/coins@0.1.0.{coin};
    pay: func(price: coin) -> coin;
  }
"""
STOCK = """\
  interface stock {
    resource shelf {
      count: func() -> u32;
    }
  }
"""


class Built(NamedTuple):
    """What a build left behind."""

    wit: str | None
    warnings: list[str]


def build(root: Path, dependencies: str, *, more: str = "", generate: bool = True) -> Built:
    """Build an application of one component with dependencies."""
    (root / "shop.wasm").write_bytes(SHOP)
    (root / "a").mkdir(exist_ok=True)
    for id_ in ("a", "b"):
        (root / f"{id_}.wasm").touch()
    (root / "spin.toml").write_text(
        'spin_manifest_version = 2\napplication = { name = "x" }\n'
        '[[trigger.http]]\nroute = "/..."\ncomponent = "a"\n'
        f'[component.a]\nsource = "a.wasm"\nbuild = {{ command = "true", workdir = "a" }}\n'
        f"[component.a.dependencies]\n{dependencies}\n{more}"
    )
    options = BuildOptions(root / "spin.toml", generate_wits=generate)
    said = StringIO()
    with (root / "output").open("w") as output, redirect_stderr(said):
        build_app(options, Terminal(output))
    file = root / "a" / FILE
    warnings = [line for line in said.getvalue().splitlines() if f"no `{FILE}`" in line]
    return Built(file.read_text() if file.exists() else None, warnings)


@pytest.mark.parametrize(
    ("dependency", "imports", "packages"),
    [
        (
            '"test:shop" = { path = "shop.wasm" }',
            "  import test:shop/stock@1.2.0;\n  import test:shop/till@1.2.0;\n",
            COINS + "\npackage test:shop@1.2.0 {\n" + STOCK + "\n" + TILL + "}\n",
        ),
        (
            '"test:shop/stock@1.2.0" = { path = "shop.wasm" }',
            "  import test:shop/stock@1.2.0;\n",
            "\npackage test:shop@1.2.0 {\n" + STOCK + "}\n",
        ),
        (
            '"my:own/box" = { path = "shop.wasm", export = "test:shop/stock@1.2.0" }',
            "  import my:%own/box;\n",
            "\npackage my:%own {\n" + STOCK.replace("stock", "box") + "}\n",
        ),
        (
            'greet = { path = "shop.wasm" }',
            "  import greet: func(who: person);\n  record person {\n    name: string,\n  }\n",
            "",
        ),
        (
            'greet = { path = "shop.wasm" }\n"test:shop/till" = { path = "shop.wasm" }',
            "  import greet: func(who: person);\n  record person {\n    name: string,\n  }\n"
            "  import test:shop/till@1.2.0;\n",
            COINS + "\npackage test:shop@1.2.0 {\n" + TILL + "}\n",
        ),
    ],
    ids=["package", "interface", "alias", "function", "several"],
)
def test_what_is_written(dependency: str, imports: str, packages: str, tmp_path: Path) -> None:
    built = build(tmp_path, dependency)
    assert built.warnings == []
    assert built.wit is not None
    comment, package, rest = built.wit.partition("package root:component;\n")
    assert comment.startswith("// This file is automatically generated by Spindle")
    assert package + rest == f"package root:component;\n\nworld root {{\n{imports}}}\n{packages}"


@pytest.mark.parametrize(
    ("dependency", "problem"),
    [
        ('"test:shop/tilt" = { path = "shop.wasm" }', "it doesn't export `test:shop/tilt`"),
        ('"test:shop@9.0.0" = { path = "shop.wasm" }', "it doesn't export `test:shop@9.0.0`"),
        ('"test:shop/till" = { path = "none.wasm" }', "can't be read: no such file"),
        ('"test:shop/till" = { path = "spin.toml" }', "not a WebAssembly binary"),
        ('"test:shop/till" = { path = "a" }', "can't be read: is a directory"),
    ],
)
def test_what_goes_wrong_is_said_and_the_build_goes_on(
    dependency: str, problem: str, tmp_path: Path
) -> None:
    built = build(tmp_path, dependency)
    assert built.wit is None
    [warning] = built.warnings
    assert problem in warning


def test_without_dependencies_what_is_left_of_a_file_goes(tmp_path: Path) -> None:
    assert build(tmp_path, 'greet = { path = "shop.wasm" }').wit is not None
    assert build(tmp_path, "").wit is None


def test_a_file_of_the_person_s_own_stays(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / FILE).write_text("package my:own;\n")
    assert build(tmp_path, "") == Built("package my:own;\n", [])
    built = build(tmp_path, 'greet = { path = "shop.wasm" }')
    assert built.wit == "package my:own;\n"
    assert len(built.warnings) == 1


def test_nothing_is_written_where_nothing_is_asked_for(tmp_path: Path) -> None:
    assert build(tmp_path, 'greet = { path = "shop.wasm" }', generate=False).wit is None


def test_an_unchanged_file_is_not_written_again(tmp_path: Path) -> None:
    build(tmp_path, 'greet = { path = "shop.wasm" }')
    before = (tmp_path / "a" / FILE).stat().st_mtime_ns
    build(tmp_path, 'greet = { path = "shop.wasm" }')
    assert (tmp_path / "a" / FILE).stat().st_mtime_ns == before


def test_a_neighbour_without_dependencies_removes_nothing(tmp_path: Path) -> None:
    neighbour = '[component.b]\nsource = "b.wasm"\nbuild = { command = "true", workdir = "a" }\n'
    assert build(tmp_path, 'greet = { path = "shop.wasm" }', more=neighbour).wit is not None


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("a:b", ["a:b/c@1.0.0", "a:b/d@1.0.0"]),
        ("a:b@1.0.0", ["a:b/c@1.0.0", "a:b/d@1.0.0"]),
        ("a:b/c", ["a:b/c@1.0.0"]),
        ("f", ["f"]),
        ("a", None),
        ("a:b/c@1.0.1", None),
    ],
)
def test_names(name: str, wanted: list[str] | None) -> None:
    exports = ["a:b/c@1.0.0", "a:b/d@1.0.0", "a:bb/c", "f"]
    if wanted is None:
        with pytest.raises(UserError, match="doesn't export"):
            wanted_exports(name, None, exports)
    else:
        assert list(wanted_exports(name, None, exports)) == wanted
