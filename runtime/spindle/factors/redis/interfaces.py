"""The interfaces Redis is reached by: Spin's three generations.

Versions 2 and 3 differ in being asynchronous alone; the first names the address at every call.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from spindle.component.host import HostFunc, HostInterface
from spindle.exchange import Secret
from spindle.factors.answering import Work, answered, seen
from spindle.factors.outbound_url import without_password
from spindle.factors.redis import operations
from spindle.factors.redis.errors import RedisError
from spindle.factors.redis.operations import Operation
from spindle.factors.redis.resource import Connection

_OPERATIONS: dict[str, Operation] = {
    "publish": operations.publish,
    "get": operations.get,
    "set": operations.set_value,
    "incr": operations.incr,
    "del": operations.delete,
    "sadd": operations.sadd,
    "smembers": operations.smembers,
    "srem": operations.srem,
    "execute": operations.execute,
}
_SECRETIVE = frozenset(("auth", "hello", "acl", "config", "migrate"))
"""Commands whose arguments may be passwords."""


async def _open(task: Any, address: str) -> Connection:
    state = task.inst.state
    connection: Connection = await state.factors["redis"].open(state, address)
    return connection


def _held(operation: Operation) -> Work:
    async def work(task: Any, connection: Connection, *args: Any) -> Any:
        state = task.inst.state
        return await state.factors["redis"].use(state, connection.link, operation, *args)

    return work


def _addressed(operation: Operation) -> Work:
    async def work(task: Any, address: str, *args: Any) -> Any:
        state = task.inst.state
        return await state.factors["redis"].use_once(state, address, operation, *args)

    return work


async def _get_or_empty(*args: Any) -> bytes:
    value: bytes | None = await _addressed(operations.get)(*args)
    return value or b""


def _seen(args: tuple[Any, ...]) -> object:
    """Arguments without passwords: the first may be an address, the rest a command's."""
    first, *rest = args
    if isinstance(first, str):
        first = without_password(first)
    if len(rest) == 2 and isinstance(rest[1], list) and rest[0].lower() in _SECRETIVE:
        rest[1] = Secret(rest[0])
    return seen((first, *rest))


def _spelled(error: RedisError) -> Any:
    return error.spelled


def _spelled_unversioned(_error: RedisError) -> str:
    return "error"


def _resource(interface: str) -> HostInterface:
    works: dict[str, Work] = {"[static]connection.open": _open}
    works |= {f"[method]connection.{name}": _held(it) for name, it in _OPERATIONS.items()}
    functions = {
        name: answered(interface, name.partition(".")[2], work, _spelled, seen_args=_seen)
        for name, work in works.items()
    }
    return HostInterface(functions, {"connection": Connection.close})


def _unversioned(interface: str) -> dict[str, HostFunc]:
    works = {name: _addressed(it) for name, it in _OPERATIONS.items()} | {"get": _get_or_empty}
    function = partial(answered, interface, spelling=_spelled_unversioned, seen_args=_seen)
    return {name: function(func=name, work=work) for name, work in works.items()}


INTERFACES = {
    "fermyon:spin/redis": HostInterface(_unversioned("fermyon:spin/redis")),
    "fermyon:spin/redis-types": HostInterface({}),
    **{name: _resource(name) for name in ("fermyon:spin/redis@2.0.0", "spin:redis/redis@3.0.0")},
}
