"""What a component is: what runs it, what it is granted, and what its wasm says."""

from __future__ import annotations

import time
from collections.abc import Iterator

from spindle.callers import callable_exports
from spindle.interfaces import Import, needed_imports
from spindle.manifest import (
    Component,
    CronTrigger,
    HttpTrigger,
    Manifest,
    MqttTrigger,
    RedisTrigger,
    Trigger,
)
from spindle.text import printable, readable_size
from spindle.wasm import WasmFile, look_at
from spindle_lsp.snapshot import Snapshot

AGES = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
MOST = 12
"""Imports and exports that are listed."""


def card_of_component(snapshot: Snapshot, id_: str) -> str | None:
    """Markdown about a component of a manifest; None if there is none of that id."""
    manifest = snapshot.canonical or snapshot.manifest
    component = None if manifest is None else manifest.components.get(id_)
    if manifest is None or component is None:
        return None
    lines = [f"**`{id_}`** · component"]
    if component.description:
        lines.append(component.description)
    lines.append(_runs(manifest, id_))
    lines += _wasm(snapshot, component)
    return "\n\n".join(lines)


def card_of_wasm(file: WasmFile) -> str:
    """Markdown about a wasm file."""
    outline = file.outline
    languages, tools = file.provenance
    made = [printable(name) for name in (*languages[:1], *_sdk(tools))]
    facts = [
        outline.kind.value,
        readable_size(file.size, "bytes"),
        f"built {age(file.modified)}",
        *made,
    ]
    return " · ".join(facts)


def age(modified: float) -> str:
    """How long ago something was, for people."""
    seconds = max(0, int(time.time() - modified))
    for length, unit in AGES:
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _runs(manifest: Manifest, id_: str) -> str:
    runs = [_trigger(kind, t) for kind, t in manifest.all_triggers if t.component_id == id_]
    if runs:
        return f"Run by {', '.join(runs[:5])}{' and more' if len(runs) > 5 else ''}."
    return "No trigger runs it."


def _trigger(kind: str, trigger: Trigger) -> str:
    if isinstance(trigger, HttpTrigger):
        return f"`{trigger.route}`" if isinstance(trigger.route, str) else "a private endpoint"
    if isinstance(trigger, RedisTrigger):
        return f"the Redis channel `{trigger.channel}`"
    if isinstance(trigger, MqttTrigger):
        return f"the MQTT topic `{trigger.topic}`"
    if isinstance(trigger, CronTrigger):
        return f"the schedule `{trigger.cron_expression}`"
    return f"a {kind} trigger"


def _wasm(snapshot: Snapshot, component: Component) -> Iterator[str]:
    source = component.source
    if not isinstance(source, str):
        if source is not None:
            yield "Its wasm is fetched when the application starts."
        return
    file = look_at(snapshot.root / source)
    if file is None:
        built = " `spindle build` makes it." if component.build is not None else ""
        yield f"`{source}` isn't there, or is no wasm.{built}"
        return
    yield card_of_wasm(file)
    imports = needed_imports(file.outline.imports)
    if imports:
        yield "Imports\n" + "\n".join(_imports(component, imports))
    exports = callable_exports(file.outline.imports, file.outline.exports)
    if exports:
        shown = [
            f"- `{printable(e.name)}` — {e.trigger or 'for other components'}" for e in exports
        ]
        yield "Exports\n" + "\n".join(shown[:MOST])


def _imports(component: Component, imports: tuple[Import, ...]) -> Iterator[str]:
    """A line for each import that needs something, and one for all others."""
    shown = [_import(component, one) for one in imports if one.interface is None or one.grant]
    yield from shown[:MOST]
    if len(shown) > MOST:
        yield f"- and {len(shown) - MOST} more"
    packages = dict.fromkeys(
        one.interface.package for one in imports if one.interface is not None and not one.grant
    )
    if packages:
        need = "needs" if len(packages) == 1 else "need"
        yield f"- {', '.join(f'`{name}`' for name in packages)} — {need} no grant"


def _import(component: Component, one: Import) -> str:
    name = f"- `{printable(one.name)}`"
    if one.interface is None:
        near = f", did you mean `{one.nearest}`?" if one.nearest else ""
        return f"{name} — not the host's{near} (a dependency can satisfy it)"
    assert one.grant is not None
    granted = getattr(component, one.grant, ())
    if not granted:
        return f"{name} — needs `{one.grant}`, of which there is none"
    few = ", ".join(f"`{item}`" for item in list(granted)[:3] if isinstance(item, str))
    return f"{name} — `{one.grant}`: {few or len(granted)}{', …' if len(granted) > 3 else ''}"


def _sdk(tools: tuple[str, ...]) -> list[str]:
    """The one tool that says most."""
    telling = ("Spin SDK", "componentize", "ComponentizeJS", "rustc", "TinyGo")
    return [tool for word in telling for tool in tools if tool.startswith(word)][:1]
