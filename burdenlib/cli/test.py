"""`burdenlib test`: the examples of policies, judged, and what they exercise."""

from __future__ import annotations

import json
from collections.abc import Callable

import click

import burdenlib
from burdenlib.cli.guard import NOT_ALL_ACCEPTED
from burdenlib.cli.options import language_option
from burdenlib.cli.output import put, show
from burdenlib.cli.pasting import add_examples
from burdenlib.cli.progress import COVERING, FILLING, TESTING, Waiting
from burdenlib.examples import Result, run_examples
from burdenlib.loader import Loaded, load_documents
from burdenlib.testing.cases import KINDS_OF_EXAMPLES, chosen, trials
from burdenlib.testing.coverage import Coverage, measure
from burdenlib.testing.coverage_report import as_fractions, as_html, as_text, as_xml
from burdenlib.testing.fill import fill
from burdenlib.testing.mutants import language_of
from burdenlib.testing.paste import example_text
from burdenlib.words import Language

__all__ = ["examples_option", "test"]

examples_option = click.option(
    "--examples",
    type=click.Choice(KINDS_OF_EXAMPLES),
    default="all",
    help="Which examples count: all, those written by hand, or those made by a program. 计入哪些示例:全部、手写、自动生成。",
)


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1)
@click.option(
    "--format",
    type=click.Choice(["text", "json", "html", "xml"]),
    default="text",
    help="Text to read, JSON for programs; with --coverage also HTML and Cobertura XML. 输出格式。",
)
@click.option("--all", "everything", is_flag=True, help="Judge under everything that is loaded. 按全部已载入文件判定。")
@click.option("--coverage", is_flag=True, help="Tell what the examples exercise. 列出示例覆盖了哪些规则、事项和条件。")
@examples_option
@click.option(
    "--write-examples",
    is_flag=True,
    help="With --coverage: add examples for what none exercises to the policies, marked as generated. 补写自动生成的示例。",
)
@click.option("-v", "--explain", is_flag=True, help="Explain each failure. 逐项说明未通过的示例。")
@click.option("--output", "-o", metavar="PATH", help="Write the coverage to a file. 将覆盖情况写入文件。")
@language_option
@click.pass_context
def test(
    ctx: click.Context,
    paths: tuple[str, ...],
    format: str,
    everything: bool,
    coverage: bool,
    examples: str,
    write_examples: bool,
    explain: bool,
    output: str | None,
    language: Language,
) -> None:
    """Judge the examples in the policies at PATHs (none: all that is shipped).

    判定政策文件中的示例,与所写结果比较。

    Exit status: 0 all pass; 1 one fails; 2 a policy can't be used.
    """
    if not coverage and (format in ("html", "xml") or output is not None or write_examples):
        raise click.UsageError("this format, --output and --write-examples go with --coverage; 须与 --coverage 同用")
    with Waiting(TESTING, language) as progress:
        loaded = load_documents(paths)
        results = _run(loaded, progress, examples, everything=everything)
    failures = [result for result in results if not result.passed]
    if coverage:
        for each in failures:
            show(_drawn(each, language, explain=explain), error=True)
        if write_examples:
            with Waiting(FILLING, language) as progress:
                loaded = _filled(paths, loaded, examples, progress)
        with Waiting(COVERING, language):
            measured = _measured(loaded, examples, everything=everything)
        put(_covered(measured, format, language, explain=explain).encode("utf-8", "backslashreplace"), output)
    elif format == "json":
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


def _asked(loaded: Loaded) -> frozenset[str]:
    return frozenset(policy.name for policy in loaded.policies.policies if policy.file in loaded.asked)


def _run(loaded: Loaded, progress: object, examples: str, *, everything: bool) -> list[Result]:
    assert callable(progress)
    policies, names = loaded.policies, _asked(loaded)
    total = sum(len(policy.examples) for policy in policies.policies if policy.name in names)
    results = []
    for number, result in enumerate(run_examples(policies, names, everything=everything), 1):
        if chosen(result.example, examples):
            results.append(result)
        progress(number, total)
    return results


def _measured(loaded: Loaded, examples: str, *, everything: bool) -> Coverage:
    policies, names = loaded.policies, _asked(loaded)
    tried = (each for each in trials(policies, names, everything=everything) if chosen(each.example, examples))
    return measure(policies, names, tried)


def _filled(paths: tuple[str, ...], loaded: Loaded, examples: str, progress: Callable[[int, int], None]) -> Loaded:
    """The documents after examples were added for what none exercises."""
    policies, names = loaded.policies, _asked(loaded)
    tried = (each for each in trials(policies, names) if chosen(each.example, examples))
    found = fill(policies, names, tried, progress=progress)
    add_examples(
        (each.policy.file, example_text(policies, each.policy, each.example, language_of(each.policy.span.source)))
        for each in found
    )
    return load_documents(paths)


def _covered(coverage: Coverage, format: str, language: Language, *, explain: bool) -> str:
    match format:
        case "json":
            return json.dumps(as_fractions(coverage), indent=2) + "\n"
        case "html":
            return as_html(coverage, language)
        case "xml":
            return as_xml(coverage, burdenlib.__version__)
    return as_text(coverage, language, everything=explain) + "\n"


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
        if (chosen := result.shown.chosen) is not None:
            lines.append(f"  {chosen.pick(language)}")
        lines += [f"  {line}" for line in result.verdict.explain(language).splitlines()]
    return "\n".join(lines) + "\n"


def _summary(passed: int, failed: int, language: Language) -> str:
    return f"通过 {passed}，未通过 {failed}" if language == "zh" else f"{passed} passed, {failed} failed"
