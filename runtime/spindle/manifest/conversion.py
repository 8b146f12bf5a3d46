"""Turns the tree of a manifest of version 1 into one of version 2.

Every node keeps its place in the text, so that whatever is said of the result points at what the
person wrote. Parts of a wrong type are left out: reading by the schema of version 1 reports them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spindle.diagnostics import Diagnostic, Related, Severity
from spindle.manifest.ids import kebab_problem
from spindle.manifest.tree import Node
from spindle.outbound_hosts import OutboundHostError, parse_http_host

DATABASES = ("redis://*:*", "mysql://*:*", "postgres://*:*")
"""What a component may connect to that doesn't have `allowed_outbound_hosts`."""
ALLOW_ALL = "insecure:allow-all"

Table = dict[str, Node]


@dataclass(slots=True, eq=False)
class Converter:
    """One conversion; `diagnostics` says what version 2 can't express."""

    path: Path
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def convert(self, root: Node) -> Node:
        """The tree of version 2."""
        old = root.table or {}
        settings = _table(old.get("trigger"))
        type_ = settings.get("type")
        kind = type_.value if type_ is not None and isinstance(type_.value, str) else None
        new = {
            "spin_manifest_version": Node(2, root.span),
            "application": self._application(old, kind, root),
        }
        if "variables" in old:
            new["variables"] = old["variables"]
        triggers: list[Node] = []
        components: Table = {}
        for component in (old["component"].array if "component" in old else None) or ():
            self._component(component, triggers, components)
        if (place := old.get("trigger")) is not None:
            named = {kind: Node(triggers, place.span, place.key)} if kind and triggers else {}
            new["trigger"] = Node(dict(named), place.span, place.key)
        new["component"] = Node(components, root.span)
        return Node(new, root.span, root.key)

    def _application(self, old: Table, kind: str | None, root: Node) -> Node:
        names = ("name", "version", "description", "authors")
        new = {name: old[name] for name in names if name in old}
        settings = {k: node for k, node in _table(old.get("trigger")).items() if k != "type"}
        if kind is not None and settings:
            place = old["trigger"]
            by_type = Node({kind: Node(settings, place.span, place.key)}, place.span, place.key)
            new["trigger"] = by_type
        return Node(new, root.span, root.key)

    def _component(self, component: Node, triggers: list[Node], components: Table) -> None:
        old = component.table
        id_ = None if old is None else old.get("id")
        if old is None or id_ is None or not isinstance(id_.value, str):
            return
        name = new_id(id_.value)
        if name in components:
            self._report_duplicate(name, id_, components[name])
        components[name] = Node(self._grants(component), component.span, id_.span)
        trigger = old.get("trigger", component)
        reference = {
            "id": Node(f"trigger-{name}", id_.span, id_.key),
            "component": Node(name, id_.span, id_.key),
        }
        triggers.append(Node(_table(old.get("trigger")) | reference, trigger.span, trigger.key))

    def _grants(self, component: Node) -> Table:
        old = component.table or {}
        renamed = {"config": "variables"}
        dropped = ("id", "trigger", "allowed_http_hosts")
        new = {renamed.get(key, key): node for key, node in old.items() if key not in dropped}
        hosts = list(self._hosts(component))
        place = old.get("allowed_outbound_hosts") or old.get("allowed_http_hosts") or component
        new["allowed_outbound_hosts"] = Node(hosts, place.span, place.key)
        return new

    def _hosts(self, component: Node) -> Iterator[Node]:
        given = component.get("allowed_outbound_hosts")
        if given is None:
            yield from (Node(host, component.span) for host in DATABASES)
        else:
            yield from given.array or ()
        http = component.get("allowed_http_hosts")
        texts = [node for node in (http and http.array) or () if isinstance(node.value, str)]
        everything = [node for node in texts if node.value == ALLOW_ALL]
        for node in everything[:1] or texts:
            yield from self._http_host(node)

    def _http_host(self, node: Node) -> Iterator[Node]:
        try:
            yield from (Node(host, node.span) for host in parse_http_host(str(node.value)))
        except OutboundHostError as error:
            self.diagnostics.append(
                Diagnostic(
                    "invalid-http-host",
                    Severity.ERROR,
                    f"`allowed_http_hosts` is malformed: {error}",
                    self.path,
                    node.span,
                    help="write `host` or `host:port`",
                )
            )

    def _report_duplicate(self, name: str, id_: Node, first: Node) -> None:
        self.diagnostics.append(
            Diagnostic(
                "duplicate-component-id",
                Severity.WARNING,
                f"two components have the id `{name}`, and the later one runs for both",
                self.path,
                id_.span,
                (Related("the earlier one", self.path, first.place),),
                "rename one",
            )
        )


def new_id(id_: str) -> str:
    """What a component is called in version 2, where ids are words separated by `-`."""
    return id_ if kebab_problem(id_) is None else id_.replace("_", "-").lower()


def _table(node: Node | None) -> Table:
    return (node.table if node is not None else None) or {}
