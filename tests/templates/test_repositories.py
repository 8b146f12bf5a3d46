"""Templates as other people make them: rendered, added, installed."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path, PurePosixPath

import pytest
from tests.templates.repository import make_repository

from spindle.errors import SpindleError
from spindle.templates import (
    Filling,
    Template,
    clone,
    gather,
    install,
    plan_application,
    plan_component,
    uninstall,
    with_snippets,
)
from spindle.templates.shelves import repository_shelf, store

VALUES = {"about": "It", "channel": "news", "address": "redis://x"}


@pytest.fixture
def greeter(tmp_path: Path) -> Template:
    (template,) = repository_shelf(make_repository(tmp_path / "repository")).templates
    return template


def test_an_application(greeter: Template) -> None:
    plan = plan_application(greeter, Filling("my-app", VALUES))
    assert {str(path): data for path, data in plan.files.items() if path.name != "spin.toml"} == {
        ".gitignore": b"target/\n",
        "Cargo.toml": b"MyApp",
        "docs/only-new.md": b"By my-app",
        "not-liquid.txt": b"{% what is this %}",
        "picture.bin": b"\xff{{ x }}\x00",
    }
    assert plan.directories == (PurePosixPath("news/data"), PurePosixPath("shared"))
    without = plan_application(greeter, Filling("my-app", VALUES), ignores=False)
    assert plan.files.keys() - without.files.keys() == {PurePosixPath(".gitignore")}


BEFORE = """\
spin_manifest_version = 2
# Ours.
[application]
name = "app"

[variables]
token = "kept"  # by us

[[trigger.http]]
route = "/"
component = "a"

[component.a]
source = "a.wasm"
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_component(greeter: Template, tmp_path: Path, end: str) -> None:
    path = tmp_path / "spin.toml"
    before = BEFORE.replace('"kept"', '{ default = "kept" }').replace("\n", end)
    filling = Filling("news-desk", VALUES, PurePosixPath("desk"))
    plan = plan_component(greeter, filling, {})
    assert set(map(str, plan.files)) == {
        f"desk/{name}" for name in (".gitignore", "Cargo.toml", "not-liquid.txt", "picture.bin")
    }
    assert plan.directories == (PurePosixPath("desk/news/data"), PurePosixPath("shared"))
    addition = with_snippets(path, before, plan.snippets)
    assert addition.components == ("news-desk",)
    head, tail = before.split(f"# by us{end}")
    assert addition.text.startswith(
        f'{head}# by us{end}greeting = {{ default = "hello" }}{end}{tail}'
    )
    assert f'source = "desk/app.wasm"{end}' in addition.text
    assert addition.text.count("[application.trigger.redis]") == 1
    assert end == "\n" or addition.text.replace("\r\n", "").count("\n") == 0


def test_what_an_application_has_is_not_added_again(greeter: Template) -> None:
    manifest = {"application": {"trigger": {"redis": {"address": "redis://there"}}}}
    plan = plan_component(greeter, Filling("b", VALUES, PurePosixPath("b")), manifest)
    assert set(plan.snippets) == {"component", "variables"}


@pytest.mark.parametrize("channel", ["../../evil", "/etc", "a/../../b", "C:\\x"])
def test_no_directory_is_made_elsewhere(greeter: Template, channel: str) -> None:
    with pytest.raises(SpindleError, match="outside the application"):
        plan_application(greeter, Filling("my-app", {**VALUES, "channel": channel}))


def test_what_links_lead_to_is_no_content(greeter: Template, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (greeter.directory / "content" / "link").symlink_to(secret)
    (greeter.directory / "content" / "folder").symlink_to(tmp_path)
    plan = plan_application(greeter, Filling("my-app", VALUES))
    assert b"secret" not in plan.files.values()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{ x | nope }}", "unknown filter 'nope'"),
        ("{{ nope }}", "'nope' is undefined"),
        ("{% for a in (1..10000000) %}x{% endfor %}", "loop iteration limit reached"),
        ("{% include 'nope' %}", "nope"),
    ],
)
def test_what_liquid_refuses_is_said(greeter: Template, text: str, problem: str) -> None:
    (greeter.directory / "content" / "file.txt").write_text(text)
    with pytest.raises(SpindleError, match=r"`file\.txt` of the template") as caught:
        plan_application(greeter, Filling("my-app", VALUES))
    assert problem in str(caught.value)


def test_installed_ones_are_where_spin_has_them(tmp_path: Path) -> None:
    environment = {"SPIN_DATA_DIR": str(tmp_path / "data")}
    repository = make_repository(tmp_path / "repository")
    origin = {"dir": str(repository)}
    ((template, new),) = install(repository, origin, environment, update=False)
    assert (template.id, new) == ("greeter", True)
    (folder,) = store(environment).iterdir()
    assert folder.name == "greeter_" + sha256(b"greeter").hexdigest()
    found = gather(None, environment).templates["greeter"]
    assert (found.origin, found.directory) == (str(repository), folder)
    ((_, again),) = install(repository, origin, environment, update=False)
    assert not again
    ((_, again),) = install(repository, origin, environment, update=True)
    assert again
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["templates"]
    uninstall("greeter", environment)
    assert "greeter" not in gather(None, environment).templates
    with pytest.raises(SpindleError, match="no template `greeter` is installed"):
        uninstall("greeter", environment)


def test_nothing_is_installed_where_one_is_broken(tmp_path: Path) -> None:
    environment = {"SPIN_DATA_DIR": str(tmp_path / "data")}
    repository = make_repository(tmp_path / "repository", broken=True)
    with pytest.raises(SpindleError, match="the template is not valid"):
        list(install(repository, {"dir": "x"}, environment, update=False))
    assert not store(environment).exists()


def test_a_repository_comes_by_git(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "repository")
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    for command in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "All")):
        subprocess.run(("git", *command), cwd=repository, check=True)
    with clone(str(repository)) as files:
        assert [each.id for each in repository_shelf(files).templates] == ["greeter"]
    for url in ("--upload-pack=touch evil", str(tmp_path / "nothing"), "ext::sh -c true"):
        with pytest.raises(SpindleError, match="git can't clone"), clone(url):
            pass


def test_a_folder_without_templates(tmp_path: Path) -> None:
    with pytest.raises(SpindleError, match="there are no templates here"):
        repository_shelf(tmp_path)


def test_own_ones_go_before_installed_ones(tmp_path: Path) -> None:
    environment = {"SPIN_DATA_DIR": str(tmp_path / "data")}
    repository = make_repository(tmp_path / "repository")
    metadata = repository / "templates/greeter/metadata/spin-template.toml"
    metadata.write_text(metadata.read_text().replace('id = "greeter"', 'id = "redirect"'))
    list(install(repository, {"dir": "x"}, environment, update=False))
    found = gather(None, environment).templates
    assert found["redirect"].description != "Greets"
    assert found["spin:redirect"].description == "Greets"
    assert gather(repository, environment).templates["redirect"].description == "Greets"
