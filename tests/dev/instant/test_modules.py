"""Reading an application's modules from its directories."""

from pathlib import Path

import pytest

from spindle.dev.instant import modules
from spindle.dev.instant.modules import TooManySources, read_sources


def lay_out(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_init", "__init__")
        path = path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_modules_have_names_packages_and_the_paths_of_stacks(tmp_path: Path) -> None:
    lay_out(
        tmp_path, svc__app="a", svc__shop___init="", svc__shop__prices="p", svc__plain__deep="d"
    )
    found = read_sources("app", [tmp_path / "svc"], tmp_path).modules
    assert [(m.name, m.path, m.is_package, m.source) for m in found] == [
        ("app", "svc/app.py", False, b"a"),
        ("plain.deep", "svc/plain/deep.py", False, b"d"),
        ("shop", "svc/shop/__init__.py", True, b""),
        ("shop.prices", "svc/shop/prices.py", False, b"p"),
    ]


def test_earlier_directories_go_first(tmp_path: Path) -> None:
    lay_out(tmp_path, a__app="first", b__app="second", b__other="o")
    found = read_sources("app", [tmp_path / "a", tmp_path / "b"], tmp_path).modules
    assert [(m.name, m.source) for m in found] == [("app", b"first"), ("other", b"o")]


def test_what_is_none_of_the_applications_is_left_out(tmp_path: Path) -> None:
    lay_out(tmp_path, app="a", node_modules__x="x", __pycache__y="y", env__lib__z="z")
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / "not-a-name.py").touch()
    (tmp_path / ".#app.py").touch()
    assert [m.name for m in read_sources("app", [tmp_path], tmp_path).modules] == ["app"]


def test_the_digest_is_of_what_is_run(tmp_path: Path) -> None:
    lay_out(tmp_path, app="a", b="b")
    one = read_sources("app", [tmp_path], tmp_path)
    assert read_sources("app", [tmp_path], tmp_path) == one
    assert read_sources("b", [tmp_path], tmp_path) != one
    lay_out(tmp_path, b="c")
    assert read_sources("app", [tmp_path], tmp_path) != one
    (tmp_path / "b.py").unlink()
    assert read_sources("app", [tmp_path], tmp_path) != one


def test_code_is_kept_as_long_as_its_source_is_the_same(tmp_path: Path) -> None:
    lay_out(tmp_path, app="a", b="b")
    one = read_sources("app", [tmp_path], tmp_path)
    one.compiled.update({module.key: b"code" for module in one.modules})
    lay_out(tmp_path, app="changed")
    two = read_sources("app", [tmp_path], tmp_path, one)
    assert [name for name, _, _ in two.compiled] == ["b"]


def test_too_much_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modules, "MOST_MODULES", 2)
    lay_out(tmp_path, a="", b="", c="")
    with pytest.raises(TooManySources, match="more Python"):
        read_sources("a", [tmp_path], tmp_path)


def test_files_elsewhere_have_their_own_paths(tmp_path: Path) -> None:
    lay_out(tmp_path, lib__tool="t")
    (module,) = read_sources("tool", [tmp_path / "lib"], tmp_path / "app").modules
    assert module.path == str(tmp_path / "lib" / "tool.py")
