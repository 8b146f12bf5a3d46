"""`spindle exchanges`, `spindle show`, and the plain lines of `spindle up`."""

import http.client
import json
import os
import pty
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from queue import Queue
from typing import IO, Any
from urllib.parse import urlsplit

import pytest
from tests.cli.conftest import COMMAND
from tests.cli.harness import Run, Serving, Up, wait_served
from tests.history.exchanges import exchange_of

from spindle.history import Entry, Store

MANIFEST = """
spin_manifest_version = 2
application = { name = "kept" }

[[trigger.http]]
route = "/..."
component = "reflect"

[component.reflect]
source = "reflect.wasm"
"""
EVIL = "\x1b[2J\x9b31m\x07"


@pytest.fixture
def app(tmp_path: Path, guest: Callable[[str], Path]) -> Path:
    directory = tmp_path / "app"
    directory.mkdir()
    shutil.copy(guest("reflect"), directory / "reflect.wasm")
    (directory / "spin.toml").write_text(MANIFEST)
    return directory


def ask(
    serving: Serving,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> str:
    """The id of the exchange that a request is."""
    client = http.client.HTTPConnection(urlsplit(serving.base_url).netloc, timeout=60)
    try:
        client.request("GET" if body is None else "POST", path, body, dict(headers or {}))
        answer = client.getresponse()
        answer.read()
        return answer.headers["spindle-exchange"]
    finally:
        client.close()


def listed(run: Run, app: Path, *args: str) -> list[dict[str, Any]]:
    shown = run("exchanges", "--format", "json", *args, cwd=app)
    assert shown.returncode == 0, shown.stderr
    return [json.loads(line) for line in shown.stdout.splitlines()]


def keep(app: Path, *entries: Entry) -> None:
    """Have exchanges of an application that does not run."""
    store = Store.open(app / ".spin" / "spindle" / "exchanges.db")
    store.put_many(entries)
    store.close()


def test_exchanges_are_kept_while_a_host_runs_and_after(run: Run, up: Up, app: Path) -> None:
    serving = up(app)
    first = ask(serving, "/a?x=1")
    second = ask(serving, "/status/503")
    # It is written a moment after it has finished.
    while len(listed(run, app)) < 2:
        pass
    serving.stop()
    serving = up(app)
    third = ask(serving, "/b")
    serving.stop()
    assert [one["id"] for one in listed(run, app)] == [first, second, third]
    assert [one["id"] for one in listed(run, app, "--limit", "1")] == [third]
    (failed,) = listed(run, app, "--where", "failed path~status component:reflect")
    assert (failed["id"], failed["status"], failed["method"]) == (second, 503, "GET")
    lines = run("exchanges", cwd=app).stdout.splitlines()
    assert re.fullmatch(
        rf"\d\d:\d\d:\d\d\.\d\d\d {first} GET /a\?x=1 → reflect 200 \S+ \S+ \S+ \S+", lines[0]
    )


def test_the_whole_exchange(run: Run, up: Up, app: Path) -> None:
    serving = up(app)
    id_ = ask(serving, "/echo", b'{"a":{"b":[1,2]}}', {"authorization": "Bearer abc"})
    ask(serving, "/stdio")
    serving.stop()
    (document,) = listed(run, app, "--whole", "--where", f"id:{id_}")
    assert document["output"]["body"]["data"] == '{"a":{"b":[1,2]}}'
    assert ["authorization", "Bearer ***"] in document["input"]["headers"]
    (secrets,) = listed(run, app, "--whole", "--show-secrets", "--where", f"id:{id_}")
    assert ["authorization", "Bearer abc"] in secrets["input"]["headers"]

    shown = run("show", id_[:-1], "--format", "json", cwd=app)
    assert json.loads(shown.stdout) == document
    shown = run("show", id_, "--format", "json", "--show-secrets", cwd=app)
    assert json.loads(shown.stdout) == secrets

    text = run("show", id_, cwd=app).stdout
    assert f"{id_} POST /echo → reflect 200" in text.splitlines()[0]
    assert "Request POST /echo\n" in text
    assert "  authorization: Bearer ***\n" in text
    assert "Response 200\n" in text
    assert '    "a": {\n' in text
    assert "Bearer abc" in run("show", id_, "--show-secrets", cwd=app).stdout

    newest = run("show", cwd=app).stdout
    assert "GET /stdio" in newest.splitlines()[0]
    assert re.search(r"stdout  to stdout\n.*stderr  to stderr", newest)


def test_a_trap_is_shown_with_its_place(run: Run, up: Up, app: Path) -> None:
    serving = up(app)
    ask(serving, "/trap")
    serving.stop()
    ((id_, reason),) = [(one["id"], one["trap"]) for one in listed(run, app, "--where", "trap:*")]
    assert "unreachable" in reason
    shown = run("show", id_, cwd=app)
    assert shown.returncode == 0
    assert "trap: " in shown.stdout.splitlines()[0]
    assert f"exchange {id_}" in shown.stdout


def test_what_is_not_kept(run: Run, static_app: Path) -> None:
    shown = run("exchanges", cwd=static_app)
    assert (shown.returncode, shown.stdout) == (0, "")
    assert "no exchanges have been kept yet" in shown.stderr
    shown = run("show", cwd=static_app)
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "no exchanges have been kept yet" in shown.stderr
    assert not (static_app / ".spin").exists()

    same = [Entry.of(exchange_of(at=1_700_000_000.0)) for _ in range(2)]
    keep(static_app, *same)
    shown = run("show", "fff", cwd=static_app)
    assert shown.returncode == 1
    assert "no exchange is kept whose id is or begins with `fff`" in shown.stderr
    shown = run("show", same[0].summary.id[:12], cwd=static_app)
    assert shown.returncode == 2
    assert "several exchanges have ids that begin with" in shown.stderr


def test_a_filter_that_is_wrong(run: Run, static_app: Path) -> None:
    shown = run("exchanges", "--where", "api statsu:500", cwd=static_app)
    assert shown.returncode == 2
    assert shown.stderr == (
        "error: the filter can't be understood: exchanges have no `statsu`\n"
        "  help: did you mean `status`?\n"
        "  help: api statsu:500\n"
        "            ^^^^^^\n"
    )


def test_a_store_that_can_not_be_read(run: Run, static_app: Path) -> None:
    path = static_app / ".spin" / "spindle" / "exchanges.db"
    path.parent.mkdir(parents=True)
    path.write_text("no database" * 1000)
    for args in (["exchanges"], ["show"], ["show", "ab"], ["exchanges", "--follow"]):
        shown = run(*args, cwd=static_app)
        assert shown.returncode == 3
        assert f"`{path}`, where exchanges are kept, can't be read" in shown.stderr
        assert "`spindle up` begins a new one" in shown.stderr
        assert "Traceback" not in shown.stderr


def test_a_state_directory_elsewhere(run: Run, up: Up, app: Path) -> None:
    serving = up(app, "--state-dir", "elsewhere")
    id_ = ask(serving, "/a")
    while not listed(run, app):  # of the host that runs
        pass
    serving.stop()
    assert (app / "elsewhere" / "spindle" / "exchanges.db").exists()
    assert not (app / ".spin" / "spindle" / "exchanges.db").exists()
    assert listed(run, app) == []
    assert [one["id"] for one in listed(run, app, "--state-dir", "elsewhere")] == [id_]


def test_a_host_without_a_state_directory(run: Run, up: Up, app: Path) -> None:
    serving = up(app, "--state-dir", "")
    ids = [ask(serving, f"/{number}") for number in range(3)]
    assert [one["id"] for one in listed(run, app)] == ids
    assert [one["path"] for one in listed(run, app, "--where", "path:/1")] == ["/1"]
    assert f"{ids[1]} GET /1" in run("show", ids[1], cwd=app).stdout
    refused = run("exchanges", "--follow", cwd=app)
    assert refused.returncode == 2
    assert "kept in memory" in refused.stderr
    serving.stop()


def test_two_hosts_with_one_file(run: Run, up: Up, app: Path) -> None:
    ids = [ask(serving, "/a") for serving in (up(app), up(app))]
    while len(listed(run, app)) < 2:
        pass
    assert {one["id"] for one in listed(run, app)} == set(ids)
    assert f"{ids[0]} GET /a" in run("show", ids[0], cwd=app).stdout


def test_two_hosts_with_a_file_each(run: Run, up: Up, app: Path) -> None:
    up(app)
    up(app, "--state-dir", "elsewhere")
    refused = run("exchanges", cwd=app)
    assert refused.returncode != 0
    assert "each with a state of its own" in refused.stderr


def test_all_that_a_guest_calls(run: Run, up: Up, app: Path) -> None:
    serving = up(app, "--trace")
    id_ = ask(serving, "/a?token=abc", headers={"Authorization": "Bearer abc"})
    while not listed(run, app):
        pass
    shown = run("show", id_, cwd=app).stdout
    trace = shown.partition("\nTrace\n")[2].partition("\n\n")[0]
    assert "wasi:http/types@" in trace
    assert "→" in trace
    asked = [line for line in trace.splitlines() if "]fields." in line or "]incoming-" in line]
    assert asked
    assert "abc" not in "\n".join(asked)


def test_a_host_that_keeps_nothing(run: Run, up: Up, app: Path) -> None:
    serving = up(app, "--no-history")
    ask(serving, "/a")
    assert listed(run, app) == []
    serving.stop()
    assert not (app / ".spin" / "spindle" / "exchanges.db").exists()


def test_a_store_that_is_in_the_way_does_not_keep_a_host_from_serving(
    run: Run, up: Up, app: Path
) -> None:
    path = app / ".spin" / "spindle" / "exchanges.db"
    path.mkdir(parents=True)
    serving = up(app)
    id_ = ask(serving, "/a")
    assert [one["id"] for one in listed(run, app)] == [id_]
    code, stderr = serving.stop()
    assert code == 0
    assert f"`{path}`, where exchanges are kept, can't be opened" in stderr
    assert "Traceback" not in stderr


def test_control_characters_do_not_reach_the_terminal(run: Run, static_app: Path) -> None:
    evil = exchange_of(f"/{EVIL}", body=EVIL.encode() + b"\r\n", log=EVIL.encode(), trap=EVIL)
    evil.call("a:b/c", EVIL, 0, {EVIL: EVIL}, EVIL)
    evil.target = evil.component = EVIL
    keep(static_app, Entry.of(evil))
    for args in (["exchanges"], ["show"], ["show", "--format", "json"]):
        shown = run(*args, cwd=static_app)
        assert shown.returncode == 0, shown.stderr
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown.stdout)


