"""Builds that are kept to be run again."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from spindle.app import AppComponent, Dependency, LocalSource, Module, RegistrySource, Sources
from spindle.replay import KeptBuilds, NoSuchBuild
from spindle.replay.kept_builds import MOST_KEPT


def component(path: Path, **more: object) -> AppComponent:
    return AppComponent("c", LocalSource(path), **more)  # type: ignore[arg-type]  # its fields


@pytest.fixture
def wasm(tmp_path: Path) -> Path:
    path = tmp_path / "c.wasm"
    path.write_bytes(b"first")
    return path


@pytest.fixture
def builds(tmp_path: Path) -> KeptBuilds:
    return KeptBuilds(tmp_path / "builds", tmp_path / "spin.toml")


def test_a_build_is_as_it_was(builds: KeptBuilds, wasm: Path) -> None:
    sources = Sources("app", "digest", (Module("app", "app.py", False, b"\xff = 1"),))
    library = wasm.with_name("library.wasm")
    library.write_bytes(b"library")
    now = component(wasm, dependencies=(Dependency("a:b", LocalSource(library)),), sources=sources)
    builds.keep("abc123", now)
    wasm.write_bytes(b"second")
    library.unlink()
    old = builds.find("abc", "c", None).put_into(now)
    assert isinstance(old.source, LocalSource)
    assert old.source.path.read_bytes() == b"first"
    (dependency,) = old.dependencies
    assert isinstance(dependency.source, LocalSource)
    assert dependency.source.path.read_bytes() == b"library"
    assert old.sources == sources
    assert old.sources is not None
    assert old.sources.modules == sources.modules


def test_previous_is_the_newest_that_does_not_run(builds: KeptBuilds, wasm: Path) -> None:
    for age, id_ in ((3, "aaa111"), (2, "bbb222"), (1, "ccc333")):
        builds.keep(id_, component(wasm))
        os.utime(builds.directory / f"{id_}.json", (time.time() - age,) * 2)
    assert builds.find("previous", "c", "ccc333").id == "bbb222"
    assert builds.find("previous", "c", "bbb222").id == "ccc333"
    assert builds.find("aaa", "c", None).id == "aaa111"


@pytest.mark.parametrize("wanted", ["zzz", "a", "", "previous", "../..", "ddd"])
def test_what_is_not_kept_is_said(builds: KeptBuilds, wasm: Path, wanted: str) -> None:
    builds.keep("aaa111", component(wasm))
    builds.keep("ddd111", AppComponent("other", LocalSource(wasm)))
    with pytest.raises(NoSuchBuild) as raised:
        builds.find(wanted, "c", "aaa111")
    assert raised.value.hints == ("kept is `aaa111`",)


def test_several_builds_are_not_guessed_among(builds: KeptBuilds, wasm: Path) -> None:
    builds.keep("aaa111", component(wasm))
    builds.keep("aaa222", component(wasm))
    with pytest.raises(NoSuchBuild, match="several builds of component `c` begin with `aaa`"):
        builds.find("aaa", "c", None)


def test_the_last_ten_are_kept_and_wasm_once(builds: KeptBuilds, wasm: Path) -> None:
    for number in range(MOST_KEPT + 3):
        builds.keep(f"abc{number:03}", component(wasm))
        at = time.time() - 100 + number
        os.utime(builds.directory / f"abc{number:03}.json", (at, at))
    builds.keep("abcfff", component(wasm))
    assert len(builds.of("c")) == MOST_KEPT
    assert "abc000" not in {build.id for build in builds.of("c")}
    kept = list((builds.directory.parent / "wasm").iterdir())
    assert [path.read_bytes() for path in kept] == [b"first"]


def test_what_is_not_run_for_long_goes(tmp_path: Path, builds: KeptBuilds, wasm: Path) -> None:
    other = KeptBuilds(tmp_path / "builds", tmp_path / "other" / "spin.toml")
    other.keep("abc123", component(wasm))
    wasm.write_bytes(b"second")
    long_ago = time.time() - 40 * 24 * 60 * 60
    for path in (other.directory / "abc123.json", *(tmp_path / "builds" / "wasm").iterdir()):
        os.utime(path, (long_ago, long_ago))
    builds.keep("abc456", component(wasm))
    builds.tidy()
    assert other.of("c") == []
    assert not other.directory.exists()
    assert [build.id for build in builds.of("c")] == ["abc456"]
    assert [p.read_bytes() for p in (tmp_path / "builds" / "wasm").iterdir()] == [b"second"]


def test_the_oldest_go_where_all_are_too_large(
    builds: KeptBuilds, wasm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for age, id_ in ((4, "aaa111"), (3, "bbb222"), (2, "ccc333"), (1, "ddd444")):
        wasm.write_bytes(id_[:3].encode() if id_ != "ccc333" else b"ddd")
        builds.keep(id_, component(wasm))
        os.utime(builds.directory / f"{id_}.json", (time.time() - age,) * 2)
    monkeypatch.setattr("spindle.replay.kept_builds.MOST_BYTES", 6)
    builds.tidy()
    assert [build.id for build in builds.of("c")] == ["ddd444", "ccc333", "bbb222"]


def test_what_was_tidied_of_late_is_left_alone(
    tmp_path: Path, builds: KeptBuilds, wasm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds.keep("aaa111", component(wasm))
    builds.tidy()
    monkeypatch.setattr("spindle.replay.kept_builds.MOST_BYTES", 0)
    builds.tidy()
    assert [build.id for build in builds.of("c")] == ["aaa111"]
    os.utime(tmp_path / "builds" / "tidied", (0, 0))
    builds.tidy()
    assert builds.of("c") == []


def test_what_was_overwritten_since_is_not_kept(builds: KeptBuilds, wasm: Path) -> None:
    first = hashlib.sha256(b"first").hexdigest()
    wasm.write_bytes(b"second")
    assert not builds.keep("abc123", component(wasm), [first].__eq__)
    assert builds.of("c") == []
    wasm.write_bytes(b"first")
    assert builds.keep("abc123", component(wasm), [first].__eq__)
    assert builds.keep("abc123", component(wasm), [first].__eq__)
    (kept,) = builds.of("c")
    assert [path.read_bytes() for path in kept.files] == [b"first"]


def test_damage_is_said(builds: KeptBuilds, wasm: Path) -> None:
    builds.keep("abc123", component(wasm))
    (builds.directory / "def456.json").write_text("{")
    (builds.directory / "fed456.json").write_text("[]")
    assert [build.id for build in builds.of("c")] == ["abc123"]
    for path in (builds.directory.parent / "wasm").iterdir():
        path.unlink()
    with pytest.raises(NoSuchBuild, match=r"build `abc123` can't be run any more: `.*` is missing"):
        builds.find("abc123", "c", None).put_into(component(wasm))
    builds.keep("abc123", component(wasm))
    library = Dependency("a:b", LocalSource(wasm))
    with pytest.raises(NoSuchBuild, match="can't be run any more"):
        builds.find("abc123", "c", None).put_into(component(wasm, dependencies=(library,)))


def test_a_cache_that_can_not_be_written_is_no_fault(tmp_path: Path, wasm: Path) -> None:
    (tmp_path / "builds").write_text("a file")
    builds = KeptBuilds(tmp_path / "builds", tmp_path / "spin.toml")
    builds.keep("abc123", component(wasm))
    builds.keep("abc123", component(tmp_path / "nothing.wasm"))
    assert builds.of("c") == []


def test_what_was_not_fetched_is_not_kept(builds: KeptBuilds) -> None:
    source = RegistrySource("a:b", "1.0.0", None)
    builds.keep("abc123", AppComponent("c", source))
    assert builds.of("c") == []
