"""Notebooks in a real JupyterLab in a real browser: `python -m tests.kernel.lab FOLDER [NAME…]`.

Runs the example notebooks in a headless Chromium, by day and by night, and leaves a picture of each
in the folder; then has the kernel show what would run as a script, and fails if anything did.
Needs the packages of the group `pictures` and Debian's `chromium`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from tests.guests.build import build

from spindle_kernel.installing import install

NOTEBOOKS = Path(__file__).parents[2] / "examples" / "notebooks"
NAMES = ("tour", "composing", "debugging", "latency")
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
CHROMIUM = "/usr/bin/chromium"
WIDTH, HEIGHT = 1000, 800
PATIENCE = 180_000
"""Milliseconds for a notebook to run."""

ATTEMPTS = """\
<script>top.ran = parent.ran = 'a script'</script>
<img src="x" onerror="top.ran = parent.ran = 'a handler'">
<svg onload="top.ran = parent.ran = 'a drawing'"></svg>
<iframe srcdoc="<script>top.ran = 'a frame'</script>"></iframe>
<meta http-equiv="refresh" content="0; url=javascript:top.ran='a refresh'">
<details open ontoggle="top.ran = 'a toggle'"><summary>x</summary></details>
"""
HOSTILE = f"""\
import base64, json
from spindle.door import ExchangeResult
from IPython.display import display

attempts = {ATTEMPTS!r}
for media_type in ("text/html", "image/svg+xml", "text/plain", "application/json"):
    text = json.dumps({{attempts: [attempts]}}) if media_type.endswith("json") else attempts
    data = base64.b64encode(text.encode()).decode()
    body = {{"size": len(text), "kept": len(text), "encoding": "base64", "data": data}}
    display(ExchangeResult({{
        "v": 1, "id": attempts, "component": attempts, "build": attempts,
        "trigger": {{"type": "http", "target": attempts}},
        "input": {{"method": attempts, "path_with_query": attempts,
                  "headers": [[attempts, attempts]], "body": body}},
        "output": {{"status": 200, "headers": [["content-type", media_type], [attempts, attempts]],
                   "body": body}},
        "phases_us": {{attempts: 1.0, "guest": 1.0, "total": 2.0}},
        "calls": [{{"interface": attempts, "func": attempts, "at": 1, "took": 2,
                   "args": [attempts], "result": attempts}}],
        "logs": [{{"stream": "stdout", "text": attempts}}],
        "trap": {{"reason": attempts, "frames": [{{"function": attempts, "file": attempts,
                                                   "line": 1}}]}},
    }}))
