"""Guests that break every rule: each costs its own request and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pytest
from tests.conftest import built
from tests.executor.harness import Running, serving

from spindle.component.core import Engine, wat_to_wasm
from spindle.exchange import LOG_LIMIT
from spindle.executor import Engines, Fixed, Policy
from spindle.limits import Limits

FRAME = Path(__file__).parents[1] / "guests" / "wat"
TEXT = b"hello from the text format"
TIMEOUT = "the guest exceeded the request timeout"

BEFORE_THE_RESPONSE = {
    "traps": "wasm `unreachable` instruction executed",
    "never-answers": "the guest's task ended without a result (it never called `task.return`)",
    "forges-handle": "the guest used an unknown handle index 999",
    "overflows": "call stack exhausted (stack overflow)",
    "overruns-memory": "the guest gave a result pointer out of bounds of its memory: 0x7ffffff8",
    "loops": TIMEOUT,
    "waits": TIMEOUT,
    "yields": TIMEOUT,
}
"""What each is answered with 500 for."""

AFTER_THE_RESPONSE = {
    "answers-twice": (b"", "the guest returned a result twice"),
    "drops-trailers": (b"", "dropped the writable end of a future before writing to it"),
    "stalls": (TEXT, "the guest ended before the body it was writing"),
}
"""The body each gave before it failed, and why it did."""

HARMLESS = {
    "hello": TEXT,
    "empty": b"",
    "drops-stream": b"",
    "grows": b"",
    "grows-table": b"",
    "loops-late": b"",
}

POLICY = Policy(
    request_timeout=Fixed(1),
    idle_timeout=Fixed(0),
    limits=Limits(max_instance_memory=16 << 20, max_instances=100),
)


class BaselineEngines(Engines):
    """Everything is compiled as it is in haste."""

    @cached_property
    def optimised(self) -> Engine:
        """No better than the other."""
        return self.baseline


@pytest.fixture(scope="module", params=[Engines, BaselineEngines], ids=["optimised", "baseline"])
def host(request: pytest.FixtureRequest) -> Iterator[Running]:
    names = (*BEFORE_THE_RESPONSE, *AFTER_THE_RESPONSE, *HARMLESS)
    guests = {name: built(f"wat/{name}") for name in names}
    engines: Engines = request.param()
    with serving(guests, POLICY, engines=engines) as running:
        yield running


@pytest.mark.parametrize("name", BEFORE_THE_RESPONSE)
def test_a_failure_before_the_response_is_500_and_told(host: Running, name: str) -> None:
    answer = host.get(f"/{name}")
    assert (answer.status, answer.body) == (500, b"")
    assert host.error_of(f"/{name}") == BEFORE_THE_RESPONSE[name]
    assert host.get("/hello").body == TEXT


@pytest.mark.parametrize("name", AFTER_THE_RESPONSE)
def test_a_failure_after_the_response_is_told(host: Running, name: str) -> None:
    body, reason = AFTER_THE_RESPONSE[name]
    answer = host.get(f"/{name}")
    assert (answer.status, answer.body) == (200, body)
    assert reason in host.error_of(name)
    assert host.get("/hello").body == TEXT


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_failure(host: Running, name: str) -> None:
    answer = host.get(f"/{name}")
    assert (answer.status, answer.body) == (200, HARMLESS[name])


def test_work_after_the_response_is_stopped_in_the_end(host: Running) -> None:
    exchange = host.exchange_of(host.get("/loops-late"))
    numbers = [exchange.instance]
    host.wait_for(lambda: not numbers_of(host, "loops-late").intersection(numbers))


def numbers_of(running: Running, component: str) -> set[int | None]:
    """The instances of a component there are."""
    return running.ask(lambda: {g.number for g in running.executor._pools.http[component]._guests})


@pytest.fixture(scope="module")
def languages() -> Iterator[Running]:
    guests = {
        "root": built("python"),
        "javascript": built("javascript"),
        "hello": built("wat/hello"),
    }
    policy = POLICY._replace(request_timeout=Fixed(3), limits=Limits(max_instance_memory=128 << 20))
    with serving(guests, policy, wagi={"wagi": built("wagi")}) as running:
        yield running


@pytest.mark.parametrize(
    "path",
    ["/loop", "/never", "/sleep?ms=100000", "/javascript/loop", "/javascript/sleep?ms=100000"],
)
def test_taking_too_long(languages: Running, path: str) -> None:
    answer = languages.get(path)
    assert answer.status == 500
    assert languages.error_of(path) == TIMEOUT


def test_never_going_on_with_the_response(languages: Running) -> None:
    answer = languages.get("/stall")
    assert (answer.status, answer.body) == (200, b"started")
    assert languages.error_of("root") == TIMEOUT


@pytest.mark.parametrize("path", ["/allocate", "/javascript/allocate"])
def test_allocating_without_end(languages: Running, path: str) -> None:
    assert languages.get(path).status == 500
    assert languages.get("/hello").status == 200


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/trap", "wasm `unreachable` instruction executed"),
        ("/fail", "wasm `unreachable` instruction executed"),
        ("/error", "the guest answered with the error `internal-error: returned by the guest`"),
        ("/leave?code=3", "the guest exited with status 1"),
        ("/leave?code=0", "the guest exited with status 0"),
        ("/wagi?mode=trap", "wasm `unreachable` instruction executed"),
    ],
)
def test_failing_in_other_ways(languages: Running, path: str, message: str) -> None:
    assert languages.get(path).status == 500
    assert languages.error_of(path) == message


def test_a_late_trap_ends_the_body_and_is_told(languages: Running) -> None:
    answer = languages.get("/trap-later")
    assert (answer.status, answer.body) == (200, b"before the trap")
    trap = languages.exchange_of(answer).trap
    assert trap is not None
    assert trap.frames
    assert any(str(error) == trap.reason for name, error in languages.errors if name == "root")


def test_an_error_in_place_of_trailers_ends_the_body_and_is_told(languages: Running) -> None:
    answer = languages.get("/cut")
    assert (answer.status, answer.body) == (200, b"half")
    languages.wait_for(lambda: any("internal-error: cut" in str(e) for _, e in languages.errors))


ENDLESS = "(loop $again (br $again))"


def allocating(tmp_path: Path, realloc: str, start: str = "") -> Path:
    """A greeting that first lets the host allocate, with this body of `realloc`."""
    text = (FRAME / "service.wat").read_text()
    text = text.replace(
        "(component\n",
        """(component
        (import "wasi:random/random@0.3.0" (instance $random
          (export "get-random-bytes" (func (param "max-len" u64) (result (list u8))))))
        """,
        1,
    )
    text = text.replace(
        '(alias core export $memory "memory" (core memory $mem))',
        f"""(alias core export $memory "memory" (core memory $mem))
        (core module $Realloc
          (import "memory" "memory" (memory 1))
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) {realloc})
          (func $start {start}) (start $start))
        (core instance $realloc (instantiate $Realloc (with "memory" (instance $memory))))
        (alias core export $realloc "realloc" (core func $alloc))
        (core func $bytes (canon lower (func $random "get-random-bytes")
          (memory $mem) (realloc $alloc)))""",
        1,
    )
    text = text.replace(
        "(core instance $host\n", '(core instance $host (export "bytes" (func $bytes))\n'
    )
    text = text.replace(
        '(import "host" "memory" (memory 1))',
        '(import "host" "memory" (memory 1)) (import "host" "bytes" (func $bytes (param i64 i32)))',
    )
    body = (FRAME / "hello.core.wat").read_text()
    drop = "(call $request.drop (local.get $request))"
    body = body.replace(drop, f"{drop} (call $bytes (i64.const 100000) (i32.const 128))")
    path = tmp_path / "guest.wasm"
    path.write_bytes(wat_to_wasm(text.replace("(; BODY ;)", body)))
    return path


GROWS = "(drop (memory.grow (i32.const 16))) (i32.const 65536)"


@pytest.mark.parametrize(
    ("realloc", "start", "message"),
    [
        (f"{ENDLESS} (unreachable)", "", "a call that cannot wait ran out of time"),
        ("(unreachable)", "", "wasm `unreachable` instruction executed"),
        ("(i32.const 0x7fffff00)", "", "out of bounds"),
        (GROWS, ENDLESS, "the guest computes for too long: the limit is 0.2s (`--max-cpu-time`)"),
        (GROWS, "(unreachable)", "wasm `unreachable` instruction executed"),
    ],
    ids=["loops", "traps", "beyond memory", "start loops", "start traps"],
)
def test_failing_where_nothing_can_wait(
    tmp_path: Path, realloc: str, start: str, message: str
) -> None:
    path = allocating(tmp_path, realloc, start)
    policy = Policy(limits=Limits(max_cpu_time=0.2))
    with serving({"odd": path, "hello": built("wat/hello")}, policy) as running:
        assert running.get("/odd").status == 500
        assert message in running.error_of("/odd")
        assert running.get("/hello").body == TEXT


def test_memory_that_grows_while_the_host_writes_to_it(tmp_path: Path) -> None:
    with serving({"grows": allocating(tmp_path, GROWS)}) as running:
        for _ in range(5):
            assert running.get("/grows").body == TEXT


def test_hoarding_what_the_host_makes() -> None:
    with serving({"hoards": built("wat/hoards"), "hello": built("wat/hello")}) as running:
        assert running.get("/hoards").status == 500
        assert running.error_of("/hoards").startswith("the guest has too many handles")
        assert running.get("/hello").body == TEXT


def test_commands_that_never_end(tmp_path: Path) -> None:
    endless = tmp_path / "endless.wasm"
    loop = f'(module (memory (export "memory") 1) (func (export "_start") {ENDLESS}))'
    endless.write_bytes(wat_to_wasm(loop))
    guests = {"hello": built("wat/hello")}
    with serving(guests, POLICY, wagi={"endless": endless}) as running:
        clients = [running.begin("/endless") for _ in range(4)]
        for _ in range(10):
            assert running.get("/hello").body == TEXT
        for client in clients:
            assert client.recv(12) == b"HTTP/1.1 500"
            client.close()
        assert running.error_of("/endless") == TIMEOUT


def flooding(tmp_path: Path, descriptor: int) -> Path:
    """A command that writes 64 KiB without end."""
    path = tmp_path / f"flooding{descriptor}.wasm"
    path.write_bytes(
        wat_to_wasm(f"""(module
        (import "wasi_snapshot_preview1" "fd_write"
          (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 2)
        (data (i32.const 0) "\\10\\00\\00\\00\\00\\00\\01\\00")
        (func (export "_start")
          (loop $again
            (drop (call $write
              (i32.const {descriptor}) (i32.const 0) (i32.const 1) (i32.const 8)))
            (br $again))))""")
    )
    return path


def test_output_without_end(tmp_path: Path) -> None:
    commands = {"out": flooding(tmp_path, 1), "err": flooding(tmp_path, 2)}
    policy = Policy(request_timeout=Fixed(2))
    with serving({"hello": built("wat/hello")}, policy, wagi=commands) as running:
        client = running.begin("/err")
        running.wait_for(lambda: len(running.output) > 10)
        assert running.get("/hello").body == TEXT
        assert client.recv(12) == b"HTTP/1.1 500"
        assert running.error_of("/err") == TIMEOUT
        running.wait_for(lambda: any(e.component == "err" for e in running.exchanges))
        (exchange,) = (e for e in running.exchanges if e.component == "err")
        assert sum(len(write.data) for write in exchange.writes) == LOG_LIMIT
        running.output.clear()
        assert running.get("/out").status == 500
        assert running.error_of("/out") in (
            "the guest wrote too long a response: the limit is 128 MiB (`--max-buffered-bytes`)",
            TIMEOUT,
        )
        client.close()
