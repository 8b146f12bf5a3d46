from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.cli.failures import lacks_lines, render_failure
from spindle.cli.render import Terminal
from spindle.component.trap import Trap as GuestTrap
from spindle.exchange import Exchange, Frame, HttpInput, Traceback, Trap
from spindle.executor import Failure

SOURCE = "fn main() {\n\tlet x = items[3];\n}\n"
OWN = Frame("app::third", "src/lib.rs", 2, 10)
STD = Frame("core::panicking::panic_fmt", "library/core/src/panicking.rs", 80, 14)
EXPORT = "wasi:http/handler@0.3.0#handle"
REASON = "wasm `unreachable` instruction executed"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "lib.rs").write_text(SOURCE)
    (tmp_path / ".env").write_text("TOKEN=hidden\n")
    return tmp_path


def failure(trap: Trap, *paths: str, lines_known: bool = True) -> Failure:
    exchanges = []
    for path in paths:
        exchange = Exchange("http", path, "app")
        exchange.input = HttpInput("GET", "http", "a.test", path, ())
        exchanges.append(exchange)
    return Failure("app", GuestTrap(trap.reason), trap, tuple(exchanges), lines_known)


def test_a_stack_with_ones_own_frames(root: Path) -> None:
    trap = Trap(REASON, (STD, STD, OWN, STD), EXPORT, Traceback("Rust", "index 3\nis too large"))
    failed = failure(trap, "/a", "/b")
    assert render_failure(failed, root, root).splitlines() == [
        f"error: GET /a: {REASON}: index 3",
        "  --> src/lib.rs:2:10",
        "  |",
        "2 |     let x = items[3];",
        "  |             ^",
        f"  in: component `app`, export `{EXPORT}`, exchange {failed.exchanges[0].id}",
        "  note: it ended these, too: GET /b",
        "  stack, innermost first:",
        "    … 2 of runtimes and libraries",
        "    app::third  src/lib.rs:2:10",
        "    … 1 of runtimes and libraries",
    ]


def test_an_interpreters_own_stack_is_left_out(root: Path) -> None:
    (root / "app.py").write_text("def fail():\n    raise ValueError\n")
    frames = (Frame("fail", "app.py", 2), Frame("run", "/1/sdk.py", 7))
    trap = Trap(REASON, (Frame("_PyEval_EvalFrameDefault"),) * 9, EXPORT,
                Traceback("Python", "ValueError", frames))  # fmt: skip
    told = render_failure(failure(trap, "/a"), root, root.parent).splitlines()
    assert told[1:5] == [
        f"  --> {root.name}/app.py:2:5",
        "  |",
        "2 |     raise ValueError",
        "  |     ^^^^^^^^^^^^^^^^",
    ]
    assert told[6:] == [
        "  Python, innermost first:",
        f"    fail  {root.name}/app.py:2",
        "    … 1 of runtimes and libraries",
    ]


def test_names_alone(root: Path) -> None:
    frames = (Frame("abort"), Frame("app::run"), Frame("wasi:cli/run@0.2.0#run"))
    told = render_failure(failure(Trap("no", frames), lines_known=False), root, root).splitlines()
    assert told == [
        "error: component `app`: no",
        "  in: component `app`",
        "  stack, innermost first:",
        "    … 1 of runtimes and libraries",
        "    app::run",
        "    … 1 of runtimes and libraries",
    ]


def test_recursion_takes_a_line(root: Path) -> None:
    told = render_failure(failure(Trap("deep", (OWN,) * 19)), root, root)
    assert "app::third  src/lib.rs:2:10  (19 times)" in told


def test_who_is_told_to_build_with_debug_information() -> None:
    named = (Frame("app::run"),)
    assert lacks_lines(failure(Trap("no", named), lines_known=False))
    assert not lacks_lines(failure(Trap("no", named)))
    assert not lacks_lines(failure(Trap("no"), lines_known=False))
    python = (Frame("_PyEval_EvalFrameDefault"),)
    assert not lacks_lines(failure(Trap("no", python), lines_known=False))


@pytest.mark.parametrize("file", [".env", "/etc/passwd", "../secret.rs", "src", "a\0b.rs"])
def test_what_a_guest_names_is_not_quoted_unless_it_is_a_source(root: Path, file: str) -> None:
    (root.parent / "secret.rs").write_text("hidden")
    told = render_failure(failure(Trap("no", (Frame("f", file, 1, 1),))), root, root)
    assert "hidden" not in told
    assert "root:" not in told


@pytest.mark.parametrize("line", [0, 4, 10**9])
def test_lines_that_are_not_there(root: Path, line: int) -> None:
    frame = Frame("f", "src/lib.rs", line, 10**9)
    assert "src/lib.rs" in render_failure(failure(Trap("no", (frame,))), root, root)


@given(st.text(), st.text(), st.integers(0, 9), st.integers(0, 2**40))
def test_any_frame(function: str, file: str, line: int, column: int) -> None:
    frame = Frame(function, file, line, column)
    assert render_failure(failure(Trap("no", (frame,))), Path("/nowhere"), Path("/"))


def test_a_bug_of_the_host_is_shown_with_its_own_traceback(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trap = Trap("division by zero", (OWN,))
    try:
        1 / 0  # noqa: B018  # it is what fails
    except ZeroDivisionError as error:
        Terminal().report(Failure("app", error, trap), root)
    told = capsys.readouterr().err
    assert f'File "{__file__}", line ' in told
    assert "component `app`: this is a bug in spindle: ZeroDivisionError" in told
    assert "app::third" in told


def test_debug_information_is_asked_for_once(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    for _ in range(2):
        terminal.report(failure(Trap("no", (Frame("app::run"),)), lines_known=False), root)
    assert capsys.readouterr().err.count("built without debug information") == 1
