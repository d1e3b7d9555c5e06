"""What the pytest plugin does once a policy file or a fixture is asked for: files as collectors, declarations as tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field, frozen

from burdenlib import policy as p
from burdenlib.examples import Result, related, run_example
from burdenlib.facts import show
from burdenlib.loader import SUFFIX
from burdenlib.problems import Problem, draw_all
from burdenlib.pytest_plugin.settings import fail, files_of, language_of, paths_of, shown, tasks_of
from burdenlib.testing.difference import explained, lacking
from burdenlib.testing.together import Together, load_together
from burdenlib.verdict import Verdict
from burdenlib.vocabulary import KEYWORDS, STATUSES
from burdenlib.words import Language

__all__ = ["ExampleItem", "PolicyFile", "PromiseItem"]


# ---- files -------------------------------------------------------------------------------------------------------------------


@define
class _Documents:
    """The documents of a session, each group of files loaded once."""

    asked: tuple[str | Path, ...]
    groups: dict[tuple[Path, ...], Together] = field(factory=dict)

    def of(self, path: Path) -> tuple[Together, str]:
        """What a file was loaded with, and its name there.

        A file that lies in what `--burden-policy` names is loaded with all of that, any other one with its folder.
        """
        names = [each for each in self.asked if not isinstance(each, Path)]
        files = [file for each in self.asked if isinstance(each, Path) for file in files_of(each)]
        if path.resolve() not in {file.resolve() for file in files}:
            names, files = [], [shown(each) for each in sorted(path.parent.glob(f"*{SUFFIX}"))]
        key = tuple(files)
        if key not in self.groups:
            self.groups[key] = load_together(files, names)
        return self.groups[key], str(next(file for file in files if file.resolve() == path.resolve()))


_DOCUMENTS = pytest.StashKey[_Documents]()


def _documents(config: pytest.Config) -> _Documents:
    if _DOCUMENTS not in config.stash:
        config.stash[_DOCUMENTS] = _Documents(paths_of(config))
    return config.stash[_DOCUMENTS]


@frozen(eq=False, slots=False)
class _Judging:
    """A document, and those under which its declarations are judged: itself, and all that it rests on."""

    policies: p.PolicySet
    policy: p.Policy

    @cached_property
    def under(self) -> p.PolicySet:
        return p.restrict(self.policies, related(self.policies, self.policy))


class PolicyFile(pytest.File):
    """A policy file: its examples and promises are tests, in the order of the text."""

    def collect(self) -> Iterator[pytest.Item]:
        """Give a test for each example and each promise; a policy that can't be used is drawn."""
        together, name = _documents(self.config).of(self.path)
        if (problems := together.problems.get(name)) is not None:
            raise self.CollectError(_drawn(problems, self.config))
        if name in together.policies:
            yield from self._declared(_Judging(*together.policies[name]))

    def _declared(self, judging: _Judging) -> Iterator[pytest.Item]:
        names: set[str] = set()
        declared: list[p.Example | p.Promise] = [*judging.policy.examples, *judging.policy.promises]
        for each in sorted(declared, key=lambda each: each.span.start):
            kind: type[_Declared] = ExampleItem if isinstance(each, p.Example) else PromiseItem
            yield kind.from_parent(self, name=_unique(_title(each), names), judging=judging, declared=each)


def _drawn(problems: tuple[Problem, ...], config: pytest.Config) -> str:
    return draw_all(problems, language_of(config))


def _title(declared: p.Example | p.Promise) -> str:
    """The keyword and the title of an example, or the name of a promise, as the text has them."""
    word = KEYWORDS["example" if isinstance(declared, p.Example) else "promise"]
    language: Language = "zh" if declared.span.text.startswith(word[1]) else "en"
    title = declared.title.pick(language) if isinstance(declared, p.Example) else declared.name
    return f"{word[1 if language == 'zh' else 0]} {title}".replace("::", ": :")


def _unique(title: str, names: set[str]) -> str:
    """The title, with a number where another one has it."""
    found, number = title, 1
    while found in names:
        number += 1
        found = f"{title} ({number})"
    names.add(found)
    return found


