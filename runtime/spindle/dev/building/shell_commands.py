"""The programs that shell commands run, as far as that can be told without a shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import groupby

Words = list[str]

_BETWEEN = frozenset("();<>|&")
"""What separates commands, and redirections, consists of."""
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_BEFORE = frozenset(("command", "env", "exec", "nohup", "time", "!"))
"""What a command may come after."""
BUILT_IN = frozenset(
    (
        ".", ":", "[", "alias", "break", "case", "cd", "continue", "do", "done", "echo", "elif",
        "else", "esac", "eval", "exit", "export", "false", "fi", "for", "if", "printf", "pwd",
        "read", "return", "set", "shift", "source", "test", "then", "trap", "true", "umask",
        "unset", "until", "wait", "while", "{", "}",
    )
)  # fmt: skip
"""What shells do themselves."""


def simple_commands(command: str) -> Iterator[Words]:
    """The commands a shell would run, each as its words; nothing for what is no shell's text."""
    one_line = command.replace("\\\n", " ").replace("\n", ";")
    lexer = shlex.shlex(one_line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError:
        return
    redirected = False
    for between, group in groupby(words, lambda word: word != "" and set(word) <= _BETWEEN):
        found = list(group)
        if between:
            redirected = bool(set(found[-1]) & set("<>"))
        elif not redirected and (found := _command(found)) and _is_program(found[0]):
            yield found


def _is_program(word: str) -> bool:
    """Whether a command's name is a program's, and can be told."""
    return word != "" and word not in BUILT_IN and "$" not in word


def _command(words: Words) -> Words:
    """Words without what may stand before a command's name."""
    at = 0
    while at < len(words) and (_ASSIGNMENT.match(words[at]) or words[at] in _BEFORE):
        at += 1
    return words[at:]
