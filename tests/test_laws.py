"""The laws of the language's meaning, on generated policies and tasks."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache

from attrs import evolve
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

import burdenlib.testing as bt
from burdenlib import syntax as s
from burdenlib.engine import Engine
from burdenlib.formatter import print_file
from burdenlib.intake import make_case
from burdenlib.judge import judge
from burdenlib.parser import parse
from burdenlib.policy import PolicySet
from burdenlib.source import FULL_WIDTH, Source
from burdenlib.task import Task, read_task
from burdenlib.translation import Lexicon, translate
from burdenlib.verdict import Verdict
from burdenlib.words import LANGUAGES
from tests.strategies import (
    CHANNELS,
    CORE,
    FACTS,
    NOWHERE,
    Made,
    policy_sets,
    portfolios,
    print_made,
    some_facts,
    text,
    texts_of,
    whole_facts,
)

SEEDS = st.integers(0, 2**32)


def engine_of(made: Sequence[Made], more: Mapping[str, str] | None = None) -> Engine:
    return Engine.load(texts={**texts_of(made), **(more or {})})


def check(engine: Engine, facts: Mapping[str, object]) -> Verdict:
    return engine.check({"id": "t", **facts})


def judged(verdict: Verdict) -> tuple[object, ...]:
    """What of a verdict must not depend on any order."""
    return (
        verdict.status,
        frozenset((reason.kind, reason.rule) for reason in verdict.reasons),
        frozenset((each.rule, each.item and each.item.code) for each in verdict.admitted_by),
        frozenset(duty.rule for duty in verdict.duties),
        frozenset(verdict.limits),
        frozenset(each.fact for each in verdict.missing),
    )


# ---- information -----------------------------------------------------------------------------------------------------------


@given(policy_sets(), some_facts())
def test_learning_more_never_overturns_a_definite_verdict(
    made: tuple[Made, ...], some: tuple[dict[str, object], dict[str, object]]
) -> None:
    engine = engine_of(made)
    less, more = (check(engine, facts) for facts in some)
    event(f"with less: {less.status}")
    if less.status != "undetermined":
        assert more.status == less.status
    if less.status == "accepted":
        assert {each.rule for each in less.admitted_by} <= {each.rule for each in more.admitted_by}


@given(policy_sets(), some_facts())
def test_accepted_means_that_something_admits_it_and_nothing_is_missing(
    made: tuple[Made, ...], some: tuple[dict[str, object], dict[str, object]]
) -> None:
    for facts in some:
        verdict = check(engine_of(made), facts)
        event(verdict.status)
        if verdict.status == "accepted":
            assert verdict.admitted_by
        if verdict.status != "undetermined":
            assert not verdict.missing
        else:
            assert verdict.reasons
        if verdict.status == "rejected":
            assert any(reason.truth for reason in verdict.reasons)


@settings(max_examples=settings().max_examples // 2)
@given(policy_sets(), some_facts(), st.data())
def test_a_missing_fact_can_change_the_verdict(
    made: tuple[Made, ...], some: tuple[dict[str, object], dict[str, object]], data: st.DataObject
) -> None:
    engine = engine_of(made)
    facts, _ = some
    verdict = check(engine, facts)
    assume(verdict.missing)
    missing = [each.fact for each in verdict.missing]
    asked = data.draw(st.sampled_from(missing))
    assert _matters(engine, facts, asked), (asked, missing)


def _matters(engine: Engine, facts: Mapping[str, object], asked: str) -> bool:
    """Whether for some values of other missing facts telling `asked` makes the difference between open and definite."""
    untold = [name for name in FACTS if name not in facts or isinstance(facts[name], dict)]
    pool = {name: _values(name, facts) for name in untold}
    chance = random.Random(0)
    for attempt in range(600):
        others = [name for name in untold if name != asked and chance.random() < min(0.9, attempt / 300)]
        trial = {**facts, **{name: chance.choice(pool[name]) for name in others}}
        if not _possible(trial):
            continue
        if _status(engine, trial) != "undetermined":
            continue
        for value in pool[asked]:
            after = {**trial, asked: value}
            if _possible(after) and _status(engine, after) != "undetermined":
                return True
    return False


def _status(engine: Engine, facts: Mapping[str, object]) -> str:
    """The status alone, without the search for what is missing."""
    told, _ = read_task(Task("t", facts), engine.policies)
    case, _ = make_case(engine.policies, "t", told)
    return judge(engine.policies, case).status


def _possible(facts: Mapping[str, object]) -> bool:
    if facts.get("kind") == "certificate" and facts.get("emergency"):
        return False
    return facts.get("kind") in (None, "work") or facts.get("applied_on") in (None, "none")


def _values(name: str, facts: Mapping[str, object]) -> list[object]:
    if name == "channels":
        told = facts.get(name)
        included = set(told["includes"]) if isinstance(told, dict) else set()
        excluded = set(told["excludes"]) if isinstance(told, dict) else set()
        free = [each for each in CHANNELS if each not in included | excluded]
        return [
            sorted(included | {each for bit, each in enumerate(free) if mask >> bit & 1})
            for mask in range(2 ** len(free))
        ]
    found: list[object] = []
    for _, value in zip(range(80), _draws(name), strict=False):
        if value not in found:
            found.append(value)
    return found


def _draws(name: str) -> Sequence[object]:
    from tests import strategies as made

    plain: dict[str, list[object]] = {
        "title": ["一项任务"],
        "target": [*made.TARGETS],
        "item": [*made.TITLES, "L00-1", "L10-1", "L01-1", "L01-2", "L11-1", "L20-1", "没有的事项"],
        "date": sorted({day + timedelta(days=step) for day in made.DAYS for step in (-1, 0, 1)}),
        "level": [*made.LEVELS, "none"],
        "mandate": [*made.LEVELS, "none"],
        "funded": [True, False],
        "emergency": [True, False],
        "pages": [0, 1, 2, 3, 4, 5, -1, "none"],
        "applied_on": [*made.DAYS, "none"],
        "listed_locally": [True, False],
        "department": ["甲局", "乙局"],
    }
    return plain.get(name) or [*made.ENUMS[name]]


# ---- bans and admissions ---------------------------------------------------------------------------------------------------


def with_ban(task: Mapping[str, object]) -> dict[str, str]:
    """A document that bans exactly tasks like this one."""
    return {
        "ban.burden": f"""
