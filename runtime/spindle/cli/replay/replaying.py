"""Replaying what a command line chooses: by the host that serves it, or by a stage made for it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.cli import parameters, render
from spindle.cli.replay.files import documents_in_file, unknown_in_file
from spindle.cli.replay.report import Came, Report
from spindle.cli.state_app import running_host
from spindle.client import RunFile, connect
from spindle.dev.directories import choose_directories
from spindle.dev.options import UpOptions
from spindle.errors import SpindleError, UserError
from spindle.exchange import Json

if TYPE_CHECKING:
    from spindle.dev.replaying import Stage
    from spindle.history import Entry, Store

ANSWER_SECONDS = 3600.0
"""How long a running host may take for some replays: guests decide."""
TOGETHER = 50
"""Exchanges that a running host is asked to replay at once."""
STORE = Path("spindle") / "exchanges.db"
"""Below the state directory."""


class NothingChosen(UserError):
    """No exchange is meant by what was asked for."""

    code = "no-such-exchange"


class Asked(NamedTuple):
    """What is to be replayed, and how."""

    which: str
    state: str
    hosts: str
    against: str | None
    allow_truncated: bool
    ignored: tuple[str, ...]
    trace: bool

    @property
    def params(self) -> dict[str, Any]:
        """Those of the control method."""
        against = self.against
        if against is not None and Path(against).suffix in (".wasm", ".wat"):
            against = str(Path(against).absolute())
        params = self._asdict() | {"against": against, "ignored": list(self.ignored)}
        del params["which"]
        return params


def replay(
    path: Path, asked: Asked, given: Mapping[str, Any], *, form: str, diff: bool, limit: int
) -> int:
    """Replay and print what came of it; the exit code."""
    run_file = running_host(path)
    documents = documents_in_file(asked.which)
    asked = asked._replace(ignored=(*asked.ignored, *unknown_in_file(asked.which)))
    report = Report(form, diff=diff)
    if run_file is not None:
        for came in _by_host(run_file, asked, documents, limit, report):
            report.add(came)
    else:
        _here(path, asked, documents, dict(given), limit, report)
    return report.end()


# On a running host.


def _by_host(
    run_file: RunFile, asked: Asked, documents: list[Json] | None, limit: int, report: Report
) -> Iterator[Came]:
    with connect(run_file, timeout=ANSWER_SECONDS) as host:
        params = {**asked.params, "suite": uuid.uuid4().hex}
        try:
            if documents is not None:
                report.total = len(documents)
                for document in documents:
                    yield _came(document, _tried(host, {**params, "exchange": document}))
                return
            ids = _ids_of(host, asked.which, limit)
            report.total = len(ids)
            for at in range(0, len(ids), TOGETHER):
                part = ids[at : at + TOGETHER]
                answer = host.call("exchange/replay", {**params, "ids": part})
                for id_, came in zip(part, answer["replays"], strict=True):
                    yield _came({"id": id_}, came)
        finally:
            with suppress(SpindleError):
                host.call("exchange/end-suite", {"suite": params["suite"]})


def _tried(host: Any, params: dict[str, object]) -> Json:
    try:
        answer: Json = host.call("exchange/replay", params)
        return answer
    except SpindleError as error:
        return {"error": error.message, "hints": list(error.hints)}


def _ids_of(host: Any, which: str, limit: int) -> list[str]:
    """The exchanges that are meant, oldest first."""
    if _may_be_id(which):
        with suppress(SpindleError):
            return [str(host.call("exchange/get", {"id": which})["id"])]
    ids: list[str] = []
    where = _filter_of(which)
    before: str | None = None
    while len(ids) < limit:
        params = {"where": where, "before": before, "limit": min(1000, limit - len(ids))}
        page = host.call("exchange/list", params)
        ids += [each["id"] for each in page["exchanges"]]
        before = page["more"]
        if before is None:
            break
    return _chosen(ids[::-1], which)


def _may_be_id(which: str) -> bool:
    return len(which) <= 22 and not set(which) - set("0123456789abcdef")


def _filter_of(which: str) -> str:
    """What chooses exchanges: replays are left out unless it is about them."""
    from spindle.exchange import parse_filter

    parse_filter(which)  # says what is wrong with it as it was written
    return which if "replay" in which else f"({which}) -replay:*"


def _chosen(ids: list[str], which: str) -> list[str]:
    if not ids:
        raise NothingChosen(
            f"no exchange is kept that `{which}` means", hints=("`spindle exchanges` lists them",)
        )
    return ids


def _came(before: Json, answer: Mapping[str, Any]) -> Came:
    if "error" in answer:
        return Came(before, None, (), (), answer["error"], tuple(answer["hints"]))
    from spindle.replay import Difference

    found = tuple(Difference(**each) for each in answer["differences"])
    return Came(before, answer["exchange"], found, tuple(answer["notes"]))


# Without a host.


def _here(
    path: Path,
    asked: Asked,
    documents: list[Json] | None,
    given: dict[str, Any],
    limit: int,
    report: Report,
) -> None:
    # Imported here, for a running host has all of this already.
    from spindle.dev.preparing import prepare_app
    from spindle.dev.replaying import stage_alone
    from spindle.dev.runner import run_until_told
    from spindle.replay import Manner

    env, variables = dict(given.pop("env")), parameters.merged(given.pop("variables"))
    options = UpOptions(source=path, quiet=True, env=env, variables=variables, **given)
    prepared = prepare_app(options, _Quiet())
    directories = choose_directories(options, prepared.config)
    store = None if directories.state is None else directories.state / STORE
    chosen = documents if documents is not None else _kept(store, asked.which, limit)
    report.total = len(chosen)
    manner = Manner(**asked.params)._replace(ignored=asked.ignored)
    stage = stage_alone(prepared.app, options, prepared.config, directories, manner)
    made = run_until_told(_replayed(stage, chosen, report))
    _keep(store, made)


async def _replayed(
    setting: AbstractAsyncContextManager[Stage], chosen: Sequence[Json], report: Report
) -> list[Entry]:
    """Replay and report; the records."""
    from spindle.dev.replaying import replay_suite
    from spindle.history import Entry
    from spindle.replay import Order

    made: list[Entry] = []
    left = iter(chosen)
    async with setting as stage:
        async for outcome in replay_suite(stage, list(map(Order, chosen))):
            before = next(left)
            if isinstance(outcome, SpindleError):
                report.add(Came(before, None, (), (), outcome.message, outcome.hints))
            else:
                made.append(Entry.of_document(outcome.exchange))
                report.add(Came(before, outcome.exchange, outcome.differences, outcome.notes))
    return made


def _kept(path: Path | None, which: str, limit: int) -> list[Json]:
    """The exchanges that are meant of those that are kept, oldest first."""
    from spindle.exchange import parse_filter
    from spindle.history import Store

    if path is None or not path.is_file():
        raise NothingChosen(
            "no exchanges of this application are kept", hints=("`spindle up` keeps them",)
        )
    with closing(Store.read(path)) as store:
        if _may_be_id(which) and (found := store.get(which)) is not None:
            return [found]
        ids = [each.id for each in store.list(parse_filter(_filter_of(which)), limit=limit)]
        return list(_read(store, _chosen(ids[::-1], which)))


def _read(store: Store, ids: Sequence[str]) -> Iterator[Json]:
    for id_ in ids:
        if (document := store.get(id_)) is not None:
            yield document


def _keep(path: Path | None, made: Sequence[Entry]) -> None:
    """Keep the records of replays beside those they repeat."""
    if path is None or not made:
        return
    from spindle.history import Store, StoreError

    try:
        with closing(Store.open(path)) as store:
            store.put_many(made)
    except StoreError as error:
        render.write_problem("warning", error.message, error.hints)


class _Quiet(render.Terminal):
    """Tells only of what is wrong with the application."""

    def narrate(self, text: str) -> None:
        """Say nothing."""
