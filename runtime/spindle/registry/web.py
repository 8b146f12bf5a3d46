"""Getting things over HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from spindle.errors import HostError

CHUNK = 1 << 18
TIMEOUT = (10.0, 60.0)
"""Seconds to wait for a connection, and for the next piece of an answer."""


def download(url: str) -> Iterator[bytes]:
    """The content behind a URL, in pieces; raises `HostError` when it can't be had."""
    import requests

    with explained(f"fetching {url}"):
        if not url.startswith(("https://", "http://")):
            raise requests.exceptions.InvalidSchema("it is no `http` or `https` URL")
        with requests.get(url, stream=True, timeout=TIMEOUT) as answer:
            answer.raise_for_status()
            yield from answer.iter_content(CHUNK)


@contextlib.contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn what a client raises into a sentence."""
    import requests

    try:
        yield
    except (requests.RequestException, ValueError) as error:
        hints = ("check the address, and that this machine reaches it",)
        raise HostError(f"{doing} fails: {_reason(error)}", hints=hints) from error


def _reason(error: Exception) -> str:
    import requests

    match error:
        case requests.HTTPError(response=requests.Response() as response):
            return f"the server answers {response.status_code} {response.reason}"
        case requests.Timeout():
            return "the server does not answer in time"
        case requests.exceptions.SSLError():
            return "the server's certificate is not trusted"
        case requests.ConnectionError():
            return "the server can't be reached"
        case _:
            return str(error)
