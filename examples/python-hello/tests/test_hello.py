"""Tests of the application; run them with `pytest --spindle`."""

import pytest


@pytest.mark.parametrize(
    ("path", "name"), [("/", "world"), ("/Ada", "Ada"), ("/Gr%C3%A9goire", "Grégoire")]
)
def test_greets_whoever_the_path_names(app, path, name):
    exchange = app.get(path)
    assert exchange.status == 200
    assert exchange.text == f"Hello, {name}!\n"


def test_asks_nobody_to_do_so(app):
    exchange = app.get("/Ada")
    assert exchange.calls == []
    assert exchange.logs == []
