"""An exchange for people: status, times, bodies, logs, what the guest asked of its host, its trap.

Pure functions of documents; values of sensitive headers are masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from spindle.exchange import bytes_of
from spindle.history import mask
from spindle.text import printable, readable_size
from spindle_kernel.display.bodies import body_html, text_of
from spindle_kernel.display.markup import (
    BAD,
    BORDER,
    FAINT,
    GOOD,
    MONO,
    POOR,
    SOFT,
    badge,
    block,
    escaped,
    faint,
    folded,
    table,
    tag,
)

Json = dict[str, Any]
PHASES = {"wait": "#9e9e9e", "instantiate": "#6a1b9a", "guest": "#1565c0", "stream": "#00838f"}
_HERE = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")
AROUND = 3
"""Lines of source around the one where a guest trapped."""


def exchange_bundle(document: Json, sources: Sequence[Path] = ()) -> dict[str, str]:
    """An exchange as text and as HTML; `sources` are folders that sources may be shown from."""
    shown = mask(document)
    return {"text/plain": exchange_text(shown), "text/html": exchange_html(shown, sources)}


def progress_bundle(document: Json, *, over: bool = False) -> dict[str, str]:
    """What an exchange has come to so far; once that is over, a line."""
    shown: Json = mask(document)
    if over:
        text = f"{asked(shown)} was shown as it came"
        return {"text/plain": printable(text), "text/html": faint(text)}
    text, head = f"{_head_text(shown)} …", _head_html(shown) + faint("so far")
    body = body_html(shown["output"]["body"], shown["output"]["headers"])
    return {"text/plain": f"{text}\n{_body_text(shown)}", "text/html": head + body}


# Text.


def exchange_text(document: Json) -> str:
    """An exchange in lines."""
    lines = [_head_text(document)]
    output = document.get("output")
    if isinstance(output, dict) and "headers" in output:
        lines += [printable(f"{name}: {value}") for name, value in output["headers"]]
        text = _body_text(document)
        lines += ["", text] if text else []
    lines += [printable(f"{log['stream']}: {log['text']}") for log in document.get("logs") or []]
    if trap := document.get("trap"):
        lines += ["", printable(f"trap: {trap['reason']}"), *map(_frame_text, _frames(trap))]
    if raised := _raised(document):
        lines += ["", printable(str(raised.get("message"))), *map(_frame_text, _frames(raised))]
    return "\n".join(lines)


def _body_text(document: Json) -> str:
    body = document["output"].get("body")
    text = text_of(bytes_of(body)) if body else ""
    if text is None:
        return f"({readable_size(body['size'])} that are no text)"
    return printable(text[:2000], keep="\n\t", limit=2000)


def _head_text(document: Json) -> str:
    return printable(" ".join(_head(document)))


def _head(document: Json) -> Iterator[str]:
    yield asked(document)
    if (status := _status(document)) is not None:
        yield f"→ {status}"
    total = (document.get("phases_us") or {}).get("total")
    if total is not None:
        yield f"in {duration(total)}"
    if document.get("component"):
        yield f"by {document['component']}"


def asked(document: Json) -> str:
    """What was asked for: method and path, or the trigger and its target."""
    given = document.get("input")
    if isinstance(given, dict) and "path_with_query" in given:
        return f"{given.get('method')} {given.get('path_with_query')}"
    trigger = document.get("trigger") or {}
    return f"{trigger.get('type')} {trigger.get('target')}"


def duration(microseconds: float) -> str:
    """A time as people read it."""
    if microseconds < 1000:
        return f"{microseconds:.0f} µs"
    return f"{microseconds / 1e3:.1f} ms" if microseconds < 1e6 else f"{microseconds / 1e6:.2f} s"


def _status(document: Json) -> int | None:
    output = document.get("output")
    status = output.get("status") if isinstance(output, dict) else None
    return status if isinstance(status, int) else None


def _frames(trap: Json) -> list[Json]:
    return [frame for frame in trap.get("frames") or [] if isinstance(frame, dict)]


def _frame_text(frame: Json) -> str:
    at = f" at {frame['file']}:{frame['line']}" if frame.get("file") else ""
    return printable(f"  in {frame.get('function') or '?'}{at}")


# HTML.


def exchange_html(document: Json, sources: Sequence[Path] = ()) -> str:
    """An exchange as HTML that runs nothing."""
    parts = [_head_html(document), _phases_html(document), *_message_html(document)]
    if logs := document.get("logs"):
        text = "\n".join(f"{log.get('text', '')}" for log in logs)
        parts.append(folded(f"logs ({len(logs)})", block(text), is_open=True))
    if calls := document.get("calls"):
        total = (document.get("phases_us") or {}).get("total") or 0
        parts.append(folded(f"host calls ({len(calls)})", waterfall(calls, total)))
    if trap := document.get("trap"):
        parts.append(trap_html(trap, sources))
    if raised := _raised(document):
        parts.append(_failed(str(raised.get("message")), "raised", _frames(raised), sources))
    style = f"border-left: 3px solid {_color(document)}; padding: 2px 0 2px 10px"
    return tag("div", "".join(parts), style)


def _color(document: Json) -> str:
    status = _status(document)
    if document.get("trap") or (status or 0) >= 500:
        return BAD
    return POOR if (status or 0) >= 400 else GOOD


def _head_html(document: Json) -> str:
    status = _status(document)
    shown = [badge(status if status is not None else "trap" if document.get("trap") else "ok",
                   _color(document))]  # fmt: skip
    shown.append(tag("b", escaped(asked(document)), MONO))
    total = (document.get("phases_us") or {}).get("total")
    if total is not None:
        shown.append(faint(duration(total)))
    output = document.get("output")
    if isinstance(output, dict) and output.get("body"):
        shown.append(faint(readable_size(output["body"].get("size", 0))))
    told = [f"{key} {document[key]}" for key in ("component", "build", "id") if document.get(key)]
    shown += [faint(each) for each in told]
    return tag("div", "&nbsp; ".join(shown))


def _phases_html(document: Json) -> str:
    """A bar of the times by phase."""
    phases = document.get("phases_us") or {}
    total = phases.get("total") or 0
    known = {name: took for name, took in phases.items() if name != "total" and took}
    if not total or not known:
        return ""
    bars = "".join(
        tag("div", "", f"width: {min(100.0, 100 * took / total):.2f}%; "
            f"background: {PHASES.get(name, '#8d6e63')}", title=f"{name}: {duration(took)}")
        for name, took in known.items()
    )  # fmt: skip
    legend = " · ".join(f"{escaped(name)} {duration(took)}" for name, took in known.items())
    bar = tag("div", bars, f"display: flex; height: 6px; margin: 4px 0; background: {SOFT}")
    return bar + tag("div", legend, f"color: {FAINT}; font-size: 11px")


def _message_html(document: Json) -> Iterator[str]:
    given, output = document.get("input"), document.get("output")
    if isinstance(given, dict) and given.get("headers"):
        yield folded("request", _fields(given) + _body(given, document))
    elif isinstance(given, dict) and isinstance(given.get("body"), dict):
        yield folded("payload", _body(given, document))
    if isinstance(output, dict) and output.get("headers"):
        yield folded("response headers", _fields(output))
    if isinstance(output, dict):
        yield _body(output, document, _link_of(document))


def _fields(message: Json) -> str:
    rows = [(faint(name), escaped(_plain(value))) for name, value in message["headers"]]
    return table((), rows)


def _plain(value: Any) -> str:
    return "(secret)" if isinstance(value, dict) else str(value)


def _body(message: Json, document: Json, link: str = "") -> str:
    return body_html(message.get("body"), message.get("headers") or [], document.get("id"), link)


def _link_of(document: Json) -> str:
    """Where this machine answers the same again, if asking is harmless."""
    given = document.get("input")
    if not isinstance(given, dict) or given.get("method") != "GET":
        return ""
    authority = str(given.get("authority"))
    path = quote(str(given.get("path_with_query")), safe="/%:?@!$&'()*+,;=~[]")
    scheme = "https" if given.get("scheme") == "https" else "http"
    return f"{scheme}://{authority}{path}" if _HERE.fullmatch(authority) else ""


def waterfall(calls: list[Json], total: float) -> str:
    """When each call of the host was, beside one another."""
    begin = min((call.get("at") or 0 for call in calls), default=0)
    end = max((call.get("at") or 0) + (call.get("took") or 0) for call in calls)
    span = max(end - begin, total, 1)
    rows = []
    for call in calls:
        at, took = (call.get("at") or 0) - begin, call.get("took") or 0
        left, width = 100 * at / span, max(0.5, 100 * took / span)
        bar = tag("div", "", f"margin-left: {min(left, 99.5):.2f}%; width: {min(width, 100):.2f}%; "
                  "height: 8px; background: #1565c0; border-radius: 2px")  # fmt: skip
        name = escaped(f"{call.get('interface')}#{call.get('func')}")
        detail = block(f"args   {_short(call.get('args'))}\nresult {_short(call.get('result'))}")
        rows.append(
            (folded(name, detail), escaped(duration(took)), tag("div", bar, "width: 240px"))
        )
    return table(("call", "took", ""), rows)


def _short(value: Any) -> str:
    import json

    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 2000 else text[:2000] + "…"


def trap_html(trap: Json, sources: Sequence[Path] = ()) -> str:
    """Why a guest was stopped, and where in its sources."""
    return _failed(str(trap.get("reason", "")), "trap", _frames(trap), sources)


def _failed(said: str, what: str, frames: list[Json], sources: Sequence[Path]) -> str:
    head = tag("div", f"{badge(what, BAD)} {escaped(said)}", "margin: 4px 0")
    excerpts = (_source(frame, sources) for frame in frames)
    stack = block("\n".join(map(_frame_text, frames))) if frames else ""
    if stack:
        stack = folded(f"stack ({len(frames)})", stack, is_open=len(frames) <= 6)
    return head + next(filter(None, excerpts), "") + stack


def _raised(document: Json) -> Json | None:
    """What the guest's own language said of its failure."""
    found = document.get("traceback") or (document.get("trap") or {}).get("traceback")
    return found if isinstance(found, dict) else None


