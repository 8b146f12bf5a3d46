"""What was compiled in haste is compiled well while it serves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.executor.harness import Running, serving
from tests.wasm.encode import encode

from spindle.app import AppComponent, LocalSource
from spindle.component import compiling
from spindle.component.component import Component
from spindle.errors import ComponentError
from spindle.executor import Engines, loading
from spindle.executor.assembly import Assembly

Guest = Callable[[str], Path]
KINDS = Path(__file__).parents[1] / "guests" / "kinds"


@pytest.fixture(autouse=True)
def _haste(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is in the cache, and everything is large enough for haste."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(loading, "HASTE_SIZE", 0)


def strategy(running: Running, component: str) -> str:
    """How the code that a component's next instance runs was compiled."""
    pools = running.executor._pools.http
    return running.ask(lambda: pools[component].program.component.engine.strategy)


def test_no_request_notices_the_exchange_of_code(guest: Guest) -> None:
    with serving({"text": guest("wat/hello"), "rust": guest("rust-p3")}) as running:
        seen = set()
        while strategy(running, "rust") == "winch":
            seen.add((running.get("/text/").status, running.get("/rust/").status))
        assert strategy(running, "text") == "cranelift"
        seen.add((running.get("/text/").status, running.get("/rust/").status))
        assert seen == {(200, 200)}
        assert not running.errors


def test_commands_are_compiled_well_behind_too(guest: Guest, tmp_path: Path) -> None:
    component = tmp_path / "command.wasm"
    component.write_bytes(encode((KINDS / "command.wat").read_text()))
    commands = {"module": guest("wagi"), "component": component}
    with serving({}, wagi=commands) as running:
        loaded = running.executor._commands._commands

        def strategies() -> set[str]:
            return {command.engine.strategy for command in loaded.values()}

        statuses = set()
        while running.ask(strategies) != {"cranelift"}:
            statuses.add(running.get("/module/").status)
        statuses |= {running.get("/module/").status, running.get("/component/").status}
        assert statuses == {200}
        assert not running.errors


def test_code_that_is_not_to_be_had_any_better_goes_on(
    guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def fail(_loader: loading.ProgramLoader, component: object) -> Component:
        tried.append(str(component))
        raise ComponentError("the file is gone")

    monkeypatch.setattr(loading.ProgramLoader, "load_well", fail)
    with serving({"text": guest("wat/hello"), "traps": guest("wat/traps")}) as running:
        running.wait_for(lambda: len(tried) == 2)
        assert running.get("/text/").status == 200
        assert running.get("/traps/").status == 500
        assert strategy(running, "text") == "winch"


def test_hosts_of_one_process_take_turns(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    goes_on = threading.Event()

    def wait(_loader: loading.ProgramLoader, component: object) -> Component:
        begun.append(str(component))
        goes_on.wait()
        raise ComponentError("the file is gone")

    monkeypatch.setattr(loading.ProgramLoader, "load_well", wait)
    one = {"text": guest("wat/hello")}
    with serving(one) as first:
        try:
            first.wait_for(lambda: len(begun) == 1)
            with serving(one) as second:
                assert second.get("/text/").status == 200
        finally:
            goes_on.set()
        first.wait_for(lambda: first.executor._background.done())  # type: ignore[union-attr]
    with serving(one) as third:
        third.wait_for(lambda: third.executor._background.done())  # type: ignore[union-attr]
    assert len(begun) == 2  # the second host ended before it was its turn


def test_builds_to_come_need_no_compiling(
    guest: Guest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "LARGE", 0)
    source, data = tmp_path / "guest.wasm", guest("rust-p3").read_bytes()
    later = data.replace(b"bytes_mut.rs", b"bytes_new.rs")  # in its memory
    assert later != data
    assembly = Assembly(AppComponent("rust", LocalSource(source)))
    watched, alone = (loading.ProgramLoader(Engines(), tmp_path) for _ in range(2))
    watched.builds_come = True
    source.write_bytes(data)
    assert watched.is_hasty(watched.load(assembly))
    assert not watched.is_hasty(watched.load_well(assembly))
    source.write_bytes(later)
    loaded = watched.load(assembly)
    assert loaded.is_bare
    assert not watched.is_hasty(loaded)
    # Instances of what is to stay begin sooner with contents.
    loaded = alone.load(assembly)
    assert loaded.engine.strategy == "cranelift"
    assert alone.is_hasty(loaded)
    assert not alone.is_hasty(alone.load_well(assembly))
    assert not watched.load(assembly).is_bare


def test_a_guest_replaced_on_disk_is_not_swapped_in(guest: Guest, tmp_path: Path) -> None:
    source = tmp_path / "guest.wasm"
    source.write_bytes(guest("wat/hello").read_bytes())
    with serving({"root": source}) as running:
        source.write_bytes(guest("wat/traps").read_bytes())
        running.wait_for(lambda: running.executor._background.done())  # type: ignore[union-attr]
        assert running.get("/").status == 200
