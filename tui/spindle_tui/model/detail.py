"""All there is of an exchange, as pages of lines."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeGuard

from spindle.text import counted
from spindle_tui.model.bodies import body_lines, header_lines
from spindle_tui.model.cleaning import block, log_line, one_line
from spindle_tui.model.columns import status_style
from spindle_tui.model.lines import EMPTY, Line, Place, Span, fields, heading, line, note
from spindle_tui.model.measures import joined, took_text
from spindle_tui.model.waterfall import call_lines, phase_lines, trace_lines, value_text

Document = Mapping[str, Any]
"""An exchange, as the host tells it."""
PREVIEW = 12
"""Lines of a body that the overview has."""


class View(NamedTuple):
    """How pages are shown."""

    width: int = 80
    as_hex: bool = False


def _overview(document: Document, view: View) -> list[Line]:
    lines = [*summary_lines(document), EMPTY]
    if _went_wrong(document):
        lines += [*_trap(document, view), EMPTY]
    if phases := phase_lines(document["phases_us"], view.width):
        lines += [*phases, EMPTY]
    lines += _counts(document)
    output = document.get("output")
    if is_message(output):
        preview = body_lines(output["body"], output["headers"], as_hex=view.as_hex)
        more = len(preview) - PREVIEW
        lines += [heading("Response body"), *preview[:PREVIEW]]
        if more > 0:
            lines.append(note(f"… {more} more lines under Response"))
    return lines


def summary_lines(document: Document) -> list[Line]:
    """What was asked, of whom, and what became of it."""
    lines = [title_line(document), EMPTY]
    facts: list[tuple[str, str | Span]] = [
        ("when", _moment(str(document["id"]))),
        ("component", _component(document)),
        ("trigger", f"{document['trigger']['type']} {one_line(document['trigger']['target'])}"),
        ("id", one_line(document["id"])),
    ]
    lines += fields(facts)
    for name, said in (("parent", "called by"), ("replay_of", "replays")):
        if document.get(name):
            id = str(document[name])
            lines.append(Line((Span(f"{said}  ", "key"), Span(one_line(id), "link")), exchange=id))
    if document.get("truncated"):
        lines.append(note(f"not all was kept of: {', '.join(document['truncated'])}"))
    return lines


def title_line(document: Document) -> Line:
    """An exchange in a line: what was asked and what came of it."""
    asked, output = document.get("input"), document.get("output")
    what = document["trigger"]["target"]
    if is_message(asked):
        what = f"{asked['method']} {asked['path_with_query']}"
    took = took_text(document["phases_us"].get("total"))
    return line(
        Span(one_line(what), "head"), "  ", outcome(output, document.get("trap")), f"  {took}"
    )


def outcome(output: Any, trap: Any) -> Span:
    """How an exchange ended."""
    if is_message(output):
        style = status_style(output["status"], None if trap is None else "trap")
        return Span(f"{output['status']}{' trap' if trap else ''}", style)
    return Span("trap", "bad") if trap else Span("no response", "dim")


def _component(document: Document) -> str:
    instance = document.get("instance")
    build = document.get("build")
    return joined(
        (
            one_line(document.get("component") or "the host itself"),
            "" if build is None else f"build {one_line(build)[:12]}",
            "" if instance is None else f"instance {instance}",
        )
    )


def _moment(id: str) -> str:
    milliseconds = int(id[:12], 16) if _is_hex(id[:12]) else 0
    moment = time.localtime(milliseconds / 1000)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', moment)}.{milliseconds % 1000:03}"


def _is_hex(text: str) -> bool:
    return bool(text) and all(c in "0123456789abcdef" for c in text)


def _counts(document: Document) -> list[Line]:
    calls, logs = len(document["calls"]), len(document["logs"])
    said = joined(
        (
            counted(calls, "host call") if calls else "",
            counted(logs, "log line") if logs else "",
        )
    )
    return [note(said), EMPTY] if said else []


def _request(document: Document, view: View) -> list[Line]:
    asked = document.get("input")
    if not is_message(asked):
        return _value(asked, view)
    url = f"{asked['scheme']}://{asked['authority'] or ''}{asked['path_with_query']}"
    first = line(Span(one_line(asked["method"]), "word"), " ", Span(one_line(url, 4000)))
    return [first, *header_lines(asked["headers"]), EMPTY, *_body(asked, view)]


def _response(document: Document, view: View) -> list[Line]:
    output = document.get("output")
    if not is_message(output):
        return [note("it gave no response")] if output is None else _value(output, view)
    lines = [line(outcome(output, None)), *header_lines(output["headers"]), EMPTY]
    lines += _body(output, view)
    if output.get("trailers"):
        lines += [EMPTY, heading("Trailers"), *header_lines(output["trailers"])]
    return lines


def _body(message: Mapping[str, Any], view: View) -> list[Line]:
    return body_lines(message["body"], message["headers"], as_hex=view.as_hex)


def _value(value: Any, view: View) -> list[Line]:
    """What is no HTTP message: a payload, arguments, a result."""
    if not isinstance(value, Mapping):
        return [line(value_text(value))]
    lines: list[Line] = []
    for key, each in value.items():
        lines.append(line(Span(one_line(key), "key")))
        if isinstance(each, Mapping) and "kept" in each:
            lines += body_lines(each, (), as_hex=view.as_hex)
        else:
            lines.append(line("  ", value_text(each)))
    return lines


def _calls(document: Document, view: View) -> list[Line]:
    total = document["phases_us"].get("total") or 0
    lines = call_lines(document["calls"], total, view.width)
    if (trace := document.get("trace")) is not None:
        title = heading(f"Trace: {counted(len(trace), 'call')}, all that the guest made")
        lines += [EMPTY, title, *trace_lines(trace)]
    return lines


def _logs(document: Document, _view: View) -> list[Line]:
    if not document["logs"]:
        return [note("it wrote nothing to stdout or stderr")]
    return [
        line(
            Span(took_text(entry["at"]).rjust(8) + " ", "dim"),
            Span("│ ", "warn" if entry["stream"] == "stderr" else "dim"),
            log_line(entry["text"]),
        )
        for entry in document["logs"]
    ]


def _trap(document: Document, _view: View) -> list[Line]:
    trap = document.get("trap")
    if trap is None:
        if (printed := document.get("traceback")) is None:
            return [note("it was not stopped by a trap")]
        return [note("it answered so after a failure of its own"), *_traceback(printed)]
    lines = [line(Span("trap: ", "bad"), Span(one_line(trap["reason"], 2000), "bad"))]
    if trap.get("dependency"):
        lines.append(note(f"in the dependency {one_line(trap['dependency'])}"))
    if trap.get("export"):
        lines.append(note(f"during {one_line(trap['export'])}"))
    if (traceback := trap.get("traceback")) is not None:
        lines += [EMPTY, *_traceback(traceback)]
    if trap["frames"]:
        lines += [EMPTY, heading("Stack of the guest"), *map(_frame, trap["frames"])]
    return lines


def _went_wrong(document: Document) -> bool:
    return bool(document.get("trap") or document.get("traceback"))


def _traceback(traceback: Mapping[str, Any]) -> list[Line]:
    """What a guest's language said of a failure."""
    said = [line(Span(each, "bad")) for each in block(traceback["message"]).split("\n")]
    return [heading(one_line(traceback["language"])), *said, *map(_frame, traceback["frames"])]


