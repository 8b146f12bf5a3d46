"""Routes that are never reached: no path of them comes to them, whatever one tries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.checks.reach import unreached
from spindle.routes import Router, parse_route

PIECES = ["", "a", "b", "a.b", ":x", ":y", ":x.:y", "a.:x", ":x.b", "..."]
ROUTES = st.lists(st.lists(st.sampled_from(PIECES), max_size=3).map("/".join), max_size=6)
PATHS = st.lists(st.sampled_from(["", "a", "b", "c", "a.b", "a.c", "c.b", "c.c", ".b"]), max_size=5)


@pytest.mark.parametrize(
    ("routes", "never"),
    [
        (["/", "/..."], {}),
        (["/", "/:a/...", "/..."], {"/...": ("/", "/:a/...")}),
        (["/...", "/:a/...", "/"], {"/...": ("/", "/:a/...")}),
        (["/x", "/x/...", "/..."], {}),
        (["/x", "/x/:a/...", "/x/..."], {"/x/...": ("/x", "/x/:a/...")}),
        (["/:a", "/:a/:b", "/:a/..."], {}),
        (["/:a", "/:b"], {}),
        (["/a/*/b", "/..."], {}),
    ],
)
def test_unreached(routes: list[str], never: dict[str, tuple[str, ...]]) -> None:
    assert unreached(tuple(f"{route}" for route in routes)) == never


@given(ROUTES, PATHS)
def test_what_is_unreached_gets_no_path(texts: list[str], pieces: list[str]) -> None:
    raws = tuple(f"/{text}" for text in texts)
    router = Router((parse_route(raw), raw) for raw in raws)
    match = router.match("/" + "/".join(pieces))
    assert match is None or match.target not in unreached(raws)
