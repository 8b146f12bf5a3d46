"""Components that get the messages of Redis channels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import built
from tests.services.redis import GuardedRedis, Redis
from tests.trigger import event_guests
from tests.trigger.hosting import Hosted, hosting, redis_client

from spindle.errors import ComponentError
from spindle.trigger.listening import InvalidTrigger
from spindle.trigger.redis import subscriber

OLD = event_guests.old_redis()
ORDERS = """
[application.trigger.redis]
address = "{url}"
[[trigger.redis]]
channel = "orders"
component = "a"
"""
LISTENS = "Active Channels on "

pytestmark = pytest.mark.asyncio


async def listening(hosted: Hosted, times: int = 1) -> None:
    """Wait until channels are subscribed to."""
    await hosted.wait_for(
        lambda: sum(line.startswith(LISTENS) for line in hosted.said.lines) == times
    )


async def test_a_message_comes_to_its_channels_components(
    tmp_path: Path, redis_server: Redis
) -> None:
    triggers = ORDERS.format(url=redis_server.url) + (
        '[[trigger.redis]]\nchannel = "orders"\ncomponent = "b"\n'
        f'[[trigger.redis]]\nchannel = "others"\naddress = "{redis_server.url}"\ncomponent = "b"\n'
    )
    async with hosting(tmp_path, triggers, {"a": OLD, "b": OLD}) as hosted:
        await listening(hosted)
        place = f"{redis_server.host}:{redis_server.port}"
        assert hosted.said.lines[-3:] == [
            f"{LISTENS}{place}:",
            f"\t{place}/orders: [a,b]",
            f"\t{place}/others: [b]",
        ]
        async with redis_client(redis_server.url) as client:
            await client.call(b"PUBLISH", b"orders", b"fine")
            await hosted.wait_for(lambda: len(hosted.exchanges) == 2)
            await client.call(b"PUBLISH", b"others", b"error")
            await hosted.wait_for(lambda: len(hosted.exchanges) == 3)
        assert sorted(hosted.outcomes()[:2]) == [("a", "orders", "ok"), ("b", "orders", "ok")]
        assert hosted.outcomes()[2] == ("b", "others", "error")
        failed = hosted.exchanges[2]
        assert failed.trigger == "redis"
        assert failed.to_json()["input"] == {
            "channel": "others",
            "payload": {"size": 5, "kept": 5, "encoding": "utf-8", "data": "error"},
        }
        assert hosted.said.failures == ["b: the guest answered with the error `error`"]


async def test_addresses_and_channels_are_templates(tmp_path: Path, redis_server: Redis) -> None:
    variables = f"""
