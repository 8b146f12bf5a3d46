"""Spindle hosts Spin applications: WebAssembly components served, seen and touched locally.

    app = spindle.open("examples/python-hello")

Importing this package imports nothing else; `open`, `attach` and `component` are fetched from
`spindle.door` when they are used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spindle.door import attach, component, open

__version__ = "0.1.0"

_DOOR = ("attach", "component", "open")


def __getattr__(name: str) -> Any:
    if name not in _DOOR:
        raise AttributeError(f"module `spindle` has no attribute `{name}`")
    import importlib

    return getattr(importlib.import_module("spindle.door"), name)


__all__ = ["__version__", "attach", "component", "open"]
