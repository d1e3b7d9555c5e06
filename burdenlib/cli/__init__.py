"""The command line: `burdenlib check`, `explain`, `audit`, `fmt`, `lint`, `test`, `mutate`, `plugins`."""

from __future__ import annotations

import click

import burdenlib
from burdenlib.cli.audit import audit
from burdenlib.cli.check import check
from burdenlib.cli.explain import explain
from burdenlib.cli.fmt import fmt
from burdenlib.cli.guard import GuardedGroup
from burdenlib.cli.lint import lint
from burdenlib.cli.mutate import mutate
from burdenlib.cli.plugins import plugins
from burdenlib.cli.test import test

__all__ = ["main"]


@click.group(cls=GuardedGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(burdenlib.__version__, prog_name="burdenlib")
def main() -> None:
    """Check whether tasks may be handed down to villages and communities.

    基层减负规则引擎:判定任务能否下达村(社区),并说明理由和依据。
    """


for command in (check, explain, audit, fmt, lint, test, mutate, plugins):
    main.add_command(command)
