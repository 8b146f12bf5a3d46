"""What front ends ask about key-value stores: the control endpoint's `kv/…`.

`store` is a label, `default` if not given; where a `component` is named, it must be granted that
store. A value is a document `{size, encoding, data}`: text where its bytes are UTF-8, else base64.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from spindle.dev.control import BadParams, Method, Params
from spindle.errors import HostError, UserError
from spindle.exchange import Body
from spindle.factors.key_value import DEFAULT, Backend, KeyValueError, Store
from spindle.text import nearest_name

Document = dict[str, object]

LARGEST = 40 << 20
"""Bytes of a value that a front end can be sent, for messages have a limit."""


class NoSuchStore(UserError):
    """There is no key-value store of that label, or the component is not granted it."""

    code = "no-such-store"


class StoreFailed(HostError):
    """A key-value store can't be read or written."""

    code = "store-failed"


def key_value_methods(
    backends: Mapping[str, Backend], granted: Mapping[str, tuple[str, ...]] | None = None
) -> Mapping[str, Method]:
    """The methods on some stores; `granted` are the labels of each component."""
    grants = granted or {}

    def on(work: Callable[[Store, Params], Awaitable[object]]) -> Method:
        async def method(params: Params) -> object:
            label = _label(params, backends, grants)
            try:
                return await work(await backends[label].open(label), params)
            except KeyValueError as error:
                where = backends[label].summary
                raise StoreFailed(f"key-value store `{label}`, {where}: {error}") from None

        return method

    return {"kv/list": on(_list), "kv/get": on(_get), "kv/set": on(_set), "kv/delete": on(_delete)}


async def _list(store: Store, params: Params) -> object:
    """`{keys, cursor}` of those that begin with `prefix`; `cursor` is what to ask on with."""
    cursor = params.get("cursor")
    if cursor is not None and not isinstance(cursor, str):
        raise BadParams("`cursor` must be a text or null")
    page = await store.page(_text(params, "prefix", ""), cursor)
    return {"keys": page.keys, "cursor": page.cursor}


async def _get(store: Store, params: Params) -> object:
    """`{value}` of `key`, null if there is none."""
    key = _text(params, "key")
    value = await store.get(key)
    if value is not None and len(value) > LARGEST:
        raise StoreFailed(
            f"the value of `{key}` has {len(value):,} bytes; up to {LARGEST:,} can be sent",
            hints=("stop the application to read the store itself",),
        )
    return {"value": None if value is None else document(value)}


async def _set(store: Store, params: Params) -> object:
    """Set `key` to `value`, or all of `items`, each with both."""
    items = params.get("items", [params])
    if not isinstance(items, list):
        raise BadParams("`items` must be an array")
    pairs = [(_text(item, "key"), value_of(_given(item).get("value"))) for item in items]
    if len(pairs) == 1:
        await store.set(*pairs[0])
    else:
        await store.set_many(pairs)
    return None


async def _delete(store: Store, params: Params) -> object:
    """Remove `key`."""
    await store.delete(_text(params, "key"))
    return None


def document(value: bytes) -> Document:
    """A value as JSON can say it, whole."""
    body = Body.of(value, limit=len(value)).to_json()
    return {"size": body["size"], "encoding": body["encoding"], "data": body["data"]}


def value_of(given: object) -> bytes:
    """The value of a document, or of a text; raises `BadParams`."""
    match given:
        case str(data) | {"encoding": "utf-8", "data": str(data)}:
            return _utf8("a value", data)
        case {"encoding": "base64", "data": str(data)}:
            try:
                return base64.b64decode(data, validate=True)
            except binascii.Error as error:
                raise BadParams(f"`data` is not base64: {error}") from None
    raise BadParams("a value is a text, or has `encoding` (`utf-8` or `base64`) and `data`")


def _label(
    params: Params, backends: Mapping[str, Backend], grants: Mapping[str, tuple[str, ...]]
) -> str:
    label = _text(params, "store", DEFAULT)
    if label not in backends:
        near = nearest_name(label, backends)
        names = ", ".join(f"`{name}`" for name in sorted(backends))
        hint = f"did you mean `{near}`?" if near else f"defined: {names}"
        raise NoSuchStore(f"no key-value store has the label `{label}`", hints=(hint,))
    component = params.get("component")
    if component is not None and label not in grants.get(_text(params, "component"), ()):
        raise NoSuchStore(f"component `{component}` is not granted the store `{label}`")
    return label


def _given(item: Any) -> Params:
    if not isinstance(item, Mapping):
        raise BadParams("an item must have `key` and `value`")
    return item


def _text(params: Any, name: str, default: str | None = None) -> str:
    value = _given(params).get(name, default)
    if not isinstance(value, str):
        raise BadParams(f"`{name}` must be a text")
    _utf8(f"`{name}`", value)
    return value


def _utf8(name: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadParams(f"{name} has half a character in it") from None
