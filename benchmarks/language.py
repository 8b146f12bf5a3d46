"""The language server as an editor sees it, beside a TOML server written in Rust."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

from benchmarks.apps import guest
from wasmtime import wat2wasm

from spindle.client import Decoder, encode_message
from spindle.wasm import look_at

COMPONENTS = 200
KEYSTROKES = 100
BIN = Path(sys.executable).parent
OURS = [str(BIN / "spindle"), "lsp"]
THEIRS = [str(BIN / "tombi"), "lsp", "--offline"]
WAT = """
(component
  (import "fermyon:spin/variables@2.0.0" (instance))
  (import "wasi:http/outgoing-handler@0.2.0" (instance))
  (instance $handler)
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))
"""
"""A component that fits its manifest."""
EDITED = 100
"""The component whose route is typed."""


class Figure(NamedTuple):
    """One figure, ours and theirs; `most` is the goal."""

    title: str
    ours: float
    theirs: float | None
    unit: str
    most: float


@dataclass(slots=True)
class Editor:
    """A client that waits for what a server publishes."""

    process: subprocess.Popen[bytes]
    decoder: Decoder = field(default_factory=Decoder)
    calls: int = 0

    def send(self, method: str, params: object, **more: object) -> None:
        """Send a message."""
        assert self.process.stdin is not None
        message = {"jsonrpc": "2.0", "method": method, "params": params, **more}
        self.process.stdin.write(encode_message(message))
        self.process.stdin.flush()

    def messages(self) -> Iterator[dict[str, Any]]:
        """What the server says; its requests are answered with nothing."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        while data := os.read(self.process.stdout.fileno(), 1 << 20):
            for message in self.decoder.feed(data):
                assert isinstance(message, dict)
                if "method" in message and "id" in message:
                    answer = {"jsonrpc": "2.0", "id": message["id"], "result": None}
                    self.process.stdin.write(encode_message(answer))
                    self.process.stdin.flush()
                yield message

    def call(self, method: str, params: object) -> None:
        """Send a request and wait for its answer."""
        self.calls += 1
        self.send(method, params, id=self.calls)
        next(m for m in self.messages() if m.get("id") == self.calls and "method" not in m)

    def wait_published(self, uri: str) -> None:
        """Wait until something is published of a file."""
        for message in self.messages():
            published = message.get("method") == "textDocument/publishDiagnostics"
            if published and message["params"]["uri"] == uri:
                return
        raise RuntimeError("the server ended")

    def open(self, path: Path) -> None:
        """Open a file and wait for its diagnostics."""
        text = path.read_text()
        document = {"uri": path.as_uri(), "languageId": "toml", "version": 1, "text": text}
        self.send("textDocument/didOpen", {"textDocument": document})
        self.wait_published(path.as_uri())

    def memory(self) -> float:
        """Megabytes of the process that are in memory (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.split("\n") if "VmRSS" in line) / 1024


@contextmanager
def editor(command: list[str], root: Path) -> Iterator[Editor]:
    """An editor whose server has just been started and initialized."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        client = Editor(process)
        capabilities: dict[str, object] = {"textDocument": {"publishDiagnostics": {}}}
        start = {"processId": None, "rootUri": root.as_uri(), "capabilities": capabilities}
        client.call("initialize", start)
        client.send("initialized", {})
        yield client
        client.call("shutdown", None)
        client.send("exit", None)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)


