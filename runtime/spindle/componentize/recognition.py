"""What a core module is that says nothing of a world, and what to do about it.

Spec: Spin's treatment of core modules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from spindle.componentize.imports import ComponentizeError
from spindle.componentize.names import REALLOCS
from spindle.wasm.module_world import Producers
from spindle.wasm.modules import ModuleSummary

_START = "_start"
_REBUILD = "build it again with a current SDK: `spindle new` shows how, language by language"
_BINDGEN = "wit-bindgen"
_SOUND_CLANG = (15, 0, 7)
"""Of wasi-sdk 19, the first after https://github.com/WebAssembly/wasi-libc/pull/377."""
_OLDEST = (0, 5)
"""The first version of wit-bindgen whose conventions hold today."""


def check_bindgen(producers: Iterable[Producers]) -> None:
    """Refuse modules of a bindings generator with other conventions; raises."""
    for of in producers:
        for name, version in of.get("processed-by", {}).items():
            numbers = re.match(r"(\d+)\.(\d+)", version)
            if not name.startswith(_BINDGEN) or numbers is None:
                continue
            if (int(numbers[1]), int(numbers[2])) < _OLDEST:
                raise ComponentizeError(
                    f"cannot adapt modules created with wit-bindgen version {version}",
                    hints=(_REBUILD,),
                )


def check_libc(producers: Producers) -> None:
    """Refuse commands whose C library has an allocator that corrupts memory; raises."""
    for name, version in producers.get("processed-by", {}).items():
        numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
        if name == "clang" and numbers and tuple(map(int, numbers.groups())) < _SOUND_CLANG:
            raise ComponentizeError(
                f"the module was made by clang {version.partition(' ')[0]}, whose C library may "
                "corrupt the module's memory",
                hints=("build it again with wasi-sdk 19 or later",),
            )


def explain(summary: ModuleSummary) -> ComponentizeError:
    """Why a module without a world cannot be run as a component."""
    exports = {export.name for export in summary.exports}
    if not exports.isdisjoint(REALLOCS):
        return ComponentizeError(
            "the module was made by a bindings generator that left no trace of its world: "
            "it has no section `component-type`",
            hints=("do not strip custom sections from it before it becomes a component", _REBUILD),
        )
    if _START in exports:
        return ComponentizeError(
            "the module is a command: it exports `_start` and no HTTP handler",
            hints=('say `executor = { type = "wagi" }` in its trigger to run it by each request',),
        )
    return ComponentizeError(
        "the module is a core module of no known kind: it has no section `component-type`, "
        "and exports neither `_start` nor a handler",
        hints=("make it a component, or build it with an SDK for Spin",),
    )
