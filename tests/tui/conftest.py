"""What tests of the terminal interface may ask for."""

import time
from collections.abc import Iterator

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from tests.tui.stage import idle
from textual.widgets import Input, TextArea


class Picture(SingleFileSnapshotExtension):
    """One SVG file a picture; `pytest --snapshot-update` takes new ones: look at them."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT


@pytest.fixture(autouse=True)
def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for this process's loop after a key, not until the processor has nothing to do."""
    monkeypatch.setattr("textual.app.wait_for_idle", idle)
    monkeypatch.setattr("textual.pilot.wait_for_idle", idle)


@pytest.fixture
def picture(snapshot: SnapshotAssertion, utc: None, still_cursors: None) -> SnapshotAssertion:
    return snapshot.use_extension(Picture)


@pytest.fixture
def still_cursors(monkeypatch: pytest.MonkeyPatch) -> None:
    """No cursor blinks from the start: one that stops does so in either of its states."""
    for widget in (Input, TextArea):
        monkeypatch.setattr(widget.cursor_blink, "_default", False)


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same time of day everywhere."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()
