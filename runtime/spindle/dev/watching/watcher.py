"""The thin shell over the operating system's news of files, by `watchdog`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

from spindle.dev.watching.changes import LOOKED_AT, Changes, Contents, sorted_out
from spindle.dev.watching.checkouts import PATIENCE, is_checking_out, locks_above
from spindle.dev.watching.ignored import DIRECTORIES
from spindle.dev.watching.interests import Interest, Kind, files_of
from spindle.dev.watching.settling import QUIET, Settling
from spindle.errors import HostError

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers.api import BaseObserver, ObservedWatch

_NEWS = frozenset({"created", "modified", "moved", "deleted", "closed"})
_SLOW_POLL = 1.0

EMPTY = 0.1
"""Seconds after the first news up to which a file that is empty is one that is being written."""
FEW = 50
"""Files up to which each is looked at for that: of more, one or another may well be empty."""


class CannotWatch(HostError):
    """Files can't be watched."""

    code = "cannot-watch"


class Watcher:
    """Watches the files of some interests; lives on the event loop it is started on."""

    def __init__(self, interests: Iterable[Interest]) -> None:
        self._interests: tuple[Interest, ...] = tuple(interests)
        self._contents = Contents()
        self._settling = Settling()
        self._locks: frozenset[str] = frozenset()
        self._observer: BaseObserver | None = None
        self._watches: dict[tuple[str, bool], tuple[ObservedWatch, object]] = {}
        """By place; and which directory it was then, for another may come in its place."""
        self._gone: set[str] = set()
        """Watched directories that were deleted: others may have come with the same identity."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ready: asyncio.Queue[set[str] | None] = asyncio.Queue()
        self.polls = False
        """Whether the system's own news ran out, and files are looked at again and again."""

    async def start(self) -> None:
        """Begin to watch; what happens to files from here on is told."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._begin)

    async def watch(self, interests: Iterable[Interest]) -> None:
        """Watch other interests from here on."""
        self._interests = tuple(interests)
        await asyncio.to_thread(self._observe)

    async def close(self) -> None:
        """Watch no more; `changes` comes to its end."""
        if self._timer is not None:
            self._timer.cancel()
        self._ready.put_nowait(None)
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            await asyncio.to_thread(observer.join)

    async def changes(self) -> AsyncIterator[Changes]:
        """What changes, a save at a time."""
        while (paths := await self._ready.get()) is not None:
            found = await asyncio.to_thread(self._compared, paths)
            if found.by_interest:
                yield found

    def seen(self, paths: Iterable[str]) -> None:
        """Take what files say now as known: whoever wrote them knows that they changed."""
        self._contents.look_at(paths)

    # On threads.

    def _begin(self) -> None:
        from watchdog.observers import Observer  # only here: few commands watch

        self._observe_with(Observer())

    def _observe_with(self, observer: BaseObserver) -> None:
        observer.start()
        self._observer = observer  # only now: one that did not start can't be stopped
        self._observe()

    def _observe(self) -> None:
        self._locks = locks_above(_leads(self._interests))
        self._follow()
        for interest in self._interests:
            if interest.kind is not Kind.FILES:
                new = (p for p in files_of(interest, LOOKED_AT) if not self._contents.knows(p))
                self._contents.look_at(new)

    def _schedule(self, directory: str, recursive: bool) -> None:
        if self._observer is None:
            return
        identity = _identity(directory)
        try:
            watch = self._observer.schedule(_handler(self._heard), directory, recursive=recursive)
        except OSError as error:
            if self.polls:
                raise CannotWatch(f"`{directory}` can't be watched: {error}") from None
            self._poll()
            return
        self._watches[directory, recursive] = watch, identity

    def _poll(self) -> None:
        """Begin again with an observer that needs nothing of the system but time."""
        from watchdog.observers.polling import PollingObserver

        self.polls = True
        if self._observer is not None:
            self._observer.stop()
            self._observer = None
        self._watches.clear()
        self._observe_with(PollingObserver(timeout=_SLOW_POLL))

    def _heard(self, event: FileSystemEvent) -> None:
        """News on the observer's thread; most of a storm ends here."""
        if event.event_type not in _NEWS:
            return
        paths = [os.fsdecode(path) for path in (event.src_path, event.dest_path) if path]
        if event.is_directory:
            if event.event_type == "modified":
                return
            paths = [path for path in paths if self._is_near(path)]
            if event.event_type == "deleted":
                has = self._watches.__contains__
                self._gone.update(p for p in paths if has((p, True)) or has((p, False)))
        else:
            paths = [path for path in paths if any(i.has(path) for i in self._interests)]
        if paths and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._note, paths)

    def _is_near(self, directory: str) -> bool:
        """Whether a directory may have files of interest, or lead to some."""
        leads = _leads(self._interests)
        if any(_is_in(lead, directory) for lead in leads):
            return True
        ignored = not DIRECTORIES.isdisjoint(Path(directory).parts)
        return not ignored and any(_is_in(directory, lead) for lead in leads)

    def _compared(self, paths: set[str]) -> Changes:
        files = set(paths)
        came = [path for path in paths if os.path.isdir(path)]  # noqa: PTH112
        if came or not files.isdisjoint(directory for directory, _ in self._watches):
            came += self._follow()
        for directory in came:
            files.discard(directory)
            files.update(_files_below(directory, self._interests))
        for path in paths:
            files.update(self._contents.below(path))
        of_interest = [path for path in files if any(i.has(path) for i in self._interests)]
        changed = [path for path in of_interest if self._contents.changed(path)]
        return sorted_out(changed, self._interests)

    def _follow(self) -> list[str]:
        """Watch directories that have come, and those gone no more; which have come."""
        gone = {self._gone.pop() for _ in range(len(self._gone))}
        wanted = set(_with_what_has_them(directories_to_watch(self._interests)))
        for place, (watch, identity) in list(self._watches.items()):
            another = place[0] in gone or _identity(place[0]) != identity
            if another or place not in wanted:
                del self._watches[place]
                if self._observer is not None:
                    with suppress(KeyError):  # it ended with its directory
                        self._observer.unschedule(watch)
        new = sorted(wanted - self._watches.keys())
        for place in new:
            self._schedule(*place)
        return [directory for directory, _ in new]

    # On the event loop.

    def _note(self, paths: Sequence[str]) -> None:
        assert self._loop is not None, "the watcher has started"
        for path in paths:
            self._settling.add(path, self._loop.time())
        if self._timer is None:
            self._wait()

    def _wait(self) -> None:
        assert self._loop is not None, "the watcher has started"
        due = self._settling.due()
        self._timer = None if due is None else self._loop.call_at(due, self._look)

    def _look(self) -> None:
        assert self._loop is not None, "the watcher has started"
        now, due = self._loop.time(), self._settling.due()
        if due is not None and due <= now + 0.001:
            if self._is_under_way(now - self._settling.since()):
                self._timer = self._loop.call_later(QUIET, self._look)
                return
            self._ready.put_nowait(self._settling.take())
        self._wait()

    def _is_under_way(self, elapsed: float) -> bool:
        """Whether what is being written is not whole yet, so many seconds after the first news."""
        paths = self._settling.paths
        if elapsed < EMPTY and len(paths) <= FEW and any(map(_is_empty, paths)):
            return True
        return elapsed < PATIENCE and any(map(is_checking_out, self._locks))


