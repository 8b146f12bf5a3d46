"""Replays recorded requests over real sockets and compares every answer.

A recording holds `tables` (a manifest each) and `cases` (one connection's sends and what came
back). Run it on a recording of your own:

    python -m tests.trigger.golden_http [--up] RECORDING.json

With `--up` the requests go to a `spindle up` that runs the recorded guests, which lie in `guests/`
beside the recording; else to our server and pipeline with a guest in plain Python.

Order is not compared inside a guest's headers: the recorded host moves its last header to the
place of a removed one and iterates path parameters at random.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

from tests.trigger.harness import Conversation, Received, converse, serving
from tests.trigger.reflecting import ReflectGuests

from spindle.app import (
    App,
    AppComponent,
    HttpExecutor,
    HttpTrigger,
    LocalSource,
    StaticResponse,
    WagiExecutor,
)
from spindle.routes import parse_route
from spindle.trigger.http.announcement import announce_plain
from spindle.trigger.http.pipeline import Pipeline

OURS = Path(__file__).with_name("cases.json")
_LONG = 3000

KNOWN_DIFFERENCES = {
    "mid-star/1": "a wildcard before the end matches nothing (404), Spin drops the connection",
    "mid-star/2": "a wildcard before the end matches nothing (404), Spin drops the connection",
    "mid-star/3": "a wildcard before the end matches nothing (404), Spin drops the connection",
    "mid-star/4": "a wildcard before the end matches nothing (404), Spin drops the connection",
}


def recordings() -> list[Path]:
    """Our own cases, and the recording `SPINDLE_GOLDEN` names or that lies beside the project."""
    beside = Path(__file__).parents[2] / "../shared/golden/routes.json"
    golden = Path(os.environ.get("SPINDLE_GOLDEN", beside))
    return [OURS, golden] if golden.is_file() else [OURS]


def compare(recording: Path, *, up: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Each case's id and how its replay differs from its record."""
    data = json.loads(recording.read_text())
    for table in data["tables"]:
        cases = [case for case in data["cases"] if case["table"] == table["table"]]
        if table["started"]:
            with _spindle_up(table, recording) if up else _in_process(table) as (port, said):
                yield from _compare_table(table, cases, port, said)


@contextmanager
def _in_process(table: dict[str, Any]) -> Iterator[tuple[int, str]]:
    app = app_of(tomllib.loads(table["manifest"]))
    pipeline = Pipeline(app, ReflectGuests(app))
    with serving(pipeline) as running:
        yield running.port, announce_plain(running.server.base_url, pipeline.router, app) + "\n"


@contextmanager
def _spindle_up(table: dict[str, Any], recording: Path) -> Iterator[tuple[int, str]]:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "spin.toml").write_text(table["manifest"])
        for wasm in recording.parent.glob("guests/*/*.wasm"):
            Path(directory, wasm.name).symlink_to(wasm)
        command = [str(Path(sys.executable).with_name("spindle")), "up", "--listen", "127.0.0.1:0"]
        output = Path(directory, "stdout.txt")
        with output.open("w") as stdout:
            process = Popen(command, cwd=directory, stdout=stdout, stderr=DEVNULL)
        try:
            yield _wait_announced(output)
        finally:
            process.terminate()
            process.wait(60)


def _wait_announced(output: Path) -> tuple[int, str]:
    """The port and the whole announcement, which is written at once."""
    deadline = time.monotonic() + 60
    while not (found := re.search(r":(\d+)\n", said := output.read_text())):
        assert time.monotonic() < deadline, said
        time.sleep(0.02)
    time.sleep(0.05)
    return int(found[1]), output.read_text()


def _compare_table(
    table: dict[str, Any], cases: list[Any], port: int, said: str
) -> Iterator[tuple[str, list[str]]]:
    if "startup_stdout" in table:
        expected = table["startup_stdout"].replace("PORT", str(port))
        yield f"{table['table']}/announcement", [] if said == expected else [f"said {said!r}"]
    # A client must wait to see that its connection stays open: many at once.
    with ThreadPoolExecutor(16) as clients:
        yield from clients.map(lambda case: _compare_case(case, port), cases)


def _compare_case(case: dict[str, Any], port: int) -> tuple[str, list[str]]:
    sends = [_send(send, port) for send in case["request"]]
    seen = converse(port, sends, half_close=case.get("client_half_closes", False))
    return case["id"], list(_differences(case, seen, port))


