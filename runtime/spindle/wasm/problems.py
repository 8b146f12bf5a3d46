"""The error of a component whose definitions do not fit together."""

from __future__ import annotations

from spindle.errors import ComponentError


class ValidationError(ComponentError):
    """A binary is well-formed, but its definitions do not fit together.

    `offset` is the file offset of the definition at fault, once known; `context` says what it is,
    outermost first.
    """

    code = "invalid-component"

    def __init__(
        self, problem: str, offset: int | None = None, context: tuple[str, ...] = ()
    ) -> None:
        where = "" if offset is None else f" (at offset {offset:#x})"
        super().__init__(": ".join((*context, problem)) + where)
        self.problem = problem
        self.offset = offset
        self.context = context

    def within(self, context: str, offset: int | None = None) -> ValidationError:
        """The same error, one context further out, at an offset unless it already has one."""
        at = offset if self.offset is None else self.offset
        return ValidationError(self.problem, at, (context, *self.context))
