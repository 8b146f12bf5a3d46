"""What guests may take of the host: every limit there is, as data.

A limit has one name everywhere: the field here, the key in `[application.tool.spindle]` and
`[component.<id>.tool.spindle]`, and, with hyphens, the flag of `spindle up`. The reference page
`docs/reference/limits.md` says of each what happens beyond it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

UNLIMITED = 1 << 62
"""More than there can be of anything that is counted."""

NONE = "none"
"""How a person says that there is no limit."""


class Limits(NamedTuple):
    """The limits of one component; the defaults are far above what honest guests need."""

    max_cpu_time: float = 60.0
    """Seconds of computing for one request, and for the start of one instance."""
    request_timeout: float = math.inf
    """Seconds until a request without a whole response fails."""
    max_instance_memory: int = 1 << 30
    """Bytes of all linear memories of an instance together."""
    max_table_elements: int = 1_000_000
    """Elements of each table."""
    max_tables: int = 1000
    max_memories: int = 100
    max_core_instances: int = 1000
    max_component_instances: int = 1000
    max_handles: int = 1 << 17
    """Handles of each component instance: resources, streams, futures, subtasks and the like."""
    max_threads: int = 1000
    """Suspended stacks of an instance; each takes mappings of which a process has 65,000."""
    max_open_files: int = 256
    """Files, directories and sockets an instance has open: descriptors of the host's process."""
    max_buffered_bytes: int = 128 << 20
    """Bytes of a request to, or of a response of, a guest that takes and gives them whole."""
    max_instances: int = 1000
    """Instances of one component that live at the same time; requests beyond wait."""
    max_queued_requests: int = 1000
    """Requests that wait for an instance of one component."""
    max_log_line: int = 64 << 10
    """Bytes of a line that a guest prints."""
    max_log_rate: int = 10 << 20
    """Bytes a component prints in a second."""


class HostLimits(NamedTuple):
    """The limits of all components together."""

    max_requests: int = 10_000
    """Requests that are under way in the whole host."""
    max_chain_depth: int = 100
    """Requests of guests to one another of which each led to the next."""
    max_events: int = 32
    """Messages and other events that the triggers of one type are handling at the same time."""


DEFAULT = Limits()


class Kind(NamedTuple):
    """What a limit counts, and how a person writes it."""

    metavar: str
    expected: str
    """What a wrong value should have been."""
    parse: Callable[[str], float]
    """Reads what a person wrote as text; raises `ValueError`."""
    unlimited: float


class Limit(NamedTuple):
    """What a command line and a checker know of one limit."""

    kind: Kind
    help: str
    envvar: str | None = None


_SECONDS = {"": 1.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "μs": 1e-6, "ns": 1e-9}
_BYTES = {
    "": 1,
    "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
    "KB": 10**3, "MB": 10**6, "GB": 10**9,
}  # fmt: skip


def parse_duration(text: str) -> float:
    """Seconds from a whole number with a unit; no unit means seconds."""
    match = re.fullmatch(r"\+?([0-9]+)(s|ms|us|μs|ns|)", text)
    if match is None:
        units = "`s`, `ms`, `us`, `μs` or `ns`"
        raise ValueError(f"expected a whole number, with {units} after it or not, or a range")
    return int(match[1]) * _SECONDS[match[2]]


def _parse_size(text: str) -> int:
    match = re.fullmatch(r"\+?([0-9]+) ?([KMG]i?B|)", text)
    if match is None:
        raise ValueError(f"expected {SIZE.expected}")
    return int(match[1]) * _BYTES[match[2]]


def _parse_count(text: str) -> int:
    if not re.fullmatch(r"\+?[0-9]+", text):
        raise ValueError(f"expected {COUNT.expected}")
    return int(text)


