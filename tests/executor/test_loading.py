"""Components that cannot be served: one message, which says what is wrong and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.executor.harness import serving

from spindle.component.core import wat_to_wasm
from spindle.errors import SpindleError

Guest = Callable[[str], Path]
FRAME = Path(__file__).parents[1] / "guests" / "wat"


def refusal(path: Path) -> SpindleError:
    """Why a component is refused."""
    with pytest.raises(SpindleError) as caught, serving({"root": path}):
        pass
    return caught.value


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"\0asm", b"\0asm\r\0\1\0\xff", b"\0asm\r\0\1\0\1\5", b"\0asm\1\0\0\0"],
    ids=["empty", "text", "cut in the preamble", "odd section", "cut section", "core module"],
)
def test_what_is_no_component(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "guest.wasm"
    path.write_bytes(content)
    error = refusal(path)
    assert error.message.startswith("component `root`: ")
    assert error.path == path


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("name", ["rust-p2", "wat/hello"])
def test_a_file_that_is_cut_short(guest: Guest, tmp_path: Path, name: str, part: float) -> None:
    path = tmp_path / "guest.wasm"
    whole = guest(name).read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    error = refusal(path)
    assert error.message.startswith("component `root`: ")
    assert error.path == path


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    error = refusal(tmp_path / "guest.wasm")
    assert "guest.wasm" in error.message
    assert error.path == tmp_path / "guest.wasm"


def test_an_export_no_trigger_takes(tmp_path: Path) -> None:
    path = tmp_path / "guest.wasm"
    path.write_bytes(wat_to_wasm("(component)"))
    error = refusal(path)
    assert error.code == "no-handler"
    assert "component `root` exports no HTTP handler" in error.message
    assert "it exports nothing" in error.hints


def importing(name: str, tmp_path: Path) -> Path:
    """A greeting whose component also imports the function `f` of `name`."""
    text = (FRAME / "service.wat").read_text()
    text = text.replace("(; BODY ;)", (FRAME / "empty.core.wat").read_text())
    imported = f'(import "{name}" (instance $odd (export "f" (func))))'
    lowered = '(core func $f (canon lower (func $odd "f")))'
    path = tmp_path / "guest.wasm"
    path.write_bytes(
        wat_to_wasm(text.replace("(component\n", f"(component {imported} {lowered}\n", 1))
    )
    return path


def test_an_import_of_nobody(tmp_path: Path) -> None:
    path = importing("acme:store/cache@1.0.0", tmp_path)
    error = refusal(path)
    assert "component `root`" in error.message
    assert "`acme:store/cache@1.0.0#f`" in error.message
    assert error.path == path
    assert error.hints


def test_an_import_of_nobody_that_looks_like_one_there_is(tmp_path: Path) -> None:
    error = refusal(importing("wassi:cli/environment@0.2.0", tmp_path))
    (hint,) = error.hints
    assert hint.startswith("did you mean `wasi:cli/environment@0.")


def test_an_import_of_wasi_that_is_not_called_does_no_harm(tmp_path: Path) -> None:
    with serving({"root": importing("wasi:nn/graph@0.2.0", tmp_path)}) as running:
        assert running.get("/").status == 200
