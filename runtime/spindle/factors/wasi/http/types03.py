"""`wasi:http/types@0.3` and `client@0.3`."""

from __future__ import annotations

from typing import Any

from spindle.component.host import HostInterface
from spindle.component.values import Err, Ok, Variant
from spindle.factors.http_error import HttpError
from spindle.factors.recording import recorded_send
from spindle.factors.wasi.http import messages03
from spindle.factors.wasi.http.body03 import GuestContents
from spindle.factors.wasi.http.fields import Fields, answered, field_functions
from spindle.factors.wasi.http.messages03 import OwnedRequest, OwnedResponse
from spindle.factors.wasi.http.parts import (
    RequestOptions,
    method_case,
    option_functions,
    scheme_case,
)

_DONE, _REFUSED = Ok(None), Err(None)


def _result(valid: bool) -> Ok | Err:
    return _DONE if valid else _REFUSED


def _get_scheme(_task: Any, request: OwnedRequest) -> Variant | None:
    scheme = request.target.scheme
    return None if scheme is None else scheme_case(scheme)


def _new_request(
    _task: Any, headers: Fields, contents: Any, trailers: Any, options: RequestOptions | None
) -> Any:
    made = GuestContents(contents, trailers)
    return OwnedRequest.by_guest(headers, made, options), made.transmission


def _new_response(_task: Any, headers: Fields, contents: Any, trailers: Any) -> Any:
    made = GuestContents(contents, trailers)
    return OwnedResponse(headers.freeze(), made), made.transmission


def _consume(task: Any, message: Any, result: Any) -> Any:
    return message.take_contents().consume(task.inst.store, result)


def _clone_options(_task: Any, options: RequestOptions) -> RequestOptions:
    return RequestOptions(options.nanoseconds)


TYPES = HostInterface(
    functions={
        **field_functions("copy-all"),
        "[method]fields.get-and-delete": answered(Fields.delete, keep=True),
        "[static]request.new": _new_request,
        "[method]request.get-method": lambda _t, r: method_case(r.target.method),
        "[method]request.set-method": lambda _t, r, v: _result(r.target.set_method(v)),
        "[method]request.get-path-with-query": lambda _t, r: r.target.path_with_query,
        "[method]request.set-path-with-query": lambda _t, r, v: _result(
            r.target.set_path_with_query(v)
        ),
        "[method]request.get-scheme": _get_scheme,
        "[method]request.set-scheme": lambda _t, r, v: _result(r.target.set_scheme(v)),
        "[method]request.get-authority": lambda _t, r: r.target.authority,
        "[method]request.set-authority": lambda _t, r, v: _result(r.target.set_authority(v)),
        "[method]request.get-options": lambda _t, r: r.options,
        "[method]request.get-headers": lambda _t, r: r.headers,
        "[static]request.consume-body": _consume,
        "[static]response.new": _new_response,
        "[method]response.get-status-code": lambda _t, r: r.status,
        "[method]response.set-status-code": lambda _t, r, v: _result(r.set_status(v)),
        "[method]response.get-headers": lambda _t, r: r.headers,
        "[static]response.consume-body": _consume,
        "[constructor]request-options": lambda _t: RequestOptions(),
        "[method]request-options.clone": _clone_options,
        **option_functions("get-", changed=Ok(None), refused=Err("immutable")),
    },
    resources={
        "fields": None,
        "request-options": None,
        "request": lambda request: request.drop(),
        "response": lambda response: response.drop(),
    },
)


async def _send(task: Any, outgoing: OwnedRequest) -> Ok | Err:
    try:
        request = messages03.outgoing_request(task.inst.store, outgoing)
        timeouts = (outgoing.options or RequestOptions()).timeouts()
        response = await recorded_send(task, "wasi:http/client", "send", request, timeouts)
    except HttpError as error:
        return Err(error.code)
    return Ok(OwnedResponse.received(response))


CLIENT = HostInterface({"send": _send})

INTERFACES_0_3 = {"types": TYPES, "client": CLIENT}
