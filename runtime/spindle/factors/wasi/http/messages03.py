"""The resources `request` and `response` of WASI 0.3, and the messages they become.

They are the same whether a guest made them or they came from outside; a guest may pass on what it
was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle.factors.http_error import HttpError
from spindle.factors.wasi.http.body03 import Contents, GuestContents, HostContents
from spindle.factors.wasi.http.fields import FORBIDDEN, Fields
from spindle.factors.wasi.http.parts import RequestOptions, Target
from spindle.messages import Request, Response

if TYPE_CHECKING:
    from spindle.component.store import Store


class _Owned:
    """What requests and responses share: immutable headers and contents to be taken once."""

    __slots__ = ("_contents", "headers")

    def __init__(self, headers: Fields, contents: Contents) -> None:
        self.headers = headers
        self._contents: Contents | None = contents

    def take_contents(self) -> Contents:
        """The contents; the message is gone from its owner's hands."""
        contents, self._contents = self._contents, None
        assert contents is not None, "a message that was taken is no guest's any more"
        return contents

    def drop(self) -> None:
        """Nobody wants the message."""
        if self._contents is not None:
            self.take_contents().drop()


class OwnedRequest(_Owned):
    """The resource `request`."""

    __slots__ = ("options", "target")

    def __init__(self, headers: Fields, contents: Contents) -> None:
        self.headers = headers
        self._contents = contents
        self.target = Target()
        self.options: RequestOptions | None = None

    @classmethod
    def received(cls, request: Request) -> OwnedRequest:
        """A request for a guest to handle."""
        self = cls(Fields.received(request.headers), HostContents(request.body))
        self.target.method = request.method
        self.target.scheme = request.scheme
        self.target.authority = request.authority
        self.target.path_with_query = request.path_with_query
        return self

    @classmethod
    def by_guest(
        cls, headers: Fields, contents: GuestContents, options: RequestOptions | None
    ) -> OwnedRequest:
        """A request a guest makes."""
        self = cls(headers.freeze(), contents)
        self.options = options
        if options is not None:
            options.mutable = False
        return self


class OwnedResponse(_Owned):
    """The resource `response`."""

    __slots__ = ("status",)

    def __init__(self, headers: Fields, contents: Contents, status: int = 200) -> None:
        self.headers = headers
        self._contents = contents
        self.status = status

    @classmethod
    def received(cls, response: Response) -> OwnedResponse:
        """A response to a guest's request."""
        headers = Fields.received(response.headers, FORBIDDEN)
        return cls(headers, HostContents(response.body), response.status)

    def set_status(self, status: int) -> bool:
        """Whether the status was one: three digits."""
        valid = 100 <= status <= 999
        if valid:
            self.status = status
        return valid


def outgoing_request(store: Store, request: OwnedRequest) -> Request:
    """The message a guest's request is sent as; raises `HttpError`."""
    target = request.target
    contents = request.take_contents()
    try:
        scheme = target.checked_scheme()
        if not target.authority or target.path_with_query is None:
            raise HttpError("HTTP-request-URI-invalid")
    except HttpError:
        contents.drop()
        raise
    headers = request.headers
    body = contents.send(store, headers.content_length(), "HTTP-request-body-size")
    return Request(
        target.method, scheme, target.authority, target.path_with_query, headers.headers(), body
    )


def outgoing_response(store: Store, response: OwnedResponse) -> Response:
    """The message a handler's response is sent as."""
    headers = response.headers
    contents = response.take_contents()
    body = contents.send(store, headers.content_length(), "HTTP-response-body-size")
    return Response(response.status, headers.headers(), body)
