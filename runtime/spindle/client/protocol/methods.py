"""The methods: what each takes, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from spindle.client.protocol.vocabulary import (
    COUNT,
    FLAG,
    INTEGER,
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
    table,
    taking,
    words,
)


class Method(NamedTuple):
    """One method."""

    does: str
    """A sentence."""
    params: Schema = taking()
    result: Schema = NOTHING


_SUBSCRIBED = record(subscription=said(COUNT, "what its `events` carry; see `host/unsubscribe`"))
_WHERE = said(maybe(TEXT), "a filter: `status>=500 component:api slow>100ms`")
_ID = said(TEXT, "an id, or the unique beginning of one")
_STORE = said(TEXT, "a label; `default` if left out")
_COMPONENT = said(maybe(TEXT), "must be granted the store, if named")

METHODS: Mapping[str, Method] = {
    "initialize": Method(
        "Introduces a front end. It must come first; whatever else does closes the connection.",
        taking(
            ("token", "protocol"),
            token=said(TEXT, "the run file's"),
            protocol=said({"const": 1}, "the version of the protocol"),
        ),
        record(protocol={"const": 1}, version=said(TEXT, "Spindle's")),
    ),
    "host/info": Method(
        "What the host says of itself.",
        result=record(
            pid=COUNT,
            version=said(TEXT, "Spindle's"),
            app=record(name=TEXT, version=TEXT),
            manifest=said(TEXT, "the absolute path of what is served"),
            base_url=said(maybe(TEXT), "null without HTTP triggers"),
            started_at=said(NUMBER, "seconds since the epoch"),
            uptime=said(NUMBER, "seconds"),
            connections=said(COUNT, "HTTP connections that are open"),
            state=said(maybe(TEXT), "the directory of databases and logs, if there is one"),
            store=said(maybe(TEXT), "the path of the exchange store, if it is a file"),
            recording=said(FLAG, "whether host calls are recorded to be answered again"),
        ),
    ),
    "host/stop": Method("Has the host stop, once the requests under way are done."),
    "host/cancel": Method(
        "Stops what is done for a call of this connection, guests included, at once; the call is "
        "answered with the error -32800.",
        taking(("id",), id=said(either(COUNT, TEXT), "the call's `id`")),
    ),
    "host/unsubscribe": Method(
        "Ends a subscription of this connection.", taking(("subscription",), subscription=COUNT)
    ),
    "app/routes": Method(
        "The HTTP routes, in the order in which they are tried.", result=array(ref("Route"))
    ),
    "app/match": Method(
        "Where a URL goes, and why not elsewhere.",
        taking(("url",), url=said(TEXT, "a URL, or a path with its query"), method=TEXT),
        record(
            matched=said(maybe(TEXT), "the trigger's id; null if no route matches"),
            route=maybe(TEXT),
            component=maybe(TEXT),
            why=TEXT,
            params=said(table(TEXT), "what `:name`s capture"),
            path_info=said(TEXT, "what the wildcard takes"),
            headers=said(ref("Headers"), "what Spin's routing adds to the request"),
            tried=array(record(id=TEXT, route=TEXT, matches=FLAG, why=TEXT)),
        ),
    ),
    "app/components": Method(
        "The components, in the manifest's order.", result=array(ref("Component"))
    ),
    "app/build": Method(
        "Builds components, and serves them. After a failure no more are begun.",
        taking(
            components=said(maybe(array(TEXT)), "ids; all if left out"),
            force=said(FLAG, "also what is fresh"),
        ),
        record(components=array(ref("BuildResult"))),
    ),
    "app/reload": Method(
        "Serves what the files say now; what is wrong with them is refused.",
        result=record(changed=said(array(TEXT), "components that are new builds")),
    ),
    "build/status": Method(
        "How components stand to their sources.",
        result=record(
            watching=said(FLAG, "whether what is saved is built and served"),
            components=array(ref("BuildState")),
        ),
    ),
    "exchange/list": Method(
        "Exchanges that are kept, newest first.",
        taking(
            where=_WHERE,
            before=said(maybe(TEXT), "an id: only older ones"),
            limit=said(COUNT, "100 if left out, 1000 at most"),
        ),
        record(
            exchanges=array(ref("Summary")),
            more=said(maybe(TEXT), "what the next page is `before`; null if this is the last"),
        ),
    ),
    "exchange/get": Method("An exchange, whole.", taking(("id",), id=_ID), ref("Exchange")),
    "exchange/body": Method(
        "Bytes of a body, as far as they are kept.",
        taking(
            ("id", "part"),
            id=_ID,
            part=words("input", "output"),
            offset=COUNT,
            limit=said(COUNT, "16 MiB at most"),
        ),
        record(
            encoding=words("utf-8", "base64"),
            data=TEXT,
            offset=COUNT,
            kept=said(COUNT, "bytes that are kept in all"),
            size=said(COUNT, "bytes there were"),
        ),
    ),
    "exchange/subscribe": Method(
        "Tells of exchanges that finish from now on.",
        taking(
            where=_WHERE,
            detail=said(FLAG, "whole exchanges instead of summaries"),
            started=said(FLAG, "also those that begin"),
        ),
        _SUBSCRIBED,
    ),
    "exchange/replay": Method(
        "Has an exchange happen again, or several; those of a `suite` share copies of state.",
        taking(
            id=_ID,
            exchange=said(ref("Exchange"), "in place of `id`"),
            ids=said(maybe(array(TEXT)), "several in place of `id`, 100 at most"),
            suite=said(maybe(TEXT), "a name of your choice; see `exchange/end-suite`"),
            edit=said(
                maybe(
                    taking(
                        method=maybe(TEXT),
                        path=maybe(TEXT),
                        headers=maybe(ref("Headers")),
                        body=maybe(ref("Payload")),
                    )
                ),
                "what of the request is to be different",
            ),
            state=said(words("fork", "live"), "copies of stores and databases, or they themselves"),
            hosts=said(words("live", "recorded"), "whether the host answers as it was recorded"),
            against=said(maybe(TEXT), "a build: the beginning of its id, `previous`, or a path"),
            allow_truncated=said(FLAG, "also with a body that was not kept whole"),
            ignored=said(maybe(array(TEXT)), "places of differences that don't count"),
            trace=said(FLAG, "keep all that the guest calls, and what that answers"),
        ),
        either(
            ref("Replay"),
            record(
                replays=said(
                    array(either(ref("Replay"), record(error=TEXT, hints=array(TEXT)))),
                    "where `ids` were given",
                )
            ),
        ),
    ),
    "exchange/end-suite": Method(
        "Lets go of a suite's copies, which also happens when nobody used them for a while.",
        taking(("suite",), suite=TEXT),
    ),
    "exchange/export": Method(
        "Exchanges in another form. What authorizes is masked unless `secrets` are asked for.",
        taking(
            ("format",),
            ids=said(maybe(array(TEXT)), "in this order"),
            where=_WHERE,
            format=words("curl", "http", "har", "python", "pytest", "json"),
            secrets=FLAG,
        ),
        record(text=TEXT),
    ),
    "exchange/diff": Method(
        "Where two exchanges differ; what differs each time is left out.",
        taking(("a", "b"), a=_ID, b=_ID),
        record(differences=array(ref("Difference"))),
    ),
    "trigger/fire": Method(
        "Has a trigger fire by hand, no client and no broker needed.",
        taking(
            ("type", "target"),
            type=said(TEXT, "`http`, `redis`, `mqtt`, `cron` or `command`"),
            target=said(TEXT, "a path, a channel, a topic, a trigger's id"),
            payload=ref("Payload"),
            method=said(TEXT, "of an HTTP request"),
            headers=said(ref("Headers"), "of an HTTP request"),
        ),
        record(
            ("response",),
            exchanges=array(ref("Exchange")),
            response=said(ref("Response"), "for HTTP"),
        ),
    ),
    "kv/list": Method(
        "Keys of a store.",
        taking(
            store=_STORE,
            component=_COMPONENT,
            prefix=TEXT,
            cursor=said(maybe(TEXT), "what the page before gave"),
        ),
        record(keys=array(TEXT), cursor=said(maybe(TEXT), "null if this is all")),
    ),
    "kv/get": Method(
        "The value of a key, null if there is none.",
        taking(("key",), store=_STORE, component=_COMPONENT, key=TEXT),
        record(value=maybe(record(size=COUNT, encoding=words("utf-8", "base64"), data=TEXT))),
    ),
    "kv/set": Method(
        "Sets a key, or several.",
        taking(
            store=_STORE,
            component=_COMPONENT,
            key=TEXT,
            value=ref("Payload"),
            items=array(record(key=TEXT, value=ref("Payload"))),
        ),
    ),
    "kv/delete": Method(
        "Removes a key.", taking(("key",), store=_STORE, component=_COMPONENT, key=TEXT)
    ),
    "sql/query": Method(
        "Executes statements on a SQLite database.",
        taking(
            ("sql",),
            sql=TEXT,
            database=said(TEXT, "a label; `default` if left out"),
            parameters=array(ref("SqlValue")),
            limit=said(COUNT, "rows"),
            origin=said(maybe(TEXT), "the file that the statements are from, for messages"),
        ),
        record(
            results=array(
                record(
                    columns=array(TEXT),
                    rows=array(array(ref("SqlValue"))),
                    count=said(COUNT, "rows there are"),
                    counted=said(FLAG, "whether that is all of them"),
                    changes=said(maybe(INTEGER), "rows that were changed"),
                )
            )
        ),
    ),
    "sql/databases": Method(
        "The labels of the SQLite databases.", result=record(databases=array(TEXT))
    ),
    "logs/subscribe": Method(
        "Tells what guests write from now on.",
        taking(component=said(maybe(TEXT), "this one alone")),
        _SUBSCRIBED,
    ),
    "events/subscribe": Method(
        "Tells what else happens from now on.",
        taking(
            kinds=said(
                maybe(
                    array(
                        words(
                            "app.loaded",
                            "app.changed",
                            "build.started",
                            "build.finished",
                            "swap.done",
                            "host.stopping",
                        )
                    )
                ),
                "all if left out",
            )
        ),
        _SUBSCRIBED,
    ),
    "stats/get": Method(
        "What the host has counted since it began.",
        result=record(
            at=said(NUMBER, "seconds since the epoch"),
            host=record(
                uptime=said(NUMBER, "seconds"),
                rss=said(COUNT, "bytes of memory; 0 where the system does not say"),
                cpu_seconds=NUMBER,
                requests=COUNT,
                errors=COUNT,
                connections=COUNT,
            ),
            routes=array(ref("RouteStats")),
            components=array(ref("ComponentStats")),
        ),
    ),
}
