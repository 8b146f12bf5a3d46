"""The terminal interface on a stage: a host that is always the same, and no terminal."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from tests.tui.documents import Beside
from tests.tui.premises import Premises, stats
from textual.pilot import Pilot
from textual.widget import Widget

from spindle_tui.app import SpindleApp

BEATS = 90
PATIENCE = 60.0
MOMENT = 0.01
"""Seconds after which what waits for the next frame has begun."""
Shown = Pilot[None]
W = TypeVar("W", bound=Widget)


@asynccontextmanager
async def staged(
    tab: str, premises: Premises | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Shown]:
    """A tab in front, after a minute and a half with the host."""
    host = premises or Premises()
    app = SpindleApp(Beside(host))
    app.pulse.keep = asyncio.Event().wait  # type: ignore[assignment, method-assign]  # see below
    async with entered(app, size) as pilot:
        await settled(pilot)
        for host.beat in range(BEATS):  # so many, however long this takes
            app.pulse.history.take(stats(host.beat))
        await app.show_tab(tab)
        await settled(pilot)
        yield pilot


@asynccontextmanager
async def entered(app: SpindleApp, size: tuple[int, int]) -> AsyncIterator[Shown]:
    """An application that is left as people leave it, which ends what is done at intervals."""
    async with app.run_test(size=size) as pilot:
        try:
            yield pilot
        finally:
            app.exit()


async def settled(pilot: Shown) -> None:
    """Wait until nothing is under way that ends by itself."""
    for _ in range(2):
        await pilot.pause()


async def still(pilot: Shown) -> None:
    """Wait until what is drawn at intervals was drawn too."""
    await pilot.pause(0.4)
    await settled(pilot)


async def idle(*_seconds: float) -> None:
    """Wait until this loop has nothing to do, and nothing that is due at once."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # what is to run next
    deadline = time.monotonic() + 1
    for pause in (0, MOMENT):
        await asyncio.sleep(pause)
        while ready and time.monotonic() < deadline:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0)


async def pressed(pilot: Shown, *keys: str) -> None:
    """Press keys, and wait for what they do."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def typed(pilot: Shown, text: str) -> None:
    """Type a text where the focus is."""
    await pilot.press(*(_KEYS.get(character, character) for character in text))
    await settled(pilot)


_KEYS = {" ": "space", "\n": "enter", "/": "slash", "-": "minus", ":": "colon"}


def screen_text(pilot: Shown) -> str:
    """All that is to be seen, without colours."""
    lines = pilot.app.screen._compositor.render_strips(pilot.app.size)
    return "\n".join(strip.text.rstrip() for strip in lines)


async def until(pilot: Shown, *seen: str, line: int | None = None) -> None:
    """Wait until texts are to be seen, in one line if its number is given, and all is drawn."""
    deadline = time.monotonic() + PATIENCE
    while any(text not in _part(shown := screen_text(pilot), line) for text in seen):
        assert time.monotonic() < deadline, f"{seen} is not in\n{shown}"
        await pilot.pause(0.01)
    await settled(pilot)


def _part(text: str, line: int | None) -> str:
    return text if line is None else text.splitlines()[line]
