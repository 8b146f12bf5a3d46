"""Jupyter's own tests of a kernel."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupyter_kernel_test
import pytest
from tests.kernel.conftest import collected

PATIENCE = 60
"""Seconds to wait for a message that is to come."""


@pytest.fixture(scope="module", autouse=True)
def _installed(specification: Path) -> Iterator[None]:
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    with collected():
        yield


# Its clients leave event loops and sockets to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
class TestProtocol(jupyter_kernel_test.KernelTests):  # type: ignore[misc]  # it has no types
    """What it says of us is data; the tests are its own."""

    kernel_name = "spindle"
    language_name = "python"
    file_extension = ".py"
    code_hello_world = "print('hello, world')"
    code_stderr = "import sys; print('wrong', file=sys.stderr)"
    code_page_something = "zip?"
    code_generate_error = "1 / 0"
    code_execute_result = ({"code": "6 * 7", "result": "42"},)
    code_display_data = (
        {"code": "from IPython.display import HTML, display; display(HTML('<b>x</b>'))",
         "mime": "text/html"},
    )  # fmt: skip
    code_clear_output = "from IPython.display import clear_output; clear_output()"
    test_history = None  # it is IPython's, which the test would have skip a part
    code_inspect_sample = "zip"
    completion_samples = (
        {"text": "zi", "matches": {"zip"}},
        {"text": "POS", "matches": {"POST "}},
    )
    complete_code_samples = ("1", "print('x')", "def f(x):\n  return x\n\n\n", "%up")
    incomplete_code_samples = ("print('''hello", "def f(x):\n  x*2")
    invalid_code_samples = ("import = 7q",)
    flushing = False

    @classmethod
    def setUpClass(cls) -> None:
        """Its tests wait a tenth of a second for what comes next, which is short on a busy day."""
        super().setUpClass()
        get_msg = cls.kc.iopub_channel.get_msg

        def get(timeout: float | None = None) -> Any:
            return get_msg(timeout=timeout if cls.flushing else PATIENCE)

        cls.kc.iopub_channel.get_msg = get

    def flush_channels(self) -> None:
        """Nothing may come here, which is waited for no longer than it does itself."""
        type(self).flushing = True
        try:
            super().flush_channels()
        finally:
            type(self).flushing = False
