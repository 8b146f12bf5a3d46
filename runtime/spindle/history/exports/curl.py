"""`curl` command lines."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import chain

from spindle.history.exports.request import Sent
from spindle.history.exports.shell import shell_word

_GLOB = frozenset("[]{}")


def curl_command(sent: Sent) -> str:
    """A command that sends a request; a body with NULs comes through a pipe."""
    words = ["curl", *_flags(sent), shell_word(sent.url)]
    lines = [" ".join(words), *_headers(sent)]
    piped = ""
    if 0 in sent.body:
        piped = f"printf %s {base64.b64encode(sent.body).decode()} | base64 -d |\n  "
        lines.append("--data-binary @-")
    elif sent.body:
        lines.append(f"--data-raw {shell_word(sent.body)}")
    return piped + " \\\n  ".join(lines)


def curl_commands(requests: list[Sent]) -> str:
    """Commands one after another, each under what must be said of it."""
    blocks = (_block(sent) for sent in requests)
    return "\n\n".join(blocks) + "\n"


def _block(sent: Sent) -> str:
    return "\n".join(chain((f"# {remark}" for remark in sent.remarks), [curl_command(sent)]))


def _flags(sent: Sent) -> Iterator[str]:
    if sent.method == "HEAD" and not sent.body:
        yield "--head"
    elif sent.method != ("POST" if sent.body else "GET"):
        yield f"-X {shell_word(sent.method)}"
    if _GLOB.intersection(sent.url):
        yield "--globoff"
    if "/." in sent.path:
        yield "--path-as-is"


def _headers(sent: Sent) -> Iterator[str]:
    for name, value in sent.headers:
        field = f"{name}: {value}" if value.strip(" \t") else f"{name};"
        yield f"-H {shell_word(field.encode('latin-1'))}"
    if sent.body and sent.header("content-type") is None:
        yield "-H content-type:"  # else curl says that it is a form
