"""A Spin component with its dependencies and the middleware before it, as one component.

What it is put together from the caches know by its content: as long as none of its files changes,
they are neither read nor composed again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spindle.app import App, AppComponent, Dependency, LocalSource, Source
from spindle.component.content import Content, content_of_file
from spindle.component.plan import ROOT, InstanceNumber, Plan
from spindle.errors import SpindleError, UserError

if TYPE_CHECKING:
    from spindle.component.plan_cache import PlanCache
    from spindle.composition import Composition, Part


class Assembly(NamedTuple):
    """A Spin component and what is composed with it."""

    component: AppComponent
    middleware: tuple[Dependency, ...] = ()
    """Outermost first."""

    @classmethod
    def of(cls, app: App, component: str) -> Assembly:
        """That of an application's component, by its id."""
        return cls(app.components[component], app.middleware_of(component))

    @property
    def others(self) -> tuple[Dependency, ...]:
        """Everything but the component itself."""
        return (*self.component.dependencies, *self.middleware)

    @property
    def path(self) -> Path:
        """The component's own file; raises `UserError` if it is none."""
        return local_file(self.component.source, f"component `{self.component.id}`")

    @property
    def paths(self) -> list[Path]:
        """Every file it is made of; raises `UserError` for what is none."""
        others = [local_file(other.source, f"dependency `{other.name}`") for other in self.others]
        return [self.path, *others]

    def content(self, plans: PlanCache) -> Content:
        """Its bytes; raises `UserError`. Reading them tells what is wrong with the composition."""
        main, *others = contents = [content_of_file(path, plans) for path in self.paths]
        if not others:
            return main
        digest = self.digest_of([content.digest for content in contents])
        return Content(digest, lambda: bytes(self._composed(main, others)))

    def digest_of(self, digests: Sequence[str]) -> str:
        """What tells its content from any other, given the SHA-256 of each of its `paths`."""
        main, *others = digests
        if not others:
            return main
        named = [(d.name, d.export, digest) for d, digest in zip(self.others, others, strict=True)]
        recipe = json.dumps([main, len(self.middleware), named])
        return hashlib.sha256(recipe.encode()).hexdigest()

    def _composed(self, main: Content, others: Sequence[Content]) -> Composition:
        # Imported here, for most runs find what they need in the caches.
        from spindle import composition

        parts = [_part(d.name, c) for d, c in zip(self.others, others, strict=True)]
        dependencies = [
            composition.Dependency(dependency.name, part, dependency.export)
            for dependency, part in zip(self.component.dependencies, parts, strict=False)
        ]
        middleware = parts[len(dependencies) :]
        component = composition.read_part(self.component.id, main.read())
        return composition.assemble(component, dependencies, middleware)

    def nested(self, plan: Plan) -> Mapping[InstanceNumber, Dependency]:
        """Which component instances of its plan are dependencies or middleware.

        The root nests, in this order, the dependencies, the component, and the middleware from the
        innermost out.
        """
        if not self.others:
            return {}
        nested = [number for number, parent in enumerate(plan.instances) if parent == ROOT]
        parts = (*self.component.dependencies, None, *reversed(self.middleware))
        of = zip(nested, parts, strict=True)
        return {number: dependency for number, dependency in of if dependency is not None}


def _part(name: str, content: Content) -> Part:
    from spindle.composition import read_part

    try:
        return read_part(name, content.read())
    except SpindleError as error:
        error.message = f"dependency `{name}`: {error.message}"
        raise


def local_file(source: Source, what: str) -> Path:
    """The file of a source; raises `UserError` if it is none."""
    if isinstance(source, LocalSource):
        return source.path
    raise UserError(
        f"{what} does not come from a local file",
        hints=("what comes from a registry or a URL must be fetched before",),
    )
