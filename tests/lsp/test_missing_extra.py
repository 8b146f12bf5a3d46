"""Without its optional packages the language server says what to install."""

import subprocess
import sys

WITHOUT = """
import sys
sys.modules["pygls"] = None
from spindle.cli.root import run
sys.exit(run(["lsp"]))
"""


def test_what_to_install_is_said() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode == 3
    assert "`spindle lsp` needs the `lsp` extra: `pygls` is not installed" in done.stderr
    assert "pip install 'spindle[lsp]'" in done.stderr
    assert "Traceback" not in done.stderr
