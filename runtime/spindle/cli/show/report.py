"""All of one exchange as lines for a terminal, but for its trap."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from spindle.cli.show.bodies import body_lines
from spindle.exchange import Json, summary_of_document
from spindle.exchange.lines import Paint, exchange_line, guest_text, readable_time
from spindle.text import printable, readable_size

INDENT = "  "
BAR = 20
"""Columns of the waterfall."""
LONGEST_VALUE = 200
"""Characters of an argument or a result that are shown."""


def report_lines(document: Json, paint: Paint) -> Iterator[str]:
    """The exchange from what it was asked to what it answered, in its order."""
    record: Any = document
    summary = summary_of_document(document)
    yield exchange_line(summary, paint)
    yield from _facts(record, summary.at)
    yield from _message("Request", record["input"], paint)
    if record["calls"]:
        yield from _calls("Host calls", record["calls"], summary.took or 0.0, paint)
    if record.get("trace"):
        yield from _calls("Trace", record["trace"], summary.took or 0.0, paint)
    if record["logs"]:
        yield from _heading("Output", paint)
        for line in record["logs"]:
            at = paint("dim", f"{readable_time(line['at']):>8} {line['stream']}")
            yield f"{INDENT}{at}  {guest_text(line['text'])}"
    if record["output"] is not None:
        yield from _message("Response", record["output"], paint)


def _facts(record: Any, at: float) -> Iterator[str]:
    facts = {
        "began": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)),
        "trigger": f"{record['trigger']['type']} {record['trigger']['target']}",
        "build": record.get("build"),
        "instance": record.get("instance"),
        "parent": record.get("parent"),
        "replay of": record.get("replay_of"),
        "phases": ", ".join(
            f"{phase} {readable_time(took)}" for phase, took in record["phases_us"].items()
        ),
        "not whole": ", ".join(record["truncated"]),
    }
    for name, fact in facts.items():
        if fact not in (None, ""):
            yield f"{INDENT}{name:<10}{printable(str(fact))}"


def _heading(text: str, paint: Paint) -> Iterator[str]:
    yield ""
    yield paint("bold", text)


def _message(title: str, message: Any, paint: Paint) -> Iterator[str]:
    """A request, a response, or whatever else went in or came out."""
    if not isinstance(message, Mapping) or "headers" not in message:
        yield from _heading({"Request": "Input", "Response": "Result"}[title], paint)
        yield from _value_lines(message)
        return
    head = message.get("status") or f"{message.get('method')} {message.get('path_with_query')}"
    yield from _heading(f"{title} {printable(str(head))}", paint)
    yield from _header_lines(message["headers"], paint)
    if message["body"]["size"]:
        yield ""
        yield from (f"{INDENT}{line}" for line in body_lines(message["body"]))
    yield from _header_lines(message.get("trailers") or (), paint)


def _header_lines(headers: Any, paint: Paint) -> Iterator[str]:
    for name, value in headers:
        yield f"{INDENT}{paint('dim', printable(name) + ':')} {printable(value)}"


def _value_lines(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            if _is_body(part):
                yield f"{INDENT}{printable(name)}: {readable_size(part['size'])}"
                yield from (f"{INDENT}{INDENT}{line}" for line in body_lines(part))
            else:
                yield f"{INDENT}{printable(name)}: {_short(part)}"
    elif value is not None:
        yield f"{INDENT}{_short(value)}"


def _calls(title: str, calls: Any, whole: float, paint: Paint) -> Iterator[str]:
    """Calls: when, how long, where that is in the whole, what was asked and answered."""
    yield from _heading(title, paint)
    for call in calls:
        took = call["took"]
        lasted = "" if took is None else readable_time(took)
        times = f"{readable_time(call['at']):>8} {lasted:>8}"
        bar = _bar(call["at"], whole - call["at"] if took is None else took, whole)
        by = f" (of {call['dependency']})" if call.get("dependency") else ""
        called = printable(f"{call['interface']}#{call['func']}{by}")
        asked, answered = _short(call["args"]), _short(call.get("trap", call["result"]))
        answered = f"trap: {answered}" if "trap" in call else answered
        yield f"{INDENT}{paint('dim', times)} {paint('other', bar)} {called} {asked} → {answered}"


def _bar(at: float, took: float, whole: float) -> str:
    """Where a stretch of time lies in the whole."""
    if whole <= 0:
        return "·" * BAR
    first = min(int(at / whole * BAR), BAR - 1)
    last = min(max(int((at + took) / whole * BAR), first), BAR - 1)
    return "·" * first + "█" * (last - first + 1) + "·" * (BAR - 1 - last)


def _is_body(value: Any) -> bool:
    return isinstance(value, Mapping) and value.keys() >= {"size", "encoding", "data"}


def _short(value: Any) -> str:
    """A value in a line: JSON, with bodies by their texts, and what a request is of by its head."""
    return printable(json.dumps(_in_short(value), ensure_ascii=False), limit=LONGEST_VALUE)


def _in_short(value: Any) -> Any:
    match value:
        case Mapping() if _is_body(value):
            return value["data"] if value["encoding"] == "utf-8" else f"{value['size']} bytes"
        case {"method": method, "path_with_query": path, "authority": authority, **_rest}:
            return f"{method} {value.get('scheme')}://{authority}{path}"
        case {"status": int(status), "headers": _, "body": body}:
            return f"{status}, {body['size']} bytes"
        case {"secret": name, **rest} if not rest:
            return f"secret {name}"
        case Mapping():
            return {name: _in_short(part) for name, part in value.items()}
        case [*parts]:
            return [_in_short(part) for part in parts]
    return value
