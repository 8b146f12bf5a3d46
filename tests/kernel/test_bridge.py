"""The kernel over stdin and stdout, as editors have it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spindle.client import Decoder, encode_message

START = [sys.executable, "-m", "spindle.cli", "kernel", "bridge"]


class Talk:
    """What an editor says, and hears until each answer."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._decoder = Decoder()
        self._heard: list[Any] = []
        self._count = 0

    def send(self, method: str, *, call: bool = True, **params: Any) -> int:
        assert self.process.stdin is not None
        self._count += 1
        id_ = {"id": self._count} if call else {}
        message = {"jsonrpc": "2.0", **id_, "method": method, "params": params}
        self.process.stdin.write(encode_message(message))
        self.process.stdin.flush()
        return self._count

    def hear(self) -> Any:
        assert self.process.stdout is not None
        while not self._heard:
            data = self.process.stdout.read1(65536)  # type: ignore[attr-defined]
            assert data, "it ended"
            self._heard += self._decoder.feed(data)
        return self._heard.pop(0)

    def ask(self, method: str, **params: Any) -> tuple[Any, list[Any]]:
        """The answer to a call, and the notifications before it."""
        number = self.send(method, call=True, **params)
        told: list[Any] = []
        while True:
            message = self.hear()
            if message.get("id") == number:
                return message["result"], told
            told.append(message)


@contextmanager
def conversation(directory: Path) -> Iterator[Talk]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([*START, str(directory)], **pipes) as process:  # type: ignore[call-overload]
        yield Talk(process)
        process.stdin.close()
        assert process.wait(60) == 0


def test_cells_run_with_their_outputs(tmp_path: Path) -> None:
    with conversation(tmp_path) as talk:
        answer, told = talk.ask("execute", code="print('said'); 6 * 7")
        assert answer == {"status": "ok"}
        assert [each["params"]["type"] for each in told] == ["stream", "execute_result"]
        assert told[0]["params"]["content"]["text"] == "said\n"
        assert told[1]["params"]["content"]["data"]["text/plain"] == "42"

        answer, told = talk.ask("execute", code="1 / 0")
        assert answer == {"status": "error"}
        assert told[-1]["params"]["content"]["ename"] == "ZeroDivisionError"

        answer, _ = talk.ask("execute", code="attach, exchanges  # only our kernel has them")
        assert answer == {"status": "ok"}

        answer, _ = talk.ask("complete", code="impor", cursor=5)
        assert "import" in answer["matches"]


def test_questions_are_answered_and_loops_interrupted(tmp_path: Path) -> None:
    with conversation(tmp_path) as talk:
        number = talk.send("execute", code="print(input('who? '))")
        assert talk.hear()["params"]["prompt"] == "who? "
        talk.send("answer", call=False, value="Ada")
        told = [talk.hear(), talk.hear()]
        assert told[0]["params"]["content"]["text"] == "Ada\n"
        assert told[1] == {"jsonrpc": "2.0", "id": number, "result": {"status": "ok"}}

        number = talk.send("execute", code="print('begun', flush=True)\nwhile True: pass")
        assert talk.hear()["params"]["content"]["text"] == "begun\n"
        talk.send("interrupt", call=False)
        heard = talk.hear()
        assert heard["params"]["content"]["ename"] == "KeyboardInterrupt"
        assert talk.hear()["id"] == number


def test_a_restarted_kernel_knows_nothing(tmp_path: Path) -> None:
    with conversation(tmp_path) as talk:
        talk.ask("execute", code="known = 1")
        talk.ask("restart")
        answer, _ = talk.ask("execute", code="known")
        assert answer == {"status": "error"}
