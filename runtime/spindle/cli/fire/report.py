"""What came of firing a trigger, for people: answers on stdout, what led to them on stderr."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from spindle.cli import render
from spindle.cli.trap_text import render_trap
from spindle.dev.console import has_color
from spindle.text import printable

Json = Mapping[str, Any]


def print_json(answer: Json) -> None:
    """The whole answer."""
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False))


def print_report(answer: Json, root: Path) -> None:
    """The answer in short; sources lie below `root`."""
    response = answer.get("response")
    if response is not None:
        _print_head(response)
    for exchange in answer["exchanges"]:
        _print_logs(exchange)
        if exchange["trap"] is not None:
            render.write(render_trap(exchange, root, color=has_color(sys.stderr)))
    if response is not None:
        _print_body(response)
        return
    for exchange in answer["exchanges"]:
        if exchange["trigger"]["type"] != "command":
            click.echo(_line(exchange))


def has_failed(answer: Json) -> bool:
    """Whether a guest failed, or said that it did."""
    response = answer.get("response")
    if response is not None and (response["status"] >= 500 or response["error"] is not None):
        return True
    return any(_outcome(exchange) != "ok" for exchange in answer["exchanges"])


def _outcome(exchange: Json) -> str:
    """`ok`, or what went wrong."""
    if exchange["trap"] is not None:
        return f"failed: {exchange['trap']['reason']}"
    output = exchange["output"]
    status = output.get("status") if exchange["trigger"]["type"] == "command" else 0
    return f"exit status {status}" if status else "ok"


def _line(exchange: Json) -> str:
    took = exchange["phases_us"].get("total", 0) / 1000
    first, *_ = _outcome(exchange).splitlines()
    return printable(f"{exchange['component']}: {first} ({took:.1f} ms)")


def _print_head(response: Json) -> None:
    render.write(render.paint("step", f"HTTP {response['status']}"))
    for name, value in response["headers"]:
        render.write(printable(f"{name}: {value}"))
    render.write("")


def _print_body(response: Json) -> None:
    body = response["body"]
    sys.stdout.flush()
    sys.stdout.buffer.write(_bytes(body))
    sys.stdout.buffer.flush()
    if body["kept"] < body["size"]:
        render.write_problem("warning", f"the body goes on after {body['kept']} bytes")
    if response["error"] is not None:
        render.write_problem("error", f"the body is cut short: {printable(response['error'])}")


def _bytes(body: Json) -> bytes:
    if body["encoding"] == "base64":
        return base64.b64decode(body["data"])
    return str(body["data"]).encode("utf-8", "surrogateescape")


def _print_logs(exchange: Json) -> None:
    is_command = exchange["trigger"]["type"] == "command"
    for line in exchange["logs"]:
        text = printable(line["text"], keep="\t", limit=1 << 16)
        if is_command and line["stream"] == "stdout":
            click.echo(line["text"])
        else:
            render.write(f"{render.paint('help', exchange['component'])} | {text}")
