"""The page of the reference about the protocol, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spindle.client.protocol.documents import DOCUMENTS
from spindle.client.protocol.events import EVENTS
from spindle.client.protocol.methods import METHODS, Method

_INTRODUCTION = """\
# The control endpoint

How front ends talk to a running host; [its JSON schema](control.schema.json) says the same.
Both are made of `spindle.client.protocol`; `spindle.client` is a client in Python:

```python
from spindle.client import HostClient, find_host

async with await HostClient.open(find_host("my-app")) as host:
    print(await host.stats())
    async for events in host.follow_exchanges("status>=500"):
        print(events)
```

## Finding a host

A host writes a run file that its owner alone can read: `$XDG_RUNTIME_DIR/spindle/<pid>.json`, or
`~/.cache/spindle/run/<pid>.json` where there is no such directory.
It has `pid`, `version`, `manifest`, `base_url`, `endpoint` and `token`.
An endpoint is `unix:<path>`, or `tcp:<address>:<port>` where there are no Unix sockets.

## Messages

[JSON-RPC 2.0](https://www.jsonrpc.org/specification), each message up to 64 MiB and behind a
`Content-Length` header, as in the Language Server Protocol.
Parameters are passed by name.
The first message is `initialize` with the run file's token.
A connection that begins with anything else, or not within ten seconds, is closed unanswered.
So a web page that sends a request to the endpoint gets nothing.

Requests may be under way at the same time, and are answered as they are done. Who wants an answer
no more sends `host/cancel`, or closes the connection: guests that are at work on it are stopped.
What can't be done is answered with the error -32000: its `message` is a sentence, `data.hints`
say what to do, `data.exit_code` is what a command ends with; of a filter that is not understood,
`data.column` and `data.length` say where.

A method that ends in `/subscribe` answers `{subscription}`, and from then on the host sends
notifications, at most twenty a second for each subscription:

```json
{"jsonrpc": "2.0", "method": "events", "params": {"subscription": 1, "events": [
  {"kind": "exchange.finished", "at": 1767225600.25, "data": {"id": "…"}}
]}}
```

A front end that reads too slowly loses the oldest events, and costs the host nothing: `dropped`
says how many.
Fields may be added to answers and events; what is not known is to be left alone.
"""


def control_page() -> str:
    """The page."""
    lines = [_INTRODUCTION, "## Methods", ""]
    for name, method in METHODS.items():
        lines += _method(name, method)
    lines += ["## Events", ""]
    for kind, data in EVENTS.items():
        lines += [f"### `{kind}`", "", f"{_sentence(data)}", "", *_data(data)]
    lines += ["## Documents", ""]
    for name, schema in DOCUMENTS.items():
        lines += [f"### {name}", "", *_about(schema), *_fields(schema)]
    return "\n".join(lines).rstrip() + "\n"


def _method(name: str, method: Method) -> Iterator[str]:
    yield from (f"### `{name}`", "", method.does, "")
    if method.params["properties"]:
        yield from ("Takes:", "", *_fields(method.params))
    if method.result.get("type") == "null":
        yield from ("Answers null.", "")
    elif "properties" in method.result:
        yield from ("Answers:", "", *_fields(method.result))
    else:
        yield from (f"Answers {_type(method.result)}.", "")


def _data(data: Any) -> Iterator[str]:
    if "properties" in data:
        yield from _fields(data)
    elif data.get("type") != "null":
        yield from (f"Data: {_type(data)}.", "")


def _about(schema: Any) -> Iterator[str]:
    if "description" in schema:
        yield from (_sentence(schema), "")
    if "properties" not in schema:
        yield from (f"Is {_type(schema)}.", "")


def _sentence(schema: Any) -> str:
    text = str(schema["description"])
    return f"{text[:1].upper()}{text[1:]}."


def _fields(schema: Any) -> Iterator[str]:
    """A list of an object's fields, with those of objects within them."""
    if "properties" not in schema:
        return
    yield from _items(schema, "")
    yield ""


def _items(schema: Any, indent: str) -> Iterator[str]:
    for name, field in schema["properties"].items():
        optional = "" if name in schema["required"] else ", may be left out"
        about = f": {field['description']}" if "description" in field else ""
        yield f"{indent}- `{name}` ({_type(field)}{optional}){about}"
        if (inner := _object_in(field)) is not None:
            yield from _items(inner, f"{indent}  ")


def _object_in(field: Any) -> Any:
    """The object that has no name in a field, perhaps in an array or beside null."""
    if "properties" in field:
        return field
    if field.get("type") == "array":
        return _object_in(field.get("items", {}))
    found = (_object_in(each) for each in field.get("anyOf", ()))
    return next((each for each in found if each is not None), None)


def _type(schema: Any) -> str:
    """What a value is, in a few words."""
    match schema:
        case {"$ref": str(path)}:
            name = path.rpartition("/")[2]
            return f"[{name}](#{name.lower()})"
        case {"anyOf": list(parts)}:
            return " or ".join(dict.fromkeys(map(_type, parts)))
        case {"enum": list(choices)}:
            return " or ".join(f"`{choice}`" for choice in choices)
        case {"const": value}:
            return f"`{value}`"
        case {"type": "array", "prefixItems": list(parts)}:
            return f"[{', '.join(map(_type, parts))}]"
        case {"type": "array", "items": items}:
            return f"array of {_type(items)}"
        case {"type": "object", "additionalProperties": dict(of)}:
            return f"object of {_type(of)}"
        case {"type": list(names)}:
            return " or ".join(names)
        case {"type": str(name)}:
            return name
    return "anything"
