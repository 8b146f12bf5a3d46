"""Python that sends requests, with nothing but the standard library."""

from __future__ import annotations

from collections.abc import Iterator

from spindle.history.exports.request import Sent


def python_script(requests: list[Sent]) -> str:
    """A script that sends requests one after another and prints the answers."""
    sends = "\n\n\n".join("\n".join(_send(sent)) for sent in requests)
    return f"import http.client\n\n{sends}\n"


def _send(sent: Sent) -> Iterator[str]:
    for remark in sent.remarks:
        yield f"# {remark}"
    kind = "HTTPSConnection" if sent.scheme == "https" else "HTTPConnection"
    yield f"connection = http.client.{kind}({sent.authority!a})"
    names = [name.lower() for name, _ in sent.headers]
    if len(set(names)) < len(names):
        yield from _piecewise(sent)
    else:
        yield from _at_once(sent)
    yield "response = connection.getresponse()"
    yield 'print(response.status, response.read().decode("utf-8", "replace"))'
    yield "connection.close()"


def _at_once(sent: Sent) -> Iterator[str]:
    yield "connection.request("
    yield f"    {sent.method!a},"
    yield f"    {sent.path!a},"
    if sent.body:
        yield f"    body={sent.body!r},"
    if sent.headers:
        yield "    headers={"
        for name, value in sent.headers:
            yield f"        {name!a}: {value!a},"
        yield "    },"
    yield ")"


def _piecewise(sent: Sent) -> Iterator[str]:
    """Headers one by one, for a name may occur twice."""
    yield f"connection.putrequest({sent.method!a}, {sent.path!a}, skip_accept_encoding=True)"
    for name, value in sent.headers:
        yield f"connection.putheader({name!a}, {value!a})"
    if sent.body:
        yield f'connection.putheader("content-length", "{len(sent.body)}")'
    yield f"connection.endheaders({sent.body!r})" if sent.body else "connection.endheaders()"
