"""Names of core functions as their sources spell them."""

from __future__ import annotations

import functools

LONGEST = 4096
"""Characters of a mangled name that is read; a longer one stays as it is."""

RUST, CPP = ("_R", "__R"), ("_Z", "__Z", "___Z")


@functools.lru_cache(maxsize=4096)
def demangled(name: str) -> str:
    """A name of Rust's or C++'s schemes as a person wrote it; any other as it is."""
    if not name.startswith(RUST + CPP) or len(name) > LONGEST:
        return name
    # Imported here, for few ever see a trap.
    import demangle

    return demangle.demangle(name)
