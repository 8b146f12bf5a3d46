import re
from pathlib import Path

import pytest
from tests.cli.harness import Run, Up

HEAD = 'spin_manifest_version = 2\napplication = { name = "made" }\n'


def component(id_: str, build: str = "", more: str = "") -> str:
    table = f"[component.{id_}.build]\n{build}\n" if build else ""
    return f'[component.{id_}]\nsource = "{id_}.wasm"\n{more}\n{table}'


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    return tmp_path / "app"


def write(app: Path, *components: str) -> None:
    for name in ("blank", "a", "b"):
        (app / f"{name}.wasm").write_bytes(b"\0asm\1\0\0\0")
    trigger = '[[trigger.http]]\nroute = "/..."\nstatic_response = { body = "x" }\n'
    (app / "spin.toml").write_text(HEAD + trigger + "\n".join(components))


CASES = [
    (
        "a string",
        [component("a", 'command = "echo building && echo err >&2"')],
        0,
        "Building component a with `echo building && echo err >&2`\nbuilding\nerr\n"
        "Built component a in N s\nFinished building all Spin components\n",
        "",
    ),
    (
        "a list, up to what fails",
        [component("a", 'command = ["echo one", "exit 3", "echo three"]')],
        1,
        "Building component a (3 commands)\n"
        "Running build step 1/3 for component a with 'echo one'\none\n"
        "Running build step 2/3 for component a with 'exit 3'\n",
        "error: Build command for component a failed with status Exited(3)\n",
    ),
    (
        "a command that is killed",
        [component("a", 'command = "kill -9 $$"')],
        1,
        "Building component a with `kill -9 $$`\n",
        "error: Build command for component a failed with status Signaled(9)\n",
    ),
    (
        "no commands",
        [component("a")],
        0,
        "None of the components have a build command.\n"
        "For information on specifying a build command, see "
        "https://spinframework.dev/build#setting-up-for-spin-build.\n",
        "",
    ),
    (
        "a failure ends it",
        [component("a", 'command = "exit 9"'), component("b", 'command = "echo b"')],
        1,
        "Building component a with `exit 9`\n",
        "error: Build command for component a failed with status Exited(9)\n",
    ),
    (
        "dependencies first",
        [
            component("a", 'command = "echo a"', 'dependencies = { "x:y" = { path = "b.wasm" } }'),
            component("b", 'command = "echo b"'),
        ],
        0,
        "Building component b with `echo b`\nb | b\nBuilt component b in N s\n"
        "Building component a with `echo a`\na | a\nBuilt component a in N s\n"
        "Finished building all Spin components\n",
        "",
    ),
]


@pytest.mark.parametrize(
    ("components", "code", "stdout", "stderr"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_commands_run_one_after_another(
    run: Run, app: Path, components: list[str], code: int, stdout: str, stderr: str
) -> None:
    write(app, *components)
    shown = run("build", "--skip-generate-wits", cwd=app)
    said = re.sub(r"in [\d.]+ s", "in N s", shown.stdout)
    assert (shown.returncode, said, shown.stderr) == (code, stdout, stderr)


def test_an_editor_is_told_the_whole_paths_of_what_compilers_said(run: Run, app: Path) -> None:
    (app / "deep").mkdir()
    command = "echo 'src/a.c:3:5: error: it is wrong'; exit 1"
    write(app, component("a", f'command = "{command}"\nworkdir = "deep"'))
    shown = run("build", cwd=app, env={"SPINDLE_PROBLEMS": "1"})
    problem = f"error[build-error]: it is wrong\n  --> {app}/deep/src/a.c:3:5\n"
    assert shown.stderr.endswith(problem)
    assert problem not in run("build", cwd=app).stderr


def test_dependencies_in_a_circle_are_built_in_the_order_of_the_text(run: Run, app: Path) -> None:
    def circular(id_: str, other: str) -> str:
        more = f'dependencies = {{ "x:y" = {{ path = "{other}.wasm" }} }}'
        return component(id_, f'command = "echo {id_}"', more)

    write(app, circular("a", "b"), circular("b", "a"))
    assert re.findall("Building component ([ab])", run("build", cwd=app).stdout) == ["a", "b"]


def test_commands_run_in_their_workdir(run: Run, app: Path) -> None:
    (app / "deep").mkdir()
    write(app, component("a", 'command = "pwd"\nworkdir = "deep"'))
    shown = run("build", "-f", str(app))
    assert f'Working directory: "{app}/deep"\n{app}/deep\n' in shown.stdout


def test_a_missing_workdir_is_named(run: Run, app: Path) -> None:
    write(app, component("a", 'command = "echo a"\nworkdir = "nope"'))
    shown = run("build", cwd=app)
    assert shown.returncode == 1
    assert f"can't be started in `{app}/nope`: no such file or directory" in shown.stderr


def test_only_some_components(run: Run, app: Path) -> None:
    write(app, component("a", 'command = "echo a"'), component("b", 'command = "echo b"'))
    assert re.findall("Building component ([ab])", run("build", "-c", "b", cwd=app).stdout) == ["b"]
    shown = run("build", "-c", "nope", "-c", "no", cwd=app)
    assert shown.returncode == 2
    assert shown.stderr.startswith("error: Unknown component(s) nope, no\n")


def test_profiles_are_remembered(run: Run, up: Up, app: Path) -> None:
    profile = '[component.a.profile.debug]\nbuild = { command = "echo debug" }\n'
    write(app, component("a", 'command = "cp blank.wasm a.wasm"'), profile)
    note = app / ".spin" / "last-build.txt"
    assert run("build", cwd=app).returncode == 0
    assert not note.exists()
    assert "with `echo debug`" in run("build", "--profile", "debug", cwd=app).stdout
    assert note.read_text() == "debug"
    _, stderr = up(app).stop()
    assert "a different profile was built more recently" in stderr
    run("build", cwd=app)
    assert note.read_text() == "<anonymous>"
    _, stderr = up(app).stop()
    assert "a different profile" not in stderr


def test_errors_elsewhere_in_the_manifest_do_not_prevent_a_build(run: Run, app: Path) -> None:
    write(app, component("a", 'command = "echo a"'), '[component.b]\nsource = "b.wasm"\nnope = 1')
    shown = run("build", cwd=app)
    assert shown.returncode == 0
    assert "Building component a" in shown.stdout
    assert "warning: the manifest has errors" in shown.stderr


def test_a_text_that_is_no_toml_is_not_built(run: Run, app: Path) -> None:
    write(app, component("a", 'command = "echo a"'), "= 1")
    shown = run("build", cwd=app)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "--> spin.toml:" in shown.stderr


def test_building_and_serving(run: Run, app: Path) -> None:
    write(app, component("a", 'command = "cp blank.wasm a.wasm"'))
    shown = run("build", "--up", "--listen", "nonsense", cwd=app)
    assert shown.returncode == 2
    assert "Finished building" in shown.stdout
    assert "`nonsense` is not an address to listen on" in shown.stderr
