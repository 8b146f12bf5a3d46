"""Files that nobody edits: what tools keep beside sources, and what editors leave while saving."""

from __future__ import annotations

import re

DIRECTORIES = frozenset(
    {
        ".cache",
        ".git",
        ".hg",
        ".hypothesis",
        ".idea",
        ".jj",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".spin",
        ".svn",
        ".tox",
        ".venv",
        ".vscode",
        "__pycache__",
        "node_modules",
        "target",
        "venv",
    }
)
"""Names of directories in which nothing is watched, unless a pattern names them."""

_LEFTOVER = re.compile(
    r"""
    .*~                       # backups of Emacs, Vim, gedit
    | \#.*\#                  # Emacs, saved by itself
    | \.\#.*                  # Emacs, locks
    | \.?.*\.sw[a-px]         # Vim, swap files
    | 4913                    # Vim, trying whether it may write
    | .*\.(tmp|temp|part|partial|crdownload|bak|orig|rej)
    | .*___jb_(tmp|old)___    # JetBrains
    | \.goutputstream-.*      # GNOME
    | \.nfs[0-9a-f]{8,}       # deleted, yet open
    | .*\.py[co]
    | \.DS_Store
    | precompiled-source\.js(\.map)?   # Spin's j2w, beside the source it is given
    | .*\.buildData\.json
    """,
    re.VERBOSE,
)


def is_leftover(name: str) -> bool:
    """Whether a file's name is one that editors and tools use for a moment."""
    return _LEFTOVER.fullmatch(name) is not None


def is_ignored(relative: str) -> bool:
    """Whether a `/`-separated path below a watched directory is of no interest to any pattern."""
    *directories, name = relative.split("/")
    return not DIRECTORIES.isdisjoint(directories) or is_leftover(name)
