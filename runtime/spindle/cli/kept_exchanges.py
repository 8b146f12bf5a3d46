"""The kept exchanges of an application, running or not: what verbs about exchanges read.

Where there is a file it is read, whoever writes it. A host without one is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from spindle.cli.state_app import running_host, stopped_app
from spindle.client import Connection, connect
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
    run_file = running_host(manifest)
    if run_file is None:
        path = stopped_store(manifest, state_dir, runtime_config_file)
        kept: Kept | None = None if path is None or not path.exists() else Store.read(path)
    else:
        host = connect(run_file, timeout=ANSWER_SECONDS)
        path = _store_of(host)
        if path is None:
            kept = OfHost(host)
        else:
            host.close()
            kept = Store.read(path)
    try:
        yield kept
    finally:
        if kept is not None:
            kept.close()


def store_path(manifest: Path, state_dir: str | None, runtime_config_file: Path | None) -> Path:
    """The file of an application's exchanges, which need not be there; raises `UserError`."""
    run_file = running_host(manifest)
    if run_file is None:
        path = stopped_store(manifest, state_dir, runtime_config_file)
    else:
        with connect(run_file, timeout=ANSWER_SECONDS) as host:
            path = _store_of(host)
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


def _store_of(host: Connection) -> Path | None:
    store = host.call("host/info")["store"]
    return None if store is None else Path(store)
