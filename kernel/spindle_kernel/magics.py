"""The magics: `%up`, `%down`, `%reload` and `%%http`."""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from IPython.display import display

from spindle.errors import UserError
from spindle_kernel.live_cells import LiveCells
from spindle_kernel.session import Session


@magics_class
class SpindleMagics(Magics):
    """What a notebook can say of its application."""

    def __init__(self, shell: InteractiveShell, session: Session, cells: LiveCells) -> None:
        super().__init__(shell)
        self._session = session
        self._cells = cells

    @line_magic
    def up(self, line: str) -> Any:
        """Open an application: `%up path/to/app --build`; what flags take is as in Python."""
        return self._session.up(line)

    @line_magic
    def down(self, _line: str) -> None:
        """Close the application."""
        self._session.down()

    @line_magic
    def reload(self, _line: str) -> None:
        """Serve the files as they are now, and send the requests of live cells again."""
        for result in self._session.reload():
            display(result)  # type: ignore[no-untyped-call]  # IPython has few types

    @cell_magic
    def http(self, line: str, cell: str) -> Any:
        """Send the requests of the cell; `--live` sends them again after each change."""
        words = line.split()
        if unknown := [word for word in words if word != "--live"]:
            raise UserError(f"`%%http` takes `--live` only, not `{unknown[0]}`")
        name = cell_id(self.shell) or cell
        if words:
            self._session.live[name] = cell
        else:
            self._session.live.pop(name, None)
        *others, last = results = self._session.run(cell)
        if words:
            self._cells.show(name, results)
            shell: Any = self.shell
            shell.user_ns["_"] = last
            return None
        for result in others:
            display(result)  # type: ignore[no-untyped-call]  # IPython has few types
        return last


def cell_id(shell: Any) -> str | None:
    """The id of the cell that runs, where the notebook says it."""
    kernel = getattr(shell, "kernel", None)
    parent = kernel.get_parent("shell") if kernel is not None else {}
    found = (parent.get("metadata") or {}).get("cellId")
    return found if isinstance(found, str) else None
