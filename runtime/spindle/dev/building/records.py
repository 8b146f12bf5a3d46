"""What was built from what: a build whose inputs say the same as last time need not be done.

Content counts, not time: the record of a component is a digest of its commands, of the tools they
begin with, and of every input file, next to one of the artefact that came of it. Tools that see by
themselves what has changed (`cargo`, `make`, `go`) are always asked, and commands nothing is known
of are always run, unless the manifest says what they read.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from spindle.dev.building.plan import Step
from spindle.dev.watching.changes import stamp
from spindle.dev.watching.ignored import is_ignored
from spindle.dev.watching.inputs import EVERYTHING
from spindle.loader import GlobError, files_named
from spindle.overwriting import replace_file

FILE = Path(".spin") / "spindle" / "builds.json"
MOST_INPUTS = 5000
"""Files beyond which looking at all of them takes longer than a person likes."""
_CHECKS_ITSELF = re.compile(r"(?<![\w-])(cargo|make|ninja|cmake|tinygo|go|bazel|moon)(?![\w-])")


class Records:
    """The records of one application, in `.spin/spindle/builds.json` below its directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._path = root / FILE

    def _read(self) -> dict[str, object]:
        """What they are now: others may build the same application."""
        with suppress(OSError, ValueError, RecursionError):
            read = json.loads(self._path.read_text("utf-8"))
            if isinstance(read, dict):
                return read
        return {}

    def is_fresh(self, step: Step, others: Mapping[str, Step]) -> bool:
        """Whether a step's artefact is what its inputs would make of it."""
        digest = inputs_digest(step, others)
        if digest is None or step.artefact is None:
            return False
        made = stamp(str(step.artefact))
        return made is not None and self._read().get(step.id) == [digest, made.hex()]

    def note(self, step: Step, others: Mapping[str, Step], before: str | None) -> None:
        """Remember what a step made, unless an input changed since `before` was its digest."""
        digest = inputs_digest(step, others)
        made = None if step.artefact is None else stamp(str(step.artefact))
        records = self._read()
        if digest is None or digest != before or made is None:
            records.pop(step.id, None)
        else:
            records[step.id] = [digest, made.hex()]
        with suppress(OSError):  # the next build does the work again
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch()
            replace_file(self._path, json.dumps(records, indent=1).encode())


def inputs_digest(step: Step, others: Mapping[str, Step]) -> str | None:
    """A digest of all that a step is made from; None if that can't be known."""
    if not _is_knowable(step):
        return None
    digest = hashlib.blake2b(digest_size=16)
    digest.update("\0".join((*step.commands, str(step.workdir), *_tools(step))).encode())
    count = 0
    for path in _inputs(step, others):
        if path == str(step.artefact):
            continue
        count += 1
        if count > MOST_INPUTS:
            return None
        digest.update(path.encode("utf-8", "surrogateescape") + b"\0" + (stamp(path) or b"-"))
    return digest.hexdigest()


def _is_knowable(step: Step) -> bool:
    return step.inputs != EVERYTHING and not any(map(_CHECKS_ITSELF.search, step.commands))


def _inputs(step: Step, others: Mapping[str, Step]) -> Iterator[str]:
    for pattern in step.inputs:
        with suppress(GlobError, OSError, ValueError):
            for name in files_named(step.workdir, pattern, MOST_INPUTS + 1):
                if not is_ignored(name):
                    yield os.path.normpath(step.workdir / name)
    for need in step.needs:
        if (other := others.get(need)) is not None and other.artefact is not None:
            yield str(other.artefact)


def _tools(step: Step) -> Iterator[str]:
    """Which programs the commands are, so that another version is another input."""
    for command in step.commands:
        name = command.split(maxsplit=1)[0] if command.strip() else ""
        found = shutil.which(name, path=os.environ.get("PATH")) if name else None
        if found is not None:
            with suppress(OSError):
                known = os.stat(found)  # noqa: PTH116
                yield f"{os.path.realpath(found)} {known.st_size} {known.st_mtime_ns}"
