"""Asking a person on the terminal; questions go to stderr."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from spindle.cli import render
from spindle.templates import Parameter


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask_choice(question: str, choices: Mapping[str, str]) -> str:
    """One of several by its number or name, each shown with what it is."""
    width = max(map(len, choices))
    for number, (name, meaning) in enumerate(choices.items(), 1):
        render.write(f"  {number:2}  {name:{width}}  {meaning}")
    names = list(choices)
    while True:
        answer = click.prompt(question, err=True).strip()
        if answer in choices:
            return str(answer)
        if answer.isdecimal() and 0 < int(answer) <= len(names):
            return names[int(answer) - 1]
        render.write(f"there is no `{answer}`: give a number from 1 to {len(names)}, or a name")


def ask_parameter(parameter: Parameter, default: str | None) -> str:
    """A parameter's value, until there is nothing wrong with it."""
    if parameter.allowed:
        render.write(f"{parameter.prompt}: one of {', '.join(parameter.allowed)}")
    while True:
        value = str(click.prompt(parameter.prompt, default=default, err=True))
        if (problem := parameter.problem(value)) is None:
            return value
        render.write(problem)
