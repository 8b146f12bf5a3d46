"""Paths of sources as compilers note them, and what of them people want to see."""

from __future__ import annotations

import re

_STANDARD = re.compile(r"^/rustc/[0-9a-f]+/(?P<rest>library/.+)$")
_CRATE = re.compile(r"^.*/registry/src/[^/]+/(?P<rest>[^/]+-\d[^/]*/.+)$")
_GIT_CRATE = re.compile(r"^.*/\.cargo/git/checkouts/(?P<rest>[^/]+/.+)$")
_BUNDLED = re.compile(r"^/rust/deps/(?P<rest>.+)$")
_LIBC = re.compile(r"^.*wasi-?sdk.*/(?P<rest>(?:wasi-libc|libc)[^/]*/.+)$")
_GO = re.compile(r"^.*/pkg/mod/(?P<rest>.+)$")
_SYSTEM = re.compile(r"^/usr/(?:lib|local|include|share)/(?P<rest>.+)$")
_FOREIGN = (_STANDARD, _CRATE, _GIT_CRATE, _BUNDLED, _LIBC, _GO, _SYSTEM)


def is_foreign(path: str) -> bool:
    """Whether a path is one of a toolchain's or of a package's that was fetched."""
    return any(pattern.match(path.replace("\\", "/")) for pattern in _FOREIGN)


def shortened(path: str) -> str:
    """A foreign path from the package's name on; any other as it is."""
    plain = path.replace("\\", "/")
    for pattern in _FOREIGN:
        if found := pattern.match(plain):
            return found["rest"]
    return path
