"""How long an instance lives and how much it may take."""

from __future__ import annotations

from typing import NamedTuple, Protocol, TypeVar

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
    """The limits of every component's instances; the defaults are Spin's.

    Only WASI 0.3 handlers are reused; others get an instance each.
    """

    reuse_count: Drawn[int] = Fixed(128)
    """Requests an instance serves in its life."""
    concurrent_reuse_count: Drawn[int] = Fixed(16)
    """Requests an instance serves at a time."""
    idle_timeout: Drawn[float] = Fixed(1)
    """Seconds an instance is kept while nobody needs it."""
    request_timeout: Drawn[float] | None = None
    """Seconds until a request without a whole response fails; None for no limit."""
    memory_limit: int | None = None
    """Bytes of linear memory an instance may have; None for no limit."""
    max_instances: int = 1000
    """Instances of one component that live at the same time; requests beyond wait."""
    restore: bool = True
    """Whether an instance for one request may be one that was restored to its beginning."""
