"""WASI preview 1: core modules that are commands, as Wagi runs them."""

from spindle.factors.wasi.preview1.command import Command, run_command

__all__ = ["Command", "run_command"]
