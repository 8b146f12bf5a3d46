"""The definition of an environment, as TOML has it.

    default = { worlds = ["spin:up/platform@3.2.0"] }
    [triggers]
    http = { worlds = ["spin:up/http-trigger@3.2.0"], capabilities = ["local_service_chaining"] }

Source: Spin's `crates/environments`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from spindle.errors import UserError
from spindle.text import printable
from spindle.wasm.names import InterfaceName, parse_extern_name

CHAINING = "local_service_chaining"
"""The capability of letting components call one another over `*.spin.internal`."""


class TargetError(UserError):
    """A target environment can't be found or understood."""

    code = "target-environment"


class WorldRef(NamedTuple):
    """A world, and where its package is; in the default registry if nothing says where."""

    world: str
    """`namespace:package/world`, mostly with a version."""
    registry: str | None = None
    reference: str | None = None
    """Of an image in an OCI registry."""
    path: str | None = None
    """Of a folder of WIT, relative to the definition."""

    @property
    def name(self) -> InterfaceName:
        """The world's name in its parts."""
        name = parse_extern_name(self.world)
        assert isinstance(name, InterfaceName)
        return name


class Support(NamedTuple):
    """What an environment has for one type of trigger."""

    worlds: tuple[WorldRef, ...]
    """A component must fit one of them."""
    capabilities: tuple[str, ...] = ()


class Definition(NamedTuple):
    """One environment."""

    name: str
    triggers: Mapping[str, Support]
    default: Support | None = None
    """For all other types of trigger; None if they don't run there."""
    base: Path | None = None
    """What paths are relative to."""

    def support(self, kind: str) -> Support | None:
        """What there is for a type of trigger; None if it doesn't run there."""
        return self.triggers.get(kind, self.default)


def parse_definition(name: str, text: str, base: Path | None = None) -> Definition:
    """Read a definition; raises `TargetError`."""
    try:
        table = tomllib.loads(text)
        _only(table, ("triggers", "default", "metadata"), "the definition")
        triggers = _table(table.get("triggers"), "`triggers`")
        default = table.get("default")
        return Definition(
            name,
            {kind: _support(one, f"`triggers.{kind}`") for kind, one in triggers.items()},
            None if default is None else _support(default, "`default`"),
            base,
        )
    except RecursionError:
        raise _wrong(name, "it is nested too deeply") from None
    except ValueError as error:
        raise _wrong(name, printable(str(error))) from None


def _wrong(name: str, problem: str) -> TargetError:
    return TargetError(f"the definition of target environment `{name}` is invalid: {problem}")


def _support(value: Any, place: str) -> Support:
    table = _table(value, place)
    _only(table, ("worlds", "capabilities"), place)
    return Support(
        tuple(_world(one, place) for one in _array(table.get("worlds"), f"{place}.worlds")),
        tuple(
            _text(one, f"{place}.capabilities")
            for one in _array(table.get("capabilities", []), f"{place}.capabilities")
        ),
    )


def _world(value: Any, place: str) -> WorldRef:
    table = {"world": value} if isinstance(value, str) else _table(value, f"a world of {place}")
    where = table.keys() - {"world"}
    _only(table, WorldRef._fields, f"a world of {place}")
    if len(where) > 1:
        raise ValueError(f"a world of {place} has both `{'` and `'.join(sorted(where))}`")
    ref = WorldRef(**{key: _text(one, f"`{key}` of {place}") for key, one in table.items()})
    if not isinstance(parse_extern_name(ref.world), InterfaceName):
        raise ValueError(f"`{ref.world}` is no name of a world: expected `namespace:package/world`")
    return ref


def _only(table: Mapping[str, Any], known: Iterable[str], place: str) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"{place} has the unknown key `{key}`")
    if "world" in known and "world" not in table:
        raise ValueError(f"{place} has no `world`")


def _table(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{place} {'is missing' if value is None else 'is no table'}")
    return value


def _array(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{place} {'is missing' if value is None else 'is no array'}")
    return value


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{place} is no string")
    return value
