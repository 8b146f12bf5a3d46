"""What inspecting a binary finds, as data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from spindle.callers import COMMAND, Exported, callable_exports
from spindle.componentize import component_around
from spindle.errors import ComponentError
from spindle.interfaces import Import, needed_imports
from spindle.wasm import preview1
from spindle.wasm.decoder import Buffer, Kind
from spindle.wasm.modules import read_module
from spindle.wasm.names import InterfaceName, parse_extern_name
from spindle.wasm.outline import Outline, read_outline, shortened
from spindle.wasm.provenance import provenance_of

Json = dict[str, object]

PREVIEW_1 = ("wasi_snapshot_preview1", "wasi_unstable")


@dataclass(frozen=True, slots=True)
class Findings:
    """All that is known of a binary."""

    outline: Outline
    imports: tuple[Import, ...]
    """A core module's are what it imports from, and nothing is known of them."""
    exports: tuple[Exported, ...]
    wasi: tuple[str, ...]
    """The versions of WASI it speaks, newest first."""
    languages: tuple[str, ...]
    tools: tuple[str, ...]
    """What made it, with versions."""

    @property
    def sizes(self) -> Counter[str]:
        """Bytes by kind of section, those within nested parts included; they add up to all."""
        sizes: Counter[str] = Counter()
        for part in self.outline.walk():
            sizes["section headers"] += part.size
            for section in part.sections:
                sizes[_kind(part, section.name, section.is_custom)] += section.size
                sizes["section headers"] -= section.size
        for nested in ("core module", "component"):
            # Their contents are counted already; what is left are their headers.
            sizes["section headers"] += sizes.pop(nested, 0)
        sizes["section headers"] -= (
            sum(part.size for part in self.outline.walk()) - self.outline.size
        )
        return sizes

    def to_json(self) -> Json:
        """The same for programs."""
        return {
            "kind": self.outline.kind.value,
            "size": self.outline.size,
            "wasi": list(self.wasi),
            "languages": list(self.languages),
            "tools": list(self.tools),
            "imports": [
                {
                    "name": item.name,
                    "hosted": item.interface is not None,
                    "grant": item.grant,
                    "nearest": item.nearest,
                }
                for item in self.imports
            ],
            "exports": [item._asdict() for item in self.exports],
            "sizes": dict(self.sizes.most_common()),
            "outline": _outline(self.outline),
        }


def findings_of(data: Buffer) -> Findings:
    """Inspect a binary; raises `DecodeError`."""
    outline = read_outline(data)
    imports, exports, wasi = _of_module(data) if outline.kind is Kind.MODULE else _of(outline)
    return Findings(outline, imports, exports, wasi, *provenance_of(outline))


def _of(component: Outline) -> tuple[tuple[Import, ...], tuple[Exported, ...], tuple[str, ...]]:
    return (
        needed_imports(component.imports),
        callable_exports(component.imports, component.exports),
        tuple(_wasi_versions((*component.exports, *component.imports))),
    )


def _of_module(data: Buffer) -> tuple[tuple[Import, ...], tuple[Exported, ...], tuple[str, ...]]:
    try:
        component = read_outline(component_around(bytes(data)))
    except ComponentError:
        return _of_bare_module(data)
    imports, exports, wasi = _of(component)
    if all(item.name != preview1.INTERFACE for item in imports):
        return imports, exports, wasi
    others = tuple(item for item in imports if item.name != preview1.INTERFACE)
    return others, exports, (*wasi, "preview 1")


def _of_bare_module(
    data: Buffer,
) -> tuple[tuple[Import, ...], tuple[Exported, ...], tuple[str, ...]]:
    """What is known of a module that says nothing of a world."""
    summary = read_module(data)
    modules = dict.fromkeys(shortened(item.module) for item in summary.imports)
    starts = any(item.name == "_start" for item in summary.exports)
    return (
        tuple(Import(name, None, None) for name in modules),
        callable_exports((), (COMMAND,)) if starts else (),
        ("preview 1",) if any(name in modules for name in PREVIEW_1) else (),
    )


def _wasi_versions(names: tuple[str, ...]) -> list[str]:
    found = {
        name.version
        for name in map(parse_extern_name, names)
        if isinstance(name, InterfaceName) and name.namespace == "wasi" and name.version
        # Proposals have versions of their own.
        if name.package in ("cli", "clocks", "filesystem", "http", "io", "random", "sockets")
    }
    return sorted(found, key=_precedence, reverse=True)


def _precedence(version: str) -> tuple[list[int], bool, str]:
    """What semantic versions are ordered by, roughly: a pre-release is before its release."""
    release, _, pre_release = version.partition("-")
    return [int(part) for part in release.split(".")], not pre_release, pre_release


def _kind(part: Outline, section: str, is_custom: bool) -> str:
    if is_custom:
        if section.startswith((".debug", "reloc")):
            return "debug information"
        names = section in ("name", "component-name")
        return "names" if names else f"custom `{section}`"
    if section in ("core module", "component"):
        return section
    if part.kind is Kind.MODULE:
        return section if section in ("code", "data") else "core definitions"
    return "component definitions"


def _outline(outline: Outline) -> Json:
    return {
        "kind": outline.kind.value,
        "name": outline.name,
        "offset": outline.start,
        "size": outline.size,
        "sections": [section._asdict() for section in outline.sections],
        "nested": [_outline(part) for part in outline.nested],
    }
