"""Where guests' output goes: log files, the terminal, the bus and the exchange it belongs to.

Files are `<component>_stdout.txt` and `<component>_stderr.txt`, opened at a component's first
request and appended to, byte for byte as the guest wrote. The terminal's share goes to stderr,
but for what commands write to stdout: that is not cut either.
Without log files, what is not followed is lost; Spin shows everything then, whatever was asked.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Literal

from spindle.dev.throttle import Throttle
from spindle.errors import HostError, UserError
from spindle.events import Bus, EventKind, LogLine
from spindle.exchange import Exchange
from spindle.limits import DEFAULT, Limits

Stream = Literal["stdout", "stderr"]
STREAMS: tuple[Stream, ...] = ("stdout", "stderr")


class UnknownFollowed(UserError):
    """`--follow` names a component the application doesn't have."""

    code = "unknown-followed-component"


def echo_to_stdout(data: bytes) -> None:
    """Put what a command answers where the answers of commands go."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


Echo = Callable[[str, Stream, bytes, Exchange | None], None]
"""Takes to the terminal what a component wrote to a stream, during which exchange."""


def echo_to_stderr(
    _component: str, _stream: Stream, data: bytes, _exchange: Exchange | None
) -> None:
    """Put a guest's bytes on the terminal, as they are."""
    sys.stderr.flush()
    sys.stderr.buffer.write(data)
    sys.stderr.buffer.flush()


class GuestLogs:
    """Takes what guests write to wherever it was asked for."""

    def __init__(
        self,
        log_dir: Path | None,
        bus: Bus,
        *,
        quiet: bool = False,
        follow: Collection[str] = (),
        echo: Echo = echo_to_stderr,
        limits: Callable[[str], Limits] = lambda _component: DEFAULT,
        commands: Collection[str] = (),
    ) -> None:
        """`limits` gives a component's; the stdout of `commands` is the process's own."""
        self._log_dir = log_dir
        self._bus = bus
        self._quiet = quiet
        self._follow = frozenset(follow)
        self._echo = echo
        self._commands = frozenset(commands)
        self._files: dict[tuple[str, Stream], int] = {}
        self._limits = limits
        self._throttles: dict[tuple[str, Stream], Throttle] = {}

    def prepare(self, components: Collection[str], *, truncate: bool = False) -> None:
        """Check what is followed and make the directory; `truncate` empties its log files."""
        if unknown := sorted(self._follow - set(components)):
            raise UnknownFollowed(
                f"`--follow` names no component of the application: {_quoted(unknown)}",
                hints=(f"the application has: {_quoted(components)}",),
            )
        if self._log_dir is None:
            return
        try:
            self._log_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HostError(
                f"the log directory `{self._log_dir}` can't be made: {error.strerror}",
                hints=("choose another with `--log-dir`",),
            ) from None
        if truncate:
            self._truncate(self._log_dir)

    def open(self, component: str) -> None:
        """Open a component's files, if they aren't; so they exist from its first request on."""
        if self._log_dir is None or (component, "stdout") in self._files:
            return
        for stream in STREAMS:
            path = self._log_dir / f"{_file_name(component)}_{stream}.txt"
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            try:
                self._files[component, stream] = os.open(path, flags, 0o644)
            except OSError as error:
                raise HostError(
                    f"the log file `{path}` can't be opened: {error.strerror}", path=path
                ) from None

    def write(
        self, component: str, stream: Stream, data: bytes, exchange: Exchange | None = None
    ) -> None:
        """Take what a guest wrote during an exchange; a full disk costs the log, not the guest."""
        is_answer = stream == "stdout" and component in self._commands
        if is_answer and self._shows(component):
            echo_to_stdout(data)
        data = self._throttle(component, stream).take(data)
        if not data:
            return
        self.open(component)
        descriptor = self._files.get((component, stream))
        if descriptor is not None:
            _write_all(descriptor, data)
        if self._shows(component) and not is_answer:
            self._echo(component, stream, data, exchange)
        if exchange is not None:
            exchange.write(stream, data)
        if self._bus.hears(EventKind.LOG):
            id_ = None if exchange is None else exchange.id
            text = data.decode("utf-8", "replace")
            self._bus.publish(EventKind.LOG, LogLine(component, id_, stream, text))

    def _throttle(self, component: str, stream: Stream) -> Throttle:
        throttle = self._throttles.get((component, stream))
        if throttle is None:
            limits = self._limits(component)
            throttle = self._throttles[component, stream] = Throttle(
                limits.max_log_line, limits.max_log_rate, time.monotonic
            )
        return throttle

    def close(self) -> None:
        for descriptor in self._files.values():
            os.close(descriptor)
        self._files.clear()

    def _shows(self, component: str) -> bool:
        return not self._quiet and (not self._follow or component in self._follow)

    def _truncate(self, log_dir: Path) -> None:
        for stream in STREAMS:
            for path in log_dir.glob(f"*{stream}.txt"):
                path.write_bytes(b"")


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError:
        return


def _file_name(component: str) -> str:
    return re.sub(r"[^\w.-]", "", component)


def _quoted(names: Collection[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
