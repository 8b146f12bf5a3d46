"""Files that change, as an application's watcher tells of them."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from spindle.dev.watching import Changes, Interest, Kind, Watcher
from spindle.dev.watching.settling import Settling
from spindle.dev.watching.watcher import directories_to_watch

LIMIT = 60.0
Step = Callable[[], Awaitable[Changes]]


def sources(root: Path, *patterns: str, component: str = "hello") -> Interest:
    return Interest(Kind.SOURCES, component, root, patterns or ("**/*.py",))


def names(changes: Changes, root: Path) -> list[str]:
    return [str(Path(path).relative_to(root)) for path in changes.paths]


def watching(interests: list[Interest], during: Callable[[Watcher, Step], Awaitable[None]]) -> None:
    """Watch, and do something meanwhile; `Step` waits for the next changes."""

    async def main() -> None:
        watcher = Watcher(interests)
        await watcher.start()
        coming = watcher.changes()

        async def step() -> Changes:
            return await asyncio.wait_for(anext(coming), LIMIT)

        try:
            await during(watcher, step)
        finally:
            await watcher.close()

    asyncio.run(main())


def test_a_changed_file_is_told_with_whose_it_is(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("a = 1\n")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "app.py").write_text("a = 1\n")
    interests = [
        sources(tmp_path, "app.py"),
        sources(tmp_path / "other", component="other"),
    ]

    async def during(_watcher: Watcher, step: Step) -> None:
        (tmp_path / "app.py").write_text("a = 2\n")
        assert (await step()).of(Kind.SOURCES) == {"hello": (str(tmp_path / "app.py"),)}
        (tmp_path / "other" / "app.py").write_text("a = 2\n")
        assert (await step()).of(Kind.SOURCES).keys() == {"other"}

    watching(interests, during)


@pytest.mark.parametrize("way", ["in place", "by renaming", "by removing first"])
def test_editors_save_in_several_ways(tmp_path: Path, way: str) -> None:
    file = tmp_path / "app.py"
    file.write_text("a = 1\n")

    async def during(_watcher: Watcher, step: Step) -> None:
        if way == "in place":
            file.write_text("a = 2\n")
        elif way == "by renaming":
            (tmp_path / ".app.py.swp").write_text("")
            (tmp_path / "app.py~").write_text("a = 1\n")
            (tmp_path / "new.tmp").write_text("a = 2\n")
            (tmp_path / "new.tmp").replace(file)
        else:
            file.unlink()
            file.write_text("a = 2\n")
        found = await step()
        assert names(found, tmp_path) == ["app.py"]

    watching([sources(tmp_path, "*")], during)


def test_a_file_is_told_of_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spindle.dev.watching.watcher.EMPTY", LIMIT)
    file = tmp_path / "app.py"
    file.write_text("a = 1\n")

    async def during(_watcher: Watcher, step: Step) -> None:
        with file.open("w") as writing:
            coming = asyncio.ensure_future(step())
            done, _ = await asyncio.wait([coming], timeout=0.1)
            assert not done
            writing.write("a = 2\n")
        assert names(await coming, tmp_path) == ["app.py"]

    watching([sources(tmp_path)], during)


def test_a_file_may_be_empty(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("a = 1\n")

    async def during(_watcher: Watcher, step: Step) -> None:
        (tmp_path / "app.py").write_text("")
        assert names(await step(), tmp_path) == ["app.py"]

    watching([sources(tmp_path)], during)


def test_what_says_the_same_has_not_changed(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("a = 1\n")
    (tmp_path / "last.py").write_text("a = 1\n")

    async def during(_watcher: Watcher, step: Step) -> None:
        os.utime(tmp_path / "app.py")
        (tmp_path / "app.py").write_text("a = 1\n")
        (tmp_path / "last.py").write_text("a = 2\n")
        assert names(await step(), tmp_path) == ["last.py"]

    watching([sources(tmp_path)], during)


def test_what_tools_keep_is_left_alone(tmp_path: Path) -> None:
    for directory in ("node_modules/left", ".git", "__pycache__", "sub/target"):
        (tmp_path / directory).mkdir(parents=True)

    async def during(_watcher: Watcher, step: Step) -> None:
        for path in ("node_modules/left/a.py", ".git/index.py", "sub/target/b.py"):
            (tmp_path / path).write_text("a = 1\n")
        (tmp_path / "__pycache__" / "app.cpython-311.pyc").write_bytes(b"")
        (tmp_path / "app.py").write_text("a = 1\n")
        assert names(await step(), tmp_path) == ["app.py"]

    watching([sources(tmp_path, "**/*")], during)


def test_directories_that_come_and_go_are_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    (elsewhere / "deep" / "a.py").write_text("a = 1\n")
    root = tmp_path / "app"
    (root / ".git").mkdir(parents=True)

    async def during(_watcher: Watcher, step: Step) -> None:
        shutil.move(elsewhere, root / "pkg")
        assert names(await step(), root) == ["pkg/deep/a.py"]
        (root / "pkg" / "deep" / "a.py").write_text("a = 2\n")
        assert names(await step(), root) == ["pkg/deep/a.py"]
        shutil.rmtree(root / "pkg")
        assert names(await step(), root) == ["pkg/deep/a.py"]

    watching([sources(root)], during)


def test_a_directory_may_come_back_before_its_end_was_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may even have the number that the one before had."""
    monkeypatch.setattr("spindle.dev.watching.watcher._identity", lambda _directory: "the same")
    app = tmp_path / "app"
    app.mkdir()
    (app / "app.py").write_text("a = 1\n")

    async def during(watcher: Watcher, step: Step) -> None:
        watcher._settling = Settling(quiet=0.5)
        shutil.rmtree(app)
        app.mkdir()
        (app / "app.py").write_text("a = 2\n")
        assert names(await step(), app) == ["app.py"]
        (app / "app.py").write_text("a = 3\n")
        assert names(await step(), app) == ["app.py"]

    watching([sources(app)], during)


