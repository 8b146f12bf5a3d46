"""Giving a development build what it is to run: the door is `spindle:instant/sources`.

Such a build has an interpreter, and in the application's place a loader. It is given the sources
once for each instance, before anything else is asked of it; what it had to compile it gives back,
so that no other instance compiles it again.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from spindle.app import Sources
from spindle.component.trap import Trap
from spindle.errors import ComponentError, GuestError

if TYPE_CHECKING:
    from spindle.component.exports import Instance

INTERFACE = "spindle:instant/sources"
MOST_SLICES = 2000
"""Time slices that it may take to import an application: ten seconds of computing."""


class SourcesError(GuestError):
    """Sources can't be run; `output` is what the guest says of it."""

    code = "sources"

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


def given(instance: Instance, sources: Sources) -> Generator[None, None, None]:
    """Give a new instance its sources, in steps of a time slice; raises `SourcesError`."""
    try:
        failure, compiled = yield from _call(instance, sources)
        if failure:
            raise SourcesError(failure.strip().splitlines()[-1], failure)
    except (Trap, ComponentError) as error:
        instance.close()
        raise SourcesError(f"the sources can't be imported: {error}") from error
    except BaseException:
        instance.close()
        raise
    modules = {module.name: module for module in sources.modules}
    for name, code in compiled:
        if name in modules:
            sources.compiled[modules[name].key] = code


def _call(
    instance: Instance, sources: Sources
) -> Generator[None, None, tuple[str, list[tuple[str, bytes]]]]:
    modules = []
    for module in sources.modules:
        code = sources.compiled.get(module.key)
        content = module.source if code is None else code
        modules.append((module.name, module.path, module.is_package, code is not None, content))
    steps = instance.func(INTERFACE, "load").calling(sources.app, modules)
    for _ in range(MOST_SLICES):
        try:
            next(steps)
        except StopIteration as stop:
            answer: tuple[str, list[tuple[str, bytes]]] = stop.value
            break
        yield
    else:
        raise Trap("it takes longer than ten seconds")
    while not instance.store.idle and instance.store.run():
        yield
    return answer
