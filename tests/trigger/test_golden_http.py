"""Recorded requests get the recorded answers, but for the differences we know of."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.trigger.golden_http import KNOWN_DIFFERENCES, compare, recordings


@pytest.mark.parametrize("recording", recordings(), ids=lambda path: path.stem)
def test_recording(recording: Path) -> None:
    differing = {id: differences for id, differences in compare(recording) if differences}
    assert {id: d for id, d in differing.items() if id not in KNOWN_DIFFERENCES} == {}
