"""Exchanges to keep."""

from spindle.exchange import Exchange, HttpInput, HttpOutput, Trap


def exchange_of(
    path: str = "/",
    *,
    status: int = 200,
    component: str = "api",
    body: bytes = b"Hello",
    log: bytes = b"",
    at: float | None = None,
    trap: str | None = None,
) -> Exchange:
    """A finished request; `at` are seconds since the epoch, now without them."""
    headers = ((b"host", b"a.test"), (b"cookie", b"a=b"))
    exchange = Exchange(
        "http", "/...", component, HttpInput("GET", "http", "a.test", path, headers)
    )
    if at is not None:
        exchange.id = f"{int(at * 1000):012x}{exchange.id[12:]}"
    response = exchange.output = HttpOutput(status, ((b"content-type", b"text/plain"),))
    response.body.add(body)
    exchange.mark("guest")
    if log:
        exchange.write("stdout", log)
    exchange.finish(None if trap is None else Trap(trap))
    return exchange
