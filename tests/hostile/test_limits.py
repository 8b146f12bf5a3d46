"""Guests that want more than they may have: each is stopped, told why, and costs nobody else."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.conftest import built
from tests.executor.harness import Running, serving, vanish

from spindle.component.core import wat_to_wasm
from spindle.executor import Fixed, Policy
from spindle.limits import Limits

FRAME = Path(__file__).parents[1] / "guests" / "wat" / "service.wat"
TEXT = b"hello from the text format"
ENDLESS = "(loop $again (br $again))"


def service(path: Path, handle: str, more: str = "", frame: str | None = None) -> Path:
    """A WASI 0.3 service with this body of its handler."""
    body = f"""{more}
      (func (export "handle") (param $request i32) (result i32)
        (local $n i32) {handle} (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) (unreachable))"""
    text = (frame or FRAME.read_text()).replace("(; BODY ;)", body)
    path.write_bytes(wat_to_wasm(text))
    return path


@contextmanager
def host(guests: Mapping[str, Path], limits: Limits, **policy: object) -> Iterator[Running]:
    """A host of these guests and one that greets, which answers at the end."""
    made = Policy(limits=limits)._replace(**policy)  # type: ignore[arg-type]  # a tuple's fields
    with serving({**guests, "hello": built("wat/hello")}, made) as running:
        yield running
        assert running.get("/hello").body == TEXT


def again(what: str) -> str:
    return f"(loop $again {what} (br $again)) (unreachable)"


TWO_MEMORIES = """(memory $own 1)
  (func $fill (loop $more
    (br_if $more (i32.ne (memory.grow $own (i32.const 1)) (i32.const -1)))))"""

STOPPED: Mapping[str, tuple[str, str, Limits, str]] = {
    "computes": (ENDLESS, "", Limits(max_cpu_time=0.1), "computes for too long: the limit is 0.1s"),
    "starts for ever": (
        "",
        f"(func $start {ENDLESS}) (start $start)",
        Limits(max_cpu_time=0.1),
        "computes for too long: the limit is 0.1s (`--max-cpu-time`)",
    ),
    "opens streams": (
        again("(drop (call $stream.new))"),
        "",
        Limits(max_handles=1000),
        "too many handles: the limit is 1000 (`--max-handles`)",
    ),
    "opens a million streams": (
        """(loop $again (drop (call $stream.new))
             (local.set $n (i32.add (local.get $n) (i32.const 1)))
             (br_if $again (i32.lt_u (local.get $n) (i32.const 1000000))))""",
        "",
        Limits(),
        "too many handles: the limit is 131072",
    ),
    "makes futures": (
        again("(drop (call $trailers.new))"), "", Limits(max_handles=1000), "too many handles",
    ),
    "makes waitable sets": (
        again("(drop (call $set.new))"), "", Limits(max_handles=1000), "too many handles",
    ),
    "makes resources": (
        again("(drop (call $fields.new))"), "", Limits(max_handles=1000), "too many handles",
    ),
    "has more memory together than it may": (
        """(call $fill) (loop $more
             (br_if $more (i32.ne (memory.grow 0 (i32.const 1)) (i32.const -1)))) (unreachable)""",
        TWO_MEMORIES,
        Limits(max_instance_memory=1 << 20),
        "too much memory: the limit is 1 MiB (`--max-instance-memory`)",
    ),
    "begins with more memory than it may": (
        "", "(memory 100)", Limits(max_instance_memory=1 << 20), "memory minimum size",
    ),
    "has too many memories": ("", "(memory 1)", Limits(max_memories=1), "memory count too high"),
    "has too many tables": (
        "", "(table 1 funcref)" * 9, Limits(max_tables=1), "table count too high",
    ),
    "begins with too large a table": (
        "", "(table 2000 funcref)", Limits(max_table_elements=1000), "table minimum size",
    ),
    "recurses for ever": (
        "(call $deeper)", "(func $deeper (call $deeper))", Limits(), "call stack exhausted",
    ),
    "recurses as it starts": (
        "", "(func $deeper (call $deeper)) (start $deeper)", Limits(), "call stack exhausted",
    ),
    "calls out of its start": (
        "", "(func $start (drop (call $fields.new)) (unreachable)) (start $start)", Limits(),
        "unreachable",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STOPPED)
def test_a_guest_that_goes_beyond_a_limit_is_stopped_and_told_of(tmp_path: Path, name: str) -> None:
    handle, more, limits, said = STOPPED[name]
    guest = service(tmp_path / "guest.wasm", handle, more)
    with host({"guest": guest}, limits) as running:
        for _ in range(2):
            assert running.get("/guest").status == 500
        assert any(said in str(error) for _, error in told(running)), told(running)


def told(running: Running) -> list[tuple[str, BaseException]]:
    running.wait_for(lambda: running.errors)
    return running.errors


REFUSED_GROWTH = {
    "memory": ("(memory.grow 0 (i32.const 1000))", "", Limits(max_instance_memory=1 << 20)),
    "table": (
        "(table.grow $t (ref.null func) (i32.const 2000))",
        "(table $t 1 funcref)",
        Limits(max_table_elements=1000),
    ),
}


def test_a_trap_beside_a_memory_limit_says_so(tmp_path: Path) -> None:
    handle = "(drop (memory.grow 0 (i32.const 10))) (unreachable)"
    guest = service(tmp_path / "guest.wasm", handle)
    with host({"guest": guest}, Limits(max_instance_memory=1 << 20)) as running:
        assert running.get("/guest").status == 500
        [(_, error)] = told(running)
        assert getattr(error, "hints", ()) == (
            "its memory had grown to 704 KiB, and may grow to 1 MiB (`--max-instance-memory`)",
        )


@pytest.mark.parametrize("name", REFUSED_GROWTH)
def test_growth_beyond_a_limit_is_refused_to_the_guest(tmp_path: Path, name: str) -> None:
    grow, more, limits = REFUSED_GROWTH[name]
    handle = f"""(if (i32.ne {grow} (i32.const -1)) (then (unreachable)))
      (call $respond (i32.const 0) (i32.const 0))"""
    with host({"guest": service(tmp_path / "guest.wasm", handle, more)}, limits) as running:
        assert running.get("/guest").status == 200


def test_work_after_the_response_ends_without_a_request_timeout() -> None:
    guests = {"late": built("wat/loops-late")}
    with host(guests, Limits(max_cpu_time=0.1), idle_timeout=Fixed(0)) as running:
        exchange = running.exchange_of(running.get("/late"))
        assert any("computes for too long" in str(error) for _, error in told(running))
        guests_of = running.executor._pools.http["late"]._guests
        running.wait_for(
            lambda: running.ask(lambda: exchange.instance not in {g.number for g in guests_of})
        )


def test_yielding_for_ever_is_computing() -> None:
    with host({"yields": built("wat/yields")}, Limits(max_cpu_time=0.1)) as running:
        assert running.get("/yields").status == 500
        assert any("computes for too long" in str(error) for _, error in told(running))


def test_waiting_is_free() -> None:
    with host({"waits": built("wat/waits")}, Limits(max_cpu_time=0.01)) as running:
        client = running.begin("/waits")
        running.wait_for(lambda: running.instances("waits"))
        for _ in range(20):
            assert running.get("/hello").body == TEXT
        assert running.instances("waits") == 1
        assert not running.errors
        vanish(client)


def test_a_start_without_end_keeps_nobody_waiting_and_is_given_up(tmp_path: Path) -> None:
    guest = service(tmp_path / "guest.wasm", "", f"(func $start {ENDLESS}) (start $start)")
    unlimited = Limits(max_cpu_time=float("inf"))
    with host({"guest": guest}, unlimited) as running:
        clients = [running.begin("/guest") for _ in range(3)]
        pool = running.executor._pools.http["guest"]
        running.wait_for(lambda: running.ask(lambda: len(pool._starts)) == 3)
        for _ in range(5):
            assert running.get("/hello").body == TEXT
        for client in clients:
            vanish(client)
        # A spare for the next request may have begun before they came; its limit ends that one.
        running.wait_for(lambda: running.ask(lambda: all(each.spare for each in pool._starts)))


def test_starts_that_take_long_are_waited_for(tmp_path: Path) -> None:
    start = """(func $start (local $n i32) (loop $again
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $n) (i32.const 30000000)))))
      (start $start)"""
    handle = "(call $respond (i32.const 0) (i32.const 0))"
    with host({"guest": service(tmp_path / "guest.wasm", handle, start)}, Limits()) as running:
        clients = [running.begin("/guest") for _ in range(4)]
        for client in clients:
            assert status_of(client) == 200
            client.close()


def status_of(client: socket.socket) -> int:
    response = http.client.HTTPResponse(client)
    response.begin()
    return response.status


def test_who_would_wait_too_long_in_line_is_turned_away() -> None:
    limits = Limits(max_instances=1, max_queued_requests=2)
    guests = {"waits": built("wat/waits")}
    with host(guests, limits, concurrent_reuse_count=Fixed(1)) as running:
        pool = running.executor._pools.http["waits"]
        clients = [running.begin("/waits") for _ in range(3)]
        running.wait_for(lambda: running.ask(lambda: len(pool._waiting)) == 2)
        answer = running.get("/waits")
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert "wait for the component `waits`: the limit is 2 (`--max-queued-r" in answer.text
        assert running.get("/hello").body == TEXT
        vanish(clients.pop())
        running.wait_for(lambda: running.ask(lambda: any(i.finished for i, _ in pool._waiting)))
        clients.append(running.begin("/waits"))  # takes the place of the one that left
        running.wait_for(
            lambda: running.ask(lambda: sum(not i.finished for i, _ in pool._waiting)) == 2
        )
        for client in clients:
            vanish(client)


def test_a_component_of_too_many_parts_is_refused() -> None:
    with (
        pytest.raises(Exception, match="`hello` consists of 2 core instances: the limit is 1 "),
        host({}, Limits(max_core_instances=1)),
    ):
        pass


COMMANDS = {
    "loops": ENDLESS,
    "grows": again("(drop (memory.grow (i32.const 1)))"),
    "writes": again(
        """(drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))"""
    ),
}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("loops", "computes for too long"),
        ("grows", "computes for too long"),
        ("writes", "wrote too long a response: the limit is 10000 bytes (`--max-buffered-bytes`)"),
    ],
)
def test_commands_have_limits_too(tmp_path: Path, name: str, said: str) -> None:
    text = f"""(module
      (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "\\10\\00\\00\\00\\00\\10\\00\\00")
      (func (export "_start") {COMMANDS[name]}))"""
    path = tmp_path / "command.wasm"
    path.write_bytes(wat_to_wasm(text))
    policy = Policy(limits=Limits(max_cpu_time=0.2, max_buffered_bytes=10_000))
    guests = {"hello": built("wat/hello")}
    with serving(guests, policy, wagi={"command": path}) as running:
        assert running.get("/command").status == 500
        assert any(said in str(error) for _, error in told(running)), told(running)
        assert running.request("POST", "/command", bytes(20_000)).status == 413
        assert running.get("/hello").body == TEXT
