"""Guests of every era use a real Redis: each function of each version, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from tests.labs import LabError, Laboratory, Labs, laboratory
from tests.services.redis import GuardedRedis, Redis

from spindle.events import EventKind, Subscription
from spindle.exchange import Body, Exchange

GUESTS = ("lab-python", "lab-python-2", "lab-javascript")


class Way(NamedTuple):
    """A guest and the binding by which it reaches one version of the interface."""

    guest: str
    binding: str
    wait: str = ""
    unversioned: bool = False

    @property
    def javascript(self) -> bool:
        return self.guest == "lab-javascript"


WAYS = {
    "3 from Python": Way("lab-python", "spin_redis_redis_3_0_0", "await "),
    "2 from Python": Way("lab-python", "fermyon_spin_redis_2_0_0"),
    "2 from WASI 0.2 Python": Way("lab-python-2", "bindings.redis"),
    "2 from JavaScript": Way("lab-javascript", 'imported["fermyon:spin/redis@2.0.0"]'),
    "unversioned from JavaScript": Way(
        "lab-javascript", 'imported["fermyon:spin/redis"]', unversioned=True
    ),
}


class Int(int):
    """A parameter `int64`."""


Call = tuple[str, list[Any], Any]
"""A function, its arguments, and what it answers."""


def calls(prefix: str) -> list[Call]:
    """Every function; keys begin with the prefix. In `execute` bytes and `Int`s are parameters."""
    a, n, s = (f"{prefix}:{name}" for name in "ans")
    key, text = a.encode(), "gr\xfc\xdfe".encode()
    return [
        ("execute", ["FLUSHDB", []], [("status", "OK")]),
        ("set", [a, b"\0one\xff"], None),
        ("get", [a], b"\0one\xff"),
        ("incr", [n], 1),
        ("incr", [n], 2),
        ("sadd", [s, ["gr\xfc\xdfe"]], 1),
        ("sadd", [s, ["gr\xfc\xdfe"]], 0),
        ("smembers", [s], ["gr\xfc\xdfe"]),
        ("srem", [s, ["gr\xfc\xdfe", "none"]], 1),
        ("smembers", [s], []),
        ("publish", [f"{prefix}:channel", b"\0"], None),
        ("del", [[a, n, s]], 2),
        ("execute", ["GET", [key]], [("nil", None)]),
        ("execute", ["SET", [key, Int(-7)]], [("status", "OK")]),
        ("execute", ["get", [key]], [("binary", b"-7")]),
        ("execute", ["STRLEN", [key]], [("int64", 2)]),
        ("execute", ["RPUSH", [b"list", b"", text, Int(1 << 40)]], [("int64", 3)]),
        (
            "execute",
            ["LRANGE", [b"list", Int(0), Int(-1)]],
            [("binary", b""), ("binary", text), ("binary", b"1099511627776")],
        ),
        (
            "execute",
            ["EVAL", [b"return {1, {'x', {2}}, false, redis.status_reply('FINE')}", Int(0)]],
            [("int64", 1), ("binary", b"x"), ("int64", 2), ("nil", None), ("status", "FINE")],
        ),
        ("execute", ["LRANGE", [b"none", Int(0), Int(-1)]], []),
    ]


def literal(way: Way, value: Any, parameters: bool = False) -> str:
    """A value in the guest's language."""
    match value:
        case bytes() | Int() if parameters:
            case = "binary" if isinstance(value, bytes) else "int64"
            inner = literal(way, value)
            if way.javascript:
                return f'{{tag: "{case}", val: {inner}}}'
            return f"{way.binding}.RedisParameter_{case.capitalize()}({inner})"
        case bytes():
            return f"new Uint8Array({list(value)})" if way.javascript else repr(value)
        case int():
            return f"{value}n" if way.javascript else str(int(value))
        case list():
            return f"[{', '.join(literal(way, item, parameters) for item in value)}]"
    return json.dumps(value)


def code(way: Way, url: str, todo: list[Call]) -> str:
    """What makes the calls, on one connection if there are such, and returns what they answer."""
    lines = [f"{'const ' * way.javascript}results = []"]
    if not way.unversioned:
        declared = "const c" if way.javascript else "c"
        lines.append(f"{declared} = {way.wait}{way.binding}.Connection.open({url!r})")
    for func, args, _ in todo:
        given = [literal(way, arg, func == "execute") for arg in args]
        if way.unversioned:
            called = f"{way.binding}.{func}({', '.join([repr(url), *given])})"
        else:
            name = f"{func}_" if func == "del" and not way.javascript else func
            called = f"{way.wait}c.{name}({', '.join(given)})"
        add = "push" if way.javascript else "append"
        lines.append(f"results.{add}({called})")
    return "\n".join([*lines, "return results"])


