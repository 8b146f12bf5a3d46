"""What keeps an application from being built and served on this machine, and what to do about it.

    findings = examine(patient)

Checks look and change nothing; what they propose is carried out by `apply_remedy`, if asked to.
"""

from spindle.doctor.examination import examine
from spindle.doctor.findings import (
    Build,
    Finding,
    FixTexts,
    Remedy,
    RunCommand,
    State,
    is_safe,
    remedy_to_json,
    to_json,
)
from spindle.doctor.patient import Patient, admit
from spindle.doctor.remedies import apply_remedy

__all__ = [
    "Build",
    "Finding",
    "FixTexts",
    "Patient",
    "Remedy",
    "RunCommand",
    "State",
    "admit",
    "apply_remedy",
    "examine",
    "is_safe",
    "remedy_to_json",
    "to_json",
]
