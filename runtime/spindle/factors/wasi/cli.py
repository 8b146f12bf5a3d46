"""`wasi:cli`: environment, arguments, exit, standard streams and (absent) terminals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from spindle.component.ends import BytesSource, HostFuture, Pump
from spindle.component.host import HostInterface
from spindle.component.trap import Trap
from spindle.component.values import Err, Ok
from spindle.factors.wasi.io.streams import BytesInput, OutputStream


class GuestExit(Trap):
    """The guest ended itself; `status` 0 is success."""

    code = "guest-exit"

    def __init__(self, status: int) -> None:
        super().__init__(f"the guest exited with status {status}")
        self.status = status


def _environment(task: Any) -> list[tuple[str, str]]:
    state = task.inst.state
    state.touched = True
    return list(state.environment)


def _arguments(task: Any) -> list[str]:
    state = task.inst.state
    state.touched = True
    return list(state.arguments)


def _exit(_task: Any, status: Ok | Err) -> NoReturn:
    raise GuestExit(0 if isinstance(status, Ok) else 1)


def _exit_with_code(_task: Any, status: int) -> NoReturn:
    raise GuestExit(status)


def _nothing(_task: Any) -> None:
    return None


def _interface(**functions: Callable[..., Any]) -> HostInterface:
    named = {name.replace("_", "-"): function for name, function in functions.items()}
    return HostInterface(functions=named)


def _terminals() -> Mapping[str, HostInterface]:
    """No guest has a terminal: its output goes to logs."""
    return {
        "terminal-input": HostInterface(functions={}, resources={"terminal-input": None}),
        "terminal-output": HostInterface(functions={}, resources={"terminal-output": None}),
        "terminal-stdin": _interface(get_terminal_stdin=_nothing),
        "terminal-stdout": _interface(get_terminal_stdout=_nothing),
        "terminal-stderr": _interface(get_terminal_stderr=_nothing),
    }


_EXIT = _interface(exit=_exit, exit_with_code=_exit_with_code)

INTERFACES_0_2 = {
    "environment": _interface(
        get_environment=_environment, get_arguments=_arguments, initial_cwd=_nothing
    ),
    "exit": _EXIT,
    "stdin": _interface(get_stdin=lambda task: BytesInput(task.inst.state.stdin)),
    "stdout": _interface(get_stdout=lambda task: OutputStream(task.inst.state.stdout)),
    "stderr": _interface(get_stderr=lambda task: OutputStream(task.inst.state.stderr)),
    **_terminals(),
}


def _read_stdin(task: Any) -> tuple[Any, Any]:
    data = BytesInput(task.inst.state.stdin)
    return BytesSource(data.read_nowait, lambda _wake: None), HostFuture.of(Ok(None))


def _write_all(task: Any, readable: Any, sink: Callable[[bytes], None]) -> HostFuture:
    """Pass a guest's stream to a sink; the future says when all of it is there."""
    done = HostFuture()
    Pump(task.inst.store, readable, sink, lambda: done.resolve(Ok(None)))
    return done


INTERFACES_0_3 = {
    "environment": _interface(
        get_environment=_environment, get_arguments=_arguments, get_initial_cwd=_nothing
    ),
    "exit": _EXIT,
    "types": HostInterface({}),
    "stdin": _interface(read_via_stream=_read_stdin),
    "stdout": _interface(
        write_via_stream=lambda task, data: _write_all(task, data, task.inst.state.stdout)
    ),
    "stderr": _interface(
        write_via_stream=lambda task, data: _write_all(task, data, task.inst.state.stderr)
    ),
    **_terminals(),
}
