"""The flags of `spindle up` as keyword arguments."""

from __future__ import annotations

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
    kind = str(get_type_hints(UpOptions)[name])
    if "Path" in kind and value is not None:
        return Path(value).absolute()
    if "Bounds" in kind and isinstance(value, int | float):
        return Bounds.exactly(value)
    if kind.startswith("tuple[str") and isinstance(value, str):
        return (value,)
    if kind.startswith("tuple"):
        return tuple(value.items()) if isinstance(value, dict) else tuple(value)
    if isinstance(value, Path):
        return str(value)
    return value
