"""Problems of an application that end a command, as one error."""

from __future__ import annotations

from collections.abc import Sequence

from spindle.diagnostics import Diagnostic, Severity
from spindle.errors import ExitCode, UserError


class ManifestError(UserError):
    """An application can't be used; its diagnostics say why and where."""

    code = "manifest-error"

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        errors = [d for d in diagnostics if d.severity is Severity.ERROR]
        super().__init__(errors[0].message if errors else "the application can't be used")
        self.diagnostics = tuple(diagnostics)


class BuildFailed(UserError):
    """Build commands failed; the diagnostics are what compilers said of places."""

    code = "build-failed"
    exit_code = ExitCode.FAILED

    def __init__(
        self,
        message: str,
        hints: tuple[str, ...] = (),
        diagnostics: Sequence[Diagnostic] = (),
    ) -> None:
        super().__init__(message, hints=hints)
        self.diagnostics = tuple(diagnostics)
