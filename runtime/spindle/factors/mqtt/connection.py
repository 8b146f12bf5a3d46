"""One connection to an MQTT broker: paho-mqtt for the protocol (3.1.1), asyncio for the rest.

paho thinks that it has a socket; it is a buffer in front of an asyncio transport.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from spindle.factors.mqtt.errors import ConnectionFailed, MqttError

OnMessage = Callable[[MQTTMessage], None]
LONGEST_KEEP_ALIVE = 0xFFFF
_SUCCESS = MQTTErrorCode.MQTT_ERR_SUCCESS


class MqttConnection(asyncio.Protocol):
    """A connection, once `accepted` is done; every method may raise `MqttError`.

    Acknowledged messages are known by their numbers. `keep_alive` is in seconds, 0 for never.
    """

    def __init__(
        self,
        label: str,
        client_id: str = "",
        *,
        user: str = "",
        password: str = "",
        keep_alive: int = 60,
        clean_session: bool = True,
    ) -> None:
        self.label = label
        """What it is called in records."""
        self.on_message: OnMessage | None = None
        """Told of each message of what was subscribed to; it is acknowledged afterwards."""
        loop = asyncio.get_running_loop()
        self.accepted: asyncio.Future[None] = loop.create_future()
        """Done when the broker has let us in; fails if it does not."""
        self.accepted.add_done_callback(_heard)
        self.lost: asyncio.Future[None] = loop.create_future()
        """Done when there is no connection any more."""
        self.ended: asyncio.Future[None] = loop.create_future()
        """Done when all was sent after that, or can't be."""
        self._loop = loop
        self._keep_alive = min(keep_alive, LONGEST_KEEP_ALIVE)
        self._transport: asyncio.Transport | None = None
        self._socket: _Socket | None = None
        self._why = "the connection is closed"
        self._acknowledged: dict[int, asyncio.Future[Any]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._client = self._paho(client_id, user, password, clean_session)

    @property
    def open(self) -> bool:
        """Whether messages can be sent."""
        return self._socket is not None

    async def publish(self, topic: str, payload: bytes, qos: int) -> None:
        """Publish; returns when it is sent (QoS 0), acknowledged (1) or completed (2)."""
        self._check_open()
        try:
            info = self._client.publish(topic, payload, qos)
        except ValueError as error:
            raise MqttError("other", str(error)) from None
        self._check(info.rc)
        if not info.is_published():
            await self._acknowledgement(info.mid)

    async def subscribe(self, topic: str, qos: int) -> None:
        """Have messages of a topic filter sent to `on_message`."""
        self._check_open()
        try:
            code, number = self._client.subscribe(topic, qos)
        except ValueError as error:
            raise MqttError("other", str(error)) from None
        self._check(code)
        reasons = await self._acknowledgement(number or 0)
        if any(reason.is_failure for reason in reasons):
            raise MqttError("other", f"the broker does not let us subscribe to `{topic}`")

    @property
    def why(self) -> str:
        """Why there is no connection any more."""
        return self._why

    def pause_reading(self) -> None:
        """Take in nothing more for now."""
        if self._socket is not None:
            self._socket.transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on taking in what comes."""
        if self._socket is not None:
            self._socket.transport.resume_reading()

    def close(self) -> None:
        """Take leave of the broker; who still waits is told."""
        if self._socket is not None and not self._loop.is_closed():
            self._client.disconnect()
            self._end()

    async def end(self, patience: float) -> None:
        """Close it, and see what is still to be sent off, for so many seconds."""
        self.close()
        await asyncio.wait([self.ended], timeout=patience)
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a connection: introduce ourselves to the broker."""
        self._transport = transport  # type: ignore[assignment]  # that of a stream
        self._socket = _Socket(transport)  # type: ignore[arg-type]  # that of a stream
        self._client.connect("-", keepalive=self._keep_alive)
        self._look_after()

    def data_received(self, data: bytes) -> None:
        """Let paho read what came."""
        if self._socket is None:
            return
        self._socket.received += data
        while self._socket is not None and self._socket.received:
            if self._client.loop_read() != _SUCCESS:
                self._fail("the broker does not keep to the protocol")
        if self._client.want_write():
            self._client.loop_write()

    def pause_writing(self) -> None:
        """The broker takes in less than it is sent."""
        if self._socket is not None:
            self._socket.full = True

    def resume_writing(self) -> None:
        """It has caught up."""
        if self._socket is not None:
            self._socket.full = False
            self._client.loop_write()

    def connection_lost(self, exc: Exception | None) -> None:
        """The broker closed it, or it broke."""
        self._fail("the broker closed the connection" if exc is None else str(exc))
        self._transport = None
        if not self.ended.done():
            self.ended.set_result(None)

    def _paho(self, client_id: str, user: str, password: str, clean_session: bool) -> Client:
        client = _Client(lambda: self._socket, client_id, clean_session)
        if user:
            client.username_pw_set(user, password or None)
        client.on_connect = self._on_connect
        client.on_publish = lambda _c, _u, number, *_: self._on_acknowledged(number, None)
        client.on_subscribe = lambda _c, _u, number, reasons, _p: self._on_acknowledged(
            number, reasons
        )
        client.on_disconnect = lambda *_: self._fail("the broker no longer answers")
        client.on_message = self._on_message
        return client

    def _on_connect(self, _client: object, _data: object, _flags: object, *said: Any) -> None:
        reason = said[0]
        if reason.is_failure:
            self._fail(f"the broker does not let us in: {str(reason).lower()}")
        elif not self.accepted.done():
            self.accepted.set_result(None)

    def _on_message(self, _client: object, _data: object, message: MQTTMessage) -> None:
        if self.on_message is not None:
            self.on_message(message)

    def _on_acknowledged(self, number: int, result: Any) -> None:
        waiting = self._acknowledged.pop(number, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(result)

    def _acknowledgement(self, number: int) -> asyncio.Future[Any]:
        waiting: asyncio.Future[Any] = self._loop.create_future()
        self._acknowledged[number] = waiting
        return waiting

    def _check_open(self) -> None:
        if self._socket is None:
            raise ConnectionFailed(self._why)

    def _check(self, code: MQTTErrorCode) -> None:
        self._check_open()
        if code != _SUCCESS:
            raise MqttError("other", f"the message can't be sent: {code.name}")

    def _look_after(self) -> None:
        """Let paho send its pings, and see whether they are answered."""
        if self._socket is not None and self._keep_alive:
            self._client.loop_misc()
            self._timer = self._loop.call_later(max(self._keep_alive / 4, 0.25), self._look_after)

    def _fail(self, why: str) -> None:
        if self._socket is not None:
            self._why = why
            self._end()

    def _end(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.transport.close()
        if self._timer is not None:
            self._timer.cancel()
        waiting = [self.accepted, *self._acknowledged.values()]
        self._acknowledged.clear()
        for future in waiting:
            if not future.done():
                future.set_exception(ConnectionFailed(self._why))
        if not self.lost.done():
            self.lost.set_result(None)


def _heard(future: asyncio.Future[None]) -> None:
    """Nobody need ask about it."""
    if not future.cancelled():
        future.exception()


class _Socket:
    """What paho takes for a socket."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.received = bytearray()
        self.full = False

    def recv(self, size: int) -> bytes:
        if not self.received:
            raise BlockingIOError
        data = bytes(self.received[:size])
        del self.received[:size]
        return data

    def send(self, data: bytes | bytearray) -> int:
        if self.full:
            raise BlockingIOError
        self.transport.write(data)
        return len(data)

    def close(self) -> None:
        """The connection closes the transport."""

    def fileno(self) -> int:
        return -1

    def setblocking(self, flag: bool) -> None:
        """It never blocks."""


class _Client(Client):
    """paho, over a socket that is there already."""

    def __init__(self, socket: Callable[[], Any], client_id: str, clean_session: bool) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, client_id, clean_session)
        self._given = socket

    def _create_socket(self) -> Any:
        return self._given()
