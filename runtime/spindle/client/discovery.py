"""Which hosts are running."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from spindle.client.run_file import RunFile, read_run_files, run_directory
from spindle.errors import UserError


class NoSuchHost(UserError):
    """No running host is the one that was asked for."""

    code = "no-such-host"


def live_hosts(directory: Path | None = None) -> Iterator[RunFile]:
    """The hosts that run; what a host that died left behind is removed."""
    for path, run_file in read_run_files(directory or run_directory()):
        if is_alive(run_file.pid):
            yield run_file
        else:
            forget_host(path, run_file)


def find_host(wanted: str | Path, directory: Path | None = None) -> RunFile:
    """The host with a process id, or that serves the application at a path."""
    hosts = list(live_hosts(directory))
    if (name := str(wanted)).isdecimal():
        chosen = [host for host in hosts if host.pid == int(name)]
    else:
        chosen = [host for host in hosts if _serves(host, Path(wanted).resolve())]
    if not chosen:
        raise NoSuchHost(f"no running host is or serves `{wanted}`", hints=_known(hosts))
    if len(chosen) > 1:
        raise NoSuchHost(f"{len(chosen)} hosts serve `{wanted}`", hints=_known(chosen))
    return chosen[0]


def forget_host(path: Path, run_file: RunFile) -> None:
    """Remove a host's run file and socket."""
    path.unlink(missing_ok=True)
    kind, _, address = run_file.endpoint.partition(":")
    if kind == "unix" and Path(address).parent == path.parent:
        Path(address).unlink(missing_ok=True)


def is_alive(pid: int) -> bool:
    """Whether a process of ours has this id."""
    if sys.platform == "win32":
        return True  # only trying to connect tells
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return False  # somebody else's process got the id of one that died
    return True


def _serves(host: RunFile, path: Path) -> bool:
    manifest = Path(host.manifest)
    return path in (manifest, manifest.parent)


def _known(hosts: list[RunFile]) -> tuple[str, ...]:
    if not hosts:
        return ("no host is running",)
    return tuple(f"{host.pid} serves {host.manifest}" for host in hosts)
