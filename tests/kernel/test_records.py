"""Applications and what they say of themselves, as tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import spindle
from spindle.client.answers import Difference
from spindle.door import App
from spindle_kernel.display.apps import app_bundle, records_bundle, stats_bundle
from spindle_kernel.showing import displays


@pytest.fixture(scope="module")
def app(application: Path) -> Iterator[App]:
    with spindle.open(application) as opened:
        opened.get("/hello")
        yield opened


def test_an_application(app: App) -> None:
    shown = app_bundle(app)
    assert shown["text/plain"].startswith(f"notebook 1.0.0: {app.url}\nEmbeddedApp ")
    assert f' href="{app.url}"' in shown["text/html"]
    assert "/hello" in shown["text/plain"]


def test_statistics(app: App) -> None:
    assert "/hello" in stats_bundle(app.stats())["text/plain"]


def test_lists_of_records_are_tables(app: App) -> None:
    show = displays(list)["builtins", "tuple"]
    for records in (app.routes(), app.components(), app.exchanges(), app.stats().routes):
        shown = show(records)
        assert "<table" in shown["text/html"]
        assert "hello" in shown["text/plain"]
    for other in ((), (1, 2), (app.routes()[0], 1), [None]):
        assert show(other) == {}


def test_what_is_in_them_is_text() -> None:
    hostile = "<script>alert(1)</script>\x1b[31m"
    shown = records_bundle([Difference("output", hostile, {"a": hostile}, None)])
    assert "<script" not in shown["text/html"]
    assert "\x1b" not in shown["text/html"] + shown["text/plain"]
    assert "after" not in shown["text/plain"]  # an empty column is left out
