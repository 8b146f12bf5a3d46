"""The live loop of `spindle watch`: files change, what they touch is built, and is served.

`decisions` says what changed files ask for; `session` does it, one thing after another, while the
host goes on serving.
"""

from spindle.dev.session.decisions import Decision, decide
from spindle.dev.session.session import Session

__all__ = ["Decision", "Session", "decide"]
