import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.exchange import Frame, Traceback
from spindle.executor.tracebacks import find_traceback

PYTHON = """starting
Traceback (most recent call last):
  File "/0/app.py", line 346, in handle
    return await behave()
  File "/0/app.py", line 254, in fail
    raise ValueError("no")
    ^^^^^^^^^^^^^^^^^^^^^^
ValueError: no
  or so

thread '<unnamed>' (1) panicked at runtime/src/lib.rs:1268:25:
Python function threw an unexpected exception
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""
STARLING_MONKEY = """Error while running request handler: raised by the guest
Stack:
  fail@precompiled-source.js:30:11
  @precompiled-source.js:65:56

"""
V8 = """TypeError: x is not a function
    at handle (file:///app/index.js:3:9)
    at file:///app/index.js:8:1
"""
GO = """panic: runtime error: index out of range [3] with length 2

goroutine 1 [running]:
main.third(...)
\t/home/dev/app/main.go:12
main.handle(0x1400, {0x0, 0x0})
\t/home/dev/app/main.go:20 +0x1b
"""
RUST = """thread 'main' panicked at src/lib.rs:29:20:
index out of bounds: the len is 2 but the index is 3
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""
OLD_RUST = "thread 'main' panicked at 'no', src/lib.rs:2:5\nnote: run with …\n"
C = "Assertion failed: n > 0 (src/main.c: divide: 12)\n"


@pytest.mark.parametrize(
    ("stderr", "traceback"),
    [
        (
            PYTHON,
            Traceback(
                "Python",
                "ValueError: no\n  or so",
                (Frame("fail", "/0/app.py", 254), Frame("handle", "/0/app.py", 346)),
            ),
        ),
        (
            STARLING_MONKEY,
            Traceback(
                "JavaScript",
                "raised by the guest",
                (
                    Frame("fail", "precompiled-source.js", 30, 11),
                    Frame("<anonymous>", "precompiled-source.js", 65, 56),
                ),
            ),
        ),
        (
            V8,
            Traceback(
                "JavaScript",
                "TypeError: x is not a function",
                (
                    Frame("handle", "file:///app/index.js", 3, 9),
                    Frame("<anonymous>", "file:///app/index.js", 8, 1),
                ),
            ),
        ),
        (
            GO,
            Traceback(
                "Go",
                "runtime error: index out of range [3] with length 2",
                (
                    Frame("main.third", "/home/dev/app/main.go", 12),
                    Frame("main.handle", "/home/dev/app/main.go", 20),
                ),
            ),
        ),
        (
            RUST,
            Traceback(
                "Rust",
                "index out of bounds: the len is 2 but the index is 3",
                (Frame("thread 'main'", "src/lib.rs", 29, 20),),
            ),
        ),
        (OLD_RUST, Traceback("Rust", "no", (Frame("thread 'main'", "src/lib.rs", 2, 5),))),
        (C, Traceback("C", "Assertion failed: n > 0", (Frame("divide", "src/main.c", 12),))),
        ("Traceback (most recent call last):\n  File", None),
        ("listening on me@example.org\n", None),
        ("", None),
    ],
    ids=["python", "starling monkey", "v8", "go", "rust", "old rust", "c", "cut", "mail", "none"],
)
def test_what_languages_print(stderr: str, traceback: Traceback | None) -> None:
    assert find_traceback(stderr) == traceback
    assert find_traceback(stderr.replace("\n", "\r\n")) == traceback


def test_the_last_one_counts() -> None:
    found = find_traceback(PYTHON.replace("ValueError: no", "KeyError: 'first'") + PYTHON)
    assert found is not None
    assert found.message.startswith("ValueError")


PIECES = st.sampled_from(
    [*PYTHON.split("\n"), *STARLING_MONKEY.split("\n"), *V8.split("\n"), *GO.split("\n"),
     *RUST.split("\n"), C, "\t", "@", ":1:1", "(", "panic: ", "x" * 5000, "\x1b[2J", "\0"]
)  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=40))
def test_anything_else(lines: list[str]) -> None:
    found = find_traceback("\n".join(lines))
    assert found is None or found.language
