"""One page of HTML that needs nothing else: a summary, then each explanation; it prints well."""

from __future__ import annotations

import html
from collections.abc import Iterator

from burdenlib.wording import next_step, status_text
from burdenlib.writers.columns import deciding_text
from burdenlib.writers.report import Report, Result, policies_used, printable, tally

__all__ = ["as_page"]

_STYLE = """
:root { color-scheme: light; --line: #d0d5dc; --quiet: #5b6472; }
body { font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; margin: 2rem auto;
  max-width: 70rem; padding: 0 1rem; color: #1c2330; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin: 0; } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
table { border-collapse: collapse; width: 100%; } th, td { border: 1px solid var(--line); padding: .4rem .6rem;
  text-align: start; vertical-align: top; overflow-wrap: anywhere; } th { background: #f3f5f8; }
th, td.status { white-space: nowrap; } td.status { font-weight: 600; }
td:nth-child(1) { min-width: 5rem; } td:nth-child(2) { min-width: 8rem; }
.accepted { background: #c6efce; color: #006100; } .rejected { background: #ffc7ce; color: #9c0006; }
.undetermined { background: #ffeb9c; color: #6b5000; }
article { border: 1px solid var(--line); border-inline-start-width: .4rem; border-radius: .3rem; padding: 1rem;
  margin: 1.5rem 0; overflow-wrap: anywhere; }
article.burden-accepted { border-inline-start-color: #2e8540; } article.burden-rejected { border-inline-start-color: #c62828; }
article.burden-undetermined { border-inline-start-color: #d9a400; } .burden-status { display: inline-block; font-weight: 600;
  margin: .5rem 0 0; padding: .1rem .6rem; border-radius: .3rem; background: #f3f5f8; }
.burden-accepted .burden-status { background: #c6efce; color: #006100; }
.burden-rejected .burden-status { background: #ffc7ce; color: #9c0006; }
.burden-undetermined .burden-status { background: #ffeb9c; color: #6b5000; }
article ul { list-style: none; padding: 0; margin: 0; } li[data-holds="plain"] { color: var(--quiet); } li[data-holds="open"] { background: #fff6d6; }
code { overflow-wrap: anywhere; } a { color: inherit; } a:focus-visible { outline: 2px solid; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } tr, h2, h3 { break-inside: avoid; }
  h2, h3 { break-after: avoid; } .status, .burden-status, li { print-color-adjust: exact; } }
"""


def as_page(report: Report, *, summary: bool = True) -> str:
    """The results as a page."""
    title = report.say("基层事项准入判定", "workload check")
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{report.say("zh-CN", "en")}">',
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{html.escape(title)}</title>",
        f"<style>{_STYLE}</style></head>",
        f"<body><main><h1>{html.escape(title)}</h1>",
        f"<p>{_text(tally(report))}</p>",
        *_options(report),
        *_problems(report),
        *(_summary(report) if summary else ()),
    ]
    for number, result in enumerate(report.results, start=1):
        explained = printable(result.verdict.explain(report.language, "html"))
        lines.append(f'<div id="task-{number}">{explained}</div>')
    return "\n".join([*lines, *_policies(report), "</main></body>", "</html>", ""])


def _text(text: str) -> str:
    return html.escape(printable(text))


def _options(report: Report) -> Iterator[str]:
    if report.options:
        colon = report.say("：", ": ")
        yield (
            "<p>"
            + "<br>".join(f"{_text(name)}{colon}{_text(value)}" for name, value in report.options.items())
            + "</p>"
        )


def _problems(report: Report) -> Iterator[str]:
    if not report.problems:
        return
    yield f"<section><h2>{report.say('未能判定及提示', 'not judged, and notes')}</h2><ul>"
    for problem in report.problems:
        yield f"<li><pre>{_text(problem.draw(report.language))}</pre></li>"
    yield "</ul></section>"


def _summary(report: Report) -> Iterator[str]:
    heads = (
        report.say("编号", "id"),
        report.say("标题", "title"),
        report.say("结论", "verdict"),
        report.say("理由", "why"),
        report.say("下一步", "next step"),
    )
    yield "<table><thead><tr>" + "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr></thead><tbody>"
    for number, result in enumerate(report.results, start=1):
        yield _row(report, number, result)
    yield "</tbody></table>"


def _row(report: Report, number: int, result: Result) -> str:
    verdict, language = result.verdict, report.language
    title = verdict.known.get("title")
    cells = (
        f'<td><a href="#task-{number}">{_text(verdict.task)}</a></td>',
        f"<td>{_text(title) if isinstance(title, str) else ''}</td>",
        f'<td class="status {verdict.status}">{_text(status_text(verdict, language))}</td>',
        f"<td>{_text(deciding_text(verdict, language))}</td>",
        f"<td>{_text(next_step(verdict, language))}</td>",
    )
    return f"<tr>{''.join(cells)}</tr>"


def _policies(report: Report) -> Iterator[str]:
    yield f"<section><h2>{report.say('适用文件', 'policies')}</h2><ul>"
    for used in policies_used(report):
        yield f"<li>{_text(used.name)} {_text(used.version)} <code>{_text(used.digest)}</code></li>"
    yield "</ul></section>"