[variables]
port = {{ default = "{redis_server.port}" }}
shop = {{ default = "north" }}
[application.trigger.redis]
address = "redis://{redis_server.host}:{{{{ port }}}}"
[[trigger.redis]]
channel = "orders-{{{{ shop }}}}"
component = "a"
"""
    async with hosting(tmp_path, variables, {"a": OLD}) as hosted:
        await listening(hosted)
        async with redis_client(redis_server.url) as client:
            assert await client.call(b"PUBLISH", b"orders-north", b"x") == 1
        await hosted.wait_for(lambda: hosted.outcomes() == [("a", "orders-north", "ok")])


async def test_a_handler_that_traps_or_loops_ends_alone(
    tmp_path: Path, redis_server: Redis
) -> None:
    triggers = ORDERS.format(url=redis_server.url)
    limits = {"max_cpu_time": 0.2}
    async with hosting(tmp_path, triggers, {"a": OLD}, limits=limits) as hosted:
        await listening(hosted)
        async with redis_client(redis_server.url) as client:
            for payload in (b"trap", b"loop", b"fine"):
                await client.call(b"PUBLISH", b"orders", payload)
            await hosted.wait_for(lambda: len(hosted.exchanges) == 3)
        results = {str(e.trap and e.trap.reason.partition(":")[0]) for e in hosted.exchanges}
        assert results == {
            "None",
            "the guest computes for too long",
            "wasm `unreachable` instruction executed",
        }


@pytest.mark.parametrize("payload", [b"", b"\xff\xfe\0", b"x" * (1 << 20)])
async def test_payloads_are_any_bytes(tmp_path: Path, redis_server: Redis, payload: bytes) -> None:
    async with hosting(tmp_path, ORDERS.format(url=redis_server.url), {"a": OLD}) as hosted:
        await listening(hosted)
        async with redis_client(redis_server.url) as client:
            await client.call(b"PUBLISH", b"orders", payload)
        await hosted.wait_for(lambda: hosted.outcomes() == [("a", "orders", "ok")])
        recorded = hosted.exchanges[0]
        assert isinstance(recorded.input, dict)
        assert recorded.input["payload"].size == len(payload)
        cut = ["input.payload"] if len(payload) > recorded.input["payload"].limit else []
        assert recorded.truncated == cut


async def test_none_of_many_messages_is_lost(tmp_path: Path, redis_server: Redis) -> None:
    many = 10_000
    async with hosting(tmp_path, ORDERS.format(url=redis_server.url), {"a": OLD}) as hosted:
        await listening(hosted)
        async with redis_client(redis_server.url) as client:
            sent = [client.send(b"PUBLISH", b"orders", b"%d" % i) for i in range(many)]
            await asyncio.gather(*sent)
        await hosted.wait_for(lambda: len(hosted.exchanges) == many, patience=120)
        got = {bytes(e.input["payload"].data) for e in hosted.exchanges}  # type: ignore[index]
        assert got == {b"%d" % i for i in range(many)}
        assert hosted.said.warnings == []


async def test_what_came_before_a_stop_is_handled(tmp_path: Path, redis_server: Redis) -> None:
    async with hosting(
        tmp_path, ORDERS.format(url=redis_server.url), {"a": OLD}, limits={"max_events": 1}
    ) as hosted:
        await listening(hosted)
        async with redis_client(redis_server.url) as client:
            await asyncio.gather(*(client.send(b"PUBLISH", b"orders", b"x") for _ in range(100)))
        await hosted.wait_for(lambda: hosted.exchanges)
    assert hosted.outcomes() == [("a", "orders", "ok")] * 100


async def test_a_server_that_is_not_there_yet(
    tmp_path: Path, own_server: Callable[[type[Redis]], Redis]
) -> None:
    server = own_server(Redis)
    server.stop()
    triggers = ORDERS.format(url=server.url) + (
        '[[trigger.http]]\nroute = "/"\nstatic_response = { body = "here" }\n'
    )
    async with hosting(tmp_path, triggers, {"a": OLD}) as hosted:
        await hosted.wait_for(lambda: hosted.said.warnings)
        assert hosted.said.warnings[0].startswith(f"no messages come from Redis at {server.host}")
        answer = await hosted.fire("http", "/")
        assert answer["response"]["body"]["data"] == "here"
        await asyncio.to_thread(server.start)
        await listening(hosted)


async def test_a_server_that_dies_and_comes_back(
    tmp_path: Path, own_server: Callable[[type[Redis]], Redis]
) -> None:
    server = own_server(Redis)
    async with hosting(tmp_path, ORDERS.format(url=server.url), {"a": OLD}) as hosted:
        await listening(hosted)
        await asyncio.to_thread(server.kill)
        await hosted.wait_for(lambda: len(hosted.said.warnings) == 1)
        await asyncio.to_thread(server.start)
        again = f"Listening on Redis at {server.host}:{server.port} again."
        await hosted.wait_for(lambda: again in hosted.said.lines)
        async with redis_client(server.url) as client:
            assert await client.call(b"PUBLISH", b"orders", b"x") == 1
        await hosted.wait_for(lambda: hosted.outcomes() == [("a", "orders", "ok")])
        assert len(hosted.said.warnings) == 1


async def test_a_server_that_says_nothing_any_more(
    tmp_path: Path,
    own_server: Callable[[type[Redis]], Redis],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subscriber, "PING_SECONDS", 0.2)
    server = own_server(Redis)
    async with hosting(tmp_path, ORDERS.format(url=server.url), {"a": OLD}) as hosted:
        await listening(hosted)
        server.pause()
        await hosted.wait_for(lambda: hosted.said.warnings)
        assert "it was silent for" in hosted.said.warnings[0]
        server.resume()
        await hosted.wait_for(lambda: hosted.said.lines[-1].endswith(" again."))


async def test_a_server_that_wants_a_password(
    tmp_path: Path, own_server: Callable[[type[GuardedRedis]], GuardedRedis]
) -> None:
    server = own_server(GuardedRedis)
    wrong = server.url.replace("open%20sesame", "guess")
    async with hosting(tmp_path, ORDERS.format(url=wrong), {"a": OLD}) as hosted:
        await hosted.wait_for(lambda: hosted.said.warnings)
        assert "WRONGPASS" in hosted.said.warnings[0]
        assert "guess" not in hosted.said.warnings[0]
    async with hosting(tmp_path, ORDERS.format(url=server.url), {"a": OLD}) as hosted:
        await listening(hosted)


async def test_a_handler_may_publish_and_is_answered(tmp_path: Path, redis_server: Redis) -> None:
    """The reply to it is not held up by the subscription, and its own messages come too."""
    manifest = f"""