@pytest.fixture
def following(environment: dict[str, str]) -> Iterator[Callable[..., Queue[str]]]:
    """Call it with a directory and arguments; lines of `spindle exchanges --follow` come in."""
    with ExitStack() as stack:

        def follow(cwd: Path, *args: str) -> Queue[str]:
            command = [*COMMAND, "exchanges", "--follow", *args]
            process = subprocess.Popen(
                command, cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True
            )
            lines: Queue[str] = Queue()
            assert process.stdout is not None
            reading = threading.Thread(target=_read, args=(process.stdout, lines))
            reading.start()
            stack.enter_context(process)
            stack.callback(reading.join)
            stack.callback(process.kill)
            return lines

        yield follow


def _read(stream: IO[str], lines: Queue[str]) -> None:
    for line in stream:
        lines.put(line)


def test_following(following: Callable[..., Queue[str]], static_app: Path) -> None:
    old = [Entry.of(exchange_of(f"/old/{number}")) for number in range(3)]
    keep(static_app, *old)
    everything = following(static_app, "--limit", "2")
    some = following(static_app, "--format", "json", "--where", "body~needle", "--whole")
    assert "/old/1 " in everything.get(timeout=60)
    assert "/old/2 " in everything.get(timeout=60)
    keep(static_app, Entry.of(exchange_of("/new")), Entry.of(exchange_of("/n", body=b"needle")))
    assert "/new " in everything.get(timeout=60)
    assert "/n " in everything.get(timeout=60)
    assert json.loads(some.get(timeout=60))["output"]["body"]["data"] == "needle"
    # The file goes, and another takes its place.
    shutil.rmtree(static_app / ".spin")
    keep(static_app, Entry.of(exchange_of("/again", body=b"needle")))
    assert "/again " in everything.get(timeout=60)
    assert json.loads(some.get(timeout=60))["input"]["path_with_query"] == "/again"


