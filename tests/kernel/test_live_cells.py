"""Live cells show what the application answers as it is now."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from spindle_kernel.live_cells import LiveCells
from spindle_kernel.session import Session

CELL = "GET /{{word}}\n\n###\nGET /traps"


def test_a_change_has_them_answered_anew(application: Path, tmp_path: Path) -> None:
    manifest = (application / "spin.toml").read_text()
    (tmp_path / "spin.toml").write_text(manifest)
    namespace: dict[str, Any] = {"word": "hello"}
    session = Session(namespace, lambda expression: eval(expression, namespace))
    session.begin()
    shown: list[tuple[int | None, str, bool]] = []
    anew = threading.Event()

    def show(result: Any, name: str, again: bool) -> None:
        shown.append((result.status, name, again))
        if len(shown) == 4:
            anew.set()

    cells = LiveCells(session, show, lambda action: action())
    try:
        session.up(str(tmp_path))
        session.live["a"] = CELL
        cells.show("a", session.run(CELL))
        (tmp_path / "spin.toml").write_text(manifest.replace('"/hello"', '"/other"'))
        namespace["word"] = "other"
        session.app.reload()
        assert anew.wait(60)
    finally:
        session.close()
    before, after = [(200, "live-a-0", False), (500, "live-a-1", False)], (500, "live-a-1", True)
    assert shown == [*before, (200, "live-a-0", True), after]


def test_what_cannot_be_asked_any_more_stays(application: Path) -> None:
    namespace: dict[str, Any] = {}
    session = Session(namespace, lambda expression: eval(expression, namespace))
    session.begin()
    cells = LiveCells(session, lambda *_: None, lambda action: action())
    session.live["a"] = CELL
    cells.refresh()
    assert cells._asking is None  # nothing is open, and nothing is opened
    session.up(str(application))
    try:
        cells.refresh()
        asking = cells._asking
        assert asking is not None
        asking.join()
    finally:
        session.close()
