"""What a person asked a host for, as data: the flags of `spindle up` after reading."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, NamedTuple, TypeVar

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class Bounds(Generic[Number]):
    """One number, or `low..high` from which one is drawn at each use; `high` is not reached."""

    low: Number
    high: Number

    @classmethod
    def exactly(cls, number: Number) -> Bounds[Number]:
        """Bounds around one number."""
        return cls(number, number)

    def draw(self) -> Number:
        """A number within the bounds."""
        if self.low == self.high:
            return self.low
        if isinstance(self.low, int) and isinstance(self.high, int):
            return random.randrange(self.low, self.high)
        return random.uniform(self.low, self.high)


class UpOptions(NamedTuple):
    """How to serve one application; the defaults are `spindle up`'s."""

    source: Path
    """The manifest, or a bare wasm file; absolute."""
    profile: str | None = None
    components: tuple[str, ...] = ()
    """Ids of the components to run; none means all."""
    build: bool = False
    watch: bool = False
    """Whether to build and serve what changes."""
    build_changed: bool = True
    """Whether changed sources are built; if not, what somebody else builds is served."""
    instant: bool = True
    """Whether Python components run from their sources while they are watched."""
    clear: bool = False
    """Whether the screen is cleared before each build."""
    env: Mapping[str, str] = {}
    """Environment variables for every component, over the manifest's."""
    variables: Mapping[str, str] = {}
    """Application variables, over every other provider."""
    key_values: tuple[tuple[str, str], ...] = ()
    """What to set in the default key-value store before serving."""
    sqlite: tuple[str, ...] = ()
    """Statements to execute before serving: `SQL`, or `@FILE[:LABEL]`."""

    arguments: tuple[str, ...] = ()
    """What commands are run with, after their names."""

    listen: str = "127.0.0.1:3000"
    find_free_port: bool = False
    tls_cert: Path | None = None
    """PEM; given together with `tls_key` or not at all."""
    tls_key: Path | None = None
    http1_max_buf_size: int | None = None
    format: Literal["plain", "json"] = "plain"

    quiet: bool = False
    """Guests' output goes to the log files only."""
    follow: tuple[str, ...] = ()
    """Components whose output is shown; none means all."""
    state_dir: str | None = None
    """Where databases and logs go: empty for nowhere, None for what the configuration says."""
    log_dir: str | None = None
    """Where guests' output goes; as above."""
    truncate_logs: bool = False
    lines: bool | None = None
    """Whether exchanges and guests' output are printed by lines; None for on a terminal."""
    history: bool = True
    """Whether exchanges are kept."""

    max_instance_reuse_count: Bounds[int] | None = None
    """None for Spin's default, as below."""
    max_instance_concurrent_reuse_count: Bounds[int] | None = None
    request_timeout: Bounds[float] | None = None
    """Seconds; None for no limit."""
    idle_instance_timeout: Bounds[float] | None = None
    """Seconds."""
    limits: Mapping[str, float] = {}
    """Limits for every component and for the host, over the manifest's."""
    disable_cache: bool = False
    record: bool = False
    """Whether all that guests are told is recorded, so that it can be told again."""
    trace: bool = False
    """Whether all that guests call is on the exchanges' traces."""

    allow_transient_write: bool = False
    direct_mounts: bool = False
    temp: Path | None = None
    """Where copies of mounted files go; None for a directory of the system's choice."""
    cache_dir: Path | None = None
    """Where downloaded components go; None for the person's cache."""
    runtime_config_file: Path | None = None
    experimental_wasi_otel: bool = False
    """Whether guests may make telemetry."""

    @property
    def is_wasm(self) -> bool:
        """Whether there is no manifest, only a wasm file."""
        return self.source.suffix in (".wasm", ".wat")
