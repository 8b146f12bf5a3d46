"""Testing applications with pytest: `pytest --spindle`.

    def test_greets(app):
        assert app.get("/Ada").text == "Hello, Ada!"

`plugin` is what pytest loads wherever Spindle is installed, and must stay light; `fixtures` is what
there is once somebody wants it.
"""
