"""Rules over an application's parts, one function each, for what reading alone doesn't show.

An error is what keeps the application from starting; what starts but surprises is a warning.
"""

from spindle.checks.binaries import Binaries
from spindle.checks.rules import RULES, run_checks
from spindle.checks.stamps import is_directory, is_file, is_there, stamp_of
from spindle.checks.subject import Rule, Subject
from spindle.checks.values import unresolved_variables

__all__ = [
    "RULES",
    "Binaries",
    "Rule",
    "Subject",
    "is_directory",
    "is_file",
    "is_there",
    "run_checks",
    "stamp_of",
    "unresolved_variables",
]
