"""Whether a component imports the host's functions with the types that they have, and exports
what the host calls with those.

Host functions get what a component's own types say, so a component whose types are not those of
the interface would hand them values they know nothing of. `signatures.txt` has the types; they are
compared as text, in which every type a package names goes by its name. Parameters may be called
anything, as in compatible versions.

Spec: Subtyping.md; WIT.md#types.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

from spindle.component.plan import ImportedFunc, Plan
from spindle.errors import ComponentError
from spindle.interfaces import find_interface
from spindle.wasm.names import Track, track_of
from spindle.wasm.spelling import Names, spell, spell_out
from spindle.wasm.types import DefType, FuncType, InstanceType, PrimValType, ResourceType

SIGNATURES = Path(__file__).with_name("signatures.txt")
"""Lines `package TRACKS`, `type NAME = TYPE`, `interface NAME` and `FUNCTION = TYPE`, in order."""

LONGEST = 4000
"""Characters of one type's text: of a small component's types it could have any number."""


BARE = "spindle:trigger/bare"
"""What has, in `signatures.txt`, the functions triggers call that are in no interface."""

NOTHING = "nothing"
"""What a function is that is not there."""


class SignatureError(ComponentError):
    """A component has a function of the host's interfaces with a type of its own."""

    code = "signature-mismatch"

    def __init__(self, verb: str, name: str, expected: str, found: str) -> None:
        is_there = f"it is `{expected}`" if expected != NOTHING else "there is none in it"
        super().__init__(
            f"the component {verb} the function `{name}` as `{found}`, but {is_there}",
            hints=("generate its bindings from the interface as it was published",),
        )
        self.function = name
        """`interface#function`."""
        self.expected = expected
        self.found = found


class Package(NamedTuple):
    """What is known of a package."""

    types: Mapping[str, str]
    """The name of each named type, by the type."""
    functions: Mapping[str, str]
    """The type of each function, by `interface#function` without a version."""


class Spelling(Names):
    """Calls types of a package's structures what the package calls them."""

    def __init__(self, types: Mapping[str, str], resources: Mapping[ResourceType, str]) -> None:
        super().__init__()
        self._types = types
        self._resources = resources
        self._spelled: dict[int, str] = {}

    def find(self, type: DefType) -> str | None:
        """A type as text, whether it has a name or not, unless it is a primitive."""
        if isinstance(type, ResourceType):
            return self._resources.get(type, f"another {type.name or 'resource'}")
        if isinstance(type, PrimValType):
            return None
        found = self._spelled.get(id(type))
        if found is None:
            found = self._spelled[id(type)] = self._spell(type)
        return found

    def _spell(self, type: DefType) -> str:
        text = unescaped(spell_out(type, self))  # type: ignore[arg-type]  # values have such types alone
        if len(text) > LONGEST:
            return f"{text[:80]}…"
        return self._types.get(text, text)

    def func(self, type: FuncType) -> str:
        """A function's type, without the names of parameters."""
        params = ", ".join(spell(param.type, self) for param in type.params)
        result = f" -> {spell(type.result, self)}" if type.result else ""
        return unescaped(f"func({params}){result}")


def unescaped(text: str) -> str:
    """WIT without the marks that tell names from keywords."""
    return text.replace("%", "")


Resources: TypeAlias = list[tuple[ResourceType, str, str]]
"""Those a host provides, with their interfaces and names."""


def with_signatures(plan: Plan) -> Plan:
    """A plan whose imports have the types they should, and that says which exports have not.

    Raises `SignatureError` for what the host has; what it calls, it may never call.
    """
    resources = [(r.type, r.interface or "", r.name) for r in plan.host_resources]
    imported: dict[str, list[tuple[str, FuncType]]] = {}
    for func in plan.funcs:
        if isinstance(func, ImportedFunc) and func.interface and not is_called(func.interface):
            imported.setdefault(func.interface, []).append((func.name, func.type))
    for interface, functions in imported.items():
        for name, expected, found in differences(interface, functions, resources):
            raise SignatureError("imports", f"{interface}#{name}", expected, found)
    misfits = {}
    for export, extern in plan.export_types.items():
        if isinstance(extern, InstanceType) and is_called(export):
            items = extern.exports.items()
            functions = [(name, type) for name, type in items if isinstance(type, FuncType)]
            for name, expected, found in differences(export, functions, resources):
                misfits[export] = (f"{export}#{name}", expected, found)
        elif isinstance(extern, FuncType):
            for _, expected, found in differences(BARE, [(export, extern)], resources):
                misfits[export] = (export, expected, found)
    return plan._replace(misfits=misfits)


def is_called(interface: str) -> bool:
    """Whether the host calls an interface's functions, and has none of them."""
    known = find_interface(interface)
    return known is not None and known.exported


def differences(
    interface: str, functions: Iterable[tuple[str, FuncType]], resources: Resources
) -> Iterator[tuple[str, str, str]]:
    """The functions of an interface that have another type: their names, its type, and theirs.

    Later versions may have more than the host knows, which it does not have either.
    """
    track = track_of(interface)
    package = known_packages().get(package_of(track))
    if package is None:
        return
    spelling = Spelling(package.types, spelled_resources(resources, track))
    for name, type in functions:
        expected = package.functions.get(f"{bare(track)}#{name}")
        found = spelling.func(type)
        if expected is None and is_final(track):
            expected = NOTHING
        if expected is not None and found != expected:
            yield name, expected, found


def spelled_resources(resources: Resources, user: Track) -> Mapping[ResourceType, str]:
    """What an interface's functions call each resource: those of others by more than their name."""

    def spelled(interface: str, name: str) -> str:
        track = track_of(interface)
        if track == user:
            return name
        version = track.partition("@")[2]
        same = version == user.partition("@")[2]
        return f"{bare(track)}.{name}" if same else f"{bare(track)}.{name}@{version}"

    return {type: spelled(interface, name) for type, interface, name in resources}


def is_final(track: Track) -> bool:
    """Whether a track is one version, to which nothing can be added: a pre-release."""
    return "-" in track.partition("@")[2]


def bare(track: Track) -> str:
    """A track's interface without its version."""
    return track.partition("@")[0]


def package_of(track: Track) -> str:
    """A track's package, with the version that matters."""
    name, at, version = track.partition("@")
    return name.partition("/")[0] + at + version


@functools.cache
def known_packages() -> Mapping[str, Package]:
    """All packages of `signatures.txt`, by name and version that matters."""
    return dict(read_packages(SIGNATURES.read_text("utf-8")))


def read_packages(text: str) -> Iterator[tuple[str, Package]]:
    """Packages in the form of `signatures.txt`; several versions may be alike."""
    for part in text.split("\npackage ")[1:]:
        head, *lines = part.splitlines()
        tracks = head.split()
        package = read_package(tracks[0].partition("@")[0], lines)
        yield from ((track, package) for track in tracks)


def read_package(name: str, lines: list[str]) -> Package:
    """What follows the line of a package."""
    types: dict[str, str] = {}
    functions: dict[str, str] = {}
    interface = ""
    for line in lines:
        left, _, right = line.partition(" = ")
        if left.startswith("interface "):
            interface = f"{name}/{left.removeprefix('interface ')}"
        elif left.startswith("type "):
            types[right] = left.removeprefix("type ")
        elif right:
            functions[f"{interface}#{left}"] = right
    return Package(types, functions)
