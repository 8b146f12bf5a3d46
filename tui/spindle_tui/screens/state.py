"""State: what the application keeps in key-value stores and databases."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import ContentSwitcher, Tree
from textual.widgets.tree import TreeNode

from spindle.client import CallFailed
from spindle_tui.model.cleaning import one_line
from spindle_tui.model.places import Place, databases_of, stores_of, tables_of
from spindle_tui.model.tables import TABLES, Table
from spindle_tui.screens.key_browser import KeyBrowser
from spindle_tui.screens.live import LivePane
from spindle_tui.screens.table_browser import TableBrowser


class PlaceTree(Tree[Place]):
    """Stores, databases and tables."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right", "select_cursor", "Look into it", key_display="⏎"),
    ]
    DEFAULT_CSS = """
    PlaceTree {
        width: 24; height: 1fr; padding: 0 1; background: $surface; border-right: solid $panel;
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
        &:focus { background-tint: transparent 0%; }
        &:focus > .tree--cursor { background: $primary; color: $text; }
    }
    """

    def process_label(self, label: object) -> Text:
        """A label is plain text."""
        return label if isinstance(label, Text) else Text(str(label))


class StatePane(LivePane):
    """A tree of what there is, and a browser for what is chosen in it."""

    TITLE = "State"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6", "places", "Places"),
        Binding("slash", "type", "Prefix, SQL", show=False),
    ]
    DEFAULT_CSS = """
    StatePane ContentSwitcher { width: 1fr; height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._places: list[Place] = []

    def compose(self) -> ComposeResult:
        with Horizontal():
            tree = PlaceTree("state", id="places")
            tree.show_root = False
            tree.guide_depth = 2
            yield tree
            with ContentSwitcher(initial="keys"):
                yield KeyBrowser(id="keys")
                yield TableBrowser(id="tables")

    def on_mount(self) -> None:
        self.query_one(PlaceTree).focus()

    def on_beat(self) -> None:
        """State is asked for when somebody looks, not by itself."""

    async def on_shown(self) -> None:
        await super().on_shown()
        self.while_shown(self._take_places)

    async def _take_places(self) -> None:
        places = [Place("store", label) for label in stores_of(await self.host.components())]
        for label in databases_of(await self.host.databases()):
            places.append(Place("database", label))
            places += [Place("database", label, table) for table in await self._tables(label)]
        if places != self._places:
            first, self._places = not self._places, places
            self._grow()
            if first:
                self._look(places[0])

    async def _tables(self, database: str) -> list[Table]:
        """The tables of a database; none if it can't be looked into, which is said later."""
        try:
            return tables_of(database, await self.host.sql(TABLES, database=database))
        except CallFailed:
            return []

    def _grow(self) -> None:
        """Make the tree anew."""
        tree = self.query_one(PlaceTree)
        tree.clear()
        stores = tree.root.add("Key-value", expand=True)
        databases = tree.root.add("SQLite", expand=True)
        parent: TreeNode[Place] = databases
        for place in self._places:
            if place.kind == "store":
                stores.add_leaf(one_line(place.label, 60), place)
            elif place.table is None:
                parent = databases.add(one_line(place.label, 60), place, expand=True)
            else:
                parent.add_leaf(one_line(place.table.name, 60), place)
        tree.root.expand()
        tree.cursor_line = 1

    def on_tree_node_highlighted(self, message: Tree.NodeHighlighted[Place]) -> None:
        if message.node.data is not None and self.in_front:
            self._look(message.node.data)

    def on_tree_node_selected(self, message: Tree.NodeSelected[Place]) -> None:
        if message.node.data is not None:
            wanted = "#kv-keys" if message.node.data.kind == "store" else "#sql-rows"
            self.query_one(wanted).focus()

    def action_type(self) -> None:
        """Choose keys by their beginning, or write a statement."""
        keys = self.query_one(ContentSwitcher).current == "keys"
        self.query_one("#kv-prefix" if keys else "#sql-text").focus()

    def action_places(self) -> None:
        self.query_one(PlaceTree).focus()

    def _look(self, place: Place) -> None:
        switcher = self.query_one(ContentSwitcher)
        if place.kind == "store":
            switcher.current = "keys"
            self.query_one(KeyBrowser).look(place.label)
        else:
            switcher.current = "tables"
            self.query_one(TableBrowser).look(place.label, place.table)
