"""``hop3-nix completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from hop3_nix.cli.console import echo


@click.command(short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of SHELL.

    \b
      eval "$(hop3-nix completion bash)"       in ~/.bashrc
      eval "$(hop3-nix completion zsh)"        in ~/.zshrc, after compinit
      hop3-nix completion fish | source        in ~/.config/fish/config.fish
    """
    root = context.find_root()
    script = get_completion_class(shell)
    assert script is not None  # noqa: S101 - the choice above lists click's own shells
    echo(script(root.command, {}, "hop3-nix", "_HOP3_NIX_COMPLETE").source())
