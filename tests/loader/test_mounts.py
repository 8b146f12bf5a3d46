"""Which files a guest sees, and which are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from spindle.app import Mount
from spindle.diagnostics import Diagnostic
from spindle.loader import Options, load

PLAIN = Options()
FILES = (
    "app.wasm",
    "index.html",
    "static/a.html",
    "static/b.css",
    "static/.hidden",
    "static/deep/c.html",
    "static/deep/er/d.txt",
    "data/one.json",
    "data/[x].json",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "app"
    for name in FILES:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\0asm\x01\0\0\0" if name == "app.wasm" else name.encode())
    (tmp_path / "outside.txt").write_text("outside")
    return root


def _load(
    root: Path, files: str, exclude: str = "[]", options: Options = PLAIN
) -> tuple[tuple[Mount, ...], list[Diagnostic]]:
    (root / "spin.toml").write_text(
        "spin_manifest_version = 2\n"
        'application = { name = "x" }\n'
        'trigger = { http = [{ route = "/...", component = "c" }] }\n'
        f'[component.c]\nsource = "app.wasm"\nfiles = {files}\nexclude_files = {exclude}\n'
    )
    loaded = load(root, options)
    mounts = loaded.app.components["c"].mounts if loaded.app else ()
    return mounts, list(loaded.diagnostics)


def _seen(root: Path, mounts: tuple[Mount, ...]) -> set[str]:
    for mount in mounts:
        assert mount.host_path.is_dir() is mount.is_dir
    return {mount.guest_path + ("/" if mount.is_dir else "") for mount in mounts}


@pytest.mark.parametrize(
    ("files", "exclude", "seen"),
    [
        ('["index.html"]', "[]", {"/index.html"}),
        ('["./index.html"]', "[]", {"/index.html"}),
        ('["static"]', "[]", {"/static/"}),
        ('["static/**/*"]', "[]", {"/static/"}),
        ('["static/*"]', "[]", {"/static/a.html", "/static/b.css", "/static/.hidden"}),
        ('["static/*.html"]', "[]", {"/static/a.html"}),
        ('["**/*.html"]', "[]", {"/index.html", "/static/a.html", "/static/deep/c.html"}),
        ('["static/**/*.html"]', "[]", {"/static/a.html", "/static/deep/c.html"}),
        ('["static/?.[ch]*"]', "[]", {"/static/a.html", "/static/b.css"}),
        ('["static/[!b].*"]', "[]", {"/static/a.html"}),
        ('["data/[x].json"]', "[]", {"/data/[x].json"}),
        ('[{ source = "static", destination = "/" }]', "[]", {"//"}),
        ('[{ source = "static", destination = "public/" }]', "[]", {"/public/"}),
        ('[{ source = "data/one.json", destination = "/etc/x.json" }]', "[]", {"/etc/x.json"}),
        (
            '["static"]',
            '["static/deep/**/*"]',
            {"/static/a.html", "/static/b.css", "/static/.hidden"},
        ),
        ('["static"]', '["*.html", "**/.hidden"]', {"/static/b.css", "/static/deep/er/d.txt"}),
        (
            '[{ source = "static/deep", destination = "/d" }]',
            '["static/deep/c.html"]',
            {"/d/er/d.txt"},
        ),
    ],
)
def test_files(root: Path, files: str, exclude: str, seen: set[str]) -> None:
    mounts, diagnostics = _load(root, files, exclude)
    assert diagnostics == []
    assert _seen(root, mounts) == seen


@pytest.mark.parametrize("files", ['["nothing/*.html"]', '["static/**"]', '["*.nothing"]'])
def test_patterns_that_match_nothing_are_warned_of(root: Path, files: str) -> None:
    mounts, diagnostics = _load(root, files)
    assert mounts == ()
    assert [str(d.severity) + " " + d.code for d in diagnostics] == ["warning no-file-matches"]


def test_the_last_of_two_mounts_in_one_place_stays(root: Path) -> None:
    files = '["index.html", { source = "data/one.json", destination = "/index.html" }]'
    mounts, _ = _load(root, files)
    assert mounts == (Mount("/index.html", root / "data" / "one.json", False),)


@pytest.mark.parametrize(
    ("files", "exclude", "code"),
    [
        ('["."]', "[]", "invalid-glob"),
        ('["static/.."]', "[]", "invalid-glob"),
        ('["static/**.html"]', "[]", "invalid-glob"),
        ('["static/["]', "[]", "invalid-glob"),
        ('["static"]', '["["]', "invalid-glob"),
        ('["nothing"]', "[]", "missing-file"),
        ('[{ source = "nothing", destination = "/x" }]', "[]", "missing-file"),
        ('["../outside.txt"]', "[]", "file-outside-application"),
        ('["static/../../outside.txt"]', "[]", "file-outside-application"),
        ('["/etc/hosts"]', "[]", "file-outside-application"),
        ('["../*.txt"]', "[]", "file-outside-application"),
        ('[{ source = "..", destination = "/" }]', "[]", "file-outside-application"),
        ('[{ source = "/etc", destination = "/" }]', "[]", "file-outside-application"),
        ('[{ source = "index.html", destination = "/" }]', "[]", "invalid-destination"),
        ('[{ source = "index.html", destination = "/x/" }]', "[]", "invalid-destination"),
        ('[{ source = "static", destination = "/../x" }]', "[]", "invalid-destination"),
    ],
)
def test_refused_files(root: Path, files: str, exclude: str, code: str) -> None:
    mounts, diagnostics = _load(root, files, exclude)
    assert mounts == ()
    assert [d.code for d in diagnostics] == [code]
    assert diagnostics[0].span is not None
    assert diagnostics[0].help


@pytest.mark.parametrize(
    "files", ['["link.txt"]', '["link"]', '[{ source = "link", destination = "/" }]', '["link/*"]']
)
def test_links_that_lead_outside_are_refused(root: Path, files: str) -> None:
    (root / "link.txt").symlink_to(root.parent / "outside.txt")
    (root / "link").symlink_to(root.parent)
    _, diagnostics = _load(root, files)
    assert [d.code for d in diagnostics] == ["file-outside-application"]


def test_globs_leave_out_links_that_lead_outside(root: Path) -> None:
    (root / "data" / "link.json").symlink_to(root.parent / "outside.txt")
    (root / "data" / "inside.json").symlink_to(root / "index.html")
    mounts, diagnostics = _load(root, '["data/*.json"]')
    assert diagnostics == []
    assert _seen(root, mounts) == {"/data/one.json", "/data/[x].json", "/data/inside.json"}


def test_a_directory_that_links_to_itself_ends(root: Path) -> None:
    (root / "static" / "again").symlink_to(root / "static")
    mounts, _ = _load(root, '["static/**/*.css"]')
    assert _seen(root, mounts) == {"/static/b.css"}


def test_direct_mounts_are_directories_only(root: Path) -> None:
    options = Options(direct_mounts=True)
    mounts, diagnostics = _load(root, '["static"]', options=options)
    assert (diagnostics, _seen(root, mounts)) == ([], {"/static/"})
    for files, exclude in (('["index.html"]', "[]"), ('["static"]', '["x"]')):
        _, diagnostics = _load(root, files, exclude, options)
        assert [d.code for d in diagnostics] == ["direct-mount"]