def language_figures(scratch: Path, times: int) -> Iterator[Figure]:
    """How long starts and keystrokes take, and how much memory there is in use."""
    small = application(scratch / "small", 3)
    large = application(scratch / "large", COMPONENTS)
    for title, path in (("a small manifest", small), (f"{COMPONENTS} components", large)):
        ours, theirs = ([start(command, path) for _ in range(times)] for command in (OURS, THEIRS))
        yield Figure(f"start to diagnostics, {title}", median(ours), median(theirs), "ms", 600)
    ours_typed, ours_memory = typed(OURS, large)
    theirs_typed, theirs_memory = typed(THEIRS, large)
    for name, pick in (("p50", 49), ("p95", 94)):
        here, there = (quantiles(times, n=100)[pick] for times in (ours_typed, theirs_typed))
        yield Figure(f"keystroke to diagnostics, {name}", here, there, "ms", 30)
    yield Figure("memory after them", ours_memory, theirs_memory, "MB", 120)
    yield from _wasm(guest("service"), scratch)


def _wasm(component: Path, scratch: Path) -> Iterator[Figure]:
    """How long looking into a large component takes."""
    copies = [Path(shutil.copy(component, scratch / f"copy{n}.wasm")) for n in range(5)]
    size = f"{component.stat().st_size / 1e6:.0f} MB of wasm"
    for title, most in ((f"imports and exports of {size}, cold", 20), ("again", 1)):
        yield Figure(title, median(map(_look, copies)), None, "ms", most)


def _look(path: Path) -> float:
    before = time.perf_counter()
    assert look_at(path) is not None
    return (time.perf_counter() - before) * 1e3


def application(root: Path, components: int) -> Path:
    """A manifest of about twelve lines a component, each with a wasm file of its own."""
    root.mkdir(parents=True)
    (root / "src").mkdir()
    (root / "src" / "lib.rs").touch()
    wasm = wat2wasm(WAT)
    lines = ["spin_manifest_version = 2", "[application]", 'name = "large"', 'version = "1.0.0"']
    lines += ["[variables]", 'token = { default = "x" }', 'host = { default = "example.com" }']
    for number in range(components):
        (root / f"c{number}.wasm").write_bytes(wasm)
        lines += [
            "",
            "[[trigger.http]]",
            f'route = "/c{number}/..."',
            f'component = "c{number}"',
            f"[component.c{number}]",
            f'source = "c{number}.wasm"',
            'allowed_outbound_hosts = ["https://{{ host }}:443"]',
            'variables = { token = "{{ token }}" }',
            f"[component.c{number}.build]",
            'command = "true"',
            'watch = ["src/**/*"]',
        ]
    path = root / "spin.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def start(command: list[str], path: Path) -> float:
    """Milliseconds from starting a server to the first diagnostics of a file."""
    before = time.perf_counter()
    with editor(command, path.parent) as client:
        client.open(path)
        return (time.perf_counter() - before) * 1e3


def typed(command: list[str], path: Path) -> tuple[list[float], float]:
    """Milliseconds from each keystroke to its diagnostics, and megabytes in use afterwards."""
    lines = path.read_text().split("\n")
    line = lines.index(f'route = "/c{EDITED}/..."')
    column = lines[line].index("...")
    with editor(command, path.parent) as client:
        client.open(path)
        took = [_keystroke(client, path.as_uri(), line, column, n) for n in range(KEYSTROKES)]
        return took, client.memory()


def _keystroke(client: Editor, uri: str, line: int, column: int, number: int) -> float:
    place = {"line": line, "character": column}
    change = {"range": {"start": place, "end": place}, "text": "x"}
    time.sleep(0.02)
    before = time.perf_counter()
    document = {"uri": uri, "version": number + 2}
    client.send("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
    client.wait_published(uri)
    return (time.perf_counter() - before) * 1e3


def language_heading() -> str:
    """The heading of the table."""
    return "| lsp: the language server | ours | theirs | goal |\n| --- | --- | --- | --- |"


def language_line(figure: Figure) -> str:
    """A figure's line."""
    mark = "✓" if figure.ours <= figure.most else "✗"
    theirs = "" if figure.theirs is None else f"{figure.theirs:.3g}"
    ours = f"{figure.ours:.3g} {figure.unit}"
    return f"| {figure.title} | {ours} | {theirs} | {figure.most:.3g} {mark} |"
