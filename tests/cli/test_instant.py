"""Python that is saved runs at once, from its sources."""

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.harness import Up
from tests.cli.live import Live, wait_until
from tests.conftest import built

EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE = 300.0
"""Seconds: a base may have to be built, on a busy machine."""

MANIFEST = """\
spin_manifest_version = 2
application.name = "instant"

[[trigger.http]]
route = "/..."
component = "hello"

[component.hello]
source = "app.wasm"
[component.hello.build]
command = "{command}"
workdir = "svc"
"""
APP = """\
from spin_sdk import http
from spin_sdk.http import Request, Response

from shop.prices import PRICE


class HttpHandler(http.Handler):
    async def handle_request(self, request: Request) -> Response:
        if request.uri.startswith("/fail"):
            raise ValueError("no such thing")
        return Response(200, {}, f"one {PRICE}".encode())
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The directory of an application that was built from other sources."""
    app = tmp_path / "app"
    (app / "svc" / "shop").mkdir(parents=True)
    shutil.copy(built("examples/python-hello") / "app.wasm", app / "app.wasm")
    command = [
        *(sys.executable, EXAMPLES / "with_tools.py", EXAMPLES / "python-hello/requirements.txt"),
        *("componentize-py", "-w", "spin:up/http-trigger@4.1.0"),
        *("componentize", "app", "-o", "../app.wasm"),
    ]
    (app / "spin.toml").write_text(MANIFEST.format(command=" ".join(map(str, command))))
    (app / "svc" / "app.py").write_text(APP)
    (app / "svc" / "shop" / "__init__.py").touch()
    (app / "svc" / "shop" / "prices.py").write_text("PRICE = 1\n")
    return app


@pytest.fixture
def live(root: Path, up: Up) -> Iterator[Live]:
    serving = up(root, "--watch")
    live = Live(root, serving, PATIENCE)
    live.wait_for((200, "one 1", None))
    yield live
    if serving.process.returncode is None:
        code, stderr = serving.stop()
        assert code == 0, stderr


def save(live: Live, text: str, name: str = "app.py") -> None:
    (live.root / "svc" / name).write_text(text)


def test_what_is_saved_runs(live: Live) -> None:
    artefact = (live.root / "app.wasm").read_bytes()
    save(live, APP.replace("one", "two"))
    live.wait_for((200, "two 1", None))
    save(live, "PRICE = 2\n", "shop/prices.py")
    live.wait_for((200, "two 2", None))
    save(live, "from shop import prices\n\nPRICE = prices.PRICE * 10\n", "shop/dear.py")
    save(live, APP.replace("shop.prices", "shop.dear"))
    live.wait_for((200, "one 20", None))
    assert (live.root / "app.wasm").read_bytes() == artefact, "a base is no artefact"


def test_what_cannot_run_leaves_what_runs(live: Live) -> None:
    save(live, APP.replace("class", "klass"))
    live.wait_for((200, "one 1", "stale"))
    save(live, APP.replace("one", "two"))
    live.wait_for((200, "two 1", None))
    (live.root / "svc" / "shop" / "prices.py").unlink()
    live.wait_for((200, "two 1", "stale"))
    save(live, "PRICE = 3\n", "shop/prices.py")
    live.wait_for((200, "two 3", None))
    _, stderr = live.serving.stop()
    assert 'File "svc/app.py", line 7' in stderr
    assert "SyntaxError" in stderr
    assert "No module named 'shop.prices'" in stderr


def test_a_failure_has_the_lines_of_the_persons_files(live: Live) -> None:
    save(live, "\n\n" + APP.replace("one", "two"))
    live.wait_for((200, "two 1", None))
    assert live.get("/fail")[0] == 500
    _, stderr = live.serving.stop()
    assert "no such thing" in stderr
    assert 'File "svc/app.py", line 12' in stderr


