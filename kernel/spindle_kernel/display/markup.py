"""HTML that is safe to show: whatever comes from guests is escaped, and nothing ever runs.

What a guest says is HTML goes into a frame without scripts, forms, links or network (`framed`).
Colours are JupyterLab's own, with others where there are none.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable

from spindle.text import printable

GOOD, POOR, BAD = "#2e7d32", "#b26a00", "#c62828"
BORDER = "var(--jp-border-color2, #bdbdbd)"
FAINT = "var(--jp-ui-font-color2, #757575)"
SOFT = "var(--jp-layout-color2, var(--vscode-textCodeBlock-background, #f5f5f5))"
TEXT = "var(--jp-mirror-editor-string-color, #2e7d32)"
NUMBER = "var(--jp-mirror-editor-number-color, #1565c0)"
SMALL = "font-size: 12px"
MONO = "font-family: var(--jp-code-font-family, monospace); font-size: 12px"

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What can be shown as an image: nothing in these runs."""

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:"


def escaped(text: object) -> str:
    """A text of a guest's as HTML shows it."""
    return html.escape(printable(str(text), keep="\n\t", limit=1 << 62))


def tag(name: str, content: str, style: str = "", **attributes: str) -> str:
    """An element around HTML."""
    given = {**({"style": style} if style else {}), **attributes}
    written = "".join(f' {key}="{html.escape(value)}"' for key, value in given.items())
    return f"<{name}{written}>{content}</{name}>"


def block(text: object) -> str:
    """Text of several lines, as it is."""
    style = f"{MONO}; background: {SOFT}; padding: 6px 8px; margin: 4px 0; overflow: auto; "
    return tag("pre", escaped(text), style + "max-height: 320px; white-space: pre-wrap")


def folded(title: str, content: str, *, is_open: bool = False) -> str:
    """Something to be unfolded; the title is HTML."""
    summary = tag("summary", title, f"cursor: pointer; color: {FAINT}; font-size: 12px")
    style = ' style="margin: 3px 0"'
    return f"<details{style}{' open' if is_open else ''}>{summary}{content}</details>"


def faint(text: object) -> str:
    """A remark."""
    return tag("span", escaped(text), f"color: {FAINT}; {SMALL}")


def badge(text: object, color: str) -> str:
    """A few characters that catch the eye."""
    style = f"background: {color}; color: white; border-radius: 3px; padding: 1px 6px; "
    return tag("span", escaped(text), style + "font-weight: 600")


def table(heads: Iterable[object], rows: Iterable[Iterable[str]]) -> str:
    """A table; cells are HTML."""
    style = "text-align: left; padding: 2px 10px 2px 0; vertical-align: top"
    head = "".join(tag("th", escaped(name), style) for name in heads)
    body = "".join(tag("tr", "".join(tag("td", cell, style) for cell in row)) for row in rows)
    return tag("table", f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>", MONO)


def image(media_type: str, data: bytes) -> str:
    """A picture; of another type than those of `IMAGES`, a frame around it."""
    assert media_type in IMAGES
    source = f"data:{media_type};base64,{base64.b64encode(data).decode()}"
    return f'<img src="{source}" style="max-width: 100%; max-height: 320px" alt="the body">'


def link_html(url: str, text: str) -> str:
    """A link of ours: never one of a guest's."""
    assert url.startswith(("http://", "https://")), "nothing else is where a host serves"
    return tag("a", escaped(text), SMALL, href=url, target="_blank", rel="noopener noreferrer")


def framed(document: str) -> str:
    """A guest's HTML where it can do nothing: no script, no form, no link, no network."""
    safe = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">{document}'
    style = f"width: 100%; height: 200px; resize: vertical; border: 1px solid {BORDER}; "
    return (
        f'<iframe sandbox="" referrerpolicy="no-referrer" style="{style}background: white" '
        f'srcdoc="{html.escape(safe)}"></iframe>'
    )
