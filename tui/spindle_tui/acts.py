"""What can be done with exchanges, wherever they are shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, cast

from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen

from spindle.errors import SpindleError
from spindle.exchange import Summary
from spindle.text import counted
from spindle_tui.model.detail import title_line
from spindle_tui.model.replays import Replay, difference_lines, replay_lines, suite_lines
from spindle_tui.screens.dialogs import AskScreen, Choice, ChoiceScreen
from spindle_tui.screens.page import PageScreen

if TYPE_CHECKING:
    from spindle.client import HostClient
    from spindle_tui.screens.pane import Shell

Result = TypeVar("Result")
AT_ONCE = 8
"""Replays that are under way at the same time."""

REPLAYS = (
    Choice("f", "fork", "on forked state", "a copy of what is kept now; the real one is untouched"),
    Choice("l", "live", "on the live state", "as if the client asked again"),
    Choice("r", "recorded", "with recorded answers", "no network, no state: what `--record` kept"),
    Choice("t", "trace", "with a trace", "on forked state; all that the guest calls is kept"),
    Choice("b", "build", "on another build…", "of those that were seen"),
)
PREVIOUS = Choice("p", "previous", "the previous build", "of its component")
EXPORTS = (
    Choice("c", "curl", "curl", "a command line"),
    Choice("t", "http", ".http", "for editors"),
    Choice("h", "har", "HAR", "for browsers"),
    Choice("p", "python", "Python"),
    Choice("y", "pytest", "pytest", "a test that asks and compares"),
    Choice("j", "json", "JSON", "the exchanges themselves"),
)
SUFFIXES = {
    "curl": "sh",
    "http": "http",
    "har": "har",
    "python": "py",
    "pytest": "py",
    "json": "json",
}
TARGETS = (
    Choice("c", "clipboard", "to the clipboard"),
    Choice("f", "file", "to a file…"),
    Choice("s", "secrets", "to a file with secrets…", "what authorizes is masked otherwise"),
)


class Acts(DOMNode):
    """Keys that do something with exchanges; a mixin of panes and screens."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "replay", "Replay"),
        Binding("R", "replay_with", "Replay…", show=False),
        Binding("e", "edit", "Edit"),
        Binding("d", "diff", "Diff", show=False),
        Binding("y", "export", "Export"),
        Binding("i", "import", "Import", show=False),
    ]

    @property
    def shell(self) -> Shell:
        """The application around."""
        return cast("Shell", self.app)

    def chosen(self) -> Sequence[Summary | str]:
        """Which exchanges acts are for: summaries or ids."""
        raise NotImplementedError

    def after_act(self) -> None:
        """What is to be done once an act is done."""

    def builds(self) -> Sequence[str]:
        """Builds that exchanges were seen of."""
        return ()

    def action_replay(self) -> None:
        self._start(self._replay(state="fork"))

    def action_replay_with(self) -> None:
        self._start(self._replay_with())

    def action_edit(self) -> None:
        self._start(self._edit())

    def action_diff(self) -> None:
        self._start(self._diff())

    def action_export(self) -> None:
        self._start(self._export())

    def action_import(self) -> None:
        self._start(self._import())

    def _start(self, act: Any) -> None:
        self.app.run_worker(self._told(act), group="acts")

    async def _told(self, act: Any) -> None:
        """Do something; what can't be done is said."""
        try:
            await act
        except SpindleError as error:
            self.shell.say("\n".join((error.message, *error.hints)), "error")
        except OSError as error:
            self.shell.say(str(error), "error")

    def _host(self) -> HostClient | None:
        if self.shell.host is None:
            self.shell.say("there is no host to ask", "warning")
        return self.shell.host

    async def _ask(self, screen: Screen[Result]) -> Result:
        return await self.app.push_screen_wait(screen)

    def _open_page(self, title: str, lines: Any) -> None:
        self.app.push_screen(PageScreen(title, lines))

    async def _replay_with(self) -> None:
        how = await self._ask(ChoiceScreen("Replay", REPLAYS))
        match how:
            case "fork" | "live":
                await self._replay(state=how)
            case "recorded":
                await self._replay(state="fork", hosts="recorded")
            case "trace":
                await self._replay(state="fork", trace=True)
            case "build":
                if (build := await self._which_build()) is not None:
                    await self._replay(state="fork", against=build)

    async def _which_build(self) -> str | None:
        keys = "abcdefghijklmno"  # `p` is for the first
        seen = [Choice(key, id, id) for key, id in zip(keys, self.builds(), strict=False)]
        return await self._ask(ChoiceScreen("On which build?", (PREVIOUS, *seen)))

    async def _replay(
        self,
        *,
        state: Literal["fork", "live"],
        hosts: Literal["live", "recorded"] = "live",
        against: str | None = None,
        trace: bool = False,
    ) -> None:
        chosen, host = self.chosen(), self._host()
        if host is None or not chosen:
            return
        gate = asyncio.Semaphore(AT_ONCE)

        async def replay_one(each: Summary | str) -> Replay:
            id = each if isinstance(each, str) else each.id
            title = id if isinstance(each, str) else _title(each)
            async with gate:
                try:
                    came = await host.replay(
                        id, state=state, hosts=hosts, against=against, trace=trace
                    )
                except SpindleError as error:
                    return Replay(title, None, error=error.message)
                return Replay(title, came.exchange, came.differences)

        if len(chosen) > 1:
            self.shell.say(f"replaying {counted(len(chosen), 'exchange')}")
        replays = await asyncio.gather(*map(replay_one, chosen))
        self.after_act()
        self._show_replays(replays)

    def _show_replays(self, replays: Sequence[Replay]) -> None:
        if len(replays) == 1:
            self._open_page("Replay", replay_lines(replays[0]))
        else:
            self._open_page("Replays", suite_lines(replays))

    async def _edit(self) -> None:
        chosen, host = self.chosen(), self._host()
        if host is None or not chosen:
            return
        # Here, for reading and writing requests is asked for seldom.
        from spindle_tui.model.requests import edit_of, request_text
        from spindle_tui.screens.editing import EditScreen

        first = chosen[0]
        document = await host.exchange(first if isinstance(first, str) else first.id)
        text = request_text(document)
        edited = await self._ask(EditScreen("Edit and replay", text))
        if edited is None:
            return
        edit = edit_of(edited.text, document)
        state: Literal["fork", "live"] = "live" if edited.state == "live" else "fork"
        came = await host.replay(str(document["id"]), edit=edit, state=state)
        title = title_line(document).text
        self._show_replays([Replay(title, came.exchange, came.differences)])

    async def _diff(self) -> None:
        """Compare two that are marked, or one with what it repeats."""
        chosen, host = self.chosen(), self._host()
        if host is None or not chosen:
            return
        ids = sorted(each if isinstance(each, str) else each.id for each in chosen)
        if len(ids) == 1 and (original := (await host.exchange(ids[0])).get("replay_of")):
            ids = [str(original), *ids]
        if len(ids) != 2:
            self.shell.say("mark two exchanges to compare, or choose a replay", "warning")
            return
        differences = await host.diff(*ids)
        self.after_act()
        self._open_page("Differences", difference_lines(differences))

    async def _export(self) -> None:
        chosen, host = self.chosen(), self._host()
        if host is None or not chosen:
            return
        what = counted(len(chosen), "exchange")
        form = await self._ask(ChoiceScreen(f"Export {what} as", EXPORTS))
        target = form and await self._ask(ChoiceScreen(f"Export {what} as {form}", TARGETS))
        if not form or not target:
            return
        ids = [each if isinstance(each, str) else each.id for each in chosen]
        text = await host.export(ids, form, secrets=target == "secrets")
        if target == "clipboard":
            self.shell.copy_text(text, f"{what} as {form}")
        elif path := await self._ask(AskScreen("Which file?", f"exchange.{SUFFIXES[form]}")):
            await asyncio.to_thread(_write_new, path, text)
            self.shell.say(f"wrote {path}")
        self.after_act()

    async def _import(self) -> None:
        host = self._host()
        help = "a HAR or .http file, or a curl command"
        if host is None:
            return
        given = await self._ask(AskScreen("Import requests of", help=help))
        if not given:
            return
        from spindle.history import import_requests

        text = given if given.startswith("curl ") else await asyncio.to_thread(_read, given)
        read = import_requests(text)
        for problem in read.problems[:3]:
            self.shell.say(f"line {problem.line + 1}: {problem.message}", "warning")
        if not read.exchanges:
            return
        what = counted(len(read.exchanges), "request")
        state = await self._ask(ChoiceScreen(f"Send {what}", REPLAYS[:2]))
        if state in ("fork", "live"):
            await self._send(host, read.exchanges, "live" if state == "live" else "fork")

    async def _send(
        self,
        host: HostClient,
        documents: Iterable[Mapping[str, Any]],
        state: Literal["fork", "live"],
    ) -> None:
        replays = []
        for document in documents:
            title = title_line(document).text
            try:
                came = await host.replay(dict(document), state=state)
            except SpindleError as error:
                replays.append(Replay(title, None, error=error.message))
            else:
                had = document.get("output") is not None
                replays.append(Replay(title, came.exchange, came.differences if had else ()))
        self._show_replays(replays)


def _title(summary: Summary) -> str:
    return f"{summary.method or summary.trigger} {summary.path or summary.target}"


def _read(path: str) -> str:
    return Path(path.strip()).expanduser().read_text(encoding="utf-8", errors="replace")


def _write_new(path: str, text: str) -> None:
    """Write a file that isn't there yet."""
    with Path(path).expanduser().open("x", encoding="utf-8") as file:
        file.write(text)
