"""Exchanges of requests that nobody would like to paste anywhere."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from spindle.history.imports import request_document

HOSTILE = [
    "'; touch pwned; '", "$(touch pwned)", "`touch pwned`", "a\nx-evil: 1", "a\r\nx-evil: 1",
    "\x1b]0;title\x07", "!!", "--output=pwned", "@/etc/passwd", "{{x}}", "\\", "'", '"', "*", "~",
    "###", "< /etc/passwd", "> {% evil %}", "\u202egnp.exe", "%00", "\x9b31m", "é", "日本", "",
]  # fmt: skip

texts = st.sampled_from(HOSTILE) | st.text(max_size=20)
latin = st.sampled_from([each for each in HOSTILE if all(ord(c) < 256 for c in each)]) | st.text(
    st.characters(max_codepoint=255), max_size=20
)
names = st.sampled_from(["x-a", "X-B", "accept", "cookie", "content-type", "bad name", "a:b", ""])
bodies = st.binary(max_size=40) | texts.map(lambda text: text.encode("utf-8", "replace"))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """An exchange as a hostile program would hand it over."""
    method = draw(st.sampled_from(["GET", "POST", "HEAD", "DELETE", "PURGE", "M-$`'&|"]))
    headers = draw(st.lists(st.tuples(names, latin), max_size=4))
    document = request_document(method, "/", (), draw(bodies))
    asked = document["input"]
    asked["headers"] = [list(pair) for pair in headers]
    asked["path_with_query"] = "/" + draw(texts)
    asked["authority"] = draw(st.sampled_from(["h.example:8080", "[::1]:3000", "e'; ls", None]))
    return document
