"""The application itself, and what it says of itself: routes, components, builds, differences."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spindle.text import printable, readable_size
from spindle_kernel.display.exchanges import duration
from spindle_kernel.display.markup import escaped, faint, folded, link_html, table, tag

MOST = 200
"""Records that are shown."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "RouteInfo": ("pattern", "component", "executor", "id"),
    "ComponentInfo": ("id", "build", "source", "memory", "requests", "description"),
    "BuildResult": ("id", "ok", "fresh", "took"),
    "RouteStats": ("route", "component", "count", "errors", "rate", "p50", "p90", "p99", "max"),
    "ComponentStats": ("id", "count", "errors", "rate", "p50", "p99", "instances", "memory"),
    "Difference": ("part", "path", "before", "after"),
    "RouteTry": ("route", "matches", "why"),
    "MockCall": ("function", "args", "result"),
    "LogLine": ("component", "stream", "text"),
}
"""What is shown of records, by their classes."""


def app_bundle(app: Any) -> dict[str, str]:
    """An application that is served: what it is called, where it is, what answers."""
    info, routes, components = app.info(), app.routes(), app.components()
    title = f"{info.app.name} {info.app.version}".strip()
    where = info.base_url or "no HTTP triggers"
    kind = f"{type(app).__name__} {info.manifest}"
    head = f"{tag('b', escaped(title))} {_link(info.base_url)} {faint(kind)}"
    parts = [tag("div", head), records_html(routes)]
    counted = f"components ({len(components)})"
    parts.append(folded(counted, records_html(components), is_open=True))
    lines = (f"{printable(title)}: {where}", printable(kind), records_text(routes))
    return {"text/plain": "\n".join(lines), "text/html": tag("div", "".join(parts))}


def _link(url: str | None) -> str:
    if url is None:
        return faint("no HTTP triggers")
    if not url.startswith(("http://", "https://")):
        return escaped(url)
    return link_html(url, url)


def stats_bundle(stats: Any) -> dict[str, str]:
    """What a host has counted."""
    host, parts = stats.host, (stats.routes, stats.components)
    said = (
        f"{host.requests} requests, {host.errors} errors, {host.connections} connections, "
        f"{readable_size(host.rss)} of memory"
    )
    return {
        "text/plain": "\n\n".join((said, *map(records_text, parts))),
        "text/html": faint(said) + "".join(map(records_html, parts)),
    }


def records_bundle(records: Sequence[Any]) -> dict[str, str]:
    """Records of one of the classes in `COLUMNS`."""
    return {"text/plain": records_text(records), "text/html": records_html(records)}


def records_html(records: Sequence[Any]) -> str:
    """A table."""
    if not records:
        return faint("none")
    heads = _heads(records)
    rows = [[escaped(cell) for cell in row] for row in _rows(records[:MOST], heads)]
    more = faint(f"{len(records) - MOST} more") if len(records) > MOST else ""
    return table(heads, rows) + more


def records_text(records: Sequence[Any]) -> str:
    """Columns beside one another."""
    if not records:
        return "none"
    heads = _heads(records)
    rows = [heads, *([printable(cell) for cell in row] for row in _rows(records[:MOST], heads))]
    widths = [max(len(row[at]) for row in rows) for at in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _heads(records: Sequence[Any]) -> list[str]:
    """The columns that are not empty."""
    heads = COLUMNS[type(records[0]).__name__]
    return [head for head in heads if any(_cell(each, head) for each in records[:MOST])]


def _rows(records: Iterable[Any], heads: Sequence[str]) -> list[list[str]]:
    return [[_cell(record, head) for head in heads] for record in records]


def _value(record: Any, head: str) -> Any:
    instances = getattr(record, "instances", None)
    if isinstance(instances, tuple) and head in ("memory", "requests"):
        return sum(getattr(each, head) for each in instances)
    return getattr(record, head)


def _cell(record: Any, head: str) -> str:
    value = _value(record, head)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if head == "memory":
        return readable_size(value)
    if head in ("p50", "p90", "p99", "max"):
        return duration(value)
    if isinstance(value, float):
        return f"{value:.2f} s" if head == "took" else f"{value:.1f}"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 200 else text[:200] + "…"
