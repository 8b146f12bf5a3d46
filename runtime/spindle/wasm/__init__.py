"""Reading WebAssembly binaries, core and component, without an engine.

`decoder.decode` gives a component as a tree of `definitions`; `validator.resolve` gives the tree's
index spaces and `types` meaning; `wit_binary.read_wit` finds worlds and packages, which
`wit.render_wit` prints; `modules.read_module` sums up a core module, `outline.read_outline` any
file. Importing this package imports none of them: a host with a cached plan needs the types only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spindle.wasm.files import WasmFile, look_at

__all__ = ["WasmFile", "look_at"]


def __getattr__(name: str) -> object:
    """What the front ends use is loaded when they do."""
    if name in __all__:
        from spindle.wasm import files

        return getattr(files, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
