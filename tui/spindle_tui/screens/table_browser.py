"""Looking through a database: its tables page by page, and what statements answer."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Static, TextArea

from spindle.client import CallFailed, QueryResult
from spindle_tui.model.cleaning import one_line
from spindle_tui.model.lines import Line, plain_lines
from spindle_tui.model.measures import joined, took_text
from spindle_tui.model.tables import (
    MOST_ROWS,
    PAGE,
    Table,
    cell_text,
    count_statement,
    headings,
    page_statement,
    quoted,
    range_text,
    result_text,
)
from spindle_tui.model.values import forms_of, shown
from spindle_tui.screens.live import LivePane
from spindle_tui.screens.page import PageScreen
