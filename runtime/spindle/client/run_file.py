"""The run file: by which a host is found, and the token that opens its control endpoint.

Only its owner can read it, so that whoever can read it may control the host.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROTOCOL = 1
"""The version of the control protocol."""


class RunFile(NamedTuple):
    """What a running host says about itself."""

    pid: int
    version: str
    manifest: str
    """The absolute path of the manifest, or of the bare wasm file."""
    base_url: str
    """Empty for an application without HTTP triggers."""
    endpoint: str
    """`unix:<path>`, or `tcp:<address>:<port>` where there are no Unix sockets."""
    token: str

    def __repr__(self) -> str:
        return f"RunFile(pid={self.pid}, manifest={self.manifest!r}, base_url={self.base_url!r})"


def run_directory() -> Path:
    """Where this person's run files are."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        return Path(runtime) / "spindle"
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "spindle" / "run"


def private_directory(directory: Path) -> Path:
    """The directory, made if need be, closed to everyone else."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory.chmod(0o700)
    return directory


def write_run_file(run_file: RunFile, directory: Path, name: str) -> Path:
    """Announce a host; whoever looks sees the whole file or none."""
    path = directory / f"{name}.json"
    draft = path.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(run_file._asdict(), file)
    draft.replace(path)
    return path


def read_run_files(directory: Path) -> Iterator[tuple[Path, RunFile]]:
    """Every run file that can be read, oldest process id first."""
    for path in sorted(directory.glob("*.json"), key=lambda path: (len(path.name), path.name)):
        try:
            yield path, RunFile(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            continue  # gone meanwhile, or not a file of ours
