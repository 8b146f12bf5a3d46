"""A world of a folder of WIT: with all that it includes, and all that this uses."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from spindle.targets.definition import TargetError, WorldRef
from spindle.targets.files import read_file
from spindle.targets.wit_text import Parser, Unexpected, Wit, joined, short, tokens_of
from spindle.targets.worlds import World, no_such_world

MOST_BYTES = 16 << 20
"""How much text a file may have."""
_Texts: TypeAlias = dict[Path, str]


def world_in_folder(ref: WorldRef, folder: Path) -> World:
    """The world of a reference; raises `TargetError`, `OSError` and `ValueError`."""
    wit = Wit()
    deps = folder / "deps"
    own = _texts([*folder.glob("*.wit")])
    packages = [own, *(_texts([file]) for file in sorted(deps.glob("*.wit")))]
    packages += [_texts([*sub.glob("*.wit")]) for sub in sorted(deps.glob("*")) if sub.is_dir()]
    for texts in packages:
        _read_package(wit, texts)
    package = _package_of(own)
    name = joined(package, ref.name.interface)
    if name not in wit.worlds:
        known = [short(one) for one in wit.worlds if joined(package, short(one)) == one]
        raise no_such_world(ref, known, f"`{folder}`")
    imports, exports = _elaborated(wit, name, frozenset())
    return World(ref.world, dict.fromkeys(imports), dict.fromkeys(exports))


def _texts(files: list[Path]) -> _Texts:
    return {file: read_file(file, MOST_BYTES).decode() for file in sorted(files)}


def _read_package(wit: Wit, texts: _Texts) -> None:
    package = _package_of(texts)
    for file, text in texts.items():
        try:
            Parser(text, package, wit).read()
        except (Unexpected, RecursionError) as error:
            raise TargetError(f"`{file}` is no WIT that can be read: {error}") from None


def _package_of(texts: _Texts) -> str:
    """What the files of one package call it: one of them says so."""
    for text in texts.values():
        tokens = list(tokens_of(text))
        if "package" in tokens:
            start = tokens.index("package") + 1
            ends = [n for n, token in enumerate(tokens[start:], start) if token in (";", "{")]
            if ends and tokens[ends[0]] == ";":
                return "".join(tokens[start : ends[0]])
    return ""


def _elaborated(
    wit: Wit, name: str, above: frozenset[str]
) -> tuple[dict[str, None], dict[str, None]]:
    """What a world imports and exports, with all that it includes and all that these use."""
    body = wit.worlds.get(name)
    if body is None or name in above:
        problem = "it includes itself" if body is not None else "it is not there"
        raise TargetError(f"the world `{name}` can't be included: {problem}")
    imports: dict[str, None] = {}
    exports: dict[str, None] = {}
    for included, renamed in body.includes:
        theirs = _elaborated(wit, included, above | {name})
        imports |= {renamed.get(one, one): None for one in theirs[0]}
        exports |= {renamed.get(one, one): None for one in theirs[1]}
    for one in body.uses:
        imports |= dict.fromkeys([*_used_by(wit, one), one])
    for one, uses in body.imports:
        needed = [*uses, *(n for use in uses for n in _used_by(wit, use)), *_used_by(wit, one)]
        imports |= dict.fromkeys([*needed, one])
    for one, uses in body.exports:
        exports[one] = None
        imports |= dict.fromkeys([*uses, *(n for use in uses for n in _used_by(wit, use))])
        imports |= dict.fromkeys(_used_by(wit, one))
    return imports, exports


def _used_by(wit: Wit, name: str) -> list[str]:
    """All interfaces whose types an interface uses, and those they use."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        body = wit.interfaces.get(waiting.pop())
        new = [use for use in (body.uses if body else ()) if use not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return list(found)
