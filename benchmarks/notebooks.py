"""Typed calls, and the kernel beside ipykernel's own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.apps import application, guest
from jupyter_client.manager import start_new_kernel

import spindle
from spindle.typed import component
from spindle_kernel.installing import install

WAT = b"""
(component
  (core module $M
    (memory (export "memory") 64)
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0))
      (i32.store (i32.const 4) (local.get 1))
      (i32.const 0)))
  (core instance $m (instantiate $M))
  (alias core export $m "memory" (core memory $memory))
  (alias core export $m "realloc" (core func $realloc))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32)
    (canon lift (core func $m "add")))
  (func (export "echo") (param "bytes" (list u8)) (result (list u8))
    (canon lift (core func $m "echo") (memory $memory) (realloc $realloc))))
"""
CALLING_OUT = b"""
(component
  (import "host" (func $host))
  (core func $lowered (canon lower (func $host)))
  (core module $M
    (import "" "host" (func $host))
    (func (export "ask") (call $host))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  (core instance $m (instantiate $M (with "" (instance (export "host" (func $lowered))))))
  (func (export "ask") (canon lift (core func $m "ask")))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32)
    (canon lift (core func $m "add"))))
"""
"""A component that imports something has its instance entered as any other call does."""
CALLS = 10_000
BODY = bytes(1_000_000)


class NotebookFigure(NamedTuple):
    """One figure; `most` is the goal."""

    what: str
    ms: float
    most: float


def notebook_figures(scratch: Path, times: int) -> Iterator[NotebookFigure]:
    """Everything that the kernel promises."""
    with component(WAT) as c:
        calls = f"{CALLS} typed calls of two integers"
        yield NotebookFigure(calls, _least(times, lambda: [c.add(2, 3) for _ in range(CALLS)]), 100)
        with component(CALLING_OUT, imports={"host": _nothing}) as out:
            ms = _least(times, lambda: [out.add(2, 3) for _ in range(CALLS)])
        yield NotebookFigure("the same of a component that imports something", ms, 100)
        both_ways = "1 MB as list<u8>, there and back"
        yield NotebookFigure(both_ways, _least(times * 5, lambda: c.echo(BODY)), 2)
    app = application([guest("wat/hello")], scratch / "notebook")
    where = install(prefix=str(scratch / "prefix"))
    os.environ["JUPYTER_PATH"] = str(where.parent.parent)
    starts: dict[str, list[float]] = {"spindle": [], "python3": []}
    for _ in range(times):
        for name, taken in starts.items():
            began = time.perf_counter()
            with _kernel(name, app):
                taken.append((time.perf_counter() - began) * 1e3)
    beyond = median(starts["spindle"]) - median(starts["python3"])
    yield NotebookFigure("kernel start to ready, beyond ipykernel's own", beyond, 300)
    with _kernel("spindle", app) as client, spindle.open(app) as served:
        _run(client, "assert app.get('/').status == 200")
        plain = _least(times * 5, lambda: served.get("/"))
        cell = _least(times * 5, lambda: _run(client, "GET /"))
        empty = _least(times * 5, lambda: _run(client, "1"))
    yield NotebookFigure(
        "a request cell, beyond the call and an empty cell", cell - empty - plain, 10
    )


def notebook_line(figure: NotebookFigure) -> str:
    """A figure with its goal."""
    return f"{figure.what:52} {figure.ms:9.2f} ms   goal {figure.most:g} ms"


def _least(times: int, call: Callable[[], Any]) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1e3)
    return min(taken)


@contextmanager
def _kernel(name: str, folder: Path) -> Iterator[Any]:
    manager, client = start_new_kernel(kernel_name=name, cwd=str(folder))
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def _run(client: Any, code: str) -> None:
    """Run a cell; its output is nobody's."""
    reply = client.execute_interactive(code, output_hook=_ignore)
    if reply["content"]["status"] != "ok":
        raise SystemExit(f"the cell `{code}` fails: {reply['content']['evalue']}")


def _ignore(_message: object) -> None:
    return


def _nothing() -> None:
    return
