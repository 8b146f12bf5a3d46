"""What tests ask about processes that are not their children."""

import os
import time
from pathlib import Path

PATIENCE = 60.0


def wait_until_ended(pid: int) -> None:
    """Return once a process has ended; one that nobody has asked about since counts."""
    until = time.monotonic() + PATIENCE
    while _runs(pid):
        assert time.monotonic() < until, f"process {pid} still runs"
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    if Path("/proc/self").exists():
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
