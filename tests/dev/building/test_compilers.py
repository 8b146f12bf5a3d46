"""What compilers say, read as diagnostics."""

from pathlib import Path

import pytest

from spindle.dev.building.compilers import diagnostics_of

HERE = Path("/app/part")

SAID = {
    "rustc": (
        """\
   Compiling part v0.1.0 (/app/part)
\x1b[0m\x1b[1m\x1b[38;5;9merror[E0308]\x1b[0m\x1b[0m\x1b[1m: mismatched types\x1b[0m
 \x1b[38;5;12m-->\x1b[0m src/lib.rs:10:5
   |
10 |     "text"
   |     ^^^^^^ expected `u32`, found `&str`

warning: unused variable: `x`
 --> src/lib.rs:3:9
  |
error: could not compile `part` (lib) due to 1 previous error; 1 warning emitted
""",
        [
            ("warning", "unused variable: `x`", "src/lib.rs", 3, 9),
            ("error", "mismatched types [E0308]", "src/lib.rs", 10, 5),
        ],
    ),
    "clang": (
        "main.c:4:3: error: call to undeclared function 'puts'\n    4 |   puts(1);\n"
        "./inc/a.h:1:2: warning: something odd [-Wodd]\n1 warning and 1 error generated.\n",
        [
            ("warning", "something odd [-Wodd]", "inc/a.h", 1, 2),
            ("error", "call to undeclared function 'puts'", "main.c", 4, 3),
        ],
    ),
    "tsc": (
        "src/index.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.\n",
        [("error", "Type 'string' is not assignable to type 'number'.", "src/index.ts", 3, 5)],
    ),
    "tsc, pretty": (
        "\x1b[96msrc/index.ts\x1b[0m:\x1b[93m3\x1b[0m:\x1b[93m5\x1b[0m - \x1b[91merror\x1b[0m"
        "\x1b[90m TS2322: \x1b[0mType 'string' is wrong.\n",
        [("error", "Type 'string' is wrong.", "src/index.ts", 3, 5)],
    ),
    "esbuild": (
        '✘ [ERROR] Expected ";" but found "}"\n\n    src/index.js:7:12:\n'
        "      7 │ let a = 1 }\n        ╵           ^\n\n1 error\n",
        [("error", 'Expected ";" but found "}"', "src/index.js", 7, 12)],
    ),
    "go": (
        "# hello\n./main.go:12:2: undefined: spinhttp\n",
        [("error", "undefined: spinhttp", "main.go", 12, 2)],
    ),
    "python": (
        "Traceback (most recent call last):\n"
        '  File "/usr/lib/python3.11/runpy.py", line 197, in _run\n    run()\n'
        '  File "app.py", line 3\n    def f(:\n          ^\nSyntaxError: invalid syntax\n',
        [("error", "SyntaxError: invalid syntax", "app.py", 3, 1)],
    ),
    "componentize-py": (
        'AssertionError:   File "/0/pkg/mod.py", line 7\n    return 1 +\n'
        "SyntaxError: invalid syntax\n\nCaused by:\n    SyntaxError: invalid syntax\n",
        [("error", "SyntaxError: invalid syntax", "pkg/mod.py", 7, 1)],
    ),
    "nothing of a place": ("npm error code 1\nall is lost\nerror: it failed\n", []),
    "hostile": ("\x1b]0;title\x07a.c:99999999999999999999:1: error: x\n" + ":" * 5000, None),
}


@pytest.mark.parametrize(("said", "found"), SAID.values(), ids=list(SAID))
def test_places_are_read(said: str, found: list[tuple[str, str, str, int, int]] | None) -> None:
    diagnostics = diagnostics_of(said.splitlines(), HERE)
    if found is None:
        return
    assert [
        (
            d.severity.value,
            d.message,
            "" if d.path is None else str(d.path.relative_to(HERE)),
            0 if d.span is None else d.span.start.line + 1,
            0 if d.span is None else d.span.start.character + 1,
        )
        for d in diagnostics
    ] == sorted(found, key=lambda each: (each[2], each[3]))