"""


class Problem(Exception):
    """What the run found."""


def run(pictures: Path, names: tuple[str, ...]) -> None:
    """Take a picture of each notebook in each theme, and try to have something run."""
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="spindle-lab-") as scratch, sync_playwright() as driver:
        folder = _laid_out(Path(scratch))
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for theme in THEMES:
            with serving(Path(scratch), folder, theme) as address:
                for name in names:
                    picture = pictures / f"{name}-{theme}.png"
                    _say(f"{picture}: {photographed(browser, address, name, picture)} cells")
                _say(f"{theme}: scripts blocked: {attempted(browser, address)}")
        browser.close()


def _laid_out(scratch: Path) -> Path:
    """The folder of notebooks with its application, and one that is up to no good."""
    folder = scratch / "notebooks"
    unwanted = shutil.ignore_patterns(".spin", "__pycache__")
    build("examples/notebooks/orders")
    shutil.copytree(NOTEBOOKS, folder, ignore=unwanted)
    cell: dict[str, Any] = {
        "cell_type": "code",
        "source": HOSTILE,
        "outputs": [],
        "execution_count": None,
    }
    notebook = {
        "cells": [{**cell, "metadata": {}, "id": "attempts"}],
        "metadata": {"kernelspec": {"name": "spindle", "display_name": "Spindle"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / "hostile.ipynb").write_text(json.dumps(notebook))
    return folder


@contextmanager
def serving(scratch: Path, folder: Path, theme: str) -> Iterator[str]:
    """A JupyterLab of its own, and its address with its token."""
    where = install(prefix=str(scratch / "prefix"))
    settings = scratch / f"settings-{theme}" / "@jupyterlab"
    for name, values in {
        "apputils-extension/themes": {"theme": THEMES[theme]},
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "notebook-extension/tracker": {"windowingMode": "none"},
    }.items():
        file = settings / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    environment = {
        **os.environ,
        "JUPYTER_PATH": str(where.parent.parent),
        "JUPYTER_CONFIG_DIR": str(scratch / "config"),
        "JUPYTER_DATA_DIR": str(scratch / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(settings.parent),
        "JUPYTERLAB_WORKSPACES_DIR": str(scratch / f"workspaces-{theme}"),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"]
    command += [f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True"]
    said = scratch / f"server-{theme}.txt"
    with said.open("w") as log, subprocess.Popen(command, env=environment, stderr=log) as server:
        try:
            yield _address(server, said)
        finally:
            server.kill()


def _address(server: subprocess.Popen[bytes], said: Path) -> str:
    while server.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+/lab\?token=\w+", said.read_text()):
            return found.group()
        time.sleep(0.1)
    raise Problem(f"JupyterLab did not start:\n{said.read_text()}")


@contextmanager
def opened(browser: Browser, address: str, name: str) -> Iterator[Page]:
    """A page with a notebook that has run."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    page.goto(address.replace("/lab?", f"/lab/tree/{name}.ipynb?reset&"))
    page.wait_for_selector(".jp-Notebook .jp-InputArea", timeout=PATIENCE)
    page.evaluate(RUN)
    _say(f"  {name}: runs")
    page.wait_for_function(FINISHED, timeout=PATIENCE)
    yield page
    page.close()


RUN = """async () => {
  const notebook = jupyterapp.shell.currentWidget
  await notebook.sessionContext.ready
  await notebook.sessionContext.session.kernel.info
  jupyterapp.commands.execute('notebook:run-all-cells')
}"""
FINISHED = """() => {
  const cells = jupyterapp.shell.currentWidget.content.widgets.filter(c => c.model.type == 'code')
  const outputs = cells.flatMap(cell => cell.model.outputs.toJSON())
  return outputs.some(output => output.output_type == 'error')
    || cells.every(cell => Number.isInteger(cell.model.executionCount))
}"""
"""Whether every cell has run, or one of them failed."""


def photographed(browser: Browser, address: str, name: str, picture: Path) -> int:
    """Leave a picture of the whole notebook; how many cells it has."""
    with opened(browser, address, name) as page:
        page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
        height = page.evaluate("document.querySelector('.jp-WindowedPanel-inner').scrollHeight")
        page.set_viewport_size({"width": WIDTH, "height": min(int(height) + 160, 8000)})
        page.wait_for_timeout(500)
        notebook = page.locator(".jp-WindowedPanel-inner")
        notebook.screenshot(path=picture)
        failed = page.locator("[data-mime-type$='stderr']").all_inner_texts()
        if failed:
            raise Problem(f"`{name}` failed: {failed}")
        count: int = page.locator(".jp-CodeCell").count()
        return count


def attempted(browser: Browser, address: str) -> int:
    """How many scripts the browser kept from running; raises `Problem` for one that ran."""
    with opened(browser, address, "hostile") as page:
        blocked: list[str] = []
        page.on("console", lambda message: blocked.append(message.text))
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_timeout(2000)
        for frame in page.frames:
            ran: Any = frame.evaluate("window.ran")
            if ran is not None:
                raise Problem(f"{ran} of a guest's ran")
        shown = page.locator(".jp-OutputArea-output iframe").count()
        if not shown:
            raise Problem("no page of a guest's was shown")
        return sum("Blocked script execution" in text for text in blocked)


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    try:
        run(Path(sys.argv[1]), tuple(sys.argv[2:]) or NAMES)
    except Problem as problem:
        sys.exit(f"error: {problem}")
