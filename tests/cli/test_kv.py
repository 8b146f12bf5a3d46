"""`spindle kv` on an application that runs, and on one that doesn't."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest
from tests.cli.conftest import COMMAND
from tests.cli.harness import Up
from tests.services.redis import Redis

BYTES = bytes(range(256))


class Kv(Protocol):
    """Runs `spindle kv` with what it reads; in bytes."""

    def __call__(self, *args: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]: ...


@pytest.fixture
def kv(static_app: Path, environment: Mapping[str, str]) -> Kv:
    def run(*args: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*COMMAND, "kv", *args],
            cwd=static_app,
            env=environment,
            input=given,
            capture_output=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture(params=["running", "running in memory", "stopped"])
def app(request: pytest.FixtureRequest, up: Up, static_app: Path) -> str:
    if request.param != "stopped":
        up(static_app, *(["--state-dir", ""] if "memory" in request.param else []))
    state: str = request.param
    return state


def test_values_are_bytes(kv: Kv, app: str, static_app: Path) -> None:
    (static_app / "file").write_bytes(BYTES)
    assert kv("set", "text", "wörter").returncode == 0
    assert kv("set", "from a file", "@file").returncode == 0
    assert kv("set", "bytes", "-", given=BYTES).returncode == 0
    assert kv("set", "empty", "").returncode == 0
    assert kv("get", "text").stdout == "wörter".encode()
    assert kv("get", "from a file").stdout == BYTES
    assert kv("get", "bytes").stdout == BYTES
    assert kv("get", "empty").stdout == b""
    assert json.loads(kv("get", "text", "--format", "json").stdout) == {
        "key": "text",
        "size": 7,
        "encoding": "utf-8",
        "data": "wörter",
    }
    assert (static_app / ".spin" / "sqlite_key_value.db").exists() == ("memory" not in app)


def test_keys_are_listed_and_deleted(kv: Kv, app: str) -> None:
    for key in ("b:2", "a:1", "b:1", ""):
        assert kv("set", key, "x").returncode == 0, app
    assert kv("list").stdout == b"\na:1\nb:1\nb:2\n"
    assert kv("list", "--prefix", "b:").stdout == b"b:1\nb:2\n"
    assert json.loads(kv("list", "--format", "json").stdout) == ["", "a:1", "b:1", "b:2"]
    assert kv("delete", "a:1", "not there").returncode == 0
    deleted = kv("delete", "--prefix", "b:")
    assert (deleted.returncode, deleted.stderr) == (0, b"deleted 2 keys\n")
    assert kv("list").stdout == b"\n"


def test_an_export_is_imported_again(kv: Kv, app: str) -> None:
    lines = [
        {"key": f"key {n}", "value": {"encoding": "utf-8", "data": str(n)}} for n in range(1200)
    ]
    given = "".join(json.dumps({"key": x["key"], **x["value"]}) + "\n" for x in lines).encode()  # type: ignore[dict-item]
    assert kv("import", given=given).stderr == b"set 1200 keys\n", app
    kv("set", "bytes", "-", given=BYTES)
    exported = kv("export").stdout
    assert len(exported.splitlines()) == 1201
    for key in ("bytes", "key 7"):
        kv("delete", key)
    assert kv("import", "-", given=exported).stderr == b"set 1201 keys\n"
    assert kv("get", "bytes").stdout == BYTES
    assert kv("get", "key 7").stdout == b"7"
    assert len(kv("export", "--prefix", "key 11").stdout.splitlines()) == 111


def test_what_can_not_be_is_said(kv: Kv, app: str) -> None:
    missing = kv("get", "nothing")
    assert (missing.returncode, missing.stdout) == (1, b""), app
    assert b"store `default` has no key `nothing`" in missing.stderr
    other = kv("list", "--store", "defualt")
    assert other.returncode == 2
    assert b"no key-value store has the label `defualt`" in other.stderr
    assert b"did you mean `default`?" in other.stderr
    broken = kv("import", given=b'{"key": "a", "encoding": "utf-8", "data": "1"}\n{"key": 7}\n')
    assert broken.returncode == 2
    assert b"line 2 is no key with its value" in broken.stderr
    unreadable = kv("set", "a", "@nowhere")
    assert unreadable.returncode == 2
    assert b"`nowhere` can't be read" in unreadable.stderr
    neither = kv("delete")
    assert neither.returncode == 2
    assert b"say which keys to delete" in neither.stderr
    assert b"Traceback" not in b"".join(
        done.stderr for done in (missing, other, broken, unreadable, neither)
    )


def test_looking_makes_no_file(kv: Kv, static_app: Path) -> None:
    assert kv("list").stdout == b""
    assert kv("export").returncode == 0
    assert not (static_app / ".spin").exists()


def test_what_is_only_in_memory_is_gone(kv: Kv) -> None:
    done = kv("set", "a", "1", "--state-dir", "")
    assert done.returncode == 3
    assert b"only the running application has it" in done.stderr


def test_a_file_that_is_no_database_is_said(kv: Kv, static_app: Path) -> None:
    (static_app / "state").mkdir()
    (static_app / "state" / "sqlite_key_value.db").write_bytes(b"nonsense" * 1000)
    done = kv("list", "--state-dir", "state")
    assert done.returncode == 3
    assert b"file is not a database" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("running", [True, False])
def test_stores_on_servers(
    kv: Kv, up: Up, static_app: Path, redis_server: Redis, running: bool
) -> None:
    config = static_app / "rc.toml"
    config.write_text(f'[key_value_store.cache]\ntype = "redis"\nurl = "{redis_server.url}"\n')
    options: tuple[str, ...] = ("--store", "cache", "--runtime-config-file", str(config))
    if running:
        up(static_app, "--runtime-config-file", str(config))
        options = ("--store", "cache")
    key = f"kv*[{running}]:a"
    assert kv("set", key, "-", *options, given=BYTES).returncode == 0
    assert kv("get", key, *options).stdout == BYTES
    assert kv("list", "--prefix", key, *options).stdout == f"{key}\n".encode()
    assert kv("delete", key, *options).returncode == 0
    assert kv("get", key, *options).returncode == 1


def test_people_see_what_is_no_text_in_hexadecimal(
    kv: Kv, static_app: Path, environment: Mapping[str, str]
) -> None:
    kv("set", "bytes", "-", given=BYTES[:20] + b"abc\xff")
    kv("set", "text", "one\ntwo")
    ours, theirs = pty.openpty()
    try:
        for key, shown in (("bytes", b"00000010  1011121361626361"[:24]), ("text", b"one\r\ntwo")):
            command = [*COMMAND, "kv", "get", key]
            subprocess.run(command, cwd=static_app, env=environment, stdout=theirs, check=True)
            assert shown in os.read(ours, 10_000)
    finally:
        os.close(ours)
        os.close(theirs)


def test_keys_complete(static_app: Path, kv: Kv, environment: Mapping[str, str]) -> None:
    for key in ("apple", "apricot", "banana"):
        kv("set", key, "x")
    asked = {"_SPINDLE_COMPLETE": "bash_complete", "COMP_WORDS": "spindle kv get ap"}
    done = subprocess.run(
        COMMAND,
        cwd=static_app,
        env={**environment, **asked, "COMP_CWORD": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["plain,apple", "plain,apricot"]
