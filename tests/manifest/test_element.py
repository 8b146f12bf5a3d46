"""Elements: fields by keyword, immutable, compared without their places."""

from __future__ import annotations

from typing import Any

import pytest

from spindle.manifest import Element, Node
from spindle.text import START


class Thing(Element):
    """An element with all kinds of fields."""

    hidden = ("secret",)
    name: str
    secret: str = ""
    tags: tuple[str, ...] = ()


class Bigger(Thing):
    """One with a field more."""

    size: int = 1


def test_fields_and_defaults() -> None:
    thing = Bigger(name="a", tags=("x",))
    assert (thing.name, thing.secret, thing.tags, thing.size) == ("a", "", ("x",), 1)


@pytest.mark.parametrize("fields", [{}, {"nam": "a"}, {"name": "a", "size": 2}])
def test_missing_and_unknown_fields_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Thing(**fields)


def test_comparison_leaves_places_out() -> None:
    assert Thing(name="a").replaced(node=Node({}, START)) == Thing(name="a")
    assert Thing(name="a") != Thing(name="b")
    assert Thing(name="a") != Bigger(name="a")


def test_elements_are_immutable() -> None:
    thing: Any = Thing(name="a")
    with pytest.raises(AttributeError):
        thing.name = "b"
    assert thing.replaced(name="b") == Thing(name="b")
    assert thing.name == "a"


def test_hidden_fields_do_not_show() -> None:
    assert repr(Thing(name="a", secret="s3")) == "Thing(name='a', tags=())"
