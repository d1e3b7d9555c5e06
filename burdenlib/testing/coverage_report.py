"""Coverage as text, as a page with the policies' source marked, and as Cobertura XML."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from attrs import frozen

from burdenlib import policy as p
from burdenlib.source import Source, Span
from burdenlib.testing.coverage import KINDS, Coverage, Kind, Point
from burdenlib.words import Language, Words

__all__ = ["NAMES", "as_fractions", "as_html", "as_text", "as_xml", "percent"]

NAMES: Mapping[Kind, Words] = {
    "rules": Words("规则", "rules"),
    "exceptions": Words("例外", "exceptions"),
    "items": Words("事项", "items"),
    "values": Words("取值", "values"),
    "outcomes": Words("条件结果", "outcomes"),
    "mcdc": Words("MC/DC", "MC/DC"),
}

_SHOWN = 20


def as_fractions(coverage: Coverage) -> dict[str, float]:
    """The exercised part of each kind."""
    return {kind: round(coverage.fraction(kind), 6) for kind in KINDS}


def percent(seen: int, total: int) -> str:
    """A part in per cent, cut off and not rounded, so that 100 % means all."""
    return f"{1000 * seen // total / 10:.1f} %" if total else "–"


# ---- text -----------------------------------------------------------------------------------------------------------------------


def as_text(coverage: Coverage, language: Language, *, everything: bool = False) -> str:
    """The figures, those of the examples by hand apart, and what no example exercises (`everything`: all of it)."""
    zh = language == "zh"
    lines = ["覆盖情况  全部示例;其中手写示例" if zh else "coverage  by all examples; by those written by hand"]
    for kind in KINDS:
        parts = []
        for written in (False, True):
            seen, total = coverage.counts(kind, written=written)
            parts.append(f"{percent(seen, total)} ({seen}/{total})")
        lines.append(f"  {NAMES[kind].pick(language)}: {parts[0]}; {parts[1]}")
    for kind in KINDS:
        missing = coverage.missing(kind)
        if missing:
            lines.append(f"{'未覆盖' if zh else 'not exercised'}: {NAMES[kind].pick(language)}")
            shown = missing if everything else missing[:_SHOWN]
            lines += [f"  {_described(point, language)}" for point in shown]
            if more := len(missing) - len(shown):
                lines.append(f"  ……另有 {more} 处" if zh else f"  … and {more} more")
    return "\n".join(lines)


_OUTCOMES: Mapping[str, Words] = {
    "true": Words("成立", "true"),
    "false": Words("不成立", "false"),
    "unknown": Words("未知", "unknown"),
}


def _described(point: Point, language: Language) -> str:
    words = _OUTCOMES.get(point.outcome)
    outcome = words.pick(language) if words is not None else point.outcome
    parts = [point.decision, f"“{point.text}”" if point.text else "", outcome]
    place = f"{point.where}: " if point.where is not None else ""
    return place + " ".join(part for part in parts if part)


# ---- what stands where ------------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class _Mark:
    """A stretch of a text with the points that stand there."""

    start: int
    end: int
    points: tuple[Point, ...]


def _marks(coverage: Coverage, source: Source) -> list[_Mark]:
    found: dict[tuple[int, int], list[Point]] = {}
    for point in coverage.points:
        where = point.where
        if isinstance(where, Span) and where.source is source:
            end = where.end if point.text or point.number else min(where.end, _line_end(source, where.start))
            found.setdefault((where.start, end), []).append(point)
    return list(_side_by_side(sorted(found.items())))


def _side_by_side(found: Sequence[tuple[tuple[int, int], list[Point]]]) -> Iterator[_Mark]:
    """Stretches cut so that none holds another one; what would be left empty goes to the next."""
    carried: list[Point] = []
    for number, ((start, end), points) in enumerate(found):
        following = found[number + 1][0][0] if number + 1 < len(found) else end
        if following == start:
            carried += points
        else:
            yield _Mark(start, min(end, max(following, start)), (*carried, *points))
            carried = []


def _line_end(source: Source, start: int) -> int:
    end = source.text.find("\n", start)
    return len(source.text) if end < 0 else end


def _sources(coverage: Coverage) -> Iterator[tuple[p.Policy, Source]]:
    yield from ((policy, policy.span.source) for policy in coverage.policies)


# ---- HTML -------------------------------------------------------------------------------------------------------------------------

_STYLE = """
body{font:15px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:2em auto;max-width:70em;padding:0 1em}
table{border-collapse:collapse}td,th{border:1px solid #999;padding:.2em .7em;text-align:right}
td:first-child,th:first-child{text-align:left}pre{line-height:1.7;white-space:pre-wrap;counter-reset:line}
.l::before{counter-increment:line;content:counter(line);display:inline-block;width:3.5em;color:#666}
.all{background:#d8f0d8}.some{background:#fff0b8}.none{background:#f8d0d0;text-decoration:underline dotted}
"""


def as_html(coverage: Coverage, language: Language) -> str:
    """A page that stands by itself: the figures, and each policy's text with what is exercised marked."""
    zh = language == "zh"
    title = "示例覆盖情况" if zh else "What the examples exercise"
    heads = ("", "全部示例", "手写示例") if zh else ("", "all examples", "written by hand")
    rows = [f"<tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>"]
    for kind in KINDS:
        cells = [NAMES[kind].pick(language)]
        for written in (False, True):
            seen, total = coverage.counts(kind, written=written)
            cells.append(f"{percent(seen, total)} ({seen}/{total})")
        rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    legend = (
        '<p><span class="all">全部覆盖</span> <span class="some">部分覆盖</span> <span class="none">未覆盖</span></p>'
        if zh
        else '<p><span class="all">exercised</span> <span class="some">in part</span> <span class="none">not at all</span></p>'
    )
    parts = [
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>',
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1><table>{''.join(rows)}</table>{legend}",
        *(_page(coverage, policy, source, language) for policy, source in _sources(coverage)),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _page(coverage: Coverage, policy: p.Policy, source: Source, language: Language) -> str:
    marks = _marks(coverage, source)
    opening = {mark.start: _tag(coverage, mark.points, language) for mark in marks}
    closing = {mark.end for mark in marks}
    pieces: list[str] = []
    for index, char in enumerate(source.text):
        pieces += ["</span>"] * (index in closing)
        pieces += [opening[index]] if index in opening else []
        pieces.append(html.escape(char))
    pieces += ["</span>"] * (len(source.text) in closing)
    lines = _balanced("".join(pieces).split("\n"))
    rows = _tables(coverage, policy, source, language)
    return f"<h2>{html.escape(policy.key)}</h2><p>{html.escape(source.name)}</p><pre>{''.join(lines)}</pre>{rows}"


def _balanced(lines: Sequence[str]) -> Iterator[str]:
    """Lines of which each closes the marks that it opens, and opens again those that go on."""
    going = ""
    for line in lines:
        text = going + line
        opened = text.count("<span") - text.count("</span>")
        if opened > 0:
            going = text[text.rindex("<span") :].partition(">")[0] + ">"
        else:
            going = ""
        yield f'<span class="l">{text}{"</span>" * max(0, opened)}</span>\n'


def _tag(coverage: Coverage, points: Sequence[Point], language: Language) -> str:
    seen = [point for point in points if coverage.seen(point)]
    missing = [_described(point, language) for point in points if point not in seen]
    kind = "all" if not missing else "some" if seen else "none"
    return f'<span class="{kind}" title="{html.escape("; ".join(missing))}">'


def _tables(coverage: Coverage, policy: p.Policy, source: Source, language: Language) -> str:
    """The items that stand in tables beside the policy."""
    rows = []
    for point in coverage.of("items"):
        where = point.where
        if isinstance(where, Span) and where.source is not source and point.decision.startswith(f"{policy.key}."):
            kind = "all" if coverage.seen(point) else "none"
            rows.append(f'<li class="{kind}">{html.escape(str(where))} {html.escape(point.text)}</li>')
    head = "事项表" if language == "zh" else "item tables"
    return f"<h3>{head}</h3><ul>{''.join(rows)}</ul>" if rows else ""


# ---- Cobertura ----------------------------------------------------------------------------------------------------------------


def as_xml(coverage: Coverage, version: str) -> str:
    """Cobertura XML: rules and items count as lines, outcomes as branches; each stands at its line.

    The rates are those of the checked policy, so that the layout doesn't change them.
    """
    total = _rates(coverage, coverage.points)
    root = ET.Element("coverage", {**total, "version": version, "timestamp": "0", "complexity": "0"})
    ET.SubElement(ET.SubElement(root, "sources"), "source").text = "."
    packages = ET.SubElement(root, "packages")
    package = ET.SubElement(packages, "package", {"name": "policies", **_only_rates(total), "complexity": "0"})
    classes = ET.SubElement(package, "classes")
    for policy in coverage.policies:
        own = [point for point in coverage.points if f"{point.decision}.".startswith(f"{policy.key}.")]
        rates = _only_rates(_rates(coverage, own))
        name = {"name": policy.key, "filename": policy.file, **rates, "complexity": "0"}
        each = ET.SubElement(classes, "class", name)
        ET.SubElement(each, "methods")
        lines = ET.SubElement(each, "lines")
        for number, points in sorted(_by_line(own, policy.span.source).items()):
            lines.append(_line(coverage, number, points))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _rates(coverage: Coverage, points: Iterable[Point]) -> dict[str, str]:
    points = list(points)
    lines = [point for point in points if point.kind in ("rules", "items")]
    branches = [point for point in points if point.kind == "outcomes"]
    found: dict[str, str] = {}
    for name, of in (("line", lines), ("branch", branches)):
        seen = sum(coverage.seen(point) for point in of)
        found[f"{name}-rate"] = f"{seen / len(of) if of else 1:.6f}"
        found[f"{name}s-covered" if name == "line" else "branches-covered"] = str(seen)
        found[f"{name}s-valid" if name == "line" else "branches-valid"] = str(len(of))
    return found


def _only_rates(rates: Mapping[str, str]) -> dict[str, str]:
    return {name: rate for name, rate in rates.items() if name.endswith("-rate")}


def _by_line(points: Iterable[Point], source: Source) -> dict[int, list[Point]]:
    found: dict[int, list[Point]] = {}
    for point in points:
        if isinstance(point.where, Span) and point.where.source is source:
            found.setdefault(point.where.line, []).append(point)
    return found


def _line(coverage: Coverage, number: int, points: Sequence[Point]) -> ET.Element:
    counts = [coverage.written.get(point, 0) + coverage.generated.get(point, 0) for point in points]
    own = [count for point, count in zip(points, counts, strict=True) if point.kind in ("rules", "items")]
    hits = min(own) if own else max(counts)
    line = ET.Element("line", {"number": str(number), "hits": str(hits), "branch": "false"})
    branches = [point for point in points if point.kind == "outcomes"]
    if branches:
        seen = sum(coverage.seen(point) for point in branches)
        part = f"{100 * seen // len(branches)}% ({seen}/{len(branches)})"
        line.attrib |= {"branch": "true", "condition-coverage": part}
    return line