def _frame(frame: Mapping[str, Any]) -> Line:
    """A frame; its file can be opened if it is known."""
    spans = [Span("  "), Span(one_line(frame["function"]), "word")]
    if frame["file"] is None:
        return Line(tuple(spans))
    at = ":".join(str(part) for part in (frame["file"], frame["line"], frame["column"]) if part)
    spans += [Span("  "), Span(one_line(at), "link")]
    return Line(tuple(spans), place=Place(str(frame["file"]), frame["line"]))


def is_message(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether a document's input or output is an HTTP message."""
    return isinstance(value, Mapping) and "headers" in value and "body" in value


class Page(NamedTuple):
    """One page of an exchange."""

    title: str
    lines: Callable[[Document, View], list[Line]]
    amount: Callable[[Document], int | None] = lambda _document: None
    """What its title says there is of it."""


PAGES = (
    Page("Overview", _overview),
    Page("Request", _request),
    Page("Response", _response),
    Page("Calls", _calls, lambda document: len(document["calls"])),
    Page("Logs", _logs, lambda document: len(document["logs"])),
    Page("Trap", _trap, lambda document: int(_went_wrong(document))),
)


def page_titles(document: Document) -> list[str]:
    """The pages' titles, with how much there is on them."""
    counts = [(page.title, page.amount(document)) for page in PAGES]
    return [title if count is None else f"{title} {count}" for title, count in counts]


def page_lines(document: Document, page: int, view: View) -> list[Line]:
    """The lines of one page, which may be wider than the view."""
    return PAGES[page].lines(document, view)


def first_place(document: Document) -> Place | None:
    """Where the source is of what went wrong."""
    return next((each.place for each in _trap(document, View()) if each.place is not None), None)
