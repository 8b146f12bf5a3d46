"""`spindle lsp`: the language server, over standard input and output or a socket."""

from __future__ import annotations

import gc
import logging
import sys
from importlib.util import find_spec

import click

from spindle.errors import HostError

if find_spec("pygls") is None:
    # It is loaded late; that it is missing is said at once.
    raise ModuleNotFoundError("No module named 'pygls'", name="pygls")


@click.command(
    "lsp",
    help="Run the language server for spin.toml, over standard input and output.",
)
@click.option(
    "--tcp",
    metavar="[HOST:]PORT",
    help="Listen there for one client instead; without a host, on the loopback.",
)
@click.option("--log-file", type=click.Path(dir_okay=False), help="Where to write what goes on.")
@click.option("--stdio", is_flag=True, hidden=True, help="What it does without `--tcp`.")
def command(tcp: str | None, log_file: str | None, stdio: bool) -> int:
    """Serve until the client leaves."""
    # What is made while starting stays; looking through it for garbage only takes time.
    gc.disable()
    handler = logging.FileHandler(log_file) if log_file else logging.StreamHandler(sys.stderr)
    logging.basicConfig(handlers=[handler], level=logging.INFO if log_file else logging.ERROR)
    import asyncio

    from spindle_lsp.starting import load_protocol

    load_protocol(printable=log_file is not None)
    from spindle_lsp.streams import serve_stdio, serve_tcp

    try:
        return asyncio.run(serve_stdio() if tcp is None else serve_tcp(*_address(tcp)))
    except OSError as error:
        raise HostError(f"can't listen at `{tcp}`: {error.strerror or error}") from error


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter("write it like `2087` or `127.0.0.1:2087`", param_hint="--tcp")
    return host.strip("[]") or "127.0.0.1", int(port)
