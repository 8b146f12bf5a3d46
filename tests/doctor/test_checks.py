"""Checks of machines that lack something: programs are scripts on a PATH of their own."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spindle.dev.building.tools import INSTALLATION
from spindle.doctor import (
    Finding,
    Patient,
    State,
    admit,
    machine,
    manifests,
    ports,
    services,
    toolchains,
)

HEAD = """spin_manifest_version = 2
[application]
name = "x"
[[trigger.http]]
route = "/..."
component = "c"
[component.c]
source = "c.wasm"
"""

Check = Callable[[Patient], Iterator[Finding]]


class Machine:
    """A directory of programs, and an application."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.programs = root / "bin"
        self.app = root / "app"
        self.programs.mkdir()
        self.app.mkdir()
        (self.app / "c.wasm").write_bytes(b"\0asm\x01\0\0\0")

    def install(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def install_rust(self, version: str, *targets: str) -> None:
        sysroot = self.root / "sysroot"
        for target in targets:
            (sysroot / "lib" / "rustlib" / target / "lib").mkdir(parents=True)
        self.install("cargo", f"echo cargo {version}")
        self.install(
            "rustc",
            f'if [ "$1" = --print ]; then echo {sysroot}; else echo rustc {version}; fi',
        )

    def patient(self, manifest: str, **options: object) -> Patient:
        (self.app / "spin.toml").write_text(manifest)
        environment = {**os.environ, "PATH": str(self.programs)}
        return admit(self.app, environment, **options)  # type: ignore[arg-type]  # a test's own

    def examine(self, check: Check, command: str) -> list[Finding]:
        build = f"[component.c.build]\ncommand = '''{command}'''\n"
        return list(check(self.patient(HEAD + build)))


@pytest.fixture
def machine_(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def states(findings: list[Finding]) -> list[State]:
    return [finding.state for finding in findings]


def test_programs_that_are_missing(machine_: Machine) -> None:
    machine_.install("npm", "echo 10.1.2")
    found = machine_.examine(toolchains.programs, "npm install && jco x && ./local && npm y")
    assert states(found) == [State.OK, State.ERROR, State.ERROR]
    assert found[0].message == "`npm` 10.1.2"
    assert found[1].message == "`jco`, which builds `c`, is not installed"
    assert found[1].hints == (INSTALLATION["jco"],)
    assert not found[2].of_machine
    (machine_.app / "local").touch()
    assert states(machine_.examine(toolchains.programs, "./local")) == [State.OK] * 0


def test_a_program_that_is_broken_is_there_all_the_same(machine_: Machine) -> None:
    machine_.install("uv", "exit 3")
    [found] = machine_.examine(toolchains.programs, "uv build")
    assert (found.state, found.message) == (State.OK, "`uv`")


@pytest.mark.parametrize(
    ("version", "targets", "target", "state", "said"),
    [
        ("1.90.0", ("wasm32-wasip2",), "wasm32-wasip2", State.OK, "with the target"),
        ("1.90.0", (), "wasm32-wasip2", State.ERROR, "lacks the target"),
        ("1.75.0", (), "wasm32-wasip1", State.ERROR, "too old"),
        ("1.90.0", ("wasm32-wasi",), "wasm32-wasi", State.ERROR, "otherwise"),
        ("1.70.0", ("wasm32-wasi",), "wasm32-wasi", State.OK, "with the target"),
        ("none", (), "wasm32-wasip1", State.ERROR, "says nothing"),
    ],
)
def test_rust_targets(
    machine_: Machine, version: str, targets: tuple[str, ...], target: str, state: State, said: str
) -> None:
    machine_.install_rust(version, *targets)
    [found] = machine_.examine(toolchains.rust_targets, f"cargo build --target={target}")
    assert found.state is state
    assert said in found.message


def test_a_target_is_added_by_rustup_if_it_is_there(machine_: Machine) -> None:
    machine_.install_rust("1.90.0")
    (machine_.app / ".cargo").mkdir()
    (machine_.app / ".cargo" / "config.toml").write_text('[build]\ntarget = "wasm32-wasip1"\n')
    [found] = machine_.examine(toolchains.rust_targets, "cargo build")
    assert found.remedy is None
    machine_.install("rustup", "true")
    [found] = machine_.examine(toolchains.rust_targets, "cargo build")
    assert found.remedy is not None
    assert found.remedy.shown == "rustup target add wasm32-wasip1"


def test_packages_of_node(machine_: Machine) -> None:
    machine_.install("node", "echo v18.2.0")
    package = machine_.app / "package.json"
    package.write_text('{"dependencies": {"a": "1"}, "engines": {"node": ">=20"}}')
    old, missing = machine_.examine(toolchains.node_packages, "npm run build")
    assert (old.check, missing.check) == ("node-version", "node-packages")
    assert missing.remedy is not None
    assert missing.remedy.shown == "npm install"
    assert len(machine_.examine(toolchains.node_packages, "npm ci && npm run build")) == 1
    package.write_text("[]")
    assert machine_.examine(toolchains.node_packages, "npm run build") == []


def test_a_port_in_use_and_by_whom(machine_: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        patient = machine_.patient(HEAD, listen=f"127.0.0.1:{port}")
        [found] = ports.listening_port(patient)
    assert found.state is State.ERROR
    assert f"process {os.getpid()} (" in found.message
    [found] = ports.listening_port(machine_.patient(HEAD, listen="127.0.0.1:0"))
    assert found.state is State.OK
    [found] = ports.listening_port(machine_.patient(HEAD, listen="nonsense"))
    assert found.state is State.ERROR


def test_services_that_answer_and_that_do_not(machine_: Machine) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_server(("127.0.0.1", 0)) as closed,
    ):
        open_port, closed_port = server.getsockname()[1], closed.getsockname()[1]
        closed.close()
        config = machine_.root / "rc.toml"
        config.write_text(
            f'[key_value_store.a]\ntype = "redis"\nurl = "redis://me:pw@127.0.0.1:{closed_port}"\n'
        )
        hosts = f'["mysql://127.0.0.1:{open_port}", "redis://*:1", "https://example.com"]'
        patient = machine_.patient(
            f"{HEAD}allowed_outbound_hosts = {hosts}\n", runtime_config=config, connects=True
        )
        bad, good = services.services_answer(patient)
    assert (bad.state, good.state) == (State.ERROR, State.OK)
    assert "key-value store `a`" in bad.message
    assert "pw" not in bad.message
    assert list(services.services_answer(patient._replace(connects=False))) == []


def test_directories_that_cannot_be_written(machine_: Machine) -> None:
    patient = machine_.patient(HEAD)
    [found] = machine.state_directory(patient)
    assert found.state is State.OK
    (machine_.app / ".spin").write_text("a file")
    [found] = machine.state_directory(patient)
    assert found.state is State.ERROR
    assert "is a file" in found.message
    assert machine.unwritable(Path("/proc/spindle")) is not None


def test_the_cache(machine_: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = machine_.patient(HEAD)
    monkeypatch.setenv("XDG_CACHE_HOME", str(machine_.root / "cache"))
    [found] = machine.cache_directory(patient)
    assert (found.state, found.message.endswith("holds 0 MB")) == (State.OK, True)
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc")
    [found] = machine.cache_directory(patient)
    assert found.state is State.WARNING


def test_an_engine_that_does_not_start(machine_: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = machine_.patient(HEAD)
    [found] = machine.engine_loads(patient)
    assert found.state is State.OK
    monkeypatch.setattr(machine, "START_ENGINE", "import os; os.abort()")
    [found] = machine.engine_loads(patient)
    assert found.state is State.ERROR


def test_limits_of_watching(machine_: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = machine_.patient(HEAD)
    monkeypatch.setattr(machine, "INOTIFY", machine_.root)
    assert list(machine.file_watching(patient)) == []
    (machine_.root / "max_user_watches").write_text("100\n")
    (machine_.root / "max_user_instances").write_text("128\n")
    assert states(list(machine.file_watching(patient))) == [State.WARNING, State.OK]


def test_what_is_not_built_is_built(machine_: Machine) -> None:
    (machine_.app / "c.wasm").unlink()
    found = machine_.examine(manifests.application, "true")
    [missing] = [finding for finding in found if finding.check == "missing-source"]
    assert missing.remedy is not None
    assert missing.remedy.shown == f"spindle build -f {machine_.app / 'spin.toml'} -c c"
    [missing] = [
        f for f in manifests.application(machine_.patient(HEAD)) if f.check == "missing-source"
    ]
    assert missing.remedy is None


def test_no_application_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    [found] = manifests.application(admit(None, os.environ))
    assert found.state is State.NOTE
