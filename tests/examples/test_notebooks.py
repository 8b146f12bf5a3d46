"""The notebooks among the examples do what they say."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from spindle_kernel.installing import install

NOTEBOOKS = Path(__file__).parents[2] / "examples" / "notebooks"

# The client leaves sockets to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def folder(guest: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of notebooks with its application built, and the kernel installed beside it."""
    made = guest("examples/notebooks/orders")
    folder = tmp_path / "notebooks"
    shutil.copytree(NOTEBOOKS, folder, ignore=shutil.ignore_patterns(".spin", "orders"))
    shutil.copytree(made, folder / "orders", ignore=shutil.ignore_patterns(".spin"))
    where = install(prefix=str(tmp_path / "prefix"))
    monkeypatch.setenv("JUPYTER_PATH", str(where.parent.parent))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    return folder


def executed(folder: Path, name: str) -> list[str]:
    """What each code cell shows in the end, as text and HTML."""
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]  # it has few types
    nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": folder}}
    ).execute()
    return [shown(cell) for cell in notebook.cells if cell.cell_type == "code"]


def shown(cell: Any) -> str:
    texts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            texts.append(output.text)
        elif not output.get("data", {}).get("text/plain", "").endswith("was shown as it came"):
            texts += map(str, output.get("data", {}).values())
    return "\n".join(texts)


def test_the_tour(folder: Path) -> None:
    cells = executed(folder, "tour")
    assert "→ 201" in cells[2]
    assert "an order of 3 tea" in cells[2]
    assert cells[3].startswith("(200, {'piece': 3.0}, ['open', ")
    assert cells[4] == "['tea']"
    assert cells[5] == "'text/html'"
    assert "<iframe" in cells[6]
    assert "names" in cells[7]
    assert "POST" in cells[8]


def test_composing(folder: Path) -> None:
    cells = executed(folder, "composing")
    assert "└─ imports" in cells[0]
    assert "its import `example:shop/rates#discount`, which nobody provides" in cells[1]
    assert cells[2].startswith("(20, [MockCall(function='discount', args=(10,), result=50)])")
    assert cells[3] == "[10, 900, 7000]"
    assert "parameter `amount`: expected u32, got int -1" in cells[4]
    assert "example:shop/rates#discount(100) = 7" in cells[5]
    assert "→ 404" in cells[7]


def test_debugging(folder: Path) -> None:
    cells = executed(folder, "debugging")
    assert "ZeroDivisionError" in cells[1]
    assert "order[&quot;price&quot;] / order[&quot;amount&quot;]" in cells[1]
    assert cells[2] == "'ZeroDivisionError: division by zero'"
    assert "the same as before" in cells[4]
    assert cells[5] == "{'piece': 4.5}"
    assert "curl" in cells[6]


def test_latency(folder: Path) -> None:
    cells = executed(folder, "latency")
    assert "p99" in cells[2]
    assert "p99" in cells[3]
    assert "/orders/tea" in cells[5]