def told(value: Any) -> Any:
    """What a lab tells, with variants as pairs whatever the language."""
    match value:
        case {"tag": case}:
            return (case, value.get("val"))
        case dict() if len(value) == 1 and (name := next(iter(value))).startswith("RedisResult_"):
            return (name.removeprefix("RedisResult_").lower(), value[name])
        case list():
            return [told(item) for item in value]
    return value


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, redis_server: Redis) -> Iterator[Laboratory]:
    directory = tmp_path_factory.mktemp("redis")
    with laboratory(directory, GUESTS, allowed_outbound_hosts=[redis_server.url]) as made:
        yield made


@pytest.mark.parametrize("name", WAYS)
def test_every_function(host: Laboratory, redis_server: Redis, name: str) -> None:
    way, todo = WAYS[name], calls(name)
    url = f"{redis_server.url}/{list(WAYS).index(name) + 1}"
    answers = told(host.run(code(way, url, todo), way.guest))
    assert answers == [answer for _, _, answer in todo]


@pytest.mark.parametrize("name", WAYS)
def test_errors_of_the_server(host: Laboratory, redis_server: Redis, name: str) -> None:
    way, key = WAYS[name], f"{name}:error"
    set_up: list[Call] = [("set", [key, b"text"], None)]
    host.run(code(way, redis_server.url, set_up), way.guest)
    refused: list[tuple[Call, str]] = [
        (("incr", [key], None), "ERR value is not an integer or out of range"),
        (("sadd", [key, ["a"]], None), "WRONGTYPE Operation against a key"),
        (("smembers", [key], None), "WRONGTYPE Operation against a key"),
        (("del", [[]], None), "ERR wrong number of arguments"),
        (("execute", ["NO-SUCH", []], None), "ERR unknown command"),
        (("execute", ["EVAL", [b"return {1, {err='ERR inside'}}", Int(0)]], None), "ERR inside"),
    ]
    for call, text in refused:
        with pytest.raises(LabError) as raised:
            host.run(code(way, redis_server.url, [call]), way.guest)
        check_error(way, raised.value, "other", text)


def check_error(way: Way, error: LabError, case: str, text: str = "") -> None:
    if way.unversioned:
        assert error.value == "error"
    elif way.javascript:
        assert error.value["tag"] == case
        assert text in (error.value.get("val") or "")
    else:
        name = "".join(word.capitalize() for word in case.split("-"))
        assert list(error.value) == [f"Error_{name}"]
        assert text in (error.value[f"Error_{name}"] or "")


@pytest.mark.parametrize("name", WAYS)
def test_denied_addresses(host: Laboratory, redis_server: Redis, name: str) -> None:
    way = WAYS[name]
    todo: list[Call] = [("get", ["a"], None)]
    for denied in (f"redis://:secret@{name.split()[0]}.example.com", "redis://%", "nonsense", ""):
        with pytest.raises(LabError) as raised:
            host.run(code(way, denied, todo), way.guest)
        check_error(way, raised.value, "invalid-address")
    shown = f"redis://{name.split()[0]}.example.com"
    assert f"component `{component(way)}` may not connect to `{shown}`" in host.console.text
    assert "secret" not in host.console.text


def component(way: Way) -> str:
    return way.guest.replace("-2", "-two")


def test_a_key_that_is_not_there(host: Laboratory, redis_server: Redis) -> None:
    for name, way in WAYS.items():
        todo: list[Call] = [("get", ["not:there"], None)]
        [answer] = host.run(code(way, redis_server.url, todo), way.guest)
        assert answer == (b"" if way.unversioned else None), name


def test_calls_of_one_guest_are_on_their_way_at_once(host: Laboratory, redis_server: Redis) -> None:
    answers = host.run(f"""
        import asyncio
        c = await redis.open({redis_server.url!r})
        echo = lambda n: c.execute("ECHO", [spin_redis_redis_3_0_0.RedisParameter_Int64(n)])
        replies = await asyncio.gather(*(echo(n) for n in range(100)))
        return [reply[0].value for reply in replies]
    """)
    assert answers == [b"%d" % n for n in range(100)]


