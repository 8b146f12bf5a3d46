"""WASI 0.2 as its release candidates of October and November 2023 had it.

Components that were built against them are still about. `2023-11-10` is 0.2 but for a few names;
what `2023-10-18` has otherwise is adapted here to the one implementation, for `io`, `clocks` and
`filesystem`, and for `http` and `sockets` beside theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spindle.component.host import HostFunc, HostInterface
from spindle.component.trap import trap
from spindle.component.values import Err
from spindle.factors.wasi import cli, clocks, random
from spindle.factors.wasi.filesystem import interface as filesystem
from spindle.factors.wasi.http import candidates as http
from spindle.factors.wasi.io.interface import ERROR, INTERFACES, STREAMS
from spindle.factors.wasi.io.poll import POLL
from spindle.factors.wasi.sockets import candidates as sockets

_POLL = HostInterface(
    {"poll-list": POLL.functions["poll"], "poll-one": POLL.functions["[method]pollable.block"]},
    POLL.resources,
)


def _forward(_task: Any, _out: Any, _source: Any) -> None:
    trap("the guest called `output-stream.forward`, which no version of WASI has any more")


_STREAMS = HostInterface(
    {**STREAMS.functions, **ERROR.functions, "[method]output-stream.forward": _forward},
    {**STREAMS.resources, **ERROR.resources},
)


def _subscribe(task: Any, when: int, absolute: bool) -> Any:
    functions = clocks.INTERFACES_0_2["monotonic-clock"].functions
    kind = "subscribe-instant" if absolute else "subscribe-duration"
    return functions[kind](task, when)


_CLOCKS = {
    **clocks.INTERFACES_0_2,
    "monotonic-clock": HostInterface(
        {**clocks.INTERFACES_0_2["monotonic-clock"].functions, "subscribe": _subscribe}
    ),
}

_FILES = filesystem.INTERFACES_0_2["types"]
_NO_LONGER = (
    "access-at",
    "change-directory-permissions-at",
    "change-file-permissions-at",
    "lock-exclusive",
    "lock-shared",
    "try-lock-exclusive",
    "try-lock-shared",
    "unlock",
)
"""Methods of `descriptor` that did not make it into WASI 0.2."""


def _unsupported(_task: Any, *_args: Any) -> Err:
    return Err("unsupported")


def _open_at(task: Any, *args: Any) -> Any:
    """As in 0.2, where a new file's permissions are no longer the guest's affair."""
    return _FILES.functions["[method]descriptor.open-at"](task, *args[:-1])


_METHODS: dict[str, HostFunc] = {**dict.fromkeys(_NO_LONGER, _unsupported), "open-at": _open_at}

_FILESYSTEM = {
    **filesystem.INTERFACES_0_2,
    "types": HostInterface(
        {**_FILES.functions, **{f"[method]descriptor.{name}": f for name, f in _METHODS.items()}},
        _FILES.resources,
    ),
}

_SAME = {"cli": cli.INTERFACES_0_2, "random": random.INTERFACES_0_2}

PACKAGES_2023_11_10: Mapping[str, Mapping[str, HostInterface]] = {
    **_SAME,
    "clocks": clocks.INTERFACES_0_2,
    "filesystem": filesystem.INTERFACES_0_2,
    "http": http.INTERFACES_2023_11_10,
    "io": INTERFACES,
    "sockets": sockets.INTERFACES_2023_11_10,
}
PACKAGES_2023_10_18: Mapping[str, Mapping[str, HostInterface]] = {
    **_SAME,
    "clocks": _CLOCKS,
    "filesystem": _FILESYSTEM,
    "http": http.INTERFACES_2023_10_18,
    "io": {"poll": _POLL, "streams": _STREAMS},
    "sockets": sockets.INTERFACES_2023_10_18,
}
