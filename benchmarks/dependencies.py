"""What a call to a dependency, and middleware, add to a small request: one server, in turn."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.apps import guest
from benchmarks.loads import Load, measure
from benchmarks.servers import running, spindle

GUESTS = ("consumer", "library", "middleware")
ALONE = "/none"
ADDED: Mapping[str, str] = {
    "/shout/hello": "a call to a dependency, with a string each way",
    "/one": "a middleware that makes request and response anew",
    "/two": "two of them",
}
MANIFEST = """
spin_manifest_version = 2
[application]
name = "bench"
[component.main]
source = "{consumer}"
dependencies."guests:library" = {{ path = "{library}" }}
[[trigger.http]]
route = "/..."
component = "main"
[[trigger.http]]
route = "/one"
component = "main"
dependencies.middleware = [{{ path = "{middleware}" }}]
[[trigger.http]]
route = "/two"
component = "main"
dependencies.middleware = [{{ path = "{middleware}" }}, {{ path = "{middleware}" }}]
"""


@dataclass(frozen=True, slots=True)
class Added:
    """Microseconds of processor time for a request with something more, and without: the least."""

    what: str
    us: float
    without_us: float


def added(scratch: Path, rounds: int, seconds: float) -> Iterator[Added]:
    """Measure them round by round beside the same request with nothing more."""
    app = scratch / "dependencies"
    app.mkdir(parents=True)
    (app / "spin.toml").write_text(MANIFEST.format(**{name: guest(name) for name in GUESTS}))
    paths = (ALONE, *ADDED)
    with running(spindle(app, scratch / "caches"), paths) as server:
        loads = {path: Load(path, "", path=path) for path in paths}
        for load in loads.values():
            measure(server, load, seconds)
        server.settle()
        least = dict.fromkeys(paths, math.inf)
        for _ in range(rounds):
            for path, load in loads.items():
                least[path] = min(least[path], measure(server, load, seconds)["CPU ms"] * 1000)
    for path, what in ADDED.items():
        yield Added(what, least[path], least[ALONE])


def added_line(one: Added) -> str:
    """A figure's line."""
    return (
        f"a small request with {one.what} takes {one.us:.0f} µs of CPU, "
        f"{one.us / one.without_us:.2f} times the {one.without_us:.0f} µs without"
    )
