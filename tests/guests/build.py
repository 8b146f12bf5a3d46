"""Build guests for tests and benchmarks, once for each content of their sources.

    python tests/guests/build.py NAME...

prints where each guest is. A name is a key of `GUESTS`, `wat/NAME` for a core module in `wat/`,
or `examples/NAME` for an example application, which is built in place. Artefacts and the pinned
tools that make them live under the user's cache.
"""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
JAVASCRIPT_TOOLS = EXAMPLES / "javascript-hello"
J2W = "node_modules/@spinframework/build-tools/dist/index.js"
PYTHON_TOOLS = EXAMPLES / "python-hello" / "requirements.txt"

sys.path.insert(0, str(EXAMPLES.parent))
from tests.guests.wit import lay_out_wit  # noqa: E402 - as a script, only found by the line above

SPIN = "spin:up/http-trigger@4.1.0"
SPIN_REDIS = "spin:up/redis-trigger@4.1.0"
SERVICE = "wasi:http/service@0.3.0"
LAB_LIBRARY = HERE / "lab_python" / "rendering.py"


def build(name: str) -> Path:
    """The guest of that name, built when its sources or tools changed."""
    if name.startswith("wat/"):
        return build_text(HERE / f"{name}.core.wat")
    if name.startswith("examples/"):
        return build_example(EXAMPLES.parent / name)
    return GUESTS[name]()


def build_python(
    app: Path,
    world: str,
    libraries: Sequence[Path] = (),
    tools: Path = PYTHON_TOOLS,
    options: Sequence[str] = (),
) -> Path:
    """The component of the one-module Python application `app`, targeting `world`.

    `libraries` are modules it imports; `options` are componentize-py's, of the version in `tools`.
    """
    paths = [option for file in (app, *libraries) for option in ("-p", str(file.parent))]

    def componentize(output: Path) -> None:
        command = ["componentize-py", "-w", world, *options, "componentize", *paths, "app"]
        by_tools: list[str | Path] = [sys.executable, EXAMPLES / "with_tools.py", tools]
        _run([*by_tools, *command, "-o", output], app.parent)

    inputs = [app, *libraries, tools]
    return _cached(app.parent.name, inputs, " ".join([world, *options]), componentize)


def build_lab(world: str) -> Path:
    """The laboratory in Python, with the SDK of today."""
    return build_python(HERE / "lab_python" / "app.py", world, [LAB_LIBRARY])


def build_lab_2() -> Path:
    """The laboratory in Python, with the SDK of WASI 0.2."""
    directory = HERE / "lab_python_2"
    # Two imported interfaces are called `sqlite`; the SDK means this one.
    names = ["--import-interface-name", "fermyon:spin/sqlite@2.0.0=sqlite"]
    tools = directory / "requirements.txt"
    return build_python(directory / "app.py", "spin-all", [LAB_LIBRARY], tools, names)


def build_javascript(source: Path) -> Path:
    """The component of a JavaScript module, made by the JavaScript example's tools."""

    def componentize(output: Path) -> None:
        _install_javascript_tools()
        with tempfile.TemporaryDirectory() as scratch:
            copy = shutil.copy(source, scratch)
            # On one thread it takes half the work.
            _run(["node", "--single-threaded", J2W, "-i", copy, "-o", output], JAVASCRIPT_TOOLS)

    return _cached("javascript", [source, JAVASCRIPT_TOOLS / "package.json"], "", componentize)


def build_lab_javascript() -> Path:
    """The laboratory in JavaScript; its interfaces are described by Spin's Python SDK."""
    directory = HERE / "lab_javascript"
    app, world, script = (directory / name for name in ("app.js", "world.wit", "componentize.js"))

    def componentize(output: Path) -> None:
        _install_javascript_tools()
        with tempfile.TemporaryDirectory() as scratch:
            lay_out_wit(_sdk_wit(), world, Path(scratch))
            node: list[str | Path] = ["node", "--input-type=module", "-e", script.read_text()]
            _run([*node, app, scratch, output], JAVASCRIPT_TOOLS)

    tools = [JAVASCRIPT_TOOLS / "package.json", PYTHON_TOOLS, HERE / "wit.py"]
    return _cached("lab_javascript", [app, world, script, *tools], "", componentize)


def _install_javascript_tools() -> None:
    with _example_locked(JAVASCRIPT_TOOLS):
        if not (JAVASCRIPT_TOOLS / "node_modules" / ".package-lock.json").exists():
            _run(["npm", "install", "--no-audit", "--no-fund"], JAVASCRIPT_TOOLS)


def _sdk_wit() -> Path:
    """The folder of WIT in Spin's Python SDK."""
    with_tools: list[str | Path] = [sys.executable, EXAMPLES / "with_tools.py", PYTHON_TOOLS]
    find = "import spin_sdk; print(spin_sdk.__path__[0])"
    return Path(_run([*with_tools, "python", "-c", find], HERE).strip()) / "wit"


