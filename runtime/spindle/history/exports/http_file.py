"""`.http` files, which editors and notebooks send requests from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spindle.history.exports.request import Sent, text_of

_DOES_SOMETHING = re.compile(r"(?m)\{\{|^[ \t]*(?:#{3}|<@?\w*[ \t]|<>|>)")
"""What in a body is no text to those who read such files: they fill in, split, include, execute."""


def http_text(requests: list[Sent]) -> str:
    """A file of requests."""
    return "\n\n".join("\n".join(_lines(sent)) for sent in requests) + "\n"


def _lines(sent: Sent) -> Iterator[str]:
    yield f"### {sent.method} {sent.path}"
    body, headers = text_of(sent.body), [*map(_field, sent.headers)]
    for remark in sent.remarks:
        yield f"# {remark}"
    if any(field is None for field in headers):
        yield "# headers are left out that such a file can't say"
    if body is None or _DOES_SOMETHING.search(body) or body != body.rstrip("\n \t"):
        yield f"# the body of {len(sent.body):,} bytes is left out, for such a file can't say it"
        body = ""
    yield f"{sent.method} {sent.url}"
    yield from (field for field in headers if field is not None)
    if body:
        yield ""
        yield body


def _field(header: tuple[str, str]) -> str | None:
    """A header's line; None if it can't be said."""
    name, value = header
    if "{{" in value or not value.isascii() or not value.isprintable():
        return None
    return f"{name}: {value}"
