"""The grammar of labels and of import and export names.

Spec: Explainer.md#import-and-export-definitions, #name-uniqueness.
"""

from __future__ import annotations

import functools
import re
from typing import Literal, NamedTuple, TypeAlias

# Patterns are compiled when first used: a start that finds its plan in the cache reads no names.
LABEL = r"(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*"
WORDS = r"[a-z][0-9a-z]*(?:-[0-9a-z]+)*"
NUMBER = r"(?:0|[1-9][0-9]*)"
SEMVER = (
    rf"{NUMBER}\.{NUMBER}\.{NUMBER}"
    rf"(?:-(?:{NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:{NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
CANON_VERSION = r"[1-9][0-9]*|0\.[1-9][0-9]*|0\.0\.[1-9][0-9]*|0\.0\.0"

_PLAIN = (
    rf"\[constructor\](?P<constructor>{LABEL})"
    rf"|\[(?P<kind>method|static)\](?P<resource>{LABEL})\.(?P<function>{LABEL})"
)
_INTERFACE = (
    rf"(?P<namespace>{WORDS}):(?P<package>{WORDS})/(?P<interface>{LABEL})"
    rf"(?:@(?P<version>{SEMVER}|{CANON_VERSION}))?"
)


class PlainName(NamedTuple):
    """A label, perhaps of a function that belongs to a resource."""

    label: str
    """The function's or item's own label; of a constructor, the resource's."""
    kind: Literal["constructor", "method", "static"] | None = None
    resource: str | None = None

    def __str__(self) -> str:
        if self.kind is None:
            return self.label
        of_resource = (
            self.resource if self.kind == "constructor" else f"{self.resource}.{self.label}"
        )
        return f"[{self.kind}]{of_resource}"


class InterfaceName(NamedTuple):
    """`namespace:package/interface@version`."""

    namespace: str
    package: str
    interface: str
    version: str | None = None

    @property
    def unversioned(self) -> str:
        """The name without its version."""
        return f"{self.namespace}:{self.package}/{self.interface}"

    @property
    def qualified_package(self) -> str:
        """The package the interface is in, with its version."""
        version = f"@{self.version}" if self.version else ""
        return f"{self.namespace}:{self.package}{version}"


ExternName: TypeAlias = PlainName | InterfaceName

Track: TypeAlias = str
"""An interface with the part of its version that must be equal."""


def parse_extern_name(name: str) -> ExternName | None:
    """An import's or export's name in its parts; None if it does not follow the grammar."""
    if re.fullmatch(LABEL, name):
        return PlainName(name)
    if match := re.fullmatch(_PLAIN, name):
        if label := match["constructor"]:
            return PlainName(label, "constructor", label)
        kind: Literal["method", "static"] = "method" if match["kind"] == "method" else "static"
        return PlainName(match["function"], kind, match["resource"])
    if match := re.fullmatch(_INTERFACE, name):
        return InterfaceName(**match.groupdict())
    return None


def is_label(name: str) -> bool:
    """Whether a name is in kebab case, as fields, cases and parameters are."""
    return re.fullmatch(LABEL, name) is not None


def is_interface_name(name: str) -> bool:
    """Whether a name is `namespace:package/interface`, with or without a version."""
    return re.fullmatch(_INTERFACE, name) is not None


def is_resource_function(name: str) -> bool:
    """Whether a name is that of a constructor, method or static function."""
    return name.startswith("[")


def is_version_split(canon_version: str, suffix: str) -> bool:
    """Whether a canonical version and a suffix make up one semantic version."""
    return (
        re.fullmatch(CANON_VERSION, canon_version) is not None
        and re.fullmatch(SEMVER, canon_version + suffix) is not None
    )


def unique_key(name: str) -> str:
    """What two strongly-unique names of one scope may not have in common."""
    key = name.lower()
    if key.startswith("[constructor]") or not key.startswith("["):
        return key
    key = key[key.index("]") + 1 :]
    resource, _, function = key.partition(".")
    return resource if resource == function else key


@functools.cache
def track_of(name: str) -> Track:
    """The track of an interface name; names on one track are compatible.

    Pre-releases, and names without a version, are compatible with exactly themselves.
    """
    parsed = parse_extern_name(name)
    if not isinstance(parsed, InterfaceName) or parsed.version is None:
        return name
    version = parsed.version.partition("+")[0]
    if "-" in version:
        return f"{parsed.unversioned}@{version}"
    parts = version.split(".")
    significant = next((n for n, part in enumerate(parts) if part != "0"), len(parts) - 1)
    return f"{parsed.unversioned}@{'.'.join(parts[: significant + 1])}"


def version_order(name: str) -> tuple[int, ...]:
    """Sorts the interface names of one track from old to new."""
    parsed = parse_extern_name(name)
    version = parsed.version if isinstance(parsed, InterfaceName) else None
    numbers = (version or "").partition("+")[0].partition("-")[0].split(".")
    return tuple(int(number) for number in numbers if number)
