"""An event loop on a thread of its own, for callers on any thread and any other event loop."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from spindle.dev.runner import new_event_loop
from spindle.errors import SpindleError, UserError

T = TypeVar("T")


class AppClosed(UserError):
    """An app is used after it was closed."""

    code = "app-closed"


def shortened(error: SpindleError) -> SpindleError:
    """An error without the frames that it went through: they say nothing to who made it."""
    return error.with_traceback(None)


def apart(work: Callable[[], T]) -> T:
    """The result of work that has an event loop of its own, also within another one's."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        try:
            return pool.submit(work).result()
        except SpindleError as error:
            raise shortened(error) from None


class LoopThread:
    """Runs coroutines on its own event loop until it is closed."""

    def __init__(self, name: str) -> None:
        self.loop = new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it still takes coroutines."""
        return self._thread.is_alive() and not self.loop.is_closed()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine, waited for; an interrupt of the wait cancels the work."""
        assert threading.current_thread() is not self._thread, "it would wait for itself"
        future = self._submit(work)
        try:
            return future.result()
        except SpindleError as error:
            raise shortened(error) from None
        except BaseException as error:
            future.cancel()
            raise error.with_traceback(None)  # noqa: B904  # where it waited says nothing

    def call(self, function: Callable[..., None], *args: Any) -> None:
        """Call a plain function on the event loop, and wait for its end."""
        self.run(_called(function, *args))

    async def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine, awaited on whatever event loop this is."""
        if asyncio.get_running_loop() is self.loop:
            return await work
        try:
            return await asyncio.wrap_future(self._submit(work))
        except SpindleError as error:
            raise shortened(error) from None

    def close(self) -> None:
        """Stop the event loop and its thread."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()

    def _submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        try:
            return asyncio.run_coroutine_threadsafe(work, self.loop)
        except RuntimeError:
            work.close()
            raise AppClosed("the app is closed", hints=("open it again",)) from None

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            for task in (left := asyncio.all_tasks(self.loop)):
                task.cancel()
            self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()


async def _called(function: Callable[..., None], *args: Any) -> None:
    function(*args)
