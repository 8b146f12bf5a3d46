"""Code that a served laboratory runs: see `tests/labs.py`."""

import http.client
import json
from contextlib import closing
from typing import Any


def ask(port: int, code: str) -> Any:
    """What code returns that the guest of a host on that port runs."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        connection.request("POST", "/", code.encode())
        response = connection.getresponse()
        body = response.read()
    if response.status != 200:
        raise SystemExit(f"a guest failed: {response.status} {body.decode(errors='replace')}")
    return json.loads(body)
