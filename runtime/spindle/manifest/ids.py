"""The grammars of names in a manifest: each says what is wrong with a text, or None."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple


class Grammar(NamedTuple):
    """A rule for strings: what they are called and what may be wrong with one."""

    code: str
    noun: str
    problem: Callable[[str], str | None]
    """The rest of the sentence after the noun and the text, or None when all is well."""
    form: str
    """How to write it."""
    suggestion: Callable[[str], str | None] = lambda text: None
    """A well-formed text near a malformed one, if there is an obvious one."""
    pattern: str = ""
    """The same rule as a regular expression that JavaScript and Rust know as well, if one is."""
    fixable: bool = True
    """Whether a text can be replaced where it stands, without others that are to be the same."""
    safe: bool = False
    """Whether what is suggested is certainly meant."""


def _words_problem(text: str, delimiter: str, *, lower: bool) -> str | None:
    wrong = {"-": "_", "_": "-"}[delimiter]
    if not text:
        return "empty"
    if wrong in text:
        return f"words must be separated with '{delimiter}', not '{wrong}'"
    for word in text.split(delimiter):
        if (problem := _word_problem(word, delimiter)) is not None:
            return problem
        if lower and word[0].isupper():
            return f'Lower-case identifiers must be all lowercase; got "{text}"'
    return None


def _word_problem(word: str, delimiter: str) -> str | None:
    if not word:
        return f"'{delimiter}'-separated words must not be empty"
    if not (word[0].isascii() and word[0].isalpha()):
        return f"'{delimiter}'-separated words must start with an ASCII letter; got '{word[0]}'"
    for char in word[1:]:
        if not (char.isascii() and char.isalnum()):
            return (
                f"'{delimiter}'-separated words may only contain alphanumeric ASCII; got '{char}'"
            )
        if char.isalpha() and char.isupper() != word[0].isupper():
            return (
                f"'{delimiter}'-separated words must be all lowercase or all UPPERCASE; "
                f'got "{word}"'
            )
    return None


def kebab_problem(text: str) -> str | None:
    """What keeps a text from being words separated by `-`, each all lower or all upper case."""
    return _words_problem(text, "-", lower=False)


def snake_problem(text: str) -> str | None:
    """What keeps a text from being words separated by `_`, each all lower or all upper case."""
    return _words_problem(text, "_", lower=False)


def lower_snake_problem(text: str) -> str | None:
    """What keeps a text from being lower-case words separated by `_`."""
    return _words_problem(text, "_", lower=True)


def label_problem(text: str) -> str | None:
    """What keeps a text from being either kebab-case or snake_case."""
    if kebab_problem(text) is None or snake_problem(text) is None:
        return None
    return "expected kebab-case or snake_case"


def digest_problem(text: str) -> str | None:
    """What keeps a text from being a sha256 digest."""
    if not text.startswith("sha256:"):
        return "must start with 'sha256:'"
    if not re.fullmatch("[0-9a-fA-F]{64}", text.removeprefix("sha256:")):
        return "must be 'sha256:' and 64 hexadecimal digits"
    return None


_NUMBER = r"(0|[1-9]\d*)"
_SEMVER = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?", re.ASCII
)


def _with_algorithm(text: str) -> str | None:
    digits = re.search("[0-9a-fA-F]{64}$", text)
    return f"sha256:{digits[0].lower()}" if digits else None


def _in_three_numbers(text: str) -> str | None:
    found = re.fullmatch(r"[v=\s]*(\d+(\.\d+){0,2})\s*", text)
    return None if found is None else ".".join([*found[1].split("."), "0", "0"][:3])


def semver_problem(text: str) -> str | None:
    """What keeps a text from being one exact semantic version."""
    return None if _SEMVER.fullmatch(text) else "must be one exact semantic version, like 1.2.3"


_PACKAGE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*:[a-z][a-z0-9]*(-[a-z0-9]+)*")


def package_problem(text: str) -> str | None:
    """What keeps a text from being a package name, `namespace:name`."""
    return None if _PACKAGE.fullmatch(text) else "must be of the form namespace:name"


def dependency_problem(text: str) -> str | None:
    """What keeps a text from being a plain name or `namespace:name[/interface][@version]`."""
    if ":" not in text and "/" not in text:
        return kebab_problem(text)
    name, _, version = text.partition("@")
    package, slash, interface = name.partition("/")
    if "@" in text and (problem := semver_problem(version)) is not None:
        return f"its version {problem}"
    if slash and (problem := kebab_problem(interface)) is not None:
        return problem
    return package_problem(package)


def _words_pattern(delimiter: str) -> str:
    word = "(?:[a-z][a-z0-9]*|[A-Z][A-Z0-9]*)"
    return f"{word}(?:{delimiter}{word})*"


_KEBAB_WORDS, _SNAKE_WORDS = _words_pattern("-"), _words_pattern("_")
_SEMVER_TEXT = _SEMVER.pattern.replace(r"\d", "[0-9]")
_PACKAGE_TEXT = _PACKAGE.pattern
_DEPENDENCY = rf"(?:{_KEBAB_WORDS}|{_PACKAGE_TEXT}(?:/{_KEBAB_WORDS})?(?:@{_SEMVER_TEXT})?)"


def _respelled(delimiter: str) -> Callable[[str], str | None]:
    def respell(text: str) -> str | None:
        if not text.isascii():
            return None
        words = re.findall("[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z][a-z0-9]*", text)
        return delimiter.join(words).lower() or None

    return respell


_KEBAB = "write words separated by `-`, like `my-app`"
_LABEL = "write words separated by `-` or by `_`, like `user-data`"

COMPONENT_ID = Grammar(
    "invalid-id",
    "component ID",
    kebab_problem,
    _KEBAB,
    _respelled("-"),
    _KEBAB_WORDS,
    fixable=False,
)
VARIABLE_NAME = Grammar(
    "invalid-id",
    "variable name",
    lower_snake_problem,
    "write lower-case words separated by `_`, like `api_key`",
    _respelled("_"),
    "[a-z][a-z0-9]*(?:_[a-z][a-z0-9]*)*",
    fixable=False,
)
STORE_LABEL = Grammar(
    "invalid-label",
    "key-value store label",
    label_problem,
    _LABEL,
    _respelled("-"),
    f"(?:{_KEBAB_WORDS}|{_SNAKE_WORDS})",
)
DATABASE_LABEL = Grammar(
    "invalid-label",
    "SQLite database label",
    label_problem,
    _LABEL,
    _respelled("-"),
    f"(?:{_KEBAB_WORDS}|{_SNAKE_WORDS})",
)
DEPENDENCY_NAME = Grammar(
    "invalid-dependency-name",
    "dependency name",
    dependency_problem,
    "write a plain name, or `namespace:package[/interface][@version]`",
    pattern=_DEPENDENCY,
)
DIGEST = Grammar(
    "invalid-digest",
    "'digest'",
    digest_problem,
    "`sha256sum` prints the digits for a file",
    _with_algorithm,
    "sha256:[0-9a-fA-F]{64}",
    safe=True,
)
EXACT_VERSION = Grammar(
    "invalid-version",
    "semantic version",
    semver_problem,
    "write all three numbers, like `1.0.0`",
    _in_three_numbers,
    _SEMVER_TEXT,
)
PACKAGE_NAME = Grammar(
    "invalid-package-name",
    "package name",
    package_problem,
    "write it like `example:hello`",
    pattern=_PACKAGE_TEXT,
)
