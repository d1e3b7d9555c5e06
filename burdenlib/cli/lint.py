"""`burdenlib lint`: everything that is wrong with policies, or not wise in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from burdenlib import lint as linter
from burdenlib.cli.guard import NOT_ALL_ACCEPTED, UNUSABLE
from burdenlib.cli.options import language_option, text_or_json
from burdenlib.cli.output import put, show, show_problems
from burdenlib.cli.progress import LOADING, Waiting
from burdenlib.loader import Loaded, load_documents
from burdenlib.policy import Policy
from burdenlib.problems import PolicyError, Problem
from burdenlib.words import Language

__all__ = ["lint"]


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1)
@text_or_json
@click.option("--strict", is_flag=True, help="Exit 1 if there are warnings. 有警告时退出码为1。")
@language_option
@click.pass_context
def lint(ctx: click.Context, paths: tuple[str, ...], format: str, strict: bool, language: Language) -> None:
    """Check policies at PATHs (files, folders, shipped sets; none: all that is shipped).

    检查政策文件:列出全部错误、警告和提示。

    Exit status: 0; 1 with --strict if there are warnings; 2 if there are errors.
    """
    with Waiting(LOADING, language):
        policies, problems = _examined(paths)
    if format == "json":
        answer = {
            "policies": [_policy(each) for each in policies],
            "problems": [_problem(each, language) for each in problems],
        }
        put((json.dumps(answer, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace"), None)
    else:
        show_problems(problems, language)
        show(_summary(policies, problems, language))
    if any(problem.severity == "error" for problem in problems):
        ctx.exit(UNUSABLE)
    if strict and any(problem.severity == "warning" for problem in problems):
        ctx.exit(NOT_ALL_ACCEPTED)


def _examined(paths: Sequence[str]) -> tuple[tuple[Policy, ...], tuple[Problem, ...]]:
    """The documents that were asked for, and what is to be said of them."""
    try:
        loaded = load_documents(paths)
    except PolicyError as error:
        return (), error.problems
    asked = tuple(policy for policy in loaded.policies.policies if policy.file in loaded.asked)
    return asked, tuple(problem for problem in linter.lint(loaded.policies) if _is_theirs(problem, loaded))


def _is_theirs(problem: Problem, loaded: Loaded) -> bool:
    """Whether a problem lies in a document that was asked for, or in a table beside it."""
    if problem.file is None or problem.file in loaded.asked:
        return True
    others = {policy.file for policy in loaded.policies.policies}
    folders = {Path(file).parent for file in loaded.asked}
    return problem.file not in others and Path(problem.file).parent in folders


def _policy(policy: Policy) -> dict[str, object]:
    return {"name": policy.name, "version": policy.version, "digest": policy.digest, "file": policy.file}


def _problem(problem: Problem, language: Language) -> dict[str, object]:
    return {
        "code": problem.code,
        "severity": problem.severity,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message(language),
        "help": problem.help(language),
    }


def _summary(policies: Sequence[Policy], problems: Iterable[Problem], language: Language) -> str:
    severities = [problem.severity for problem in problems]
    errors, warnings, notes = (severities.count(each) for each in ("error", "warning", "note"))
    if language == "zh":
        return f"检查文件 {len(policies)} 件：错误 {errors}，警告 {warnings}，提示 {notes}"
    counts = [_count(errors, "error"), _count(warnings, "warning"), _count(notes, "note")]
    return f"{_count(len(policies), 'document')} checked: {', '.join(counts)}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
