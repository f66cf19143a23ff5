"""A group of commands of which one need not be named: `report DT-1` is `report run DT-1`."""

from typing import Any

from typer.core import TyperGroup


class DefaultCommand(TyperGroup):
    """Takes a first word that is no command for an argument of the command that need not be named."""

    unnamed = ""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words; see `typer.core.TyperGroup`."""
        first = args[0] if args else ""
        is_open = not args and ctx.resilient_parsing  # a shell asks what the first word may be
        if not is_open and first not in self.commands and first not in ctx.help_option_names:
            args = [self.unnamed, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Offer the commands, and what the one that need not be named takes."""
        command: Any = self.commands[self.unnamed]
        inner = command.make_context(self.unnamed, [], parent=ctx, resilient_parsing=True)
        first = next((parameter for parameter in command.params if parameter.param_type_name == "argument"), None)
        own = [item for item in super().shell_complete(ctx, incomplete) if item.value != self.unnamed]
        values = first.shell_complete(inner, incomplete) if first else []
        return [*own, *values, *command.shell_complete(inner, incomplete)]