def test_lines_where_they_are_wanted(up: Up, app: Path) -> None:
    serving = up(app, "--lines")
    id_ = ask(serving, "/stdio?token=abc")
    ask(serving, "/status/404")
    _, stderr = serving.stop()
    logging, first, second, third, line, other = stderr.splitlines()
    assert logging.startswith("Logging component stdio")
    assert {first, second} == {
        f"reflect {id_}: to stdout",
        f"reflect {id_}: to stderr",
    }
    assert third == f"reflect {id_}: no newline at end"
    assert re.fullmatch(rf"\S+ {id_} GET /stdio\?token=\*\*\* → reflect 200 \S+ \S+ \d+ B", line)
    assert " GET /status/404 → reflect 404 " in other


def test_lines_are_for_terminals(environment: dict[str, str], app: Path) -> None:
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "up", "--listen", "127.0.0.1:0"],
        cwd=app,
        env={**environment, "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
    )
    os.close(terminal)
    try:
        serving = wait_served(process)
        id_ = ask(serving, "/stdio")
        seen = b""
        while f"{id_} GET /stdio" not in seen.decode():
            seen += os.read(master, 4096)
        assert f"reflect {id_}: to stdout\r\n" in seen.decode()
        assert b"\x1b" not in seen  # NO_COLOR is set
    finally:
        process.kill()
        process.wait()
        os.close(master)
        if process.stdout is not None:
            process.stdout.close()


def test_output_is_as_it_was_written_where_no_person_reads_it(up: Up, app: Path) -> None:
    for flags in ([], ["--no-lines"]):
        serving = up(app, *flags)
        ask(serving, "/stdio")
        _, stderr = serving.stop()
        assert stderr.endswith("to stdout\nto stderr\nno newline at end")
