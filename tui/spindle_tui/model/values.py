"""Values of a key-value store as a person reads and writes them: text, JSON, hexadecimal."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from math import isinf

from spindle_tui.model.cleaning import block

EDITABLE = 64 * 1024
"""Bytes of a value that is edited in place; of a longer one the beginning is shown."""
BYTES_A_LINE = 16
_OFFSET = re.compile(r"^\s*[0-9a-fA-F]{8}  ")


class Form(StrEnum):
    """How a value is shown."""

    TEXT = "text"
    JSON = "JSON"
    HEX = "hex"


class UnreadableValue(ValueError):
    """What was typed is no value of its form; the message says why."""


def forms_of(data: bytes) -> tuple[Form, ...]:
    """How a value can be shown, the best way first."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return (Form.HEX,)
    if text.lstrip()[:1] in tuple("[{") and _parsed(text) is not None:
        return (Form.JSON, Form.TEXT, Form.HEX)
    return (Form.HEX, Form.TEXT) if "\0" in text else (Form.TEXT, Form.HEX)


def shown(data: bytes, form: Form) -> str:
    """A value in a form; of a long one as much as can be edited."""
    if form is Form.HEX:
        return hex_lines(data[: EDITABLE // 4])
    text = data.decode("utf-8", "replace")
    if form is Form.JSON and (value := _parsed(text)) is not None:
        text = json.dumps(value, indent=2, ensure_ascii=False)
    return block(text, EDITABLE)


def is_editable(data: bytes, form: Form) -> bool:
    """Whether what is shown is all of a value, unchanged: what is not must not be saved."""
    if form is Form.HEX:
        return len(data) <= EDITABLE // 4
    return len(data) <= EDITABLE and _read_back(shown(data, form), form, data)


def _read_back(text: str, form: Form, data: bytes) -> bool:
    """Whether a shown text means the very value it is shown for."""
    try:
        again = typed(text, form)
    except UnreadableValue:
        return False
    if form is Form.JSON:
        return _parsed(again.decode()) == _parsed(data.decode()) is not None
    return again == data


def typed(text: str, form: Form) -> bytes:
    """The value that a person typed; raises `UnreadableValue`."""
    if form is Form.HEX:
        return _typed_hex(text)
    if form is Form.JSON:
        try:
            return json.dumps(_strict(text), ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise UnreadableValue(f"this is no JSON: {error}") from None
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise UnreadableValue("the text has half a character in it") from None


def hex_lines(data: bytes, start: int = 0) -> str:
    """Bytes with their offset before and their characters behind."""
    lines = []
    for offset in range(0, len(data), BYTES_A_LINE):
        chunk = data[offset : offset + BYTES_A_LINE]
        characters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in chunk)
        digits = f"{chunk[:8].hex(' ')}  {chunk[8:].hex(' ')}".ljust(3 * BYTES_A_LINE)
        lines.append(f"{start + offset:08x}  {digits}  |{characters}|")
    return "\n".join(lines)


def _typed_hex(text: str) -> bytes:
    """The bytes of lines; an offset before them counts for nothing, nor do characters behind."""
    typed = bytearray()
    for number, line in enumerate(text.splitlines(), 1):
        digits, bar, _ = line.partition("|")
        try:
            typed += bytes.fromhex(_OFFSET.sub("", digits) if bar else digits)
        except ValueError:
            raise UnreadableValue(f"line {number} is no pairs of hexadecimal digits") from None
    return bytes(typed)


def _parsed(text: str) -> object:
    """A JSON array or object; None for anything else, or if it is not said twice the same."""
    if len(text) > EDITABLE:
        return None
    try:
        return _strict(text)
    except (ValueError, RecursionError):
        return None


def _strict(text: str) -> object:
    """The value of JSON that means what it says; raises `ValueError` for what is lost in reading.

    Such are a name twice in an object, numbers that are too large, and what isn't JSON but often
    taken for it (`NaN`).
    """
    return json.loads(
        text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite
    )


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("an object has a name twice")
    return value


def _no_constant(name: str) -> object:
    raise ValueError(f"`{name}` is no number")


def _finite(text: str) -> float:
    if isinf(number := float(text)):
        raise ValueError(f"`{text}` is too large")
    return number
