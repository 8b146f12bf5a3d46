import pytest
from tests.composition.parts import consumer, part, provider

from spindle.composition import CompositionError, Dependency, assemble, matches_import

IMPORTS = ["foo:bar/baz@0.1.0", "foo:bar/baz", "foo:bar/other@0.2.0", "foo-bar", "foo:bub/baz"]


@pytest.mark.parametrize(
    ("dependency", "matched"),
    [
        ("foo:bar/baz@0.1.0", ["foo:bar/baz@0.1.0"]),
        ("foo:bar/baz", ["foo:bar/baz@0.1.0", "foo:bar/baz"]),
        ("foo:bar", ["foo:bar/baz@0.1.0", "foo:bar/baz", "foo:bar/other@0.2.0"]),
        ("foo:bar@0.2.0", ["foo:bar/other@0.2.0"]),
        ("foo:bar@0.2.1", []),
        ("foo-bar", ["foo-bar"]),
        ("foo", []),
        ("foo:ba", []),
        ("foo:bar/ba", []),
        ("foo:bub", ["foo:bub/baz"]),
    ],
)
def test_which_imports_a_dependency_matches(dependency: str, matched: list[str]) -> None:
    assert [name for name in IMPORTS if matches_import(dependency, name)] == matched


ADD = provider("test:math/add@1.0.0", "add", "(local.get $n)")
RENAMED = provider("other", "add", "(local.get $n)")
APP = consumer("(call $f0 (local.get $n))", ("test:math/add@1.0.0", "add"))


def problem(*dependencies: Dependency) -> tuple[str, tuple[str, ...]]:
    """Why a component can't have these dependencies, and the hints."""
    with pytest.raises(CompositionError) as caught:
        assemble(part("app", APP), dependencies)
    return str(caught.value), caught.value.hints


def test_a_dependency_matches_something() -> None:
    assert problem(Dependency("test:maths", part("d", ADD))) == (
        "dependency `test:maths` doesn't match any import of `app`",
        ("did you mean `test:math`?",),
    )
    assert problem(Dependency("carts", part("d", ADD)))[1] == (
        "`app` imports `test:math/add@1.0.0`, `test:math`",
    )


def test_an_import_is_satisfied_once() -> None:
    one, other = (
        Dependency("test:math", part("a", ADD)),
        Dependency("test:math/add", part("b", ADD)),
    )
    assert problem(one, other)[0] == (
        "import `test:math/add@1.0.0` of `app` is satisfied by more than one dependency: "
        "`test:math` and `test:math/add`"
    )


def test_a_dependency_exports_what_it_satisfies() -> None:
    assert problem(Dependency("test:math", part("d", RENAMED))) == (
        "dependency `test:math` doesn't export `test:math/add@1.0.0`",
        ("it exports `other`",),
    )
    assert problem(Dependency("test:math", part("d", RENAMED), "ohter")) == (
        "dependency `test:math` doesn't export `ohter` to satisfy import `test:math/add@1.0.0`",
        ("did you mean `other`?",),
    )


def test_an_export_may_be_named() -> None:
    assemble(part("app", APP), [Dependency("test:math", part("d", RENAMED), "other")])


def test_the_version_of_a_dependency_is_that_of_the_import() -> None:
    """Unlike plugs, which have no names."""
    newer = part("d", ADD.replace("1.0.0", "1.0.1"))
    assert problem(Dependency("test:math", newer))[0] == (
        "dependency `test:math` doesn't export `test:math/add@1.0.0`"
    )
    assemble(part("app", APP), plugs=[newer])


def test_a_misfit_says_which_function() -> None:
    signed = part("d", ADD.replace('"n" u32', '"n" s32'))
    assert problem(Dependency("test:math", signed))[0] == (
        "`d` exports `test:math/add@1.0.0`, which does not fit import `test:math/add@1.0.0` of "
        "`app`: export `add`: expected `func(n: u32) -> u32`, found `func(n: s32) -> u32`"
    )
    lacking = part("d", ADD.replace('"add"', '"sub"'))
    assert problem(Dependency("test:math", lacking))[0].endswith("`app`: export `add` is missing")


def test_plugs_do_not_satisfy_an_import_twice() -> None:
    with pytest.raises(CompositionError, match="is satisfied by both `a` and `b`"):
        assemble(part("app", APP), plugs=[part("a", ADD), part("b", ADD)])


def test_a_plug_is_of_use() -> None:
    with pytest.raises(CompositionError) as caught:
        assemble(part("app", APP), plugs=[part("a", RENAMED)])
    assert str(caught.value) == "`a` exports nothing that `app` imports"
    assert caught.value.hints == ("it exports `other`",)
