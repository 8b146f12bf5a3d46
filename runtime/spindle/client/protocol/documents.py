"""The documents that answers and events consist of, by name."""

from __future__ import annotations

from collections.abc import Mapping

from spindle.client.protocol.vocabulary import (
    ANYTHING,
    COUNT,
    FLAG,
    INTEGER,
    NUMBER,
    TEXT,
    Schema,
    array,
    either,
    maybe,
    record,
    ref,
    row,
    said,
    table,
    words,
)

_HEADERS = array(row(TEXT, TEXT))

DOCUMENTS: Mapping[str, Schema] = {
    "Text": said(
        record(encoding=words("utf-8", "base64"), data=TEXT),
        "bytes: `data` is text where they are UTF-8, else base64",
    ),
    "Payload": said(either(TEXT, ref("Text")), "bytes that a caller gives: a text, or a `Text`"),
    "Body": said(
        record(
            size=said(COUNT, "bytes there were"),
            kept=said(COUNT, "bytes that are kept"),
            encoding=words("utf-8", "base64"),
            data=TEXT,
        ),
        "bytes that went by, of which the first are kept",
    ),
    "Secret": said(record(secret=said(TEXT, "its name")), "stands for a value that is not kept"),
    "Headers": said(_HEADERS, "names and values, in order"),
    "HttpInput": record(
        method=TEXT,
        scheme=TEXT,
        authority=maybe(TEXT),
        path_with_query=TEXT,
        headers=ref("Headers"),
        body=ref("Body"),
    ),
    "HttpOutput": record(
        status=INTEGER, headers=ref("Headers"), body=ref("Body"), trailers=maybe(ref("Headers"))
    ),
    "Call": said(
        record(
            interface=TEXT,
            func=TEXT,
            dependency=said(maybe(TEXT), "which dependency called, null for the component"),
            at=said(NUMBER, "microseconds since the exchange began"),
            took=said(NUMBER, "microseconds"),
            args=ANYTHING,
            result=ANYTHING,
        ),
        "a call of the host by the guest",
    ),
    "TracedCall": said(
        record(
            ("trap",),
            interface=TEXT,
            func=said(TEXT, "as the interface has it: `[method]fields.get`"),
            dependency=said(maybe(TEXT), "which dependency called, null for the component"),
            at=said(NUMBER, "microseconds since the exchange began"),
            took=said(maybe(NUMBER), "microseconds; null if it never ended"),
            args=ANYTHING,
            result=said(ANYTHING, "of a `result` `{ok}` or `{error}`, of a resource its kind"),
            trap=said(TEXT, "why the call stopped the guest"),
        ),
        "a call by the guest of whatever it imports",
    ),
    "Line": record(
        stream=words("stdout", "stderr"),
        at=said(NUMBER, "microseconds since the exchange began"),
        text=TEXT,
    ),
    "Frame": record(
        function=TEXT,
        file=maybe(TEXT),
        line=said(maybe(COUNT), "from 1"),
        column=said(maybe(COUNT), "from 1"),
    ),
    "Traceback": record(language=TEXT, message=TEXT, frames=array(ref("Frame"))),
    "Trap": said(
        record(
            reason=TEXT,
            frames=said(array(ref("Frame")), "innermost first"),
            export=maybe(TEXT),
            dependency=maybe(TEXT),
            traceback=maybe(ref("Traceback")),
        ),
        "why a guest was stopped",
    ),
    "Exchange": said(
        record(
            ("recorded", "trace"),
            v={"const": 1},
            id=said(TEXT, "22 hex digits; ids sort by time"),
            parent=said(maybe(TEXT), "the exchange that called this one"),
            replay_of=said(maybe(TEXT), "the exchange that this one repeats"),
            build=maybe(TEXT),
            component=said(maybe(TEXT), "null where the host answered"),
            instance=maybe(COUNT),
            trigger=record(type=TEXT, target=TEXT),
            input=said(either(ref("HttpInput"), ANYTHING), "an `HttpInput`, or a message"),
            output=said(
                either(ref("HttpOutput"), ANYTHING), "an `HttpOutput`, or what came of a message"
            ),
            phases_us=said(table(NUMBER), "microseconds by phase, and `total`"),
            calls=array(ref("Call")),
            logs=array(ref("Line")),
            trap=maybe(ref("Trap")),
            traceback=said(
                maybe(ref("Traceback")), "what the guest printed of a failure it answered itself"
            ),
            truncated=said(array(TEXT), "the parts of which something is not kept"),
            recorded=said(ANYTHING, "what the host answered, to be answered again"),
            trace=said(array(ref("TracedCall")), "what the guest called, if that was asked for"),
        ),
        "one invocation of a guest, version 1",
    ),
    "Summary": said(
        record(
            id=TEXT,
            at=said(NUMBER, "seconds since the epoch"),
            trigger=TEXT,
            target=said(TEXT, "a route, a channel, a function"),
            component=maybe(TEXT),
            build=maybe(TEXT),
            instance=maybe(COUNT),
            method=maybe(TEXT),
            path=said(maybe(TEXT), "with its query"),
            host=maybe(TEXT),
            status=maybe(INTEGER),
            took=said(maybe(NUMBER), "microseconds; null while it is under way"),
            received=said(COUNT, "bytes"),
            sent=said(COUNT, "bytes"),
            calls=COUNT,
            logs=COUNT,
            trap=maybe(TEXT),
            parent=maybe(TEXT),
            replay_of=maybe(TEXT),
        ),
        "an exchange in a line; its fields are those that filters name",
    ),
    "Difference": said(
        record(
            part=said(TEXT, "`output`, `trap`, `calls` or `answers`"),
            path=said(TEXT, "where in it"),
            before=ANYTHING,
            after=ANYTHING,
        ),
        "one thing that is not as it was; null where there was nothing",
    ),
    "Replay": said(
        record(
            exchange=ref("Exchange"),
            differences=array(ref("Difference")),
            notes=said(array(TEXT), "what should be known to judge it"),
        ),
        "an exchange that happened again",
    ),
    "Position": record(line=said(COUNT, "from 0"), character=said(COUNT, "UTF-16 units, from 0")),
    "Range": record(start=ref("Position"), end=ref("Position")),
    "Diagnostic": said(
        record(
            code=TEXT,
            severity=words("error", "warning", "info", "hint"),
            message=TEXT,
            path=maybe(TEXT),
            range=maybe(ref("Range")),
            related=array(record(message=TEXT, path=TEXT, range=ref("Range"))),
            help=maybe(TEXT),
            fix=maybe(
                record(
                    title=TEXT,
                    safe=FLAG,
                    edits=array(record(path=TEXT, range=ref("Range"), newText=TEXT)),
                )
            ),
        ),
        "a problem in something a person wrote",
    ),
    "Route": record(
        id=said(TEXT, "the trigger's"),
        route=said(TEXT, "without its final wildcard"),
        wildcard=said(FLAG, "whether it ends in `/...`"),
        component=said(maybe(TEXT), "null where the host answers"),
        executor=maybe(words("http", "wagi")),
    ),
    "Instance": record(
        number=said(COUNT, "from 1 since the host began"),
        busy=said(COUNT, "calls it is serving"),
        requests=said(COUNT, "calls it has been given"),
        memory=said(COUNT, "bytes"),
        idle=said(NUMBER, "seconds since it had something to do"),
    ),
    "Grants": said(
        record(
            key_value_stores=array(TEXT),
            sqlite_databases=array(TEXT),
            allowed_outbound_hosts=array(TEXT),
            files=said(array(TEXT), "paths that the guest sees"),
            variables=said(array(TEXT), "names; values are never told"),
            ai_models=array(TEXT),
        ),
        "what a component may use, as the manifest has it",
    ),
    "Component": record(
        id=TEXT,
        description=TEXT,
        source=said(TEXT, "a path, a URL, or a package and its version"),
        build=said(maybe(TEXT), "the id of the build that answers"),
        stale=said(
            FLAG,
            "whether newer sources can't be built, or newer wasm can't be served",
        ),
        imports=array(TEXT),
        exports=array(TEXT),
        grants=ref("Grants"),
        dependencies=array(TEXT),
        instances=array(ref("Instance")),
    ),
    "BuildResult": record(
        id=TEXT,
        ok=FLAG,
        fresh=said(FLAG, "whether nothing had to be done"),
        took=said(NUMBER, "seconds"),
        reason=said(TEXT, "what went wrong, as a sentence; empty if nothing did"),
        diagnostics=array(ref("Diagnostic")),
        output=said(array(TEXT), "the last lines that were written"),
    ),
    "BuildState": record(
        id=TEXT,
        state=said(
            words("fresh", "building", "failed", "stale", "instant", "none"),
            "`stale`: sources were saved and are not built; `instant`: the sources themselves "
            "run; `none`: there is no build command",
        ),
        since=said(maybe(NUMBER), "seconds since the epoch"),
        took=said(maybe(NUMBER), "seconds of the last build"),
        reason=TEXT,
        output=array(TEXT),
        diagnostics=array(ref("Diagnostic")),
    ),
    "RouteStats": record(
        id=TEXT,
        route=TEXT,
        component=maybe(TEXT),
        count=COUNT,
        errors=said(COUNT, "traps and server errors"),
        rate=said(NUMBER, "a second, over the last ten whole seconds"),
        p50=said(maybe(NUMBER), "microseconds; null if there is nothing to count"),
        p90=maybe(NUMBER),
        p99=maybe(NUMBER),
        max=maybe(NUMBER),
        histogram=said(
            array(row(NUMBER, COUNT)),
            "how many took up to so many microseconds, ascending, empty ones left out",
        ),
    ),
    "ComponentStats": record(
        id=TEXT,
        count=COUNT,
        errors=COUNT,
        rate=NUMBER,
        p50=maybe(NUMBER),
        p99=maybe(NUMBER),
        instances=COUNT,
        memory=said(COUNT, "bytes"),
    ),
    "SqlValue": said(
        either(
            {"type": ["null", "number", "string"]},
            record(blob=said(TEXT, "base64")),
            record(real=words("inf", "-inf")),
        ),
        "a value of a database",
    ),
    "Response": record(
        status=INTEGER,
        headers=ref("Headers"),
        body=ref("Body"),
        error=said(maybe(TEXT), "what cut the body short"),
    ),
}
