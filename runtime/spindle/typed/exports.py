"""What a component exports, as attributes: functions, classes of its types, resources."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from spindle.component.plan import ExportedFunc, ExportPlan
from spindle.component.values import attribute
from spindle.typed.annotations import Annotations
from spindle.typed.classes import NOMINAL, Classes
from spindle.typed.conversion import Conversions
from spindle.typed.errors import UnknownExport
from spindle.typed.functions import Export, Maker
from spindle.typed.handles import Handles
from spindle.typed.home import Home
from spindle.typed.naming import class_name, safe
from spindle.typed.resources import GuestResource
from spindle.wasm.names import PlainName, parse_extern_name
from spindle.wasm.spelling import Names
from spindle.wasm.types import ExternType, ResourceType, SubResource, TypeEq

Make: TypeAlias = Callable[[Export, str], Any]


class Namespace:
    """Things by attribute, each made when it is first asked for."""

    def __init__(self, what: str, makers: Mapping[str, Callable[[], Any]], text: str) -> None:
        self.__dict__["_what"] = what
        self.__dict__["_makers"] = dict(makers)
        self.__dict__["_text"] = text

    def __getattr__(self, name: str) -> Any:
        makers = self.__dict__["_makers"]
        if name not in makers:
            raise unknown(self.__dict__["_what"], name, makers)
        made = self.__dict__[name] = makers[name]()
        return made

    def __dir__(self) -> list[str]:
        return sorted(self.__dict__["_makers"])

    def __repr__(self) -> str:
        return str(self.__dict__["_text"])


def unknown(what: str, name: str, known: Mapping[str, Any]) -> UnknownExport:
    """The error for a name that is not there."""
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    return UnknownExport(f"{what} has no `{name}`{hint}")


class Exporter:
    """Makes the namespaces of one component."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.handles = Handles(home)
        self.classes = Classes()
        self.conversions = Conversions(self.classes, self.handles)
        self.annotations = Annotations(self.classes, self.handles.resources)
        self._resource_labels: dict[ResourceType, str] = {}

    def learn(self, externs: Mapping[str, ExternType], *, own: bool) -> dict[str, type]:
        """Make the classes of some externs' types; resources only of those the component has."""
        made: dict[str, type] = {}
        for label, extern in externs.items():
            if isinstance(extern, TypeEq) and isinstance(extern.type, NOMINAL):
                made[class_name(label)] = self.classes.add(extern.type, label)
            elif own and (resource := _resource_of(extern)) is not None:
                made[class_name(label)] = self._resource_class(resource, label)
        return made

    def _resource_class(self, resource: ResourceType, label: str) -> type[GuestResource]:
        found = self.handles.resources.get(resource)
        if found is None:
            members = {"__slots__": (), "_home": self._home, "__module__": "spindle.typed"}
            found = type(class_name(label), (GuestResource,), members)
            found.__doc__ = f"resource {label}"
            self.handles.resources[resource] = found
        return found

    def members(
        self,
        path: tuple[str, ...],
        externs: Mapping[str, ExternType],
        plans: Mapping[str, ExportPlan],
        *,
        awaited: bool,
    ) -> dict[str, Callable[[], Any]]:
        """What makes each attribute of an interface, or of the world itself."""
        classes = self.learn(externs, own=True)
        names = names_of(externs)
        maker = Maker(self._home, self.conversions, self.annotations, names)
        makers: dict[str, Callable[[], Any]] = {
            name: partial(_itself, cls) for name, cls in classes.items()
        }
        for label, plan in plans.items():
            if not isinstance(plan, ExportedFunc):
                continue
            export = maker.export((*path, label), _message_label(label), plan.type)
            parsed = parse_extern_name(label)
            if isinstance(parsed, PlainName) and parsed.resource is not None:
                cls = classes.get(class_name(parsed.resource))
                if cls is not None:
                    _add_member(cls, maker, export, parsed)
                continue
            name = safe(attribute(label))
            make = maker.awaited if awaited else maker.function
            makers[name] = partial(make, export, name)
        return makers


def _add_member(cls: type, maker: Maker, export: Export, name: PlainName) -> None:
    """Give a resource's class a constructor, method or static function."""
    if name.kind == "constructor":
        made = maker.constructor(export)
        cls.__new__ = staticmethod(made)  # type: ignore[method-assign]  # it is generated
        cls.__signature__ = inspect.signature(made)  # type: ignore[attr-defined]  # as `inspect` asks
        cls.__doc__ = export.doc
        return
    called = safe(attribute(name.label), _RESERVED)
    if called in vars(cls):
        return
    made = maker.function(export, called, method=name.kind == "method")
    setattr(cls, called, made if name.kind == "method" else staticmethod(made))
    if name.kind == "method":
        awaited = maker.awaited(export, called, method=True)
        setattr(cls, f"_awaited_{called}", awaited)


def _itself(cls: type) -> type:
    return cls


_RESERVED = frozenset(name for name in dir(GuestResource) if not name.startswith("_"))


def _resource_of(extern: ExternType) -> ResourceType | None:
    if isinstance(extern, SubResource):
        return extern.resource
    if isinstance(extern, TypeEq) and isinstance(extern.type, ResourceType):
        return extern.type
    return None


def names_of(externs: Mapping[str, ExternType]) -> Names:
    """What the types of an interface are called in it."""
    names = Names()
    for label, extern in externs.items():
        if isinstance(extern, TypeEq):
            names.add(extern.type, label)
        elif isinstance(extern, SubResource):
            names.add(extern.resource, label)
    return names


def _message_label(label: str) -> str:
    """A function in messages: `counter.next` for `[method]counter.next`."""
    return label.partition("]")[2] or label
