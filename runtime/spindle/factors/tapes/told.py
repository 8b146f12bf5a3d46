"""Which host functions go by a tape, how what they are asked is written, and how they can fail."""

from __future__ import annotations

import re
from typing import Any

from spindle.component.ends import HostFuture, ItemsSource
from spindle.component.host import HostFunc
from spindle.component.values import Err, Ok
from spindle.exchange import plain_json
from spindle.factors.answering import seen

_ERRORS: dict[str, str] = {
    "fermyon:spin/key-value": "other",
    "spin:key-value/key-value": "other",
    "wasi:keyvalue/": "other",
    "fermyon:spin/sqlite": "io",
    "spin:sqlite/sqlite": "io",
    "fermyon:spin/variables": "other",
    "spin:variables/variables": "other",
    "fermyon:spin/config": "other",
    "wasi:config/store": "upstream",
    "fermyon:spin/redis": "other",
    "spin:redis/redis": "other",
    "fermyon:spin/mysql": "other",
    "spin:mysql/mysql": "other",
    "fermyon:spin/postgres": "other",
    "spin:postgres/postgres": "other",
    "fermyon:spin/mqtt": "other",
    "spin:mqtt/mqtt": "other",
    "fermyon:spin/llm": "runtime-error",
}
"""The interfaces that go by a tape, by how their names begin, and the case of an error of each."""
_UNVERSIONED = {"fermyon:spin/redis": "error", "fermyon:spin/key-value": "io"}
"""Those whose errors are otherwise without a version, which is a case without a text or with."""
_OF_VARIABLES = frozenset(
    (
        "fermyon:spin/variables",
        "spin:variables/variables",
        "fermyon:spin/config",
        "wasi:config/store",
    )
)
"""Those of them whose answers may be secrets."""
_PASSWORD = re.compile(r"(://[^:/?#@\s]*:)[^@/?#\s]*(?=@)|(\bpassword=)\S+", re.I)
_SECRETIVE = frozenset(("auth", "hello", "acl", "config", "migrate"))
"""Commands of Redis whose arguments may be passwords."""


def by_tape(interface: str, func: str, real: HostFunc) -> HostFunc:
    """A host function by way of its caller's tape, if it is told things that differ: interposer."""
    if _family(interface) is None:
        return real

    def ask(task: Any, *args: Any) -> Any:
        tape = task.inst.state.tape
        if tape is None:
            return real(task, *args)
        return tape.ask(task, interface, func, args, lambda: real(task, *args))

    return ask


def shown_args(interface: str, func: str, args: tuple[Any, ...]) -> Any:
    """Arguments as they are recorded and known again by: as JSON, and without passwords."""
    shown = list(args)
    if "mqtt" in interface and func.endswith(".open"):
        shown[2] = ""
    if "redis" in interface and func.endswith("execute") and shown[1].lower() in _SECRETIVE:
        shown[2] = []
    return _without_passwords(plain_json(seen(shown)))


def short_name(func: str) -> str:
    """A function without its resource, as it is called in records of calls."""
    return func.partition(".")[2] or func


def failure(interface: str, func: str, why: str) -> Any:
    """What a function answers when nobody can: an error, as its interface has it."""
    family = _family(interface)
    assert family is not None, "only functions that go by a tape fail so"
    case: Any = (_ERRORS[family], why)
    if interface in _UNVERSIONED:
        case = _UNVERSIONED[interface]
    if interface == "spin:key-value/key-value@3.0.0" and func.endswith(".get-keys"):
        return ItemsSource(), HostFuture.of(Err(case))
    return Err(case)


def is_secret(interface: str, task: Any, args: tuple[Any, ...], result: Any) -> bool:
    """Whether an answer has the value of a secret variable in it."""
    if _family(interface) not in _OF_VARIABLES or not isinstance(result, Ok):
        return False
    state = task.inst.state
    secret = state.factors["variables"].secret
    names = args or [name for name, _ in result.value or ()]
    return any(secret(state.component_id, name) is not None for name in names)


def _family(interface: str) -> str | None:
    return next((family for family in _ERRORS if _begins(interface, family)), None)


def _begins(interface: str, family: str) -> bool:
    rest = interface.removeprefix(family)
    return rest != interface and (not rest or rest[0] == "@" or family[-1] == "/")


def _without_passwords(value: Any) -> Any:
    if isinstance(value, str):
        return _PASSWORD.sub(r"\1\2***", value)
    if isinstance(value, list):
        return [_without_passwords(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_passwords(item) for key, item in value.items()}
    return value
