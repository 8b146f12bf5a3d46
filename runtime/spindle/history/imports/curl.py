"""`curl` command lines, such as browsers and documentation give them.

Spec: curl's manual page. What says how to connect or to print is passed over; files are not read.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from spindle.history.imports.reading import Imported, Json, Problem, request_document
from spindle.history.imports.shell_words import UnreadableShell, Words, commands_of

_LETTERS = {
    "X": "request", "H": "header", "d": "data", "G": "get", "I": "head", "u": "user",
    "A": "user-agent", "e": "referer", "b": "cookie", "F": "form", "T": "upload-file",
    "o": "output", "w": "write-out", "m": "max-time", "x": "proxy", "E": "cert", "c": "cookie-jar",
    "K": "config", "D": "dump-header", "r": "range", "C": "continue-at", "U": "proxy-user",
    "y": "speed-time", "Y": "speed-limit", "z": "time-cond", "t": "telnet-option", "Q": "quote",
    "P": "ftp-port", "h": "help",
}  # fmt: skip
"""Options of one letter that mean something here or have a value."""
_UNHEARD = (
    "cacert", "capath", "cert", "cert-type", "ciphers", "config", "connect-timeout", "connect-to",
    "continue-at", "cookie-jar", "dns-servers", "dump-header", "expect100-timeout", "ftp-port",
    "help", "interface", "keepalive-time", "key", "key-type", "limit-rate", "local-port",
    "max-redirs", "max-time", "output", "proxy", "proxy-header", "proxy-user", "quote", "resolve",
    "retry", "retry-delay", "retry-max-time", "speed-limit", "speed-time", "stderr",
    "telnet-option", "time-cond", "tls-max", "trace", "trace-ascii", "unix-socket", "write-out",
)  # fmt: skip
"""Options with a value that say nothing of the request."""
_VALUES = (
    "request", "url", "header", "user", "user-agent", "referer", "cookie", "range", "form",
    "form-string", "upload-file", "oauth2-bearer", "aws-sigv4",
)  # fmt: skip
"""Options with a value that say something of the request."""
_DATA = ("data", "data-ascii", "data-raw", "data-binary", "data-urlencode")
_METHODS = frozenset(("get", "head"))


@dataclass(slots=True)
class _Asked:
    """What a command asks for, as it is read."""

    method: str | None = None
    urls: list[str] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    form: str | None = "application/x-www-form-urlencoded"
    in_query: bool = False
    head: bool = False
    problems: list[str] = field(default_factory=list)


def read_curl(text: str) -> Imported:
    """The requests of `curl` commands; other commands are problems."""
    exchanges: list[Json] = []
    problems: list[Problem] = []
    try:
        for stdin, command in _piped(commands_of(text)):
            asked = _read(command.words, stdin)
            problems += (Problem(command.line, message) for message in asked.problems)
            for url in asked.urls:
                try:
                    exchanges.append(_document(asked, url))
                except ValueError as error:
                    problems.append(Problem(command.line, str(error)))
    except UnreadableShell as error:
        problems.append(Problem(error.line, str(error)))
    return Imported(tuple(exchanges), tuple(problems))


def _piped(commands: Iterator[Words]) -> Iterator[tuple[bytes | None, Words]]:
    """Commands with what is piped into them, as far as it stands in the text."""
    piped: bytes | None = None
    for command in commands:
        match command.words:
            case (b"printf", b"%s", data) if command.end == "|":
                piped = data
                continue
            case (b"base64", b"-d" | b"-D" | b"--decode") if command.end == "|" and piped:
                try:
                    piped = base64.b64decode(piped)
                except ValueError:
                    piped = None
                continue
        yield piped, command
        piped = None


def _read(words: tuple[bytes, ...], stdin: bytes | None) -> _Asked:
    asked = _Asked()
    if words[0].rpartition(b"/")[2] not in (b"curl", b"curl.exe"):
        asked.problems.append(f"`{_text(words[0])}` is not `curl`")
        return asked
    rest = iter(words[1:])
    for word in rest:
        if word.startswith(b"--") and len(word) > 2:
            _take(asked, _text(word[2:]), rest, stdin)
        elif word.startswith(b"-") and len(word) > 1:
            _take_letters(asked, word[1:], rest, stdin)
        else:
            asked.urls.append(_text(word))
    if not asked.urls:
        asked.problems.append("the command has no URL")
    return asked


def _take_letters(
    asked: _Asked, letters: bytes, rest: Iterator[bytes], stdin: bytes | None
) -> None:
    """Options of one letter each; the first that has a value takes what follows."""
    for at in range(len(letters)):
        name = _LETTERS.get(_text(letters[at : at + 1]))
        if name in _METHODS:
            _take(asked, name or "", rest, stdin)
        elif name is not None:
            value = letters[at + 1 :]
            _take(asked, name, iter([value]) if value else rest, stdin)
            return


def _take(asked: _Asked, name: str, rest: Iterator[bytes], stdin: bytes | None) -> None:
    """One option; takes its value, if it has one."""
    if name == "get":
        asked.in_query = True
    elif name == "head":
        asked.head = True
    elif name in (*_DATA, "json", *_UNHEARD, *_VALUES):
        value = next(rest, None)
        if value is None:
            asked.problems.append(f"`--{name}` lacks its value")
        elif name in _DATA or name == "json":
            _take_data(asked, name, value, stdin)
        elif name in _VALUES:
            _take_value(asked, name, value)


def _take_value(asked: _Asked, name: str, value: bytes) -> None:
    text = value.decode("latin-1") if name == "header" else _text(value)
    match name:
        case "request":
            asked.method = text
        case "url":
            asked.urls.append(text)
        case "header":
            _take_header(asked, text)
        case "user":
            credentials = base64.b64encode(value).decode()
            asked.headers.append(("authorization", f"Basic {credentials}"))
        case "cookie" if "=" not in text:
            asked.problems.append("cookies in files are not read")
        case "user-agent" | "referer" | "cookie":
            asked.headers.append((name, text))
        case "range":
            asked.headers.append(("range", f"bytes={text}"))
        case _:
            asked.problems.append(f"`--{name}` is not understood")


def _take_header(asked: _Asked, text: str) -> None:
    name, colon, value = text.partition(":")
    if text.startswith("@"):
        asked.problems.append("headers in files are not read")
    elif colon and not value.strip(" \t"):
        if name.lower() == "content-type":
            asked.form = None
    elif colon:
        asked.headers.append((name.strip(" \t"), value.strip(" \t")))
    elif text.endswith(";"):
        asked.headers.append((text[:-1].strip(" \t"), ""))


def _take_data(asked: _Asked, name: str, value: bytes, stdin: bytes | None) -> None:
    if name == "data-urlencode":
        value = _urlencoded(asked, value)
    elif value.startswith(b"@") and name != "data-raw":
        if value != b"@-" or stdin is None:
            asked.problems.append(f"the file `{_text(value[1:])}` is not read")
            return
        value = stdin
    if name == "json":
        asked.form = "application/json"
        asked.headers.append(("accept", "application/json"))
        asked.data[-1:] = [b"".join((*asked.data[-1:], value))]
        return
    asked.data.append(value)


def _urlencoded(asked: _Asked, value: bytes) -> bytes:
    name, equals, content = value.partition(b"=")
    if not equals:
        if b"@" in value:
            asked.problems.append("files are not read")
        return quote_plus(value).encode()
    return (name + b"=" if name else b"") + quote_plus(content).encode()


def _document(asked: _Asked, url: str) -> Json:
    body, headers = b"&".join(asked.data), list(asked.headers)
    if asked.in_query and body:
        url += ("&" if "?" in url else "?") + _text(body)
        body = b""
    named = {name.lower() for name, _ in headers}
    if asked.data and not asked.in_query and asked.form and "content-type" not in named:
        headers.append(("content-type", asked.form))
    usual = "HEAD" if asked.head else "POST" if asked.data and not asked.in_query else "GET"
    return request_document(asked.method or usual, url, headers, body)


def _text(word: bytes) -> str:
    return word.decode("utf-8", "replace")
