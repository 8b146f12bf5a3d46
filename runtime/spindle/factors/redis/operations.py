"""What guests do with Redis, whichever version of the interface they ask by.

Each takes the connection and the function's arguments; all may raise `RedisError`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from spindle.factors.redis.connection import RedisConnection
from spindle.factors.redis.errors import RedisError
from spindle.factors.redis.resp import ErrorReply, Map, Push, Reply, Status, Verbatim

MOST_BYTES = 128 << 20
"""Bytes of one result that guests are given, as in Spin."""
RESULT_BYTES = 32
"""What one `redis-result` counts for besides its bytes."""

Operation = Callable[..., Awaitable[Any]]
Parameter = tuple[str, int | bytes]
"""The variant `redis-parameter`."""
Result = tuple[str, int | str | bytes] | str
"""The variant `redis-result`."""


async def publish(connection: RedisConnection, channel: str, payload: bytes) -> None:
    """Publish a message."""
    await connection.call(b"PUBLISH", channel.encode(), payload)


async def get(connection: RedisConnection, key: str) -> bytes | None:
    """A key's value."""
    reply = await connection.call(b"GET", key.encode())
    if reply is not None and not isinstance(reply, bytes):
        raise _unexpected(reply)
    _check_size(0 if reply is None else len(reply))
    return reply


async def set_value(connection: RedisConnection, key: str, value: bytes) -> None:
    """Set a key's value."""
    await connection.call(b"SET", key.encode(), value)


async def incr(connection: RedisConnection, key: str) -> int:
    """Add one to a number; the new number."""
    return _number(await connection.call(b"INCR", key.encode()))


async def delete(connection: RedisConnection, keys: Sequence[str]) -> int:
    """Remove keys; how many there were."""
    return _number(await connection.call(b"DEL", *_encoded(keys)))


async def sadd(connection: RedisConnection, key: str, values: Sequence[str]) -> int:
    """Add to a set; how many were not in it."""
    reply = await connection.call(b"SADD", key.encode(), *_encoded(values))
    if not isinstance(reply, int):
        raise RedisError("type-error")
    return reply


async def smembers(connection: RedisConnection, key: str) -> list[str]:
    """All members of a set."""
    reply = await connection.call(b"SMEMBERS", key.encode())
    if not isinstance(reply, list):
        raise _unexpected(reply)
    try:
        return [member.decode() for member in reply]
    except UnicodeDecodeError:
        raise RedisError("other", f"a member of the set `{key}` is not UTF-8") from None


async def srem(connection: RedisConnection, key: str, values: Sequence[str]) -> int:
    """Remove from a set; how many were in it."""
    return _number(await connection.call(b"SREM", key.encode(), *_encoded(values)))


async def execute(
    connection: RedisConnection, command: str, arguments: Sequence[Parameter]
) -> list[Result]:
    """Send any command; what is nested in the reply comes one after the other."""
    parts = [b"%d" % value if isinstance(value, int) else bytes(value) for _, value in arguments]
    results = list(_flat(await connection.call(command.encode(), *parts)))
    _check_size(sum(RESULT_BYTES + _size(result) for result in results))
    return results


def _encoded(texts: Sequence[str]) -> Iterator[bytes]:
    return (text.encode() for text in texts)


def _number(reply: Reply) -> int:
    if not isinstance(reply, int):
        raise _unexpected(reply)
    return reply


def _unexpected(reply: Reply) -> RedisError:
    """A connection in a transaction answers `QUEUED` to everything, for one."""
    what = f"`{reply}`" if isinstance(reply, Status) else f"a reply of type {type(reply).__name__}"
    return RedisError("other", f"the server answered {what}, which is no answer to this command")


def _flat(reply: Reply) -> Iterator[Result]:
    match reply:
        case None:
            yield "nil"
        case Status():
            yield ("status", str(reply))
        case bool() | int():
            yield ("int64", int(reply))
        case float():
            yield ("binary", _decimal(reply).encode())
        case Map() | Push() | Verbatim():
            raise RedisError("other", f"{_KINDS[type(reply)]} can't be passed to a guest")
        case bytes():
            yield ("binary", reply)
        case ErrorReply():
            raise RedisError("other", reply)
        case list():
            for item in reply:
                yield from _flat(item)


_KINDS: dict[type, str] = {
    Map: "a map among a command's results",
    Push: "a message of a subscription",
    Verbatim: "a string with a format",
}


def _decimal(number: float) -> str:
    """As Rust writes it: without an exponent, and whole numbers without a point."""
    from decimal import Decimal  # only here: few replies are such

    text = format(Decimal(repr(number)), "f") if abs(number) < float("inf") else str(number)
    return text.removesuffix(".0") if text != "nan" else "NaN"


def _size(result: Result) -> int:
    value = result[1]
    return len(value) if isinstance(result, tuple) and isinstance(value, (bytes, str)) else 0


def _check_size(size: int) -> None:
    if size > MOST_BYTES:
        raise RedisError("other", f"query result exceeds limit of {MOST_BYTES} bytes")
