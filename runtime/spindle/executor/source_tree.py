"""The files of a workspace that guests' stacks speak of."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from spindle.exchange import Frame
from spindle.wasm.source_paths import is_foreign, shortened

MOST_PARTS = 12
"""Parts at a path's end that are looked for in the workspace."""

_PYTHON_PATH = re.compile(r"^/\d+/(?=.)")
"""Where a componentized Python application finds the n-th directory of its path."""


class SourceTree:
    """Maps paths as compilers and interpreters note them to those below an application's root."""

    def __init__(self, root: Path, artefacts: Iterable[Path] = ()) -> None:
        """`artefacts` are what was built: sources lie near them."""
        self.root = root
        bases = dict.fromkeys([root])
        for artefact in artefacts:
            bases.update(dict.fromkeys(p for p in artefact.parents if p.is_relative_to(root)))
        self._bases = tuple(bases)
        self._mapped = functools.lru_cache(maxsize=1024)(self._map)

    def frame(self, frame: Frame) -> Frame:
        """A frame with its file's path mapped."""
        return frame if frame.file is None else frame._replace(file=self._mapped(frame.file))

    def _map(self, path: str) -> str:
        if is_foreign(path):
            return shortened(path)
        plain = _PYTHON_PATH.sub("", path.replace("\\", "/"))
        try:
            return self._found(plain) or path
        except (OSError, ValueError):  # no path a file could have
            return path

    def _found(self, path: str) -> str | None:
        """The path of a file in the workspace, relative to its root."""
        whole = Path(path)
        if whole.is_absolute() and whole.is_relative_to(self.root):
            return whole.relative_to(self.root).as_posix()
        parts = [part for part in PurePosixPath(path).parts if part != "/"][-MOST_PARTS:]
        if ".." in parts:
            return None
        least = 1 if len(parts) == 1 else 2  # a bare name is found anywhere
        for length in range(len(parts), least - 1, -1):
            for base in self._bases:
                file = base.joinpath(*parts[-length:])
                if file.is_file():
                    return file.relative_to(self.root).as_posix()
        return None
