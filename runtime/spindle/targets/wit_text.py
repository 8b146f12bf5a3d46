"""The names in a text of WIT: what its worlds import and export, without types.

Spec: WIT.md. Items behind `@unstable` are left out, as where no feature is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from spindle.wasm.names import SEMVER

_TOKEN = re.compile(
    rf"(?P<space>\s+|//[^\n]*)|(?P<comment>/\*)|(?P<word>%?[A-Za-z0-9][A-Za-z0-9-]*)"
    rf"|(?P<version>@{SEMVER})|(?P<other>->|.)",
    re.DOTALL,
)
_TYPES = ("record", "variant", "enum", "flags", "resource", "type")


@dataclass(slots=True)
class Body:
    """An interface or a world, by full names."""

    uses: list[str] = field(default_factory=list)
    """Interfaces that types are taken from."""
    imports: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Each with the interfaces its types are of, if it is written out in place."""
    exports: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    includes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Worlds, and what their plain names become."""


@dataclass(slots=True)
class Wit:
    """Packages that belong together."""

    interfaces: dict[str, Body] = field(default_factory=dict)
    worlds: dict[str, Body] = field(default_factory=dict)


def joined(package: str, name: str) -> str:
    """A name within a package, as `namespace:package/name@version`."""
    bare, at, version = package.partition("@")
    return f"{bare}/{name}{at}{version}"


class Unexpected(Exception):
    """The text doesn't follow the grammar."""


def tokens_of(text: str) -> Iterator[str]:
    """The words and signs of a text, without its comments."""
    at = 0
    while found := _TOKEN.match(text, at):
        at = found.end()
        if found["comment"]:
            at = _after_comment(text, at)
        elif not found["space"]:
            yield found[0].removeprefix("%")


def _after_comment(text: str, at: int) -> int:
    """Where a comment ends, which others may be nested in."""
    depth = 1
    for found in re.compile(r"/\*|\*/").finditer(text, at):
        depth += 1 if found[0] == "/*" else -1
        if depth == 0:
            return found.end()
    return len(text)


class Parser:
    """Reads one file of a package."""

    def __init__(self, text: str, package: str, wit: Wit) -> None:
        self._tokens = [*tokens_of(text)]
        self._at = 0
        self._package = package
        self._wit = wit
        self._aliases: dict[str, str] = {}

    def read(self) -> None:
        """Read all of it into the packages."""
        # A name may be used before the `use` that makes it.
        for find in (self._find_aliases, self._items):
            self._at = 0
            find()

    def _find_aliases(self) -> None:
        depth = 0
        while self._at < len(self._tokens):
            token = self._next()
            depth += (token == "{") - (token == "}")
            if token == "use" and depth == 0:
                target = self._path()
                name = self._next() if self._skip("as") else short(target)
                self._aliases[name] = target

    def _items(self) -> None:
        while self._at < len(self._tokens) and self._peek() != "}":
            self._gates()
            match self._next():
                case "package":
                    self._nested()
                case "use":
                    self._until(";")
                case "interface":
                    name = joined(self._package, self._next())
                    self._wit.interfaces[name] = Body(uses=self._uses())
                case "world":
                    name = joined(self._package, self._next())
                    self._wit.worlds[name] = self._world()
                case token:
                    raise Unexpected(f"`{token}` is unexpected")

    def _nested(self) -> None:
        """A package's name, and what it has if that is in braces."""
        package = self._until(";", "{")
        if self._tokens[self._at - 1] == ";":
            return
        outer, self._package = self._package, package
        self._items()
        self._expect("}")
        self._package = outer

    def _uses(self) -> list[str]:
        """The interfaces that one in braces uses."""
        self._expect("{")
        uses, depth = [], 1
        while depth:
            token = self._next()
            depth += (token == "{") - (token == "}")
            if token == "use" and depth == 1 and self._peek() not in (":", ","):
                uses.append(self._path())
                self._until(";")
        return uses

    def _world(self) -> Body:
        body, left_out = Body(), Body()
        self._expect("{")
        while not self._skip("}"):
            self._world_item(left_out if self._gates() else body)
        return body

    def _world_item(self, body: Body) -> None:
        keyword = self._next()
        if keyword in ("import", "export"):
            items = body.imports if keyword == "import" else body.exports
            items.append(self._extern())
        elif keyword == "include":
            body.includes.append((self._path(), self._renamed()))
        elif keyword == "use":
            body.uses.append(self._path())
            # Types that are used are imported by their names.
            body.imports += [(name, ()) for name in self._used_names()]
        elif keyword in _TYPES:
            body.imports.append((self._next(), ()))
            self._rest()
        else:
            raise Unexpected(f"`{keyword}` is unexpected in a world")

    def _extern(self) -> tuple[str, tuple[str, ...]]:
        """What is imported or exported: an interface, or a name with what it is."""
        if self._peek(1) != ":" or self._peek(2) not in ("func", "interface", "async"):
            return self._path_and_end(), ()
        name = self._next()
        self._expect(":")
        if self._skip("interface"):
            return name, tuple(self._uses())
        self._until(";")
        return name, ()

    def _path_and_end(self) -> str:
        path = self._path()
        self._expect(";")
        return path

    def _renamed(self) -> dict[str, str]:
        if not self._skip("with"):
            self._expect(";")
            return {}
        return {old: new for old, new in self._pairs() if old != new}

    def _used_names(self) -> list[str]:
        self._expect(".")
        return [new for _, new in self._pairs()]

    def _pairs(self) -> list[tuple[str, str]]:
        """Names in braces, each with what `as` makes of it."""
        self._expect("{")
        pairs = []
        while not self._skip("}"):
            name = self._next()
            pairs.append((name, self._next() if self._skip("as") else name))
            self._skip(",")
        self._skip(";")
        return pairs

    def _path(self) -> str:
        """An interface's or world's full name."""
        first = self._next()
        if not self._skip(":"):
            return self._aliases.get(first) or joined(self._package, first)
        package = self._next()
        self._expect("/")
        name = self._next()
        version = self._next() if self._peek().startswith("@") else ""
        return f"{first}:{package}/{name}{version}"

    def _gates(self) -> bool:
        """Pass over `@since(…)` and the like; whether one of them leaves the item out."""
        unstable = False
        while self._skip("@"):
            unstable |= self._next() == "unstable"
            if self._skip("("):
                self._until(")")
        return unstable

    def _rest(self) -> None:
        """Pass over what follows a type's name: braces, or all up to a semicolon."""
        depth = 0
        while True:
            token = self._next()
            depth += (token == "{") - (token == "}")
            if depth == 0 and token in (";", "}"):
                return

    def _until(self, *ends: str) -> str:
        start = self._at
        while self._next() not in ends:
            pass
        return "".join(self._tokens[start : self._at - 1])

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise Unexpected(f"expected `{token}`, found `{found}`")

    def _skip(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self._at += 1
        return True

    def _peek(self, ahead: int = 0) -> str:
        where = self._at + ahead
        return self._tokens[where] if where < len(self._tokens) else ""

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise Unexpected("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]


def short(path: str) -> str:
    """An interface's or world's name within its package."""
    return path.partition("/")[2].partition("@")[0]
