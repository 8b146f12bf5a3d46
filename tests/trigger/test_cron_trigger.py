"""Components that run on a schedule, and the schedules."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trigger import event_guests
from tests.trigger.hosting import hosting

from spindle.component.plan_signatures import SignatureError
from spindle.schedule import Schedule, ScheduleError

TRIGGER = '[[trigger.cron]]\nid = "tick"\ncron_expression = "{}"\ncomponent = "a"\n'
NOON = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)  # a Sunday

NEXT = {
    "* * * * * *": "2026-11-22 12:00:01",
    "1/2 * * * * *": "2026-11-22 12:00:01",
    "0/15 * * * * *": "2026-11-22 12:00:15",
    "*/7 * * * * *": "2026-11-22 12:00:07",
    "2,8 * * * * *": "2026-11-22 12:00:02",
    "5-10 * * * * *": "2026-11-22 12:00:05",
    "0 1/2 11,12 5-10 * *": "2026-12-05 11:01:00",
    "0 0 0 * * 0": "2026-11-29 00:00:00",
    "0 0 0 * * 7": "2026-11-29 00:00:00",
    "0 0 0 * * MON-FRI": "2026-11-23 00:00:00",
    "0 0 0 1 JAN ?": "2027-01-01 00:00:00",
    "0 0 0 13 * FRI": "2027-08-13 00:00:00",
    "0 0 0 L * *": "2026-11-30 00:00:00",
    "0 0 0 * * 5L": "2026-11-27 00:00:00",
    "0 0 0 * * friL": "2026-11-27 00:00:00",
    "0 0 0 * * MON#1": "2026-12-07 00:00:00",
    "0 0 0 15W 11 *": "2027-11-15 00:00:00",
    "0 0 0 29 2 MON": "2044-02-29 00:00:00",
    "0 0 0 1 1 * 2030": "2030-01-01 00:00:00",
    "@daily": "2026-11-23 00:00:00",
    "@Hourly": "2026-11-22 13:00:00",
}
"""When each fires first after noon."""
NEVER = ("0 0 0 30 2 *", "0 0 0 1 1 * 2020")
WRONG = {
    "": ("the schedule is empty", ""),
    "* * * * *": ("has 5 fields", "* * * * *"),
    "* * * * * * * *": ("has 8 fields", "* * * * * * * *"),
    "60 * * * * *": ("`60` is no second: expected 0 to 59", "60"),
    "0 0 24 * * *": ("`24` is no hour", "24"),
    "0 0 0 0 * *": ("`0` is no day of the month", "0"),
    "0 0 0 * 13 *": ("`13` is no month", "13"),
    "0 0 0 * FOO *": ("`FOO` is no month", "FOO"),
    "0 0 0 * * 8": ("`8` is no day of the week", "8"),
    "R * * * * *": ("`R` is no second", "R"),
    "H * * * * *": ("`H` is no second", "H"),
    "*/0 * * * * *": ("`*/0` is no second", "*/0"),
    "1 -- * * * *": ("`--` is no minute", "--"),
    "0 0 0 1 1 * 1": ("`1` is no year", "1"),
    "\uff11 * * * * *": ("is no second", "\uff11"),  # a wide 1
}
"""What is said of each, and of which part."""


@pytest.mark.parametrize("text", NEXT)
def test_when_a_schedule_comes(text: str) -> None:
    at = Schedule(text).next_after(NOON)
    assert at is not None
    assert f"{at:%Y-%m-%d %H:%M:%S}" == NEXT[text]


@pytest.mark.parametrize("text", NEVER)
def test_schedules_that_never_come(text: str) -> None:
    assert Schedule(text).next_after(NOON) is None


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_with_a_schedule(text: str) -> None:
    told, part = WRONG[text]
    with pytest.raises(ScheduleError, match=re.escape(told)) as caught:
        Schedule(text)
    found = [n for n in range(len(text) + 1) if text[n : n + len(part)] == part]
    assert caught.value.start in found
    assert text[caught.value.start : caught.value.end] == part


NUMBERS = st.integers(0, 59).map(str)
ITEMS = st.one_of(
    st.just("*"), NUMBERS, st.builds("{}-{}".format, NUMBERS, NUMBERS),
    st.builds("*/{}".format, st.integers(1, 59)), st.builds("{}/{}".format, NUMBERS, NUMBERS),
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(ITEMS, min_size=5, max_size=8).map(" ".join))


@given(TEXTS, st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))
def test_any_text_is_a_schedule_or_is_none(text: str, moment: datetime) -> None:
    start = moment.replace(tzinfo=UTC)
    with suppress(ScheduleError):
        at = Schedule(text).next_after(start)
        assert at is None or at > start


@pytest.mark.asyncio
async def test_it_runs_again_and_again(tmp_path: Path) -> None:
    began = int(time.time())
    async with hosting(tmp_path, TRIGGER.format("* * * * * *"), {"a": event_guests.cron()}) as it:
        assert it.said.lines[-2] == "Active Schedules (UTC):"
        assert it.said.lines[-1].startswith("\ttick: * * * * * *: [a] (next at 2")
        await it.wait_for(lambda: len(it.exchanges) >= 2)
        times = [e.input["timestamp"] for e in it.exchanges]  # type: ignore[index]
        assert times == sorted(set(times))
        assert times[0] >= began
        assert {e.trigger for e in it.exchanges} == {"cron"}
        assert {e.target for e in it.exchanges} == {"tick"}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "types", ["spin:cron/cron-types@3.0.0", "fermyon:spin-cron/cron-types@2.0.0"]
)
async def test_a_component_is_told_the_time(tmp_path: Path, types: str) -> None:
    far = TRIGGER.format("0 0 0 1 1 *")
    async with hosting(tmp_path, far, {"a": event_guests.cron(types)}, listen=False) as hosted:
        for target, letter in (("tick", "fine"), ("a", "error"), ("tick", "trap")):
            answer = await hosted.fire("cron", target, str(256 * 1000 + ord(letter[0])))
            [exchange] = answer["exchanges"]
            assert exchange["input"] == {"timestamp": 256 * 1000 + ord(letter[0])}
            assert (exchange["trap"] is None) == (letter == "fine")


@pytest.mark.asyncio
async def test_a_handler_with_another_type(tmp_path: Path) -> None:
    wasm = {"a": event_guests.wrong_cron()}
    with pytest.raises(SignatureError, match="exports the function `handle-cron-event` as `func"):
        async with hosting(tmp_path, TRIGGER.format("@daily"), wasm):
            pass


def test_moments_are_told_in_utc() -> None:
    elsewhere = NOON.astimezone(datetime.now().astimezone().tzinfo) + timedelta(0)
    assert Schedule("0 0 13 * * *").next_after(elsewhere) == datetime(2026, 11, 22, 13, tzinfo=UTC)