def test_an_artefact_may_be_yet_to_come(tmp_path: Path) -> None:
    artefact = tmp_path / "target" / "wasm32-wasip2" / "release" / "app.wasm"
    interest = Interest(Kind.ARTEFACT, "hello", tmp_path, (str(artefact.relative_to(tmp_path)),))

    async def during(_watcher: Watcher, step: Step) -> None:
        artefact.parent.mkdir(parents=True)
        artefact.write_bytes(b"\0asm")
        assert names(await step(), tmp_path) == [str(artefact.relative_to(tmp_path))]

    watching([interest], during)


def test_a_checkout_is_one_change(tmp_path: Path) -> None:
    async def during(_watcher: Watcher, step: Step) -> None:
        for number in range(500):
            (tmp_path / f"m{number}.py").write_text("a = 1\n")
        told: list[str] = []
        steps = 0
        while len(told) < 500:
            told += names(await step(), tmp_path)
            steps += 1
        assert sorted(set(told)) == sorted(f"m{number}.py" for number in range(500))
        assert steps < 50

    watching([sources(tmp_path)], during)


def test_what_the_watcher_was_told_of_is_no_news(tmp_path: Path) -> None:
    async def during(watcher: Watcher, step: Step) -> None:
        (tmp_path / "made.py").write_text("a = 1\n")
        watcher.seen([str(tmp_path / "made.py")])
        (tmp_path / "saved.py").write_text("a = 1\n")
        assert names(await step(), tmp_path) == ["saved.py"]

    watching([sources(tmp_path)], during)


def test_other_interests_take_over(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "old").mkdir()

    async def during(watcher: Watcher, step: Step) -> None:
        await watcher.watch([sources(tmp_path / "new")])
        (tmp_path / "old" / "a.py").write_text("a = 1\n")
        (tmp_path / "new" / "a.py").write_text("a = 1\n")
        assert names(await step(), tmp_path) == ["new/a.py"]

    watching([sources(tmp_path / "old")], during)


def test_ignored_directories_at_the_top_are_not_asked_for(tmp_path: Path) -> None:
    for name in ("src", "node_modules"):
        (tmp_path / name).mkdir()
    assert directories_to_watch([sources(tmp_path)]) == [
        (str(tmp_path), False),
        (str(tmp_path / "src"), True),
    ]
    assert directories_to_watch([sources(tmp_path / "src")]) == [(str(tmp_path / "src"), True)]
