"""From a save of Python to its first response: instantly, and by a build and a new start."""

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
from tests.guests.build import EXAMPLES, PYTHON_TOOLS, SPIN

LIMIT = 600.0
"""Seconds for a base to be built where there is none."""
SAVES = 15
MODULES = 50
REST = 0.3
"""Seconds between two saves, which a person takes at least."""
BUILD = shlex.join(
    [
        *map(str, (sys.executable, EXAMPLES / "with_tools.py", PYTHON_TOOLS)),
        *("componentize-py", "-w", SPIN, "componentize", "app", "-o", "app.wasm"),
    ]
)
MANIFEST = f"""\
spin_manifest_version = 2
application.name = "saves"
[[trigger.http]]
route = "/..."
component = "hello"
[component.hello]
source = "app.wasm"
[component.hello.build]
command = '''{BUILD}'''
"""
APP = """\
from spin_sdk import http
from spin_sdk.http import Request, Response
{imports}

class HttpHandler(http.Handler):
    async def handle_request(self, request: Request) -> Response:
        return Response(200, {{}}, b"save {number}")
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
class Saves:
    """Milliseconds from a save to the first response of it."""

    what: str
    instant: tuple[float, ...]
    built: float
    """By the build command, and a new start of the host."""


def saves(scratch: Path) -> Iterator[Saves]:
    """Measure an application of one module, and one of many."""
    for what, count in (("one module", 0), (f"{MODULES} modules", MODULES)):
        app = scratch / f"saves-{count}"
        _lay_out(app, count)
        built = _built(app, count, scratch)
        with running(_watching(app)) as server:
            _save(app, count, 1)
            _wait(server, 1)
            # What follows is instant once what is served is not what was built.
            _wait_instant(server, app, count)
            yield Saves(what, tuple(_timed(server, app, count)), built)


def _timed(server: Server, app: Path, count: int) -> Iterator[float]:
    for number in range(1000, 1000 + SAVES):
        time.sleep(REST)
        began = time.perf_counter()
        _save(app, count, number)
        _wait(server, number)
        yield (time.perf_counter() - began) * 1000


def _wait_instant(server: Server, app: Path, count: int) -> None:
    """Return once saves no longer wait for builds, and what was compiled in haste is compiled."""
    until = time.monotonic() + LIMIT
    number = 2
    while time.monotonic() < until:
        began = time.monotonic()
        _save(app, count, number)
        _wait(server, number)
        if time.monotonic() - began < 1:
            server.settle()
            return
        number += 1


def _built(app: Path, count: int, scratch: Path) -> float:
    """The plain way: save, build, start; compiled code of before is at hand."""
    took = 0.0
    for number in (-1, 0):
        began = time.perf_counter()
        _save(app, count, number)
        subprocess.run(BUILD, shell=True, cwd=app, check=True, capture_output=True)
        with running(spindle(app, scratch / "caches")):
            took = (time.perf_counter() - began) * 1000
    return took


def _watching(app: Path) -> Launch:
    """With the person's own caches, where the base is."""
    launch = spindle(app, app, ["--watch"])
    return Launch(launch.command, launch.directory)


def _lay_out(app: Path, count: int) -> None:
    shutil.rmtree(app, ignore_errors=True)
    (app / "shop").mkdir(parents=True)
    (app / "spin.toml").write_text(MANIFEST)
    (app / "shop" / "__init__.py").touch()
    for number in range(count):
        (app / "shop" / f"m{number}.py").write_text(MODULE)


def _save(app: Path, count: int, number: int) -> None:
    imports = "".join(f"from shop import m{module}\n" for module in range(count))
    (app / "app.py").write_text(APP.format(imports=imports, number=number))


def _wait(server: Server, number: int) -> None:
    until = time.monotonic() + LIMIT
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)) as client:
        while _ask(client) != b"save %d" % number:
            if time.monotonic() > until:
                raise SystemExit(f"save {number} is not answered")
            time.sleep(0.001)


def _ask(client: HTTPConnection) -> bytes:
    client.request("GET", "/")
    return client.getresponse().read()


def saves_line(one: Saves) -> str:
    """One line of the table."""
    instant = median(one.instant)
    return (
        f"{one.what}: save to response p50 {instant:.0f} ms, max {max(one.instant):.0f} ms; "
        f"by a build and a start {one.built:.0f} ms = {one.built / instant:.0f} times as long"
    )
