"""Values as bytes: the same values come back, what they share they share again, and what is kept apart is read late."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from burdenlib import compact
from burdenlib import policy as p
from burdenlib.compact import Later, pack, taken, unpack
from burdenlib.facts import NONE, FactType, SetValue
from burdenlib.loader import load, load_documents
from burdenlib.problems import Problem
from burdenlib.source import Cell, Source, Span
from burdenlib.testing.generated import Made, policy_sets, texts_of
from burdenlib.words import Words


def alike(one: Any, other: Any, seen: dict[int, int]) -> bool:
    """Whether two values are the same down to places and spans, and share the same things."""
    if id(one) in seen:
        return seen[id(one)] == id(other)
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(alike(a, b, seen) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        return alike([*one.items()], [*other.items()], seen)
    if attrs.has(type(one)):
        seen[id(one)] = id(other)
        names = [field.name.lstrip("_") for field in attrs.fields(type(one)) if field.init]
        return all(alike(getattr(one, name), getattr(other, name), seen) for name in names)
    return one == other


def test_shipped_policies_come_back() -> None:
    loaded = load_documents(["demo", "shandong"])
    assert alike(loaded, unpack(pack(loaded)), {})


@given(policy_sets(examples=True))
@settings(max_examples=10)
def test_generated_policies_come_back(made: Sequence[Made]) -> None:
    loaded = load_documents([], texts_of(made))
    once = unpack(pack(loaded))
    assert alike(loaded, unpack(pack(once)), {})
    assert [each.digest for each in loaded.policies.policies] == [each.digest for each in once.policies.policies]


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.dates()
    | st.decimals(allow_nan=False)
    | st.just(NONE)
    | st.frozensets(st.text(max_size=3), max_size=3)
    | st.builds(Words, st.text(min_size=1), st.none()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(), inner, max_size=4)
        | st.dictionaries(st.builds(Words, st.text(min_size=1), st.text()), inner, max_size=4)
    ),
    max_leaves=12,
)


def shown(value: Any) -> str:
    """A value with its types; sets, which have no order, in one."""
    if isinstance(value, frozenset):
        return f"set {sorted(value)}"
    if isinstance(value, tuple | list):
        return f"{type(value).__name__} {[*map(shown, value)]}"
    if isinstance(value, dict):
        return f"dict {[(repr(key), shown(each)) for key, each in value.items()]}"
    return repr(value)


@given(PLAIN)
@example((0.0, -0.0, 0, False))
@example(frozenset({"a", "i", "q"}))
def test_any_plain_value_comes_back(value: object) -> None:
    assert shown(unpack(pack(value))) == shown(value)


def test_like_values_of_different_types_stay_apart() -> None:
    values = (1, True, 1.0, "1", Decimal(1), Decimal("1.0"), b"1", 0, False, None, date(1, 1, 1))
    assert list(map(repr, unpack(pack(values)))) == list(map(repr, values))


def test_what_is_shared_is_shared_again() -> None:
    words = Words("词", "word")
    one, other, same = unpack(pack((words, Words("词", "word"), words)))
    assert one is same
    assert other is not one
    assert other == one


@pytest.mark.parametrize(
    "value", [{1, 2}, object(), frozenset({Words("a", "b")}), lambda: 1, (1, [{"a": {2}}]), pytest, Decimal]
)
def test_what_cant_be_kept_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        pack(value)


def test_classes_of_others_are_never_made() -> None:
    with pytest.raises(TypeError):
        compact._class_of("subprocess:Popen")


def problem() -> Problem:
    span = Span(Source("a.burden", "policy a"), 0, 6)
    return unpack(pack(Problem("bad-date", span, {"found": "x"})))  # type: ignore[no-any-return]


def test_what_is_kept_apart_is_read_once_it_is_asked_for() -> None:
    found = problem()
    assert type(found._where) is Later
    first = found.where
    assert isinstance(first, Span)
    assert first.text == "policy"
    assert found._where is first
    assert found.where is first


def test_a_copy_reads_for_itself() -> None:
    for made in (
        attrs.evolve(problem(), code="ill-typed"),
        copy.deepcopy(problem()),
        pickle.loads(pickle.dumps(problem())),
    ):
        assert isinstance(made.where, Span)
        assert made.where.text == "policy"


def test_threads_read_the_same() -> None:
    for _ in range(50):
        found = [problem()] * 4
        with ThreadPoolExecutor(4) as pool:
            assert {each.text for each in pool.map(lambda each: each.where, found)} == {"policy"}  # type: ignore[union-attr]


def test_what_is_kept_apart_is_kept_again() -> None:
    again = unpack(pack(problem()))
    assert again.where.text == "policy"


def test_a_value_that_was_never_kept_is_simply_there() -> None:
    assert taken(object(), "x", 3) == 3
    assert Problem("bad-date", Cell("a")).where == Cell("a")


def test_judging_needs_nothing_that_is_kept_apart() -> None:
    """A definite answer without words doesn't read the margin: neither spans nor syntax take part in it."""
    policies = unpack(pack(load("demo")))
    assert all(type(policy._span) is Later for policy in policies.policies)
    conditions = [rule.fires for policy in policies.policies for rule in policy.rules]
    assert {type(leaf) for each in conditions for leaf in p.leaves(each)} - {p.InForce}
    assert all(type(policy._examples) is Later for policy in policies.policies)


def test_sets_and_types_work_after_coming_back() -> None:
    kind = FactType("set_of", (), or_none=False)
    value, type_ = unpack(pack((SetValue(frozenset({"a"})), kind)))
    assert value == SetValue(frozenset({"a"}))
    assert type_ == kind
    assert type_.find("a") is None
