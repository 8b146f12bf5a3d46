"""The interface as the child of the host it shows: process id, file of its output, manifest."""

from __future__ import annotations

import gc
import signal
import sys
from pathlib import Path

from spindle_tui.first_frame import show_first_frame


def main(pid: str, console: str, manifest: str) -> None:
    """Run until the person or the host ends it."""
    # Until the terminal is this one's, Ctrl-C is meant for the host; nothing is to be said of it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    show_first_frame(1)
    gc.disable()  # what is made now stays; looking through it for garbage only takes time
    from spindle_tui.app import SpindleApp
    from spindle_tui.attachment import Attachment

    attachment = Attachment(pid, forever=False)
    SpindleApp(attachment, console=Path(console), manifest=manifest).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
