"""What each kind of object is shown as in a notebook; `displays` is for IPython's formatter.

Classes go by their names, and displays are imported when something is shown: a notebook that does
neither starts the sooner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

Bundle = dict[str, str]
Sources = Callable[[], Sequence[Path]]


def displays(sources: Sources) -> Mapping[tuple[str, str], Callable[..., Bundle]]:
    """For each class, by module and name, what shows its objects: contents by media type.

    `sources` gives the folders that sources may be shown from.
    """
    return {
        ("spindle.door.result", "ExchangeResult"): lambda result, **_: _exchange(result, sources),
        ("spindle.door.result", "Replay"): lambda replay, **_: _replay(replay, sources),
        ("spindle.door.state", "Rows"): _rows,
        ("spindle.door.state", "KeyValues"): _store,
        ("spindle.door.bench", "Bench"): _bench,
        ("spindle.door.embedded", "EmbeddedApp"): _app,
        ("spindle.door.attached", "AttachedApp"): _app,
        ("spindle.client.answers", "Matched"): _matched,
        ("spindle.client.answers", "Stats"): _stats,
        ("builtins", "list"): _records,
        ("builtins", "tuple"): _records,
        ("spindle.typed.typed_component", "TypedComponent"): _component,
        ("spindle.typed.tracing", "Trace"): _trace,
        ("spindle_kernel.session", "Exchanges"): _summaries,
    }


def _exchange(result: Any, sources: Sources) -> Bundle:
    from spindle_kernel.display.exchanges import exchange_bundle

    return exchange_bundle(result.document, sources())


def _replay(replay: Any, sources: Sources) -> Bundle:
    from spindle_kernel.display.replays import replay_bundle

    return replay_bundle(replay.exchange.document, replay.differences, sources())


def _rows(rows: Any, **_: Any) -> Bundle:
    from spindle_kernel.display.tables import rows_bundle

    return rows_bundle(rows.columns, rows, rows.changes)


def _store(store: Any, **_: Any) -> Bundle:
    from spindle_kernel.display.tables import MOST, store_bundle

    keys = list(store)
    return store_bundle(store.store, {key: store[key] for key in islice(keys, MOST)}, len(keys))


def _bench(bench: Any, **_: Any) -> Bundle:
    from spindle_kernel.display.benches import bench_bundle

    return bench_bundle(bench)


def _component(component: Any, **_: Any) -> Bundle:
    from spindle_kernel.display.tables import text_bundle

    return text_bundle(repr(component))


def _trace(trace: Any, **_: Any) -> Bundle:
    from spindle_kernel.display.tables import calls_bundle

    return calls_bundle(trace.calls)


def _summaries(found: Any, **_: Any) -> Bundle:
    from spindle_kernel.display.tables import summaries_bundle

    return summaries_bundle(found)


def _app(app: Any, **_: Any) -> Bundle:
    from spindle_kernel.display.apps import app_bundle

    return {} if app.closed else app_bundle(app)


def _matched(matched: Any, **_: Any) -> Bundle:
    from spindle_kernel.display.apps import records_bundle

    tried = records_bundle(matched.tried)
    return {
        "text/plain": f"{matched.why}\n\n{tried['text/plain']}",
        "text/html": tried["text/html"],
    }


def _stats(stats: Any, **_: Any) -> Bundle:
    from spindle_kernel.display.apps import stats_bundle

    return stats_bundle(stats)


def in_lines(printer: Callable[..., None]) -> Callable[..., None]:
    """What prints lists; of one that is shown as a table, columns, unless it is within another."""

    def show(found: Any, p: Any, cycle: bool) -> None:
        if len(p.stack) < 2 and (text := _records(found).get("text/plain")):
            p.text(text)
        else:
            printer(found, p, cycle)

    return show


def _records(found: Sequence[Any], **_: Any) -> Bundle:
    """Lists of what an application says are tables; any other is as ever."""
    if not found or not type(found[0]).__module__.startswith("spindle."):
        return {}
    from spindle_kernel.display.apps import COLUMNS, records_bundle

    name = type(found[0]).__name__
    if any(type(each) is not type(found[0]) for each in found):
        return {}
    if name == "Summary":
        return _summaries(found)
    return records_bundle(found) if name in COLUMNS else {}
