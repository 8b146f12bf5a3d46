"""One component for each trigger that puts middleware around it.

What a component's instances are made of follows from its id. So where one component has several
triggers, each of those with middleware gets a copy of the component, as in Spin.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from spindle.app import App, AppComponent, Trigger


def with_trigger_components(app: App) -> App:
    """The application with no component of two triggers that differ in their middleware."""
    uses = Counter(trigger.component for trigger in app.triggers)
    components = dict(app.components)

    def split(trigger: Trigger) -> Trigger:
        if not trigger.middleware or trigger.component is None or uses[trigger.component] < 2:
            return trigger
        copy = _copied(components, trigger.component, trigger.id)
        components[copy.id] = copy
        return replace(trigger, component=copy.id)

    triggers = tuple(split(trigger) for trigger in app.triggers)
    return app._replace(components=components, triggers=triggers)


def _copied(components: dict[str, AppComponent], component: str, trigger: str) -> AppComponent:
    id_ = natural = f"{component}-for-{trigger}"
    number = 0
    while id_ in components:
        number += 1
        id_ = f"{natural}-d{number}"
    return components[component]._replace(id=id_)
