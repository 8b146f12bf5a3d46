"""What an editor is told of features before it asks."""

from __future__ import annotations

from lsprotocol import types

COMPLETION_TRIGGERS = ['"', "'", "[", ".", "=", "/", "{", ":", " "]
"""What editors ask for completions after, besides letters."""
TOKEN_TYPES = (
    "namespace",
    "property",
    "class",
    "variable",
    "enumMember",
    "parameter",
    "operator",
    "keyword",
    "string",
    "number",
)
TOKEN_MODIFIERS = ("declaration",)
TOKENS = types.SemanticTokensLegend(list(TOKEN_TYPES), list(TOKEN_MODIFIERS))
FIX_ALL = "source.fixAll.spindle"
ACTIONS = (types.CodeActionKind.QuickFix, FIX_ALL)
"""The kinds of code actions."""
