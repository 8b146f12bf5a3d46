"""What keeps a component from being linked with a host."""

from __future__ import annotations

from spindle.errors import ComponentError


class LinkError(ComponentError):
    """A component imports what the host does not provide."""

    code = "missing-import"

    def __init__(
        self, name: str, expected: str, found: str = "nothing", nearest: str | None = None
    ) -> None:
        hints = (f"did you mean `{nearest}`?",) if nearest else ()
        super().__init__(
            f"the component imports {expected} `{name}`, but the host provides {found}",
            hints=hints,
        )
        self.import_name = name
        self.expected = expected
        """What the import is: a `function` or a `resource`."""
        self.found = found
        self.nearest = nearest
        """The name most like it that is provided."""
