"""`burdenlib plugins`: what is installed, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from burdenlib.cli.guard import NOT_ALL_ACCEPTED
from burdenlib.cli.options import language_option, text_or_json
from burdenlib.cli.output import put, show
from burdenlib.registry import PluginInfo, discover
from burdenlib.words import Language

__all__ = ["plugins"]


@click.command()
@text_or_json
@language_option
@click.pass_context
def plugins(ctx: click.Context, format: str, language: Language) -> None:
    """List the installed plugins: departments, services, hooks, and what is wrong with them.

    列出已安装的插件。

    Exit status: 0; 1 if something is wrong with a plugin.
    """
    infos = _installed()
    if format == "json":
        answer = [_as_object(info, language) for info in infos]
        put((json.dumps(answer, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace"), None)
    else:
        show("\n\n".join(_drawn(info, language) for info in infos) or _none(language))
    if any(problem.severity == "error" for info in infos for problem in info.problems):
        ctx.exit(NOT_ALL_ACCEPTED)


def _installed() -> Sequence[PluginInfo]:
    """Every installed plugin as it is when it is in use; services are named so that they are."""
    infos = discover(plugins=True).infos
    services = [info.name for info in infos if any(problem.code == "plugin-not-named" for problem in info.problems)]
    return discover(plugins=True, services=services).infos


def _as_object(info: PluginInfo, language: Language) -> dict[str, object]:
    return {
        "name": info.name,
        "department": info.department,
        "distribution": info.distribution,
        "hooks": list(info.hooks),
        "problems": [problem.message(language) for problem in info.problems],
    }


def _drawn(info: PluginInfo, language: Language) -> str:
    zh = language == "zh"
    speaks = info.department or ("服务(需点名启用:--service)" if zh else "a service (to use it: --service)")
    lines = [f"{info.name}  {info.distribution or ''}".rstrip(), f"  {'部门' if zh else 'department'}: {speaks}"]
    if info.hooks:
        lines.append(f"  {'挂钩' if zh else 'hooks'}: {', '.join(info.hooks)}")
    for problem in info.problems:
        text = problem.help(language)
        lines.append(f"  {'问题' if zh else 'problem'}: {problem.message(language)}" + (f" ({text})" if text else ""))
    return "\n".join(lines)


def _none(language: Language) -> str:
    return "没有安装插件" if language == "zh" else "no plugin is installed"