def _is_empty(path: str) -> bool:
    """Whether a file is empty, as most are for a moment while they are written anew."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return False
    return found.st_size == 0 and S_ISREG(found.st_mode)


def _handler(heard: Callable[[FileSystemEvent], None]) -> FileSystemEventHandler:
    from watchdog.events import FileSystemEventHandler

    class Handler(FileSystemEventHandler):
        """One function for all kinds of events."""

        def dispatch(self, event: FileSystemEvent) -> None:
            heard(event)

    return Handler()


def directories_to_watch(interests: Iterable[Interest]) -> list[tuple[str, bool]]:
    """The directories to be told of, and whether with all below them.

    What lies in directories that are ignored is not asked for where that is easily avoided: at
    the top, where `node_modules` and `.git` are. A directory that isn't there yet is waited for in
    the nearest one that is.
    """
    found: dict[str, bool] = {}
    for interest in interests:
        for directory, recursive in interest.directories():
            there = _nearest(directory)
            if there is None:
                continue
            found[there] = found.get(there, False) or (recursive and there == directory)
    places: set[tuple[str, bool]] = set()
    for directory, recursive in found.items():
        places |= set(_split(directory)) if recursive else {(directory, False)}
    return sorted(places)


def _leads(interests: Iterable[Interest]) -> set[str]:
    return {lead for interest in interests for lead, _ in interest.directories()}


def _with_what_has_them(places: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Places, and the directories that tell when the topmost of them are moved or replaced."""
    yield from places
    directories = {directory for directory, _ in places}
    for directory in directories:
        above = os.path.dirname(directory)  # noqa: PTH120
        if not any(_is_in(above, other) for other in directories):
            yield above, False


def _is_in(path: str, directory: str) -> bool:
    """Whether a path is a directory's, or of something in it."""
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)


def _identity(directory: str) -> object:
    """Which directory is at a path now."""
    try:
        found = os.stat(directory)  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _nearest(directory: str) -> str | None:
    path = directory
    while not os.path.isdir(path):  # noqa: PTH112
        above = os.path.dirname(path)  # noqa: PTH120
        if above == path:
            return None
        path = above
    return path


def _split(directory: str) -> list[tuple[str, bool]]:
    try:
        below = [entry for entry in os.scandir(directory) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return [(directory, False)]
    if all(entry.name not in DIRECTORIES for entry in below):
        return [(directory, True)]
    kept = [(entry.path, True) for entry in below if entry.name not in DIRECTORIES]
    return [(directory, False), *kept]


def _files_below(directory: str, interests: Sequence[Interest]) -> list[str]:
    """Files of interest in a directory that has just come."""
    leads = _leads(interests)
    inside = {lead for lead in leads if _is_in(lead, directory)}
    tops = {directory} if any(_is_in(directory, lead) for lead in leads) else inside
    found = []
    for at, directories, names in (step for top in tops for step in os.walk(top)):
        directories[:] = [name for name in directories if name not in DIRECTORIES]
        for name in names:
            path = os.path.join(at, name)  # noqa: PTH118
            if any(interest.has(path) for interest in interests):
                found.append(path)
    return found
