"""Keeping a component's last good wasm through a build that comes to nothing."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from spindle.dev.watching.changes import stamp


class Guarded:
    """An artefact during its build: as it was before, should the build not end well."""

    def __init__(self, artefact: Path | None) -> None:
        self._artefact = artefact
        self._before = None if artefact is None else stamp(str(artefact))
        self._copy: Path | None = None
        if artefact is not None and self._before is not None:
            with suppress(OSError):  # a full disk: then there is nothing to go back to
                self._copy = _copy_of(artefact)

    @property
    def there(self) -> bool:
        """Whether there is an artefact now."""
        return self._artefact is None or self._artefact.is_file()

    def restore(self) -> None:
        """Put back what was there before, if it was changed or removed."""
        if self._artefact is None or stamp(str(self._artefact)) == self._before:
            return
        with suppress(OSError):
            if self._before is None:
                self._artefact.unlink(missing_ok=True)
            elif self._copy is not None:
                if self._artefact.is_dir() and not self._artefact.is_symlink():
                    shutil.rmtree(self._artefact)  # the build has made it, for a file was there
                self._copy.replace(self._artefact)
                self._copy = None

    def let_go(self) -> None:
        """The build has ended."""
        if self._copy is not None:
            with suppress(OSError):
                self._copy.unlink()


def _copy_of(artefact: Path) -> Path:
    """A copy in the same directory, so that putting it back is one step."""
    with NamedTemporaryFile(
        dir=artefact.parent, prefix=f".{artefact.name}.", suffix=".tmp", delete=False
    ) as file:
        copy = Path(file.name)
    try:
        shutil.copy2(artefact, copy)
    except OSError:
        # A full disk: a second name helps where a build makes a new file, as most do.
        copy.unlink()
        copy.hardlink_to(artefact)
    return copy