def build_text(core: Path) -> Path:
    """The component of a core module's body in the frame of `wat/service.wat`."""
    return _encoded(core, HERE / "wat" / "service.wat", "(; BODY ;)", core.read_text())


def build_forward(version: str) -> Path:
    """A component that passes requests of that version of WASI on."""
    source = HERE / "wat" / "forward.component.wat"
    return _encoded(source, source, "VERSION", version)


def _encoded(source: Path, frame: Path, place: str, filling: str) -> Path:
    """The component whose text is a frame with its places filled."""

    def encode(output: Path) -> None:
        from wasmtime import wat2wasm  # only here: the other guests need no engine

        output.write_bytes(wat2wasm(frame.read_text().replace(place, filling)))

    return _cached(source.name.partition(".")[0], [source, frame], filling, encode)


def build_example(directory: Path) -> Path:
    """An example, built by its manifest's commands when a source is newer than an artefact."""
    manifest = tomllib.loads((directory / "spin.toml").read_text())
    artefacts = [directory / part["source"] for part in manifest["component"].values()]
    with _example_locked(directory):
        if not all(artefact.exists() for artefact in artefacts) or (
            min(_written(artefacts)) < max(_written(_sources(directory)))
        ):
            spindle = Path(sys.executable).with_name("spindle")
            _run([spindle, "build", "-f", directory], directory)
            for artefact in artefacts:  # a build tool may find its output still good
                if not artefact.exists():
                    raise SystemExit(f"building {directory} made no {artefact.name}")
                artefact.touch()
    return directory


def _example_locked(directory: Path) -> AbstractContextManager[None]:
    """Hold the lock of an example's directory, where its tools are installed too."""
    return _locked(_cache() / f"example-{directory.name}.lock")


def _sources(directory: Path) -> Iterator[Path]:
    """The files of an example that are not made by building or serving it."""
    made = {"node_modules", ".spin", "__pycache__"}
    for path in directory.rglob("*"):
        if path.is_file() and path.suffix != ".wasm" and made.isdisjoint(path.parts):
            yield path


def _written(paths: Iterable[Path]) -> list[float]:
    return [path.stat().st_mtime for path in paths]


GUESTS: dict[str, Callable[[], Path]] = {
    "python": lambda: build_python(HERE / "python" / "app.py", SPIN),
    "service": lambda: build_python(HERE / "service" / "app.py", SERVICE),
    "lab-python": lambda: build_lab(SPIN),
    "lab-python-redis": lambda: build_lab(SPIN_REDIS),
    "lab-python-2": build_lab_2,
    "javascript": lambda: build_javascript(HERE / "javascript" / "app.js"),
    "lab-javascript": build_lab_javascript,
    "rust-p2": lambda: HERE / "rust" / "hello-p2" / "guest.wasm",
    "rust-p3": lambda: HERE / "rust" / "hello-p3" / "guest.wasm",
    "reflect": lambda: HERE / "rust" / "reflect" / "guest.wasm",
    "library": lambda: HERE / "rust" / "library" / "guest.wasm",
    "consumer": lambda: HERE / "rust" / "consumer" / "guest.wasm",
    "middleware": lambda: HERE / "rust" / "middleware" / "guest.wasm",
    "commander": lambda: HERE / "rust" / "commander" / "guest.wasm",
    "forward-0.2.0": lambda: build_forward("0.2.0"),
    "forward-0.2.3": lambda: build_forward("0.2.3"),
    "wagi": lambda: HERE / "wagi" / "guest.wasm",
    "crash": lambda: HERE / "rust" / "crash" / "guest.wasm",
    "crash-dwarf4": lambda: HERE / "cpp" / "dwarf4.wasm",
    "crash-dwarf5": lambda: HERE / "cpp" / "dwarf5.wasm",
}


def _cached(name: str, inputs: list[Path], recipe: str, make: Callable[[Path], None]) -> Path:
    """What `make` writes for these inputs, made at most once on this machine."""
    digest = hashlib.sha256(b"\0".join([recipe.encode(), *(p.read_bytes() for p in inputs)]))
    path = _cache() / f"{name}-{digest.hexdigest()[:12]}.wasm"
    with _locked(path.with_suffix(".lock")):
        if not path.exists():
            scratch = path.with_suffix(".partial")
            make(scratch)
            scratch.replace(path)
    return path


def _run(command: list[str | Path], directory: Path) -> str:
    """Run a build step; what it printed, which is shown only when it fails."""
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"`{command[0]}` failed in {directory}\n{done.stdout}{done.stderr}")
    return done.stdout


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "spindle" / "guests"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock `path`; the operating system frees it should this process die."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=600, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        sys.stdout.write(f"{build(wanted)}\n")
