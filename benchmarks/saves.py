"""From a save to its first response: while it is watched, and by a build and a new start."""

import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from benchmarks.servers import Launch, Server, running, spindle
from tests.guests.build import EXAMPLES, J2W, JAVASCRIPT_TOOLS, PYTHON_TOOLS, SPIN, build

from spindle.client import connect, find_host

LIMIT = 600.0
"""Seconds for a base to be built where there is none."""
REST = 0.3
"""Seconds between two saves, which a person takes at least."""
MODULES = 50
MANIFEST = """\
spin_manifest_version = 2
application.name = "saves"
[[trigger.http]]
route = "/..."
component = "hello"
[component.hello]
source = "app.wasm"
[component.hello.build]
command = '''{command}'''
watch = ["**/*.py", "*.js"]
"""
PYTHON = shlex.join(
    [
        *map(str, (sys.executable, EXAMPLES / "with_tools.py", PYTHON_TOOLS)),
        *("componentize-py", "-w", SPIN, "componentize", "app", "-o", "app.wasm"),
    ]
)
PYTHON_APP = """\
from spin_sdk import http
from spin_sdk.http import Request, Response
{imports}

class HttpHandler(http.Handler):
    async def handle_request(self, request: Request) -> Response:
        return Response(200, {{}}, b"save {number}")
"""
JAVASCRIPT_APP = """\
addEventListener("fetch", (event) => {{
  event.respondWith(new Response("save {number}"));
}});
"""
MODULE = '"""A module."""\nimport dataclasses\nimport datetime\nimport json\nimport re\n' + "".join(
    f'''

@dataclasses.dataclass
class Thing{number}:
    """A thing."""

    name: str
    price: float = {number}.5

    def total(self, count: int) -> float:
        """What so many cost."""
        if count < 0:
            raise ValueError(f"{{self.name}}: {{count}} is too few")
        return sum(self.price for _ in range(count))
'''
    for number in range(10)
)


@dataclass(frozen=True, slots=True)
class Application:
    """What is saved again and again."""

    what: str
    file: str
    """The one that is saved."""
    text: str
    """What is in it, with `{number}` for which save it is."""
    saves: int
    is_instant: bool
    """Whether what is saved is to run without a build."""
    modules: int = 0

    def command(self, root: Path) -> str:
        """What builds it in a directory."""
        if self.is_instant:
            return PYTHON
        js, wasm = (shlex.quote(str(root / name)) for name in (self.file, "app.wasm"))
        at = shlex.quote(str(JAVASCRIPT_TOOLS))
        return f"cd {at} && node --single-threaded {J2W} --input {js} --output {wasm}"

    def lay_out(self, root: Path) -> None:
        """Make its directory."""
        shutil.rmtree(root, ignore_errors=True)
        (root / "shop").mkdir(parents=True)
        (root / "spin.toml").write_text(MANIFEST.format(command=self.command(root)))
        (root / "shop" / "__init__.py").touch()
        for number in range(self.modules):
            (root / "shop" / f"m{number}.py").write_text(MODULE)

    def save(self, root: Path, number: int) -> None:
        """Have it answer that number."""
        imports = "".join(f"from shop import m{module}\n" for module in range(self.modules))
        (root / self.file).write_text(self.text.format(imports=imports, number=number))


APPLICATIONS = (
    Application("Python, one module", "app.py", PYTHON_APP, 15, True),
    Application(f"Python, {MODULES} modules", "app.py", PYTHON_APP, 15, True, MODULES),
    Application("JavaScript", "app.js", JAVASCRIPT_APP, 5, False),
)


@dataclass(frozen=True, slots=True)
class Saves:
    """Milliseconds from a save to the first response of it."""

    what: str
    watched: tuple[float, ...]
    """By a host that watches."""
    builds: tuple[float, ...]
    """What the build command took of each; nothing where what is saved runs without."""
    plain: float
    """By the build command, and a new start of the host."""


def saves(scratch: Path) -> Iterator[Saves]:
    """Measure each kind of application."""
    build("examples/javascript-hello")  # its tools are there then
    for application in APPLICATIONS:
        root = scratch / application.file / str(application.modules)
        application.lay_out(root)
        plain = _plainly(root, application, scratch)
        with running(_watching(root)) as server:
            application.save(root, 1)
            _wait(server, 1)
            if application.is_instant:
                # What follows is instant once what is served is not what was built.
                _wait_instant(server, root, application)
            watched, builds = zip(*_timed(server, root, application), strict=True)
        yield Saves(application.what, watched, () if application.is_instant else builds, plain)


def _timed(server: Server, root: Path, application: Application) -> Iterator[tuple[float, float]]:
    """Of each save, milliseconds until it answers, and of its build."""
    for number in range(1000, 1000 + application.saves):
        time.sleep(REST)
        began = time.perf_counter()
        application.save(root, number)
        _wait(server, number)
        took = (time.perf_counter() - began) * 1000
        with connect(find_host(str(server.process.pid))) as host:
            (component,) = host.call("build/status")["components"]
        yield took, (component["took"] or 0) * 1000


def _wait_instant(server: Server, root: Path, application: Application) -> None:
    """Return once saves no longer wait for builds, and what was compiled in haste is compiled."""
    until = time.monotonic() + LIMIT
    number = 2
    while time.monotonic() < until:
        began = time.monotonic()
        application.save(root, number)
        _wait(server, number)
        if time.monotonic() - began < 3:
            server.settle()
            return
        number += 1


def _plainly(root: Path, application: Application, scratch: Path) -> float:
    """The plain way: save, build, start. Compiled code of before is at hand."""
    took = 0.0
    for number in (-1, 0):
        began = time.perf_counter()
        application.save(root, number)
        command = application.command(root)
        subprocess.run(command, shell=True, cwd=root, check=True, capture_output=True)
        with running(spindle(root, scratch / "caches")):
            took = (time.perf_counter() - began) * 1000
    return took


def _watching(root: Path) -> Launch:
    """With the person's own caches, where the base is."""
    launch = spindle(root, root, ["--watch"])
    return Launch(launch.command, launch.directory)


def _wait(server: Server, number: int) -> None:
    began = time.monotonic()
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)) as client:
        while _ask(client) != b"save %d" % number:
            elapsed = time.monotonic() - began
            if elapsed > LIMIT:
                raise SystemExit(f"save {number} is not answered")
            time.sleep(0.005 + elapsed / 50)  # or asking would be much of what the machine does


def _ask(client: HTTPConnection) -> bytes:
    client.request("GET", "/")
    return client.getresponse().read()


def saves_line(one: Saves) -> str:
    """One line of the table."""
    watched = median(one.watched)
    more = ""
    if one.builds:
        rest = median(w - b for w, b in zip(one.watched, one.builds, strict=True))
        more = f" (its build takes {median(one.builds):.0f}, the rest {rest:.0f})"
    return (
        f"{one.what}: save to response p50 {watched:.0f} ms, max {max(one.watched):.0f} ms{more}; "
        f"by a build and a start {one.plain:.0f} ms = {one.plain / watched:.1f} times as long"
    )
