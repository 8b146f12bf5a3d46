"""An application that is watched, as its tests see it."""

import http.client
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.cli.harness import Serving

PATIENCE = 30.0


class Live:
    """An application that is watched."""

    def __init__(self, root: Path, serving: Serving, patience: float = PATIENCE) -> None:
        self.root = root
        self.serving = serving
        self.patience = patience
        self.host = urlsplit(serving.base_url).netloc

    def get(self, path: str = "/") -> tuple[int, str, str | None]:
        """Status, text, and whether the build is said to be stale."""
        client = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        try:
            client.request("GET", path)
            answer = client.getresponse()
            return answer.status, answer.read().decode().strip(), answer.getheader("spindle-build")
        finally:
            client.close()

    def save(self, text: str) -> None:
        (self.root / "text.txt").write_text(text)

    def edit(self, change: Callable[[str], str]) -> None:
        manifest = self.root / "spin.toml"
        manifest.write_text(change(manifest.read_text()))

    def wait_for(self, wanted: tuple[int, str, str | None], path: str = "/") -> None:
        until = time.monotonic() + self.patience
        while (found := self.get(path)) != wanted:
            assert time.monotonic() < until, f"{path} answers {found}, not {wanted}"
            time.sleep(0.01)


def wait_until(holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until something is so."""
    until = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)
