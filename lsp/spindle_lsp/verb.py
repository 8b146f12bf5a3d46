"""`spindle lsp`: the language server, over standard input and output or a socket."""

from __future__ import annotations

import logging
import sys

import click


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
    handler = logging.FileHandler(log_file) if log_file else logging.StreamHandler(sys.stderr)
    logging.basicConfig(handlers=[handler], level=logging.INFO if log_file else logging.ERROR)
    from spindle_lsp.server import make_server

    server = make_server()
    if tcp is None:
        server.start_io()
    else:
        host, _, port = tcp.rpartition(":")
        if not port.isdigit():
            raise click.BadParameter("write it like `2087` or `127.0.0.1:2087`", param_hint="--tcp")
        server.start_tcp(host or "127.0.0.1", int(port))
    return 0
