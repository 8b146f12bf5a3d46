"""What a tape is to the state of an instance: between the guest and whatever tells it something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from spindle.exchange import Recorded
from spindle.factors.state import Clock, Entropy, InstanceState, SendHttp


class Tape(Protocol):
    """Records what guests are told, or tells it again."""

    @property
    def recording(self) -> Recorded | None:
        """What an exchange keeps of it."""
        ...

    def ask(
        self, task: Any, interface: str, func: str, args: tuple[Any, ...], real: Callable[[], Any]
    ) -> Any:
        """The answer of a host function, which may be `Later`; `real` asks it."""
        ...

    def clock(self, real: Clock) -> Clock:
        """The clocks a guest is to read."""
        ...

    def entropy(self, real: Entropy) -> Entropy:
        """Where a guest's random bytes are to come from."""
        ...

    def send_http(self, real: SendHttp) -> SendHttp:
        """A guest's way out by HTTP."""
        ...

    def environment(
        self, dependency: str | None, real: tuple[tuple[str, str], ...]
    ) -> tuple[tuple[str, str], ...]:
        """The environment of a guest, or of one of its dependencies."""
        ...


def put_in(tape: Tape, state: InstanceState) -> None:
    """Have a tape between an instance and its host."""
    state.tape = tape
    state.clock = tape.clock(state.clock)
    state.entropy = tape.entropy(state.entropy)
    state.send_http = tape.send_http(state.send_http)
    state.environment = tape.environment(state.dependency, state.environment)
