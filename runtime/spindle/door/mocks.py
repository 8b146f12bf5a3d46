"""Python functions in place of what guests import, for a block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from spindle.errors import UserError

if TYPE_CHECKING:
    from spindle.door.embedded import EmbeddedApp


class MockError(UserError):
    """A mock is of what there isn't, or gives what WIT doesn't say."""

    code = "wrong-mock"


class MockCall(NamedTuple):
    """One call that a mock answered."""

    function: str
    """Its name in WIT."""
    args: tuple[Any, ...]
    """Lifted values."""
    result: Any
    """What was answered; an exception if the mock raised one."""
    component: str
    """The component that called."""


class Mock:
    """A context manager: within its block, guests get these functions' answers."""

    def __init__(
        self, app: EmbeddedApp, interface: str, functions: Mapping[str, Callable[..., Any]]
    ) -> None:
        self._app = app
        self.interface = interface
        self.calls: list[MockCall] = []
        """The calls answered, in order."""

    def called(self, function: str | None = None) -> list[MockCall]:
        """The calls of one function, or of all."""
        return [call for call in self.calls if function in (None, call.function)]

    def assert_called(self, function: str | None = None, times: int | None = None) -> None:
        """Fail unless it was called, or called so many times."""

    def assert_not_called(self, function: str | None = None) -> None:
        """Fail if it was called."""

    def assert_called_with(self, function: str, *args: Any) -> None:
        """Fail unless one call had these arguments."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None