[application.trigger.redis]
address = "{redis_server.url}"
[[trigger.redis]]
channel = "pub-ask"
component = "lab"
[[trigger.redis]]
channel = "pub-answer"
component = "a"
[component.lab]
source = "{built("lab-python-redis")}"
allowed_outbound_hosts = ["{redis_server.url}"]
"""
    code = f"""
connection = await redis.open("{redis_server.url}")
await connection.publish("pub-answer", b"fine")
print("published")
"""
    async with hosting(tmp_path, manifest, {"a": OLD}) as hosted:
        await listening(hosted)
        async with redis_client(redis_server.url) as client:
            await client.call(b"PUBLISH", b"pub-ask", code.encode())
        await hosted.wait_for(lambda: len(hosted.exchanges) == 2)
        assert sorted(hosted.outcomes()) == [("a", "pub-answer", "ok"), ("lab", "pub-ask", "ok")]
        of_lab = next(e for e in hosted.exchanges if e.component == "lab")
        assert [line.data for line in of_lab.log_lines()] == [b"published"]
        assert "publish" in of_lab.calls[-1].func


async def test_an_address_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InvalidTrigger, match=r"`http://x:\*\*\*@y`, is none of a Redis server"):
        async with hosting(tmp_path, ORDERS.format(url="http://x:secret@y"), {"a": OLD}):
            pass


async def test_a_component_that_handles_no_messages(tmp_path: Path) -> None:
    with pytest.raises(ComponentError, match="exports no Redis handler") as caught:
        async with hosting(
            tmp_path, ORDERS.format(url="redis://localhost"), {"a": event_guests.cron()}
        ):
            pass
    assert "`handle-cron-event` is for a cron trigger" in caught.value.hints


async def test_a_handler_with_a_dependency(tmp_path: Path) -> None:
    manifest = ORDERS.format(url="redis://127.0.0.1:1")
    dependencies = '[component.a.dependencies]\n"test:letters/letters" = { path = "letters" }\n'
    wasm = {"a": event_guests.dependent_redis()}
    for letter, result in (("f", {"result": "ok"}), ("e", {"result": "error", "error": "error"})):
        (tmp_path / "letters").write_bytes(event_guests.letters(letter))
        async with hosting(tmp_path, manifest + dependencies, wasm, listen=False) as hosted:
            answer = await hosted.fire("redis", "orders", "whatever")
            assert [each["output"] for each in answer["exchanges"]] == [result]


async def test_a_handler_that_takes_too_long(tmp_path: Path) -> None:
    manifest = ORDERS.format(url="redis://127.0.0.1:1")
    limits = {"request_timeout": 2.0}
    async with hosting(tmp_path, manifest, {"a": OLD}, listen=False, limits=limits) as hosted:
        answer = await hosted.fire("redis", "orders", "loop")
        [exchange] = answer["exchanges"]
        assert exchange["trap"]["reason"] == "the guest exceeded the request timeout"
        answer = await hosted.fire("redis", "orders", "fine")
        assert answer["exchanges"][0]["output"] == {"result": "ok"}


async def test_a_handler_of_an_older_sdk(tmp_path: Path) -> None:
    manifest = f"""
[application.trigger.redis]
address = "redis://127.0.0.1:1"
[[trigger.redis]]
channel = "orders"
component = "lab"
[component.lab]
source = "{built("lab-python-2")}"
"""
    async with hosting(tmp_path, manifest, {}, listen=False) as hosted:
        answer = await hosted.fire("redis", "orders", 'print("here")')
        [exchange] = answer["exchanges"]
        assert exchange["output"] == {"result": "ok"}
        assert [line["text"] for line in exchange["logs"]] == ["here"]
        answer = await hosted.fire("redis", "orders", 'raise ValueError("no such order")')
        [exchange] = answer["exchanges"]
        assert exchange["trap"] is not None
