"""`burdenlib mutate`: whether the examples notice small mistakes in policies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from burdenlib.cli.guard import NOT_ALL_ACCEPTED
from burdenlib.cli.options import language_option, text_or_json
from burdenlib.cli.output import put, show
from burdenlib.cli.pasting import add_examples
from burdenlib.cli.progress import MUTATING, Waiting
from burdenlib.cli.test import examples_option
from burdenlib.loader import Loaded, load_documents
from burdenlib.testing.cases import chosen, trials
from burdenlib.testing.coverage_report import percent
from burdenlib.testing.mutants import OPERATORS
from burdenlib.testing.mutation import Fate, Mutation, State
from burdenlib.testing.mutation import mutate as run
from burdenlib.words import Language

__all__ = ["mutate"]


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1)
@text_or_json
@examples_option
@click.option("--state", metavar="FILE", help="Remember what is done, and go on from there. 记录进度,可中断后继续。")
@click.option("--jobs", type=click.IntRange(1), help="How many processes; default: one for each core. 进程数。")
@click.option("--no-search", is_flag=True, help="Don't look for examples that would kill survivors. 不搜索示例。")
@click.option(
    "--write-examples",
    is_flag=True,
    help="Add the examples that were found to the policies, marked as generated. 将找到的示例写入政策文件,注明自动生成。",
)
@language_option
@click.pass_context
def mutate(
    ctx: click.Context,
    paths: tuple[str, ...],
    format: str,
    examples: str,
    state: str | None,
    jobs: int | None,
    no_search: bool,
    write_examples: bool,
    language: Language,
) -> None:
    """Change the policies at PATHs (none: all that is shipped) in small ways, and see whether an example fails.

    对政策作微小改动,检验示例能否发现。

    Exit status: 0 no mutant survives; 1 one does; 2 a policy can't be used.
    """
    loaded = load_documents(paths)
    policies = loaded.policies
    names = frozenset(policy.name for policy in policies.policies if policy.file in loaded.asked)
    tried = (each for each in trials(policies, names) if chosen(each.example, examples))
    with Waiting(MUTATING, language) as progress:
        mutation = run(
            policies,
            names,
            tried,
            search=not no_search,
            state=None if state is None else State(Path(state)),
            processes=jobs,
            progress=progress,
        )
    if write_examples:
        add_examples(_found(loaded, mutation))
    if format == "json":
        text = json.dumps(_as_json(mutation), ensure_ascii=False, indent=2) + "\n"
        put(text.encode("utf-8", "backslashreplace"), None)
    else:
        for fate in mutation.survivors:
            show(_drawn(fate, language))
        show(_summary(mutation, language))
    if mutation.survivors:
        ctx.exit(NOT_ALL_ACCEPTED)


def _as_json(mutation: Mutation) -> dict[str, object]:
    return {
        "mutants": len(mutation.fates),
        "killed": len(mutation.of("killed")),
        "same": len(mutation.of("same")),
        "survived": len(mutation.survivors),
        "survivors": [
            {
                "mutant": fate.mutant,
                "policy": fate.policy,
                "operator": fate.operator,
                "source": fate.source,
                "change": fate.change,
                "example": fate.example,
                "tried": fate.tried,
            }
            for fate in mutation.survivors
        ],
        "proofs": [
            {
                "mutant": fate.mutant,
                "policy": fate.policy,
                "operator": fate.operator,
                "source": fate.source,
                "change": fate.change,
                "shown": fate.shown,
            }
            for fate in mutation.of("same")
        ],
    }


def _drawn(fate: Fate, language: Language) -> str:
    zh = language == "zh"
    lines = [
        f"{'存活' if zh else 'survived'}: {fate.policy} {OPERATORS[fate.operator].pick(language)}",
        f"  --> {fate.source}",
        *(f"  {line}" for line in fate.change.splitlines()),
    ]
    if fate.example is not None:
        lines.append(
            "  能发现这一改动的示例(请核对结果后粘贴):"
            if zh
            else "  an example that kills it (check it, then paste it):"
        )
        lines += [f"    {line}" for line in fate.example.splitlines()]
    elif fate.tried:
        lines.append(
            f"  试判 {fate.tried} 项任务,未找到能区分两者的任务"
            if zh
            else f"  no task found that tells them apart in {fate.tried} tries"
        )
    return "\n".join(lines) + "\n"


def _summary(mutation: Mutation, language: Language) -> str:
    killed, survived = len(mutation.of("killed")), len(mutation.survivors)
    written = sum(not fate.generated for fate in mutation.of("killed"))
    same, total = len(mutation.of("same")), killed + survived
    if language == "zh":
        return (
            f"变异 {len(mutation.fates)}：发现 {killed}，等同 {same}，存活 {survived}\n"
            f"发现率：手写示例 {percent(written, total)}，连同自动生成的示例 {percent(killed, total)}"
        )
    return (
        f"{len(mutation.fates)} mutants: {killed} killed, {same} the same, {survived} survived\n"
        f"score: {percent(written, total)} by examples written by hand, {percent(killed, total)} with generated ones"
    )


def _found(loaded: Loaded, mutation: Mutation) -> Iterator[tuple[str, str]]:
    """The files and the examples that were found for survivors."""
    files = {policy.key: policy.file for policy in loaded.policies.policies}
    for fate in mutation.survivors:
        if fate.example is not None:
            yield files[max((key for key in files if fate.mutant.startswith(f"{key}.")), key=len)], fate.example
