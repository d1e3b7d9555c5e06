"""Canonical text of a syntax tree: one layout, one spelling of each keyword, comments kept.

`format_file` proves what it prints: the text is parsed again and must give the same tree.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from attrs import define, field, frozen

from burdenlib import syntax as s
from burdenlib.source import Source, display_width
from burdenlib.translation import Lexicon, translate, translate_condition
from burdenlib.vocabulary import GRADES, PERIODS, PROMISES, keyword
from burdenlib.words import Language

__all__ = ["WIDTH", "FormatError", "format_condition", "format_file", "print_file"]

WIDTH = 100
"""How many columns a line may fill before it is broken where that is possible."""


class FormatError(Exception):
    """The formatted text would not mean the same; nothing has been changed, and this is a defect of the formatter."""


def format_file(tree: s.File, language: Language, lexicon: Lexicon) -> str:
    """The canonical text of a policy in `language`; raises `FormatError` rather than change its meaning."""
    translated = translate(tree, language, lexicon)
    text = print_file(translated, language)
    from burdenlib.parser import parse  # not above: those who only want the words of a condition need no parser

    again = parse(Source(tree.source.name, text))
    if again.problems or again.file != translated or _texts(again.file.comments) != _texts(tree.comments):
        raise FormatError(tree.source.name)
    return text


def print_file(tree: s.File, language: Language) -> str:
    """A tree as text with the keywords of `language`; its names stay as they are."""
    return _Printer(tree, language).text()


def _texts(comments: Iterable[s.Comment]) -> list[str]:
    return sorted(comment.text for comment in comments)


def format_condition(condition: s.Condition, language: Language, lexicon: Lexicon) -> str:
    """A condition on one line in `language`."""
    return " ".join(_Words(language).condition(translate_condition(condition, language, lexicon)))


# ---- words: a node as chunks between which a line may be broken ---------------------------------------------------------


@frozen
class _Words:
    language: Language

    def word(self, name: str) -> str:
        return keyword(name, self.language)

    @property
    def comma(self) -> str:
        return "、" if self.language == "zh" else ","

    def text(self, text: s.Text) -> str:
        return " / ".join(_quoted(each) for each in text.words.ordered(self.language))

    def joined(self, prefix: str, parts: Sequence[str], suffix: str = "") -> list[str]:
        """Parts separated by commas, each a chunk in English, unbroken runs in Chinese joined without space."""
        parts = [*(part + self.comma for part in parts[:-1]), *parts[-1:]]
        if self.language == "zh":
            return [f"{prefix}{''.join(parts)}{suffix}"] if len(parts) < 8 else _chunked(prefix, parts, suffix)
        return _chunked(prefix, parts, suffix)

    def names(self, names: Iterable[s.Name | s.Code]) -> list[str]:
        return self.joined("", [each.text for each in names])

    def number(self, number: s.Number) -> str:
        return f"{_plain(number.value)}{'%' if number.percent else ''}"

    def literal(self, literal: s.LiteralNode) -> str:
        match literal:
            case s.Name(text):
                return text
            case s.Text():
                return self.text(literal)
            case s.Number():
                return self.number(literal)
            case s.Day(value):
                return value.isoformat()
            case s.Constant(word):
                return self.word(word)

    def values(self, values: s.Values) -> list[str]:
        return self.joined("{", [self.literal(each) for each in values.literals], "}")

    def value(self, value: s.LiteralNode | s.Values) -> str:
        return " ".join(self.values(value)) if isinstance(value, s.Values) else self.literal(value)

    def citation(self, citation: s.Citation) -> str:
        note = "" if citation.note is None else " " + _quoted(citation.note)
        return f"{citation.document}{''.join(citation.articles)}{note}"

    def told(self, told: Sequence[s.Told | s.Each]) -> list[str]:
        groups = [self._told(each) for each in told]
        for group in groups[:-1]:
            group[-1] += "\uff0c" if self.language == "zh" else ","
        return [chunk for group in groups for chunk in group]

    def _told(self, told: s.Told | s.Each) -> list[str]:
        head = told.fact.text + ("\uff1a" if self.language == "zh" else ": ")
        if isinstance(told, s.Told):
            return [head + self.value(told.value)]
        head = f"{head}{self.word('each_of')} {{"
        values = [self.value(each) for each in told.values]
        whole = self.joined(head, values, "}")
        if len(whole) > 1 or display_width(whole[0]) <= WIDTH // 2:
            return whole
        return _chunked(head, [*(each + self.comma for each in values[:-1]), *values[-1:]], "}")

    def condition(self, node: s.Condition) -> list[str]:
        word = self.word
        match node:
            case s.AllOf(parts):
                return self._chain(parts, word("and"), s.AnyOf)
            case s.AnyOf(parts):
                return self._chain(parts, word("or"), s.AllOf)
            case s.Not(part):
                first, *rest = self._grouped(part, s.AllOf | s.AnyOf)
                return [f"{word('not')} {first}", *rest]
            case s.Holds(name):
                return [name.text]
            case s.Is(fact, value, negated):
                return [f"{fact.text} {word('is_not' if negated else 'is')} {self.literal(value)}"]
            case s.In(fact, values, negated):
                first, *rest = self.values(values)
                return [f"{fact.text} {word('not_in' if negated else 'in')} {first}", *rest]
            case s.Compare(fact, operator, amount):
                return [f"{fact.text} {word(operator)} {self.amount(amount)}"]
            case s.Includes(fact, values, "one"):
                return [f"{fact.text} {word('includes')} {self.literal(values.literals[0])}"]
            case s.Includes(fact, values, quantifier):
                first, *rest = self.values(values)
                return [f"{fact.text} {word('includes')} {word(f'{quantifier}_of')} {first}", *rest]
            case s.Within(fact, places):
                codes = (
                    self.names(places) if len(places) == 1 else self.joined("{", [each.text for each in places], "}")
                )
                return [f"{fact.text} {word('within')} {codes[0]}", *codes[1:]]
            case s.OnList(name, codes, off):
                shown = " ".join(self.joined("[", [each.text for each in codes], "]")) if codes else ""
                return [f"{word('off' if off else 'on')} {name.text}{shown}"]
            case s.OnAnyList(negated):
                return [word("unlisted" if negated else "listed")]
            case s.Has(fact, negated):
                return [f"{word('has_no' if negated else 'has')} {fact.text}"]
            case s.Mentions(phrases):
                return [f"{word('mentions')} {phrases.text}"]

    def _chain(self, parts: Sequence[s.Condition], operator: str, other: type) -> list[str]:
        chunks: list[str] = []
        for index, part in enumerate(parts):
            first, *rest = self._grouped(part, other)
            chunks += [f"{operator} {first}" if index else first, *rest]
        return chunks

    def _grouped(self, part: s.Condition, kinds: object) -> list[str]:
        chunks = self.condition(part)
        if isinstance(part, kinds):  # type: ignore[arg-type]  # a class or a union of classes
            chunks[0] = "(" + chunks[0]
            chunks[-1] += ")"
        return chunks

    def amount(self, amount: s.Amount) -> str:
        if not isinstance(amount, s.Offset):
            return self.literal(amount)
        count, unit = self.number(amount.count), self.word("working_days" if amount.working else "days")
        side = self.word("afterwards" if amount.after else "beforehand")
        if self.language == "zh":
            return f"{amount.fact.text} {side} {count} {unit}"
        return f"{count} {unit} {side} {amount.fact.text}"

    def type(self, kind: s.Type) -> list[str]:
        none = [self.word("or_none")] if kind.or_none else []
        if kind.like is not None:
            return [f"{self.word('same_as')} {kind.like.text}", *none]
        name = {"number": "number_type", "date": "date_type"}.get(kind.kind, kind.kind)
        if not kind.values:
            return [self.word(name), *none]
        values = [
            f"{each.name.text} {each.label.text if isinstance(each.label, s.Name) else self.text(each.label)}"
            for each in kind.values
        ]
        if kind.kind == "ordered":
            chunks = _chunked("{", [*(f"{each} >" for each in values[:-1]), values[-1]], "}")
        else:
            chunks = _chunked("{", [*(each + self.comma for each in values[:-1]), values[-1]], "}")
        return [f"{self.word(name)} {chunks[0]}", *chunks[1:], *none]

    def clause(self, clause: s.Clause) -> list[str]:  # one case for each clause
        word = self.word
        match clause:
            case s.Version(code):
                return [word("version"), code.text]
            case s.IssuedBy(level, authority):
                return [word("issued_by"), level.text, self.text(authority)]
            case s.ForPlace(code, title):
                where = word("everywhere") if code is None else code.text
                return [word("for_place"), where, *([] if title is None else [self.text(title)])]
            case s.Effective(start, end):
                until = [] if end is None else [word("until"), end.value.isoformat()]
                return [word("effective"), start.value.isoformat(), *until]
            case s.Supersedes(names):
                return [word("supersedes"), *self.names(names)]
            case s.Uses(names):
                return [word("uses"), *self.names(names)]
            case s.Type():
                return self.type(clause)
            case s.Ask(question):
                return [word("ask"), self.text(question)]
            case s.SetBy(actors):
                return [word("set_by"), *self.names(actors)]
            case s.OnlyWhen(condition):
                return [word("only_when"), *self.condition(condition)]
            case s.Usually(value):
                return [word("usually"), self.literal(value)]
            case s.Means(condition):
                return [word("means"), *self.condition(condition)]
            case s.Governs(condition):
                return [word("governs"), *self.condition(condition)]
            case s.Extent(kind, answered_by):
                answered = [] if answered_by is None else [word("answered_by"), answered_by.text]
                return [word(kind), *answered]
            case s.Implements(name):
                return [word("implements"), name.text]
            case s.MayAdd():
                return [word("localities_may_add")]
            case s.EachStates(columns):
                return [word("each_states"), *self.names(columns)]
            case s.ItemsFrom(file):
                return [word("items_from"), self.text(file)]
            case s.Also(titles):
                return [word("also"), *self.joined("", [self.text(each) for each in titles])]
            case s.Refines(code):
                return [word("refines"), code.text]
            case s.Department(name):
                return [word("department"), self.text(name)]
            case s.Role(value):
                return [word("role"), value.text]
            case s.Instead(text):
                return [word("instead"), self.text(text)]
            case s.When(condition):
                return [word("when"), *self.condition(condition)]
            case s.Unless(condition):
                return [word("unless"), *self.condition(condition)]
            case s.Must(condition):
                return [word("must"), *self.condition(condition)]
            case s.To(lists):
                return [word("to"), *(self.names(lists) if lists else [word("every_list")])]
            case s.Quota():
                return self._quota(clause)
            case s.OwedBy(actor):
                return [word("owed_by"), actor.text]
            case s.Wordings(texts, excluded):
                wordings = self.joined("{", [self.text(each) for each in texts], "}")
                return [*([word("but_not")] if excluded else []), *wordings]
            case s.Shows(fact, value):
                return [word("shows"), fact.text, word("includes"), value.text]
            case s.Promised(kind, condition):
                return [PROMISES[kind] if self.language == "zh" else kind, *self.condition(condition)]
            case s.Given(facts):
                return [word("given"), *self.told(facts)]
            case s.Expect():
                return self._expect(clause)
            case s.Because(text):
                return [word("because"), self.text(text)]
            case s.Remedy(text, changes):
                return [word("remedy"), self.text(text), *([word("set"), *self.told(changes)] if changes else [])]
            case s.From(day):
                return [word("from"), day.value.isoformat()]
            case s.Until(day):
                return [word("until"), day.value.isoformat()]
            case s.Binds(actor):
                return [word("binds"), actor.text]
            case s.Grade(value):
                return [word("grade"), GRADES[value] if self.language == "zh" else value]
            case s.Ref(ids):
                return [word("ref"), *self.names(ids)]
            case s.Cite(citations):
                return [word("cite"), *self.joined("", [self.citation(each) for each in citations])]
            case s.Seen(extent):
                return [word("seen"), extent.text]

    def _quota(self, quota: s.Quota) -> list[str]:
        chunks = [self.word("at_most"), self.number(quota.count)]
        if quota.of is not None:
            chunks += [self.word("of"), quota.of.text]
        chunks += [self.word("per"), *self.names(quota.per)]
        if quota.each is not None:
            chunks += [self.word("each"), PERIODS[quota.each] if self.language == "zh" else quota.each]
        return chunks

    def _expect(self, expect: s.Expect) -> list[str]:
        chunks = [self.word("expect"), self.word(expect.status)]
        for word, names in (
            ("by", expect.by),
            ("with", expect.duties),
            ("without", expect.without),
            ("asking", expect.asking),
        ):
            if names:
                chunks += [self.word(word), *self.names(names)]
        return chunks


def _chunked(prefix: str, parts: Sequence[str], suffix: str) -> list[str]:
    chunks = list(parts) or [""]
    chunks[0] = prefix + chunks[0]
    chunks[-1] += suffix
    return chunks


def _quoted(text: str) -> str:
    return f"“{text}”" if '"' in text or "\uff02" in text else f'"{text}"'


def _plain(number: Decimal) -> str:
    return f"{number:f}"


# ---- lines: clauses laid out, comments beside them -------------------------------------------------------------------------


@define
class _Unit:
    """One clause or head: where it begins in the author's text, its chunks, its indentation and its comments."""

    start: int
    chunks: list[str]
    indent: int
    opens: bool = False
    above: list[str] = field(factory=list)
    beside: list[str] = field(factory=list)


