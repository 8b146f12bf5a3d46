"""A host that runs elsewhere, reached by its control endpoint."""

from __future__ import annotations

from pathlib import Path

from spindle.client import RunFile, find_host
from spindle.client.host_client import HostClient
from spindle.door.app import App
from spindle.door.loop_thread import LoopThread


def attach(to: str | Path | int = ".") -> AttachedApp:
    """Reach a running host by its process id, or by the path of what it serves.

    Raises `NoSuchHost` if there is none, `HostUnreachable` if it does not answer.
    """
    run_file = find_host(str(to) if isinstance(to, int) else Path(to).expanduser())
    thread = LoopThread("spindle-client")
    try:
        client = thread.run(HostClient.open(run_file))
    except BaseException:
        thread.close()
        raise
    return AttachedApp(thread, client, run_file)


class AttachedApp(App):
    """An application that another process serves; closing it leaves the host running."""

    def __init__(self, thread: LoopThread, client: HostClient, run_file: RunFile) -> None:
        super().__init__(thread, client, run_file.manifest, run_file.base_url or None)
        self.pid = run_file.pid
        """The host's process id."""
