"""What a template is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a template asks for."""

    id: str
    prompt: str
    default: str | None = None
    pattern: re.Pattern[str] | None = None
    allowed: tuple[str, ...] = ()
    """The only values there are, if any."""

    def problem(self, value: str) -> str | None:
        """What is wrong with a value; None when nothing is."""
        if not value.isprintable():
            return "line breaks and control characters can't be part of it"
        if self.allowed and value not in self.allowed:
            return "it must be one of " + ", ".join(f"`{one}`" for one in self.allowed)
        if self.pattern is not None and not self.pattern.search(value):
            return f"it must match `{self.pattern.pattern}`"
        return None


@dataclass(frozen=True, slots=True)
class Condition:
    """What is left out where the application has something already."""

    entry: tuple[str, ...]
    """The keys that lead to it in the manifest."""
    skip_files: frozenset[str] = frozenset()
    skip_parameters: frozenset[str] = frozenset()
    skip_snippets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Variant:
    """How a template makes an application, or a component of one."""

    skip_files: frozenset[str] = frozenset()
    """Paths below the content, with `/`."""
    skip_parameters: frozenset[str] = frozenset()
    snippets: Mapping[str, str] = field(default_factory=dict)
    """File names of what goes into the manifest, by where: component, variables, …"""
    conditions: tuple[Condition, ...] = ()

    def resolved(self, manifest: Mapping[str, object]) -> Variant:
        """What is left for an application with that manifest, as plain TOML."""
        variant = self
        for condition in self.conditions:
            if _has(manifest, condition.entry):
                variant = Variant(
                    variant.skip_files | condition.skip_files,
                    variant.skip_parameters | condition.skip_parameters,
                    {
                        place: name
                        for place, name in variant.snippets.items()
                        if place not in condition.skip_snippets
                    },
                )
        return variant


@dataclass(frozen=True, slots=True)
class DirectoryOutput:
    """A directory to be made, with nothing in it."""

    path: str
    """Liquid."""
    at: Literal["component", "manifest"] = "component"


@dataclass(frozen=True, slots=True)
class Template:
    """A template whose metadata were read; its content is read when it is used."""

    id: str
    directory: Path
    description: str = ""
    tags: frozenset[str] = frozenset()
    application: Variant | None = None
    component: Variant | None = None
    parameters: tuple[Parameter, ...] = ()
    outputs: tuple[DirectoryOutput, ...] = ()
    origin: str = ""
    """Where it was installed from; empty for Spindle's own."""
    shared: Path | None = None
    """Content that every application of its collection has, and partials."""

    def parameters_of(self, variant: Variant) -> Iterator[Parameter]:
        """The parameters that a variant asks for."""
        return (one for one in self.parameters if one.id not in variant.skip_parameters)


def _has(table: object, entry: tuple[str, ...]) -> bool:
    for key in entry:
        if not isinstance(table, Mapping) or key not in table:
            return False
        table = table[key]
    return True
