"""`exchange/…`: what has happened, and what happens from now on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import defstruct

from spindle.client.answers import payload_of
from spindle.dev.control import Following, Json, Method, Params
from spindle.dev.methods import parameters
from spindle.errors import UserError
from spindle.events import Bus, Event, EventKind
from spindle.exchange import Exchange, Summary, bytes_of, summary_of

if TYPE_CHECKING:
    from spindle.exchange.filters import Filter
    from spindle.history import Keeper

MOST_LISTED = 1000
MOST_EXPORTED = 1000
"""Exchanges at once."""
LARGEST_PART = 16 << 20
"""Bytes of a body that are answered at once."""
MOST_SUMMARIES = 2000
"""Summaries that wait for a front end that is slow."""
MOST_DOCUMENTS = 100
"""Whole exchanges that wait for a front end that is slow: they may be large."""

_line: Callable[..., object] = defstruct("Line", Summary._fields, gc=False)
"""A summary that becomes a JSON object: made and encoded sooner than a dictionary."""


class NoSuchExchange(UserError):
    """No exchange that is kept has that id."""

    code = "no-such-exchange"


def exchange_methods(keeper: Keeper, bus: Bus) -> Mapping[str, Method]:
    """The methods on the exchanges that are kept."""

    async def found(params: Params, name: str = "id") -> Json:
        id_ = parameters.text(params, name)
        document = await keeper.get(id_)
        if document is None:
            raise NoSuchExchange(
                f"no exchange is kept whose id is or begins with `{id_}`",
                hints=("the oldest ones go when there are too many",),
            )
        return document

    async def list_(params: Params) -> object:
        limit = parameters.number(params, "limit", 100, most=MOST_LISTED)
        before = parameters.text_or_none(params, "before")
        # One more tells whether there are more.
        summaries = await keeper.list(_filter(params), before=before, limit=limit + 1)
        shown = summaries[:limit]
        more = shown[-1].id if shown and len(summaries) > limit else None
        return {"exchanges": [each._asdict() for each in shown], "more": more}

    async def get(params: Params) -> object:
        return await found(params)

    async def body(params: Params) -> object:
        part = parameters.choice(params, "part", ("input", "output"))
        offset = parameters.number(params, "offset", 0)
        limit = parameters.number(params, "limit", LARGEST_PART, most=LARGEST_PART)
        kept = _body_of((await found(params))[part])
        data = b"" if kept is None else bytes_of(kept)
        sizes = {"offset": offset, "kept": len(data), "size": 0 if kept is None else kept["size"]}
        return {**payload_of(data[offset : offset + limit]), **sizes}

    def subscribe(params: Params) -> object:
        told = _Told(_filter(params), whole=parameters.flag(params, "detail"))
        kinds = {EventKind.EXCHANGE_FINISHED}
        if parameters.flag(params, "started"):
            kinds.add(EventKind.EXCHANGE_STARTED)
        subscription = bus.subscribe(kinds)
        return Following(subscription, told.tell, MOST_DOCUMENTS if told.whole else MOST_SUMMARIES)

    async def export(params: Params) -> object:
        # Here and below, what a host that is not asked does not need.
        from spindle.history.exports import FORMATS, export_exchanges

        form = parameters.choice(params, "format", FORMATS)
        ids = parameters.texts_or_none(params, "ids")
        if ids is None:
            wanted = _filter(params)
            ids = [each.id for each in await keeper.list(wanted, limit=MOST_EXPORTED)][::-1]
        documents = [await found({"id": id_}) for id_ in ids[:MOST_EXPORTED]]
        secrets = parameters.flag(params, "secrets")
        return {"text": export_exchanges(documents, form, secrets=secrets)}

    async def diff(params: Params) -> object:
        from spindle.replay import differences

        before, after = await found(params, "a"), await found(params, "b")
        return {"differences": [each._asdict() for each in differences(before, after)]}

    return {
        "exchange/list": list_,
        "exchange/get": get,
        "exchange/body": body,
        "exchange/subscribe": subscribe,
        "exchange/export": export,
        "exchange/diff": diff,
    }


class _Told:
    """What a subscriber is told of exchanges."""

    def __init__(self, wanted: Filter | None, *, whole: bool) -> None:
        self._wanted = wanted
        self.whole = whole

    def tell(self, event: Event) -> Json | None:
        """The event, if it is wanted; what has not finished is told whatever it may become."""
        exchange, wanted = event.data, self._wanted
        assert isinstance(exchange, Exchange), "that is what events of exchanges have"
        finished = event.kind is EventKind.EXCHANGE_FINISHED
        summary = summary_of(exchange)
        document = None
        if self.whole or (finished and wanted is not None and wanted.needs_document):
            document = exchange.to_json()
        if finished and wanted is not None and not wanted.matches(summary, document):
            return None
        data = document if self.whole else _line(*summary)
        return {"kind": event.kind, "at": event.at, "data": data}


def _filter(params: Params) -> Filter | None:
    where = parameters.text_or_none(params, "where")
    if not where:
        return None
    from spindle.exchange.filters import parse_filter

    return parse_filter(where)


def _body_of(message: Any) -> Mapping[str, Any] | None:
    """The body in what went in or came out: of HTTP, or the one that there is."""
    if not isinstance(message, Mapping):
        return None
    if {"size", "encoding", "data"} <= message.keys():
        return message
    parts = (message.get("body"), message.get("payload"), *message.values())
    for part in parts:
        if isinstance(part, Mapping) and {"size", "encoding", "data"} <= part.keys():
            return part
    return None
