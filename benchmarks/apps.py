"""What is served: guests, and Spin applications around them."""

from collections.abc import Sequence
from pathlib import Path

from tests.guests.build import HERE, SERVICE, build, build_python


def guest(name: str) -> Path:
    """A guest of `tests/guests`."""
    return build(name)


def variant(number: int, directory: Path) -> Path:
    """The Python guest with its application code changed: a component of its own."""
    source = (HERE / "service" / "app.py").read_text()
    app = directory / f"service-{number}" / "app.py"
    app.parent.mkdir(parents=True, exist_ok=True)
    app.write_text(source.replace("Hello World!", f"Hello World {number}!"))
    return build_python(app, SERVICE)


def application(guests: Sequence[Path], directory: Path, rest: str = "") -> Path:
    """A directory with a manifest: the first guest at `/...`, the others at `/1/...` and on.

    `rest` is the text of what the last of them is granted, and whatever else there is.
    """
    directory.mkdir(parents=True, exist_ok=True)
    head = 'spin_manifest_version = 2\n[application]\nname = "bench"\nversion = "0.1.0"\n'
    parts = [_component(number, path) for number, path in enumerate(guests)]
    (directory / "spin.toml").write_text("\n".join([head, *parts]) + rest)
    return directory


def _component(number: int, path: Path) -> str:
    route = f"/{number}/..." if number else "/..."
    trigger = f'[[trigger.http]]\nroute = "{route}"\ncomponent = "guest{number}"\n'
    return f'{trigger}[component.guest{number}]\nsource = "{path}"\n'
