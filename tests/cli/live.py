"""An application that is watched, as its tests see it."""

import http.client
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.cli.conftest import COMMAND
from tests.cli.harness import Serving, Up
from tests.conftest import built

PATIENCE = 120.0
MANIFEST = """\
spin_manifest_version = 2
application.name = "live"

[[trigger.http]]
route = "/..."
component = "hello"

[component.hello]
source = "app.wasm"
[component.hello.build]
command = "{python} make.py"
watch = ["text.txt"]
"""
HEAD = 'spin_manifest_version = 2\napplication.name = "live"\n'
"""What the manifests of applications begin with that are put together of `component`s."""
WRITE = """
template = open("hello.wasm", "rb").read()
start = template.index(b"hello from")
with open("app.wasm", "wb") as file:
    file.write(template[:start] + text.encode().ljust(26)[:26] + template[start + 26:])
"""
"""The end of a build: a component that answers `text`."""


def lay_out(app: Path, make: str) -> Path:
    """An application of one component, built from `text.txt` by the Python in `make`."""
    app.mkdir()
    shutil.copy(built("wat/hello"), app / "hello.wasm")
    (app / "make.py").write_text(make)
    (app / "spin.toml").write_text(MANIFEST.format(python=sys.executable))
    (app / "text.txt").write_text("one")
    return app


def component(id_: str, trigger: str, settings: str) -> str:
    """A component of the wasm that is called as it is, and a trigger for it."""
    return f"""
[[trigger.{trigger}]]
component = "{id_}"
{settings}
[component.{id_}]
source = "{id_}.wasm"
"""


class Live:
    """An application that is watched."""

    def __init__(self, root: Path, serving: Serving, patience: float = PATIENCE) -> None:
        self.root = root
        self.serving = serving
        self.patience = patience
        self.host = urlsplit(serving.base_url).netloc

    def get(self, path: str = "/") -> tuple[int, str, str | None]:
        """Status, text, and whether the build is said to be stale."""
        client = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        try:
            client.request("GET", path)
            answer = client.getresponse()
            return answer.status, answer.read().decode().strip(), answer.getheader("spindle-build")
        finally:
            client.close()

    def save(self, text: str) -> None:
        (self.root / "text.txt").write_text(text)

    def edit(self, change: Callable[[str], str]) -> None:
        manifest = self.root / "spin.toml"
        manifest.write_text(change(manifest.read_text()))

    def wait_for(self, wanted: tuple[int, str, str | None], path: str = "/") -> None:
        until = time.monotonic() + self.patience
        while (found := self.get(path)) != wanted:
            assert time.monotonic() < until, f"{path} answers {found}, not {wanted}"
            time.sleep(0.01)

    def wait_said(self, text: str) -> None:
        """Read what goes to stderr up to a line with a text."""
        process = self.serving.process
        assert process.stderr is not None
        ender = threading.Timer(self.patience, process.kill)
        ender.start()
        try:
            assert any(text in line for line in process.stderr), f"nothing says `{text}`"
        finally:
            ender.cancel()


def wait_until(holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until something is so."""
    until = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


@contextmanager
def watched(root: Path, up: Up) -> Iterator[Live]:
    """The application in a directory, which must end well."""
    live = Live(root, up(root, "--watch"))
    yield live
    code, stderr = live.serving.stop()
    assert code == 0, stderr
    assert "Traceback" not in stderr


@contextmanager
def running(root: Path, env: Mapping[str, str], *args: str) -> Iterator[subprocess.Popen[str]]:
    """A `spindle` that may take a while to serve, or never does."""
    process = subprocess.Popen(
        [*COMMAND, *args, "--listen", "127.0.0.1:0"],
        cwd=root,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()