@pytest.mark.parametrize(
    "reply", ["{map={a=1}}", "{verbatim_string={format='txt',string='a'}}", "{1, {map={a=1}}}"]
)
def test_replies_that_guests_have_no_type_for(
    host: Laboratory, redis_server: Redis, reply: str
) -> None:
    way = WAYS["3 from Python"]
    script = f"redis.setresp(3); return {reply}".encode()
    todo: list[Call] = [("execute", ["EVAL", [script, Int(0)]], None)]
    with pytest.raises(LabError) as raised:
        host.run(code(way, f"{redis_server.url}?protocol=resp3", todo), way.guest)
    check_error(way, raised.value, "other", "can't be passed to a guest")


def test_replies_of_resp_3(host: Laboratory, redis_server: Redis) -> None:
    script = b"redis.setresp(3); return {{double=2.0},{double=1.5e+300},{double=-1/0},true,false,"
    script += b"{big_number='12'},{set={only=true}}}"
    way = WAYS["3 from Python"]
    todo: list[Call] = [("execute", ["EVAL", [script, Int(0)]], None)]
    [answer] = told(host.run(code(way, f"{redis_server.url}?protocol=resp3", todo), way.guest))
    assert answer == [
        ("binary", b"2"),
        ("binary", b"15" + b"0" * 299),
        ("binary", b"-inf"),
        ("int64", 1),
        ("nil", None) if answer[4][0] == "nil" else ("int64", 0),
        ("binary", b"12"),
        ("binary", b"only"),
    ]


def test_members_that_are_no_text(host: Laboratory, redis_server: Redis) -> None:
    way = WAYS["3 from Python"]
    todo: list[Call] = [
        ("execute", ["SADD", [b"no-text", b"\xff"]], None),
        ("smembers", ["no-text"], None),
    ]
    with pytest.raises(LabError) as raised:
        host.run(code(way, redis_server.url, todo), way.guest)
    check_error(way, raised.value, "other", "is not UTF-8")


@pytest.mark.parametrize(
    ("inherited", "allowed"), [(["allowed_outbound_hosts"], True), (False, False)]
)
def test_in_a_dependency(
    lab: Labs, redis_server: Redis, inherited: bool | list[str], allowed: bool
) -> None:
    host = lab(composed=inherited, allowed_outbound_hosts=[redis_server.url])
    way, todo = WAYS["3 from Python"], calls("composed")[1:3]
    if allowed:
        assert host.run(code(way, redis_server.url, todo)) == [None, b"\0one\xff"]
        return
    with pytest.raises(LabError) as raised:
        host.run(code(way, redis_server.url, todo))
    check_error(way, raised.value, "invalid-address")
    assert "`wasi:http/handler@0.3.0` in component `lab-python` may not connect" in (
        host.console.text
    )


def test_what_is_recorded(lab: Labs, own_server: Callable[[type[Redis]], Redis]) -> None:
    server = own_server(GuardedRedis)
    host = lab(["lab-python", "lab-javascript"], allowed_outbound_hosts=["redis://*:*"])
    heard = host.host.bus.subscribe([EventKind.EXCHANGE_FINISHED])
    for name in ("3 from Python", "unversioned from JavaScript"):
        todo: list[Call] = [
            ("set", ["k", bytes(1 << 20)], None),
            ("execute", ["AUTH", [GuardedRedis.password.encode()]], None),
        ]
        host.run(code(WAYS[name], server.url, todo), WAYS[name].guest)
        exchange = host.do(_next(heard))
        recorded = [call for call in exchange.calls if "redis" in call.interface]
        text = repr(recorded)
        assert {"set", "execute"} <= {call.func for call in recorded}
        assert "sesame" not in text
        assert f"{server.host}:{server.port}" in text
        assert sum(len(part.data) for call in recorded for part in bodies(call.args)) < 1 << 20


async def _next(heard: Subscription) -> Exchange:
    async for event in heard:
        assert isinstance(event.data, Exchange)
        return event.data
    raise AssertionError("the host ended")


def bodies(args: Any) -> Iterator[Body]:
    for arg in args if isinstance(args, (list, tuple)) else ():
        if isinstance(arg, Body):
            yield arg
        yield from bodies(arg)
