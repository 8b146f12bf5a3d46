"""What a host provides to components, found by name and compatible version.

A provider of `wasi:io/streams@0.2.6` serves imports of every `0.2.x`; of `pkg:a/b@1.4.0`, of every
`1.x`. Pre-releases, and names without a version, are served under exactly their name.

Spec: Binary.md (canonical interface names), https://semver.org.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from spindle.component.host import HostInterface
from spindle.wasm.names import track_of, version_order


class Imports:
    """The interfaces a host provides, by name.

    A `lenient` one lets components link whose imports it lacks, all or those of some namespaces
    (`wasi`): calling one of them traps.
    """

    def __init__(
        self,
        interfaces: Mapping[str, HostInterface] | None = None,
        *,
        lenient: bool | Collection[str] = False,
    ) -> None:
        self.interfaces = dict(interfaces or {})
        """Functions that a component imports by themselves belong to the interface `""`."""
        self.lenient = lenient
        self._tracks = {track_of(name): name for name in sorted(self.interfaces, key=version_order)}

    def may_lack(self, name: str | None) -> bool:
        """Whether a component may link although this interface lacks what it imports."""
        if isinstance(self.lenient, bool):
            return self.lenient
        return (name or "").partition(":")[0] in self.lenient

    def find(self, name: str | None) -> HostInterface | None:
        """The interface that serves an import."""
        wanted = name or ""
        exact = self.interfaces.get(wanted)
        if exact is not None:
            return exact
        compatible = self._tracks.get(track_of(wanted))
        return None if compatible is None else self.interfaces[compatible]

    def merged(self, other: Imports) -> Imports:
        """Both sets of interfaces; of the same name, the other's."""
        return Imports(self.interfaces | other.interfaces, lenient=self.lenient or other.lenient)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like one that is not known."""
    # Imported here, for it is needed only to say what is wrong.
    import difflib

    matches = difflib.get_close_matches(name, list(known), n=1)
    return matches[0] if matches else None
