"""Where Jupyter finds the kernel: its specification, installed beside those of others."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from spindle.errors import HostError, UserError

NAME = "spindle"
LOGOS = Path(__file__).with_name("spec")


def specification() -> dict[str, Any]:
    """What Jupyter is told: how to start the kernel, and what it is called."""
    return {
        "argv": [sys.executable, "-m", "spindle_kernel", "-f", "{connection_file}"],
        "display_name": "Spindle",
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {"debugger": True, "supported_encryption": ["curve"]},
    }


def install(*, user: bool = False, prefix: str | None = None) -> Path:
    """Install the specification, for everybody unless told otherwise; where it is then."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        (made / "kernel.json").write_text(json.dumps(specification(), indent=1))
        for logo in LOGOS.iterdir():
            shutil.copy(logo, made)
        try:
            where = KernelSpecManager().install_kernel_spec(folder, NAME, user=user, prefix=prefix)
        except OSError as error:
            raise HostError(
                f"the kernel cannot be installed: {error.strerror or error}",
                hints=("install it for yourself with `--user`, or with `--sys-prefix`",),
            ) from None
    return Path(where)


def uninstall() -> Path:
    """Remove the specification that Jupyter finds; where it was."""
    try:
        where = KernelSpecManager().get_kernel_spec(NAME).resource_dir
    except NoSuchKernel:
        raise UserError("the kernel is not installed") from None
    try:
        shutil.rmtree(where)
    except OSError as error:
        raise HostError(f"`{where}` cannot be removed: {error.strerror or error}") from None
    return Path(where)
