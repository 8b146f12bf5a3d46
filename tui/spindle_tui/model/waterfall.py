"""When things happened during an exchange, as bars below one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spindle_tui.model.bodies import bytes_of
from spindle_tui.model.cleaning import one_line
from spindle_tui.model.columns import fitted
from spindle_tui.model.lines import EMPTY, Line, Span, line, note
from spindle_tui.model.measures import took_text

PHASE_STYLES = {
    "queue": "dim",
    "instantiate": "warn",
    "guest": "good",
    "host": "key",
    "stream": "string",
}
MOST_TRACED = 300
"""Characters of arguments, and of a result, that a line of a trace has."""
FILLS = "█▓▒░▪"
"""What phases are drawn with, so that they differ without colours."""


def bar(start: float, took: float, total: float, width: int) -> str:
    """A stretch of a whole; never nothing."""
    if total <= 0:
        return " " * width
    begin = min(width - 1, int(start / total * width))
    cells = max(1, min(width - begin, round(took / total * width)))
    return " " * begin + "█" * cells + " " * (width - begin - cells)


def phase_lines(phases: Mapping[str, float], width: int) -> list[Line]:
    """One bar of all phases, and what each took."""
    parts = [(name, took) for name, took in phases.items() if name != "total" and took > 0]
    total = sum(took for _, took in parts)
    if total <= 0:
        return []
    spans: list[Span] = []
    legend: list[list[Span]] = [[]]
    used = room = 0
    for at, (name, took) in enumerate(parts):
        last = at == len(parts) - 1
        cells = width - used if last else min(width - used, max(1, round(took / total * width)))
        fill, style = FILLS[at % len(FILLS)], PHASE_STYLES.get(name, "")
        spans.append(Span(fill * cells, style))
        said = f"{one_line(name)} {took_text(took)}   "
        if room + len(said) + 2 > width and legend[-1]:
            legend.append([])
            room = 0
        legend[-1] += [Span(f"{fill} ", style), Span(said)]
        room += len(said) + 2
        used += cells
    return [Line(tuple(spans)), *(Line(tuple(row)) for row in legend)]


def call_lines(calls: Sequence[Mapping[str, Any]], total: float, width: int) -> list[Line]:
    """Calls of the host: name, when, how long, and below it with what and what came of it."""
    if not calls:
        return [note("it called nothing of the host's")]
    names = [call_name(call) for call in calls]
    name_width = min(max(len(name) for name in names), max(16, width // 2))
    bar_width = max(8, width - name_width - 12)
    lines = []
    for name, call in zip(names, calls, strict=True):
        lines.append(
            line(
                Span(fitted(name, name_width) + " ", "key"),
                Span(bar(call["at"], call["took"], total, bar_width), "good"),
                Span(took_text(call["took"]).rjust(9), "dim"),
            )
        )
    lines.append(EMPTY)
    for name, call in zip(names, calls, strict=True):
        lines += _call_detail(name, call)
    return lines


def trace_lines(calls: Sequence[Mapping[str, Any]]) -> list[Line]:
    """All that a guest called, in order: when, what with, what came of it, and how long it took."""
    return [_traced(call) for call in calls]


def _traced(call: Mapping[str, Any]) -> Line:
    args, took = call["args"], call["took"]
    inner = ", ".join(map(value_text, args)) if isinstance(args, list) else value_text(args)
    spans = [
        Span(took_text(call["at"]).rjust(8) + " ", "dim"),
        Span(call_name(call), "key"),
        Span(f"({one_line(inner, MOST_TRACED)})"),
    ]
    if "trap" in call:
        spans.append(Span(f" ✗ {one_line(call['trap'], MOST_TRACED)}", "bad"))
    elif call["result"] is not None:
        spans.append(Span(f" → {one_line(value_text(call['result']), MOST_TRACED)}"))
    spans.append(Span("  never ended" if took is None else f"  {took_text(took)}", "dim"))
    return Line(tuple(spans))


def call_name(call: Mapping[str, Any]) -> str:
    """A function with its interface, without package and version."""
    interface = str(call.get("interface", "")).partition("@")[0].rpartition("/")[2]
    name = one_line(f"{interface}.{call.get('func', '')}" if interface else call.get("func", ""))
    dependency = call.get("dependency")
    return f"{one_line(dependency)}: {name}" if dependency else name


def _call_detail(name: str, call: Mapping[str, Any]) -> list[Line]:
    lines = [line(Span(name, "head"), Span(f"  at {took_text(call['at'])}", "dim"))]
    lines += _value_lines("args", call.get("args"))
    lines += _value_lines("result", call.get("result"))
    return lines


def _value_lines(name: str, value: Any) -> list[Line]:
    if value in (None, {}, []):
        return []
    if isinstance(value, Mapping) and not _is_body(value) and "secret" not in value:
        return [
            line(Span(f"  {one_line(key)}: ", "dim"), Span(value_text(each)))
            for key, each in value.items()
        ]
    return [line(Span(f"  {name}: ", "dim"), Span(value_text(value)))]


def value_text(value: Any) -> str:
    """A value of a call in one line: bodies as text, secrets by name."""
    if isinstance(value, Mapping):
        if _is_body(value):
            data = bytes_of(value)
            text = one_line(data.decode("utf-8", "backslashreplace"), 400)
            more = "" if len(data) == value["size"] else f" (of {value['size']:,} bytes)"
            return f"{text}{more}"
        if set(value) == {"secret"}:
            return f"«secret {one_line(value['secret'])}»"
        inner = ", ".join(f"{one_line(key)}: {value_text(each)}" for key, each in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(value_text, value))}]"
    return one_line(value if isinstance(value, str) else repr(value), 400)


def _is_body(value: Mapping[str, Any]) -> bool:
    return {"size", "kept", "encoding", "data"} <= set(value)
