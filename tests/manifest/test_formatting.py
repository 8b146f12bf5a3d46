import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.manifest import formatted
from spindle.manifest.statements import comments_in

CASES = {
    "spaces": ('a="1"\n b  =  2\n', 'a = "1"\nb = 2\n'),
    "keys": ("a . b . 'c'=1\n[ x . y ]\n[[ z ]]\n", "a.b.'c' = 1\n\n[x.y]\n\n[[z]]\n"),
    "inline tables": ("a={b=1,c={}}\n", "a = { b = 1, c = {} }\n"),
    "arrays": ("a=[1,2 , 3,]\nb = [ ]\n", "a = [1, 2, 3]\nb = []\n"),
    "arrays over lines": ("a=[\n1,\n 2]\n", "a = [\n  1,\n  2,\n]\n"),
    "long arrays": (
        f'a = ["{"x" * 60}", "{"y" * 60}"]\n',
        f'a = [\n  "{"x" * 60}",\n  "{"y" * 60}",\n]\n',
    ),
    "comments in arrays": (
        "a = [ # of what\n1, # one\n# before two\n2 # two\n]# end\n",
        "a = [\n  # of what\n  1, # one\n  # before two\n  2, # two\n] # end\n",
    ),
    "arrays in arrays": ("a=[\n[1,2],\n[\n3]]\n", "a = [\n  [1, 2],\n  [\n    3,\n  ],\n]\n"),
    "comments": (
        "\n\n# top  \n\n\na=1# one\n  # of b\n[b]#b\nc=1\n# of d\n# too\n[d]\n",
        "# top\n\na = 1 # one\n\n# of b\n[b] #b\nc = 1\n\n# of d\n# too\n[d]\n",
    ),
    "a comment apart": ("[a]\nb=1\n# of a\n\n[c]\n", "[a]\nb = 1\n# of a\n\n[c]\n"),
    "blank lines": ("a=1\n\n\n\nb=2\n[c]\n[d]\n\n\n", "a = 1\n\nb = 2\n\n[c]\n\n[d]\n"),
    "strings over lines": ('a="""\n  x = [ 1 ]\n"""\n', 'a = """\n  x = [ 1 ]\n"""\n'),
    "line feeds": ("a=1\r\nb=2", "a = 1\r\nb = 2\r\n"),
    "nothing": ("", ""),
    "only a comment": ("#x", "#x\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_cases(name: str) -> None:
    text, expected = CASES[name]
    assert formatted(text) == expected
    assert formatted(expected) == expected


@pytest.mark.parametrize("text", ["a", "a = ", "[a", "a = 1\na = 2", "a = '\ud800'", "\0"])
def test_what_is_no_toml_stays(text: str) -> None:
    assert formatted(text) is None


EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/spin.toml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples_keep_their_meaning(path: Path) -> None:
    check(path.read_text())


blanks = st.sampled_from(["", " ", "  ", "\t"])
ends = st.sampled_from(
    ["\n", "\n\n", "\n\n\n", " # c\n", "\t#\n", "\n# x\n", "\r\n", "\n  # é𝒳\n\n"]
)
scalars = st.sampled_from(['"x # y"', "'[a]'", "1", "true", "1979-05-27", '"""\nm\n"""', "-0.5e3"])
keys = st.sampled_from(["", ".k", " . 'q z'", '."é"'])


@st.composite
def values(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(st.sampled_from("svat" if depth else "s"))
    if kind == "a":
        items = draw(st.lists(values(depth=depth - 1), max_size=3))
        gaps = st.sampled_from(["", " ", "\n", "\n\n  # in\n", " # at\n"])
        joined = "".join(f"{draw(gaps)}{item}{draw(gaps)}," for item in items)
        return f"[{joined}{draw(gaps)}]"
    if kind == "t":
        items = draw(st.lists(values(depth=0), max_size=3))
        items = [item for item in items if "\n" not in item]
        pairs = (f"{draw(blanks)}k{i}={draw(blanks)}{item}" for i, item in enumerate(items))
        return f"{{{','.join(pairs)}{draw(blanks)}}}"
    return draw(scalars)


@st.composite
def texts(draw: st.DrawFn) -> str:
    parts = [draw(st.sampled_from(["", "\n", "# first\n", "\n# first\n\n"]))]
    for number in range(draw(st.integers(0, 5))):
        if draw(st.booleans()):
            header = f"{draw(blanks)}[{draw(blanks)}t{number}{draw(keys)}{draw(blanks)}]"
            parts += [header, draw(blanks), draw(ends)]
        key = f"{draw(blanks)}v{number}{draw(keys)}{draw(blanks)}"
        parts += [f"{key}={draw(blanks)}{draw(values())}{draw(blanks)}", draw(ends)]
    return "".join(parts)


@given(texts())
def test_any_text_keeps_its_meaning_and_its_comments(text: str) -> None:
    check(text)


def check(text: str) -> None:
    result = formatted(text)
    assert result is not None
    assert tomllib.loads(result) == tomllib.loads(text.replace("\r\n", "\n"))
    assert comments_in(result) == comments_in(text)
    assert formatted(result) == result
    assert not any(line.rstrip("\r") != line.rstrip("\r").rstrip() for line in result.split("\n"))
