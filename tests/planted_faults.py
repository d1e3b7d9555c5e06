"""Faults planted into small policies: twenty contradictions, gaps, dead rules and dates that are off by one.

`python -m tests.planted_faults` makes each policy without the fault and with it, and prints which of the ready-made
properties finds the fault, and whether they keep silent about the policy without it. Where no property does, coverage
is asked: a rule, exception or item that no task of a full set reaches counts as found.
"""

from __future__ import annotations

import datetime as dt
import itertools
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

from burdenlib.engine import Engine
from burdenlib.policy import PolicySet
from burdenlib.testing.properties import ALIVE, SEAMLESS, USABLE, BrokenError, Property, check, decides

KIND = "form"


class Fault(NamedTuple):
    """A policy and the same policy with a fault."""

    sort: str
    title: str
    sound: str
    faulty: str


HEAD = """
policy small "小文件(演示用,自编)" / "a small policy (composed)"
  version 1
  issued by county "示范县民政局(演示)"
  for place 990101
  effective 2024-01-01
  cite 《演示规定》

"""


def admit(name: str, when: str, more: str = "") -> str:
    """An admission of forms."""
    return f'admit {name} "admits" when kind is {KIND} and {when} {more} to every list\n'


def ban(name: str, when: str, more: str = "") -> str:
    """A ban on forms."""
    return f'ban {name} "forbids" when kind is {KIND} and {when} {more}\n'


CLOSED = f"""list forms "the forms that may be asked for"
  governs when kind is {KIND}
  closed
  item F-1 "the yearly form"
  item F-2 "the quarterly form" role assist
"""

SPLITS = (
    # a condition, its opposite, and the opposite with a hole
    ("duration is temporary", "duration in {long_term, staged}", "duration is long_term"),
    ("role is assist", "role in {own, responsible}", "role is own"),
    ("target_kind is village", "target_kind in {community, township}", "target_kind is community"),
    ("basis at least rule", "not basis at least rule", "basis below rule"),
    ("mandate at least province", "not mandate at least province", "mandate below province"),
    ("channels includes pledge", "not channels includes pledge", "channels includes notice"),
    (
        "channels includes any of {pledge, veto}",
        "not channels includes any of {pledge, veto}",
        "channels includes notice",
    ),
    ("funded", "not funded", "not funded and emergency"),
    ("government_duty", "not government_duty", "not government_duty and role is own"),
    ("level at least county", "not level at least county", "level below county"),
    ("copies at most 3", "not copies at most 3", "copies above 4"),
    ("copies below 5", "not copies below 5", "copies above 5"),
    ("applied_on before 2024-06-01", "not applied_on before 2024-06-01", "applied_on after 2024-06-01"),
    (
        "approved_on no later than 2024-09-30",
        "not approved_on no later than 2024-09-30",
        "approved_on after 2024-10-01",
    ),
    ("target within 990101001", "not target within 990101001", "target within 990101002"),
    ("approved_by includes county", "not approved_by includes county", "approved_by includes province"),
    ("emergency", "not emergency", "not emergency and funded"),
    ("separate_assessment", "not separate_assessment", "not separate_assessment and role is assist"),
    ("within_duty", "not within_duty", "not within_duty and funded"),
    (
        "role is assist and duration is temporary",
        "(role in {own, responsible} or duration in {long_term, staged})",
        "role in {own, responsible} and duration in {long_term, staged}",
    ),
)

FACTS = f"""
fact copies "份数" number or none
  ask "几份?" / "how many copies?"
  set by department
  only when kind is {KIND}

"""


def gaps() -> Iterator[Fault]:
    """Two rules that between them should have a say on everything, one of them too narrow."""
    for number, (one, other, narrow) in enumerate(SPLITS):
        grant, refuse = (one, other) if number % 2 else (other, one)
        if number % 2:
            sound, faulty = ban("no", refuse), ban("no", narrow)
            yield Fault("gap", f"{refuse} → {narrow}", admit("yes", grant) + sound, admit("yes", grant) + faulty)
        else:
            sound, faulty = admit("yes", grant), admit("yes", narrow)
            yield Fault("gap", f"{grant} → {narrow}", sound + ban("no", refuse), faulty + ban("no", refuse))


def contradictions() -> Iterator[Fault]:
    """Something admitted, and a rule that always refuses it."""
    for one, other, _ in SPLITS[:8]:
        sound = CLOSED + admit("yes", one) + ban("no", other)
        yield Fault("contradiction", f"admits and forbids {one}", sound, CLOSED + admit("yes", one) + ban("no", one))
    for one, other, _ in SPLITS[8:14]:
        item = CLOSED + f'  item F-3 "the special form" when {one}\n'
        sound = 'require ask "asks" when on forms[F-3] must funded\n'
        faulty = f'require ask "asks" when on forms[F-3] must {other}\n'
        yield Fault("contradiction", f"lists with {one}, requires {other}", item + sound, item + faulty)
    banned = 'ban list never "never" governs when kind is form item N-1 "{title}"{more}\n'
    for title in ("the yearly form", "the quarterly form"):
        sound, faulty = (CLOSED + banned.format(title=each, more="") for each in ("the weekly form", title))
        yield Fault("contradiction", f"lists and bans {title}", sound, faulty)
    for number, (one, other, _) in enumerate(SPLITS[14:18], 1):
        pair = f'require a{number} "asks" when on forms[F-1] must {one}\n'
        sound = pair + f'require b{number} "asks" when on forms[F-2] must {other}\n'
        faulty = pair + f'require b{number} "asks" when on forms[F-1] must {other}\n'
        yield Fault("contradiction", f"requires {one} and {other}", CLOSED + sound, CLOSED + faulty)


