"""The command line: one module a verb, imported when its verb is used."""

from __future__ import annotations

import gc
import os
import sys
import threading
from typing import NoReturn

__all__ = ["main"]

COLLECT_AFTER = 100_000
"""Containers made and not freed since the collector of cyclic garbage last ran."""


def main() -> None:
    """Run the command this process was started for, and exit with its code."""
    # Most of what a command makes stays until its end: with Python's own threshold, a tenth of a
    # start goes into looking for garbage where there is none.
    gc.set_threshold(COLLECT_AFTER)
    # Imported here, so that importing the package stays free for whoever only wants a part of it.
    from spindle.cli.root import run

    _leave(run())


def _leave(code: int) -> NoReturn:
    """Exit; threads that are still at work, such as a compiler's, are not waited for."""
    if any(not t.daemon for t in threading.enumerate() if t is not threading.main_thread()):
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(code)
    raise SystemExit(code)
