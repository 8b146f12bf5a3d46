"""The flags of `spindle up` as keyword arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_type_hints

from spindle.dev.options import Bounds, UpOptions
from spindle.dev.problems import ManifestError
from spindle.diagnostics import Diagnostic
from spindle.errors import UserError
from spindle.loader import locate
from spindle.text import nearest_name

DEFAULTS = {"listen": "127.0.0.1:0", "quiet": True}


class WrongFlag(UserError):
    """A keyword argument is no flag, or not what the flag takes."""

    code = "wrong-flag"


def read_flags(path: str | Path, flags: dict[str, Any]) -> UpOptions:
    """The options that flags come to; raises `WrongFlag`, and `ManifestError` without a file."""
    located = locate(Path(path).expanduser())
    if isinstance(located, Diagnostic):
        raise ManifestError((located,))
    known = set(UpOptions._fields) - {"source"}
    for name in flags:
        if name not in known:
            near = nearest_name(name, known)
            hint = f"did you mean `{near}`?" if near else f"there are: {', '.join(sorted(known))}"
            raise WrongFlag(f"there is no flag `{name}`", hints=(hint,))
    given = {name: _read(name, value) for name, value in flags.items()}
    return UpOptions(source=located.path.absolute(), **{**DEFAULTS, **given})


def _read(name: str, value: Any) -> Any:
    """A flag's value as options have it; raises `WrongFlag`."""
    kind = str(get_type_hints(UpOptions)[name])
    if value is None and "None" in kind:
        return None
    for holds, what, accepted, read in _KINDS:
        if holds(kind):
            if not isinstance(value, accepted) or (isinstance(value, bool) and "bool" not in kind):
                raise WrongFlag(f"the flag `{name}` takes {what}, not {type(value).__name__}")
            return read(value)
    return value


def _strings(value: Any) -> tuple[Any, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(value.items()) if isinstance(value, Mapping) else tuple(value)


def _bounds(value: Any) -> Any:
    return value if isinstance(value, Bounds) else Bounds.exactly(value)


_KINDS: tuple[tuple[Callable[[str], bool], str, Any, Callable[[Any], Any]], ...] = (
    (lambda kind: "Path" in kind, "a path", (str, Path), lambda path: Path(path).absolute()),
    (lambda kind: "Bounds" in kind, "a number", (int, float, Bounds), _bounds),
    (lambda kind: "tuple" in kind, "a list", (str, list, tuple, Mapping), _strings),
    (lambda kind: "Mapping" in kind, "a mapping", Mapping, dict),
    (lambda kind: "bool" in kind, "True or False", bool, bool),
    (lambda kind: "str" in kind, "a text", (str, Path), str),
    (
        lambda kind: "int" in kind or "Literal" in kind,
        "a number or a text",
        (int, str),
        lambda v: v,
    ),
)
"""How values are read: which types of options, what they take, and how it becomes that."""
