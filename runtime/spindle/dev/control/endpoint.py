"""The socket of a host, and the run file by which it is found."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import itertools
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from spindle import __version__
from spindle.client.run_file import RunFile, private_directory, run_directory
from spindle.client.run_file import write_run_file as announce
from spindle.dev.control.answering import Method
from spindle.dev.control.peer import Door, Peer

_LONGEST_SOCKET_PATH = 100
"""Bytes; the operating systems' limits are 104 and 108."""
_HANG_UP_SECONDS = 1.0
"""How long a front end that doesn't read holds up the end of a host."""


_numbers = itertools.count(1)


class ControlEndpoint:
    """Answers front ends, and announces itself by a run file."""

    def __init__(
        self,
        methods: Mapping[str, Method],
        directory: Path | None = None,
        *,
        unix: bool = sys.platform != "win32",
    ) -> None:
        """`unix` is whether it is at a Unix socket, if one can be made."""
        self.methods = methods
        self.peers: set[Peer] = set()
        self.on_empty: Callable[[], None] | None = None
        """Called when the last peer is gone."""
        self._door = Door(methods, self.knows, self.peers.add, self._left)
        self._directory = directory
        self._unix = unix
        self._token = secrets.token_urlsafe(32)
        self._server: asyncio.Server | None = None
        self._files: list[Path] = []
        self._run_file: RunFile | None = None
        self._name = _free_name()

    async def start(self, manifest: Path, base_url: str) -> RunFile:
        """Begin to answer, and be found; raises `OSError` where that can't be."""
        directory = private_directory(self._directory or run_directory())
        endpoint = await self._listen(directory)
        run_file = RunFile(os.getpid(), __version__, str(manifest), base_url, endpoint, self._token)
        self._files.append(announce(run_file, directory, self._name))
        self._run_file = run_file
        return run_file

    def tell(self, base_url: str) -> None:
        """Have whoever looks for the host find another URL, if the disk has room for it."""
        if self._run_file is not None:
            self._run_file = self._run_file._replace(base_url=base_url)
            with contextlib.suppress(OSError):
                announce(self._run_file, self._files[-1].parent, self._name)

    async def close(self) -> None:
        """Be found no more, and hang up."""
        for path in reversed(self._files):
            path.unlink(missing_ok=True)
        if self._server is not None:
            self._server.close()
        if self.peers:
            gone = asyncio.Event()
            self.on_empty = gone.set
            for peer in self.peers:
                peer.hang_up()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(gone.wait(), _HANG_UP_SECONDS)

    def knows(self, token: object) -> bool:
        """Whether a token is the run file's; takes as long for every wrong one."""
        return isinstance(token, str) and hmac.compare_digest(
            token.encode("utf-8", "replace"), self._token.encode()
        )

    def _left(self, peer: Peer) -> None:
        self.peers.discard(peer)
        if not self.peers and self.on_empty is not None:
            self.on_empty()

    async def _listen(self, directory: Path) -> str:
        loop = asyncio.get_running_loop()
        path = directory / f"{self._name}.sock"
        if not self._unix or len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
            self._server = await loop.create_server(lambda: Peer(self._door), "127.0.0.1", 0)
            host, port = self._server.sockets[0].getsockname()[:2]
            return f"tcp:{host}:{port}"
        path.unlink(missing_ok=True)
        self._server = await loop.create_unix_server(lambda: Peer(self._door), path)
        self._files.append(path)
        path.chmod(0o600)
        return f"unix:{path}"


def _free_name() -> str:
    """What a host's files are called; there may be several hosts in one process."""
    number = next(_numbers)
    return str(os.getpid()) if number == 1 else f"{os.getpid()}-{number}"
