"""`spindle completion`: the script that teaches a shell our verbs and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

VARIABLE = "_SPINDLE_COMPLETE"
"""The environment variable through which a shell asks; click derives it from the name."""

HOW = """Print a shell's completion script.

\b
bash:  eval "$(spindle completion bash)"       in ~/.bashrc
zsh:   eval "$(spindle completion zsh)"        in ~/.zshrc
fish:  spindle completion fish | source        in ~/.config/fish/config.fish
"""


@click.command("completion", help=HOW)
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    completion = get_completion_class(shell)
    assert completion is not None, "click knows the shells we offer"
    click.echo(completion(ctx.find_root().command, {}, "spindle", VARIABLE).source())
