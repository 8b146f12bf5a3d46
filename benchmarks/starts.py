"""How long until a server's first answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.apps import application, guest, variant
from benchmarks.servers import Launch, precompile, running, spindle, wasmtime

COMPONENTS = 4


@dataclass(frozen=True, slots=True)
class Start:
    """One figure of start-up, ours and, where it has one, theirs; `most` is the goal."""

    title: str
    ours: float
    theirs: float | None = None
    unit: str = "ms"
    most: float | None = None


def starts(scratch: Path, times: int) -> Iterator[Start]:
    """Every start-up figure, one after another; directories are made in `scratch`."""
    yield from _python_starts(scratch, times)
    yield _four_components(scratch)
    yield from _rebuild(scratch)


def _python_starts(scratch: Path, times: int) -> Iterator[Start]:
    component = guest("service")
    app = application([component], scratch / "start")
    cold = [start(spindle(app, scratch / f"cold-{n}")) for n in range(times)]
    cold_there = [start(wasmtime(component)) for _ in range(times)]
    yield Start("Python 0.3, start, cold", median(cold), median(cold_there), most=2500)
    compiled = precompile(component, scratch)
    with running(spindle(app, scratch / "cold-0")) as server:
        server.settle()
    warm = [start(spindle(app, scratch / "cold-0")) for _ in range(times * 3)]
    warm_there = [start(wasmtime(compiled)) for _ in range(times * 3)]
    yield Start("Python 0.3, start, warm", median(warm), median(warm_there), most=150)


def _four_components(scratch: Path) -> Start:
    variants = [variant(number, scratch) for number in range(COMPONENTS)]
    app = application(variants, scratch / "four")
    paths = [f"/{number}/" if number else "/" for number in range(COMPONENTS)]
    took = start(spindle(app, scratch / "cold-four"), paths)
    return Start(f"Python 0.3, {COMPONENTS} components, start, cold", took)


def _rebuild(scratch: Path) -> Iterator[Start]:
    caches = scratch / "cold-0"
    before = _modules(caches)
    app = application([variant(9, scratch)], scratch / "rebuilt")
    took = start(spindle(app, caches))
    yield Start("Python 0.3, start after a rebuild", took)
    compiled = len(_modules(caches) - before)
    yield Start("Python 0.3, compiled after a rebuild", compiled, unit="modules", most=2)


def start(launch: Launch, paths: tuple[str, ...] | list[str] = ("/",)) -> float:
    """Milliseconds from starting the process to its answers."""
    with running(launch, paths) as server:
        return server.start_ms


def _modules(caches: Path) -> set[str]:
    """The digests of the core modules in a cache, whichever way they were compiled."""
    files = (caches / "spindle" / "modules").rglob("*.cwasm")
    return {path.name.partition("-")[0] for path in files}
