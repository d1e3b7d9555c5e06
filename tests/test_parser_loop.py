"""The loop that makes nodes at once gives what Lark's own tree gives, and leaves what has mistakes to Lark."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings

from burdenlib import syntax as s
from burdenlib.locate import dsl
from burdenlib.parser import parse
from burdenlib.source import Source, Span
from burdenlib.testing.generated import Made, policy_sets, texts_of

build = sys.modules["burdenlib.parser.build"]
SHIPPED = sorted(dsl().rglob("*.burden"))


def places(node: object) -> Iterator[tuple[int, int]]:
    """Where everything in a tree stands: spans take no part in its equality."""
    if isinstance(node, Span):
        yield node.start, node.end
    elif isinstance(node, tuple):
        for each in node:
            yield from places(each)
    elif attrs.has(type(node)) and not isinstance(node, Source):
        for field in attrs.fields(type(node)):
            yield from places(getattr(node, field.name))


def both(text: str, patch: pytest.MonkeyPatch) -> tuple[tuple[s.Declaration, ...], tuple[s.Declaration, ...]]:
    """What the loop makes of a text, and what Lark makes of it."""
    source = Source("text", text)
    tables = build._tables()
    assert tables is not None
    quick = tables.read(source.folded, "start", 0, len(source.text), (maker := build._Builder(source)), maker.stretch)
    with patch.context() as without:
        without.setattr(build, "_tables", lambda: None)
        slow, _ = build.build(source, "start", 0, len(source.text))
    return quick, slow


@pytest.mark.parametrize("path", SHIPPED[:: max(1, len(SHIPPED) // 12)], ids=lambda path: path.stem)
def test_shipped_policies_are_read_alike(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick, slow = both(path.read_text("utf-8"), monkeypatch)
    assert quick == slow
    assert [*places(quick)] == [*places(slow)]


@given(policy_sets())
@settings(max_examples=8)
def test_generated_policies_are_read_alike(made: Sequence[Made]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for text in texts_of(made).values():
            quick, slow = both(text, patch)
            assert quick == slow
            assert [*places(quick)] == [*places(slow)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# policy a",
        "policy",
        "policy a ban",
        "policy a ! b",
        'policy a "',
        "policy a version 1 ban b when",
        "ban b",
    ],
)
def test_what_isnt_of_the_language_stops_the_loop(text: str) -> None:
    source = Source("text", text)
    builder = build._Builder(source)
    with pytest.raises(build.StoppedError):
        build._tables().read(source.folded, "start", 0, len(text), builder, builder.stretch)


def test_what_a_comment_holds_isnt_read(monkeypatch: pytest.MonkeyPatch) -> None:
    quick, slow = both("policy a # version 1\n# ban b when c\nban d when e", monkeypatch)
    assert quick == slow
    assert [str(each.name) for each in quick] == ["a", "d"]


def test_without_the_tables_all_is_read_by_lark(monkeypatch: pytest.MonkeyPatch) -> None:
    text = SHIPPED[0].read_text("utf-8")
    quick = parse(Source("text", text))
    monkeypatch.setattr(build, "_tables", lambda: None)
    assert parse(Source("text", text)) == quick
