"""Where a host keeps state and logs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from spindle.dev.options import UpOptions
from spindle.runtime_config import RuntimeConfig


@dataclass(frozen=True, slots=True)
class Directories:
    """Absolute paths, None for nowhere."""

    state: Path | None
    logs: Path | None
    shown_logs: str
    """The log directory as Spin shows it: its own choice relative, a person's absolute."""


def choose_directories(options: UpOptions, config: RuntimeConfig) -> Directories:
    """The command line says where, else the runtime configuration, else it is `.spin`.

    An empty text means nowhere. A bare wasm file has no `.spin` beside it.
    """
    default = None if options.is_wasm else options.source.parent / ".spin"
    state = _chosen(options.state_dir, config.state_dir, default)
    logs = _chosen(options.log_dir, config.log_dir, None if state is None else state / "logs")
    is_default = logs is not None and default is not None and logs == default / "logs"
    shown = os.path.relpath(logs) if logs is not None and is_default else str(logs)
    return Directories(state, logs, shown)


def _chosen(given: str | None, configured: str | None, default: Path | None) -> Path | None:
    for text in (given, configured):
        if text is not None:
            return Path(text).absolute() if text else None
    return default
