"""What a notebook has open: its application, and the cells that run again when that changes.

Pure of any toolkit: it opens applications through Python's door and speaks in strings.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import spindle
from spindle.errors import UserError
from spindle.exchange import Summary
from spindle_kernel.cells import CellError, path_of, requests_of

if TYPE_CHECKING:
    from spindle.door import App, ExchangeResult
    from spindle.history import HttpText

NAME = "app"
"""What the application is called in the notebook."""


class Exchanges(list[Summary]):
    """Exchanges, one a line."""


class NoApplication(UserError):
    """There is nothing to ask."""

    code = "no-application"


class Session:
    """One notebook's application, kept in the notebook's own namespace as `app`."""

    def __init__(self, namespace: MutableMapping[str, Any], evaluate: Callable[[str], Any]) -> None:
        self._namespace = namespace
        self._evaluate = evaluate
        """Evaluates a Python expression in the notebook."""
        self._ours: list[App] = []
        """Applications opened here, to be closed with the notebook."""
        self.live: dict[str, str] = {}
        """Request cells that run again after a reload, by the cell's id."""
        self.on_change: Callable[[], object] = lambda: None
        """Called, on any thread, when another state of the application is served by itself."""
        self._reloading = False

    def begin(self) -> None:
        """Put what a notebook has into its namespace."""
        self._namespace.setdefault(NAME, Unopened(self))
        for name, value in {
            "spindle": spindle,
            "component": late("component", "A component to call: see `spindle.component`."),
            "trace": late("trace", "Keep the typed calls of a `with` block."),
            "attach": self.attach,
            "exchanges": self.exchanges,
        }.items():
            self._namespace.setdefault(name, value)

    @property
    def app(self) -> App:
        """The notebook's application; opened if there is a manifest where the notebook is."""
        found = self._namespace.get(NAME)
        if isinstance(found, Unopened) or found is None:
            if not Path("spin.toml").is_file():
                raise NoApplication(
                    "no application is open",
                    hints=("open one with `%up path/to/app`, or reach a running one: `attach()`",),
                )
            return self.up("")
        app: App = found
        if getattr(app, "closed", False):
            raise NoApplication("the application is closed", hints=("open it again: `%up`",))
        return app

    @property
    def opened(self) -> App | None:
        """The application if one is open; it is not opened for this."""
        found = self._namespace.get(NAME)
        is_open = not isinstance(found, Unopened) and getattr(found, "closed", True) is False
        return found if is_open else None

    def up(self, line: str) -> App:
        """Open an application: `%up path --build --variables '{"a": "b"}'`."""
        path, flags = arguments_of(line)
        self.down()
        app = spindle.open(path or ".", tell=print, **flags)
        app.tell_of_changes(self._changed)
        self._ours.append(app)
        self._namespace[NAME] = app
        return app

    def attach(self, path: str | int | Path | None = None) -> App:
        """Reach a host that runs elsewhere: by its manifest, its process, or the only one."""
        app: App = spindle.attach(path) if path is not None else spindle.attach()
        self._ours.append(app)
        self._namespace[NAME] = app
        return app

    def down(self) -> None:
        """Close what was opened here."""
        ours, self._ours = self._ours, []
        for app in ours:
            app.close()
        if self._namespace.get(NAME) in ours:
            self._namespace[NAME] = Unopened(self)

    def reload(self) -> list[ExchangeResult]:
        """Serve the files as they are now; gives what the live cells answered."""
        self._reloading = True
        try:
            self.app.reload()
        finally:
            self._reloading = False
        return [result for cell in self.live.values() for result in self.run(cell)]

    def _changed(self) -> None:
        if not self._reloading:
            self.on_change()

    def run(self, cell: str) -> list[ExchangeResult]:
        """The answers to a cell's requests, in order; a later one may use what is in `_`."""
        return self.ask(self.requests(cell))

    def requests(self, cell: str) -> tuple[HttpText, ...]:
        """What a cell asks for; what stands between braces is evaluated."""
        return requests_of(cell, self._value)

    def ask(self, requests: Iterable[HttpText]) -> list[ExchangeResult]:
        """The answers to requests, in order."""
        app = self.app
        return [
            app.request(
                request.method,
                path_of(request.url),
                headers=request.headers,
                body=request.body or None,
            )
            for request in requests
        ]

    def _value(self, expression: str) -> Any:
        """What stands between braces."""
        try:
            return self._evaluate(expression)
        except Exception as error:
            said = f"`{expression}` cannot be evaluated: {type(error).__name__}: {error}"
            raise CellError(said) from error

    def exchanges(self, where: str = "", limit: int = 100) -> Any:
        """The newest exchanges that a filter matches: a DataFrame where pandas is installed."""
        found = self.app.exchanges(where, limit=limit)
        try:
            import pandas
        except ImportError:
            return Exchanges(found)
        frame = pandas.DataFrame([each._asdict() for each in found])
        if found:
            moments = (frame["at"] * 1000).round().astype("int64")
            frame["at"] = pandas.to_datetime(moments, unit="ms", utc=True)
            frame = frame.set_index("id")
        return frame

    def sources(self) -> list[Path]:
        """The folders of what is open."""
        return [Path(app.path).resolve().parent for app in self._ours if app.path]

    def close(self) -> None:
        """Free everything."""
        self.live.clear()
        self.down()


def late(name: str, doc: str) -> Callable[..., Any]:
    """A function of `spindle.typed`, which is imported when it is called: few notebooks do so."""

    def call(*args: Any, **kwargs: Any) -> Any:
        from spindle import typed

        return getattr(typed, name)(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = doc
    return call


class Unopened:
    """The application of a notebook that has none yet: it is opened when it is first used."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._session.app, name)

    def __dir__(self) -> list[str]:
        from spindle.door import EmbeddedApp

        return [name for name in dir(EmbeddedApp) if not name.startswith("_")]

    def __repr__(self) -> str:
        return "no application is open yet: `%up path/to/app`"


def arguments_of(line: str) -> tuple[str, dict[str, Any]]:
    """A path and flags from a magic's line: `shop --build --state-dir=tmp`; values are Python's."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UserError(f"the line cannot be read: {error}") from None
    path, flags = "", {}
    for word in words:
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            flags[name.replace("-", "_")] = _value(value) if equals else True
        elif path:
            raise UserError(f"`{word}` is one path too many")
        else:
            path = word
    return path, flags


def _value(text: str) -> Any:
    import ast

    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
