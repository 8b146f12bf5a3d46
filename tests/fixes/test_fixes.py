"""Edits replace what they name and nothing else; turns end."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from spindle.diagnostics import Diagnostic, Edit, Fix, Severity
from spindle.fixes import Texts, apply_edits, apply_fixes, repair
from spindle.text import LineIndex, Position, Span

PATH = Path("/app/spin.toml")
TEXTS = st.text(st.sampled_from("ab é𝄞\t\r\n\ufeff"), max_size=30)


def _problem(edits: tuple[Edit, ...], *, safe: bool = True, code: str = "c") -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, "m", PATH, fix=Fix("Do it", edits, safe))


def _edit(line: int, start: int, end: int, new: str, path: Path = PATH) -> Edit:
    return Edit(path, Span(Position(line, start), Position(line, end)), new)


@given(TEXTS, st.integers(0, 30), st.integers(0, 30), st.text("xyz", max_size=5))
def test_an_edit_changes_its_stretch_alone(text: str, one: int, other: int, new: str) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    index = LineIndex(text.encode())
    span = index.span(len(text[:start].encode()), len(text[:end].encode()))
    expected = text[:start] + new + text[end:]
    if text.startswith("\ufeff") and start == 0:
        expected = "\ufeff" + new + text[max(1, end) :]
    assert apply_edits(text, [Edit(PATH, span, new)]) == expected


def test_new_lines_are_like_the_file_s() -> None:
    assert apply_edits("a\r\nb", [_edit(1, 0, 0, "x\ny\r\n")]) == "a\r\nx\r\ny\r\nb"
    assert apply_edits("\ufeffa\r\n", [_edit(0, 0, 0, "x\n")]) == "\ufeffx\r\na\r\n"
    assert apply_edits("a\n", [_edit(0, 0, 0, "x\n")]) == "x\na\n"


def test_fixes_that_touch_wait_and_each_is_whole() -> None:
    first = _problem((_edit(0, 0, 1, "A"), _edit(0, 4, 5, "E")))
    overlapping = _problem((_edit(0, 4, 5, "!"), _edit(0, 2, 3, "!")))
    apart = _problem((_edit(0, 2, 3, "C"),))
    twice = first._replace(code="d")
    elsewhere = _problem((_edit(0, 0, 1, "Z", Path("/other")),))
    new, fixed = apply_fixes({PATH: "abcde"}, [first, overlapping, apart, twice, elsewhere])
    assert new == {PATH: "AbCdE"}
    assert fixed == (first, apart, twice)


def test_edits_of_one_fix_may_not_overlap() -> None:
    texts = {PATH: "abc"}
    assert apply_fixes(texts, [_problem((_edit(0, 0, 2, "x"), _edit(0, 1, 3, "y")))]) == (texts, ())


def test_unsafe_fixes_are_asked_for() -> None:
    found = _problem((_edit(0, 0, 1, "x"),), safe=False)
    assert apply_fixes({PATH: "a"}, [found])[1] == ()
    assert apply_fixes({PATH: "a"}, [found], unsafe=True)[0] == {PATH: "x"}


def test_fixes_that_undo_one_another_end() -> None:
    def flip(texts: Texts) -> tuple[Diagnostic, ...]:
        return (_problem((_edit(0, 0, 1, "b" if texts[PATH] == "a" else "a"),)),)

    assert repair({PATH: "a"}, flip).texts == {PATH: "b"}


def test_fixes_that_never_stop_end() -> None:
    def grow(_texts: Texts) -> tuple[Diagnostic, ...]:
        return (_problem((_edit(0, 0, 0, "x"),)),)

    repaired = repair({PATH: ""}, grow)
    assert len(repaired.fixed) == len(repaired.texts[PATH])


def test_a_text_is_not_broken() -> None:
    def check(texts: Texts) -> tuple[Diagnostic, ...]:
        broken = _problem((), code="toml-syntax")._replace(fix=None)
        return (_problem((_edit(0, 0, 0, "["),)),) if texts[PATH] == "a" else (broken,)

    repaired = repair({PATH: "a"}, check)
    assert (repaired.texts, repaired.fixed) == ({PATH: "a"}, ())
    assert [problem.code for problem in repaired.left] == ["c"]


def test_what_is_left_is_said_of_the_new_text() -> None:
    def check(texts: Texts) -> tuple[Diagnostic, ...]:
        if texts[PATH] == "a":
            return (_problem((_edit(0, 0, 1, "b"),)),)
        return (_problem((), code="left")._replace(fix=None),)

    repaired = repair({PATH: "a"}, check)
    assert [problem.code for problem in repaired.left] == ["left"]
    assert [problem.code for problem in repaired.fixed] == ["c"]


def test_fixes_that_are_wrong_together_are_not_applied_together() -> None:
    def check(texts: Texts) -> tuple[Diagnostic, ...]:
        text = texts[PATH]
        if text.count("k") > 1:
            return (_problem((), code="duplicate-key")._replace(fix=None),)
        wrong = [i for i, c in enumerate(text) if c == "x"] if "k" not in text else []
        return tuple(_problem((_edit(0, i, i + 1, "k"),)) for i in wrong)

    assert repair({PATH: "x x x"}, check).texts == {PATH: "k x x"}
    assert repair({PATH: "x"}, check).texts == {PATH: "k"}
