"""A host in this process whose guests run the code that a test sends.

    def test_a_value_is_kept(lab: Labs) -> None:
        host = lab(key_value_stores=["default"])
        assert host.run('''
            store = await key_value.open("default")
            await store.set("a", b"1")
            return await store.get("a")
        ''') == b"1"

`lab(...)` writes a manifest and serves it until the test ends; a fixture of a wider scope does so
`with laboratory(directory, ...) as host`. Keywords are keys of the component's table, given to
each guest (`allowed_outbound_hosts=[...]`, `sqlite_databases=[...]`, `variables={...}`), but:

- `guests`: which labs are served, `lab-python` alone unless told (see `guests/README.md`).
- `runtime_config`: the text of a runtime configuration.
- `manifest`: text that is added to the manifest's end, such as triggers and `[variables]`.
- `options`: fields of `UpOptions` that are not the default.
- `composed`: how each guest gets the component's grants as a *dependency* of one that only
  passes requests on: `composed=True` or a list is its `inherit_configuration`; the value False
  grants it nothing.

`host.run(code, guest=...)` gives what the code returned: bytes are bytes, a record is a dictionary,
a variant's case `{"Name_Case": value}` from Python and `{"tag": ..., "val": ...}` from JavaScript.
What the guest raised is raised here as `LabError`, whose `value` is what an `Err` carried.
Requests to one host may run in parallel, and each may be served by another instance.
"""

import asyncio
import base64
import http.client
import json
import textwrap
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, Protocol, TextIO, TypeVar

import pytest
from tests.guests.build import build

from spindle.dev.host import Host
from spindle.dev.options import UpOptions
from spindle.dev.preparing import prepare_app
from spindle.diagnostics import Diagnostic
from spindle.executor import Failure

T = TypeVar("T")

HEAD = """
spin_manifest_version = 2
[application]
name = "laboratory"
"""
HTTP_TRIGGER = """
[[trigger.http]]
route = "/{name}"
component = "{id}"
"""
OUTSIDE = {
    "lab-python": ("middleware", "wasi:http/handler@0.3.0"),
    "lab-python-2": ("forward-0.2.0", "wasi:http/incoming-handler@0.2.0"),
    "lab-javascript": ("forward-0.2.3", "wasi:http/incoming-handler@0.2.3"),
}
"""The guest that passes requests on to a lab, and the import by which it does."""

TIME_LIMIT = 60.0


class LabError(Exception):
    """What a guest's code raised; `value` is what it carried."""

    def __init__(self, kind: str, message: str, value: Any, trace: str) -> None:
        super().__init__(f"{kind}: {message}\n{trace}")
        self.kind = kind
        self.message = message
        self.value = value


