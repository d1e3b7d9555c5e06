"""`burdenlib test`: the examples of policies, judged."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from burdenlib.cli.guard import NOT_ALL_ACCEPTED
from burdenlib.cli.options import language_option, text_or_json
from burdenlib.cli.output import put, show
from burdenlib.cli.progress import TESTING, Waiting
from burdenlib.examples import Result, run_examples
from burdenlib.loader import load_documents
from burdenlib.words import Language

__all__ = ["test"]


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1)
@text_or_json
@click.option("--all", "everything", is_flag=True, help="Judge under everything that is loaded. 按全部已载入文件判定。")
@click.option("-v", "--explain", is_flag=True, help="Explain each failure. 逐项说明未通过的示例。")
@language_option
@click.pass_context
def test(
    ctx: click.Context, paths: tuple[str, ...], format: str, everything: bool, explain: bool, language: Language
) -> None:
    """Judge the examples in the policies at PATHs (none: all that is shipped).

    判定政策文件中的示例,与所写结果比较。

    Exit status: 0 all pass; 1 one fails; 2 a policy can't be used.
    """
    with Waiting(TESTING, language) as progress:
        results = _run(paths, progress, everything=everything)
    failures = [result for result in results if not result.passed]
    if format == "json":
        answer = {
            "passed": len(results) - len(failures),
            "failed": len(failures),
            "failures": [_failure(each, language) for each in failures],
        }
        put((json.dumps(answer, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace"), None)
    else:
        for each in failures:
            show(_drawn(each, language, explain=explain))
        show(_summary(len(results) - len(failures), len(failures), language))
    if failures:
        ctx.exit(NOT_ALL_ACCEPTED)


def _run(paths: Sequence[str], progress: object, *, everything: bool) -> list[Result]:
    assert callable(progress)
    loaded = load_documents(paths)
    policies = loaded.policies
    names = frozenset(policy.name for policy in policies.policies if policy.file in loaded.asked)
    total = sum(len(policy.examples) for policy in policies.policies if policy.name in names)
    results = []
    for result in run_examples(policies, names, everything=everything):
        results.append(result)
        progress(len(results), total)
    return results


def _failure(result: Result, language: Language) -> dict[str, object]:
    return {
        "policy": result.policy.name,
        "example": result.example.title.pick(language),
        "source": str(result.example.span),
        "expected": result.expected.pick(language),
        "got": result.got.pick(language),
    }


def _drawn(result: Result, language: Language, *, explain: bool) -> str:
    zh = language == "zh"
    lines = [
        f"{'未通过' if zh else 'failed'}: {result.policy.name} “{result.example.title.pick(language)}”",
        f"  --> {result.example.span}",
        f"  {'应为' if zh else 'expected'}: {result.expected.pick(language)}",
        f"  {'实为' if zh else 'got'}: {result.got.pick(language)}",
    ]
    if explain and result.verdict is not None:
        lines += [f"  {line}" for line in result.verdict.explain(language).splitlines()]
    return "\n".join(lines) + "\n"


def _summary(passed: int, failed: int, language: Language) -> str:
    return f"通过 {passed}，未通过 {failed}" if language == "zh" else f"{passed} passed, {failed} failed"
