"""Building, with real commands of a real shell."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from tests.processes import wait_until_ended

from spindle.dev.building import Builder, Plan, Records, Result, Step, plan_of
from spindle.manifest import read_manifest

LIMIT = 60.0


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []
        self.lines: list[str] = []
        self.began = asyncio.Event()

    def started(self, step: Step) -> None:
        self.events.append(("started", step.id))

    def command(self, step: Step, number: int, command: str) -> None:
        self.events.append((f"command {number}", step.id))

    def line(self, step: Step, line: bytes) -> None:
        self.lines.append(f"{step.id} {line.decode()}")
        self.began.set()

    def finished(self, step: Step, result: Result) -> None:
        self.events.append(("finished", step.id))


def plan(root: Path, **parts: str) -> Plan:
    """A plan of components with these `build` tables, each in a directory of its own."""
    for id_ in parts:
        (root / id_).mkdir(exist_ok=True)
    text = 'spin_manifest_version = 2\napplication.name = "made"\n' + "".join(
        f'[component.{id_}]\nsource = "{id_}/{id_}.wasm"\n[component.{id_}.build]\n'
        f'workdir = "{id_}"\n{build}\n'
        for id_, build in parts.items()
    )
    manifest, problems = read_manifest(root / "spin.toml", text)
    assert manifest is not None, problems
    return plan_of(manifest, root)


def build(root: Path, made: Plan, *ids: str, **options: object) -> dict[str, Result]:
    async def main() -> dict[str, Result]:
        builder = Builder(made, Records(root), **options)  # type: ignore[arg-type]
        return await asyncio.wait_for(builder.build(ids or made.order, Heard()), LIMIT)

    return asyncio.run(main())


def test_what_is_unchanged_is_not_built_again(tmp_path: Path) -> None:
    made = plan(tmp_path, a='command = "echo x >> count; cat in.txt > a.wasm"\nwatch = ["in.txt"]')
    source = tmp_path / "a" / "in.txt"

    def counted() -> int:
        return len((tmp_path / "a" / "count").read_text().splitlines())

    source.write_text("one")
    assert build(tmp_path, made)["a"].ok
    os.utime(source)
    again = build(tmp_path, made)["a"]
    assert (again.ok, again.fresh, counted()) == (True, True, 1)
    source.write_text("two")
    assert not build(tmp_path, made)["a"].fresh
    assert (tmp_path / "a" / "a.wasm").read_text() == "two"
    assert build(tmp_path, made)["a"].fresh
    (tmp_path / "a" / "a.wasm").write_text("somebody else's")
    assert not build(tmp_path, made)["a"].fresh
    assert not build(tmp_path, made, force=True)["a"].fresh
    assert counted() == 4


def test_another_command_is_another_build(tmp_path: Path) -> None:
    first = plan(tmp_path, a='command = "echo 1 > a.wasm"\nwatch = ["in.txt"]')
    assert not build(tmp_path, first)["a"].fresh
    second = plan(tmp_path, a='command = "echo 2 > a.wasm"\nwatch = ["in.txt"]')
    assert not build(tmp_path, second)["a"].fresh
    assert build(tmp_path, second)["a"].fresh


@pytest.mark.parametrize("command", ["cargo build", "./make-it", "make"])
def test_tools_that_look_for_themselves_are_always_asked(tmp_path: Path, command: str) -> None:
    watch = 'watch = ["in.txt"]' if command != "./make-it" else ""
    made = plan(tmp_path, a=f'command = "echo 1 > a.wasm; : {command}"\n{watch}')
    assert not build(tmp_path, made)["a"].fresh
    assert not build(tmp_path, made)["a"].fresh


def test_independent_components_are_built_at_the_same_time(tmp_path: Path) -> None:
    def waits_for(other: str, own: str) -> str:
        loop = f"while ! test -e ../{other}; do sleep 0.01; done"
        return f'command = "touch ../{own}; {loop}; touch {own}.wasm"'

    made = plan(tmp_path, a=waits_for("b.up", "a.up"), b=waits_for("a.up", "b.up"))
    made = Plan({i: s._replace(artefact=None) for i, s in made.steps.items()}, made.order)
    assert all(result.ok for result in build(tmp_path, made, jobs=2).values())


def test_after_a_failure_nothing_more_is_begun(tmp_path: Path) -> None:
    made = plan(tmp_path, a='command = "exit 3"', b='command = "touch b.wasm"')
    steps = {**made.steps, "b": made.steps["b"]._replace(needs=("a",))}
    results = build(tmp_path, Plan(steps, ("a", "b")))
    assert [(r.id, r.ok) for r in results.values()] == [("a", False)]
    assert "Exited(3)" in results["a"].reason


def test_a_build_that_fails_leaves_the_last_good_artefact(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    artefact = tmp_path / "a" / "a.wasm"
    artefact.write_text("good")
    instead = "rm a.wasm; mkdir -p a.wasm/deep"
    for command in ("echo half > a.wasm; exit 1", "rm a.wasm; exit 1", "rm a.wasm", instead):
        made = plan(tmp_path, a=f'command = "{command}"')
        assert not build(tmp_path, made)["a"].ok
        assert artefact.read_text() == "good"
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["a.wasm"]


def test_a_build_without_an_artefact_has_failed(tmp_path: Path) -> None:
    result = build(tmp_path, plan(tmp_path, a='command = "true"'))["a"]
    assert not result.ok
    assert "there is no" in result.reason


def test_a_tool_that_fails_with_status_0_has_failed(tmp_path: Path) -> None:
    said = "An error occurred during the componentization process: Error: Failed to initialize:"
    made = plan(tmp_path, a=f'command = ["echo {said}", "echo a.js:3:7 Error: it is"]')
    (tmp_path / "a" / "a.wasm").write_text("good")
    result = build(tmp_path, made)["a"]
    assert not result.ok
    assert result.reason.endswith("failed: Failed to initialize")
    assert [each.message for each in result.diagnostics] == ["Error: it is"]


@pytest.mark.skipif(sys.platform == "win32", reason="it is a shell's command")
def test_cargo_is_told_where_to_compile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cargo = tmp_path / "bin" / "cargo"
    cargo.parent.mkdir()
    cargo.write_text('#!/bin/sh\necho "$CARGO_BUILD_BUILD_DIR" > a.wasm\n')
    cargo.chmod(0o755)
    for name in ("CI", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(cargo.parent), prepend=os.pathsep)
    assert build(tmp_path, plan(tmp_path, a='command = "cargo build"'))["a"].ok
    told = Path((tmp_path / "a" / "a.wasm").read_text().strip())
    assert told == tmp_path / "cache" / "spindle" / "cargo" / "1"


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    made = plan(tmp_path, a='command = "true"')
    (tmp_path / "a").rmdir()
    assert "can't be started in" in build(tmp_path, made)["a"].reason


@pytest.mark.skipif(sys.platform == "win32", reason="it is a shell's command")
def test_cancelling_ends_everything_a_command_started(tmp_path: Path) -> None:
    """Also what ignores being asked to, and what it left in the background."""
    script = (
        "trap '' TERM; echo half > a.wasm; (sleep 600 & echo $! > ../child; echo up; wait) & wait"
    )
    made = plan(tmp_path, a=f'command = "{script}"')
    (tmp_path / "a" / "a.wasm").write_text("good")

    async def main() -> None:
        heard = Heard()
        building = asyncio.create_task(Builder(made, Records(tmp_path)).build(["a"], heard))
        await asyncio.wait_for(heard.began.wait(), LIMIT)
        building.cancel()
        with suppress(asyncio.CancelledError):
            await building

    asyncio.run(main())
    assert (tmp_path / "a" / "a.wasm").read_text() == "good"
    wait_until_ended(int((tmp_path / "child").read_text()))


def test_a_flood_of_output_is_bounded(tmp_path: Path) -> None:
    flood = "import sys; [sys.stdout.write('x' * 100 + chr(10)) for _ in range(50000)]"
    long_line = "; sys.stdout.write('y' * 1000000)"
    command = f'{sys.executable} -c \\"{flood}{long_line}\\" && touch a.wasm'
    result = build(tmp_path, plan(tmp_path, a=f'command = "{command}"'))["a"]
    assert result.ok
    assert len(result.output) <= 2000
    assert max(map(len, result.output)) <= 2 * 64 * 1024


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("no-such-tool build", "`no-such-tool` is not installed: install it, or put its directory"),
        ("PATH=/none cargo build", ""),
        ("./gone.sh", "`./gone.sh` is not installed: it is no file there"),
        ("exit 127", ""),
    ],
)
def test_a_missing_program_is_named(tmp_path: Path, command: str, hint: str) -> None:
    result = build(tmp_path, plan(tmp_path, a=f'command = "{command}"'))["a"]
    assert not result.ok
    assert "Exited(127)" in result.reason
    assert "; ".join(result.hints).startswith(hint)
    assert bool(result.hints) == bool(hint) or "cargo" in command


def test_builds_of_several_processes_take_turns(tmp_path: Path) -> None:
    """And what one has built, the other finds fresh."""
    busy = "test ! -e busy && touch busy && sleep 0.2 && rm busy"
    command = f"{busy} && echo x >> count && cp in.txt a.wasm"
    made = plan(tmp_path, a=f'command = "{command}"\nwatch = ["in.txt"]')
    (tmp_path / "a" / "in.txt").write_text("one")

    async def main() -> list[dict[str, Result]]:
        builders = [Builder(made, Records(tmp_path)) for _ in range(3)]
        builds = (builder.build(["a"], Heard()) for builder in builders)
        return await asyncio.wait_for(asyncio.gather(*builds), LIMIT)

    results = asyncio.run(main())
    assert all(each["a"].ok for each in results)
    assert sorted(each["a"].fresh for each in results) == [False, True, True]
    assert (tmp_path / "a" / "count").read_text() == "x\n"
