"""The comments and annotations that a `package-docs` section keeps of a WIT package.

The section is for people only and may hold anything: what cannot be understood is left out.

Spec: none; wit-parser's encoding of metadata, versions 0 and 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from spindle.wasm.names import LABEL, SEMVER

SECTION = "package-docs"
UNPRINTABLE = re.compile("[\0-\b\v-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that would control a terminal, or reorder the text around them."""


class Docs(NamedTuple):
    """What is said of one item, and of the items within it."""

    node: object = None

    def of(self, *path: str) -> Docs:
        """What is said of an item within."""
        node = self.node
        for step in path:
            node = node.get(step) if isinstance(node, dict) else None
        return Docs(node)

    def lines(self) -> Iterator[str]:
        """The lines of WIT before the item."""
        text = self.of("docs").node if isinstance(self.node, dict) else self.node
        if isinstance(text, str) and text:
            for line in UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text).split("\n"):
                yield f"/// {line}".rstrip()
        yield from self._annotations()

    def _annotations(self) -> Iterator[str]:
        stable, unstable = self.of("stability", "stable"), self.of("stability", "unstable")
        if since := stable.word("since", SEMVER):
            yield f"@since(version = {since})"
        if feature := unstable.word("feature", LABEL):
            yield f"@unstable(feature = {feature})"
        for version in filter(
            None, (each.word("deprecated", SEMVER) for each in (stable, unstable))
        ):
            yield f"@deprecated(version = {version})"

    def word(self, key: str, grammar: str) -> str | None:
        """The text of a key, if it follows a grammar."""
        text = self.of(key).node
        return text if isinstance(text, str) and re.fullmatch(grammar, text) else None


NO_DOCS = Docs()


def read_docs(section: bytes) -> Docs:
    """The contents of the section: a byte with its version, then JSON."""
    try:
        return Docs(json.loads(section[1:]))
    except (ValueError, RecursionError):
        return NO_DOCS
