"""What is wrong with a text as TOML, all of it, and the text without its broken statements.

The standard library's parser is the judge. It stops at the first mistake, so the statement that
holds the mistake is blanked out, keeping every other character in its place, and the judge is asked
again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST = 50
"""Broken statements reported before the rest of a text is given up."""


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """One mistake: where (0-based line, characters in that line) and what."""

    code: str
    message: str
    help: str | None
    line: int
    start: int
    end: int
    declared: tuple[str, ...] = ()
    """The path of the table that was declared before, for a duplicate header."""


def repaired(text: str) -> tuple[str, list[SyntaxProblem]]:
    """A text that is valid TOML, and the problems that were cut out of it."""
    text = text.replace("\ufeff", " ", 1) if text.startswith("\ufeff") else text
    problems: list[SyntaxProblem] = []
    while (complaint := _complaint(text)) is not None:
        if len(problems) == MOST:
            return _blank(text, 0, text.count("\n")), problems
        message, line, column = complaint
        first, last = _statement(text, message, line, column)
        problems.append(_problem(text, message, line, column, first))
        if (text := _blank(before := text, first, last)) == before:
            return _blank(text, 0, text.count("\n")), problems
    return text, problems


def _complaint(text: str) -> tuple[str, int, int] | None:
    """The judge's message with the 0-based line and column it gives."""
    import tomllib

    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        if found is None:
            lines = text.split("\n")
            return _END.sub("", str(error)), len(lines) - 1, len(lines[-1])
        return str(error)[: found.start()], int(found[1]) - 1, int(found[2]) - 1
    except RecursionError:
        return "Nested too deeply", 0, 0
    return None


_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)")
_END = re.compile(r" \(at end of document\)")
_HEADER = re.compile(r"\s*\[\[?\s*[A-Za-z_\"'][\w\s.\"'-]*(\]|$)")
_PAIR = re.compile(r"\s*([\w-]+|\"[^\"]*\"|'[^']*')(\s*\.\s*([\w-]+|\"[^\"]*\"|'[^']*'))*\s*=")


def _statement(text: str, message: str, line: int, column: int) -> tuple[int, int]:
    """The first and last line of the statement to blame for a complaint at a place."""
    lines = text.split("\n")
    if message.startswith("Nested"):
        return 0, len(lines) - 1
    first = line
    unfinished = message.startswith(("Unclosed", "Unterminated"))
    if message.startswith("Unterminated") and line == len(lines) - 1:
        first = _opening_quotes(lines)
    elif unfinished and not lines[line][:column].strip():
        first = line - 1
    while first > 0 and not _starts_statement(lines[first]) and not _stands_alone(message):
        first -= 1
    first = max(first, 0)
    if message.startswith("Cannot declare"):
        return first, _next(lines, first, _HEADER)
    if _HEADER.match(lines[first]):
        return first, _next(lines, first, _HEADER)
    return first, _next_statement(lines, first) if unfinished else line


def _stands_alone(message: str) -> bool:
    """Whether a complaint is about the very line it names, wherever statements begin."""
    return message.startswith(("Invalid statement", "Expected '='"))


def _opening_quotes(lines: list[str]) -> int:
    """The line of the last triple quote that nothing closes."""
    for i in range(len(lines) - 1, -1, -1):
        if _PAIR.match(lines[i]) and any(lines[i].count(q) % 2 for q in ('"""', "'''")):
            return i
    return len(lines) - 1


def _starts_statement(line: str) -> bool:
    return bool(_HEADER.match(line) or _PAIR.match(line))


def _next(lines: list[str], first: int, start: re.Pattern[str]) -> int:
    """The last line before the next one that matches."""
    following = (i for i in range(first + 1, len(lines)) if start.match(lines[i]))
    return next(following, len(lines)) - 1


def _next_statement(lines: list[str], first: int) -> int:
    return min(_next(lines, first, _HEADER), _next(lines, first, _PAIR))


def _blank(text: str, first: int, last: int) -> str:
    lines = text.split("\n")
    for i in range(first, last + 1):
        lines[i] = " " * len(lines[i])
    return "\n".join(lines)


def _problem(text: str, message: str, line: int, column: int, first: int) -> SyntaxProblem:
    lines = text.split("\n")
    content = lines[line].rstrip("\r")
    column = min(column, len(content))
    if message.startswith("Cannot declare"):
        path = tuple(re.findall(r"'((?:[^'\\]|\\.)*)'", message))
        start = len(content) - len(content.lstrip())
        return SyntaxProblem(
            "duplicate-key",
            f"the table `{'.'.join(path)}` is defined twice",
            "merge the two tables, or rename one",
            line,
            start,
            len(content.rstrip()),
            path,
        )
    if message.startswith(("Cannot overwrite", "Duplicate inline", "Cannot mutate")):
        key = _PAIR.match(content)
        name = content[: key.end() - 1].strip() if key else content.strip()
        start = len(content) - len(content.lstrip())
        return SyntaxProblem(
            "duplicate-key",
            f"the key `{name}` is defined twice",
            "keep one of the two definitions",
            line,
            start,
            start + len(name),
        )
    text_of, help_text = _WORDING.get(message, (message[:1].lower() + message[1:], None))
    if message.startswith(("Illegal character '\\n'", "Illegal character '\\r")):
        text_of, help_text = "the string is not closed on its line", 'add the closing `"`'
    if line > first and message.startswith("Unclosed"):
        help_text = f"{help_text or 'close it'}; it begins in line {first + 1}"
    end = column + len((content[column:].split() or [""])[0])
    return SyntaxProblem("toml-syntax", text_of, help_text, line, column, max(end, column + 1))


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
    "Unclosed array": ("expected `,` or `]` in the array", "close the array with `]`"),
    "Unclosed inline table": (
        "expected `,` or `}` in the inline table",
        "close the inline table with `}`",
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
