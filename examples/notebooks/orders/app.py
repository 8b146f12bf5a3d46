"""Orders over HTTP, kept in a key-value store.

`GET /orders` lists them, `POST /orders` adds one, `GET /orders/NAME` has the price of a piece;
that last one has a mistake for a notebook to find.
"""

# The SDK is among the component's tools, not among those of whoever checks this file.
# mypy: ignore-errors

import json

from spin_sdk import http, key_value
from spin_sdk.http import Request, Response


def answer(status: int, value: object) -> Response:
    """A response in JSON."""
    return Response(status, {"content-type": "application/json"}, json.dumps(value).encode())


class HttpHandler(http.Handler):
    """What Spin calls for each request."""

    async def handle_request(self, request: Request) -> Response:
        """Answer by method and path."""
        name = request.uri.partition("?")[0].removeprefix("/orders").strip("/")
        with await key_value.open_default() as store:
            if request.method == "POST":
                return await add(store, json.loads(request.body or b"{}"))
            return await (price_of(store, name) if name else everything(store))


async def add(store: key_value.Store, order: dict[str, object]) -> Response:
    """Keep an order."""
    print(f"an order of {order['amount']} {order['name']}")
    names = json.loads(await store.get("names") or b"[]")
    await store.set("names", json.dumps(sorted({*names, order["name"]})).encode())
    await store.set(str(order["name"]), json.dumps(order).encode())
    return answer(201, order)


async def everything(store: key_value.Store) -> Response:
    """The names of all orders."""
    return answer(200, json.loads(await store.get("names") or b"[]"))


async def price_of(store: key_value.Store, name: str) -> Response:
    """What one piece of an order costs."""
    order = json.loads(await store.get(name) or b"null")
    if order is None:
        return answer(404, {"error": "no such order"})
    return answer(200, {"piece": order["price"] / order["amount"]})
