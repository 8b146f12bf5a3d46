"""JSON-RPC 2.0: messages to answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from spindle import __version__
from spindle.client.run_file import PROTOCOL
from spindle.errors import SpindleError

Params = Mapping[str, Any]
Method = Callable[[Params], object]
"""Takes the named parameters, returns what JSON can say, a `Following`, or an awaitable of either.

Raises `BadParams` for wrong parameters, `SpindleError` for what a person should be told.
"""
Answer = dict[str, object]

INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REFUSED = -32000
"""What was asked can't be done, and the message says why; `data.hints` what to do.

`data.exit_code` is what a command ends with for it, `data.column` and `data.length` where in a
filter it is.
"""

CANCELLED = -32800
"""Whoever called wants no answer any more."""


class BadParams(ValueError):
    """A call's parameters are not what its method takes."""


def answer_to(
    message: object, methods: Mapping[str, Method]
) -> Answer | Awaitable[Answer | None] | None:
    """The answer to a message, or an awaitable of it; None to a notification."""
    if not isinstance(message, dict) or not isinstance(message.get("method"), str):
        return failure(None, INVALID_REQUEST, "the message is no request")
    id_, name, params = message.get("id"), message["method"], message.get("params", {})
    answer: Answer | Awaitable[Answer]
    if not isinstance(params, dict):
        answer = failure(id_, INVALID_PARAMS, "parameters are passed by name")
    elif name == "initialize":
        answer = _introduced(id_, params)
    elif (method := methods.get(name)) is None:
        answer = failure(id_, METHOD_NOT_FOUND, f"there is no method `{name}`")
    else:
        answer = _called(id_, method, params)
    if "id" in message:
        return answer
    return _unheard(answer) if isinstance(answer, Awaitable) else None


def _introduced(id_: object, params: Params) -> Answer:
    if params.get("protocol") != PROTOCOL:
        return failure(id_, INVALID_PARAMS, f"this host speaks protocol {PROTOCOL}")
    return _success(id_, {"protocol": PROTOCOL, "version": __version__})


def _called(id_: object, method: Method, params: Params) -> Answer | Awaitable[Answer]:
    try:
        result = method(params)
    except Exception as error:
        return _failed(id_, error)
    return _awaited(id_, result) if isinstance(result, Awaitable) else _success(id_, result)


async def _awaited(id_: object, result: Awaitable[object]) -> Answer:
    try:
        return _success(id_, await result)
    except Exception as error:
        return _failed(id_, error)


async def _unheard(answer: Awaitable[Answer]) -> None:
    await answer


def _failed(id_: object, error: Exception) -> Answer:
    match error:
        case BadParams():
            return failure(id_, INVALID_PARAMS, str(error))
        case SpindleError():
            more: Answer = {"hints": list(error.hints), "exit_code": int(error.exit_code)}
            if isinstance(column := getattr(error, "column", None), int):
                more |= {"column": column, "length": getattr(error, "length", 0)}
            return failure(id_, REFUSED, error.message, more)
    return failure(id_, INTERNAL_ERROR, f"{type(error).__name__}: {error}")


def _success(id_: object, result: object) -> Answer:
    return {"jsonrpc": "2.0", "id": id_, "result": result}


def failure(id_: object, number: int, message: str, data: object = None) -> Answer:
    """An answer that says what is wrong."""
    error: Answer = {"code": number, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "id": id_, "error": error}
