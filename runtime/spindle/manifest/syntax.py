"""What is wrong with a text as TOML, all of it, and the text without its broken statements.

The standard library's parser is the judge. It stops at the first mistake, so the statement that
holds the mistake is blanked out, keeping every other character in its place, and the judge is asked
again.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MOST = 50
"""Broken statements reported before the rest of a text is given up."""


class SyntaxProblem(NamedTuple):
    """One mistake: where (0-based line, characters in that line) and what."""

    code: str
    message: str
    help: str | None
    line: int
    start: int
    end: int
    declared: tuple[str, ...] = ()
    """The path of the table that was declared before, for a duplicate header."""


TOO_DEEP = SyntaxProblem("toml-syntax", "the values are nested too deeply", "flatten them", 0, 0, 0)
"""What is said of a text whose nesting can't be followed."""


def repaired(text: str) -> tuple[str, list[SyntaxProblem]]:
    """A text that is valid TOML, and the problems that were cut out of it."""
    text = text.replace("\ufeff", " ", 1) if text.startswith("\ufeff") else text
    problems: list[SyntaxProblem] = []
    while (complaint := first_complaint(text)) is not None:
        if len(problems) == MOST:
            return _blank(text, 0, text.count("\n")), problems
        lines = text.split("\n")
        first = _first_line(lines, complaint)
        last = _last_line(lines, first, complaint)
        problems.append(_problem(lines, complaint, first, last))
        text = _blank(text, first, last)
    return text, problems


class Complaint(NamedTuple):
    """The judge's message and the 0-based line and column it gives."""

    message: str
    line: int
    column: int
    at_end: bool = False
    """Whether the text ends where it must go on."""


def first_complaint(text: str) -> Complaint | None:
    """What the judge says of a text; None when it is valid."""
    import tomllib

    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        if (found := _PLACE.search(str(error))) is not None:
            return Complaint(str(error)[: found.start()], int(found[1]) - 1, int(found[2]) - 1)
        lines = text.split("\n")
        return Complaint(_END.sub("", str(error)), len(lines) - 1, len(lines[-1]), True)
    except RecursionError:
        return Complaint("Nested too deeply", 0, 0)
    return None


_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)")
_END = re.compile(r" \(at end of document\)")
_HEADER = re.compile(r"\s*\[\[?\s*[A-Za-z_\"'][\w\s.\"'-]*(\]|$)")
_PAIR = re.compile(r"\s*([\w-]+|\"[^\"]*\"|'[^']*')(\s*\.\s*([\w-]+|\"[^\"]*\"|'[^']*'))*\s*=")


def _first_line(lines: list[str], complaint: Complaint) -> int:
    """Where the statement to blame begins: the last place before which all is well."""
    if complaint.message.startswith("Nested"):
        return 0
    candidates = [i for i in range(complaint.line) if _starts_statement(lines[i])]
    for first in (complaint.line, *reversed(candidates)):
        if first_complaint("\n".join(lines[:first])) is None:
            return first
    return 0


def _last_line(lines: list[str], first: int, complaint: Complaint) -> int:
    """Where the statement to blame ends.

    A broken header takes its whole table with it. A pair ends where its brackets close, but before
    the next statement; anything else with its line.
    """
    if complaint.message.startswith("Nested"):
        return len(lines) - 1
    if lines[first].lstrip().startswith("["):
        headers = (i for i in range(first + 1, len(lines)) if _HEADER.match(lines[i]))
        return next(headers, len(lines)) - 1
    # Pairs inside an inline table over several lines begin no statements.
    inline = lines[first].rstrip().endswith("{")
    depth = 0
    for i in range(first, len(lines)):
        if i > first and (_HEADER.match(lines[i]) or (_PAIR.match(lines[i]) and not inline)):
            return i - 1
        depth += _opened(lines[i])
        if depth <= 0 and i >= complaint.line:
            return i
    return len(lines) - 1


def _opened(line: str) -> int:
    """How many more brackets a line opens than it closes, outside strings and comments."""
    bare = re.sub(r"\"(\\.|[^\"\\])*\"|'[^']*'", "", line).partition("#")[0]
    return sum(map(bare.count, "[{")) - sum(map(bare.count, "]}"))


