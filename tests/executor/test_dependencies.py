"""Components with dependencies and middleware, composed and served."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.conftest import built
from tests.executor.harness import Running, serving

from spindle.app import App, AppComponent, Dependency, HttpTrigger, LocalSource, Variable
from spindle.component.pages import tells_dirty_pages
from spindle.errors import SpindleError
from spindle.executor import Fixed, Policy
from spindle.routes import parse_route

LIBRARY = "guests:library"


def library(inherit: bool | tuple[str, ...] = False) -> Dependency:
    return Dependency(LIBRARY, LocalSource(built("library")), inherit=inherit)


def middleware(name: str, inherit: bool = False) -> Dependency:
    return Dependency(name, LocalSource(built("middleware")), inherit=inherit)


def application(*dependencies: Dependency, around: tuple[Dependency, ...] = ()) -> App:
    """The consumer at `/...` with these dependencies, and with middleware around it."""
    component = AppComponent(
        "root",
        LocalSource(built("consumer")),
        environment={"LEVEL": "7", "NAME": "ann"},
        variables={"greeting": "{{ word }}"},
        allowed_outbound_hosts=("http://self",),
        dependencies=dependencies,
    )
    trigger = HttpTrigger("t", "http", "root", middleware=around, route=parse_route("/..."))
    return App(
        "test",
        Path("/"),
        variables={"word": Variable("word", "hello")},
        components={"root": component},
        triggers=(trigger,),
    )


@pytest.fixture(scope="module")
def isolated() -> Iterator[Running]:
    """The consumer with a library that inherits nothing."""
    with serving(application(library())) as running:
        yield running


def test_a_dependency_is_called(isolated: Running) -> None:
    assert isolated.get("/shout/hi").text == "HI!"


def test_resources_live_in_the_dependency(isolated: Running) -> None:
    assert isolated.get("/count").text == "14 2 1"


def test_a_dependency_inherits_nothing(isolated: Running) -> None:
    assert isolated.get("/own/LEVEL").text == "7"
    assert isolated.get("/ask/environment/LEVEL").text == "environment variable not found"
    assert "Undefined" in isolated.get("/ask/variable/greeting").text
    assert "HttpRequestDenied" in isolated.get(f"/ask/get/127.0.0.1:{isolated.port}").text


def test_output_goes_to_the_component(isolated: Running) -> None:
    exchange = isolated.exchange_of(isolated.get("/say/x"))
    written = [(id_, stream, data) for id_, stream, data, of in isolated.output if of is exchange]
    assert {id_ for id_, _, _ in written} == {"root"}
    assert b"".join(data for _, stream, data in written if stream == "stdout") == (
        b"consumer out\nx out\n"
    )
    assert b"".join(data for _, stream, data in written if stream == "stderr") == b"x err\n"


def test_a_trap_in_a_dependency_is_the_components(isolated: Running) -> None:
    answer = isolated.get("/fail")
    assert answer.status == 500
    assert isolated.get("/shout/hi").text == "HI!"


def test_calls_say_which_dependency_made_them(isolated: Running) -> None:
    exchange = isolated.exchange_of(isolated.get("/ask/variable/greeting"))
    record = json.loads(json.dumps(exchange.to_json()))
    made = [(call["interface"], call["dependency"]) for call in record["calls"]]
    assert ("fermyon:spin/variables", LIBRARY) in made


def test_a_dependency_inherits_everything() -> None:
    with serving(application(library(inherit=True))) as running:
        assert running.get("/ask/environment/LEVEL").text == "7"
        assert running.get("/ask/variable/greeting").text == "hello"


def test_a_dependency_inherits_what_is_named() -> None:
    with serving(application(library(inherit=("variables",)))) as running:
        assert running.get("/ask/environment/LEVEL").text == "environment variable not found"
        assert running.get("/ask/variable/greeting").text == "hello"


def test_middleware_is_passed_from_the_outermost_in() -> None:
    around = (middleware("outer", inherit=True), middleware("inner"))
    with serving(application(library(), around=around)) as running:
        answer = running.get("/shout/hi")
        assert answer.text == "HI!"
        assert answer.headers["x-seen"] == "ann;nobody;"
        assert answer.headers["x-passed"] == "nobody;ann;"
        answer = running.get("/forbidden")
        assert (answer.status, answer.text) == (403, "not here")
        assert answer.headers["x-passed"] == "ann;"


def test_middleware_without_dependencies() -> None:
    with serving(_around("python", middleware("m"))) as running:
        answer = running.get("/hello")
        assert answer.status == 200
        assert answer.headers["x-passed"] == "nobody;"


def test_a_body_passes_middleware() -> None:
    body = bytes(range(256)) * 4096
    with serving(_around("service", middleware("outer"), middleware("inner"))) as running:
        assert running.request("POST", "/echo", body).body == body


def _around(guest: str, *around: Dependency) -> App:
    component = AppComponent("root", LocalSource(built(guest)))
    trigger = HttpTrigger("t", "http", "root", middleware=around, route=parse_route("/..."))
    return App("test", Path("/"), components={"root": component}, triggers=(trigger,))


@contextmanager
def alone(app: App) -> Iterator[Running]:
    """Served by instances that take one request each."""
    with serving(app, Policy(reuse_count=Fixed(1), idle_timeout=Fixed(30))) as running:
        yield running


@pytest.mark.skipif(not tells_dirty_pages(), reason="restoring needs Linux 6.7")
def test_restored_instances_keep_grants_apart() -> None:
    with alone(application(library(inherit=("variables",)))) as running:
        for _ in range(6):
            assert running.get("/ask/environment/LEVEL").text == "environment variable not found"
            assert running.get("/ask/variable/greeting").text == "hello"
            assert running.get("/own/LEVEL").text == "7"
            assert running.get("/count").text == "14 2 1"


# What doesn't fit.


@pytest.mark.parametrize(
    ("dependencies", "message"),
    [
        ((Dependency("other:package", LocalSource(built("library"))),), "doesn't match any import"),
        ((library(), library()._replace(name=f"{LIBRARY}/text")), "more than one"),
        ((library()._replace(name=f"{LIBRARY}/text", export="nothing"),), "doesn't export"),
        (
            (library()._replace(name=f"{LIBRARY}/text", export=f"{LIBRARY}/counters@1.2.0"),),
            "does not fit",
        ),
        ((library()._replace(source=LocalSource(Path(__file__))),), f"dependency `{LIBRARY}`"),
    ],
)
def test_what_does_not_fit_is_said(dependencies: tuple[Dependency, ...], message: str) -> None:
    with pytest.raises(SpindleError, match=message), serving(application(*dependencies)):
        pass


def test_a_missing_dependency_says_what_to_compose() -> None:
    with pytest.raises(SpindleError, match="guests:library") as raised, serving(application()):
        pass
    assert any("compose" in hint for hint in raised.value.hints)


@pytest.mark.parametrize("guest", ["javascript", "rust-p2"])
def test_middleware_needs_the_current_handler(guest: str) -> None:
    with (
        pytest.raises(SpindleError, match=r"doesn't export `wasi:http/handler@0\.3\.0`"),
        serving(_around(guest, middleware("m"))),
    ):
        pass


def test_middleware_must_call_a_handler() -> None:
    service = Dependency("m", LocalSource(built("wat/hello")))
    with (
        pytest.raises(SpindleError, match=r"doesn't import `wasi:http/handler@0\.3\.0`"),
        serving(_around("service", service)),
    ):
        pass
