"""The kept exchanges of an application, running or not: what verbs about exchanges read.

Where there is a file it is read, whoever writes it. A host without one is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from spindle.cli.state_app import hosts_of, running_host, stopped_app
from spindle.client import Connection, RunFile, connect
from spindle.dev.keeping import STORE
from spindle.errors import ExitCode, UserError
from spindle.exchange import Filter, Json, Summary
from spindle.history import Store

ANSWER_SECONDS = 60.0
"""How long a running host may take to answer."""
MOST_ASKED = 1000
"""Exchanges a host lists at once."""


class NoSuchExchange(UserError):
    """No exchange that is kept is meant."""

    code = "no-such-exchange"
    exit_code = ExitCode.FAILED


class Kept(Protocol):
    """Exchanges that can be read."""

    def list(self, filter: Filter | None, *, limit: int | None) -> list[Summary]:
        """Those that a filter lets pass, the last kept first."""

    def get(self, id: str) -> Json | None:
        """The document of an exchange by its id or the beginning of it; None if there is none.

        Where several begin so, or a host has none, this raises `SpindleError`.
        """

    def close(self) -> None:
        """Let go of them."""


class OfHost:
    """The exchanges of a host that keeps them in memory."""

    def __init__(self, host: Connection) -> None:
        self._host = host

    def get(self, id: str) -> Json | None:
        """See `Kept`."""
        document: Json = self._host.call("exchange/get", {"id": id})
        return document

    def close(self) -> None:
        """See `Kept`."""
        self._host.close()

    def list(self, filter: Filter | None, *, limit: int | None) -> list[Summary]:
        """See `Kept`."""
        return [Summary(**one) for one in self._listed(filter, limit)]

    def _listed(self, filter: Filter | None, limit: int | None) -> Iterator[Any]:
        before, left = None, 1 << 62 if limit is None else limit
        while left > 0:
            params: dict[str, object] = {"before": before, "limit": min(left, MOST_ASKED)}
            if filter is not None:
                params["where"] = filter.text
            page = self._host.call("exchange/list", params)
            yield from page["exchanges"]
            left -= len(page["exchanges"])
            before = page["more"]
            if before is None:
                return


@contextmanager
def open_kept(
    manifest: Path, state_dir: str | None, runtime_config_file: Path | None
) -> Iterator[Kept | None]:
    """The exchanges of an application; None if none were kept yet."""
    path, run_file = _found(manifest, state_dir, runtime_config_file)
    kept: Kept | None = None
    if path is not None:
        kept = Store.read(path) if run_file is not None or path.exists() else None
    elif run_file is not None:
        kept = OfHost(connect(run_file, timeout=ANSWER_SECONDS))
    try:
        yield kept
    finally:
        if kept is not None:
            kept.close()


def store_path(manifest: Path, state_dir: str | None, runtime_config_file: Path | None) -> Path:
    """The file of an application's exchanges, which need not be there; raises `UserError`."""
    path, _run_file = _found(manifest, state_dir, runtime_config_file)
    if path is None:
        raise UserError(
            "the application's exchanges are kept in memory, where they can't be followed",
            hints=("give `spindle up` a state directory", "`spindle tui` shows them"),
        )
    return path


def stopped_store(
    manifest: Path, state_dir: str | None, runtime_config_file: Path | None
) -> Path | None:
    """Where an application that is not running keeps its exchanges."""
    state = stopped_app(manifest, state_dir, runtime_config_file).directories.state
    return None if state is None else state / STORE


def _found(
    manifest: Path, state_dir: str | None, runtime_config_file: Path | None
) -> tuple[Path | None, RunFile | None]:
    """The file of an application's exchanges, and a host that serves it; either may be missing.

    Several hosts are as good as one if they have one file; else this raises `NoSuchHost`.
    """
    hosts = hosts_of(manifest)
    if not hosts:
        return stopped_store(manifest, state_dir, runtime_config_file), None
    paths = set(map(_store_of, hosts))
    if len(hosts) > 1 and (len(paths) > 1 or None in paths):
        running_host(manifest)
    return paths.pop(), hosts[0]


def _store_of(run_file: RunFile) -> Path | None:
    with connect(run_file, timeout=ANSWER_SECONDS) as host:
        store = host.call("host/info")["store"]
    return None if store is None else Path(store)