class Recorder:
    """A console that keeps what is said."""

    def __init__(self) -> None:
        self._output = StringIO()
        self.stdout: TextIO = self._output
        self.lines: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join([*self.lines, self._output.getvalue()])

    def say(self, text: str) -> None:
        self.lines.append(text)

    def step(self, verb: str, rest: str) -> None:
        self.lines.append(f"{verb} {rest}")

    def narrate(self, text: str) -> None:
        self.lines.append(text)

    def warn(self, message: str, hints: tuple[str, ...] = ()) -> None:
        self.lines += [message, *hints]

    def complain(self, doing: str, error: BaseException) -> None:
        self.lines.append(f"{doing}: {error}")

    def report(self, failure: Failure, root: Path) -> None:
        self.lines.append(str(failure))

    def show(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.lines += map(str, diagnostics)

    def clear(self) -> None:
        self.lines.clear()


class Laboratory:
    """A host that serves labs, on a loop in a thread of its own."""

    def __init__(self, options: UpOptions, guest: str) -> None:
        self.console = Recorder()
        self.guest = guest
        self.directory = options.source.parent
        prepared = prepare_app(options, self.console)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        try:
            self.host = self.do(_made(lambda: Host(prepared, options, self.console)))
        except BaseException:
            self._end_loop()
            raise

    def start(self) -> None:
        """Begin to serve; raises what prevents it."""
        self.do(self.host.start())

    def close(self) -> None:
        """End the host and its loop."""
        try:
            self.do(self.host.close())
        finally:
            self._end_loop()

    def _end_loop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the host's loop."""
        done: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return done.result(TIME_LIMIT)

    def run(self, code: str, guest: str | None = None) -> Any:
        """What code returns that a guest runs; raises `LabError` for what it raises."""
        status, body = self.post(f"/{guest or self.guest}", textwrap.dedent(code).encode())
        try:
            answer = json.loads(body, object_hook=_with_bytes)
        except ValueError:
            raise AssertionError(f"{status}: {body!r}\n{self.console.text}") from None
        if status != 200:
            raise LabError(answer["type"], answer["message"], answer["value"], answer["trace"])
        return answer

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """POST on a connection of its own: the status and the body of the response."""
        address = str(self.host.base_url).removeprefix("http://")
        with closing(http.client.HTTPConnection(address, timeout=TIME_LIMIT)) as connection:
            connection.request("POST", path, body)
            response = connection.getresponse()
            return response.status, response.read()

    def output(self, guest: str | None = None) -> str:
        """What a guest has written so far, of either kind."""
        name = component_of(guest or self.guest)
        files = sorted((self.directory / "state" / "logs").glob(f"{name}_*.txt"))
        return "".join(file.read_text() for file in files)


class Labs(Protocol):
    """Starts a laboratory; see the module."""

    def __call__(self, guests: Sequence[str] = ..., **settings: Any) -> Laboratory: ...


@contextmanager
def laboratory(
    directory: Path,
    guests: Sequence[str] = ("lab-python",),
    runtime_config: str = "",
    manifest: str = "",
    options: Mapping[str, Any] | None = None,
    composed: bool | Sequence[str] | None = None,
    **grants: Any,
) -> Iterator[Laboratory]:
    """Serve labs from a manifest written to `directory`; see the module."""
    source = directory / "spin.toml"
    components = [_component(name, grants, composed) for name in guests]
    source.write_text("".join([HEAD, *components, manifest]))
    settings: dict[str, Any] = {"listen": "127.0.0.1:0", "state_dir": str(directory / "state")}
    if runtime_config:
        (directory / "runtime-config.toml").write_text(runtime_config)
        settings["runtime_config_file"] = directory / "runtime-config.toml"
    made = Laboratory(UpOptions(source, **{**settings, **(options or {})}), guests[0])
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Labs]:
    """Call it to have a laboratory until the test ends; one at a time for a directory."""
    with ExitStack() as stack:

        def start(guests: Sequence[str] = ("lab-python",), **settings: Any) -> Laboratory:
            directory = tmp_path / f"lab-{len(list(tmp_path.glob('lab-*')))}"
            directory.mkdir()
            return stack.enter_context(laboratory(directory, guests, **settings))

        yield start


def component_of(guest: str) -> str:
    """The id of the component that a lab is; words of an id begin with a letter."""
    return guest.replace("-2", "-two")


def _component(guest: str, grants: Mapping[str, Any], composed: bool | Sequence[str] | None) -> str:
    """The manifest's text of one lab."""
    name = component_of(guest)
    text = "" if guest == "lab-python-redis" else HTTP_TRIGGER.format(name=guest, id=name)
    source = {"source": str(build(guest))}
    if composed is None:
        return text + _table(f"component.{name}", source | dict(grants))
    outside, interface = OUTSIDE[guest]
    outer = {"source": str(build(outside)), **grants}
    dependency = {"component": f"{name}-inner", "inherit_configuration": composed}
    return "".join(
        [
            text,
            _table(f"component.{name}", outer),
            _table(f"component.{name}.dependencies", {interface: dependency}),
            _table(f"component.{name}-inner", source),
        ]
    )


def _table(name: str, table: Mapping[str, Any]) -> str:
    lines = [f"{_toml(key)} = {_toml(value)}" for key, value in table.items()]
    return "\n".join([f"[{name}]", *lines, ""])


def _toml(value: Any) -> str:
    """A value in TOML's words, which for all but tables are JSON's."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{_toml(k)} = {_toml(v)}" for k, v in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


def _with_bytes(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["bytes"]) if value.keys() == {"bytes"} else value


async def _made(make: Callable[[], T]) -> T:
    return make()
