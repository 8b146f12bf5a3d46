"""Which builds share what cargo compiles, and how much is kept of it."""

import os
import time
from pathlib import Path

import pytest

from spindle.dev.building import cargo
from spindle.dev.building.cargo import VARIABLE, cargo_variables

COMMAND = "cargo build --target wasm32-wasip2 --release"


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    made = tmp_path / "app" / "api"
    made.mkdir(parents=True)
    return made


@pytest.fixture(autouse=True)
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "spindle" / "cargo"


def asked(workdir: Path, command: str = COMMAND, **variables: str) -> str | None:
    """The build directory of a command, in an environment without others than these variables."""
    environment = {"CARGO_HOME": str(workdir.parents[1] / "home"), **variables}
    return cargo_variables(command, workdir, environment).get(VARIABLE)


@pytest.mark.parametrize(
    "command",
    [COMMAND, "cd api && RUSTFLAGS=-g cargo build", "/opt/rust/bin/cargo build", "x; cargo b"],
)
def test_cargo_shares_a_directory_of_the_cache(workdir: Path, shared: Path, command: str) -> None:
    assert asked(workdir, command) == str(shared / "1")
    assert (shared / "1").is_dir()


@pytest.mark.parametrize("command", ["npm run build", "echo cargo build", "make", "'"])
def test_others_are_told_nothing(workdir: Path, shared: Path, command: str) -> None:
    assert asked(workdir, command) is None
    assert not shared.exists()


@pytest.mark.parametrize(
    "name", ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR", "CI"]
)
def test_variables_of_the_person_hold(workdir: Path, name: str) -> None:
    assert asked(workdir, **{name: "x"}) is None
    assert asked(workdir, **{name: ""}) is not None


@pytest.mark.parametrize("place", ["app/api/.cargo", "app/.cargo", ".cargo", "home"])
@pytest.mark.parametrize("name", ["config.toml", "config"])
def test_cargos_configuration_holds(workdir: Path, tmp_path: Path, place: str, name: str) -> None:
    config = tmp_path / place / name
    config.parent.mkdir(exist_ok=True)
    config.write_text('[build]\ntarget-dir = "elsewhere"\n')
    assert asked(workdir) is None
    config.write_text("build.build-dir = 'elsewhere'\n")
    assert asked(workdir) is None
    for other in ("[build]\njobs = 1\n", "build = 1\n", "[build\n", "\xff"):
        config.write_text(other, encoding="latin-1")
        assert asked(workdir) is not None


@pytest.mark.parametrize("place", ["api", "."])
def test_what_was_compiled_by_hand_is_gone_on_with(workdir: Path, place: str) -> None:
    target = workdir.parent / place / "target"
    (target / "wasm32-wasip2" / "release").mkdir(parents=True)
    (target / "debug" / ".fingerprint").mkdir(parents=True)  # an editor's checks
    assert asked(workdir) is not None
    (target / "wasm32-wasip2" / "release" / ".fingerprint").mkdir()
    assert asked(workdir) is None


def test_a_cache_that_can_not_be_written_is_no_fault(workdir: Path, shared: Path) -> None:
    shared.parent.mkdir(parents=True)
    shared.write_text("a file")
    assert asked(workdir) is None


def test_what_is_too_large_gives_way_and_goes_when_unused(
    workdir: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cargo, "MOST_BYTES", 5)

    def a_day_later() -> None:
        for path in (shared / "tidied", *shared.iterdir()):
            os.utime(path, (time.time() - 90_000,) * 2)

    asked(workdir)
    (shared / "1" / "release").mkdir()
    (shared / "1" / "release" / "libserde.rlib").write_bytes(b"123456")
    assert asked(workdir) == str(shared / "1")  # looked at once a day
    a_day_later()
    assert asked(workdir) == str(shared / "2")
    assert (shared / "1").exists()
    (shared / "2" / "small").write_bytes(b"12345")
    a_day_later()
    os.utime(shared / "1")  # in use a moment ago
    assert asked(workdir) == str(shared / "2")
    assert (shared / "1").exists()
    a_day_later()
    assert asked(workdir) == str(shared / "2")
    assert not (shared / "1").exists()
