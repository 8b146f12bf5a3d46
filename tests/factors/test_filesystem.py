"""Files as guests reach them: what is mounted, and nothing else by any way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from spindle.app import Mount
from spindle.component.values import Variant
from spindle.factors.open_files import OpenFiles
from spindle.factors.wasi.filesystem import changes
from spindle.factors.wasi.filesystem.descriptor import (
    Descriptor,
    DirectoryDescriptor,
    entries,
    open_at,
    stat_at,
    stat_record,
)
from spindle.factors.wasi.filesystem.errors import FileError, code_of
from spindle.factors.wasi.filesystem.paths import Directory
from spindle.factors.wasi.filesystem.tree import mount_tree, transient_copy

SECRET = "secret"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An application with files, links in all directions, and a secret beside it."""
    (tmp_path / "secret.txt").write_text(SECRET)
    app = tmp_path / "app"
    (app / "site" / "css").mkdir(parents=True)
    (app / "site" / "index.html").write_text("index")
    (app / "site" / "css" / "a.css").write_text("css")
    (app / "other.txt").write_text("other")
    (app / "site" / "inside").symlink_to("css/../index.html")
    (app / "site" / "folder").symlink_to("css")
    (app / "site" / "up").symlink_to("../../secret.txt")
    (app / "site" / "out").symlink_to(tmp_path / "secret.txt")
    (app / "site" / "outdir").symlink_to(tmp_path)
    (app / "site" / "round").symlink_to("round")
    os.mkfifo(app / "site" / "pipe")
    return app


def root(mounts: Iterable[Mount], *, writable: bool = False) -> Descriptor:
    ((path, node),) = mount_tree(mounts, writable=writable)
    assert path == "/"
    return DirectoryDescriptor(Directory.at(node), OpenFiles())


def site(app: Path, *, writable: bool = False) -> Descriptor:
    return root([Mount("/", app / "site", True)], writable=writable)


def read(base: Descriptor, path: str, follow: bool = True) -> bytes:
    flags = ["symlink-follow"] if follow else []
    return open_at(base, flags, path, [], ["read"]).file("read").read(1000, 0)


def failure(act: Callable[[], Any]) -> str:
    try:
        act()
    except (FileError, OSError, ValueError) as error:
        return code_of(error)
    raise AssertionError("it did not fail")


def names(base: Descriptor, path: str = ".") -> list[str]:
    return [name for _, name in entries(open_at(base, [], path, ["directory"], []).directory())]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("index.html", b"index"),
        ("./css/../index.html", b"index"),
        ("css//a.css", b"css"),
        ("inside", b"index"),
        ("folder/a.css", b"css"),
        ("folder/../index.html", b"index"),
    ],
)
def test_reading(app: Path, path: str, content: bytes) -> None:
    assert read(site(app), path) == content


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../other.txt", "not-permitted"),
        ("css/../../other.txt", "not-permitted"),
        ("/index.html", "not-permitted"),
        ("/etc/passwd", "not-permitted"),
        ("up", "not-permitted"),
        ("out", "not-permitted"),
        ("outdir/secret.txt", "not-permitted"),
        ("round", "loop"),
        ("pipe", "not-permitted"),
        ("missing", "no-entry"),
        ("index.html/", "not-directory"),
        ("index.html/x", "not-directory"),
        ("", "no-entry"),
        ("a\0b", "invalid"),
    ],
)
def test_no_way_out(app: Path, path: str, code: str) -> None:
    assert failure(lambda: read(site(app), path)) == code


def test_a_link_that_is_not_followed_is_not_opened(app: Path) -> None:
    assert failure(lambda: read(site(app), "out", follow=False)) == "loop"
    assert stat_record(stat_at(site(app), [], "out"))[0] == "symbolic-link"


def test_a_directory_swapped_for_a_link_does_not_lead_out(app: Path, tmp_path: Path) -> None:
    base = site(app)
    css = open_at(base, [], "css", [], [])
    (app / "site" / "css").rename(app / "site" / "old")
    (app / "site" / "css").symlink_to(tmp_path)
    assert failure(lambda: read(base, "css/secret.txt")) == "not-permitted"
    assert read(css, "a.css") == b"css"


def test_nothing_is_written_by_default(app: Path) -> None:
    base = site(app)
    attempts: list[Callable[[], object]] = [
        lambda: open_at(base, [], "new", ["create"], ["write"]),
        lambda: open_at(base, [], "index.html", [], ["read", "write"]),
        lambda: open_at(base, [], "index.html", ["truncate"], ["read"]),
        lambda: changes.create_directory_at(base, "new"),
        lambda: changes.unlink_file_at(base, "index.html"),
        lambda: changes.rename_at(base, "index.html", base, "new"),
        lambda: changes.symlink_at(base, "index.html", "new"),
        lambda: changes.link_at(base, [], "index.html", base, "new"),
        lambda: changes.remove_directory_at(base, "css"),
    ]
    assert [failure(attempt) for attempt in attempts] == ["not-permitted"] * len(attempts)
    assert (app / "site" / "index.html").read_text() == "index"


