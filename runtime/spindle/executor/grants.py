"""The states that an instance begins with: its component's, and one for each dependency in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from spindle.component.plan import InstanceNumber, Plan
from spindle.executor.assembly import Assembly
from spindle.factors import Factors, InstanceState, build


class Grants(NamedTuple):
    """What everything in an instance is granted; made once."""

    own: InstanceState
    nested: Mapping[InstanceNumber, InstanceState]
    """Those of the component instances that are dependencies or middleware."""

    @classmethod
    def of(cls, factors: Factors, assembly: Assembly, plan: Plan | None) -> Grants:
        """What a manifest grants; None is the plan of what is no component."""
        component = assembly.component
        parts = {} if plan is None else assembly.nested(plan)
        nested = {number: factors.prepare(component, part) for number, part in parts.items()}
        return cls(factors.prepare(component), nested)

    def states(self, **changes: Any) -> tuple[InstanceState, dict[InstanceNumber, InstanceState]]:
        """The states of one instance, with what is this instance's own."""
        nested = {number: build(state, **changes) for number, state in self.nested.items()}
        return build(self.own, **changes), nested
