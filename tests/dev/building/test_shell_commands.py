"""Which programs a shell command runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.dev.building.shell_commands import simple_commands

CASES = [
    ("cargo build --target wasm32-wasip2", [["cargo", "build", "--target", "wasm32-wasip2"]]),
    ("npm install && npm run build", [["npm", "install"], ["npm", "run", "build"]]),
    ("a|b;c ||d& e", [["a"], ["b"], ["c"], ["d"], ["e"]]),
    ("(cd x && make)", [["make"]]),
    ("RUSTFLAGS='-C a=b' cargo build", [["cargo", "build"]]),
    ("env A=1 exec time go build", [["go", "build"]]),
    ("echo 'a && b' \"c;d\"", []),
    ("./build.sh --x='a b'", [["./build.sh", "--x=a b"]]),
    ("a > b 2>&1 && c < d", [["a"], ["c"]]),
    ("a \\\n  b\nc", [["a", "b"], ["c"]]),
    ("$CC main.c", []),
    ("# no comment", [["#", "no", "comment"]]),
    ("unbalanced 'quote", []),
    ("", []),
]


@pytest.mark.parametrize(("command", "expected"), CASES)
def test_commands(command: str, expected: list[list[str]]) -> None:
    assert list(simple_commands(command)) == expected


@given(st.text(st.sampled_from("ab '\"\\|&;()<>=$#\n{}"), max_size=40))
def test_nothing_is_too_odd(command: str) -> None:
    assert all(words and words[0] for words in simple_commands(command))
