"""How the command line ends: its exit statuses, and nothing raw on the screen."""

from __future__ import annotations

import os
import sys
import traceback
from importlib import import_module
from typing import Any

import click

from burdenlib.cli.language import default_language
from burdenlib.cli.output import show, show_problems
from burdenlib.problems import BurdenError
from burdenlib.words import Language

__all__ = ["ALL_ACCEPTED", "INTERRUPTED", "NOT_ALL_ACCEPTED", "UNUSABLE", "GuardedGroup"]

ALL_ACCEPTED, NOT_ALL_ACCEPTED, UNUSABLE = 0, 1, 2
INTERNAL, INTERRUPTED, BROKEN_PIPE = 70, 130, 141


class GuardedGroup(click.Group):
    """A group of commands that ends in one of the exit statuses, whatever happens.

    Its commands are imported when they are asked for: each needs other parts of the library.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._homes: dict[str, str] = {}

    def add_later(self, name: str, module: str) -> None:
        """Add the command that a module has under its own name."""
        self._homes[name] = module

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted({*super().list_commands(ctx), *self._homes})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command with a name, imported if need be."""
        if cmd_name in self._homes and cmd_name not in self.commands:
            self.add_command(getattr(import_module(self._homes[cmd_name]), cmd_name))
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; a problem is drawn, a defect named, an interrupt and a closed pipe end quietly."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a terminal may know fewer characters than a policy
        try:
            return self._named(ctx)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  # nobody reads on
            ctx.exit(BROKEN_PIPE)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # noqa: BLE001  # a defect of ours; nothing raw on the screen
            self._defect(error)
            ctx.exit(INTERNAL)

    def _named(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BurdenError as error:
            show_problems(error.problems, self._language(ctx))
            ctx.exit(UNUSABLE)

    def _language(self, ctx: click.Context) -> Language:
        chosen: Language | None = ctx.meta.get("burdenlib.language")
        return chosen or default_language()

    def _defect(self, error: Exception) -> None:
        text = " ".join(str(error).split())[:300]
        show(f"内部错误 internal error: {type(error).__name__}: {text}; please report it", error=True)
        if os.environ.get("BURDENLIB_DEBUG"):
            show("".join(traceback.format_exception(error)), error=True)
