"""What this process takes of the machine."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

_STATM = Path("/proc/self/statm")


class Process(NamedTuple):
    """What a process has taken so far."""

    rss: int
    """Bytes of memory in use; 0 where the system does not say."""
    cpu_seconds: float
    """Of all its threads."""


def process_now() -> Process:
    """What this process takes now."""
    return Process(_rss(), time.process_time())


def _rss() -> int:
    try:
        return int(_STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError, AttributeError):
        return _most_rss()


def _most_rss() -> int:
    """The most it has ever had, which is all that other systems say without being asked twice."""
    if sys.platform == "win32":
        return 0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
