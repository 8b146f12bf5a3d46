"""Code for guests of every era that sends a request."""

from __future__ import annotations

import json

GUESTS = ("lab-python", "lab-python-2", "lab-javascript")


def asking(guest: str, url: str, method: str = "GET", body: str | None = None) -> str:
    """Code that sends a request and returns status and body."""
    if guest == "lab-javascript":
        settings = json.dumps({"method": method, "redirect": "manual", "body": body})
        return f"""
            const answer = await fetch({json.dumps(url)}, {settings});
            return [answer.status, new Uint8Array(await answer.arrayBuffer())];
        """
    data = None if body is None else body.encode()
    send = "await http.send" if guest == "lab-python" else "http.send"
    return f"""
        answer = {send}(Request({method!r}, {url!r}, {{}}, {data!r}))
        return [answer.status, answer.body]
    """
