"""The events that front ends are told, and what is told of each."""

from __future__ import annotations

from collections.abc import Mapping

from spindle.client.protocol.vocabulary import (
    COUNT,
    FLAG,
    NOTHING,
    NUMBER,
    TEXT,
    Schema,
    array,
    either,
    maybe,
    record,
    ref,
    said,
    words,
)
from spindle.events import EventKind

_APP = record(name=TEXT, version=TEXT, components=said(array(TEXT), "ids"))

EVENTS: Mapping[EventKind, Schema] = {
    EventKind.EXCHANGE_STARTED: said(
        ref("Summary"), "an exchange began; told to those who ask for it, whatever their filter"
    ),
    EventKind.EXCHANGE_FINISHED: said(
        either(ref("Summary"), ref("Exchange")), "an exchange is over; with `detail`, all of it"
    ),
    EventKind.LOG: said(
        record(
            component=TEXT,
            exchange=said(maybe(TEXT), "the exchange during which it was written"),
            stream=words("stdout", "stderr"),
            text=said(TEXT, "perhaps a part of a line, perhaps several"),
        ),
        "a guest wrote something",
    ),
    EventKind.APP_LOADED: said(_APP, "the application is served; who connects later missed it"),
    EventKind.APP_CHANGED: said(_APP, "another state of the application is served from now on"),
    EventKind.BUILD_STARTED: said(
        record(components=said(array(TEXT), "ids")),
        "components are being built; a build that begins again is told again",
    ),
    EventKind.BUILD_FINISHED: said(
        record(
            component=TEXT,
            ok=FLAG,
            fresh=said(FLAG, "whether nothing had to be done"),
            took=said(NUMBER, "seconds"),
            reason=said(TEXT, "what went wrong, as a sentence"),
            diagnostics=array(ref("Diagnostic")),
            output=array(TEXT),
            instant=said(FLAG, "whether the sources themselves run"),
        ),
        "a component is done with, whatever came of it",
    ),
    EventKind.SWAP_DONE: said(
        record(component=TEXT, build=maybe(TEXT), took=said(NUMBER, "seconds")),
        "another build of a component answers from now on",
    ),
    EventKind.HOST_STOPPING: said(NOTHING, "the host takes no more requests, and will hang up"),
    EventKind.DROPPED: said(
        record(count=COUNT), "so many events before this one were lost: they were read too slowly"
    ),
}
"""By kind: the schema of `data`, its description what happened."""
