"""Core modules as bindings generators leave them: code in text, and their world beside it."""

from __future__ import annotations

from tests.wasm.encode import encode, unsigned

PACKAGE = "test:guest"


def custom(name: str, payload: bytes) -> bytes:
    """A custom section; its name is short."""
    body = bytes([len(name)]) + name.encode() + payload
    return b"\0" + unsigned(len(body)) + body


def producers(**processed_by: str) -> bytes:
    """A `producers` section."""
    tools = b"".join(
        string(name.replace("_", "-")) + string(version) for name, version in processed_by.items()
    )
    return custom(
        "producers", b"\x01" + string("processed-by") + bytes([len(processed_by)]) + tools
    )


def string(text: str) -> bytes:
    """A short name."""
    return bytes([len(text)]) + text.encode()


def world(
    declarations: str, name: str = "guest", *, old: bool = False, made_by: bytes = b""
) -> bytes:
    """The section that says a module's world, as it is written now or was before 2024."""
    exported = "package" if old else name
    text = f"""(component
        (type $package (component
            (type $world (component {declarations}))
            (export "{PACKAGE}/{name}" (component (type $world)))))
        (export "{exported}" (type $package)))"""
    encoded = encode(text) + made_by
    payload = b"\x03\x00" + string(name) + encoded if old else encoded
    return custom(f"component-type:{name}", payload)


def module(text: str, *sections: bytes) -> bytes:
    """A module with custom sections."""
    return encode(f"(module {text})") + b"".join(sections)


MEMORY = """
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
"""
"""A memory, and an allocator that never frees."""
