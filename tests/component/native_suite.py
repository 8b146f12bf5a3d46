"""Scripts of components, each call made by wasmtime's component API as well.

    python -m tests.component.native_suite FOLDER

Whatever wasmtime can instantiate and call must give what ours gives, or trap where ours traps.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import wasmtime
import wasmtime.component as native
from tests.component.differential import equal, from_native, to_native
from tests.fuzz.oracle import native_engine

from spindle.component.component import Compiler
from spindle.component.core import Engine
from spindle.component.trap import Trap
from spindle.component.wast.commands import Define, Instantiate, Invoke
from spindle.component.wast.literals import value_of
from spindle.component.wast.runner import Runner, WrongOutcome

OWN_FAULT = "bug report"
"""What wasmtime asks for when it finds that it did something wrong."""

NativeInstance = tuple[wasmtime.Store, native.Instance]


class ComparingRunner(Runner):
    """Runs a script twice over, and counts what was compared."""

    def __init__(self, compiler: Compiler, counts: Counter[str]) -> None:
        super().__init__(compiler)
        self.counts = counts
        self._definitions: dict[str | None, bytes] = {}
        self._instances: dict[str | None, NativeInstance | None] = {}

    def define(self, command: Define) -> None:
        self._definitions[command.name] = self._definitions[None] = command.binary()
        super().define(command)

    def instantiate(self, command: Instantiate) -> None:
        super().instantiate(command)
        made = _instantiated(self._definitions[command.definition])
        self.counts["instances alike" if made else "instances of ours alone"] += 1
        self._instances[command.name] = self._instances[None] = made

    def invoke(self, command: Invoke) -> list[tuple[Any, Any]]:
        theirs = self._native_outcome(command)
        try:
            results = super().invoke(command)
        except Trap:
            if theirs is not None and theirs != "trap":
                raise WrongOutcome(f"traps, but gives {theirs} in wasmtime") from None
            self.counts["traps alike" if theirs else "traps of ours alone"] += 1
            raise
        if theirs is None:
            self.counts["calls of ours alone"] += 1
            return results
        ours = [value for value, _ in results]
        if theirs == "trap" or not equal(theirs, ours):
            raise WrongOutcome(f"gives {ours}, but {theirs} in wasmtime")
        self.counts["calls alike"] += 1
        return results

    def _native_outcome(self, command: Invoke) -> Any:
        """The results in a list, `trap`, or None for what wasmtime cannot call."""
        instance = self._instances.get(command.instance)
        if instance is None:
            return None
        store, exports = instance
        func = exports.get_func(store, command.function)
        ft = self.instances[command.instance].func(command.function).type
        if func is None or ft.is_async:
            return None
        types = [param.type for param in ft.params]
        try:
            args = [
                to_native(type, value_of(arg, type))
                for arg, type in zip(command.args, types, strict=True)
            ]
            result = func(store, *args)
            return [] if ft.result is None else [from_native(ft.result, result)]
        except AssertionError:  # a type that its API has no values of
            return None
        except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
            self._instances[command.instance] = None  # what trapped is not entered again
            return None if OWN_FAULT in str(error) else "trap"


def _instantiated(binary: bytes) -> NativeInstance | None:
    engine = native_engine()
    store = wasmtime.Store(engine)
    try:
        component = native.Component(engine, binary)
        return store, native.Linker(engine).instantiate(store, component)
    except (wasmtime.WasmtimeError, wasmtime.Trap):
        return None


def compare(folder: Path) -> tuple[Counter[str], list[str]]:
    """How often the two were alike, and where not."""
    compiler = Compiler(Engine(), None)
    counts: Counter[str] = Counter()
    problems: list[str] = []
    for path in sorted(folder.glob("**/*.wast")):
        for outcome in ComparingRunner(compiler, counts).run(path.read_text()):
            if outcome.problem and outcome.problem.endswith("in wasmtime"):
                problems.append(f"{path.relative_to(folder)}:{outcome.line} {outcome.problem}")
    return counts, problems


if __name__ == "__main__":
    counts, problems = compare(Path(sys.argv[1]))
    sys.stdout.writelines(f"{line}\n" for line in problems)
    sys.stdout.write(", ".join(f"{number} {word}" for word, number in counts.most_common()) + "\n")
    sys.exit(1 if problems else 0)
