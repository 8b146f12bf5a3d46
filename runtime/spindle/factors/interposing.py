"""Standing between guests and the functions of the host: for mocks, and whoever looks on.

What a guest imports is linked to functions once, so whoever wants a say in them must be there
before: `Factors.interpose` replaces functions by others, which may ask the real ones or not.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from spindle.component.host import HostFunc, HostInterface, Later, may_block, over_memory

Interposer = Callable[[str, str, HostFunc], HostFunc]
"""Takes an interface, a function of it and the real one; gives what guests call instead.

Both take the task and lifted arguments and give what is lowered. The real one is never an
`async def`, but may answer `Later`; the one in its place may be either. It may answer `Later` if
the real one may, or if it is marked with `may_block`.
"""


def interposed(
    interfaces: Mapping[str, HostInterface], interposer: Interposer
) -> dict[str, HostInterface]:
    """Interfaces whose functions are those an interposer gives."""
    return {
        name: interface._replace(
            functions={
                func: _instead(function, interposer(name, func, _begun(function)))
                for func, function in interface.functions.items()
            }
        )
        for name, interface in interfaces.items()
    }


def _begun(function: HostFunc) -> HostFunc:
    """A host function that is no `async def`."""
    if not inspect.iscoroutinefunction(function):
        return function

    @may_block
    def begun(*args: object) -> Later:
        return Later(function(*args))

    return begun


def _instead(real: HostFunc, other: HostFunc) -> HostFunc:
    """What stands in a function's place is called as that is."""
    if inspect.iscoroutinefunction(real) or getattr(real, "may_block", False):
        may_block(other)
    if getattr(real, "over_memory", False):
        over_memory(other)
    return other


def observed(
    real: Callable[[], Any], ended: Callable[[Any], None], failed: Callable[[BaseException], None]
) -> Any:
    """The answer of a function, which may be `Later`; somebody is told how it ends."""
    try:
        result = real()
    except BaseException as error:
        failed(error)
        raise
    if type(result) is not Later:
        ended(result)
        return result

    async def later(coming: Awaitable[Any]) -> Any:
        try:
            answer = await coming
        except BaseException as error:
            failed(error)
            raise
        ended(answer)
        return answer

    return Later(later(result.awaitable))
