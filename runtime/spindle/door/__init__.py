"""Python's door: an application as an object.

    app = spindle.open("examples/python-hello")
    app.get("/hello").text
    app.close()

`open` hosts an application in this process, `attach` reaches a host that runs elsewhere. Both give
an app with the same methods; `app.aio` has them as coroutines, for any event loop. What goes wrong
is raised as a `SpindleError`.
"""

from spindle.door.app import App, AsyncApp
from spindle.door.attached import AttachedApp, attach
from spindle.door.bench import Bench
from spindle.door.embedded import EmbeddedApp, open
from spindle.door.explaining import explanation
from spindle.door.mocks import Mock, MockCall, MockError
from spindle.door.result import ExchangeResult, Replay
from spindle.door.state import KeyValues, Rows
from spindle.typed import component

__all__ = [
    "App",
    "AsyncApp",
    "AttachedApp",
    "Bench",
    "EmbeddedApp",
    "ExchangeResult",
    "KeyValues",
    "Mock",
    "MockCall",
    "MockError",
    "Replay",
    "Rows",
    "attach",
    "component",
    "explanation",
    "open",
]