policy ban_for_test "测试" version 1 issued by central "测试" for place everywhere effective 2000-01-01
ban all "一律禁止" when kind is {task["kind"]} cite 《测试》
"""
    }


@given(policy_sets(), whole_facts())
def test_a_ban_beats_any_admission(made: tuple[Made, ...], facts: dict[str, object]) -> None:
    engine = engine_of(made, with_ban(facts))
    verdict = check(engine, facts)
    assert verdict.status == "rejected"
    assert "ban_for_test.all" in {reason.rule for reason in verdict.reasons}


@given(policy_sets(), policy_sets(most=1), some_facts())
def test_adding_a_ban_or_a_closed_list_never_accepts_more(
    made: tuple[Made, ...], other: tuple[Made, ...], some: tuple[dict[str, object], dict[str, object]]
) -> None:
    """The other document is cut down to its bans, requirements and lists, and its open lists are closed."""
    head = evolve(other[0].file.policy, name=s.Name("added", NOWHERE))
    kept = []
    for declaration in other[0].file.declarations:
        if declaration.kind in ("ban", "require", "term"):
            kept.append(declaration)
        elif declaration.kind in ("ban_list", "list"):
            clauses = tuple(_closed(each) for each in declaration.clauses if not isinstance(each, s.Implements))
            kept.append(evolve(declaration, items=tuple(_recoded(item) for item in declaration.items), clauses=clauses))
    added = evolve(other[0].file, policy=head, declarations=tuple(kept))
    before, after = engine_of(made), engine_of(made, {"added.burden": print_file(added, "en")})
    for facts in some:
        first, second = check(before, facts), check(after, facts)
        event(f"{first.status} → {second.status}")
        if second.status == "accepted" and not any(each.rule.startswith("added.") for each in second.admitted_by):
            assert first.status == "accepted"
        if first.status == "rejected":
            assert second.status == "rejected" or _uses_listed(made)


def _closed(clause: s.Clause) -> s.Clause:
    return s.Extent("closed", None, NOWHERE) if clause == s.Extent("open", None, NOWHERE) else clause


def _recoded(item: s.Declaration) -> s.Declaration:
    code = None if item.code is None else s.Code("X" + item.code.text, NOWHERE)
    clauses = tuple(each for each in item.clauses if not isinstance(each, s.Refines))
    return evolve(item, code=code, clauses=clauses)


def _uses_listed(made: Sequence[Made]) -> bool:
    """Whether a rule asks whether the task is on any list, which an added list may change."""
    return any("listed" in print_made(each) for each in made)


# ---- order -------------------------------------------------------------------------------------------------------------------


@given(policy_sets(), some_facts(), SEEDS)
def test_the_order_of_files_and_declarations_is_irrelevant(
    made: tuple[Made, ...], some: tuple[dict[str, object], dict[str, object]], seed: int
) -> None:
    chance = random.Random(seed)
    shuffled = []
    for each in made:
        declarations = list(each.file.declarations)
        chance.shuffle(declarations)
        declarations = [_shuffled_items(declaration, chance) for declaration in declarations]
        shuffled.append(evolve(each, file=evolve(each.file, declarations=tuple(declarations))))
    chance.shuffle(shuffled)
    one, other = engine_of(made), engine_of(shuffled)
    assert digests(one.policies) == digests(other.policies)
    for facts in some:
        assert judged(check(one, facts)) == judged(check(other, facts))


def _shuffled_items(declaration: s.Declaration, chance: random.Random) -> s.Declaration:
    items = [each for each in declaration.items if each.kind == "item"]
    chance.shuffle(items)
    return evolve(declaration, items=(*items, *(each for each in declaration.items if each.kind != "item")))


def digests(policies: PolicySet) -> dict[str, str]:
    return {policy.key: policy.digest for policy in policies.policies}


@given(policy_sets(), portfolios(), SEEDS)
def test_the_order_of_tasks_is_irrelevant(made: tuple[Made, ...], tasks: list[dict[str, object]], seed: int) -> None:
    engine = engine_of(made)
    shuffled = list(tasks)
    random.Random(seed).shuffle(shuffled)
    one, other = engine.check_all(tasks), engine.check_all(shuffled)
    assert one.digest == other.digest
    assert {v.task: judged(v) for v in one} == {v.task: judged(v) for v in other}
    assert [verdict.task for verdict in other] == [task["id"] for task in shuffled]


# ---- limits ---------------------------------------------------------------------------------------------------------------------


@given(policy_sets(), portfolios())
def test_limits_only_take_back_acceptance(made: tuple[Made, ...], tasks: list[dict[str, object]]) -> None:
    engine = engine_of(made)
    outcome = engine.check_all(tasks)
    for task in tasks:
        alone, together = engine.check(task), outcome[str(task["id"])]
        event(f"{alone.status} → {together.status}")
        assert together.limits == ()
        if together.status != alone.status:
            assert alone.status == "accepted"
            assert together.reasons[0].kind == "limit"
            assert together.reasons[0].rule in alone.limits


@given(policy_sets(), portfolios(), st.data())
def test_learning_more_about_a_portfolio_never_overturns_a_definite_verdict(
    made: tuple[Made, ...], tasks: list[dict[str, object]], data: st.DataObject
) -> None:
    engine = engine_of(made)
    chosen = data.draw(st.sampled_from(range(len(tasks))))
    untold = [fact for fact in FACTS if fact in tasks[chosen]]
    hidden = data.draw(st.sets(st.sampled_from(untold), max_size=3)) if untold else set()
    less = [dict(task) for task in tasks]
    for fact in hidden:
        del less[chosen][fact]
    before, after = engine.check_all(less), engine.check_all(tasks)
    for one, other in zip(before, after, strict=True):
        if one.status != "undetermined":
            assert other.status == one.status, one.task


SUMS = """
policy sums "sums (composed)" version 1 issued by central "nobody" for place everywhere effective 2000-01-01 cite 《测试》
fact pages "页数" number or none
admit door when kind is work
ban urgent when emergency
limit few at most 2 of pages per target each month when not funded or pages above 1
"""


@cache
def sums() -> Engine:
    return Engine.load(texts={"sums": SUMS})


AMOUNTS = st.sampled_from((3, -1, 3, -1, 2, "none"))
HIDDEN = st.sampled_from(((), ("pages",), ("emergency",), ("funded",), ("date",)))


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "target": st.sampled_from(("370899101201", "370899101201", "370899")),
                "date": st.sampled_from(("2024-03-01", "2024-03-02")),
                "pages": AMOUNTS,
                "emergency": st.sampled_from((False, False, False, True)),
                "funded": st.sampled_from((False, False, False, True)),
            }
        ),
        min_size=3,
        max_size=5,
    ),
    st.data(),
)
def test_learning_more_about_sums_never_overturns_a_definite_verdict(
    tasks: list[dict[str, object]], data: st.DataObject
) -> None:
    """Amounts may lie below zero, so that a task may give back what others use."""
    engine = sums()
    told = [{**task, "kind": "work", "id": f"t{number}"} for number, task in enumerate(tasks)]
    hidden = [data.draw(HIDDEN) for _ in told]
    less = [{k: v for k, v in task.items() if k not in gone} for task, gone in zip(told, hidden, strict=True)]
    before, after = (bt.INTERPRETER.ask(engine, bt.Question(tuple(each), together=True)) for each in (less, told))
    for number, (one, other) in enumerate(zip(before, after, strict=True)):
        event(f"{one.status} → {other.status}")
        assert one.status in ("undetermined", other.status), number
        assert other.status != "undetermined"


# ---- text -------------------------------------------------------------------------------------------------------------------------


@given(policy_sets(examples=True), st.sampled_from(LANGUAGES))
def test_printing_and_parsing_is_the_identity(made: tuple[Made, ...], language: str) -> None:
    for each in made:
        printed = print_file(each.file, language)  # type: ignore[arg-type]
        parsed = parse(Source("printed", printed))
        assert not parsed.problems
        assert parsed.file == each.file
        assert print_file(parsed.file, language) == printed  # type: ignore[arg-type]


@given(policy_sets(examples=True), some_facts())
def test_the_other_language_means_the_same(
    made: tuple[Made, ...], some: tuple[dict[str, object], dict[str, object]]
) -> None:
    english = engine_of(made)
    lexicon = Lexicon.of(english.policies.facts.values())
    chinese = [evolve(each, file=translate(each.file, "zh", lexicon)) for each in made]
    for each, other in zip(made, chinese, strict=True):
        assert translate(other.file, "en", lexicon) == each.file
    translated = Engine.load(texts=texts_of(chinese, "zh"))
    assert digests(translated.policies) == digests(english.policies)
    for facts in some:
        assert judged(check(english, facts)) == judged(check(translated, facts))


TWINS = {ord(ascii_): wide for wide, ascii_ in FULL_WIDTH.items()}


@given(policy_sets(examples=True), some_facts(), st.sampled_from(LANGUAGES))
def test_full_width_twins_mean_the_same(
    made: tuple[Made, ...], some: tuple[dict[str, object], dict[str, object]], language: str
) -> None:
    texts = texts_of(made, language)  # type: ignore[arg-type]
    twins = {name: source.translate(TWINS) for name, source in texts.items()}
    one, other = Engine.load(texts=texts), Engine.load(texts=twins)
    assert digests(one.policies) == digests(other.policies)
    for facts in some:
        wide = {name: _widened(value) for name, value in facts.items()}
        assert judged(check(one, facts)) == judged(check(other, wide))


def _widened(value: object) -> object:
    match value:
        case str():
            return value.translate(TWINS)
        case set():
            return {_widened(each) for each in value}
        case dict():
            return {key: [_widened(each) for each in values] for key, values in value.items()}
    return value


@given(policy_sets(), SEEDS)
def test_comments_and_layout_dont_change_the_digest(made: tuple[Made, ...], seed: int) -> None:
    chance = random.Random(seed)
    plain = texts_of(made)
    noisy = {name: _noisy(source, chance) if name != "core" else source for name, source in plain.items()}
    assert digests(Engine.load(texts=plain).policies) == digests(Engine.load(texts=noisy).policies)


def _noisy(source: str, chance: random.Random) -> str:
    lines = []
    for line in source.splitlines():
        indent = " " * chance.randrange(5)
        comment = chance.choice(["", "  # 注 ban x when y", "  # “"])
        lines.append(f"{indent}{line.strip()}{comment}")
        if chance.random() < 0.3:
            lines.append("# 单独一行")
    return "\n".join(lines)


# ---- words ------------------------------------------------------------------------------------------------------------------------


@given(policy_sets(), some_facts(), st.sampled_from(LANGUAGES), st.sampled_from(("text", "markdown", "html", "json")))
def test_explanations_mention_every_deciding_rule(
    made: tuple[Made, ...], some: tuple[dict[str, object], dict[str, object]], language: str, format: str
) -> None:
    for facts in some:
        verdict = check(engine_of(made), facts)
        shown = verdict.explain(language, format)  # type: ignore[arg-type]
        for reason in verdict.reasons:
            if reason.rule is not None:
                assert reason.rule.replace("_", "\\_" if format == "markdown" else "_") in shown
        for missing in verdict.missing:
            question = missing.question.pick(language)  # type: ignore[arg-type]
            assert question.split("`")[0] in shown


def test_the_generated_vocabulary_is_a_policy() -> None:
    engine = Engine.load(texts={"core": CORE})
    assert set(FACTS) <= set(engine.policies.facts)
    assert text("标题") == text("标题")
