"""Run the conformance tests that hosts of Spin applications share: what a host answers is told.

    python -m tests.spin_suite SUITE GUESTS [TEST...]

SUITE is a checkout of the suite, GUESTS a directory with its components built for `wasm32-wasip1`.
A test is a manifest and a `test.json5`; one that needs a service that is not to be had here
is passed over, and said to be. The exit status is 1 if a test failed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from tests.conftest import Answer, Host, serving
from tests.spin_suite.services import SERVICES, Services

OURS = frozenset({"spindle-exchange"})
"""Headers that this host adds to every response."""


def read_json5(text: str) -> Any:
    """JSON with bare keys and commas too many, which is all that the suite has of JSON5."""
    quoted = re.sub(r"([{,]\s*)(\w+)(\s*:)", r'\1"\2"\3', text)
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", quoted))


def substitute(text: str, suite: Path, guests: Path, ports: dict[str, int]) -> str:
    """A template of the suite with guests and ports put in."""

    def value(found: re.Match[str]) -> str:
        if found[1] == "source":
            return str(guest(suite, guests, found[2]))
        return str(ports.get(found[2], found[2]))

    return re.sub(r"%\{(source|port)=([^}]+)\}", value, text)


def guest(suite: Path, guests: Path, name: str) -> Path:
    """The file that a component of the suite is built to."""
    cargo = tomllib.loads((suite / "components" / name / "Cargo.toml").read_text())
    crate: str = cargo["package"]["name"]
    return guests / f"{crate.replace('-', '_')}.wasm"


def problems(expected: dict[str, Any], answer: Answer) -> list[str]:
    """How an answer differs from what is expected."""
    found = []
    status = expected.get("status", 200)
    if answer.status != status:
        found.append(f"expected status {status}, found {answer.status}")
    body = expected.get("body", "")
    if answer.body != body.encode():
        found.append(f"expected body {body!r}, found {answer.body.decode(errors='replace')!r}")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    for header in expected.get("headers", ()):
        name, value = header["name"].lower(), header.get("value")
        present = headers.pop(name, None)
        if present is None and not header.get("optional", False):
            found.append(f"expected header `{name}`")
        elif present is not None and value is not None and present.lower() != value.lower():
            found.append(f"expected header `{name}: {value}`, found `{present}`")
    found += [f"header `{name}` is not expected" for name in headers.keys() - OURS]
    return found


def run_test(test: Path, suite: Path, guests: Path, scratch: Path) -> list[str] | None:
    """What is wrong; None for a test that needs what is not to be had here."""
    config = read_json5((test / "test.json5").read_text())
    kinds = [precondition["kind"] for precondition in config.get("preconditions", ())]
    if not SERVICES.keys() >= set(kinds):
        return None
    with Services(kinds, suite) as ports:
        application = scratch / test.name
        application.mkdir()
        manifest = substitute((test / "spin.toml").read_text(), suite, guests, ports)
        (application / "spin.toml").write_text(manifest)
        with serving(application, application) as host:
            found = []
            for invocation in config["invocations"]:
                text = json.dumps(invocation["request"])
                request = json.loads(substitute(text, suite, guests, ports))
                found += problems(invocation["response"], ask(host, request))
            return [*found, *([host.output()] if found else [])]


def ask(host: Host, request: dict[str, Any]) -> Answer:
    """Make a request."""
    headers = {header["name"]: header["value"] for header in request.get("headers", ())}
    body = request.get("body")
    method = request.get("method", "GET").upper()
    return host.request(method, request["path"], body.encode() if body else None, headers)


def run(test: Path, suite: Path, guests: Path, scratch: Path) -> tuple[str, list[str]]:
    """How a test ended, and what is wrong if it failed."""
    found = run_test(test, suite, guests, scratch)
    if found is None:
        return "needs a service", []
    return ("failed" if found else "passed"), found


def main() -> int:
    """Run the tests; how many failed decides the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.spin_suite")
    parser.add_argument("suite", type=Path)
    parser.add_argument("guests", type=Path)
    parser.add_argument("tests", nargs="*")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for test in sorted((options.suite / "tests").iterdir()):
            if options.tests and test.name not in options.tests:
                continue
            outcome, found = run(test, options.suite, options.guests, Path(scratch))
            sys.stdout.write("\n    ".join([f"{test.name}: {outcome}", *found]) + "\n")
            sys.stdout.flush()
            failed += bool(found)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
