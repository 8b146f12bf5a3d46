"""Finding the application a person means: a manifest, its directory, or a bare wasm file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spindle.errors import UserError

MANIFEST = "spin.toml"

WASM_SUFFIXES = (".wasm", ".wat")


class SourceNotFound(UserError):
    """There is no application where one was looked for."""

    code = "source-not-found"


@dataclass(frozen=True, slots=True)
class Located:
    """An application's file, and how many directories above the current one it was found."""

    path: Path
    above: int = 0

    @property
    def is_wasm(self) -> bool:
        """Whether it is a bare wasm file, without a manifest."""
        return self.path.suffix in WASM_SUFFIXES


def locate_source(given: str | Path | None, verb: str = "up") -> Located:
    """The application to use: what was given, or the manifest in this directory or above it."""
    if given is not None:
        return Located(_given_source(Path(given)))
    found = _manifest_upwards(Path.cwd())
    if found is None:
        raise SourceNotFound(
            f"there is no `{MANIFEST}` in this directory or above it",
            hints=(f"say where the application is: `spindle {verb} -f PATH`",),
        )
    return found


def _given_source(path: Path) -> Path:
    if path.is_dir():
        if not (path / MANIFEST).is_file():
            raise SourceNotFound(f"the directory `{path}` has no `{MANIFEST}`", path=path)
        return (path / MANIFEST).resolve()
    if not path.exists():
        raise SourceNotFound(f"there is no file or directory `{path}`", path=path)
    if not path.is_file():
        raise SourceNotFound(f"`{path}` is neither a file nor a directory", path=path)
    return path.resolve()


def _manifest_upwards(start: Path) -> Located | None:
    """The nearest manifest, not looking above the root of a Git repository."""
    for above, directory in enumerate((start, *start.parents)):
        if (directory / MANIFEST).is_file():
            return Located(directory / MANIFEST, above)
        if (directory / ".git").exists():
            return None
    return None
