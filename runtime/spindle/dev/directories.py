"""Where a host keeps state and logs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from spindle.dev.options import UpOptions
from spindle.runtime_config import RuntimeConfig


class Directories(NamedTuple):
    """Absolute paths, None for nowhere."""

    state: Path | None
    logs: Path | None
    default: Path | None
    """Where Spin keeps state when nobody says where."""

    def shown(self, path: Path) -> str:
        """A path as Spin shows it: relative if it was Spin's own choice, else absolute."""
        if self.default is not None and path.is_relative_to(self.default):
            return os.path.relpath(path)
        return str(path)


def choose_directories(options: UpOptions, config: RuntimeConfig) -> Directories:
    """The command line says where, else the runtime configuration, else it is `.spin`.

    An empty text means nowhere. A bare wasm file has no `.spin` beside it.
    """
    default = None if options.is_wasm else options.source.parent / ".spin"
    state = _chosen(options.state_dir, config.state_dir, default)
    logs = _chosen(options.log_dir, config.log_dir, None if state is None else state / "logs")
    return Directories(state, logs, default)


def _chosen(given: str | None, configured: str | None, default: Path | None) -> Path | None:
    for text in (given, configured):
        if text is not None:
            return Path(text).absolute() if text else None
    return default
