"""What each kind of object is shown as in a notebook; `displays` is for IPython's formatter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from spindle.door import Bench, ExchangeResult, KeyValues, Replay, Rows
from spindle.typed import Trace, TypedComponent
from spindle_kernel.display.benches import bench_bundle
from spindle_kernel.display.exchanges import exchange_bundle
from spindle_kernel.display.replays import replay_bundle
from spindle_kernel.display.tables import (
    MOST,
    calls_bundle,
    rows_bundle,
    store_bundle,
    summaries_bundle,
    text_bundle,
)
from spindle_kernel.session import Exchanges

Bundle = dict[str, str]


def displays(sources: Callable[[], Sequence[Path]]) -> Mapping[type, Callable[..., Bundle]]:
    """For each class, what shows its objects; media types with their contents.

    `sources` gives the folders that sources may be shown from.
    """
    return {
        ExchangeResult: lambda result, **_: exchange_bundle(result.document, sources()),
        Replay: lambda replay, **_: replay_bundle(
            replay.exchange.document, replay.differences, sources()
        ),
        Rows: lambda rows, **_: rows_bundle(rows.columns, rows, rows.changes),
        KeyValues: lambda store, **_: _store(store),
        TypedComponent: lambda component, **_: text_bundle(repr(component)),
        Trace: lambda trace, **_: calls_bundle(trace.calls),
        Exchanges: lambda found, **_: summaries_bundle(found),
        Bench: lambda bench, **_: bench_bundle(bench),
    }


def _store(store: Any) -> Bundle:
    keys = list(store)
    return store_bundle(store.store, {key: store[key] for key in islice(keys, MOST)}, len(keys))
