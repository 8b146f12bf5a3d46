"""Runs sources that are given to it: what a development build has in the application's place.

While the build is initialised, all that can be imported beside the application is compiled and
kept, for files are gone once it runs. An instance is given the application's modules by
`Sources.load` before its first call; then every export calls what the application has by that name.

It runs in the guest, by the Python that the person's tools bring.
"""

import contextlib
import importlib
import importlib.machinery
import inspect
import marshal
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, ModuleType
from typing import Any

_NOT_KEPT = frozenset(
    {
        "__pycache__",
        "_distutils_hack",
        "ensurepip",
        "idlelib",
        "lib2to3",
        "pip",
        "pkg_resources",
        "setuptools",
        "test",
        "tests",
        "tkinter",
        "turtledemo",
    }
)


class _Module:
    """What a module is made from."""

    def __init__(self, path: str, is_package: bool, is_code: bool, content: bytes) -> None:
        self.path = path
        self.is_package = is_package
        self.is_code = is_code
        self.content = content

    def code(self) -> CodeType:
        """What is run to make it."""
        if self.is_code:
            code: CodeType = marshal.loads(self.content)
            return code
        return compile(self.content, self.path, "exec", dont_inherit=True)


class _Finder:
    """Finds modules among those that are in memory."""

    def __init__(self, modules: dict[str, _Module]) -> None:
        self._modules = modules

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> Any:
        found = self._modules.get(name)
        if found is None:
            return None
        loader: Any = self
        # What was built has its files below numbered directories; the code keeps the shorter path.
        path = found.path if found.path.startswith("/") else "/0/" + found.path
        spec = importlib.machinery.ModuleSpec(
            name, loader, origin=path, is_package=found.is_package
        )
        spec.has_location = True
        return spec

    def create_module(self, _spec: object) -> None:
        """As usual."""

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        found = self._modules[name]
        code = found.code()
        if not found.is_code:
            _compiled.append((name, marshal.dumps(code)))
        exec(code, module.__dict__)

    def get_source(self, name: str) -> str | None:
        found = self._modules[name]
        return None if found.is_code else found.content.decode("utf-8", "replace")


class _NamespaceFinder:
    """Finds packages that are only the beginning of other modules' names; asked last."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> Any:
        start = name + "."
        if any(other.startswith(start) for known in (_given, _installed) for other in known):
            return importlib.machinery.ModuleSpec(name, None, is_package=True)
        return None


_installed: dict[str, _Module] = {}
_given: dict[str, _Module] = {}
_compiled: list[tuple[str, bytes]] = []
_app: list[ModuleType] = []
_made: dict[str, Any] = {}


class Sources:
    """What the host calls first: the interface `spindle:instant/sources`."""

    def load(
        self, app: str, modules: Sequence[tuple[str, str, bool, bool, bytes]]
    ) -> tuple[str, list[tuple[str, bytes]]]:
        """Import the application; what failed, and the code of what was compiled."""
        for name, path, is_package, is_code, content in modules:
            _given[name] = _Module(path, is_package, is_code, content)
        try:
            _app.append(importlib.import_module(app))
        except BaseException as error:
            return _told(error), _compiled
        return "", _compiled


def _told(error: BaseException) -> str:
    """A traceback without what this module and the import system do."""
    said = traceback.TracebackException.from_exception(error)
    others = (__file__, importlib.__file__)
    said.stack = traceback.StackSummary.from_list(
        [f for f in said.stack if f.filename not in others and not f.filename.startswith("<frozen")]
    )
    return "".join(said.format())


def _keep(root: str) -> None:
    """Keep the modules below a directory of the path."""
    for at, directories, names in os.walk(root):
        directories[:] = [name for name in directories if name not in _NOT_KEPT]
        for name in names:
            if name.endswith(".py"):
                _keep_file(root, at + "/" + name)


def _keep_file(root: str, path: str) -> None:
    parts = path[len(root) + 1 : -len(".py")].split("/")
    is_package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_package else parts)
    if not name or name in _installed:
        return
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # `pathlib` need not be loaded
            code = compile(file.read(), path, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return
    _installed[name] = _Module(path, is_package, True, marshal.dumps(code))


def _real(name: str) -> Any:
    """What the application implements an export by."""
    made = _made.get(name)
    if made is None:
        made = _made[name] = getattr(_app[0], name)()
    return made


def _stand_in(protocol: type) -> type:
    methods = {
        name: _deferred(protocol.__name__, name, function)
        for name, function in vars(protocol).items()
        if getattr(function, "__isabstractmethod__", False)
    }
    return type(protocol.__name__, (protocol,), methods)


def _deferred(export: str, name: str, function: object) -> Callable[..., Any]:
    async def call_async(_self: object, *arguments: Any) -> Any:
        return await getattr(_real(export), name)(*arguments)

    def call(_self: object, *arguments: Any) -> Any:
        return getattr(_real(export), name)(*arguments)

    return call_async if inspect.iscoroutinefunction(function) else call


def _protocols() -> Iterator[type]:
    """What the bindings say that an application may have to have."""
    for name in ("spin_sdk.wit", "spin_sdk.wit.exports", "wit_world", "wit_world.exports"):
        try:
            bindings = importlib.import_module(name)
        except ImportError:
            continue
        for found in vars(bindings).values():
            if getattr(found, "_is_protocol", False) and found.__module__ == name:
                yield found


def _begin() -> None:
    for root in list(sys.path):
        if os.path.isdir(root):  # noqa: PTH112  # as above
            _keep(root)
    finder: Any
    for finder in (_Finder(_installed), _NamespaceFinder()):
        sys.meta_path.append(finder)
    given: Any = _Finder(_given)
    sys.meta_path.insert(0, given)
    for name in [name for name in _installed if name.startswith("spin_sdk.")]:
        with contextlib.suppress(Exception):  # of what it needs, not everything may be there
            importlib.import_module(name)
    for protocol in _protocols():
        globals().setdefault(protocol.__name__, _stand_in(protocol))


_begin()
