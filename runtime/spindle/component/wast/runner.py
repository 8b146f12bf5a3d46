"""One script, run command by command in this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spindle.component.component import Compiler, Component
from spindle.component.core import CoreError
from spindle.component.exports import Instance
from spindle.component.planner import UnsupportedError
from spindle.component.trap import Trap
from spindle.component.wast.commands import (
    AssertFailure,
    AssertReturn,
    Command,
    Define,
    Instantiate,
    Invoke,
    command_of,
)
from spindle.component.wast.forms import Form, FormError, read_forms
from spindle.component.wast.literals import same, value_of
from spindle.errors import SpindleError

_REFUSALS = {
    "assert_trap": (Trap,),
    "assert_uninstantiable": (Trap,),
}
"""How commands fail that are not just refused."""


class WrongOutcome(SpindleError):
    """A command did something other than its script says."""

    code = "wrong-outcome"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the command at a line; `problem` None means it passed."""

    line: int
    command: str
    problem: str | None = None


class Runner:
    """The components and instances of one script.

    `seed` decides the order in which the guests' threads run. With `check_messages`, the reasons
    of traps and refusals must contain those the script gives.
    """

    def __init__(
        self, compiler: Compiler, *, seed: int | None = None, check_messages: bool = False
    ) -> None:
        self.compiler = compiler
        self.seed = seed
        self.check_messages = check_messages
        self.definitions: dict[str | None, Component] = {}
        self.instances: dict[str | None, Instance] = {}
        """The last one is that of the name None, too."""
        self._made: list[Instance] = []

    def run(self, source: str) -> Iterator[Outcome]:
        """The outcome of each command, as they come; `FormError` for what is no script."""
        try:
            for form in read_forms(source):
                yield Outcome(form.line, form.head, self.problem_of(form))
        finally:
            for instance in self._made:
                instance.close()

    def problem_of(self, form: Form) -> str | None:
        """Why a command did not pass."""
        try:
            self.execute(command_of(form))
        except (SpindleError, CoreError) as error:
            return str(error)
        except Exception as error:  # a fault of ours must cost one command only
            return f"{type(error).__name__}: {error}"
        return None

    def execute(self, command: Command) -> Any:
        """Carry a command out; raises whatever stands in the way."""
        match command:
            case Define():
                return self.define(command)
            case Instantiate():
                return self.instantiate(command)
            case Invoke():
                return self.invoke(command)
            case AssertReturn():
                return self.assert_return(command)
            case AssertFailure():
                return self.assert_failure(command)

    def define(self, command: Define) -> None:
        """Load a component, and instantiate it unless it is a mere definition."""
        binary = command.binary()
        try:
            component = Component.load(binary, self.compiler)
        except UnsupportedError:
            if command.is_definition:
                return
            raise
        self.definitions[command.name] = self.definitions[None] = component
        if not command.is_definition:
            self.instantiate(Instantiate(command.name, command.name))

    def instantiate(self, command: Instantiate) -> None:
        """Make an instance."""
        component = named(self.definitions, command.definition, "component")
        instance = component.instantiate(seed=self.seed)
        self._made.append(instance)
        self.instances[command.name] = self.instances[None] = instance

    def invoke(self, command: Invoke) -> list[tuple[Any, Any]]:
        """Call a function; its result with its type, if it has one."""
        func = named(self.instances, command.instance, "instance").func(command.function)
        types = [field.type for field in func.type.params]
        if len(types) != len(command.args):
            raise FormError(f"`{command.function}` takes {len(types)} arguments")
        args = [value_of(arg, type) for arg, type in zip(command.args, types, strict=True)]
        result = func.call(*args)
        return [] if func.type.result is None else [(result, func.type.result)]

    def assert_return(self, command: AssertReturn) -> None:
        """Compare results."""
        results = self.invoke(command.invoke)
        if len(results) != len(command.results):
            raise WrongOutcome(f"gives {len(results)} results instead of {len(command.results)}")
        for (actual, type), form in zip(results, command.results, strict=True):
            if not same(value_of(form, type), actual):
                raise WrongOutcome(f"gives {actual!r} instead of `{form.text}`")

    def assert_failure(self, command: AssertFailure) -> None:
        """See a command fail in the right way."""
        expected = _REFUSALS.get(command.kind, (SpindleError, CoreError))
        try:
            self.execute(command.subject)
        except FormError:
            raise
        except expected as error:
            if self.check_messages and command.message not in str(error):
                problem = f"fails with `{error}` instead of `{command.message}`"
                raise WrongOutcome(problem) from None
            return
        raise WrongOutcome(f"does not fail; expected `{command.message}`")


def named(known: dict[str | None, Any], name: str | None, what: str) -> Any:
    """What a script calls by a name, or the last of its kind."""
    if name not in known:
        raise FormError(f"there is no {what} `{name}`" if name else f"there is no {what} yet")
    return known[name]
