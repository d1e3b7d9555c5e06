"""The command line: `burdenlib check`, `explain`, `audit`, `fmt`, `lint`, `test`, `mutate`, `plugins`, `sql`."""

from __future__ import annotations

import click

from burdenlib.cli.guard import GuardedGroup

__all__ = ["main"]


def _show_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        import burdenlib

        click.echo(f"burdenlib, version {burdenlib.__version__}")
        ctx.exit()


@click.group(cls=GuardedGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Check whether tasks may be handed down to villages and communities.

    基层减负规则引擎:判定任务能否下达村(社区),并说明理由和依据。
    """


for name in ("check", "explain", "audit", "fmt", "lint", "test", "mutate", "plugins", "sql"):
    main.add_later(name, f"burdenlib.cli.{name}")
