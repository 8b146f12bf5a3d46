"""The kernel itself: what of ours stands between Jupyter's protocol, IPython and a session."""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ipykernel.ipkernel import IPythonKernel

import spindle
from spindle.errors import SpindleError
from spindle_kernel.cells import as_magic
from spindle_kernel.completion import complete_cell
from spindle_kernel.interrupting import cancelled_at_once, spare_callbacks
from spindle_kernel.live import Live
from spindle_kernel.live_cells import LiveCells
from spindle_kernel.magics import SpindleMagics
from spindle_kernel.session import Session
from spindle_kernel.showing import displays, in_lines

HELP = "https://spinframework.dev/"


class SpindleKernel(IPythonKernel):
    """Python with an application, and cells that are requests."""

    implementation = "spindle"
    implementation_version = spindle.__version__
    banner = (
        f"Spindle {spindle.__version__}: Python with `app`, `component` and cells that are requests"
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]  # ipykernel has few types
        shell: Any = self.shell
        self._namespace: dict[str, Any] = shell.user_ns
        self.session_ = Session(shell.user_ns, lambda expression: shell.ev(expression))
        self.session_.begin()
        shell.user_ns_hidden.update({name: shell.user_ns[name] for name in _HIDDEN})
        shell.input_transformers_cleanup.append(as_magic)
        cells = LiveCells(self.session_, _show_in_place, self._later)
        shell.register_magics(SpindleMagics(shell, self.session_, cells))
        formatter = shell.display_formatter.mimebundle_formatter
        for (module, name), show in displays(self.session_.sources).items():
            formatter.for_type_by_name(module, name, show)
        plain = shell.display_formatter.formatters["text/plain"]
        for kind in (list, tuple):
            plain.for_type(kind, in_lines(plain.for_type(kind)))
        shell.set_custom_exc((SpindleError,), _explain)
        live = Live(self.session_, _show_live)
        shell.events.register("pre_run_cell", live.begin)
        shell.events.register("post_run_cell", live.end)
        atexit.register(self.session_.close)

    def do_complete(self, code: str, cursor_pos: int | None) -> Any:
        """Ours where it is ours to say, else IPython's."""
        from spindle_kernel.knowing import known_of

        cursor = len(code) if cursor_pos is None else cursor_pos
        try:
            found = complete_cell(code, cursor, known_of(self._namespace))
        except SpindleError:
            found = None
        if found is None:
            return super().do_complete(code, cursor_pos)  # type: ignore[no-untyped-call]  # the same
        return {
            "matches": list(found.matches),
            "cursor_start": found.start,
            "cursor_end": found.end,
            "metadata": {},
            "status": "ok",
        }

    def _later(self, action: Callable[[], None]) -> None:
        self.io_loop.add_callback(action)

    def pre_handler_hook(self) -> None:
        """Interrupts are for cells, and for the guests that these call."""
        super().pre_handler_hook()  # type: ignore[no-untyped-call]  # the same
        spare_callbacks()

    @contextmanager
    def _cancel_on_sigint(self, future: asyncio.Future[Any]) -> Iterator[None]:
        with super()._cancel_on_sigint(future), cancelled_at_once(future):
            yield

    def do_shutdown(self, restart: bool) -> Any:
        """Free everything first."""
        self.session_.close()
        return super().do_shutdown(restart)  # type: ignore[no-untyped-call]  # the same


def _show_live(bundle: dict[str, str], name: str, again: bool) -> None:
    from IPython.display import display

    display(bundle, raw=True, display_id=f"underway-{name}", update=again)  # type: ignore[no-untyped-call]  # the same


def _show_in_place(shown: object, name: str, again: bool) -> None:
    from IPython.display import display

    display(shown, display_id=name, update=again)  # type: ignore[no-untyped-call]  # the same


_HIDDEN = ("app", "attach", "component", "exchanges", "spindle", "trace")


def _explain(
    shell: Any, kind: Any, error: SpindleError, tb: Any, tb_offset: Any = None
) -> list[str]:
    """An error meant for a person: said without a traceback."""
    from spindle.door import explanation

    lines = [*explanation(error).splitlines(), *getattr(error, "__notes__", ())]
    name = kind.__name__
    stb = [f"\x1b[31m{name}\x1b[0m: {lines[0] if lines else ''}", *lines[1:]]
    shell._showtraceback(kind, error, stb)
    return stb
