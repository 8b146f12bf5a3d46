"""A compiler writes an artefact: how soon it answers, beside what loading it alone takes."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from benchmarks.apps import application, guest
from benchmarks.servers import Server, running, spindle

from spindle.component.component import Compiler, Component
from spindle.executor.engines import Engines
from spindle.executor.loading import HASTE_SIZE

LIMIT = 60.0
TIMES = 10
TEXT = b"Hello World!"
GUESTS = {"Rust": "rust-p3", "Python": "service"}


@dataclass(frozen=True, slots=True)
class Artefacts:
    """Builds of one component that differ in what it answers."""

    what: str
    megabytes: float
    swap_ms: float
    """From an artefact that is there to its first response."""
    load_ms: float
    """What a process with the caches of the one before takes to load it: to compile, above all."""
    compiled: int
    """Core modules that were compiled for it."""
    modules: int


def artefacts(scratch: Path) -> Iterator[Artefacts]:
    """Measure a small component and a large one."""
    for what, name in GUESTS.items():
        root = scratch / "artefacts" / name
        root.mkdir(parents=True, exist_ok=True)
        template = guest(name).read_bytes()
        file = root / "app.wasm"
        _write(file, template, 0)
        app = application([file], root / "app")
        with running(spindle(app, root / "caches", ["--watch"])) as server:
            server.settle()
            alone = _Alone(root / "alone", template)
            swaps, loads = [], []
            for number in range(1, TIMES + 1):
                swaps.append(_swap(file, template, number, server))
                loads.append(alone.load(number))
        size, per_load = len(template) / 1e6, alone.compiled // TIMES
        yield Artefacts(what, size, median(swaps), median(loads), per_load, alone.modules)


def _swap(file: Path, template: bytes, number: int, server: Server) -> float:
    wanted = _write(file, template, number)
    began = time.perf_counter()
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)) as client:
        while _ask(client) != wanted:
            if time.perf_counter() - began > LIMIT:
                raise SystemExit(f"swap {number} has not come")
            time.sleep(0.001)
    took = (time.perf_counter() - began) * 1000
    server.settle()  # it is compiled well behind what was compiled in haste
    return took


class _Alone:
    """Loads builds in this process as a host does, with caches of its own."""

    def __init__(self, root: Path, template: bytes) -> None:
        self._root = root
        self._template = template
        engines = Engines()
        self._well = Compiler(engines.optimised, root)
        quick = Compiler(engines.baseline, root)
        self._in_haste = quick if len(template) >= HASTE_SIZE else None
        root.mkdir()
        self.modules = 0
        self.load(0)
        self._known = self._count()

    @property
    def compiled(self) -> int:
        """How many core modules were, since the first build."""
        return self._count() - self._known

    def load(self, number: int) -> float:
        """Load a build; milliseconds."""
        file = self._root / "app.wasm"
        _write(file, self._template, number)
        began = time.perf_counter()
        component = Component.load(file, self._well, in_haste=self._in_haste)
        took = (time.perf_counter() - began) * 1000
        self.modules = len(component.modules)
        return took

    def _count(self) -> int:
        return len(list(self._root.glob("modules/*.cwasm")))


def _write(file: Path, template: bytes, number: int) -> bytes:
    """A build, as compilers do: a new file in place of the old; what it answers."""
    text = b"Hello %5d!" % number
    new = file.with_suffix(".part")
    new.write_bytes(template.replace(TEXT, text))
    new.replace(file)
    return text


def _ask(client: HTTPConnection) -> bytes:
    client.request("GET", "/")
    return client.getresponse().read()


def artefacts_line(one: Artefacts) -> str:
    """One line of the table."""
    return (
        f"{one.what}, {one.megabytes:.1f} MB: artefact to response p50 {one.swap_ms:.0f} ms; "
        f"loading it alone takes {one.load_ms:.0f} ({one.swap_ms - one.load_ms:+.0f}), "
        f"{one.compiled} of its {one.modules} core modules are compiled"
    )
