"""What compilers say, read as diagnostics."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from spindle.dev.building.compilers import diagnostics_of
from spindle.diagnostics import Diagnostic

HERE = Path("/app/part")

TSC = [
    (
        "error",
        "Cannot find module './missing' or its corresponding type declarations.",
        *("src/index.ts", 2, 25),
    ),
    ("error", "Type 'string' is not assignable to type 'number'.", "src/index.ts", 4, 7),
    (
        "error",
        "Argument of type 'string' is not assignable to parameter of type 'number'.",
        *("src/index.ts", 6, 26),
    ),
    (
        "error",
        "Type '(a: number) => number' is not assignable to type '() => void'.",
        *("src/index.ts", 6, 39),
    ),
    ("error", "Cannot find name 'counts'. Did you mean 'count'?", "src/prices.ts", 2, 18),
]

RECORDED = {
    "cargo": [
        ("error", "mismatched types [E0308]", "src/main.rs", 4, 22),
        ("error", "cannot find value `missing` in this scope [E0425]", "src/main.rs", 5, 34),
        ("warning", "unused import: `std::collections::HashMap`", "src/prices.rs", 1, 5),
        (
            "error",
            "no method named `multiply` found for type `u32` in the current scope [E0599]",
            *("src/prices.rs", 7, 11),
        ),
    ],
    "cargo-syntax": [("error", "mismatched closing delimiter: `}`", "src/main.rs", 2, 13)],
    "componentize-py": [
        ("error", "ModuleNotFoundError: No module named 'nothing_there'", "shop/missing.py", 2, 1)
    ],
    "componentize-py-syntax": [("error", "SyntaxError: invalid syntax", "app.py", 12, 1)],
    "esbuild": [
        ("error", 'Could not resolve "./missing"', "src/broken.js", 2, 21),
        ("error", 'Could not resolve "shop-tools"', "src/broken.js", 3, 18),
        (
            "warning",
            'The "typeof" operator will never evaluate to "nunber" [impossible-typeof]',
            *("src/broken.js", 5, 55),
        ),
    ],
    "esbuild-syntax": [("error", 'Expected ";" but found "=="', "src/syntax.js", 2, 10)],
    "tsc": TSC,
    "tsc-pretty": TSC,
}
"""What is read of output that real runs left in `said`: the tool, with its colours or without."""

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
    "a tool below the directory": (
        '  File "/app/part/.venv/bin/componentize-py", line 8, in <module>\nAssertionError: no\n',
        [],
    ),
    "nothing of a place": ("npm error code 1\nall is lost\nerror: it failed\n", []),
    "hostile": ("\x1b]0;title\x07a.c:99999999999999999999:1: error: x\n" + ":" * 5000, None),
}


@pytest.mark.parametrize(("said", "found"), SAID.values(), ids=list(SAID))
def test_places_are_read(said: str, found: list[tuple[str, str, str, int, int]] | None) -> None:
    diagnostics = diagnostics_of(said.splitlines(), HERE)
    if found is not None:
        assert shown(diagnostics) == sorted(found, key=lambda each: (each[2], each[3]))


@pytest.mark.parametrize("tool", RECORDED)
def test_places_are_read_in_what_tools_really_say(tool: str) -> None:
    said = (Path(__file__).parent / "said" / f"{tool}.txt").read_text("utf-8")
    assert shown(diagnostics_of(said.splitlines(), HERE)) == RECORDED[tool]


def shown(diagnostics: Iterable[Diagnostic]) -> list[tuple[str, str, str, int, int]]:
    return [
        (
            d.severity.value,
            d.message,
            "" if d.path is None else str(d.path.relative_to(HERE)),
            0 if d.span is None else d.span.start.line + 1,
            0 if d.span is None else d.span.start.character + 1,
        )
        for d in diagnostics
    ]
