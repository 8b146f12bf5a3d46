"""Writes `signatures.txt`: `python -m tests.component.signature_table MODULE`.

MODULE is a core module with a world that imports every version of every interface there is to
know, as `wasm-tools component embed --dummy` makes it of their WIT; preview 1 is added.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from spindle.component.plan_signatures import SIGNATURES, Spelling, package_of, spelled_resources
from spindle.interfaces import find_interface
from spindle.wasm.names import Track, track_of
from spindle.wasm.preview1 import FUNCTIONS, component_name, component_type
from spindle.wasm.spelling import Nominal, spell_out
from spindle.wasm.types import ExternType, FuncType, InstanceType, ResourceType, SubResource, TypeEq
from spindle.wasm.wit_binary import read_wit

HEAD = """\
The types of the functions that the host has, or calls, by package and interface.
Parameters have no names; a resource of another interface is `interface.name`, with its version if
that is another.
"""
BARE = """\
package spindle:trigger
interface bare
handle-cron-event = func(record { timestamp: u64 }) -> result<_, variant { other(string) }>
handle-message = func(list<u8>, record { topic: string }) -> result<_, variant { other(string) }>
"""
"""What the worlds of trigger plugins export outside of interfaces."""

Resources = list[tuple[ResourceType, str, str]]


def table(imports: Mapping[str, ExternType]) -> str:
    """The text of the whole file."""
    instances = {n: of for n, of in imports.items() if isinstance(of, InstanceType)}
    resources = [
        (extern.resource, interface, name)
        for interface, of in instances.items()
        for name, extern in of.exports.items()
        if isinstance(extern, SubResource)
    ]
    packages: dict[str, dict[Track, list[InstanceType]]] = defaultdict(lambda: defaultdict(list))
    for interface, of in instances.items():
        if find_interface(interface):
            packages[package_of(track_of(interface))][track_of(interface)].append(of)
    alike: dict[str, list[str]] = defaultdict(list)
    for package, tracks in packages.items():
        alike["\n".join(package_lines(tracks, resources))].append(package)
    parts = [f"package {' '.join(names)}\n{body}\n" for body, names in alike.items()]
    return "\n".join([HEAD, *parts, BARE, "\n".join(["package spindle:wasi", *preview1()]), ""])


def package_lines(
    tracks: Mapping[Track, Iterable[InstanceType]], resources: Resources
) -> Iterator[str]:
    """What is said of a package: the types it names, then the functions of each interface."""
    types: dict[str, str] = {}
    functions: dict[Track, dict[str, str]] = {}
    for track, versions in tracks.items():
        found = functions[track] = {}
        for of in versions:
            spelling = Spelling(types, spelled_resources(resources, track))
            for name, extern in of.exports.items():
                if isinstance(extern, TypeEq) and isinstance(extern.type, Nominal):
                    text = spell_out(extern.type, spelling).replace("%", "")
                    if name not in types.values():
                        types.setdefault(text, name)
            for name, extern in of.exports.items():
                if isinstance(extern, FuncType):
                    text = spelling.func(extern)
                    assert found.setdefault(name, text) == text, f"two types of {track}#{name}"
    yield from (f"type {name} = {text}" for text, name in types.items())
    for track, found in functions.items():
        if found:
            yield f"interface {track.partition('@')[0].partition('/')[2]}"
            yield from (f"{name} = {text}" for name, text in found.items())


def preview1() -> Iterator[str]:
    """The functions of preview 1."""
    yield "interface preview1"
    spelling = Spelling({}, {})
    for name, core in FUNCTIONS.items():
        yield f"{component_name(name)} = {spelling.func(component_type(core))}"


if __name__ == "__main__":
    [world] = read_wit(Path(sys.argv[1]).read_bytes()).worlds
    SIGNATURES.write_text(table(world.imports), "utf-8")
