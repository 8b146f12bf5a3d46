"""Python source under construction, and the objects it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any


class Source:
    """One generated function.

    Locals are fresh names; objects the code needs are bound to names of its own globals.
    """

    def __init__(self, name: str, *parameters: str) -> None:
        self.name = name
        self.globals: dict[str, Any] = {name: None}
        self._lines = [f"def {name}({', '.join(parameters)}):"]
        self._indent = "    "
        self._locals = 0

    def local(self) -> str:
        """A new local variable."""
        self._locals += 1
        return f"s{self._locals}"

    def locals(self, count: int) -> list[str]:
        """New local variables."""
        return [self.local() for _ in range(count)]

    def bind(self, hint: str, value: object) -> str:
        """A global name for an object; the same one for the same object."""
        name = hint
        number = 1
        while self.globals.setdefault(name, value) is not value:
            number += 1
            name = f"{hint}_{number}"
        return name

    def line(self, text: str) -> None:
        """Append a statement."""
        self._lines.append(self._indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Append a compound statement; what is appended inside is its body."""
        self.line(head)
        outer = self._indent
        self._indent = outer + "    "
        yield
        self._indent = outer

    def text(self) -> str:
        """The source so far."""
        return "\n".join(self._lines)

    def compile(self) -> Callable[..., Any]:
        """The function."""
        exec(compile(self.text(), f"<canonical ABI: {self.name}>", "exec"), self.globals)
        function: Callable[..., Any] = self.globals[self.name]
        return function


def tuple_of(items: Sequence[str]) -> str:
    """Names or expressions as a tuple, or as the target of its assignment."""
    return f"({', '.join(items)},)" if items else "()"