def test_no_request_fails_while_sources_change(live: Live) -> None:
    failures: list[object] = []
    done = threading.Event()

    def load() -> None:
        while not done.is_set():
            try:
                status, text, _ = live.get()
            except OSError as error:
                failures.append(error)
            else:
                if status != 200 or not text.endswith(" 1"):
                    failures.append((status, text))

    client = threading.Thread(target=load)
    client.start()
    try:
        for number in range(20):
            save(live, APP.replace("one", f"number {number}"))
            live.wait_for((200, f"number {number} 1", None))
    finally:
        done.set()
        client.join()
    assert not failures


def test_what_only_a_build_can_have_is_built(live: Live) -> None:
    (live.root / "svc" / "data.txt").write_text("built")
    reading = 'from pathlib import Path\nTEXT = Path(__file__).with_name("data.txt").read_bytes()\n'
    save(live, reading + APP.replace('f"one', 'TEXT + f"'))
    live.wait_for((200, "built 1", None))
    save(live, APP.replace("one", "two"))
    live.wait_for((200, "two 1", None))


WRAPPER = """\
import subprocess, sys
if "app" in sys.argv:
    sys.exit("error: it can't be built")
sys.exit(subprocess.run([sys.executable, *sys.argv[1:]]).returncode)
"""


def test_what_runs_but_cannot_be_built_is_told_of(root: Path, up: Up) -> None:
    (root / "svc" / "wrapper.py").write_text(WRAPPER)
    manifest = root / "spin.toml"
    manifest.write_text(
        manifest.read_text().replace(sys.executable, f"{sys.executable} wrapper.py")
    )
    serving = up(root, "--watch")
    live = Live(root, serving, PATIENCE)
    live.wait_for((200, "one 1", None))
    save(live, APP.replace("one", "two"))
    live.wait_for((200, "two 1", None))
    live.wait_said("its sources run nevertheless")
    assert live.get() == (200, "two 1", None)
    assert serving.stop()[0] == 0


def test_it_can_be_left(root: Path, up: Up) -> None:
    manifest = root / "spin.toml"
    manifest.write_text(manifest.read_text() + "[component.hello.tool.spindle]\ninstant = false\n")
    for flags in ([], ["--no-instant"]):
        serving = up(root, "--watch", *flags)
        time.sleep(0.5)
        _, stderr = serving.stop()
        assert "from its sources" not in stderr


def test_what_has_a_base_is_served_before_it_is_built(live: Live, up: Up) -> None:
    """The first application has the base built; another one, of the same tools, finds it."""
    live.serving.stop()
    (live.root / "app.wasm").unlink()
    serving = up(live.root, "--build", "--watch")
    other = Live(live.root, serving, PATIENCE)
    assert other.get() == (200, "one 1", None)
    assert not (live.root / "app.wasm").exists()
    other.edit(lambda text: text.replace('route = "/..."', 'route = "/new"'))
    other.wait_for((200, "one 1", None), "/new")
    wait_until((live.root / "app.wasm").exists, PATIENCE)
    assert serving.stop()[0] == 0


def test_what_cannot_begin_from_its_sources_is_built(live: Live, up: Up) -> None:
    live.serving.stop()
    (live.root / "svc" / "data.txt").write_text("built")
    reading = 'from pathlib import Path\nTEXT = Path(__file__).with_name("data.txt").read_bytes()\n'
    save(live, reading + APP.replace('f"one', 'TEXT + f"'))
    serving = up(live.root, "--build", "--watch")
    assert Live(live.root, serving).get() == (200, "built 1", None)
    code, stderr = serving.stop()
    assert code == 0
    assert "what can't run from its sources is built instead" in stderr


def test_what_the_build_answers_otherwise_is_told(live: Live) -> None:
    other = 'TEXT = "sources"\ntry:\n    import _spindle_instant\nexcept ImportError:\n'
    save(live, other + '    TEXT = "built"\n' + APP.replace('f"one {PRICE}"', "TEXT"))
    live.wait_for((200, "sources", None))
    live.wait_said("is not what runs from its sources")
    live.wait_said("GET /: output.body")
