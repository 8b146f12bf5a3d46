"""How long an instance lives and how much it may take."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

from spindle.limits import DEFAULT, Limits, limits_of

T_co = TypeVar("T_co", covariant=True)


class Drawn(Protocol[T_co]):
    """A number, or a range from which one is drawn at each use."""

    def draw(self) -> T_co:
        """The number for this use."""
        ...


class Fixed(NamedTuple):
    """Always the same number."""

    value: int

    def draw(self) -> int:
        """The number."""
        return self.value


class Policy(NamedTuple):
    """What becomes of a component's instances; the defaults are Spin's.

    Only WASI 0.3 handlers are reused; others get an instance each.
    """

    reuse_count: Drawn[int] = Fixed(128)
    """Requests an instance serves in its life."""
    concurrent_reuse_count: Drawn[int] = Fixed(16)
    """Requests an instance serves at a time."""
    idle_timeout: Drawn[float] = Fixed(1)
    """Seconds an instance is kept while nobody needs it."""
    request_timeout: Drawn[float] | None = None
    """Seconds until a request without a whole response fails; None for what `limits` say."""
    limits: Limits = DEFAULT
    given: Mapping[str, Any] = {}
    """Limits that hold for every component, whatever its own settings are."""
    restore: bool = True
    """Whether an instance may be one that has served and was restored to its beginning."""
    spare: bool = True
    """Whether one may be made before anybody needs it."""

    @property
    def fresh(self) -> Policy:
        """The same, with an instance of its own for each request, made for it."""
        return self._replace(
            reuse_count=Fixed(1), concurrent_reuse_count=Fixed(1), restore=False, spare=False
        )

    def draw_timeout(self) -> float | None:
        """Seconds the next request may take; None for any time."""
        if self.request_timeout is not None:
            return self.request_timeout.draw()
        timeout = self.limits.request_timeout
        return None if math.isinf(timeout) else timeout

    def of(self, *tools: Mapping[str, Any]) -> Policy:
        """The policy of a component with these `tool` tables, later ones over earlier."""
        settings: list[Any] = [tool.get("spindle", {}) for tool in tools]
        return self._replace(limits=limits_of(*settings, self.given, base=self.limits))
