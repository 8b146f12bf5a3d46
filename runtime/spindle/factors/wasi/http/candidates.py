"""`wasi:http@0.2` as its release candidates of 2023 had it, over the same messages.

What `2023-11-10` names otherwise is in a table. In `2023-10-18` nothing could be refused: what 0.2
answers with an error traps there, messages are made whole by their constructors, and errors are
four cases with a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from spindle.component.host import HostFunc, HostInterface
from spindle.component.trap import trap, trap_if
from spindle.component.values import Err, Ok, Variant
from spindle.factors.http_error import HttpError, internal_error
from spindle.factors.wasi.http import client02
from spindle.factors.wasi.http.fields import FieldError, Fields
from spindle.factors.wasi.http.incoming02 import FutureTrailers
from spindle.factors.wasi.http.outgoing02 import OutgoingRequest, OutgoingResponse, ResponseOutparam
from spindle.factors.wasi.http.parts import PHASES, RequestOptions
from spindle.factors.wasi.http.types02 import TYPES

_TAKEN = "the guest asked for trailers that it has already had"


def _trailers_once(_task: Any, future: FutureTrailers) -> Any:
    """The trailers, or the error there is instead; asking again was not provided for."""
    got = future.get()
    trap_if(isinstance(got, Err), _TAKEN)
    return None if got is None else got.value


def _options_in_ms() -> dict[str, HostFunc]:
    """The options by their older names; in spite of these, durations are nanoseconds."""
    prefix = "[method]request-options."
    return {
        f"{prefix}{verb}{phase}-timeout-ms": TYPES.functions[f"{prefix}{verb}{phase}-timeout"]
        for phase in PHASES
        for verb in ("", "set-")
    }


TYPES_2023_11_10 = HostInterface(
    functions={
        **TYPES.functions,
        **_options_in_ms(),
        "[method]future-trailers.get": _trailers_once,
    },
    resources=TYPES.resources,
)
INTERFACES_2023_11_10 = {
    "types": TYPES_2023_11_10,
    "outgoing-handler": client02.OUTGOING_HANDLER,
}


def _changed(change: Callable[..., Any]) -> HostFunc:
    """A change of fields that cannot be refused."""

    def changed(_task: Any, *args: Any) -> None:
        try:
            change(*args)
        except FieldError as error:
            trap(f"the guest changed header fields in a way that is refused: {error}")

    return changed


def _fields(_task: Any, entries: list[tuple[str, bytes]]) -> Fields:
    try:
        return Fields.of(entries)
    except FieldError as error:
        trap(f"the guest made header fields that are refused: {error}")


def _request(
    _task: Any,
    method: Variant,
    path: str | None,
    scheme: Variant | None,
    authority: str | None,
    headers: Fields,
) -> OutgoingRequest:
    request = OutgoingRequest(headers.clone())
    target = request.target
    trap_if(not target.set_method(method), "the guest made a request with an invalid method")
    trap_if(not target.set_path_with_query(path), "the guest made a request with an invalid path")
    trap_if(not target.set_scheme(scheme), "the guest made a request with an invalid scheme")
    trap_if(not target.set_authority(authority), "the guest made a request to an invalid authority")
    return request


def _response(_task: Any, status: int, headers: Fields) -> OutgoingResponse:
    response = OutgoingResponse(headers.clone())
    trap_if(response.set_status(status) == Err(None), "the guest made a response without a status")
    return response


def _finish(_task: Any, body: Any, trailers: Fields | None) -> None:
    finished = body.finish(trailers)
    trap_if(isinstance(finished, Err), "the guest finished a body that is not as long as it said")


def _set_response(_task: Any, param: ResponseOutparam, result: Ok | Err) -> None:
    if isinstance(result, Err):
        case, text = result.value
        result = Err(internal_error(f"{case.replace('-', ' ')}: {text}").code)
    param.set(result)


def _unexpected(code: tuple[str, Any]) -> tuple[str, str]:
    return ("unexpected-error", str(HttpError(*code)))


def _trailers(task: Any, future: FutureTrailers) -> Any:
    got = _trailers_once(task, future)
    if got is None:
        return None
    return Ok(got.value or Fields()) if isinstance(got, Ok) else Err(_unexpected(got.value))


def _incoming_response(_task: Any, future: client02.FutureIncomingResponse) -> Any:
    got = future.get()
    if isinstance(got, Ok) and isinstance(got.value, Err):
        return Ok(Err(_unexpected(got.value.value)))
    return got


def _handle(task: Any, request: OutgoingRequest, milliseconds: Any) -> Ok | Err:
    given: Iterable[int | None] = milliseconds or (None, None, None)
    nanoseconds = [None if ms is None else ms * 1_000_000 for ms in given]
    options = RequestOptions(dict(zip(PHASES, nanoseconds, strict=True)))
    handled = client02.handle(task, request, options)
    return handled if isinstance(handled, Ok) else Err(_unexpected(handled.value))


INTERFACES_2023_10_18 = {
    "types": HostInterface(
        functions={
            **TYPES.functions,
            "[constructor]fields": _fields,
            "[method]fields.set": _changed(Fields.set),
            "[method]fields.delete": _changed(Fields.delete),
            "[method]fields.append": _changed(Fields.append),
            "[constructor]outgoing-request": _request,
            "[method]outgoing-request.write": TYPES.functions["[method]outgoing-request.body"],
            "[constructor]outgoing-response": _response,
            "[method]outgoing-response.write": TYPES.functions["[method]outgoing-response.body"],
            "[static]outgoing-body.finish": _finish,
            "[static]response-outparam.set": _set_response,
            "[method]future-trailers.get": _trailers,
            "[method]future-incoming-response.get": _incoming_response,
        },
        resources=TYPES.resources,
    ),
    "outgoing-handler": HostInterface({"handle": _handle}),
}
