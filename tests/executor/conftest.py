"""The host most tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.conftest import built
from tests.executor.harness import Running, serving


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """A guest of every kind: Python at the root, the others behind their names."""
    guests = {
        "root": built("python"),
        "javascript": built("javascript"),
        "rust-p2": built("rust-p2"),
        "rust-p3": built("rust-p3"),
        "text": built("wat/hello"),
        "traps": built("wat/traps"),
    }
    with serving(guests, wagi={"wagi": built("wagi")}) as running:
        yield running
