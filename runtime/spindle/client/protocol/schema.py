"""The JSON schema of the protocol."""

from __future__ import annotations

from spindle.client.protocol.documents import DOCUMENTS
from spindle.client.protocol.events import EVENTS
from spindle.client.protocol.methods import METHODS
from spindle.client.protocol.vocabulary import (
    ANYTHING,
    COUNT,
    INTEGER,
    NUMBER,
    TEXT,
    Schema,
    array,
    either,
    record,
    said,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def control_schema() -> Schema:
    """A schema that requests and notifications fit.

    `methods` and `events` have what belongs to each by name; their references lead to `$defs`.
    """
    requests = [_request(name, method.params) for name, method in METHODS.items()]
    return {
        "$schema": DIALECT,
        "title": "Spindle's control protocol, version 1",
        "anyOf": [*requests, _notification()],
        "methods": {
            name: {"description": method.does, "params": method.params, "result": method.result}
            for name, method in METHODS.items()
        },
        "events": {str(kind): data for kind, data in EVENTS.items()},
        "$defs": {**DOCUMENTS, "Error": _ERROR},
    }


_ERROR = said(
    record(
        ("data",),
        code=said(INTEGER, "-32000 for what can't be done, -32800 if cancelled, else JSON-RPC's"),
        message=TEXT,
        data=record(
            ("column", "length"),
            hints=array(TEXT),
            exit_code=INTEGER,
            column=said(COUNT, "where in a filter, in characters from 0"),
            length=COUNT,
        ),
    ),
    "why a request was refused",
)


def _request(name: str, params: Schema) -> Schema:
    fields: Schema = record(
        ("id", "params"),
        jsonrpc={"const": "2.0"},
        id=said({"type": ["integer", "string", "null"]}, "left out if no answer is wanted"),
        method={"const": name},
        params=params,
    )
    if params["required"]:
        fields["required"] = ["jsonrpc", "method", "params"]
    return fields


def _notification() -> Schema:
    events = [
        record(kind={"const": str(kind)}, at=NUMBER, data=data) for kind, data in EVENTS.items()
    ]
    return record(
        jsonrpc={"const": "2.0"},
        method={"const": "events"},
        params=record(subscription=COUNT, events=array(either(*events) if events else ANYTHING)),
    )