def _starts_statement(line: str) -> bool:
    return bool(_HEADER.match(line) or _PAIR.match(line))


def _blank(text: str, first: int, last: int) -> str:
    lines = text.split("\n")
    for i in range(first, last + 1):
        lines[i] = " " * len(lines[i])
    return "\n".join(lines)


def _problem(lines: list[str], complaint: Complaint, first: int, last: int) -> SyntaxProblem:
    if complaint.line > last:
        return _unclosed(lines[first], first)
    line = lines[complaint.line].rstrip("\r")
    if complaint.message.startswith("Cannot declare"):
        return _duplicate_table(line, complaint)
    if complaint.message.startswith(("Cannot overwrite", "Duplicate inline", "Cannot mutate")):
        return _duplicate_key(line, complaint)
    message, help_text = _worded(complaint.message)
    if line.rstrip().endswith("{") and complaint.column >= len(line.rstrip()):
        message = "an inline table can't go on in the next line"
        help_text = "write it on one line, or as a `[table]` of its own"
    if first < complaint.line and complaint.message.startswith("Unclosed"):
        help_text = f"{help_text}; it begins in line {first + 1}"
    start = min(complaint.column, len(line))
    end = start + len((line[start:].split() or [""])[0])
    return SyntaxProblem(
        "toml-syntax", message, help_text, complaint.line, start, max(end, start + 1)
    )


def _unclosed(line: str, number: int) -> SyntaxProblem:
    key = _PAIR.match(line)
    content = line.rstrip()
    start = 0 if key is None else key.end()
    start += len(content[start:]) - len(content[start:].lstrip())
    return SyntaxProblem(
        "toml-syntax",
        "the value that begins here is not closed",
        "add the closing `]`, `}` or quotes",
        number,
        start,
        max(len(content), start + 1),
    )


def _duplicate_table(line: str, complaint: Complaint) -> SyntaxProblem:
    path = tuple(re.findall(r"'((?:[^'\\]|\\.)*)'", complaint.message))
    return SyntaxProblem(
        "duplicate-key",
        f"the table `{'.'.join(path)}` is defined twice",
        "merge the two tables, or rename one",
        complaint.line,
        len(line) - len(line.lstrip()),
        len(line.rstrip()),
        path,
    )


def _duplicate_key(line: str, complaint: Complaint) -> SyntaxProblem:
    key = _PAIR.match(line)
    name = line[: key.end() - 1].strip() if key else line.strip()
    start = len(line) - len(line.lstrip())
    return SyntaxProblem(
        "duplicate-key",
        f"the key `{name}` is defined twice",
        "keep one of the two definitions",
        complaint.line,
        start,
        start + len(name),
    )


def _worded(message: str) -> tuple[str, str | None]:
    if message.startswith(("Illegal character '\\n'", "Illegal character '\\r")):
        return "the string is not closed on its line", 'add the closing `"`'
    return _WORDING.get(message, (message[:1].lower() + message[1:], None))


_WORDING: dict[str, tuple[str, str | None]] = {
    "Invalid value": (
        "this is not a TOML value",
        'write a string in quotes ("text"), a number, true or false, an array or a table',
    ),
    "Invalid statement": (
        "this is neither a `key = value` pair nor a `[table]` header",
        None,
    ),
    "Expected '=' after a key in a key/value pair": ("expected `=` after the key", None),
    "Expected newline or end of document after a statement": (
        "expected the end of the line after the value",
        "write one `key = value` pair a line",
    ),
    "Unclosed array": (
        "expected `,` or `]` in the array",
        "put `,` between elements and `]` at the end",
    ),
    "Unclosed inline table": (
        "expected `,` or `}` in the inline table",
        "put `,` between pairs and `}` at the end",
    ),
    "Unterminated string": ("the string is not closed", "add the closing quotes"),
    "Expected ']' at the end of a table declaration": (
        "expected `]` at the end of the table header",
        None,
    ),
    "Expected ']]' at the end of an array declaration": (
        "expected `]]` at the end of the table header",
        None,
    ),
    "Unescaped '\\' in a string": (
        "a backslash in a basic string begins an escape, and this is none",
        "double the backslash, or use a literal string in single quotes",
    ),
    "Nested too deeply": ("the values are nested too deeply", None),
}
