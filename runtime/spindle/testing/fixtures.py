"""The fixture `app`, and saved exchanges as tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spindle.door import EmbeddedApp
from spindle.door import open as open_app
from spindle.door.cases import explained, run_file
from spindle.door.explaining import explanation
from spindle.errors import SpindleError

Open = Callable[[Path, dict[str, Any]], EmbeddedApp]


def _scope(fixture_name: str, config: pytest.Config) -> Any:
    scope = config.getini("spindle_scope")
    if scope not in ("session", "module"):
        raise pytest.UsageError(f"`spindle_scope` is `session` or `module`, not `{scope}`")
    return scope


@pytest.fixture(scope="session")
def spindle_flags() -> dict[str, Any]:
    """The flags of `spindle up` that the application is served with; to be overridden."""
    return {}


@pytest.fixture(scope=_scope)
def spindle_hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Call it with an application's path and flags to have it served; its state is temporary."""
    apps: dict[tuple[Path, str], EmbeddedApp] = {}

    def opened(path: Path, flags: dict[str, Any]) -> EmbeddedApp:
        key = path, repr(flags)
        if key not in apps:
            state = tmp_path_factory.mktemp("spindle")
            apps[key] = _opened(path, {"state_dir": str(state), **flags})
        return apps[key]

    yield opened
    for app in apps.values():
        app.close()


@pytest.fixture
def app(
    request: pytest.FixtureRequest, spindle_hosts: Open, spindle_flags: dict[str, Any]
) -> Iterator[EmbeddedApp]:
    """The application, served in this process; what a test mocks is undone after it.

    Its state is neither that of the application when it is run otherwise, nor that of another run.
    """
    flags = {"build": request.config.getoption("spindle_build"), **spindle_flags}
    served = spindle_hosts(_application(request.config, request.path), flags)
    yield served
    served.stop_mocks()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> None:
    """Have what helps with an error shown below it."""
    error = None if call.excinfo is None else call.excinfo.value
    if isinstance(error, SpindleError):
        for hint in error.hints:
            error.add_note(f"help: {hint}")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.name.endswith(".exchange.json"):
        file: pytest.Collector = CaseFile.from_parent(parent, path=file_path)
        return file
    return None


class CaseFile(pytest.File):
    """The file of one case."""

    def collect(self) -> Iterable[pytest.Item]:
        path = self.path

        def repeat(app: EmbeddedApp) -> None:
            outcome = run_file(app, path)
            if not outcome.passed:
                pytest.fail(explained(outcome), pytrace=False)

        name = path.name.removesuffix(".exchange.json")
        item: pytest.Function = pytest.Function.from_parent(self, name=name, callobj=repeat)
        yield item


def _opened(path: Path, flags: dict[str, Any]) -> EmbeddedApp:
    try:
        return open_app(path, **flags)
    except SpindleError as error:
        pytest.fail(f"`{path}` can't be served: {explanation(error)}", pytrace=False)


def _application(config: pytest.Config, test: Path) -> Path:
    """The application a test is about."""
    if given := config.getoption("spindle_app"):
        return Path(config.invocation_params.dir, given)
    if given := config.getini("spindle_app"):
        return Path((config.inipath or config.rootpath / "x").parent, given)
    for folder in test.parents:
        if (manifest := folder / "spin.toml").is_file():
            return manifest
    pytest.fail(
        f"no folder above {test} has a `spin.toml`: say `--spindle-app PATH`, "
        "or set `spindle_app` in pytest's configuration",
        pytrace=False,
    )
