"""`spindle new`, `add` and `templates`, as a person calls them."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.cli.harness import Run
from tests.templates.repository import make_repository


@pytest.fixture(autouse=True)
def _own_data(environment: dict[str, str], tmp_path: Path) -> None:
    environment["SPIN_DATA_DIR"] = str(tmp_path / "data")


def told(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def on_a_terminal(
    environment: Mapping[str, str], here: Path, answers: str, *args: str
) -> tuple[int, str]:
    """Run with a person who has typed the answers already; the exit code and what was shown."""
    ours, theirs = pty.openpty()
    os.write(ours, answers.encode())
    process = subprocess.Popen(
        [sys.executable, "-c", "import spindle.cli; spindle.cli.main()", *args],
        cwd=here,
        env=dict(environment),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # how Linux tells the end
        pass
    os.close(ours)
    return process.wait(), shown.decode()


def test_an_application_is_made_and_what_comes_next_said(run: Run, tmp_path: Path) -> None:
    done = run("new", "static-fileserver", "my-site")
    assert (done.returncode, told(done.stderr)) == (
        0,
        ["made `my-site` of the template `static-fileserver`", "Next:", "cd my-site", "spindle up"],
    )
    assert (tmp_path / "my-site" / ".git").is_dir()
    assert run("check", cwd=tmp_path / "my-site").returncode == 0
    assert [path.name for path in tmp_path.iterdir() if path.name != "run"] == ["my-site"]


def test_as_spin_is_called(run: Run, tmp_path: Path) -> None:
    values = tmp_path / "values.toml"
    values.write_text('redirect-to = "/file"\nredirect-from = "/old"\n')
    arguments = ["new", "my-app", "-t", "redirect", "-o", "there/it", "-a", "--no-vcs"]
    done = run(*arguments, "--values-file", str(values), "-v", "redirect-to=/x=y")
    assert done.returncode == 0, done.stderr
    made = tmp_path / "there" / "it"
    text = (made / "spin.toml").read_text()
    assert 'route = "/old"' in text
    assert 'location = "/x=y"' in text
    assert sorted(path.name for path in made.iterdir()) == [
        ".editorconfig", ".vscode", "README.md", "spin.toml",
    ]  # fmt: skip


def test_a_terminal_is_asked(environment: dict[str, str], tmp_path: Path) -> None:
    code, shown = on_a_terminal(
        environment, tmp_path, "99\nredirect\nmy-app\nIt\n/from\nnowhere\n/to\n999\n301\n", "new"
    )
    assert code == 0, shown
    for said in (
        "there is no `99`",
        "Redirect from [/]",
        "it must match",
        "it must be one of `301`",
        "made `my-app`",
    ):
        assert said in shown
    assert "status_code = 301" in (tmp_path / "my-app" / "spin.toml").read_text()


def test_a_question_can_be_left(environment: dict[str, str], tmp_path: Path) -> None:
    code, _ = on_a_terminal(environment, tmp_path, "\x04", "new", "redirect", "my-app")
    assert code == 130
    assert not (tmp_path / "my-app").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["http-empty", "../evil"], "`../evil` is no name for an application"),
        (["http-empty", "/etc"], "`/etc` is no name for an application"),
        (["http-empty", "a b; rm -rf ~"], "`a b; rm -rf ~` is no name for an application"),
        (["http-empty", "$(touch evil)"], "is no name for an application"),
        (["http-empty", "naïve"], "got 'ï'"),
        (["http-empty", "a\x1b[2Jb"], "is no name for an application"),
        (["http-empty", ""], "`` is no name for an application: empty"),
        (["http-empty", "a" * 300], "a name of 300 characters is too long"),
        (["htp-empty", "x"], "did you mean `http-empty`?"),
        (["../../etc", "x"], "there is no template `../../etc`"),
        (["http-py", "x", "-v", "http-path=no"], r"it must match `^/\S*$`"),
        (["http-py", "x", "-v", "http-path=/a\nb"], "line breaks and control characters"),
        (["http-py", "x", "-v", "http-pth=/a"], "did you mean `http-path`?"),
        (["redirect", "x"], "the template needs `redirect-to` (Redirect to)"),
        (["x"], "give one with `--template`: cron-py,"),
        (["a", "b", "c"], "unexpected argument `c`"),
        (["http-empty", "x", "-t", "redirect"], "the template is given twice"),
        (["http-empty", "x", "--values-file", "nothing.toml"], "`nothing.toml` can't be read"),
        (["x", "--tag", "no-such"], "no template has all these tags"),
    ],
)
def test_what_is_refused(run: Run, tmp_path: Path, arguments: list[str], said: str) -> None:
    done = run("new", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "\x1b" not in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "run"] == []


def test_nothing_that_is_there_is_lost(run: Run, tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "README.md").write_text("mine")
    done = run("new", "http-empty", "app")
    assert done.returncode == 2
    assert "files would be replaced: README.md" in done.stderr
    assert [path.name for path in app.iterdir()] == ["README.md"]
    (app / "README.md").rename(app / "mine.md")
    assert "the directory has other files in it" in run("new", "http-empty", "app").stderr
    assert run("new", "http-empty", "app", "--init", cwd=app).returncode == 0
    assert run("new", "http-empty", "app", "--allow-overwrite").returncode == 0
    assert (app / "mine.md").read_text() == "mine"


def test_programs_that_are_missing_are_named(run: Run, tmp_path: Path) -> None:
    done = run("new", "wagi-rust", "app", "--no-vcs", env={"PATH": str(tmp_path)})
    assert done.returncode == 0
    assert told(done.stderr)[1:3] == [
        "warning: `cargo`, which builds `app`, is not installed",
        "help: install Rust: https://rustup.rs",
    ]


def test_components_are_added(run: Run, tmp_path: Path) -> None:
    app = tmp_path / "app"
    run("new", "http-empty", "app")
    (app / "spin.toml").write_text("# mine\n" + (app / "spin.toml").read_text() + "# the end")
    before = (app / "spin.toml").read_text()
    assert run("add", "http-py", "first", cwd=app).returncode == 0
    assert run("add", "second", "-t", "wagi-rust", cwd=app).returncode == 0
    assert run("add", "redirect", "third", "-v", "redirect-to=/x", cwd=app).returncode == 0
    text = (app / "spin.toml").read_text()
    assert text.startswith(before)
    assert 'route = "/..."\ncomponent = "first"' in text
    assert 'route = "/second/..."\ncomponent = "second"' in text
    assert sorted(path.name for path in (app / "second").iterdir()) == [
        ".gitignore", "Cargo.toml", "src",
    ]  # fmt: skip
    for arguments, said in (
        (["http-py", "first"], "the application has a component `first` already"),
        (["http-py", "new", "-v", "http-path=/..."], "the route `/...` is taken by `first`"),
        (["http-py", "new", "-o", "../new"], "`../new` is outside the application"),
        (["http-py", "new", "-o", "second"], "files would be replaced: second/.gitignore"),
        (["http-empty", "new"], "the template `http-empty` makes no component"),
    ):
        done = run("add", *arguments, cwd=app)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert (app / "spin.toml").read_text() == text
    assert not (tmp_path / "new").exists()
    assert not (app / "new").exists()


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("spin_manifest_version = 2\n[", "nothing can be added while the manifest is wrong"),
        (
            'spin_manifest_version = "1"\nname = "a"\nversion = "1.0.0"\n'
            'trigger = { type = "http" }\n[[component]]\nid = "a"\nsource = "a.wasm"\n'
            '[component.trigger]\nroute = "/"\n',
            "manifests of version 2 only",
        ),
        (
            'spin_manifest_version = 2\napplication = { name = "a" }\n'
            'component = { a = { source = "a.wasm" } }\n'
            'trigger = { http = [{ route = "/", component = "a" }] }\n',
            "the manifest would be wrong with what the template adds",
        ),
    ],
)
def test_manifests_that_nothing_is_added_to(
    run: Run, tmp_path: Path, manifest: str, said: str
) -> None:
    (tmp_path / "spin.toml").write_text(manifest)
    done = run("add", "http-py", "new")
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert (tmp_path / "spin.toml").read_text() == manifest
    assert not (tmp_path / "new").exists()


def test_other_peoples_templates(run: Run, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "repository")
    done = run("new", "greeter", "a", "--template-dir", str(repository), "-v", "about=It")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a" / "news" / "data").is_dir()
    assert run("templates", "install", "--dir", str(repository)).stdout == "greeter  installed\n"
    listed = json.loads(run("templates", "list", "--tag", "greeting", "--format", "json").stdout)
    assert [(each["id"], each["origin"]) for each in listed] == [("greeter", str(repository))]
    done = run("add", "greeter", "b", cwd=tmp_path / "a")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "a" / "spin.toml").read_text()
    assert text.count("[application.trigger.redis]") == 1
    assert text.count("[variables]") == 1
    about = repository / "templates/greeter/metadata/spin-template.toml"
    about.write_text(about.read_text().replace('description = "', 'description = "New: '))
    assert run("templates", "upgrade").stdout == "greeter  upgraded\n"
    assert "greeter" in run("templates", "list", "--tag", "greeting").stdout
    assert "New: " in run("templates", "list", "--tag", "greeting").stdout
    done = run("templates", "upgrade", "--repo", "elsewhere")
    assert (done.returncode, str(repository) in done.stderr) == (2, True)
    repository.rename(tmp_path / "away")
    assert run("templates", "upgrade").returncode == 1
    (tmp_path / "away").rename(repository)
    assert run("templates", "uninstall", "greeter").returncode == 0
    assert run("new", "greeter", "c").returncode == 2
    done = run("new", "greeter", "q", "--template-dir", str(repository), "-v", 'about=say "hi"')
    assert done.returncode == 2
    assert "the template makes a manifest that is wrong with these values" in done.stderr
    assert not (tmp_path / "q").exists()


def test_broken_templates_are_told_of(run: Run, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "repository", broken=True)
    done = run("new", "--list", "--template-dir", str(repository))
    assert "greeter" in done.stdout
    assert 'the template is not valid: `manifest_version` must be "1"' in done.stderr
