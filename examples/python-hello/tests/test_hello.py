"""Tests of the application: `pytest --spindle`."""


def test_greets_by_name(app):
    exchange = app.get("/Ada")
    assert exchange.status == 200
    assert exchange.text == "Hello, Ada!\n"
