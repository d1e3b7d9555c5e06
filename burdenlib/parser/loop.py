"""Lark's tables, walked in one loop that makes nodes as it goes: much faster than a tree that is walked afterwards.

It reads what is without mistakes; on anything else it stops, for Lark to read again and to say what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen
from lark import Lark, Token
from lark.grammar import Rule
from lark.parsers.lalr_analysis import Shift

__all__ = ["StoppedError", "Tables"]


class StoppedError(Exception):
    """Something in the text isn't of the language."""


@frozen(eq=False)
class _Reduction:
    """What a rule of the grammar makes of its parts.

    `kept` are the numbers of the parts that count, each with whether it is itself a row of parts; `method` names what
    makes the node, `None` for a row of parts; with `single` one part stands for the whole, with `passes` it always does.
    """

    origin: str
    size: int
    kept: tuple[tuple[int, bool], ...]
    method: str | None
    single: bool
    passes: bool

    def of(self, parts: list[Any]) -> list[Any]:
        """The parts that count; the first row of parts is taken as it is, since nothing else needs it."""
        found: list[Any] = []
        for number, is_row in self.kept:
            if not is_row:
                found.append(parts[number])
            elif found:
                found += parts[number]
            else:
                found = parts[number]
        return found


Matcher = Callable[[str, int, int], re.Match[str] | None]
Make = Callable[[Any, list[Any]], Any]
Action = int | _Reduction


@frozen(eq=False)
class Tables:
    """For each state: what finds the next word, what a word leads to, and where a finished rule leads."""

    words: Sequence[Matcher]
    actions: Sequence[Mapping[str, Action]]
    following: Sequence[Mapping[str, int]]
    starts: Mapping[str, int]
    ends: Mapping[str, int]
    ignored: re.Pattern[str]

    @classmethod
    def of(cls, lark: Lark) -> Tables:
        """The tables of a parser; they are no public part of it, so what isn't as expected raises an exception."""
        frontend: Any = lark.parser
        table = frontend.parser._parse_table  # noqa: SLF001
        lexers = frontend.lexer.lexers
        patterns = {terminal.name: terminal.pattern.to_regexp() for terminal in lark.terminals}
        ignored = f"(?:{'|'.join(patterns[name] for name in lark.ignore_tokens)})*+"  # nothing is given back
        reductions: dict[Rule, _Reduction] = {rule: _reduction(rule) for rule in lark.rules}
        matchers: dict[tuple[str, ...], Matcher] = {}
        words, actions, following = [], [], []
        for state in range(len(table.states)):
            lexer, entries = lexers[state], table.states[state]
            assert len(lexer.scanner._mres) <= 1, "the words of a state in several patterns"  # noqa: SLF001
            assert not lexer.callback, "words that are told apart later"
            names = tuple(each.name for each in lexer.terminals if each.name not in lark.ignore_tokens)
            if names not in matchers:
                either = "|".join(f"(?P<{name}>{patterns[name]})" for name in names) or "(?!)"
                matchers[names] = re.compile(f"{ignored}(?:{either})").match
            words.append(matchers[names])
            actions.append({name: to if act is Shift else reductions[to] for name, (act, to) in entries.items()})
            following.append({name: to for name, (act, to) in entries.items() if act is Shift})
        starts, ends = dict(table.start_states), dict(table.end_states)
        return cls(words, actions, following, starts, ends, re.compile(ignored))

    def read(
        self, text: str, rule: str, start: int, end: int, maker: object, place: Callable[[int, int], object]
    ) -> Any:
        """What a stretch of text is: each node is made by the method of `maker` that has the name of its rule.

        Raises `StoppedError`.
        """
        words, actions, following = self.words, self.actions, self.following
        states, values, begins, ends = [self.starts[rule]], list[Any](), list[int](), list[int]()
        makes, final, position = _Makes(maker), self.ends[rule], start
        while True:
            found = words[states[-1]](text, position, end)
            if found is not None:
                kind = found.lastgroup or ""
                begin, position = found.span(kind)
            elif self.ignored.fullmatch(text, position, end):
                kind, begin = "$END", end
            else:
                raise StoppedError
            while type(action := actions[states[-1]].get(kind)) is _Reduction:
                size = action.size
                if action.passes:
                    states[-1] = following[states[-2]][action.origin]
                    continue
                if size:
                    kept = action.of(values[-size:])
                    del states[-size:], values[-size:], begins[1 - size or len(begins) :], ends[-size:-1]
                else:
                    kept = []
                    begins.append(position)
                    ends.append(position)
                if action.method is not None and (len(kept) != 1 or not action.single):
                    values.append(makes[action.method](place(begins[-1], ends[-1]), kept))
                else:
                    values.append(kept if action.method is None else kept[0])
                states.append(following[states[-1]][action.origin])
                if kind == "$END" and states[-1] == final:
                    return values[-1]
            if type(action) is not int or found is None:
                raise StoppedError
            states.append(action)
            values.append(None if kind[0] == "_" else _token(kind, found[kind], begin, position))
            begins.append(begin)
            ends.append(position)


class _Makes(dict[str, Make]):
    """The methods of something, by name, each looked up once."""

    def __init__(self, maker: object) -> None:
        super().__init__()
        self._maker = maker

    def __missing__(self, name: str) -> Make:
        method = getattr(self._maker, name)
        make: Make = getattr(method, "base_func", method)  # without what Lark wraps round it
        self[name] = make
        return make


def _reduction(rule: Rule) -> _Reduction:
    """What a rule does, as Lark's own tree builder has it."""
    origin: str = str(rule.origin.name)
    method = None if origin.startswith("_") else str(rule.alias or origin)
    kept = tuple(
        (number, not symbol.is_term and str(symbol.name).startswith("_"))
        for number, symbol in enumerate(rule.expansion)
        if rule.options.keep_all_tokens or not getattr(symbol, "filter_out", False)
    )
    assert rule.expansion or method == "rest", "a rule without parts"
    single = bool(rule.options.expand1 and not rule.alias)
    return _Reduction(origin, len(rule.expansion), kept, method, single, single and len(rule.expansion) == 1)


def _token(kind: str, text: str, start: int, end: int) -> Token:
    """A word as Lark has it, without its line and column."""
    token: Token = str.__new__(Token, text)
    token.type = kind
    token.start_pos = start
    token.end_pos = end
    return token
