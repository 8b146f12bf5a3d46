"""Tests for pytest that expect of an application what it answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from spindle.history.exports.request import Sent, body_of

Json = dict[str, Any]

LARGEST = 16 * 1024
"""Bytes of a body that is expected whole."""


def pytest_cases(pairs: list[tuple[Json, Sent]]) -> str:
    """A module of tests that run with `pytest --spindle`."""
    taken: set[str] = set()
    return "\n\n\n".join("\n".join(_case(*pair, taken)) for pair in pairs) + "\n"


def _case(document: Json, sent: Sent, taken: set[str]) -> Iterator[str]:
    yield f"def {_name(sent, taken)}(app):"
    for remark in sent.remarks:
        yield f"    # {remark}"
    yield f"    exchange = app.request({_arguments(sent)})"
    answer = document.get("output")
    if not isinstance(answer, dict) or "status" not in answer:
        yield "    assert exchange.trap is not None"
        return
    yield f"    assert exchange.status == {int(answer['status'])}"
    yield from (f"    assert {check}" for check in _checks(answer))


def _arguments(sent: Sent) -> str:
    arguments = [ascii(sent.method), ascii(sent.path)]
    if sent.headers:
        arguments.append(f"headers={list(sent.headers)!a}")
    if sent.body:
        arguments.append(f"body={sent.body!r}")
    return ", ".join(arguments)


def _checks(answer: Json) -> Iterator[str]:
    body, kept = answer.get("body") or {}, body_of(answer)
    if body.get("size", 0) > len(kept) or len(kept) > LARGEST:
        return
    if any(name.lower() == "content-type" and "json" in value for name, value in _fields(answer)):
        with suppress(ValueError, RecursionError):
            yield f"exchange.json() == {json.loads(kept, parse_constant=_refuse)!a}"
            return
    try:
        yield f"exchange.text == {kept.decode()!a}"
    except UnicodeDecodeError:
        yield f"exchange.body == {kept!r}"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _fields(answer: Json) -> Iterator[tuple[str, str]]:
    for name, value in answer.get("headers") or ():
        yield str(name), str(value)


def _name(sent: Sent, taken: set[str]) -> str:
    path = sent.path.partition("?")[0]
    words = re.findall(r"[a-z0-9]+", f"{sent.method} {path}".lower())
    name = "_".join(["test", *words])[:60]
    number = 2
    unique = name
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    taken.add(unique)
    return unique
