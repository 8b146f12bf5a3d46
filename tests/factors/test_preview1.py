"""Preview 1 commands: one that a C compiler made, and single functions from a few instructions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.componentize.modules import module, producers
from tests.factors.calling import run
from wasmtime import wat2wasm

from spindle.app import Mount
from spindle.component.linker import LinkError
from spindle.component.run_queue import Ticker
from spindle.component.trap import Trap
from spindle.errors import ComponentError
from spindle.factors import Clock, InstanceState
from spindle.factors.wasi.filesystem.tree import mount_tree
from spindle.factors.wasi.preview1.command import Command, run_command
from spindle.wasm.preview1 import FUNCTIONS


def execute(command: Command, **state: object) -> tuple[bytes, bytes, int]:
    """Output, errors and exit status of a run."""
    out, err = bytearray(), bytearray()
    made = InstanceState(stdout=out.extend, stderr=err.extend, **state)  # type: ignore[arg-type]  # as given
    status = asyncio.run(asyncio.wait_for(run_command(command, made), 60))
    return bytes(out), bytes(err), status


def test_arguments_environment_and_input(guest: Callable[[str], Path]) -> None:
    command = Command.load(guest("wagi"))
    out, err, status = execute(
        command,
        arguments=("/name", "", "b c"),
        environment=(("QUERY_STRING", ""), ("É", "ü=")),
        stdin=b"12345",
    )
    assert out.decode().splitlines() == [
        "Content-Type: text/plain", "", "argc=3", "argv[0]=/name", "argv[1]=", "argv[2]=b c",
        "QUERY_STRING=", "É=ü=", "stdin_bytes=5",
    ]  # fmt: skip
    assert (err, status) == (b"wagi stderr line\n", 0)


@pytest.mark.parametrize(
    ("mode", "status", "end"), [("exit1", 1, b"before exit 1"), ("binary", 0, bytes(range(256)))]
)
def test_output_and_status(
    guest: Callable[[str], Path], mode: str, status: int, end: bytes
) -> None:
    command = Command.load(guest("wagi"))
    out, _, got = execute(command, environment=(("QUERY_STRING", f"mode={mode}"),))
    assert (got, out.partition(b"\n\n")[2]) == (status, end)


def test_a_trap_is_raised(guest: Callable[[str], Path]) -> None:
    with pytest.raises(Trap, match="unreachable"):
        execute(Command.load(guest("wagi")), environment=(("QUERY_STRING", "mode=trap"),))


@pytest.mark.parametrize(
    ("version", "good"),
    [("15.0.6", False), ("14.0.0 extra", False), ("15.0.7", True), ("18.1.2-wasi-sdk (x)", True)],
)
def test_modules_of_an_unsound_c_library_are_refused(version: str, good: bool) -> None:
    text = '(memory (export "memory") 1) (func (export "_start"))'
    data = module(text, producers(clang=version))
    if good:
        assert execute(Command.load(data)) == (b"", b"", 0)
    else:
        with pytest.raises(ComponentError, match="may corrupt the module's memory"):
            Command.load(data)


def body(imports: dict[str, str], code: str, data: str = "") -> Command:
    """A command that exits with the i32 its code leaves."""
    declared = "".join(
        f'(import "wasi_snapshot_preview1" "{name}" (func ${name} {type_}))'
        for name, type_ in {"proc_exit": "(param i32)", **imports}.items()
    )
    text = f"""(module {declared} (memory (export "memory") 1) {data}
      (func (export "_start") (local i32) (call $proc_exit {code})))"""
    return Command.load(bytes(wat2wasm(text)))


OPEN = {
    "path_open": "(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)",
    "fd_read": "(param i32 i32 i32 i32) (result i32)",
}


def opened(path: str, rights: int = 2, oflags: int = 0) -> Command:
    """A command whose status is the error number of opening a path in the first directory."""
    call = f"""(call $path_open (i32.const 3) (i32.const 1) (i32.const 0) (i32.const {len(path)})
      (i32.const {oflags}) (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 100))"""
    return body(OPEN, call, f'(data (i32.const 0) "{path}")')


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (opened("a.txt"), 0),
        (opened("missing"), 44),
        (opened("../a.txt"), 63),
        (opened("out"), 63),
        (opened("a.txt", rights=2 | 64), 63),
        (opened("new", rights=64, oflags=1), 63),
        (opened("a.txt", oflags=2), 54),
    ],
)
def test_opening(tmp_path: Path, command: Command, status: int) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.txt").write_text("A")
    (tmp_path / "app" / "out").symlink_to("/etc/passwd")
    preopens = mount_tree([Mount("/", tmp_path / "app", True)])
    assert execute(command, preopens=preopens)[2] == status


def test_pointers_are_checked() -> None:
    random = {"random_get": "(param i32 i32) (result i32)"}
    assert execute(body(random, "(call $random_get (i32.const 0) (i32.const 65536))"))[2] == 0
    assert execute(body(random, "(call $random_get (i32.const 1) (i32.const 65536))"))[2] == 21
    assert execute(body(random, "(call $random_get (i32.const -1) (i32.const -1))"))[2] == 21
    write = {"fd_write": "(param i32 i32 i32 i32) (result i32)"}
    call = "(call $fd_write (i32.const {}) (i32.const 0) (i32.const {}) (i32.const 8))"
    assert execute(body(write, call.format(1, -1)))[2] == 21
    assert execute(body(write, call.format(9, 0)))[2] == 8


class QuickClock(Clock):
    """Time jumps to whatever is waited for."""

    def __init__(self) -> None:
        self.now = 1_000

    def monotonic(self) -> int:
        return self.now

    def call_at(self, when: int, callback: Callable[[], None]) -> Callable[[], None]:
        self.now = when
        return asyncio.get_running_loop().call_soon(callback).cancel


def test_sleeping_waits_without_blocking_the_host() -> None:
    poll = {"poll_oneoff": "(param i32 i32 i32 i32) (result i32)"}
    call = """(i32.sub (call $poll_oneoff
        (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 200)) (i32.const 0))"""
    # One subscription: user data 7, clock 1 (monotonic), 5,000,000,000 ns from now.
    data = r"""(data (i32.const 0) "\07") (data (i32.const 16) "\01")
      (data (i32.const 24) "\00\f2\05\2a\01")"""
    clock = QuickClock()
    assert execute(body(poll, call, data), clock=clock)[2] == 0
    assert clock.now == 1_000 + 5_000_000_000


def test_an_endless_command_can_be_stopped() -> None:
    text = '(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))'
    command = Command.load(bytes(wat2wasm(text)))

    async def test() -> None:
        task = asyncio.get_running_loop().create_task(run_command(command, InstanceState()))
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    ticker = Ticker()
    ticker.add(command.module.engine)
    run(test)
    ticker.stop()


def test_what_cannot_be_run_is_refused() -> None:
    def load(text: str) -> None:
        Command.load(bytes(wat2wasm(text)))

    start = '(memory (export "memory") 1) (func (export "_start"))'
    with pytest.raises(LinkError, match="fd_wrong"):
        load(f'(module (import "wasi_snapshot_preview1" "fd_wrong" (func)) {start})')
    with pytest.raises(LinkError, match="another type"):
        load(f'(module (import "wasi_snapshot_preview1" "fd_close" (func)) {start})')
    for text in ("", '(memory (export "memory") 1)', '(func (export "_start") (export "memory"))'):
        with pytest.raises(ComponentError, match="must export a function `_start`"):
            load(f"(module {text})")
    for text in ("(param i32)", "(result i32) (i32.const 0)"):
        with pytest.raises(ComponentError, match="without parameters or results"):
            load(f'(module (memory (export "memory") 1) (func (export "_start") {text}))')
    with pytest.raises(ComponentError, match="without parameters or results"):
        load('(module (memory (export "memory") (export "_start") 1))')


def test_all_of_preview_1_is_there() -> None:
    assert len(FUNCTIONS) == 46
