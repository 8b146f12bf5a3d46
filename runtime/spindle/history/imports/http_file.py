"""`.http` files: requests as editors send them, separated by lines that begin with `###`.

    @host = localhost:3000
    ### say hello
    POST http://{{host}}/hello
    content-type: text/plain

    Ada

What stands between double braces is a variable of the file or of whoever reads it. Lines that begin
with `#` or `//` before a request are comments; a request line may be a URL alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from spindle.history.imports.reading import Imported, Json, Problem, request_document

Resolve = Callable[[str], str]
"""What stands between `{{` and `}}` to what stands for it; raises `LookupError` if nothing does."""

_NAME = re.compile(r"(?:#|//)\s*@name\s*[ =:]\s*(\S+)")
_SETTING = re.compile(r"@([A-Za-z_][\w.-]*)\s*=\s*(.*)")
_REQUEST = re.compile(
    r"(?:([A-Za-z!#$%&'*+.^_`|~0-9-]+)[ \t]+)?(\S.*?)(?:[ \t]+HTTP/[0-9.]+)?[ \t]*"
)
_HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+)[ \t]*:[ \t]*(.*?)[ \t]*")
_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_FILE = re.compile(r"<@?\w*[ \t]+\S")
_SCRIPT = re.compile(r"[<>][ \t]*(?:\{%|\S+\.js\b)|<>")
DEEPEST = 10
"""Variables within values of variables."""


class HttpText(NamedTuple):
    """One request of a file; places are lines from 0."""

    line: int
    """Of the request line."""
    name: str | None
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def document(self) -> Json:
        """It as an exchange document; raises `ValueError` if its URL is none of HTTP."""
        return request_document(self.method, self.url, self.headers, self.body.encode())


class Parsed(NamedTuple):
    """What was read of a file."""

    requests: tuple[HttpText, ...]
    problems: tuple[Problem, ...]


def read_http(text: str, variables: Mapping[str, str] | Resolve | None = None) -> Imported:
    """The requests of a file as exchange documents."""
    parsed = parse_http(text, variables)
    exchanges: list[Json] = []
    problems = list(parsed.problems)
    for request in parsed.requests:
        try:
            exchanges.append(request.document)
        except ValueError as error:
            problems.append(Problem(request.line, str(error)))
    return Imported(tuple(exchanges), tuple(problems))


def parse_http(text: str, variables: Mapping[str, str] | Resolve | None = None) -> Parsed:
    """The requests of a file, variables filled in; what there is no value for stays as it is."""
    problems: list[Problem] = []
    lines = text.replace("\r\n", "\n").split("\n")
    filling = _Filling(_settings(lines), variables, problems)
    requests = []
    for begin, end, title in _sections(lines):
        if (found := _parse(lines[begin:end], begin, title, filling, problems)) is not None:
            requests.append(found)
    return Parsed(tuple(requests), tuple(sorted(problems)))


class _Filling:
    """Puts values in place of variables."""

    def __init__(
        self,
        settings: Mapping[str, str],
        variables: Mapping[str, str] | Resolve | None,
        problems: list[Problem],
    ) -> None:
        self._settings = settings
        self._problems = problems
        self._resolve: Resolve
        if variables is None or isinstance(variables, Mapping):
            self._resolve = dict(variables or {}).__getitem__
        else:
            self._resolve = variables

    def fill(self, text: str, line: int, depth: int = 0) -> str:
        """A text with its variables filled in."""

        def value(hole: re.Match[str]) -> str:
            name = hole.group(1).strip()
            at = line + text.count("\n", 0, hole.start())
            if name in self._settings and depth < DEEPEST:
                return self.fill(self._settings[name], at, depth + 1)
            try:
                return self._resolve(name)
            except LookupError:
                self._problems.append(Problem(at, f"there is no variable `{name}`"))
                return hole.group()

        return _HOLE.sub(value, text)


def _settings(lines: list[str]) -> dict[str, str]:
    """The variables of the file: `@name = value`, before request lines."""
    found: dict[str, str] = {}
    within = False
    for line in lines:
        if line.startswith("###"):
            within = False
        elif not within and (setting := _SETTING.fullmatch(line.strip())):
            found[setting.group(1)] = setting.group(2).strip()
        elif line.strip() and not line.lstrip().startswith(("#", "//")):
            within = True
    return found


def _sections(lines: list[str]) -> Iterator[tuple[int, int, str | None]]:
    """Where requests begin and end, and what the line before says."""
    begin, title = 0, None
    for number, line in enumerate(lines):
        if line.startswith("###"):
            yield begin, number, title
            begin, title = number + 1, line.lstrip("#").strip() or None
    yield begin, len(lines), title


def _parse(
    lines: list[str], begin: int, title: str | None, filling: _Filling, problems: list[Problem]
) -> HttpText | None:
    """The request of a section; None if it has none."""
    at, name = 0, title
    while at < len(lines) and _is_before(lines[at].strip()):
        if named := _NAME.match(lines[at].strip()):
            name = named.group(1)
        at += 1
    if at == len(lines):
        return None
    start = at
    target, at = _request_line(lines, at)
    line = _REQUEST.fullmatch(filling.fill(target, begin + start))
    assert line is not None, "the line is not blank"
    headers, at = _headers(lines, at, begin, filling, problems)
    body = _body(lines[at + 1 :], begin + at + 1, problems)
    return HttpText(
        begin + start,
        name,
        (line.group(1) or "GET").upper(),
        line.group(2),
        headers,
        filling.fill(body, begin + at + 1),
    )


def _is_before(line: str) -> bool:
    return not line or line.startswith(("#", "//")) or _SETTING.fullmatch(line) is not None


def _request_line(lines: list[str], at: int) -> tuple[str, int]:
    """The request line with the lines that go on with its query, and what follows."""
    target = lines[at].strip()
    at += 1
    while at < len(lines) and lines[at][:1] in " \t" and lines[at].strip()[:1] in ("?", "&"):
        target += lines[at].strip()
        at += 1
    return target, at


def _headers(
    lines: list[str], at: int, begin: int, filling: _Filling, problems: list[Problem]
) -> tuple[tuple[tuple[str, str], ...], int]:
    """Header fields up to the blank line, and where that is."""
    headers: list[tuple[str, str]] = []
    while at < len(lines) and (line := lines[at].strip()):
        if not line.startswith(("#", "//")):
            field = _HEADER.fullmatch(filling.fill(line, begin + at))
            if field is None:
                problems.append(Problem(begin + at, f"`{line[:60]}` is no header: `name: value`"))
            else:
                headers.append((field.group(1), field.group(2)))
        at += 1
    return tuple(headers), at


def _body(lines: list[str], begin: int, problems: list[Problem]) -> str:
    """A body without the blank lines after it, and without what would do something."""
    kept: list[str] = []
    for number, line in enumerate(lines):
        if _SCRIPT.match(line):
            problems.append(Problem(begin + number, "scripts and redirections are not executed"))
            break
        if _FILE.match(line):
            problems.append(Problem(begin + number, f"files are not read: `{line.strip()[:60]}`"))
            continue
        kept.append(line)
    return "\n".join(kept).rstrip("\n \t")
