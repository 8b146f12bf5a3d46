"""Running one build command: a shell in a group of its own, so that all of it can be ended."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio.subprocess import Process

GRACE = 2.0
"""Seconds between asking a command to end and ending it."""
LONGEST_LINE = 64 * 1024
"""Bytes after which a line is cut in two."""

OnLine = Callable[[bytes], None]


async def run_command(
    command: str, workdir: Path, on_line: OnLine, environment: Mapping[str, str] = {}
) -> int:
    """Run a command, telling each line of its stdout and stderr; its status, negative by signal.

    Cancelling it ends the command and everything it started. Raises `OSError` if it can't be
    started.
    """
    process = await _start(command, workdir, {**os.environ, **environment})
    assert process.stdout is not None, "its output is piped"
    try:
        await _read_lines(process.stdout, on_line)
        return await process.wait()
    except asyncio.CancelledError:
        await end(process)
        raise
    finally:
        # What it left running in the background must not outlive it.
        _signal_group(process, "SIGKILL")
        # Or its pipe waits for whoever still has the other end, beyond the event loop's end.
        process._transport.close()  # type: ignore[attr-defined]  # nothing public


def behind(command: str) -> str:
    """The command at the lowest priority, for what nobody waits for."""
    if sys.platform == "win32" or shutil.which("nice") is None:
        return command
    return f"nice -n 19 sh -c {shlex.quote(command)}"


async def end(process: Process) -> None:
    """End a command and everything it started: ask first, then insist."""
    _signal_group(process, "SIGTERM")
    try:
        await asyncio.wait_for(process.wait(), GRACE)
    except TimeoutError:
        _signal_group(process, "SIGKILL")
        await process.wait()


async def _start(command: str, workdir: Path, environment: Mapping[str, str]) -> Process:
    group: dict[str, int] = {}
    if sys.platform == "win32":
        group["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
    return await asyncio.create_subprocess_shell(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=workdir,
        env=environment,
        start_new_session=sys.platform != "win32",
        limit=LONGEST_LINE,
        **group,  # type: ignore[arg-type]  # on Windows alone
    )


async def _read_lines(stream: asyncio.StreamReader, on_line: OnLine) -> None:
    rest = b""
    while chunk := await stream.read(LONGEST_LINE):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            on_line(line.removesuffix(b"\r"))
        if len(rest) > LONGEST_LINE:
            on_line(rest)
            rest = b""
    if rest:
        on_line(rest)


def _signal_group(process: Process, name: str) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            if name == "SIGKILL":
                _end_tree(process.pid)
            else:
                process.terminate()
        else:
            os.killpg(process.pid, getattr(signal, name))


def _end_tree(pid: int) -> None:
    subprocess.run(["taskkill", "/T", "/F", "/PID", str(pid)], capture_output=True, check=False)