def test_mounts_lie_over_each_other(app: Path) -> None:
    base = root(
        [
            Mount("/", app / "site", True),
            Mount("/deep/er/renamed.txt", app / "other.txt", False),
            Mount("/css/more", app / "site", True),
            Mount("/index.html", app / "other.txt", False),
        ]
    )
    assert read(base, "index.html") == b"other"
    assert read(base, "deep/er/renamed.txt") == b"other"
    assert read(base, "deep/../css/a.css") == b"css"
    assert read(base, "css/more/index.html") == b"index"
    assert names(base, "deep") == ["er"]
    assert names(base, "css") == ["a.css", "more"]
    assert {"css", "deep", "index.html"} <= set(names(base))
    assert stat_record(stat_at(base, [], "deep"))[0] == "directory"
    assert failure(lambda: read(base, "deep/missing")) == "no-entry"


def test_nothing_mounted_is_no_directory() -> None:
    assert mount_tree([]) == ()


def test_writing_to_a_copy(app: Path, tmp_path: Path) -> None:
    mounts = [Mount("/", app / "site" / "css", True), Mount("/o.txt", app / "other.txt", False)]
    base = root(transient_copy(mounts, tmp_path / "copy"), writable=True)
    new = open_at(base, [], "new", ["create", "exclusive"], ["read", "write"])
    assert new.file("write").write(b"hello", 0) == 5
    assert new.file("write").write(b" you", None) == 4
    assert read(base, "new") == b"hello you"
    changes.set_size(new, 4)
    changes.set_times(new, Variant("no-change"), Variant("timestamp", (7, 8)), 0)
    assert stat_record(new.stat())[2:5:2] == (4, (7, 8))
    changes.create_directory_at(base, "d")
    changes.rename_at(base, "new", base, "d/moved")
    changes.symlink_at(base, "d/moved", "link")
    assert read(base, "link") == b"hell"
    assert failure(lambda: changes.symlink_at(base, "/etc", "l")) == "not-permitted"
    assert failure(lambda: changes.unlink_file_at(base, "d")) == "is-directory"
    assert failure(lambda: changes.remove_directory_at(base, "d")) == "not-empty"
    changes.unlink_file_at(base, "o.txt")
    assert names(base) == ["a.css", "d", "link"]
    assert (app / "other.txt").read_text() == "other"


def test_a_descriptor_has_the_rights_it_was_opened_with(app: Path) -> None:
    base = site(app, writable=True)
    file = open_at(base, [], "index.html", [], ["read"])
    assert file.flags() == {"read"}
    assert failure(lambda: file.file("write")) == "bad-descriptor"
    assert failure(file.directory) == "not-directory"
    assert failure(lambda: base.file("read")) == "is-directory"
    assert failure(lambda: file.file("read").read(1, 2**64 - 1)) == "invalid"


def test_copies_leave_out_what_is_special_and_do_not_follow_links(
    app: Path, tmp_path: Path
) -> None:
    base = root(transient_copy([Mount("/", app / "site", True)], tmp_path / "copy"), writable=True)
    assert "pipe" not in names(base)
    assert read(base, "inside") == b"index"
    for path in ("up", "out", "outdir/secret.txt"):
        assert failure(lambda path=path: read(base, path)) == "not-permitted"  # type: ignore[misc]  # bound now
    assert not any(
        SECRET in path.read_text()
        for path in (tmp_path / "copy").rglob("*")
        if path.is_file() and not path.is_symlink()
    )


def test_what_is_open_at_a_time_is_bounded(app: Path) -> None:
    ((_, node),) = mount_tree([Mount("/", app / "site", True)])
    open_files = OpenFiles(3)
    base = DirectoryDescriptor(Directory.at(node), open_files)
    held = [open_at(base, [], path, [], ["read"]) for path in ("index.html", "css")]
    assert failure(lambda: open_at(base, [], "index.html", [], ["read"])) == "insufficient-memory"
    assert failure(lambda: open_at(base, [], "css", [], ["read"])) == "insufficient-memory"
    held.pop()
    assert read(base, "css/a.css") == b"css"
    assert open_files.count == 2


def test_a_path_through_too_many_directories_is_refused(app: Path) -> None:
    base = site(app, writable=True)
    directory = base
    for _ in range(200):
        changes.create_directory_at(directory, "d")
        directory = open_at(directory, [], "d", ["directory"], [])
    assert failure(lambda: open_at(base, [], "d/" * 200, ["directory"], [])) == "name-too-long"
    assert names(base, "d/" * 100) == ["d"]
