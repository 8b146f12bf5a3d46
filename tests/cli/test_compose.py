"""`spindle component compose`, as a process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.harness import Run
from tests.composition.parts import consumer, provider
from tests.wasm.encode import encode

from spindle.component.component import Component
from spindle.wasm.decoder import decode

HANDLER = "wasi:http/handler@0.3.0"
APP = consumer("(call $f0 (local.get $n))", ("test:math/next@1.0.0", "next"), export=HANDLER)
NEXT = provider("test:math/next@1.0.2", "next", "(i32.add (local.get $n) (i32.const 1))")
DOUBLES = consumer(
    "(i32.mul (call $f0 (local.get $n)) (i32.const 2))", (HANDLER, "handle"), export=HANDLER
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A directory with components and a core module."""
    texts = {
        "app": APP,
        "next": NEXT,
        "exact": NEXT.replace("1.0.2", "1.0.0"),
        "misfit": NEXT.replace("(result u32)", "(result s32)"),
        "double": DOUBLES,
        "module": "(module)",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.wasm").write_bytes(encode(text))
    return tmp_path


@pytest.fixture
def answer(files: Path) -> Callable[[int], int]:
    """Calls the handler of `out.wasm`."""

    def call(number: int) -> int:
        instance = Component.load(files / "out.wasm").instantiate()
        try:
            answered: int = instance.func(HANDLER, "handle").call(number)
            return answered
        finally:
            instance.close()

    return call


@pytest.mark.parametrize(
    "plug", ["next.wasm", "test:math=exact.wasm", "test:math/next@1.0.0=exact.wasm"]
)
def test_plugs(run: Run, files: Path, answer: Callable[[int], int], plug: str) -> None:
    done = run("component", "compose", "app.wasm", "--plug", plug, "-o", "out.wasm", cwd=files)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("out.wasm: ")
    assert done.stderr.endswith(" bytes, 2 components in one\n")
    assert answer(4) == 5


def test_middleware(run: Run, files: Path, answer: Callable[[int], int]) -> None:
    middleware = ["--middleware", "double.wasm", "--middleware", "double.wasm"]
    done = run(
        "component", "compose", "app.wasm", "--plug", "next.wasm", *middleware, "-o", "out.wasm",
        cwd=files,
    )  # fmt: skip
    assert done.returncode == 0
    assert answer(4) == 20


def test_a_file_name_may_hold_an_equals_sign(run: Run, files: Path) -> None:
    (files / "next.wasm").rename(files / "v.1=next.wasm")
    done = run(
        "component", "compose", "app.wasm", "--plug", "v.1=next.wasm", "-o", "out.wasm", cwd=files
    )
    assert done.returncode == 0
    assert decode((files / "out.wasm").read_bytes())


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["app.wasm"], 2, "nothing to compose: give `--plug` or `--middleware`"),
        (["none.wasm", "--plug", "next.wasm"], 2, "`none.wasm` does not exist"),
        (["app.wasm", "--plug", "a=none.wasm"], 2, "`none.wasm` does not exist"),
        (["app.wasm", "--plug", "."], 2, "`.` is a directory"),
        (["app.wasm", "--plug", "math=next.wasm"], 1, "`math` doesn't match any import"),
        (["app.wasm", "--plug", "app.wasm"], 1, "exports nothing that `app.wasm` imports"),
        (["app.wasm", "--plug", "misfit.wasm"], 1, "expected `func(n: u32) -> u32`, found"),
        (["app.wasm", "--middleware", "next.wasm"], 1, f"`next.wasm` doesn't import `{HANDLER}`"),
        (["module.wasm", "--plug", "next.wasm"], 1, "module.wasm: "),
    ],
)
def test_what_cannot_be_composed(
    run: Run, files: Path, args: list[str], code: int, message: str
) -> None:
    done = run("component", "compose", *args, "-o", "out.wasm", cwd=files)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.startswith("error: ")
    assert not (files / "out.wasm").exists()


def test_a_result_that_cannot_be_written(run: Run, files: Path) -> None:
    done = run("component", "compose", "app.wasm", "--plug", "next.wasm", "-o", "no/out", cwd=files)
    assert done.returncode == 2
    assert done.stderr == "error: `no/out` can't be written: no such file or directory\n"