def _lines_of(file: str, sources: Sequence[Path]) -> list[str]:
    """The lines of a file in one of these folders.

    Guests say what file it is, and must not make a notebook show others.
    """
    for folder in (Path.cwd(), *sources):
        try:
            path = (folder / file).resolve(strict=True)
            if path.is_relative_to(folder.resolve()) and path.is_file():
                return path.read_text("utf-8", "replace").splitlines()
        except (OSError, ValueError):
            continue
    return []


def _source(frame: Json, sources: Sequence[Path]) -> str:
    """The lines around a frame, where its source is here."""
    file, line = frame.get("file"), frame.get("line")
    if not isinstance(file, str) or not isinstance(line, int):
        return ""
    lines = _lines_of(file, sources)
    if not 0 < line <= len(lines):
        return ""
    first = max(1, line - AROUND)
    rows = []
    for number, text in enumerate(lines[first - 1 : line + AROUND], first):
        marker = f"background: {BORDER}; font-weight: 600" if number == line else ""
        shown = escaped(f"{number:5}  {printable(text, keep=chr(9))}")
        rows.append(tag("div", shown, f"white-space: pre; {marker}"))
    where = tag("div", faint(f"{file}:{line}"))
    return where + tag("div", "".join(rows), f"{MONO}; background: {SOFT}; padding: 4px 8px")
