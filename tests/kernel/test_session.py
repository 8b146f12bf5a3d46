from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spindle.errors import UserError
from spindle_kernel.cells import CellError
from spindle_kernel.session import NoApplication, Session, Unopened, arguments_of


@pytest.fixture
def namespace() -> dict[str, Any]:
    return {"word": "hello"}


@pytest.fixture
def session(namespace: dict[str, Any]) -> Iterator[Session]:
    made = Session(namespace, lambda expression: eval(expression, namespace))
    made.begin()
    yield made
    made.close()


def test_the_application_of_the_folder_is_opened_when_it_is_used(
    session: Session,
    namespace: dict[str, Any],
    application: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(application)
    assert isinstance(namespace["app"], Unopened)
    assert [result.status for result in session.run("GET /{{word}}")] == [200]
    app = namespace["app"]
    assert app.get("/hello").status == 200
    session.down()
    assert app.closed
    assert isinstance(namespace["app"], Unopened)
    assert namespace["app"].get("/hello").status == 200


def test_no_application(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoApplication, match="no application is open"):
        session.run("GET /")
    assert "%up" in repr(session._namespace["app"])


def test_an_application_opened_in_python(
    session: Session, namespace: dict[str, Any], application: Path
) -> None:
    import spindle

    with spindle.open(application) as app:
        namespace["app"] = app
        assert session.run("GET /hello")[0].text.startswith("hello")
    with pytest.raises(NoApplication, match="is closed"):
        session.run("GET /hello")


def test_live_cells_run_again(session: Session, application: Path) -> None:
    session.up(str(application))
    session.live["a"] = "GET /hello\n\n###\nGET /traps"
    assert [result.status for result in session.reload()] == [200, 500]


def test_what_stands_between_braces_fails(session: Session, application: Path) -> None:
    session.up(str(application))
    with pytest.raises(CellError, match="`1/0` cannot be evaluated: ZeroDivisionError"):
        session.run("GET /{{1/0}}")


def test_exchanges_as_a_table(session: Session, application: Path) -> None:
    pandas = pytest.importorskip("pandas")
    session.up(str(application))
    session.run("GET /hello")
    frame = session.exchanges("path:/hello")
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["status"])[:1] == [200]


def test_arguments() -> None:
    assert arguments_of("") == ("", {})
    assert arguments_of("'my app' --build --state-dir=x --n=3 --variables={'a':'b'}") == (
        "my app",
        {"build": True, "state_dir": "x", "n": 3, "variables": "{a:b}"},
    )
    with pytest.raises(UserError, match="one path too many"):
        arguments_of("a b")
    with pytest.raises(UserError, match="cannot be read"):
        arguments_of("'a")
