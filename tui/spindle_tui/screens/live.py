"""What panes have in common that show a host that lives: work that goes on while they are shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from textual.worker import Worker

from spindle.client import HostUnreachable
from spindle.errors import SpindleError
from spindle_tui.model.builds import outcome
from spindle_tui.model.cleaning import one_line
from spindle_tui.screens.pane import Pane

if TYPE_CHECKING:
    from spindle.client import HostClient

T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, None]]
"""Begins something when it is called, which it is not if there is no time for it."""


class LivePane(Pane):
    """A pane with work under way while it is shown, and with the host's beat."""

    DEFAULT_CSS = """
    LivePane { background: $surface; }
    LivePane VerticalScroll { scrollbar-size-vertical: 1; }
    """

    in_front = False
    """Whether it is shown."""

    def while_shown(self, work: Work) -> None:
        """Do something until it is done or the pane is hidden."""
        self._begin(work, "shown")

    def at_once(self, work: Work, what: str) -> None:
        """Do something in place of what of its kind is still under way."""
        self._begin(work, what, exclusive=True)

    def after_all(self, work: Work, what: str) -> None:
        """Do something beside what of its kind is still under way."""
        self._begin(work, what)

    def if_idle(self, work: Work, what: str) -> None:
        """Do something while it is shown, unless the last time of its kind is still under way."""
        if self.host_is_there and not any(w.group == what and w.is_running for w in self.workers):
            self._begin(work, what)

    @property
    def host(self) -> HostClient:
        """The host that is shown; raises `HostUnreachable` while there is none."""
        if (host := self.shell.host) is None:
            raise HostUnreachable("there is no host at the moment")
        return host

    @property
    def host_is_there(self) -> bool:
        """Whether there is a host to ask at this moment."""
        return self.shell.host is not None

    def note(self, text: str) -> None:
        """Say how it stands with what is shown."""
        if self.in_front and self.app.is_running:
            self.shell.note(text)

    async def on_shown(self) -> None:
        self.in_front = True
        self.shell.pulse.listeners.add(self._beat)
        self.on_beat()

    async def on_hidden(self) -> None:
        self.in_front = False
        self.shell.pulse.listeners.discard(self._beat)
        self.workers.cancel_group(self, "shown")

    def on_beat(self) -> None:
        """There are new figures in `shell.pulse.history`."""

    async def told(self, asked: Awaitable[T]) -> T | None:
        """What a call answers; if it fails, the person is told and there is None."""
        try:
            return await asked
        except HostUnreachable:
            return None  # the status bar says so
        except SpindleError as error:
            self.shell.say("\n".join([str(error), *error.hints]), "error")
            return None

    def build(self, components: Sequence[str] | None, *, force: bool = False) -> None:
        """Build components, all if none are named, and say what came of it."""

        async def work() -> None:
            for result in await self.host.build(components, force=force):
                self.shell.say(outcome(result), "information" if result.ok else "error")

        self.after_all(work, "build")
        names = "all components" if components is None else ", ".join(components)
        self.shell.say(f"building {one_line(names)}")

    def reload(self) -> None:
        """Have the host serve what the files say now."""

        async def work() -> None:
            changed = ", ".join(map(one_line, await self.host.reload()))
            self.shell.say(f"new builds: {changed}" if changed else "reloaded; no build is new")

        self.after_all(work, "build")

    def _beat(self) -> None:
        if self.app.is_running:  # else what is to show it is being taken apart
            self.on_beat()

    def _begin(self, work: Work, group: str, *, exclusive: bool = False) -> None:
        async def told() -> None:
            await self.told(work())

        _: Worker[None] = self.run_worker(told, group=group, exclusive=exclusive)
