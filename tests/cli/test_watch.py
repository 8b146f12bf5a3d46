"""`spindle watch`: what is saved is what answers, and nobody notices how."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.harness import Up
from tests.cli.live import WRITE, Live, lay_out

MAKE = (
    """\
import sys, time
text = open("text.txt").read()
if text.startswith("slow"):
    time.sleep(600)
if text.startswith("broken"):
    sys.exit("text.txt:1:1: error: it is broken")
if text.startswith("junk"):
    with open("app.wasm", "wb") as file:
        sys.exit(file.write(b"junk") and 0)
"""
    + WRITE
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "app", MAKE)


@pytest.fixture
def live(root: Path, up: Up) -> Iterator[Live]:
    serving = up(root, "--build", "--watch")
    yield Live(root, serving)
    code, stderr = serving.stop()
    assert code == 0, stderr
    assert "Traceback" not in stderr


def test_what_is_saved_answers(live: Live) -> None:
    live.wait_for((200, "one", None))
    live.save("two")
    live.wait_for((200, "two", None))


def test_no_request_fails_while_builds_come_and_go(live: Live) -> None:
    failures: list[object] = []
    done = threading.Event()

    def load() -> None:
        while not done.is_set():
            try:
                status, text, _ = live.get()
                if status != 200 or not text.startswith("number"):
                    failures.append((status, text))
            except OSError as error:
                failures.append(error)

    live.save("number 0")
    live.wait_for((200, "number 0", None))
    clients = [threading.Thread(target=load) for _ in range(2)]
    for client in clients:
        client.start()
    try:
        for number in range(1, 16):
            live.save(f"number {number}")
            live.wait_for((200, f"number {number}", None))
    finally:
        done.set()
        for client in clients:
            client.join()
    assert not failures


def test_a_build_that_fails_leaves_the_last_one_serving(live: Live) -> None:
    live.wait_for((200, "one", None))
    live.save("broken")
    live.wait_for((200, "one", "stale"))
    live.save("three")
    live.wait_for((200, "three", None))


def test_an_artefact_that_is_none_is_refused(live: Live) -> None:
    live.wait_for((200, "one", None))
    live.save("junk")
    live.wait_for((200, "one", "stale"))
    live.save("two")
    live.wait_for((200, "two", None))


def test_a_save_during_a_build_starts_it_again(live: Live) -> None:
    live.wait_for((200, "one", None))
    live.save("slow")
    time.sleep(0.2)
    live.save("quick")
    live.wait_for((200, "quick", None))


def test_artefacts_built_by_somebody_else_are_served(live: Live) -> None:
    live.wait_for((200, "one", None))
    artefact = live.root / "app.wasm"
    artefact.write_bytes(artefact.read_bytes().replace(b"one ", b"own "))
    live.wait_for((200, "own", None))


@pytest.mark.parametrize("cut", [0, 7, 30, 100])
def test_artefacts_of_somebody_else_that_are_none_are_refused_and_told_of(
    live: Live, cut: int
) -> None:
    live.wait_for((200, "one", None))
    artefact = live.root / "app.wasm"
    whole = artefact.read_bytes()
    artefact.write_bytes(whole[:cut])
    live.wait_for((200, "one", "stale"))
    live.wait_said("serving what changed: component `hello`: ")
    live.wait_said("help: if the file was not written whole, build it again")
    live.wait_said("the application is served as it was before the change")
    artefact.write_bytes(whole)
    live.wait_for((200, "one", None))


def test_readings_of_the_manifest_begin_and_end_with_a_line(live: Live) -> None:
    """By these lines editors know which problems there are still: see their problem matcher."""
    live.wait_for((200, "one", None))
    good = (live.root / "spin.toml").read_text()
    for wrong in ("nonsense", "elsewhere"):
        (live.root / "spin.toml").write_text(f"{good}\n[{wrong}]\n")
        live.wait_said("Reading `spin.toml` anew.")
        live.wait_said(wrong)
        live.wait_said("warning: the application is served as it was before the change")
    (live.root / "spin.toml").write_text(good)
    live.wait_said("Reading `spin.toml` anew.")
    live.wait_said("Serving the application anew.")


def test_routes_change_with_the_manifest(live: Live) -> None:
    live.wait_for((200, "one", None), "/new")
    live.edit(lambda text: text.replace('route = "/..."', 'route = "/only"'))
    live.wait_for((404, "", None), "/new")
    live.wait_for((200, "one", None), "/only")
    live.edit(lambda text: text + "\n[nonsense]\n")
    live.save("two")
    live.wait_for((200, "two", None), "/only")
    static = '[[trigger.http]]\nroute = "/static"\nstatic_response = { body = "s" }\n'
    live.edit(lambda text: text.replace("\n[nonsense]\n", static))
    live.wait_for((200, "s", None), "/static")
