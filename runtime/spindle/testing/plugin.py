"""What pytest always loads: options, and the rest if one of them asks for it."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("spindle", "Spin applications")
    group.addoption(
        "--spindle",
        action="store_true",
        help="Offer the fixture `app`, and run `*.exchange.json` as tests.",
    )
    group.addoption(
        "--spindle-app",
        metavar="PATH",
        help="The application: a manifest, a folder or a wasm file. "
        "[default: the nearest spin.toml above each test]",
    )
    group.addoption(
        "--spindle-build", action="store_true", help="Build the application before it is tested."
    )
    parser.addini("spindle_app", "The application, as `--spindle-app`; turns `--spindle` on.")
    parser.addini(
        "spindle_scope",
        "How long a host lives: `session` or `module`.",
        default="session",
    )


def pytest_configure(config: pytest.Config) -> None:
    if (
        config.getoption("spindle")
        or config.getoption("spindle_app")
        or config.getini("spindle_app")
    ):
        from spindle.testing import fixtures  # only here: it is not light

        config.pluginmanager.register(fixtures, "spindle-fixtures")
