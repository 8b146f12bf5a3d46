from __future__ import annotations

import asyncio
from typing import Any

from spindle.component.host import HostFunc, HostFuncInst, HostInterface, Later, may_block
from spindle.factors.interposing import interposed


async def _slow(_task: Any, number: int) -> int:
    return number + 1


def _at_once(_task: Any, number: int) -> int:
    return number * 2


@may_block
def _maybe(_task: Any, number: int) -> Any:
    return number if number else Later(_slow(_task, 41))


INTERFACES = {"a:b/c": HostInterface({"slow": _slow, "at-once": _at_once, "maybe": _maybe})}


def test_real_functions_are_asked_and_their_answers_can_be_changed() -> None:
    seen: list[tuple[str, str, tuple[Any, ...]]] = []

    def looking_on(interface: str, func: str, real: HostFunc) -> HostFunc:
        def call(task: Any, *args: Any) -> Any:
            seen.append((interface, func, args))
            return real(task, *args)

        return call

    functions = interposed(INTERFACES, looking_on)["a:b/c"].functions
    assert functions["at-once"](None, 4) == 8
    later = functions["slow"](None, 4)
    assert isinstance(later, Later)
    assert asyncio.run(_wait(later)) == 5
    assert seen == [("a:b/c", "at-once", (4,)), ("a:b/c", "slow", (4,))]


def test_who_may_wait_may_still_wait() -> None:
    def nothing_changes(_interface: str, _func: str, real: HostFunc) -> HostFunc:
        return real

    def in_place(_interface: str, _func: str, _real: HostFunc) -> HostFunc:
        return lambda _task, number: number

    for interposer in (nothing_changes, in_place):
        functions = interposed(INTERFACES, interposer)["a:b/c"].functions
        blocking = {name: HostFuncInst(name, fn).blocking for name, fn in functions.items()}
        assert blocking == {"slow": True, "at-once": False, "maybe": True}


def test_what_stands_in_may_be_a_coroutine() -> None:
    def in_place(_interface: str, _func: str, _real: HostFunc) -> HostFunc:
        async def answer(_task: Any, number: int) -> int:
            return -number

        return answer

    function = interposed(INTERFACES, in_place)["a:b/c"].functions["at-once"]
    made = HostFuncInst("at-once", function)
    assert made.blocking
    assert asyncio.run(_wait(made.fn(None, 3))) == -3


async def _wait(later: Later) -> Any:
    return await later.awaitable
