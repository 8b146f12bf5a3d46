"""The states that an instance begins with: its component's, and one for each dependency in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.component.plan import InstanceNumber, Plan
from spindle.exchange import Recorded
from spindle.executor.assembly import Assembly
from spindle.factors import Factors, InstanceState, build

if TYPE_CHECKING:
    from spindle.factors.tapes.tape import Tape


class Grants(NamedTuple):
    """What everything in an instance is granted; made once."""

    own: InstanceState
    nested: Mapping[InstanceNumber, InstanceState]
    """Those of the component instances that are dependencies or middleware."""
    new_tape: Callable[[], Tape] | None = None
    """What records, or tells again, all that an instance is told."""

    @classmethod
    def of(cls, factors: Factors, assembly: Assembly, plan: Plan | None) -> Grants:
        """What a manifest grants; None is the plan of what is no component."""
        component = assembly.component
        parts = {} if plan is None else assembly.nested(plan)
        nested = {number: factors.prepare(component, part) for number, part in parts.items()}
        return cls(factors.prepare(component), nested, factors.new_tape)

    def states(self, **changes: Any) -> tuple[InstanceState, dict[InstanceNumber, InstanceState]]:
        """The states of one instance, with what is this instance's own."""
        nested = {number: build(state, **changes) for number, state in self.nested.items()}
        own = build(self.own, **changes)
        if self.new_tape is not None:
            from spindle.factors.tapes.tape import put_in

            tape = self.new_tape()
            for state in (own, *nested.values()):
                put_in(tape, state)
        return own, nested


def recording_of(state: InstanceState) -> Recorded | None:
    """What is kept of all that an instance is told, if it is recorded."""
    return state.tape.recording if state.tape is not None else None
