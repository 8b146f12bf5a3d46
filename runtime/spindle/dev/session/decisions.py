"""What changed files ask for."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from spindle.dev.watching import Changes, Kind


class Decision(NamedTuple):
    """What is to be done, in this order."""

    restart: tuple[str, ...] = ()
    """Files that only a new host reads; a person is told."""
    build: tuple[str, ...] = ()
    """Components whose sources changed."""
    renew: tuple[str, ...] = ()
    """Components whose instances may remember files that changed."""
    artefacts: tuple[str, ...] = ()
    """Components whose wasm somebody else changed."""
    reload: bool = False
    """Whether the application is to be read and served again."""
    manifest: bool = False
    """Whether its manifest is what changed."""


def decide(changes: Changes, built: Collection[str], being_made: Collection[str] = ()) -> Decision:
    """What changes ask for; `built` are the components that builds are run for.

    `being_made` are the artefacts of builds that run: whoever builds knows when they are whole.
    """
    sources = [id_ for id_ in changes.of(Kind.SOURCES) if id_ in built]
    files = changes.of(Kind.FILES)
    restart = [path for paths in changes.of(Kind.CONFIGURATION).values() for path in paths]
    made = changes.of(Kind.ARTEFACT).items()
    artefacts = [id_ for id_, paths in made if set(paths).difference(being_made)]
    manifest = bool(changes.of(Kind.MANIFEST))
    return Decision(
        tuple(restart),
        tuple(id_ for id_ in sources if id_ is not None),
        tuple(id_ for id_ in files if id_ is not None),
        tuple(id_ for id_ in artefacts if id_ is not None),
        reload=bool(manifest or artefacts or files),
        manifest=manifest,
    )
