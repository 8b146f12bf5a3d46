"""Header and trailer fields: the resource `fields` of both versions of `wasi:http/types`.

Names are kept in lower case, in the order of their first value; a name's values stay together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from spindle.component.host import HostFunc
from spindle.component.values import Err, Ok
from spindle.messages import Headers

FORBIDDEN = frozenset(
    (
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
        "proxy-connection", "transfer-encoding", "upgrade", "host", "http2-settings",
    )
)  # fmt: skip
"""Fields that are the connection's affair: no guest may set them, and 0.2 guests never see them."""

SIZE_LIMIT = 128 * 1024
"""Bytes the names and values of one guest's fields may have."""

_KNOWN_LENGTH = 64
"""Characters of the longest name that is remembered as a good one."""
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_NOT_IN_VALUE = re.compile(rb"[^\t\x20-\x7e\x80-\xff]")
_LENGTH = re.compile(rb"[0-9]{1,19}")


class FieldError(Exception):
    """Fields refuse a change; `case` is the `header-error`."""

    def __init__(self, case: str) -> None:
        super().__init__(case)
        self.case = case


class Fields:
    """Fields of one message; immutable once they belong to it."""

    __slots__ = ("_size", "_values", "mutable")

    def __init__(self, values: dict[str, list[bytes]] | None = None, size: int = 0) -> None:
        self._values = {} if values is None else values
        self._size = size
        self.mutable = True

    @classmethod
    def received(cls, headers: Headers, hidden: frozenset[str] = frozenset()) -> Fields:
        """Immutable fields of a message from outside, but for those to be hidden."""
        entries = [(name.decode("latin-1").lower(), value) for name, value in headers]
        if hidden:
            entries = [entry for entry in entries if entry[0] not in hidden]
        return ReceivedFields(entries)

    @classmethod
    def of(cls, entries: Iterable[tuple[str, bytes]]) -> Fields:
        """The fields a guest lists; raises `FieldError`."""
        fields = cls()
        for name, value in entries:
            fields.append(name, value)
        return fields

    def headers(self) -> Headers:
        """The fields as a message carries them."""
        return [(name.encode("latin-1"), value) for name, value in self.entries()]

    def entries(self) -> list[tuple[str, bytes]]:
        """The fields as a guest lists them."""
        return [(name, value) for name, values in self._values.items() for value in values]

    def get(self, name: str) -> list[bytes]:
        """All values of a name."""
        return list(self._values.get(name.lower(), ()))

    def has(self, name: str) -> bool:
        """Whether a name has a value."""
        return name.lower() in self._values

    def set(self, name: str, values: list[bytes]) -> None:
        """Replace a name's values; none of them deletes it."""
        key = _checked_name(name)
        for value in values:
            _check_value(key, value)
        self._grow(_size(key, values) - _size(key, self._values.get(key, ())))
        if values:
            self._values[key] = list(values)
        else:
            self._values.pop(key, None)

    def append(self, name: str, value: bytes) -> None:
        """Add one value."""
        key = _checked_name(name)
        _check_value(key, value)
        self._grow(len(value) + (0 if key in self._values else len(key)))
        self._values.setdefault(key, []).append(value)

    def delete(self, name: str) -> list[bytes]:
        """Remove a name; its values."""
        values = self.get(name)
        self.set(name, [])
        return values

    def freeze(self) -> Fields:
        """The same fields, immutable from now on."""
        self.mutable = False
        return self

    def clone(self) -> Fields:
        """A mutable copy."""
        values = _by_name(self.entries())
        return Fields(values, sum(_size(name, all_) for name, all_ in values.items()))

    def content_length(self) -> int | None:
        """What `content-length` says; None without one."""
        values = self.get("content-length")
        return int(values[0]) if values and _LENGTH.fullmatch(values[0]) else None

    def _grow(self, change: int) -> None:
        if not self.mutable:
            raise FieldError("immutable")
        if change > 0 and self._size + change > SIZE_LIMIT:
            raise FieldError("size-exceeded")
        self._size += change


class ReceivedFields(Fields):
    """Fields of a message from outside: immutable, and as a list, for that is how guests ask."""

    __slots__ = ("_entries",)

    def __init__(self, entries: list[tuple[str, bytes]]) -> None:
        super().__init__()
        self.mutable = False
        if len(dict(entries)) != len(entries):
            entries = [(name, v) for name, values in _by_name(entries).items() for v in values]
        self._entries = entries

    def entries(self) -> list[tuple[str, bytes]]:
        """The fields as a guest lists them; not to be changed."""
        return self._entries

    def get(self, name: str) -> list[bytes]:
        """All values of a name."""
        key = name.lower()
        return [value for other, value in self._entries if other == key]

    def has(self, name: str) -> bool:
        """Whether a name has a value."""
        return bool(self.get(name))


def _by_name(entries: Iterable[tuple[str, bytes]]) -> dict[str, list[bytes]]:
    values: dict[str, list[bytes]] = {}
    for name, value in entries:
        values.setdefault(name, []).append(value)
    return values


def _size(name: str, values: Iterable[bytes]) -> int:
    sizes = [len(value) for value in values]
    return len(name) + sum(sizes) if sizes else 0


def _checked_name(name: str) -> str:
    return _known_name(name) if len(name) <= _KNOWN_LENGTH else _known_name.__wrapped__(name)


@lru_cache(maxsize=1024)
def _known_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise FieldError("invalid-syntax")
    name = name.lower()
    if name in FORBIDDEN:
        raise FieldError("forbidden")
    return name


def _check_value(name: str, value: bytes) -> None:
    if _NOT_IN_VALUE.search(value) or (name == "content-length" and not _LENGTH.fullmatch(value)):
        raise FieldError("invalid-syntax")


def answered(change: Callable[..., Any], keep: bool = False) -> HostFunc:
    """A function that answers `result<_, header-error>`, or the change's own value."""

    def answer(_task: Any, *args: Any) -> Ok | Err:
        try:
            value = change(*args)
        except FieldError as error:
            return Err(error.case)
        return Ok(value if keep else None)

    return answer


def field_functions(list_all: str) -> Mapping[str, HostFunc]:
    """The functions of `fields`; the versions differ in what listing all is called."""
    return {
        "[constructor]fields": lambda _task: Fields(),
        "[static]fields.from-list": answered(Fields.of, keep=True),
        "[method]fields.get": lambda _task, fields, name: fields.get(name),
        "[method]fields.has": lambda _task, fields, name: fields.has(name),
        "[method]fields.set": answered(Fields.set),
        "[method]fields.delete": answered(Fields.delete),
        "[method]fields.append": answered(Fields.append),
        f"[method]fields.{list_all}": lambda _task, fields: fields.entries(),
        "[method]fields.clone": lambda _task, fields: fields.clone(),
    }