def _parse_time(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError:
        raise ValueError(f"expected {TIME.expected}") from None


COUNT = Kind("N", "a whole number, or `none`", _parse_count, UNLIMITED)
SIZE = Kind("BYTES", "bytes, such as 65536, `64KiB` or `1GiB`, or `none`", _parse_size, UNLIMITED)
TIME = Kind("TIME", "a time, such as 5, `5s` or `100ms`, or `none`", _parse_time, math.inf)

LIMITS: Mapping[str, Limit] = {
    "max_cpu_time": Limit(TIME, "How long a guest may compute for one request."),
    "request_timeout": Limit(TIME, "How long a request may take."),
    "max_instance_memory": Limit(
        SIZE, "The most memory an instance may have.", "SPIN_MAX_INSTANCE_MEMORY"
    ),
    "max_table_elements": Limit(COUNT, "Elements each of its tables may have."),
    "max_tables": Limit(COUNT, "Tables an instance may have."),
    "max_memories": Limit(COUNT, "Linear memories an instance may have."),
    "max_core_instances": Limit(COUNT, "Core instances an instance may consist of."),
    "max_component_instances": Limit(COUNT, "Component instances it may consist of."),
    "max_handles": Limit(COUNT, "Handles it may hold: resources, streams, tasks."),
    "max_threads": Limit(COUNT, "Threads of an instance that may be suspended."),
    "max_open_files": Limit(COUNT, "Files and sockets an instance may have open."),
    "max_buffered_bytes": Limit(SIZE, "Bytes of a body that the host holds whole."),
    "max_instances": Limit(COUNT, "Instances of a component that may live at once."),
    "max_queued_requests": Limit(COUNT, "Requests that may wait for an instance."),
    "max_log_line": Limit(SIZE, "The longest line a guest may print."),
    "max_log_rate": Limit(SIZE, "What a component may print in a second."),
}
"""What there is to say of each field of `Limits`."""

HOST_LIMITS: Mapping[str, Limit] = {
    "max_requests": Limit(COUNT, "Requests the whole host works on at once."),
    "max_chain_depth": Limit(COUNT, "Requests of guests to one another, each leading to the next."),
    "max_events": Limit(COUNT, "Messages and other events handled at once; others wait."),
}
"""The same for `HostLimits`; their keys are the application's alone."""

ALL_LIMITS = {**LIMITS, **HOST_LIMITS}


def read_limit(name: str, value: object) -> float:
    """A limit as a person gave it, text or number; raises `ValueError` with what was expected."""
    kind = ALL_LIMITS[name].kind
    if value == NONE:
        return kind.unlimited
    if isinstance(value, str):
        return kind.parse(value)
    numbers = (int, float) if kind is TIME else (int,)
    if not isinstance(value, numbers) or isinstance(value, bool) or not value >= 0:
        raise ValueError(f"expected {kind.expected}")
    return value


def limits_of(*settings: Mapping[str, Any], base: Limits = DEFAULT) -> Limits:
    """The limits that settings set, later ones over earlier; whatever else they say is no limit.

    Raises `ValueError`; values in a manifest have been checked before.
    """
    return base._replace(**_read(LIMITS, settings))


def host_limits_of(*settings: Mapping[str, Any]) -> HostLimits:
    """The same for the whole host."""
    return HostLimits()._replace(**_read(HOST_LIMITS, settings))


def _read(known: Mapping[str, Limit], settings: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    return {
        name: read_limit(name, value)
        for each in settings
        for name, value in each.items()
        if name in known
    }


def size_text(size: float) -> str:
    """A number of bytes as people write it."""
    for unit in ("GiB", "MiB", "KiB"):
        if size >= _BYTES[unit] and size % _BYTES[unit] == 0:
            return f"{int(size) // _BYTES[unit]} {unit}"
    return f"{int(size)} bytes"


def flag_of(name: str) -> str:
    """The flag of `spindle up` that sets a limit."""
    return "--" + name.replace("_", "-")


def shown(kind: Kind, limit: float) -> str:
    """A limit as people read it."""
    if limit == kind.unlimited:
        return NONE
    return size_text(limit) if kind is SIZE else f"{limit:g}s" if kind is TIME else str(limit)


def beyond(what: str, name: str, limit: float) -> str:
    """What to say of a guest that wants more than a limit allows."""
    kind = ALL_LIMITS[name].kind
    return f"{what}: the limit is {shown(kind, limit)} (`{flag_of(name)}`)"