class _Printer:
    def __init__(self, tree: s.File, language: Language) -> None:
        self.tree = tree
        self.words = _Words(language)
        self.units: list[_Unit] = []

    def text(self) -> str:
        for declaration in (self.tree.policy, *self.tree.declarations):
            self._declaration(declaration)
        below = self._place_comments()
        lines: list[str] = []
        previous: s.DeclarationKind | None = None
        kinds = iter([self.tree.policy.kind, *(each.kind for each in self.tree.declarations)])
        for unit in self.units:
            if unit.opens:
                kind = next(kinds)
                if lines and (kind != "fact" or previous != "fact" or unit.above):
                    lines.append("")
                previous = kind
            lines += self._lines(unit)
        if below:
            lines += ["", *(f"# {text}".rstrip() for text in below)]
        return "\n".join(lines) + "\n"

    def _lines(self, unit: _Unit) -> Iterator[str]:
        space = "  " * unit.indent
        above = unit.above + (unit.beside if len(unit.beside) > 1 else [])
        yield from (f"{space}# {text}".rstrip() for text in above)
        lines = _fill(unit.chunks, unit.indent)
        if len(unit.beside) == 1:
            lines[-1] = f"{lines[-1]}  # {unit.beside[0]}".rstrip()
        yield from lines

    # ---- units ---------------------------------------------------------------------------------------------------

    def _declaration(self, declaration: s.Declaration) -> None:
        words = self.words
        chunks = [words.word(declaration.kind)]
        if declaration.name is not None:
            chunks.append(declaration.name.text)
        if declaration.title is not None:
            chunks.append(words.text(declaration.title))
        clauses = list(declaration.clauses)
        for inline in (s.Type, s.Quota):
            for clause in [each for each in clauses if isinstance(each, inline)]:
                chunks += words.clause(clause)
                clauses.remove(clause)
        self.units.append(_Unit(declaration.span.start, chunks, 0, opens=True))
        self._clauses([each for each in clauses if not isinstance(each, s.ItemsFrom)], 1)
        if declaration.kind in ("list", "ban_list"):
            self._clauses([each for each in clauses if isinstance(each, s.ItemsFrom)], 1)
        for item in declaration.items:
            self._item(item)

    def _clauses(self, clauses: Iterable[s.Clause], indent: int) -> None:
        self.units += [_Unit(clause.span.start, self.words.clause(clause), indent) for clause in clauses]

    def _item(self, item: s.Declaration) -> None:
        words = self.words
        assert item.title is not None
        code = [item.code.text] if item.code is not None else []
        head = _Unit(item.span.start, [words.word(item.kind), *code, words.text(item.title)], 1)
        clauses = [_Unit(clause.span.start, words.clause(clause), 2) for clause in item.clauses]
        whole = [*head.chunks, *(chunk for unit in clauses for chunk in unit.chunks)]
        if self._commented(item) or display_width(" ".join(whole)) + 2 > WIDTH:
            self.units += [head, *clauses]
        else:
            self.units.append(_Unit(item.span.start, whole, 1))

    def _commented(self, item: s.Declaration) -> bool:
        """Whether a comment stands inside the item, before its last clause ends."""
        return any(item.span.start < comment.span.start < item.span.end for comment in self.tree.comments)

    # ---- comments --------------------------------------------------------------------------------------------------

    def _place_comments(self) -> list[str]:
        """Put each comment beside the clause that it follows in its line, else above the next one; give what is left."""
        by_start = sorted(self.units, key=lambda unit: unit.start)
        starts = [unit.start for unit in by_start]
        left = []
        for comment in self.tree.comments:
            index = bisect_right(starts, comment.span.start)
            if index and _before(comment).strip():
                by_start[index - 1].beside.append(comment.text)
            elif index < len(by_start):
                by_start[index].above.append(comment.text)
            else:
                left.append(comment.text)
        return left


def _before(comment: s.Comment) -> str:
    """The text before a comment in its line."""
    text = comment.span.source.text
    return text[text.rfind("\n", 0, comment.span.start) + 1 : comment.span.start]


def _fill(chunks: Sequence[str], indent: int) -> list[str]:
    """Chunks in lines of at most `WIDTH` columns; what doesn't fit goes on two steps further in."""
    lines = ["  " * indent + chunks[0]]
    for index, chunk in enumerate(chunks[1:]):
        if index and display_width(lines[-1]) + 1 + display_width(chunk) > WIDTH:
            lines.append("  " * (indent + 2) + chunk)
        else:
            lines[-1] += chunk if lines[-1].endswith(("\uff0c", "\u3001")) else " " + chunk
    return lines
