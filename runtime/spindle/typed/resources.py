"""Resources that guests implement, as objects: a class for each, made by `spindle.typed.exports`.

An object is freed at the end of its `with` block, by `drop()`, or when nobody refers to it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar, Self

from spindle.component.resource import Resource
from spindle.typed.errors import UnusableResource

if TYPE_CHECKING:
    from spindle.component.exports import Instance
    from spindle.typed.home import Home, Running


class GuestResource:
    """A resource of a guest; each of its types is a class derived from this."""

    __slots__ = ("_resource", "_why_gone")

    _home: ClassVar[Home]
    _resource: Resource
    _why_gone: str

    def __new__(cls, *_args: Any, **_named: Any) -> Self:
        """Resources with a constructor have it here."""
        raise TypeError(f"`{cls.__name__}` has no constructor: its component gives them out")

    @classmethod
    def _of(cls, resource: Resource) -> Self:
        """The object of a resource that a guest gave."""
        made = object.__new__(cls)
        made._resource = resource
        made._why_gone = "was given away"  # the runtime says no more than that it is gone
        return made

    def _passed(self, *, owned: bool) -> Resource:
        """What a guest gets, as its own or for the time of a call."""
        self._check()
        if not self._resource.own and owned:
            raise UnusableResource(f"this {_what(self)} was only lent and cannot be given away")
        return self._resource

    def drop(self) -> None:
        """Free it; what is done with it after that is an error, but for this."""
        if not self._resource.gone and self._is_alive():
            self._why_gone = "was dropped"
            type(self)._home.run(_dropping(self._resource), f"{_what(self)}.drop")

    @property
    def aio(self) -> Awaited:
        """Its methods, with results to await."""
        return Awaited(self)

    def _is_alive(self) -> bool:
        store = self._resource.owner.store
        return store.failure is None and not store.closed

    def _check(self) -> None:
        if self._resource.gone:
            raise UnusableResource(f"this {_what(self)} {self._why_gone} and cannot be used again")
        if not self._is_alive():
            raise UnusableResource(f"this {_what(self)} is gone with the instance it was in")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.drop()

    def __del__(self) -> None:
        resource = getattr(self, "_resource", None)
        if resource is not None and resource.own and not resource.gone and self._is_alive():
            type(self)._home.later(_dropping(resource))

    def __repr__(self) -> str:
        resource = getattr(self, "_resource", None)
        if resource is None or resource.gone or not self._is_alive():
            return f"<{_what(self)}, gone>"
        return f"<{_what(self)} {resource.rep}>"


class Awaited:
    """The methods of a resource, awaited."""

    __slots__ = ("_of",)

    def __init__(self, of: GuestResource) -> None:
        self._of = of

    def __getattr__(self, name: str) -> Any:
        return functools.partial(getattr(type(self._of), f"_awaited_{name}"), self._of)

    def __dir__(self) -> list[str]:
        prefix = "_awaited_"
        found = [name for name in dir(type(self._of)) if name.startswith(prefix)]
        return [name.removeprefix(prefix) for name in found]


def _what(resource: GuestResource) -> str:
    return type(resource).__name__


def _dropping(resource: Resource) -> Any:
    """Begins the end of a resource."""

    def begin(instance: Instance, running: Running) -> None:
        store = instance.store
        if resource.gone or resource.owner.store is not store:
            running.resolve(())
            return
        if not resource.own:
            resource.gone = True
            running.resolve(())
            return
        rep = resource.give_away()
        _impl, dtor = store.resources.get(resource.rt, (None, None))
        if dtor is None:
            running.resolve(())
        else:
            store.invoke(dtor, lambda: [rep], running.resolve, running)

    return begin
