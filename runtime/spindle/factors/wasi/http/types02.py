"""`wasi:http/types@0.2` put together."""

from __future__ import annotations

from typing import Any

from spindle.component.host import HostInterface
from spindle.component.values import Err, Ok
from spindle.factors.wasi.http import client02, incoming02, outgoing02
from spindle.factors.wasi.http.fields import field_functions
from spindle.factors.wasi.http.parts import RequestOptions, option_functions
from spindle.factors.wasi.io.streams import IoError


def _http_error_code(_task: Any, error: IoError) -> Any:
    return error.code if error.kind == "http" else None


TYPES = HostInterface(
    functions={
        **field_functions("entries"),
        **incoming02.FUNCTIONS,
        **outgoing02.FUNCTIONS,
        **client02.FUNCTIONS,
        "[constructor]request-options": lambda _t: RequestOptions(),
        **option_functions("", changed=Ok(None), refused=Err(None)),
        "http-error-code": _http_error_code,
    },
    resources={
        "fields": None,
        "request-options": None,
        **incoming02.RESOURCES,
        **outgoing02.RESOURCES,
        **client02.RESOURCES,
    },
)

INTERFACES_0_2 = {"types": TYPES, "outgoing-handler": client02.OUTGOING_HANDLER}