# ---- tests -------------------------------------------------------------------------------------------------------------------


class _Declared(pytest.Item):
    """A declaration of a policy as a test."""

    def __init__(self, *, judging: _Judging, declared: p.Example | p.Promise, **rest: Any) -> None:
        super().__init__(**rest)
        self.judging = judging
        self.span = declared.span
        titles = () if declared.title is None else (declared.title.zh, declared.title.en)
        self.extra_keyword_matches |= {judging.policy.name, *(each for each in titles if each is not None)}

    @property
    def language(self) -> Language:
        """The language of failures."""
        return language_of(self.config)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The place of the declaration, for editors."""
        return self.path, self.span.line - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show what failed at its place in the policy, not in this module."""
        shown = super().repr_failure(excinfo, style)
        crash = getattr(shown, "reprcrash", None)
        if isinstance(excinfo.value, pytest.fail.Exception) and crash is not None:
            crash.path, crash.lineno = str(self.path), self.span.line
            crash.message = str(excinfo.value).partition("\n")[0]
        return shown

    def _place(self) -> str:
        return f"  --> {self.span}:{self.span.column}\n{self.span.draw()}"


class ExampleItem(_Declared):
    """An example as a test."""

    def __init__(self, *, declared: p.Example, **rest: Any) -> None:
        super().__init__(declared=declared, **rest)
        self.example = declared
        self.extra_keyword_matches |= {
            *declared.by,
            *declared.duties,
            *declared.without,
            *declared.asking,
            *KEYWORDS["example"],
        }

    def runtest(self) -> None:
        """Judge the example."""
        result = run_example(self.judging.policy, self.example, self.judging.under)
        if not result.passed:
            fail("\n".join(self._told(result)))

    def _told(self, result: Result) -> Iterator[str]:
        zh = self.language == "zh"
        expected, got = result.expected.pick(self.language), result.got.pick(self.language)
        yield f"应为 {expected}\uff0c实为 {got}" if zh else f"expected {expected}, got {got}"
        yield self._place()
        yield from lacking(result, self.language)
        if result.verdict is not None:
            chosen = result.shown.chosen
            yield "" if chosen is None else f"\n{chosen.pick(self.language)}"
            yield explained(result.verdict, self.language)


class PromiseItem(_Declared):
    """A promise as a test: it is tried on tasks, and not proved."""

    def __init__(self, *, declared: p.Promise, **rest: Any) -> None:
        super().__init__(declared=declared, **rest)
        self.promise = declared
        self.extra_keyword_matches |= {f"{self.judging.policy.name}.{declared.name}", *KEYWORDS["promise"]}

    def runtest(self) -> None:
        """Look for a task that breaks the promise."""
        try:
            from burdenlib.testing.properties import broken_by
        except ModuleNotFoundError as error:
            if error.name != "hypothesis":
                raise
            zh, en = "试验保证需要 Hypothesis\uff1a请安装", "promises are tried with Hypothesis: install"
            pytest.skip(f"{zh if self.language == 'zh' else en} burdenlib[testing]")
        verdict = broken_by(self.promise, self.judging.under, examples=tasks_of(self.config))
        if verdict is not None:
            fail("\n".join(self._told(verdict)))

    def _told(self, verdict: Verdict) -> Iterator[str]:
        zh, name = self.language == "zh", f"{self.judging.policy.name}.{self.promise.name}"
        status = STATUSES[verdict.status] if zh else verdict.status
        yield f"有任务违反保证 {name}\uff1a{status}" if zh else f"a task breaks the promise {name}: {status}"
        yield self._place()
        facts = verdict.policy_set.facts
        told = (
            f"{facts[name].label.pick('zh') if zh else name}: {show(facts[name].type, value, self.language)}"
            for name, value in verdict.known.items()
        )
        yield f"  {KEYWORDS['given'][zh]} {', '.join(told)}"
        yield ""
        yield explained(verdict, self.language)
