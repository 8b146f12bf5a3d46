from pathlib import Path

import pytest

from spindle.dev.logs import GuestLogs, UnknownFollowed
from spindle.errors import HostError
from spindle.events import Bus, EventKind, LogLine
from spindle.exchange import Exchange


class Echo(list[bytes]):
    def __call__(self, component: str, stream: str, data: bytes, of: Exchange | None) -> None:
        self.append(data)


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_files_exist_from_a_components_first_request_on_and_are_appended_to(
    tmp_path: Path,
) -> None:
    log_dir = tmp_path / ".spin" / "logs"
    for _ in range(2):
        logs = GuestLogs(log_dir, Bus(), echo=Echo())
        logs.prepare(["a", "b"])
        logs.open("a")
        logs.write("a", "stdout", b"no newline")
        logs.close()
    assert contents(log_dir) == {"a_stdout.txt": b"no newline" * 2, "a_stderr.txt": b""}


def test_truncating_empties_log_files_and_nothing_else(tmp_path: Path) -> None:
    for name in ("a_stdout.txt", "gone_stderr.txt", "notes.txt"):
        (tmp_path / name).write_text("old")
    logs = GuestLogs(tmp_path, Bus(), echo=Echo())
    logs.prepare(["a"], truncate=True)
    expected = {"a_stdout.txt": b"", "gone_stderr.txt": b"", "notes.txt": b"old"}
    assert contents(tmp_path) == expected


@pytest.mark.parametrize("log_dir", [True, False])
@pytest.mark.parametrize(
    ("quiet", "follow", "shown"),
    [(False, (), [b"a", b"b"]), (True, (), []), (False, ("b",), [b"b"])],
)
def test_what_the_terminal_shows(
    tmp_path: Path, log_dir: bool, quiet: bool, follow: tuple[str, ...], shown: list[bytes]
) -> None:
    echo = Echo()
    logs = GuestLogs(tmp_path if log_dir else None, Bus(), quiet=quiet, follow=follow, echo=echo)
    logs.prepare(["a", "b"])
    for component in ("a", "b"):
        logs.write(component, "stderr", component.encode())
    logs.close()
    assert echo == shown
    assert len(contents(tmp_path)) == (4 if log_dir else 0)


def test_a_write_is_told_to_the_bus_and_to_its_exchange(tmp_path: Path) -> None:
    bus = Bus()
    subscription = bus.subscribe({EventKind.LOG})
    exchange = Exchange("http", "/", "a")
    logs = GuestLogs(None, bus, quiet=True)
    logs.write("a", "stdout", b"one\n", exchange)
    event = subscription.get_nowait()
    assert event is not None
    assert event.data == LogLine("a", exchange.id, "stdout", "one\n")
    assert [line.data for line in exchange.log_lines()] == [b"one"]


def test_following_an_unknown_component_names_those_there_are() -> None:
    logs = GuestLogs(None, Bus(), follow=["nope"])
    with pytest.raises(UnknownFollowed, match="`nope`") as refused:
        logs.prepare(["a", "b"])
    assert refused.value.hints == ("the application has: `a`, `b`",)


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="can't be made"):
        GuestLogs(tmp_path / "file" / "logs", Bus()).prepare([])


def test_a_component_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    logs = GuestLogs(tmp_path / "logs", Bus(), echo=Echo())
    logs.prepare([])
    logs.write("../../a", "stdout", b"x")
    logs.close()
    assert sorted(contents(tmp_path / "logs")) == ["....a_stderr.txt", "....a_stdout.txt"]
