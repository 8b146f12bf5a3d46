"""`numeric` between its binary format and text, exactly, as PostgreSQL writes it.

Binary: how many digits there are, the weight of the first, sign and scale, then digits of base
10,000.
"""

from __future__ import annotations

import re
from struct import Struct, pack, unpack_from

_HEAD = Struct(">HhHH")
_NEGATIVE = 0x4000
_SPECIAL = {0xC000: "NaN", 0xD000: "Infinity", 0xF000: "-Infinity"}
_SIGNS = {text: sign for sign, text in _SPECIAL.items()}
_TEXT = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?")
_MOST_DECIMALS, _MOST_GROUPS = 16_383, 0x7FFF


def numeric_text(raw: bytes) -> str:
    """The decimal number, with as many decimals as its scale has."""
    count, weight, sign, scale = _HEAD.unpack_from(raw)
    if sign in _SPECIAL:
        return _SPECIAL[sign]
    digits = "".join([f"{group:04}" for group in unpack_from(f">{count}H", raw, 8)])
    point = 4 * (weight + 1)
    if point > 0:
        digits = digits.ljust(point, "0")
        whole, decimals = digits[:point].lstrip("0"), digits[point:]
    else:
        whole, decimals = "", "0" * -point + digits
    text = whole or "0"
    if scale:
        text = f"{text}.{decimals[:scale].ljust(scale, '0')}"
    return f"-{text}" if sign == _NEGATIVE else text


def numeric_binary(text: str) -> bytes:
    """The binary format of a decimal number without exponent; raises `ValueError`."""
    if text in _SIGNS:
        return _HEAD.pack(0, 0, _SIGNS[text], 0)
    found = _TEXT.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        raise ValueError(f"invalid decimal `{text[:100]}`")
    whole, decimals = found[2].lstrip("0"), found[3] or ""
    padded = "0" * (-len(whole) % 4) + whole + decimals + "0" * (-len(decimals) % 4)
    groups = [int(padded[i : i + 4]) for i in range(0, len(padded), 4)]
    weight = (len(whole) + 3) // 4 - 1
    while groups and not groups[0]:
        del groups[0]
        weight -= 1
    while groups and not groups[-1]:
        groups.pop()
    if len(groups) > _MOST_GROUPS or len(decimals) > _MOST_DECIMALS:
        raise ValueError("a decimal has too many digits")
    sign = _NEGATIVE if found[1] == "-" and groups else 0
    head = _HEAD.pack(len(groups), weight if groups else 0, sign, len(decimals))
    return head + pack(f">{len(groups)}H", *groups)