def app_of(manifest: dict[str, Any]) -> App:
    """An app from a valid manifest, as far as HTTP goes."""
    components = {
        id: AppComponent(
            id,
            LocalSource(Path(table["source"])),
            description=table.get("description", ""),
            environment=table.get("environment", {}),
        )
        for id, table in manifest.get("component", {}).items()
    }
    triggers = tuple(
        _trigger(table, f"http-trigger{i}") for i, table in enumerate(manifest["trigger"]["http"])
    )
    application = manifest["application"]
    return App(
        application["name"],
        Path("/"),
        version=application.get("version", ""),
        components=components,
        triggers=triggers,
    )


def _trigger(table: dict[str, Any], default_id: str) -> HttpTrigger:
    route, executor = table["route"], dict(table.get("executor", {}))
    static = table.get("static_response")
    return HttpTrigger(
        table.get("id", default_id),
        "http",
        table.get("component"),
        route=parse_route(route) if isinstance(route, str) else None,
        executor=WagiExecutor(**executor) if executor.pop("type", "") == "wagi" else HttpExecutor(),
        static_response=StaticResponse(**static) if static is not None else None,
    )


def _send(send: Any, port: int) -> bytes | float:
    if isinstance(send, str):
        return send.encode("latin-1").replace(b"PORT", str(port).encode())
    if "sleep_seconds" in send:
        return float(send["sleep_seconds"])
    if "base64" in send:
        return base64.b64decode(send["base64"])
    return b"".join(
        part["repeat"].encode("latin-1") * part["times"]
        if isinstance(part, dict)
        else part.encode("latin-1").replace(b"PORT", str(port).encode())
        for part in send["parts"]
    )


def _differences(case: dict[str, Any], seen: Conversation, port: int) -> Iterator[str]:
    recorded = [r for r in case["responses"] if "unparsed" not in r]
    if len(recorded) != len(seen.responses):
        yield f"{len(seen.responses)} responses, not {len(recorded)}"
    if case["connection_closed_by_server"] != seen.closed:
        yield f"closed by server: {seen.closed}"
    for expected, response in zip(recorded, seen.responses, strict=False):
        yield from _response_differences(expected, response, port)


def _response_differences(expected: dict[str, Any], response: Received, port: int) -> Iterator[str]:
    if expected["status_line"] != response.status_line:
        yield f"{response.status_line}, not {expected['status_line']}"
    headers = [
        [name, _placeholders(value, name, port)]
        for name, value in response.headers
        if name != "spindle-exchange"  # ours, and only of requests a guest answered
    ]
    if expected["headers"] != headers:
        yield f"headers {headers}, not {expected['headers']}"
    if expected["complete"] != response.complete:
        yield f"complete: {response.complete}"
    if "trailers" in expected and expected["trailers"] != [list(t) for t in response.trailers]:
        yield f"trailers {response.trailers}"
    if "body" in expected and expected["body"] != _shortened(response.body.decode("latin-1")):
        yield f"body {response.body[:200]!r}, not {expected['body']!r}"
    if "reflected" in expected:
        yield from _reflected_differences(expected["reflected"], response.json(), port)


def _reflected_differences(
    expected: dict[str, Any], reflected: dict[str, Any], port: int
) -> Iterator[str]:
    for key, value in expected.items():
        ours = reflected[key]
        if key == "headers":
            ours = sorted([n, _placeholders(v, n, port)] for n, v in ours)
            value = sorted(value)
        elif isinstance(ours, str):
            ours = _placeholders(ours, key, port)
        if ours != value:
            yield f"{key} {ours}, not {value}"


def _placeholders(value: str, name: str, port: int) -> str:
    if name == "date":
        return "DATE"
    if name == "content-length" and len(value) > 2:
        return "LENGTH"
    if name == "spin-client-addr":
        return re.sub(r":\d+$", ":CLIENT_PORT", value)
    return _shortened(value.replace(f":{port}", ":PORT"))


def _shortened(text: str) -> str:
    if len(text) <= _LONG:
        return text
    return f"LONG:{len(text)}:sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def main(paths: list[Path], *, up: bool) -> int:
    """Print what differs; 1 if anything does that is not known to."""
    unknown = 0
    for path in paths:
        results = list(compare(path, up=up))
        differing = [(id, differences) for id, differences in results if differences]
        for id, differences in differing:
            known = KNOWN_DIFFERENCES.get(id)
            unknown += known is None
            print(f"{id}: {known or '; '.join(differences)}")  # noqa: T201  # a command's output
        agree = len(results) - len(differing)
        print(f"{path}: {agree} of {len(results)} agree")  # noqa: T201  # a command's output
    return 1 if unknown else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    paths = [Path(argument) for argument in arguments if argument != "--up"]
    sys.exit(main(paths or recordings(), up="--up" in arguments))
