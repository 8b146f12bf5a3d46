from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.exchange import Frame
from spindle.executor.source_tree import SourceTree


@pytest.fixture
def tree(tmp_path: Path) -> SourceTree:
    for name in ("app.py", "hello/src/lib.rs", "src/main.c", "__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return SourceTree(tmp_path, [tmp_path / "hello/target/wasm32-wasip2/release/hello.wasm"])


@pytest.mark.parametrize(
    ("noted", "shown"),
    [
        ("/0/app.py", "app.py"),
        ("src/main.c", "src/main.c"),
        ("src/lib.rs", "hello/src/lib.rs"),
        ("/builds/of/another/machine/hello/src/lib.rs", "hello/src/lib.rs"),
        ("/usr/lib/python3.14/json/__init__.py", "python3.14/json/__init__.py"),
        ("/1/spin_sdk/__init__.py", "/1/spin_sdk/__init__.py"),
        ("/somewhere/else/__init__.py", "/somewhere/else/__init__.py"),
        ("../../app.py", "../../app.py"),
        ("/rustc/0a1b/library/std/src/panicking.rs", "library/std/src/panicking.rs"),
        ("a\0b/c", "a\0b/c"),
        ("d/" * 5000, "d/" * 5000),
    ],
)
def test_where_sources_are(tree: SourceTree, noted: str, shown: str) -> None:
    assert tree.frame(Frame("f", noted, 3)) == Frame("f", shown, 3)


def test_paths_below_the_root_are_told_from_there(tree: SourceTree) -> None:
    frame = Frame("f", str(tree.root / "hello" / "src" / "lib.rs"))
    assert tree.frame(frame).file == "hello/src/lib.rs"
    assert tree.frame(Frame("f")) == Frame("f")


@given(st.text(max_size=40))
def test_any_path(path: str) -> None:
    assert SourceTree(Path(__file__).parent).frame(Frame("f", path)).file is not None
