"""An application for notebooks, and kernels that run in it."""

from __future__ import annotations

import gc
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

MANIFEST = """\
spin_manifest_version = 2
[application]
name = "notebook"
version = "1.0.0"
[[trigger.http]]
route = "/hello"
component = "hello"
[[trigger.http]]
route = "/traps"
component = "traps"
[[trigger.http]]
route = "/loops"
component = "loops"
[component.hello]
source = "{hello}"
key_value_stores = ["default"]
sqlite_databases = ["default"]
[component.traps]
source = "{traps}"
[component.loops]
source = "{loops}"
"""


@pytest.fixture(scope="package")
def application(guest: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an application of small guests."""
    folder = tmp_path_factory.mktemp("application")
    paths = {name: guest(f"wat/{name}").as_posix() for name in ("hello", "traps", "loops")}
    (folder / "spin.toml").write_text(MANIFEST.format(**paths))
    return folder


@pytest.fixture(scope="package")
def specification(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kernel, installed where only these tests find it."""
    from spindle_kernel.installing import install

    prefix = tmp_path_factory.mktemp("prefix")
    where = install(prefix=str(prefix))
    before = os.environ.get("JUPYTER_PATH")
    os.environ["JUPYTER_PATH"] = str(where.parent.parent)
    yield where
    if before is None:
        del os.environ["JUPYTER_PATH"]
    else:
        os.environ["JUPYTER_PATH"] = before


@contextmanager
def collected() -> Iterator[None]:
    """Collect what clients of Jupyter leave open, without a word: it is theirs."""
    try:
        yield
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()


BEGINS = "the cell runs\n"
"""What a cell prints that is to be interrupted."""


class Notebook:
    """A running kernel, for tests to send cells to."""

    def __init__(self, client: Any, manager: Any) -> None:
        self.client = client
        self.manager = manager

    def run(
        self, code: str, *, stdin: str | None = None, interrupted: bool = False
    ) -> list[dict[str, Any]]:
        """What a cell shows: the contents of each output, with `type` beside it."""
        shown: list[dict[str, Any]] = []

        def keep(message: dict[str, Any]) -> None:
            if interrupted and message["content"].get("text") == BEGINS:
                time.sleep(0.3)  # what is to be interrupted comes next
                self.manager.interrupt_kernel()
            shown_as = message["content"].get("transient", {}).get("display_id") or ""
            if shown_as.startswith("underway-"):
                return  # what is shown while something takes its time, as it may here
            if message["msg_type"] in ("stream", "execute_result", "display_data", "error"):
                shown.append({"type": message["msg_type"], **message["content"]})

        self.client.execute_interactive(
            code,
            output_hook=keep,
            allow_stdin=stdin is not None,
            stdin_hook=lambda _message: self.client.input(stdin),
            timeout=120,
        )
        return shown

    def text(self, code: str) -> str:
        """What a cell shows as plain text."""
        [shown] = self.run(code)
        return str(shown["data"]["text/plain"])

    def error(self, code: str, *, interrupted: bool = False) -> str:
        """The traceback a cell ends with, without colours."""
        shown = self.run(code, interrupted=interrupted)[-1]
        assert shown["type"] == "error", shown
        import re

        return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(shown["traceback"]))

    def complete(self, code: str) -> list[str]:
        """What may come at the end of a cell."""
        reply = self.client.complete(code, len(code), reply=True, timeout=60)
        matches: list[str] = reply["content"]["matches"]
        return matches


@pytest.fixture(scope="package")
def notebook(specification: Path, application: Path) -> Iterator[Notebook]:
    """A kernel whose folder is the application's."""
    from jupyter_client.manager import start_new_kernel

    assert specification.is_dir()
    with collected():
        yield from _running(application, start_new_kernel)


def _running(application: Path, start: Callable[..., Any]) -> Iterator[Notebook]:
    manager, client = start(
        startup_timeout=120,
        kernel_name="spindle",
        cwd=str(application),
        env={**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        yield Notebook(client, manager)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