def dead() -> Iterator[Fault]:
    """A rule, exception or item that no task reaches."""
    for one, other, _ in SPLITS[:8]:
        yield Fault("dead rule", f"{one} and its opposite", ban("no", one), ban("no", f"{one} and {other}"))
    for one, other, _ in SPLITS[8:14]:
        sound, faulty = ban("no", one, f"unless {SPLITS[0][0]}"), ban("no", one, f"unless {other}")
        yield Fault("dead rule", f"{one} unless {other}", sound, faulty)
    item = '  item F-4 "a form" when {0}\n'
    for one, other, _ in SPLITS[14:17]:
        faulty = CLOSED + item.format(f"{one} and {other}")
        yield Fault("dead rule", f"item with {one} and {other}", CLOSED + item.format(one), faulty)
    yield Fault("dead rule", "kind twice", ban("no", "funded"), ban("no", "kind is work"))
    yield Fault(
        "dead rule", "numbers apart", ban("no", "copies above 4"), ban("no", "copies above 4 and copies below 3")
    )
    apart = "target within 990101001 and target within 990101002"
    yield Fault("dead rule", "places apart", ban("no", "target within 990101001"), ban("no", apart))


DAYS = tuple(dt.date(2024, 3, 1) + dt.timedelta(days=29 * number) for number in range(10))


def dates() -> Iterator[Fault]:
    """Where one thing ends and another begins: a day too late or too early."""
    day = dt.timedelta(days=1)
    for turn, last in enumerate(DAYS):
        sound = f"from {last + day}"
        wrong = f"from {last + 2 * day}" if turn % 2 else f"from {last}"
        condition = SPLITS[turn][0]
        if turn < 5:
            first = admit("early", condition, f"until {last}")
            yield Fault(
                "date off by one",
                f"admitted until {last}, forbidden {wrong}",
                first + ban("late", condition, sound),
                first + ban("late", condition, wrong),
            )
        else:
            first = CLOSED + f'  item F-5 "a form" until {last}\n'
            later = 'ban list gone "gone" governs when kind is form {0} item N-5 "a form"\n'
            yield Fault(
                "date off by one",
                f"on the list until {last}, on the ban list {wrong}",
                first + later.format(sound),
                first + later.format(wrong),
            )
    for turn, last in enumerate(DAYS):
        grant = ("date before", "date no later than")[turn % 2]
        refuse = ("date no earlier than", "date after")[turn % 2]
        wrong = ("date after", "date no earlier than")[turn % 2]
        first = admit("early", f"{grant} {last}")
        yield Fault(
            "date off by one",
            f"{grant} {last}, {wrong} {last}",
            first + ban("late", f"{refuse} {last}"),
            first + ban("late", f"{wrong} {last}"),
        )


def faults() -> list[Fault]:
    """Twenty of each sort."""
    return [fault for sort in (contradictions, gaps, dead, dates) for fault in itertools.islice(sort(), 20)]


PROPERTIES: tuple[Property, ...] = (ALIVE, USABLE, SEAMLESS, decides(kind=KIND))


def wanted(fault: Fault) -> tuple[Property, ...]:
    """The properties that a policy of its sort is meant to have: only some are written to decide everything."""
    return PROPERTIES if fault.sort == "gap" else PROPERTIES[:3]


def load(text: str) -> PolicySet:
    """A small policy."""
    return Engine.load(texts={"small.burden": HEAD + FACTS + text.replace(" \n", "\n")}).policies


def found_by(policies: PolicySet, properties: tuple[Property, ...], examples: int = 300) -> tuple[str, str] | None:
    """The property that fails first, and what it says."""
    for each in properties:
        try:
            check(each, policies, examples=examples)
        except BrokenError as broken:
            return each.name, str(broken)
    return None


def recall(report: Callable[[str], object] = lambda _line: None) -> dict[str, tuple[int, int, int]]:
    """For each sort: how many faults are found, how many sound policies are blamed, and of how many."""
    counted: dict[str, tuple[int, int, int]] = {}
    for fault in faults():
        found = found_by(load(fault.faulty), wanted(fault))
        blamed = found_by(load(fault.sound), wanted(fault))
        caught, wrong, all_ = counted.get(fault.sort, (0, 0, 0))
        counted[fault.sort] = (caught + (found is not None), wrong + (blamed is not None), all_ + 1)
        by = f"found by `{found[0]}`" if found else "NOT FOUND"
        note = f"; BUT the sound policy is blamed by `{blamed[0]}`" if blamed else ""
        report(f"{fault.sort}: {fault.title}: {by}{note}")
    return counted


def main() -> None:
    """Plant, look, print."""
    counted = recall(lambda line: (sys.stdout.write(f"{line}\n"), sys.stdout.flush()))
    for sort, (caught, wrong, all_) in counted.items():
        sys.stdout.write(f"{sort}: {caught} of {all_} found, {wrong} sound ones blamed\n")
    caught, wrong, all_ = (sum(each) for each in zip(*counted.values(), strict=True))
    sys.stdout.write(f"recall {caught / all_:.3f} ({caught} of {all_}), {wrong} false alarms\n")


if __name__ == "__main__":
    main()
