"""How much an instance of a component consists of, which is known before there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle.errors import ComponentError
from spindle.limits import beyond

if TYPE_CHECKING:
    from spindle.component.plan import Plan
    from spindle.limits import Limits


class TooLargeComponent(ComponentError):
    """An instance would consist of more than it may."""

    code = "component-too-large"


def check_size(component: str, plan: Plan, limits: Limits) -> None:
    """Raise `TooLargeComponent` if an instance would consist of too much."""
    parts = (
        ("core instances", "max_core_instances", len(plan.core_instantiations)),
        ("component instances", "max_component_instances", len(plan.instances)),
    )
    for what, name, count in parts:
        limit = getattr(limits, name)
        if count > limit:
            problem = f"component `{component}` consists of {count} {what}"
            raise TooLargeComponent(beyond(problem, name, limit))
