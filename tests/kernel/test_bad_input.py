"""What goes wrong in a cell is said, and the kernel goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.kernel.conftest import Notebook

ZOO = Path(__file__).parent.parent / "typed" / "zoo.wat"
BUILT = """\
spin_manifest_version = 2
[application]
name = "broken"
[[trigger.http]]
route = "/"
component = "broken"
[component.broken]
source = "broken.wasm"
[component.broken.build]
command = "echo what a pity; exit 3"
"""
HUNGRY = """(component
  (core module $M (memory 1)
    (func (export "eat")
      (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1024)) (i32.const -1))))
      unreachable))
  (core instance $m (instantiate $M))
  (func (export "eat") (canon lift (core func $m "eat"))))"""


@pytest.fixture(autouse=True)
def _goes_on(notebook: Notebook) -> object:
    """After each of them it works as ever."""
    yield
    assert notebook.text("app.get('/hello').status") == "200"


def test_a_build_that_fails(notebook: Notebook, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(BUILT)
    said = notebook.error(f"%up {tmp_path} --build")
    assert "broken" in said
    assert "Traceback" not in said


def test_memory_that_runs_out(notebook: Notebook) -> None:
    notebook.run(f"hungry = component({HUNGRY.encode()!r})")
    assert notebook.error("hungry.eat()").startswith("Trap: wasm `unreachable`")


def test_what_is_freed_and_what_never_fits(notebook: Notebook) -> None:
    notebook.run(f"zoo = component({str(ZOO)!r})\nkept = zoo.counters.Counter(3)\nkept.drop()")
    assert notebook.error("kept.next()").startswith("UnusableResource: ")
    assert notebook.error("zoo.quick(2**32)").startswith("ArgumentError: ")
    assert notebook.error("zoo.quick('1')").startswith("ArgumentError: ")
    assert "TypeError" in notebook.error("zoo.quick()")  # with the line, as in any Python
    assert notebook.error("zoo.nothing").startswith("UnknownExport: ")


def test_a_body_too_long_to_keep(notebook: Notebook) -> None:
    [shown] = notebook.run("app.post('/hello', 'x' * 5_000_000)")
    assert "of 5.0 MB; exchange " in shown["data"]["text/html"]
    assert len(shown["data"]["text/html"]) < 200_000


def test_an_application_that_is_not_there(notebook: Notebook, tmp_path: Path) -> None:
    assert "manifest-not-found" in notebook.error(f"%up {tmp_path / 'nowhere'}")
    assert notebook.error("%up . --no-such-flag").startswith("WrongFlag: ")
    assert notebook.error("%up 'unclosed").startswith("UserError: ")
