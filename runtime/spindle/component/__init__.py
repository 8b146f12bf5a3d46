"""Running components of the Component Model; knows nothing of Spin.

The specification's abbreviations are used as they stand: `cx` a context of lifting or lowering,
`opts` canonical options, `inst` a component instance, `rep` a resource's representation, `ft` a
function type.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any


class _Package(ModuleType):
    """This package, which shares its name with a function of Python's door.

    Python sets `spindle.component` to the package once anything in it is imported; calling it is
    calling the function.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """A component to call from Python: see `spindle.typed.component`."""
        return importlib.import_module("spindle.typed").component(*args, **kwargs)


sys.modules[__name__].__class__ = _Package
