"""Code actions: fixing one problem, and all that can be fixed unseen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from spindle.diagnostics import Diagnostic, Edit
from spindle.text import Span
from spindle_lsp.convert import diagnostic, workspace_edit
from spindle_lsp.features.legend import FIX_ALL
from spindle_lsp.snapshot import Snapshot


def actions_at(
    snapshot: Snapshot, span: Span, only: Sequence[str] | None = None
) -> list[types.CodeAction]:
    """What can be done about a stretch of text; `only` are the kinds that are wanted."""
    found = list(_fixes(snapshot, span)) if _wanted(types.CodeActionKind.QuickFix, only) else []
    if _wanted(FIX_ALL, only) and (edits := safe_edits(snapshot.diagnostics)):
        title = "Fix all that is safe to fix"
        found.append(types.CodeAction(title, FIX_ALL, edit=workspace_edit(edits)))
    return found


def safe_edits(diagnostics: Sequence[Diagnostic]) -> list[Edit]:
    """The edits of all safe fixes, but for those that touch what one before them edits."""
    taken: list[Edit] = []
    for found in diagnostics:
        if found.fix is not None and found.fix.safe:
            edits = [edit for edit in found.fix.edits if edit not in taken]
            if not any(_touch(edit, other) for edit in edits for other in taken):
                taken += edits
    return taken


def _fixes(snapshot: Snapshot, span: Span) -> Iterator[types.CodeAction]:
    for found in snapshot.diagnostics:
        fix = found.fix
        if fix is None or found.span is None or found.path != snapshot.path:
            continue
        if found.span.start <= span.end and span.start <= found.span.end:
            yield types.CodeAction(
                fix.title if fix.safe else f"{fix.title} (changes what it means)",
                types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic(found)],
                is_preferred=fix.safe,
                edit=workspace_edit(fix.edits),
            )


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Whether a kind, or a kind it is of, was asked for."""
    return only is None or any(kind == k or kind.startswith(f"{k}.") or not k for k in only)


def _touch(one: Edit, other: Edit) -> bool:
    if one.path != other.path:
        return False
    if one.span == other.span:
        return True
    return one.span.start < other.span.end and other.span.start < one.span.end
