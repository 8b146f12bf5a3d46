"""The command line: one module a verb, imported when its verb is used."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command this process was started for, and exit with its code."""
    # Imported here, so that importing the package stays free for whoever only wants a part of it.
    from spindle.cli.root import run

    raise SystemExit(run())
