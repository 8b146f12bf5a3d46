"""The laboratories run code and tell what came of it."""

import threading

import pytest
from tests.labs import LabError, Labs

from spindle.errors import UserError

KEEP = {
    "lab-python": """
        store = await key_value.open("default")
        await store.set("a", bytes(3))
        return await store.get("a"), wasi_random_random_0_3_0 is not None
    """,
    "lab-python-2": """
        store = key_value.open("default")
        store.set("a", bytes(3))
        return store.get("a"), spin_sqlite_sqlite is not None
    """,
    "lab-javascript": """
        const store = imported["fermyon:spin/key-value@2.0.0"].Store.open("default");
        store.set("a", new Uint8Array(3));
        return [store.get("a"), true];
    """,
}
DENIED = {
    "lab-python": 'await key_value.open("other")',
    "lab-python-2": 'key_value.open("other")',
    "lab-javascript": 'imported["fermyon:spin/key-value@2.0.0"].Store.open("other")',
}

ACCESS_DENIED = ({"Error_AccessDenied": None}, {"tag": "access-denied"})


@pytest.mark.parametrize("guest", KEEP)
def test_they_run_code(lab: Labs, guest: str) -> None:
    host = lab([guest], key_value_stores=["default"])
    assert host.run(KEEP[guest]) == [bytes(3), True]
    with pytest.raises(LabError) as raised:
        host.run(DENIED[guest])
    assert raised.value.value in ACCESS_DENIED


@pytest.mark.parametrize("guest", KEEP)
def test_a_composed_one_has_what_it_inherits(lab: Labs, guest: str) -> None:
    host = lab([guest], composed=["key_value_stores"], key_value_stores=["default"])
    assert host.run(KEEP[guest]) == [bytes(3), True]


@pytest.mark.parametrize("guest", KEEP)
def test_a_composed_one_has_no_more(lab: Labs, guest: str) -> None:
    host = lab([guest], composed=["files"], key_value_stores=["default"])
    with pytest.raises(LabError) as raised:
        host.run(KEEP[guest])
    assert raised.value.value in ACCESS_DENIED


def test_a_host_that_cannot_be_made_leaves_nothing(lab: Labs) -> None:
    before = threading.active_count()
    for wrong in (["no-such-scheme"], ["http://{{ no-such-variable }}"]):
        with pytest.raises(UserError):
            lab(allowed_outbound_hosts=wrong)
    assert threading.active_count() <= before
