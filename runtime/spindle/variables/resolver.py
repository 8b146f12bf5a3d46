"""An application's variables and what its components make of them."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from spindle.app import App, Variable
from spindle.template import Reference, Template, TemplateError, parse_template
from spindle.variables.names import ProviderError, VariableError, check_name
from spindle.variables.providers import Provider

T = TypeVar("T")


@dataclass(frozen=True)
class Resolver:
    """Values by name, for the application and for each of its components.

    Values are asked of the providers each time, so that a provider may change its mind. A name is
    secret when its variable is, or when its template refers to one that is.
    """

    variables: Mapping[str, Variable]
    components: Mapping[str, Mapping[str, str]]
    """Templates by component and name."""
    providers: Sequence[Provider] = ()
    revealed: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    """The last value of each secret variable that anybody asked for."""

    @classmethod
    def of(cls, app: App, providers: Sequence[Provider]) -> Resolver:
        """The resolver of an application."""
        components = {id_: component.variables for id_, component in app.components.items()}
        return cls(app.variables, components, providers)

    async def resolve(self, component: str, name: str) -> str:
        """The value of a component's variable; raises `VariableError`."""
        return await self.filled(self._template(component, name))

    async def resolve_all(self, component: str) -> dict[str, str]:
        """All of a component's variables; raises `VariableError`."""
        names = self.components.get(component, {})
        return {name: await self.resolve(component, name) for name in names}

    async def filled(self, template: Template) -> str:
        """A template over the application's variables, filled in; raises `VariableError`."""
        if template.is_literal:
            return template.text
        values = [
            await self.variable(part.name) if isinstance(part, Reference) else part
            for part in template.parts
        ]
        return "".join(values)

    async def variable(self, name: str) -> str:
        """The value of one of the application's variables; raises `VariableError`."""
        for provider in self.providers:
            value = provider.get(name)
            if isinstance(value, Awaitable):
                value = await value
            if value is not None:
                break
        else:
            value = self._default(name)
        if name in self.variables and self.variables[name].secret:
            self.revealed[name] = value
        return value

    def resolve_nowait(self, component: str, name: str) -> str:
        """Like `resolve`, when no provider has to wait; raises `BlockingIOError` if one does."""
        return run_nowait(self.resolve(component, name))

    def variable_nowait(self, name: str) -> str:
        """Like `variable`, when no provider has to wait; raises `BlockingIOError` if one does."""
        return run_nowait(self.variable(name))

    async def unresolved(self) -> tuple[str, ...]:
        """The variables that have no default and get no value; none may be left at start.

        Of those that a provider can't say anything about, it is not known.
        """
        names = [name for name, variable in self.variables.items() if variable.default is None]
        return tuple([name for name in names if not await self._provided(name)])

    def secret(self, component: str, name: str) -> str | None:
        """The application's secret variable that a component's variable reveals, if any."""
        return self._secrets.get((component, name))

    async def _provided(self, name: str) -> bool:
        try:
            await self.variable(name)
        except ProviderError:
            return True
        except VariableError:
            return False
        return True

    def _default(self, name: str) -> str:
        variable = self.variables.get(name)
        if variable is None:
            raise VariableError("invalid-name", name)
        if variable.default is None:
            message = f'no provider resolved required variable "{name}"'
            raise VariableError("provider", message)
        return variable.default

    def _template(self, component: str, name: str) -> Template:
        template = self._templates.get((component, name))
        if template is not None:
            return template
        check_name(name)
        if component not in self.components:
            raise VariableError("undefined", f'no variable for component "{component}"')
        if name not in self.components[component]:
            raise VariableError("undefined", f'no variable for "{component}"."{name}"')
        raise VariableError("provider", "unmatched '{{' in template")

    @cached_property
    def _templates(self) -> Mapping[tuple[str, str], Template]:
        return dict(self._parsed())

    def _parsed(self) -> Iterable[tuple[tuple[str, str], Template]]:
        for component, variables in self.components.items():
            for name, text in variables.items():
                try:
                    yield (component, name), parse_template(text)
                except TemplateError:
                    continue

    @cached_property
    def _secrets(self) -> Mapping[tuple[str, str], str]:
        return {
            key: reference.name
            for key, template in self._templates.items()
            for reference in template.references
            if reference.name in self.variables and self.variables[reference.name].secret
        }


def run_nowait(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits; raises `BlockingIOError` if it does."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    coroutine.close()
    raise BlockingIOError("a variables provider has to wait")
