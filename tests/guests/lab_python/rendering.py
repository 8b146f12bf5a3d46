"""How the Python labs read code, and write values as JSON.

Bytes are `{"bytes": base64}`, a variant's case is `{its name: its value}`, a record an object, an
enumeration's case its name, anything that JSON has no word for `{"object": its type}`.
"""

import ast
import asyncio
import base64
import dataclasses
import enum
import hashlib
import importlib
import json
import math
import os
import pkgutil
import random
import socket
import time
import traceback
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

LIBRARY: dict[str, Any] = {
    module.__name__: module
    for module in (asyncio, base64, hashlib, json, math, os, random, socket, time)
} | {"Path": Path}
"""What code can use without importing; only what is loaded at build time can be had at all."""


def modules_of(package: ModuleType) -> dict[str, ModuleType]:
    """A package's modules by their names, loaded."""
    found = pkgutil.iter_modules(package.__path__)
    return {name: importlib.import_module(f"{package.__name__}.{name}") for _, name, _ in found}


def function(code: bytes, names: dict[str, Any], plain: bool = False) -> FunctionType:
    """The function whose body `code` is, asynchronous unless `plain`."""
    module = ast.parse("def lab(): pass" if plain else "async def lab(): pass")
    definition = module.body[0]
    assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)
    definition.body = ast.parse(code).body or definition.body
    exec(compile(module, "<lab>", "exec"), names)
    made: FunctionType = names["lab"]
    return made


def rendered(value: Any) -> Any:
    """A value in JSON's terms."""
    match value:
        case bool() | int() | float() | str() | None:
            return value
        case bytes() | bytearray():
            return {"bytes": base64.b64encode(value).decode()}
        case dict():
            return {str(key): rendered(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [rendered(item) for item in value]
        case enum.Enum():
            return value.name
        case _ if dataclasses.is_dataclass(value):
            return _dataclass(value)
    return {"object": type(value).__name__}


def failure(error: BaseException) -> dict[str, Any]:
    """An exception: its type, what it says, and the value it carries if it is an `Err`."""
    return {
        "type": type(error).__name__,
        "message": str(error),
        "value": rendered(getattr(error, "value", None)),
        "trace": traceback.format_exc(),
    }


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def _dataclass(value: Any) -> Any:
    fields = {
        field.name: rendered(getattr(value, field.name)) for field in dataclasses.fields(value)
    }
    name = type(value).__name__
    if "_" in name or name in ("Ok", "Err", "Some"):
        return {name: fields.get("value")}
    return fields
