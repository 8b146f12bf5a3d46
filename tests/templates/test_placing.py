"""All files of a plan are there in the end, or none."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from spindle.errors import SpindleError
from spindle.templates import Plan, clashes, placed

PLAN = Plan(
    {
        PurePosixPath("a.txt"): b"new",
        PurePosixPath("deep/er/b.txt"): b"b",
    },
    (PurePosixPath("empty/one"),),
)


def listed(root: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(root.rglob("*"))
    }


def test_everything_is_there(tmp_path: Path) -> None:
    root = tmp_path / "apps" / "one"
    with placed(PLAN, root):
        pass
    assert listed(root) == {
        "a.txt": b"new",
        "deep": None,
        "deep/er": None,
        "deep/er/b.txt": b"b",
        "empty": None,
        "empty/one": None,
    }


@pytest.mark.parametrize("why", [KeyboardInterrupt, OSError, SpindleError.__subclasses__()[0]])
def test_nothing_is_left_of_what_was_interrupted(tmp_path: Path, why: type[BaseException]) -> None:
    def interrupted(root: Path) -> None:
        with placed(PLAN, root):
            assert (root / "a.txt").read_bytes() == b"new"
            raise why("enough")

    with pytest.raises(why):
        interrupted(tmp_path / "apps" / "one")
    assert listed(tmp_path) == {}
    (tmp_path / "a.txt").write_bytes(b"old")
    with pytest.raises(why):
        interrupted(tmp_path)
    assert listed(tmp_path) == {"a.txt": b"old"}


def test_what_is_replaced_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    assert clashes(PLAN, tmp_path) == [PurePosixPath("a.txt")]
    with placed(PLAN, tmp_path):
        pass
    assert (tmp_path / "a.txt").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "deep", "empty"]


@pytest.mark.parametrize("name", ["deep", "deep/er"])
def test_no_link_leads_outside(tmp_path: Path, name: str) -> None:
    elsewhere, root = tmp_path / "elsewhere", tmp_path / "app"
    elsewhere.mkdir()
    (root / name).parent.mkdir(parents=True)
    (root / name).symlink_to(elsewhere)
    with pytest.raises(SpindleError, match="would lie outside"), placed(PLAN, root):
        pass
    assert listed(elsewhere) == {}


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "app"
    root.mkdir()
    (tmp_path / "precious").write_bytes(b"precious")
    (root / "a.txt").symlink_to(tmp_path / "precious")
    with placed(PLAN, root):
        pass
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert (root / "a.txt").read_bytes() == b"new"


@pytest.mark.parametrize("name", ["a.txt", "deep/er/b.txt"])
def test_a_directory_in_a_files_place(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(parents=True)
    before = listed(tmp_path)
    with pytest.raises(SpindleError, match="the files can't be written"), placed(PLAN, tmp_path):
        pass
    assert listed(tmp_path) == before


def test_a_file_in_a_directorys_place(tmp_path: Path) -> None:
    (tmp_path / "deep").write_bytes(b"")
    with pytest.raises(SpindleError), placed(PLAN, tmp_path):
        pass
    assert listed(tmp_path) == {"deep": b""}
