"""Rendering a template's texts with Liquid, with the filters that Spin has."""

from __future__ import annotations

from collections.abc import Mapping

from liquid import DictLoader, Environment, StrictUndefined
from liquid.exceptions import LiquidError, LiquidSyntaxError, UnknownFilterError

from spindle.templates import casing
from spindle.templates.template_manifest import InvalidTemplate

LARGEST_OUTPUT = 16 << 20
MOST_TURNS = 100_000
"""Turns of a template's loops."""

FILTERS = {
    "kebab_case": casing.kebab_case,
    "pascal_case": casing.pascal_case,
    "snake_case": casing.snake_case,
    "dotted_pascal_case": casing.dotted_pascal_case,
    "http_wildcard": casing.http_wildcard,
}


class _Environment(Environment):
    loop_iteration_limit = MOST_TURNS
    output_stream_limit = LARGEST_OUTPUT


class Renderer:
    """Renders texts of one template with the values given to it."""

    def __init__(self, values: Mapping[str, str], partials: Mapping[str, str]) -> None:
        self._values = dict(values)
        self._liquid = _Environment(loader=DictLoader(dict(partials)), undefined=StrictUndefined)
        self._liquid.filters.update(FILTERS)
        self._liquid.add_filter("toml", _toml_string)

    def text(self, source: str, name: str) -> str:
        """A text that must be Liquid; `name` is said when it isn't."""
        try:
            return self._liquid.from_string(source).render(**self._values)
        except (LiquidError, ValueError, TypeError, RecursionError) as error:
            raise _failure(name, error) from None

    def content(self, data: bytes, name: str) -> bytes:
        """A file's content: what is no text or no Liquid stays as it is, as with Spin."""
        try:
            template = self._liquid.from_string(data.decode())
        except UnknownFilterError as error:
            raise _failure(name, error) from None
        except (UnicodeDecodeError, LiquidSyntaxError, RecursionError):
            return data
        try:
            return template.render(**self._values).encode()
        except (LiquidError, ValueError, TypeError, RecursionError) as error:
            raise _failure(name, error) from None


def _toml_string(text: object) -> str:
    import json  # its strings are TOML's, but for one character

    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def _failure(name: str, error: Exception) -> InvalidTemplate:
    said = str(error).partition("\n")[0] or type(error).__name__
    return InvalidTemplate(f"`{name}` of the template can't be rendered: {said}")
