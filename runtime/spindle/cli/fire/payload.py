"""What a trigger is fired with: text, a file, or what comes on stdin."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

import click

LARGEST = 40 << 20
"""Bytes that fit a message to a running host."""


class PayloadType(click.ParamType[bytes, bytes]):
    """Bytes: text, `@FILE`, or `-` for stdin."""

    name = "payload"

    def convert(self, value: Any, param: Any, ctx: Any) -> bytes:
        if isinstance(value, bytes):
            return value
        payload = self._read(str(value), param, ctx)
        if len(payload) > LARGEST:
            self.fail(f"it has {len(payload)} bytes; {LARGEST} is the most", param, ctx)
        return payload

    def _read(self, value: str, param: Any, ctx: Any) -> bytes:
        if value == "-":
            return sys.stdin.buffer.read(LARGEST + 1)
        if not value.startswith("@"):
            return value.encode("utf-8", "surrogateescape")
        try:
            with Path(value[1:]).open("rb") as file:
                return file.read(LARGEST + 1)
        except OSError as error:
            self.fail(f"`{value[1:]}` can't be read: {error.strerror}", param, ctx)


PAYLOAD = PayloadType()


def document(payload: bytes) -> object:
    """A payload as the control endpoint takes it."""
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return {"encoding": "base64", "data": base64.b64encode(payload).decode()}
