"""Displays go by the names of classes, and classes are where the names say."""

from __future__ import annotations

import importlib
import subprocess
import sys

from spindle_kernel.showing import displays


def test_every_class_is_there() -> None:
    for module, name in displays(list):
        assert isinstance(getattr(importlib.import_module(module), name), type)


def test_a_start_imports_neither_host_nor_engine() -> None:
    code = "import sys, spindle_kernel.kernel; print([m for m in sys.modules if 'spindle.' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("spindle.door", "spindle.dev", "spindle.component", "spindle.history"):
        assert f"'{heavy}" not in done.stdout
